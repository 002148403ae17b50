//! Ways to a page, written as SQL.

use sea_orm::DbBackend;

use super::Wanted;
use crate::store::sql::filter::Node;
use crate::store::sql::range::{Range, hint};
use crate::store::sql::table::{Order, Table};
use crate::store::sql::text::{Bind, Sql};

/// The way to a page.
pub(super) enum Way {
    /// All rows in the order that is wanted, until enough of them pass.
    Walk {
        /// A part of that order.
        bound: Option<Range>,
        /// Ranges that are asked first, because a row costs more than what an index has of it.
        sieve: Vec<Range>,
    },
    /// The rows of a range whose keys are in the order that is wanted, likewise.
    Stream {
        range: Range,
        sieve: Vec<Range>,
        /// The range that begins last.
        start: Option<Range>,
    },
    /// All rows of some ranges, sorted.
    Gather(Vec<Range>),
}

/// What is read of a row.
const COLUMNS: &str = "SELECT e.{key}, e.revision, e.data FROM";

impl Way {
    /// All rows, in order.
    pub(super) fn whole() -> Self {
        Self::Walk { bound: None, sieve: Vec::new() }
    }

    /// All rows of a range that is in order.
    pub(super) fn through(range: Range) -> Self {
        Self::Stream { range, sieve: Vec::new(), start: None }
    }

    /// Writes the statement.
    pub(super) fn statement(
        &self,
        wanted: &Wanted<'_>,
        node: Option<&Node>,
        order: Option<&Order>,
        backend: DbBackend,
    ) -> Sql {
        let table = wanted.table;
        let mut writing = Writing { table, backend, sql: Sql::default() };
        let (alias, place) = writing.way(self, order, wanted.order.descending);
        let mut sql = writing.sql;
        if let Some(range) = &wanted.within {
            sql.push(" AND ");
            range.write_conditions(&mut sql, "e");
        }
        for condition in &wanted.always {
            sql.push(" AND ").push(condition);
        }
        if let Some(node) = node {
            sql.push(" AND ");
            node.write(&mut sql, table);
        }
        write_order(&mut sql, wanted, order.map(|order| order.of(alias)).as_deref(), &place);
        sql
    }
}

struct Writing {
    table: &'static Table,
    backend: DbBackend,
    sql: Sql,
}

impl Writing {
    /// Writes where the rows `e` come from; returns the alias that has their order, and the column of their keys there.
    fn way(&mut self, way: &Way, order: Option<&Order>, descending: bool) -> (&'static str, String) {
        let (name, key) = (self.table.name, self.table.key);
        let index = hint(self.backend, order.map_or(self.table.key_index, |order| order.index));
        match way {
            Way::Walk { sieve, .. } if sieve.is_empty() => {
                self.columns().push(&format!(" {name} e{index} WHERE TRUE"));
                ("e", format!("e.{key}"))
            }
            Way::Walk { bound, sieve } => {
                let place = format!("k.{key}");
                self.sieve(&format!("{name} k{index}"), &place, sieve, None);
                if let Some(bound) = bound {
                    bound.write_conditions(self.sql.push(" AND "), "k");
                }
                ("k", place)
            }
            Way::Stream { range: range @ Range::Column(..), sieve, .. } if sieve.is_empty() => {
                let source = range.source(self.table, "e", self.backend);
                range.write_conditions(self.columns().push(&format!(" {source} WHERE ")), "e");
                ("e", format!("e.{key}"))
            }
            Way::Stream { range, sieve, start } => {
                let place = format!("k.{}", range.key(self.table));
                let source = range.source(self.table, "k", self.backend);
                self.sieve(&source, &place, sieve, start.as_ref());
                range.write_conditions(self.sql.push(" AND "), "k");
                ("k", place)
            }
            Way::Gather(ranges) if order.is_some() => {
                self.sql.push("WITH found AS MATERIALIZED (");
                self.union(ranges).push(") ");
                self.columns().push(&format!(" found CROSS JOIN {name} e WHERE e.{key} = found.key"));
                ("e", format!("e.{key}"))
            }
            // The keys are sorted before the rows are read, so only as many are read as the page has.
            Way::Gather(ranges) if self.backend == DbBackend::Sqlite => {
                self.columns().push(&format!(" {name} e{index} WHERE e.{key} IN ("));
                self.union(ranges).push(")");
                ("e", format!("e.{key}"))
            }
            Way::Gather(ranges) => {
                let direction = if descending { " DESC" } else { "" };
                self.columns().push(" (SELECT u.key FROM (");
                // The OFFSET keeps Postgres from pulling the subquery up and sorting the rows instead.
                self.union(ranges).push(&format!(") u ORDER BY u.key{direction} OFFSET 0) found"));
                self.sql.push(&format!(" CROSS JOIN {name} e WHERE e.{key} = found.key"));
                ("e", "found.key".to_owned())
            }
        }
    }

    fn columns(&mut self) -> &mut Sql {
        self.sql.push(&COLUMNS.replace("{key}", self.table.key))
    }

    fn union(&mut self, ranges: &[Range]) -> &mut Sql {
        let (table, backend) = (self.table, self.backend);
        self.sql.joined(" UNION ", ranges, |sql, range| range.write(sql, table, backend, None))
    }

    /// Writes a way that reads indexes alone as long as they say no, and then the row. A CROSS JOIN is what keeps SQLite
    /// from turning its parts round.
    fn sieve(&mut self, source: &str, place: &str, sieve: &[Range], start: Option<&Range>) {
        let (table, backend) = (self.table, self.backend);
        self.columns().push(&format!(" {source}"));
        for (number, range) in sieve.iter().enumerate() {
            self.sql.push(&format!(" CROSS JOIN {}", range.source(table, &format!("s{number}"), backend)));
        }
        self.sql.push(&format!(" CROSS JOIN {} e WHERE e.{} = {place}", table.name, table.key));
        self.start(place, start);
        for (number, range) in sieve.iter().enumerate() {
            let alias = format!("s{number}");
            let key = format!("{alias}.{}", range.key(table));
            self.sql.push(&format!(" AND {key} = {place} AND "));
            range.write_conditions(&mut self.sql, &alias);
            // Postgres may begin with this one.
            self.start(&key, start);
        }
    }

    /// Writes that no key is before the first one of a range; in this very statement, so that it is true of what the
    /// statement sees.
    fn start(&mut self, key: &str, start: Option<&Range>) {
        if let Some(range) = start {
            self.sql.push(&format!(" AND {key} >= ("));
            range.write(&mut self.sql, self.table, self.backend, Some(1));
            self.sql.push(")");
        }
    }
}

/// Writes where the page begins, its order and its end.
fn write_order(sql: &mut Sql, wanted: &Wanted<'_>, value: Option<&str>, place: &str) {
    let (beyond, direction) = if wanted.order.descending { ("<", " DESC") } else { (">", "") };
    if let Some((after_value, after_key)) = &wanted.after {
        let after_key = Bind::Text(after_key.clone());
        match value {
            // A row value, which both engines find in the index; two comparisons and an OR are none.
            Some(value) => {
                sql.push(&format!(" AND ({value}, {place}) {beyond} (")).bind(after_value).push(", ");
                sql.bind(&after_key).push(")");
            }
            None => {
                sql.push(&format!(" AND {place} {beyond} ")).bind(&after_key);
            }
        }
    }
    sql.push(" ORDER BY ");
    if let Some(value) = value {
        sql.push(value).push(direction).push(", ");
    }
    sql.push(place).push(direction).push(" LIMIT ").bind(&Bind::Number(i64::from(wanted.limit)));
}
