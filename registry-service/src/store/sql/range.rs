//! Ranges of indexes: where the rows are for which a condition may hold.

use sea_orm::DbBackend;
use service_kit::filter::Op;

use super::filter::{Comparison, Node};
use super::table::{Column, Index, Table};
use super::text::{Bind, Sql};

/// A part of one index.
#[derive(Clone)]
pub(super) enum Range {
    /// The keys of a term, in order.
    Term(String),
    /// The rows for which all of these hold; they compare one column.
    Column(Vec<Comparison>, Index),
}

impl Range {
    /// The rows whose indexed column has that value.
    pub(super) fn equal(column: &'static Column, value: Bind) -> Option<Self> {
        let comparison = Comparison { column, op: Op::Equal, value };
        column.index.map(|index| Self::Column(vec![comparison], index))
    }

    /// Whether its keys are in order.
    pub(super) fn is_ordered(&self) -> bool {
        match self {
            Self::Term(_) => true,
            Self::Column(comparisons, _) => matches!(comparisons.as_slice(), [one] if one.op == Op::Equal),
        }
    }

    /// The column, if it is one.
    pub(super) fn column(&self) -> Option<&'static str> {
        match self {
            Self::Term(_) => None,
            Self::Column(comparisons, _) => comparisons.first().map(|comparison| comparison.column.name),
        }
    }

    /// Writes a query of the keys, as `key`; so many in the order of the index, if that is asked for: what follows LIMIT.
    pub(super) fn write(&self, sql: &mut Sql, table: &Table, backend: DbBackend, limit: Option<&str>) {
        let key = self.key(table);
        sql.push(&format!("SELECT r.{key} AS key FROM {} WHERE ", self.source(table, "r", backend)));
        let Some(limit) = limit else {
            self.write_conditions(sql, "r");
            return;
        };
        self.write_in_order(sql, "r", backend);
        // In the order of the index, so that no other way is shorter.
        let before = self.column().filter(|column| *column != key).map(|column| format!("r.{column}, "));
        sql.push(&format!(" ORDER BY {}r.{key} LIMIT {limit}", before.unwrap_or_default()));
    }

    /// The table that the range is in, under an alias, and its index.
    pub(super) fn source(&self, table: &Table, alias: &str, backend: DbBackend) -> String {
        match self {
            Self::Term(_) => format!("{} {alias}", table.terms),
            Self::Column(_, index) => format!("{} {alias}{}", table.name, hint(backend, index.name)),
        }
    }

    /// The column there that has the keys.
    pub(super) fn key(&self, table: &Table) -> &'static str {
        match self {
            Self::Term(_) => table.terms_key,
            Self::Column(..) => table.key,
        }
    }

    /// The column that an ordered range has one value of, and the value.
    pub(super) fn constant(&self) -> Option<(&'static str, &Bind)> {
        match self {
            Self::Column(comparisons, _) if self.is_ordered() => {
                comparisons.first().map(|only| (only.column.name, &only.value))
            }
            _ => None,
        }
    }

    /// Writes what holds in the range, where its rows are wanted in the order of its index. Of a column that is equal to a
    /// value Postgres would know that it orders nothing, and walk the keys of the whole table instead.
    pub(super) fn write_in_order(&self, sql: &mut Sql, alias: &str, backend: DbBackend) {
        match self.constant() {
            Some((column, value)) if backend == DbBackend::Postgres => {
                sql.push(&format!("{alias}.{column} >= ")).bind(value);
                sql.push(&format!(" AND {alias}.{column} <= ")).bind(value);
                self.write_left_out(sql, alias);
            }
            _ => self.write_conditions(sql, alias),
        }
    }

    fn write_left_out(&self, sql: &mut Sql, alias: &str) {
        if let Self::Column(_, Index { without: Some((_, condition)), .. }) = self {
            sql.push(&format!(" AND {alias}.{condition}"));
        }
    }

    /// Writes what holds in the range.
    pub(super) fn write_conditions(&self, sql: &mut Sql, alias: &str) {
        match self {
            Self::Term(term) => {
                sql.push(&format!("{alias}.term = ")).bind(&Bind::Text(term.clone()));
            }
            Self::Column(comparisons, _) => {
                sql.joined(" AND ", comparisons, |sql, comparison| comparison.write(sql, alias, false));
                self.write_left_out(sql, alias);
            }
        }
    }
}

/// SQLite is told the index: it keeps no statistics that could tell it how rare a value is.
pub(super) fn hint(backend: DbBackend, index: &str) -> String {
    if backend == DbBackend::Sqlite { format!(" INDEXED BY {index}") } else { String::new() }
}

/// The ranges that hold every row for which a condition that must hold is true: of each condition that indexes know, and
/// one for all comparisons that bound the same column.
pub(super) fn candidates(conjuncts: &[&Node]) -> Vec<Vec<Range>> {
    let mut candidates: Vec<Vec<Range>> = Vec::new();
    for node in conjuncts {
        let Some(ranges) = of(node) else { continue };
        let same_column = |other: &&mut Vec<Range>| match (other.as_slice(), ranges.as_slice()) {
            ([one], [other]) => one.column().is_some() && one.column() == other.column(),
            _ => false,
        };
        if let Some([Range::Column(bounds, _)]) = candidates.iter_mut().find(same_column).map(Vec::as_mut_slice)
            && let [Range::Column(more, _)] = ranges.as_slice()
        {
            bounds.extend(more.iter().cloned());
        } else {
            candidates.push(ranges);
        }
    }
    candidates
}

/// The ranges that together hold every row for which a condition is true, if indexes know them.
fn of(node: &Node) -> Option<Vec<Range>> {
    match node {
        Node::All(parts) => parts.iter().filter_map(of).min_by_key(Vec::len),
        Node::Any(parts) => {
            let each: Option<Vec<Vec<Range>>> = parts.iter().map(of).collect();
            each.map(|ranges| ranges.into_iter().flatten().collect())
        }
        Node::Has { term, negated: false } => Some(vec![Range::Term(term.clone())]),
        Node::Compare { comparison, negated } => {
            let comparison = if *negated { comparison.opposite()? } else { comparison.clone() };
            let index = comparison.column.index?;
            let is_left_out = |(value, _): (&str, &str)| match &comparison.value {
                Bind::Text(text) => text == value,
                Bind::Number(number) => number.to_string() == value,
            };
            let in_index = match comparison.op {
                Op::Equal => !index.without.is_some_and(is_left_out),
                Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => true,
                // It may hold for what the index leaves out, too.
                Op::Begins | Op::Present => index.without.is_none(),
                // The whole index is all but that value.
                Op::NotEqual => index.without.is_some_and(is_left_out),
                Op::NotBegins | Op::Has => false,
            };
            in_index.then(|| vec![Range::Column(vec![comparison], index)])
        }
        Node::Has { negated: true, .. } => None,
    }
}
