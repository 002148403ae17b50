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
        sieves: Vec<Sieve>,
    },
    /// The rows of a range whose keys are in the order that is wanted, likewise.
    Stream {
        range: Range,
        sieves: Vec<Sieve>,
        /// The range that begins last.
        start: Option<Range>,
    },
    /// All rows of some ranges, sorted.
    Gather { ranges: Vec<Range>, sieves: Vec<Sieve> },
}

/// Ranges that are asked whether one of them has a key, because a row costs more than what an index has of it.
pub(super) enum Sieve {
    /// Each time, in the index.
    Look(Vec<Range>),
    /// Their keys are put together first.
    Set(Vec<Range>),
}

impl Way {
    /// All rows, in order.
    pub(super) fn whole() -> Self {
        Self::Walk { bound: None, sieves: Vec::new() }
    }
}

/// Writes the statement.
pub(super) fn statement(
    way: &Way,
    wanted: &Wanted<'_>,
    node: Option<&Node>,
    order: Option<&Order>,
    backend: DbBackend,
) -> Sql {
    let table = wanted.table;
    let mut writing = Writing { table, backend, sql: Sql::default() };
    let source = writing.way(way, order, wanted.order.descending);
    let mut sql = writing.sql;
    if let Some(range) = &wanted.within {
        range.write_conditions(sql.push(" AND "), "e");
    }
    for condition in &wanted.always {
        sql.push(" AND ").push(condition);
    }
    if let Some(node) = node {
        node.write(sql.push(" AND "), table);
    }
    sql.push(source.end);
    let mut writing = Writing { table, backend, sql };
    writing.on_keys(way, &source);
    let mut sql = writing.sql;
    let after = wanted.after.as_ref();
    let (value, after) = match (order, source.constant) {
        (Some(order), _) => (Some(order.of(source.alias)), after.cloned()),
        (None, Some((column, value))) => (Some(column), after.map(|(_, key)| (value, key.clone()))),
        (None, None) => (None, after.cloned()),
    };
    write_order(&mut sql, wanted, value.as_deref(), after.as_ref(), &source.key);
    sql
}

/// Where the rows come from.
struct Source {
    /// What has their order.
    alias: &'static str,
    /// The column of their keys there.
    key: String,
    /// A column that comes before the keys in an index and has one value there, and the value.
    constant: Option<(String, Bind)>,
    /// What is behind the conditions on them.
    end: &'static str,
}

struct Writing {
    table: &'static Table,
    backend: DbBackend,
    sql: Sql,
}

impl Writing {
    /// Writes where the rows `e` come from. Both engines read a CROSS JOIN from left to right: SQLite always, Postgres as
    /// its connections are set.
    fn way(&mut self, way: &Way, order: Option<&Order>, descending: bool) -> Source {
        let (name, key) = (self.table.name, self.table.key);
        let index = hint(self.backend, order.map_or(self.table.key_index, |order| order.index));
        let rows = |alias, key| Source { alias, key, constant: None, end: "" };
        match way {
            Way::Walk { sieves, .. } if sieves.is_empty() => {
                self.columns().push(&format!(" {name} e{index} WHERE TRUE"));
                rows("e", format!("e.{key}"))
            }
            Way::Walk { .. } => self.rows_of(&format!("{name} k{index}"), format!("k.{key}"), None),
            Way::Stream { range: range @ Range::Column(..), sieves, .. } if sieves.is_empty() => {
                let (source, backend) = (range.source(self.table, "e", self.backend), self.backend);
                range.write_in_order(self.columns().push(&format!(" {source} WHERE ")), "e", backend);
                Source { constant: self.constant(range, "e"), ..rows("e", format!("e.{key}")) }
            }
            Way::Stream { range, .. } => {
                let source = range.source(self.table, "k", self.backend);
                self.rows_of(&source, format!("k.{}", range.key(self.table)), self.constant(range, "k"))
            }
            Way::Gather { ranges, sieves } if self.backend == DbBackend::Sqlite => {
                if order.is_some() {
                    self.sql.push("WITH found AS MATERIALIZED (");
                    self.union(ranges, sieves).push(") ");
                    self.columns().push(&format!(" found CROSS JOIN {name} e WHERE e.{key} = found.key"));
                } else {
                    // The keys are sorted before the rows are read, so only as many are read as the page has.
                    self.columns().push(&format!(" {name} e{index} WHERE e.{key} IN ("));
                    self.union(ranges, sieves).push(")");
                }
                rows("e", format!("e.{key}"))
            }
            // Postgres would avoid sorting at any price; a query that has an OFFSET it leaves alone.
            Way::Gather { ranges, sieves } if order.is_some() => {
                self.columns().push(" (SELECT e.* FROM (");
                self.union(ranges, sieves).push(" OFFSET 0) found");
                self.sql.push(&format!(" CROSS JOIN {name} e WHERE e.{key} = found.key"));
                Source { alias: "e", key: format!("e.{key}"), constant: None, end: " OFFSET 0) e WHERE TRUE" }
            }
            Way::Gather { ranges, sieves } => {
                let direction = if descending { " DESC" } else { "" };
                self.columns().push(" (SELECT u.key FROM (");
                self.union(ranges, sieves).push(&format!(" OFFSET 0) u ORDER BY u.key{direction} OFFSET 0) found"));
                self.sql.push(&format!(" CROSS JOIN {name} e WHERE e.{key} = found.key"));
                rows("e", "found.key".to_owned())
            }
        }
    }

    /// The column that orders a range before its keys, as an alias has it, and its value, see [`Range::write_in_order`].
    fn constant(&self, range: &Range, alias: &str) -> Option<(String, Bind)> {
        let constant = range.constant().filter(|_| self.backend == DbBackend::Postgres);
        constant.map(|(column, value)| (format!("{alias}.{column}"), value.clone()))
    }

    fn columns(&mut self) -> &mut Sql {
        let columns = format!("SELECT e.{}, e.revision, e.data FROM", self.table.key);
        self.sql.push(&columns)
    }

    /// Writes a query of the keys of some ranges that pass the sieves.
    fn union(&mut self, ranges: &[Range], sieves: &[Sieve]) -> &mut Sql {
        for (number, range) in ranges.iter().enumerate() {
            self.sql.push(if number > 0 { " UNION " } else { "" });
            range.write(&mut self.sql, self.table, self.backend, None);
            self.sieves(&format!("r.{}", range.key(self.table)), sieves);
        }
        &mut self.sql
    }

    /// Writes a way that reads indexes alone as long as they say no, and then the row. Postgres would turn the two round
    /// where a condition on the row has an index; a row that is looked for behind an OFFSET is looked for last.
    fn rows_of(&mut self, source: &str, place: String, constant: Option<(String, Bind)>) -> Source {
        let (name, key) = (self.table.name, self.table.key);
        let (before, end) = match self.backend {
            DbBackend::Sqlite => ("", ""),
            _ => ("LATERAL (SELECT * FROM ", " OFFSET 0) e WHERE TRUE"),
        };
        self.columns().push(&format!(" {source} CROSS JOIN {before}{name} e WHERE e.{key} = {place}"));
        Source { alias: "k", key: place, constant, end }
    }

    /// Writes what holds of the keys `k` that rows are looked for by.
    fn on_keys(&mut self, way: &Way, source: &Source) {
        let (table, backend, place) = (self.table, self.backend, &source.key);
        match way {
            Way::Walk { bound, sieves } if !sieves.is_empty() => {
                self.sieves(place, sieves);
                if let Some(bound) = bound {
                    bound.write_conditions(self.sql.push(" AND "), "k");
                }
            }
            Way::Stream { range, sieves, start } if source.alias == "k" => {
                range.write_in_order(self.sql.push(" AND "), "k", backend);
                self.sieves(place, sieves);
                let Some(start) = start else { return };
                // In this very statement, so that it is true of what the statement sees.
                match &source.constant {
                    Some((column, value)) => {
                        self.sql.push(&format!(" AND ({column}, {place}) >= (")).bind(value).push(", (");
                        start.write(&mut self.sql, table, backend, Some("1"));
                        self.sql.push("))");
                    }
                    None => {
                        start.write(self.sql.push(&format!(" AND {place} >= (")), table, backend, Some("1"));
                        self.sql.push(")");
                    }
                }
            }
            Way::Walk { .. } | Way::Stream { .. } | Way::Gather { .. } => {}
        }
    }

    /// Writes conditions on a key. They are such that neither engine makes joins of them.
    fn sieves(&mut self, place: &str, sieves: &[Sieve]) {
        let (table, backend) = (self.table, self.backend);
        for sieve in sieves {
            match sieve {
                Sieve::Look(ranges) => {
                    self.sql.push(" AND (").joined(" OR ", ranges, |sql, range| {
                        let key = range.key(table);
                        let source = range.source(table, "s", backend);
                        sql.push(&format!("(SELECT TRUE FROM {source} WHERE s.{key} = {place} AND "));
                        range.write_conditions(sql, "s");
                        sql.push(")");
                    });
                    self.sql.push(")");
                }
                Sieve::Set(ranges) => {
                    self.sql.push(&format!(" AND ({place} IN (")).joined(" UNION ALL ", ranges, |sql, range| {
                        range.write(sql, table, backend, None);
                    });
                    self.sql.push(")) IS TRUE");
                }
            }
        }
    }
}

/// Writes where the page begins, its order and its end.
fn write_order(sql: &mut Sql, wanted: &Wanted<'_>, value: Option<&str>, after: Option<&(Bind, String)>, place: &str) {
    let (beyond, direction) = if wanted.order.descending { ("<", " DESC") } else { (">", "") };
    if let Some((after_value, after_key)) = after {
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
