//! How large a table is, and the ranges of its indexes that a list may be read by.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult};

use super::known::Known;
use crate::store::Error;
use crate::store::sql::failure::failed;
use crate::store::sql::range::Range;
use crate::store::sql::table::Table;
use crate::store::sql::text::Sql;

/// How far ranges are counted before a page is read.
#[derive(Clone, Debug)]
pub struct Counting {
    one_in: u32,
    known: Known,
}

impl Counting {
    /// Of what is in more than one row of so many, a page of 50 is found in 500 steps.
    pub(in crate::store::sql) fn usual() -> Self {
        Self::up_to_one_in(10)
    }

    /// Ranges are counted up to one in so many of the rows.
    #[must_use]
    pub fn up_to_one_in(rows: u32) -> Self {
        Self { one_in: rows, known: Known::default() }
    }

    /// Rows counted at most, whatever the table has: a few milliseconds.
    const ROWS_MAX: u32 = 25_000;
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Sizes {
    /// Rows of the table, about.
    pub(super) rows: i64,
    /// In the order of the candidates.
    pub(super) candidates: Vec<Size>,
}

/// How large a candidate is.
#[derive(Clone, Debug, Default)]
pub(super) struct Size {
    /// Rows, a row twice if two of its ranges hold it; nothing if they are too many to be counted.
    pub(super) rows: Option<i64>,
    /// The smallest key, of a single range in the order of the keys, if pages are.
    pub(super) begins: Option<String>,
    /// The key that as many have before them as are counted, likewise.
    pub(super) reaches: Option<String>,
}

/// Measures candidates; `by_key` if that is the order of the page.
pub(super) async fn measure(
    db: &impl ConnectionTrait,
    table: &Table,
    candidates: &[Vec<Range>],
    by_key: bool,
    counting: &Counting,
) -> Result<Arc<Sizes>, Error> {
    let backend = db.get_database_backend();
    let (rows, least, greatest) = match backend {
        DbBackend::Sqlite => (format!("(SELECT COALESCE(MAX(rowid), 0) FROM {})", table.name), "MIN", "MAX"),
        // Postgres knows no number of rows before its first ANALYZE; 700 bytes each is about right.
        _ => (format!("pg_relation_size('{}') / 700", table.name), "LEAST", "GREATEST"),
    };
    let (one_in, rows_max) = (counting.one_in, Counting::ROWS_MAX);
    let mut sql = Sql::default();
    sql.push(&format!("WITH size AS MATERIALIZED (SELECT {rows} AS size), most AS MATERIALIZED ("))
        .push(&format!("SELECT {least}({greatest}(size / {one_in}, 1), {rows_max}) AS most FROM size) "))
        .push("SELECT CAST(-1 AS BIGINT), CAST(size AS BIGINT), CAST(most AS BIGINT), NULL, NULL FROM size, most");
    for (number, ranges) in candidates.iter().enumerate() {
        sql.push(&format!(" UNION ALL SELECT CAST({number} AS BIGINT), CAST("));
        sql.joined(" + ", ranges, |sql, range| {
            sql.push("(SELECT COUNT(*) FROM (");
            range.write(sql, table, backend, Some("(SELECT most + 1 FROM most)"));
            sql.push(") r)");
        });
        sql.push(" AS BIGINT), CAST(0 AS BIGINT), ");
        match ranges.as_slice() {
            [range] if by_key && range.is_ordered() => {
                range.write(sql.push("("), table, backend, Some("1"));
                range.write(sql.push("), ("), table, backend, Some("1 OFFSET (SELECT most FROM most)"));
                sql.push(")");
            }
            _ => {
                sql.push("NULL, NULL");
            }
        }
    }
    let statement = sql.statement(backend, "");
    let question = format!("{} {:?}", statement.sql, statement.values);
    if let Some(sizes) = counting.known.find(&question) {
        return Ok(sizes);
    }
    let sizes = Arc::new(read(&db.query_all_raw(statement).await.map_err(failed)?, candidates.len())?);
    counting.known.keep(question, sizes.clone());
    Ok(sizes)
}

fn read(rows: &[QueryResult], candidates: usize) -> Result<Sizes, Error> {
    let mut sizes = Sizes { rows: 0, candidates: vec![Size::default(); candidates] };
    let mut most = 0;
    for row in rows {
        let number: i64 = row.try_get_by_index(0).map_err(failed)?;
        let count: i64 = row.try_get_by_index(1).map_err(failed)?;
        match usize::try_from(number) {
            Ok(number) => {
                sizes.candidates[number] = Size {
                    rows: Some(count),
                    begins: row.try_get_by_index(3).map_err(failed)?,
                    reaches: row.try_get_by_index(4).map_err(failed)?,
                };
            }
            Err(_) => (sizes.rows, most) = (count, row.try_get_by_index(2).map_err(failed)?),
        }
    }
    for size in &mut sizes.candidates {
        size.rows = size.rows.filter(|rows| *rows <= most);
    }
    Ok(sizes)
}
