//! One page of a list: the way through the indexes that finds it soonest, chosen by how rare the wanted rows are.
//!
//! Neither engine can be left to choose: SQLite knows nothing of how often a value occurs (gathering statistics would lock
//! out the writer for seconds), and Postgres takes the order of the keys to be independent of the values, which it is not:
//! ids are made from countries and registers. So a statement of its own counts first, up to [`Gathering`].

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use service_kit::filter::Expr;
use service_kit::order_by::OrderBy;

use super::failure::failed;
use super::filter::Node;
use super::range::{Range, candidates};
use super::table::{Order, Table};
use super::text::{Bind, Sql};
use crate::store::Error;

mod way;

use way::Way;

/// How much is read and sorted for a page, where it is not in order. More is read in order until enough rows pass.
#[derive(Clone, Copy, Debug)]
pub struct Gathering {
    /// Rows, where they must be read to be sorted.
    pub rows: u32,
    /// Keys, where the order is theirs: an index has them, and only the rows of the page are read.
    pub keys: u32,
}

impl Gathering {
    /// Finding 50 rows in the order of an index, one in 500 of a million, takes as long as sorting 2,000.
    pub const USUAL: Self = Self { rows: 2_000, keys: 10_000 };
}

/// What is wanted of a table.
pub(super) struct Wanted<'a> {
    pub(super) table: &'static Table,
    pub(super) filter: Option<&'a Expr>,
    /// Conditions of this program on every row.
    pub(super) always: Vec<&'static str>,
    /// Ranges that every row lies in, beside those of the filter.
    pub(super) within: Option<Range>,
    pub(super) order: OrderBy,
    /// Value of the order, unless it is that of the keys, and key.
    pub(super) after: Option<(Bind, String)>,
    pub(super) limit: u32,
    pub(super) gathering: Gathering,
}

/// One row of a page.
pub(super) struct Row {
    pub(super) key: String,
    pub(super) revision: i64,
    pub(super) data: Vec<u8>,
}

/// Reads a page.
pub(super) async fn page(db: &impl ConnectionTrait, wanted: &Wanted<'_>) -> Result<Vec<Row>, Error> {
    let statement = statement(db, wanted, "").await?;
    let mut rows = Vec::new();
    for row in db.query_all_raw(statement).await.map_err(failed)? {
        let read = |problem: sea_orm::DbErr| Error::Broken(problem.to_string());
        rows.push(Row {
            key: row.try_get_by_index(0).map_err(read)?,
            revision: row.try_get_by_index(1).map_err(read)?,
            data: row.try_get_by_index(2).map_err(read)?,
        });
    }
    Ok(rows)
}

/// How the engine would read a page, in its own words.
pub(super) async fn explained(db: &impl ConnectionTrait, wanted: &Wanted<'_>) -> Result<Vec<String>, Error> {
    let (before, column) = match db.get_database_backend() {
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
        _ => ("EXPLAIN ", 0),
    };
    let rows = db.query_all_raw(statement(db, wanted, before).await?).await.map_err(failed)?;
    let line = |row: &sea_orm::QueryResult| row.try_get_by_index(column).map_err(failed);
    rows.iter().map(line).collect()
}

async fn statement(db: &impl ConnectionTrait, wanted: &Wanted<'_>, before: &str) -> Result<Statement, Error> {
    let node = wanted.filter.map(|filter| Node::of(filter, wanted.table)).transpose()?;
    let order = wanted.table.order(wanted.order.field);
    let way = choose(db, wanted, node.as_ref(), order).await?;
    let backend = db.get_database_backend();
    Ok(way.statement(wanted, node.as_ref(), order, backend).statement(backend, before))
}

async fn choose(
    db: &impl ConnectionTrait,
    wanted: &Wanted<'_>,
    node: Option<&Node>,
    order: Option<&Order>,
) -> Result<Way, Error> {
    let mut candidates = candidates(&node.map(Node::conjuncts).unwrap_or_default());
    candidates.extend(wanted.within.clone().map(|range| vec![range]));
    let ordering_column = order.map_or(wanted.table.key, |order| order.column);
    // The engine begins its walk where such a range does.
    let bounds_the_order = |range: &Range| range.column() == Some(ordering_column);
    let is_in_order = |range: &Range| bounds_the_order(range) || (order.is_none() && range.is_ordered());
    match candidates.as_slice() {
        [] => return Ok(Way::whole()),
        [only] => match only.as_slice() {
            [range] if bounds_the_order(range) => return Ok(Way::whole()),
            [range] if is_in_order(range) => return Ok(Way::through(range.clone())),
            _ => {}
        },
        _ => {}
    }

    let most = i64::from(if order.is_none() { wanted.gathering.keys } else { wanted.gathering.rows });
    let sizes = measure(db, wanted.table, &candidates, most).await?;
    let rarest = sizes.iter().enumerate().min_by_key(|(_, size)| size.rows);
    if let Some((index, size)) = rarest
        && size.rows <= most
    {
        return Ok(Way::Gather(candidates.swap_remove(index)));
    }

    // All are frequent. Unions are only checked row by row.
    let mut bound = None;
    let mut ordered: Vec<(Range, Size)> = Vec::new();
    for (mut ranges, size) in candidates.into_iter().zip(sizes) {
        match (ranges.pop(), ranges.is_empty()) {
            (Some(range), true) if bounds_the_order(&range) => bound = Some(range),
            (Some(range), true) if range.is_ordered() => ordered.push((range, size)),
            _ => {}
        }
    }
    if order.is_some() || bound.is_some() {
        let sieve = ordered.into_iter().map(|(range, _)| range).collect();
        return Ok(Way::Walk { bound, sieve });
    }
    // The one whose first keys reach the farthest is the thinnest, and no row is before the last of their beginnings.
    ordered.sort_by(|(_, one), (_, other)| other.reaches.cmp(&one.reaches));
    let last_to_begin = ordered.iter().max_by(|(_, one), (_, other)| one.begins.cmp(&other.begins));
    let start = last_to_begin.map(|(range, _)| range.clone()).filter(|_| !wanted.order.descending);
    let mut ordered = ordered.into_iter().map(|(range, _)| range);
    Ok(match ordered.next() {
        Some(range) => Way::Stream { range, sieve: ordered.collect(), start },
        None => Way::whole(),
    })
}

/// How large a candidate is.
struct Size {
    /// Rows, at most one more than was asked for.
    rows: i64,
    /// The smallest key among them.
    begins: Option<String>,
    /// The largest key among them.
    reaches: Option<String>,
}

async fn measure(
    db: &impl ConnectionTrait,
    table: &Table,
    candidates: &[Vec<Range>],
    most: i64,
) -> Result<Vec<Size>, Error> {
    let backend = db.get_database_backend();
    let mut sql = Sql::default();
    sql.joined(" UNION ALL ", candidates.iter().enumerate(), |sql, (number, ranges)| {
        sql.push(&format!("SELECT CAST({number} AS BIGINT), COUNT(*), MIN(r.key), MAX(r.key) FROM ("));
        sql.joined(" UNION ALL ", ranges, |sql, range| {
            sql.push("SELECT p.key FROM (");
            range.write(sql, table, backend, Some(most + 1));
            sql.push(") p");
        });
        sql.push(") r");
    });
    let rows = db.query_all_raw(sql.statement(backend, "")).await.map_err(failed)?;
    let mut sizes = Vec::with_capacity(candidates.len());
    for row in rows {
        let number: i64 = row.try_get_by_index(0).map_err(failed)?;
        let size = Size {
            rows: row.try_get_by_index(1).map_err(failed)?,
            begins: row.try_get_by_index(2).map_err(failed)?,
            reaches: row.try_get_by_index(3).map_err(failed)?,
        };
        sizes.push((number, size));
    }
    sizes.sort_by_key(|(number, _)| *number);
    Ok(sizes.into_iter().map(|(_, size)| size).collect())
}
