//! One page of a list: the way through the indexes that is likely to find it soonest, and the reading of it.
//!
//! Neither engine can be left to choose: SQLite knows nothing of how often a value occurs (gathering statistics would lock
//! out the writer for seconds), and Postgres has no statistics of what was imported just now, and takes the order of the
//! keys to be independent of the values, which it is not: ids are made from countries and registers. So a statement of its
//! own counts first, and both engines are held to the order in which the page's statement names the tables.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use service_kit::filter::Expr;
use service_kit::order_by::OrderBy;

use super::failure::failed;
use super::filter::Node;
use super::range::{Range, candidates};
use super::table::{Order, Table};
use super::text::Bind;
use crate::store::Error;

mod choice;
mod known;
mod sizes;
mod way;

use choice::{Candidate, Costs, choose};
pub use sizes::Counting;
use way::Way;

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
    pub(super) counting: &'a Counting,
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
    let way = find_way(db, wanted, node.as_ref(), order).await?;
    let backend = db.get_database_backend();
    Ok(way::statement(&way, wanted, node.as_ref(), order, backend).statement(backend, before))
}

async fn find_way(
    db: &impl ConnectionTrait,
    wanted: &Wanted<'_>,
    node: Option<&Node>,
    order: Option<&Order>,
) -> Result<Way, Error> {
    let mut ranges = candidates(&node.map(Node::conjuncts).unwrap_or_default());
    ranges.extend(wanted.within.clone().map(|range| vec![range]));
    let ordering_column = order.map_or(wanted.table.key, |order| order.column);
    // The engine begins its walk where such a range does.
    let bounds_the_order = |range: &Range| range.column() == Some(ordering_column);
    match ranges.as_slice() {
        [] => return Ok(Way::whole()),
        [only] => match only.as_slice() {
            [range] if bounds_the_order(range) => return Ok(Way::whole()),
            [range] if order.is_none() && range.is_ordered() => {
                return Ok(Way::Stream { range: range.clone(), sieves: Vec::new(), start: None });
            }
            _ => {}
        },
        _ => {}
    }
    let sizes = sizes::measure(db, wanted.table, &ranges, order.is_none(), wanted.counting).await?;
    let mut rest = Vec::new();
    let mut bound = None;
    for (ranges, size) in ranges.into_iter().zip(&sizes.candidates) {
        let candidate = Candidate { ranges, size: size.clone() };
        match candidate.ranges.as_slice() {
            [range] if bounds_the_order(range) => bound = Some(candidate),
            _ => rest.push(candidate),
        }
    }
    let costs = Costs::of(db.get_database_backend());
    Ok(choose(rest, bound, sizes.rows, wanted, order.is_none(), costs))
}
