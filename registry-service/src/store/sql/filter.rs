//! Checked filters as SQL conditions that know no NULL: a record without a field is equal to nothing.

use service_kit::filter::{Expr, Op, Term};

use super::table::{Absent, Column, Source, Table};
use super::text::{Bind, Sql};
use crate::store::Error;

/// A filter whose negations stand at the comparisons, so that none of them negates an unknown.
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Compare { comparison: Comparison, negated: bool },
    Has { term: String, negated: bool },
}

/// A column compared with a value.
#[derive(Clone)]
pub(super) struct Comparison {
    pub(super) column: &'static Column,
    pub(super) op: Op,
    pub(super) value: Bind,
}

impl Node {
    /// The filter of a table's list.
    pub(super) fn of(expression: &Expr, table: &Table) -> Result<Self, Error> {
        Self::read(expression, table, false)
    }

    fn read(expression: &Expr, table: &Table, negated: bool) -> Result<Self, Error> {
        let each = |parts: &[Expr]| -> Result<Vec<Self>, Error> {
            parts.iter().map(|part| Self::read(part, table, negated)).collect()
        };
        match (expression, negated) {
            (Expr::All(parts), false) | (Expr::Any(parts), true) => Ok(Self::All(each(parts)?)),
            (Expr::Any(parts), false) | (Expr::All(parts), true) => Ok(Self::Any(each(parts)?)),
            (Expr::Not(part), _) => Self::read(part, table, !negated),
            (Expr::Term(term), _) => leaf(term, table, negated),
        }
    }

    /// The conditions that must all hold.
    pub(super) fn conjuncts(&self) -> Vec<&Self> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::conjuncts).collect(),
            other => vec![other],
        }
    }

    /// Writes the condition on a row `e`.
    pub(super) fn write(&self, sql: &mut Sql, table: &Table) {
        match self {
            Self::All(parts) => {
                sql.push("(").joined(" AND ", parts, |sql, part| part.write(sql, table)).push(")");
            }
            Self::Any(parts) => {
                sql.push("(").joined(" OR ", parts, |sql, part| part.write(sql, table)).push(")");
            }
            Self::Compare { comparison, negated } => comparison.write(sql, "e", *negated),
            Self::Has { term, negated } => {
                let (terms, terms_key, key) = (table.terms, table.terms_key, table.key);
                sql.push(if *negated { "NOT EXISTS" } else { "EXISTS" })
                    .push(&format!(" (SELECT 1 FROM {terms} t WHERE t.term = "))
                    .bind(&Bind::Text(term.clone()))
                    .push(&format!(" AND t.{terms_key} = e.{key})"));
            }
        }
    }
}

/// The filter was checked against the fields of the list, so what is not found here was forgotten here.
fn leaf(term: &Term, table: &Table, negated: bool) -> Result<Node, Error> {
    let unknown = || Error::Broken(format!("the filter on `{}` has no SQL", term.field));
    let number = || if term.op == Op::Present { Some(0) } else { term.value.parse().ok() };
    let (column, value) = match table.source(term.field).ok_or_else(unknown)? {
        Source::Terms(make) => return Ok(Node::Has { term: make(&term.value), negated }),
        Source::Text(column) => (column, Bind::Text(term.value.clone())),
        Source::Id(column) => (column, Bind::Text(id_of(&term.value))),
        Source::Number(column) => (column, Bind::Number(number().ok_or_else(unknown)?)),
        Source::Enum(column, _) if term.op == Op::Present => (column, Bind::Number(0)),
        Source::Enum(column, find) => (column, Bind::Number(i64::from(find(&term.value).ok_or_else(unknown)?))),
    };
    Ok(Node::Compare { comparison: Comparison { column, op: term.op, value }, negated })
}

/// The ids of a resource name or of its beginning: `a/b` of `enterprises/a/opportunities/b`, and `a/` of what ends between
/// them.
fn id_of(name: &str) -> String {
    let segments: Vec<&str> = name.split('/').collect();
    let ids: Vec<&str> = segments.iter().skip(1).step_by(2).copied().collect();
    let ends_behind_an_id = segments.len() > 1 && segments.len() % 2 == 1;
    ids.join("/") + if ends_behind_an_id { "/" } else { "" }
}

impl Comparison {
    /// What holds if this does not, where every record has the field.
    pub(super) fn opposite(&self) -> Option<Self> {
        let op = match self.op {
            Op::Equal => Op::NotEqual,
            Op::NotEqual => Op::Equal,
            Op::Begins => Op::NotBegins,
            Op::NotBegins => Op::Begins,
            Op::Less => Op::GreaterOrEqual,
            Op::LessOrEqual => Op::Greater,
            Op::Greater => Op::LessOrEqual,
            Op::GreaterOrEqual => Op::Less,
            Op::Present | Op::Has => return None,
        };
        (self.column.absent == Absent::Never).then(|| Self { op, ..self.clone() })
    }

    /// Writes the condition on the rows of that alias. Either way round it is true or, of a record without the field, what was said in
    /// [`Op`]; where it stands alone an unknown of SQL is as good as false.
    pub(super) fn write(&self, sql: &mut Sql, alias: &str, negated: bool) {
        let column = format!("{alias}.{}", self.column.name);
        let (missing, given) = match self.column.absent {
            Absent::Never => ("FALSE".to_owned(), "TRUE".to_owned()),
            Absent::Null => (format!("{column} IS NULL"), format!("{column} IS NOT NULL")),
            Absent::Zero => (format!("{column} = 0"), format!("{column} <> 0")),
        };
        if self.op == Op::Present {
            sql.push(if negated { &missing } else { &given });
            return;
        }
        let (sign, opposite) = match self.op {
            Op::Equal | Op::Has | Op::Present | Op::Begins => ("=", "<>"),
            Op::NotEqual | Op::NotBegins => ("<>", "="),
            Op::Less => ("<", ">="),
            Op::LessOrEqual => ("<=", ">"),
            Op::Greater => (">", "<="),
            Op::GreaterOrEqual => (">=", "<"),
        };
        let sign = if negated { opposite } else { sign };
        // A record without the field is not equal, and neither is it more or less.
        let holds_without = negated != matches!(self.op, Op::NotEqual | Op::NotBegins);
        match (self.column.absent, holds_without) {
            (Absent::Never, _) | (Absent::Null, false) => sql.push("("),
            (_, true) => sql.push(&format!("({missing} OR ")),
            (Absent::Zero, false) => sql.push(&format!("({given} AND ")),
        };
        if let (Op::Begins | Op::NotBegins, Bind::Text(beginning)) = (self.op, &self.value) {
            write_beginning(sql, &column, beginning, sign == "=");
        } else {
            sql.push(&format!("{column} {sign} ")).bind(&self.value);
        }
        sql.push(")");
    }
}

/// Texts that begin alike lie side by side, so this is a range of an index on both engines.
fn write_beginning(sql: &mut Sql, column: &str, beginning: &str, begins: bool) {
    let (first, join, last) = if begins { (">=", " AND ", "<") } else { ("<", " OR ", ">=") };
    sql.push(&format!("{column} {first} ")).bind(&Bind::Text(beginning.to_owned()));
    if let Some(end) = end_of(beginning) {
        sql.push(&format!("{join}{column} {last} ")).bind(&Bind::Text(end));
    }
}

/// The first text behind all that begin so, if there is one. The bytes of UTF-8 are ordered as the characters are, so the
/// last character that has a successor gives way to it.
fn end_of(beginning: &str) -> Option<String> {
    let mut characters: Vec<char> = beginning.chars().collect();
    while let Some(last) = characters.pop() {
        // The surrogates between them are no characters.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_end_of_a_beginning_is_the_next_character() {
        for (beginning, end) in [
            ("ab", Some("ac")),
            ("丝", Some("丞")),
            ("a\u{7F}", Some("a\u{80}")),
            ("a\u{D7FF}", Some("a\u{E000}")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{10FFFF}", None),
            ("", None),
        ] {
            assert_eq!(end_of(beginning).as_deref(), end, "{beginning}");
        }
    }

    #[test]
    fn a_name_is_the_ids_in_it() {
        for (name, id) in [
            ("enterprises/a", "a"),
            ("enterprises/", ""),
            ("enter", ""),
            ("", ""),
            ("enterprises/a/", "a/"),
            ("enterprises/a/oppo", "a/"),
            ("enterprises/a/opportunities/", "a/"),
            ("enterprises/a/opportunities/b-1", "a/b-1"),
        ] {
            assert_eq!(id_of(name), id, "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_text_begins_so_exactly_if_its_bytes_lie_in_the_range(
            beginning in "[ab\u{7F}\u{80}\u{D7FF}\u{E000}\u{10FFFF}]{0,3}",
            text in "[ab\u{7F}\u{80}\u{D7FF}\u{E000}\u{10FFFF}]{0,4}",
        ) {
            let before_end = end_of(&beginning).is_none_or(|end| text.as_bytes() < end.as_bytes());
            let lies_in = text.as_bytes() >= beginning.as_bytes() && before_end;
            prop_assert_eq!(lies_in, text.starts_with(&beginning));
        }
    }
}
