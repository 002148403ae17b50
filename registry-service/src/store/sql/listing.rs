//! One page of a list: the way through the indexes that finds it soonest, chosen by how rare the wanted rows are.
//!
//! Neither engine can be left to choose: SQLite knows nothing of how often a value occurs (gathering statistics would lock
//! out the writer for seconds), and Postgres takes the order of the keys to be independent of the values, which it is not:
//! ids are made from countries and registers. So a statement of its own counts first, up to [`GATHERED_MAX`].

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use service_kit::filter::Expr;
use service_kit::order_by::OrderBy;

use super::failure::failed;
use super::filter::Node;
use super::range::{Range, candidates, hint};
use super::table::{Order, Table};
use super::text::{Bind, Sql};
use crate::store::Error;

/// Rows that are read and sorted for a page, where they are not in order. Reading rows in order until 50 pass costs as
/// much when about so many of a million pass.
const GATHERED_MAX: i64 = 2_000;

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
}

/// One row of a page.
pub(super) struct Row {
    pub(super) key: String,
    pub(super) revision: i64,
    pub(super) data: Vec<u8>,
}

/// The way to a page.
enum Way {
    /// All rows in the order that is wanted, until enough of them pass.
    Walk,
    /// The rows of a range whose keys are in the order that is wanted, until enough of them pass.
    Stream(Range),
    /// All rows of some ranges, sorted.
    Gather(Vec<Range>),
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
    Ok(write(wanted, node.as_ref(), order, &way, backend).statement(backend, before))
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
    let is_in_order =
        |range: &Range| range.column() == Some(ordering_column) || (order.is_none() && range.is_ordered());
    let way_in_order = |range: &Range| match range.column() {
        // The engine begins its walk where the range does.
        Some(column) if column == ordering_column => Way::Walk,
        _ => Way::Stream(range.clone()),
    };
    match candidates.as_slice() {
        [] => return Ok(Way::Walk),
        [only] => {
            if let [range] = only.as_slice()
                && is_in_order(range)
            {
                return Ok(way_in_order(range));
            }
        }
        _ => {}
    }

    let sizes = measure(db, wanted.table, &candidates).await?;
    let rarest = sizes.iter().enumerate().min_by_key(|(_, size)| size.rows);
    if let Some((index, size)) = rarest
        && size.rows <= GATHERED_MAX
    {
        return Ok(Way::Gather(candidates.swap_remove(index)));
    }
    // All are frequent. Of the ranges in order, the one whose first rows reach the farthest is the thinnest.
    let in_order = candidates.iter().zip(&sizes).filter_map(|(ranges, size)| match ranges.as_slice() {
        [range] if is_in_order(range) => Some((range, size)),
        _ => None,
    });
    let thinnest = in_order.max_by(|(_, one), (_, other)| one.reaches.cmp(&other.reaches));
    Ok(thinnest.map_or(Way::Walk, |(range, _)| way_in_order(range)))
}

/// How large a candidate is.
struct Size {
    /// Rows, at most one more than [`GATHERED_MAX`].
    rows: i64,
    /// The largest key among them.
    reaches: Option<String>,
}

async fn measure(db: &impl ConnectionTrait, table: &Table, candidates: &[Vec<Range>]) -> Result<Vec<Size>, Error> {
    let backend = db.get_database_backend();
    let mut sql = Sql::default();
    sql.joined(" UNION ALL ", candidates.iter().enumerate(), |sql, (number, ranges)| {
        sql.push(&format!("SELECT CAST({number} AS BIGINT), COUNT(*), MAX(r.key) FROM ("));
        sql.joined(" UNION ALL ", ranges, |sql, range| {
            sql.push("SELECT p.key FROM (");
            range.write(sql, table, backend, Some(GATHERED_MAX + 1));
            sql.push(") p");
        });
        sql.push(") r");
    });
    let rows = db.query_all_raw(sql.statement(backend, "")).await.map_err(failed)?;
    let mut sizes = Vec::with_capacity(candidates.len());
    for row in rows {
        let number: i64 = row.try_get_by_index(0).map_err(failed)?;
        let size =
            Size { rows: row.try_get_by_index(1).map_err(failed)?, reaches: row.try_get_by_index(2).map_err(failed)? };
        sizes.push((number, size));
    }
    sizes.sort_by_key(|(number, _)| *number);
    Ok(sizes.into_iter().map(|(_, size)| size).collect())
}

fn write(wanted: &Wanted<'_>, node: Option<&Node>, order: Option<&Order>, way: &Way, backend: DbBackend) -> Sql {
    let table = wanted.table;
    let (name, row_key) = (table.name, format!("e.{}", table.key));
    let mut sql = Sql::default();
    // What the rows are ordered by before their key, and the key, where the way has it.
    let (value, mut key) = (order.map(|order| order.expression), row_key.clone());
    let columns = format!("SELECT {row_key}, e.revision, e.data FROM ");
    match way {
        Way::Walk => {
            let index = order.map_or(table.key_index, |order| order.index);
            sql.push(&columns).push(&format!("{name} e{} WHERE TRUE", hint(backend, index)));
        }
        Way::Stream(Range::Term(term)) => {
            key = format!("t.{}", table.terms_key);
            // A CROSS JOIN is what keeps SQLite from turning the two round.
            sql.push(&columns).push(&format!("{} t CROSS JOIN {name} e WHERE t.term = ", table.terms));
            sql.bind(&Bind::Text(term.clone())).push(&format!(" AND {row_key} = {key}"));
        }
        Way::Stream(range @ Range::Column(_, index)) => {
            sql.push(&columns).push(&format!("{name} e{} WHERE ", hint(backend, index.name)));
            range.write_conditions(&mut sql);
        }
        Way::Gather(ranges) => {
            sql.push("WITH found AS MATERIALIZED (");
            sql.joined(" UNION ", ranges, |sql, range| range.write(sql, table, backend, None));
            sql.push(") ").push(&columns).push(&format!("found CROSS JOIN {name} e WHERE {row_key} = found.key"));
        }
    }
    if let Some(range) = &wanted.within {
        sql.push(" AND ");
        range.write_conditions(&mut sql);
    }
    for condition in &wanted.always {
        sql.push(" AND ").push(condition);
    }
    if let Some(node) = node {
        sql.push(" AND ");
        node.write(&mut sql, table);
    }
    let (beyond, direction) = if wanted.order.descending { ("<", " DESC") } else { (">", "") };
    if let Some((after_value, after_key)) = &wanted.after {
        let after_key = Bind::Text(after_key.clone());
        match value {
            // A row value, which both engines find in the index; two comparisons and an OR are none.
            Some(value) => sql.push(&format!(" AND ({value}, {key}) {beyond} (")).bind(after_value).push(", "),
            None => sql.push(&format!(" AND {key} {beyond} ")),
        };
        sql.bind(&after_key).push(if value.is_some() { ")" } else { "" });
    }
    sql.push(" ORDER BY ");
    if let Some(value) = value {
        sql.push(value).push(direction).push(", ");
    }
    sql.push(&key).push(direction).push(" LIMIT ").bind(&Bind::Number(i64::from(wanted.limit)));
    sql
}
