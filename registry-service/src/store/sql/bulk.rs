//! Many rows in few statements, whose texts are few too: each is parsed and planned once for as long as its connection
//! lives.

use std::fmt::Write as _;
use std::ops::Range;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, Iterable, Statement, Value,
};

/// Values of one statement; SQLite takes 32,766. More would only make statements that are costly to keep.
const VALUES_MAX: usize = 4_096;
/// So few rows go in one statement of exactly their number; more in statements of powers of two.
const EXACT_ROWS_MAX: usize = 16;
/// Values to look for in one statement; twice as many ids would be more than [`SENT_MAX`].
const WANTED_MAX: usize = 256;
/// Bytes of one statement for Postgres, about. TLS sends 16 KiB at a time, and sqlx 0.9.0 leaves Nagle's algorithm on: of a
/// longer statement the last part waits for the delayed acknowledgement of the one before, 40 ms or more.
const SENT_MAX: usize = 14_000;
/// So many short statements take about as long as that one wait.
const SHORT_STATEMENTS_MAX: usize = 100;

/// Inserts whole rows of tables that have none of their keys; or what `conflict` says, where they may have.
pub(super) async fn insert<A>(db: &impl ConnectionTrait, rows: Vec<A>, conflict: &str) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
{
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().collect();
    let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
    let into = format!("INSERT INTO {} ({})", A::Entity::default().as_str(), names.join(", "));
    let backend = db.get_database_backend();
    let mut values: Vec<Value> = Vec::with_capacity(rows.len() * columns.len());
    for mut row in rows {
        for column in &columns {
            let value = row.take(*column).into_value();
            values.push(value.ok_or_else(|| DbErr::AttrNotSet(column.as_str().to_owned()))?);
        }
    }
    if backend == DbBackend::Postgres {
        let lengths: Vec<usize> = values.chunks(columns.len()).map(|row| row.iter().map(written_len).sum()).collect();
        for part in sendings(&lengths) {
            let part = &values[part.start * columns.len()..part.end * columns.len()];
            db.execute_raw(unnested(&into, part, columns.len(), conflict)?).await?;
        }
        return Ok(());
    }
    let mut values = values.into_iter();
    while values.len() > 0 {
        let count = rows_of_a_statement(values.len() / columns.len(), columns.len());
        let text = format!("{into} VALUES {}{conflict}", places(backend, count, columns.len()));
        let part: Vec<Value> = values.by_ref().take(count * columns.len()).collect();
        db.execute_raw(Statement::from_sql_and_values(backend, text, part)).await?;
    }
    Ok(())
}

/// Which rows, of those lengths, go in one statement for Postgres: as many as are sent at once, or all where that would
/// not do or not pay.
fn sendings(lengths: &[usize]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut sent = 0;
    for (at, length) in lengths.iter().enumerate() {
        match parts.last_mut() {
            Some(part) if sent + length <= SENT_MAX => {
                part.end = at + 1;
                sent += length;
            }
            _ => {
                parts.push(at..at + 1);
                sent = *length;
            }
        }
    }
    let fits = lengths.iter().all(|length| *length <= SENT_MAX);
    if fits && parts.len() <= SHORT_STATEMENTS_MAX { parts } else { std::iter::once(0..lengths.len()).collect() }
}

/// A statement with one array a column, whose text is the same for any number of rows. Arrays are written as texts, which
/// Postgres reads quickly.
fn unnested(into: &str, values: &[Value], columns: usize, conflict: &str) -> Result<Statement, DbErr> {
    let (mut arrays, mut places) = (Vec::with_capacity(columns), Vec::with_capacity(columns));
    for column in 0..columns {
        let (array, element_type) = array(values.iter().skip(column).step_by(columns))?;
        places.push(format!("${}::{element_type}[]", column + 1));
        arrays.push(Value::from(array));
    }
    let text = format!("{into} SELECT * FROM UNNEST({}){conflict}", places.join(", "));
    Ok(Statement::from_sql_and_values(DbBackend::Postgres, text, arrays))
}

/// Bytes of a value in an array, about.
fn written_len(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len() + 4,
        Value::Bytes(Some(bytes)) => 2 * bytes.len() + 8,
        // An instant in microseconds.
        _ => 18,
    }
}

/// Values of one type as Postgres writes an array of them, and their type.
fn array<'a>(values: impl Iterator<Item = &'a Value>) -> Result<(String, &'static str), DbErr> {
    let mut text = "{".to_owned();
    let mut element_type = "text";
    for value in values {
        if text.len() > 1 {
            text.push(',');
        }
        let written = match value {
            Value::String(None) | Value::Int(None) | Value::BigInt(None) => write!(text, "NULL"),
            Value::String(Some(value)) => {
                text.push('"');
                for part in value.split_inclusive(['"', '\\']) {
                    // What must be escaped ends its part.
                    let (plain, last) = part.split_at(part.len() - usize::from(part.ends_with(['"', '\\'])));
                    text.push_str(plain);
                    text.push_str(if last.is_empty() { "" } else { "\\" });
                    text.push_str(last);
                }
                text.push('"');
                Ok(())
            }
            Value::Bool(Some(value)) => write!(text, "{value}"),
            Value::Int(Some(value)) => write!(text, "{value}"),
            Value::BigInt(Some(value)) => write!(text, "{value}"),
            Value::Bytes(Some(bytes)) => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                text.reserve(bytes.len() * 2 + 6);
                text.push_str("\"\\\\x");
                for byte in bytes {
                    text.push(DIGITS[usize::from(byte >> 4)].into());
                    text.push(DIGITS[usize::from(byte & 15)].into());
                }
                text.push('"');
                Ok(())
            }
            other => return Err(DbErr::Type(format!("{other:?} is in no table"))),
        };
        written.expect("a text takes what is written");
        element_type = match value {
            Value::Bool(_) => "bool",
            Value::Int(_) => "int4",
            Value::BigInt(_) => "int8",
            Value::Bytes(_) => "bytea",
            _ => "text",
        };
    }
    text.push('}');
    Ok((text, element_type))
}

/// Deletes the rows that have those keys of two columns.
pub(super) async fn delete_pairs<A: Into<Value> + Clone, B: Into<Value> + Clone>(
    db: &impl ConnectionTrait,
    (table, one, other): (&str, &str, &str),
    pairs: Vec<(A, B)>,
) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    for part in parts(pairs) {
        let text = format!("DELETE FROM {table} WHERE ({one}, {other}) IN (VALUES {})", places(backend, part.len(), 2));
        let values: Vec<Value> = part.into_iter().flat_map(|(one, other)| [one.into(), other.into()]).collect();
        db.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
    }
    Ok(())
}

/// Values to look for, in parts of few lengths: the last value is repeated until there is a power of two of them.
pub(super) fn parts<T: Clone>(mut values: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let rest = values.len() % WANTED_MAX;
    if rest > 0
        && let Some(last) = values.last().cloned()
    {
        values.resize(values.len() - rest + rest.next_power_of_two(), last);
    }
    let mut values = values.into_iter();
    std::iter::from_fn(move || {
        Some(values.by_ref().take(WANTED_MAX).collect::<Vec<T>>()).filter(|part| !part.is_empty())
    })
}

fn rows_of_a_statement(rows: usize, columns: usize) -> usize {
    let most = (VALUES_MAX / columns).max(1).min(rows);
    if most <= EXACT_ROWS_MAX { most } else { 1 << most.ilog2() }
}

/// Places for rows, like `($1, $2), ($3, $4)`; SQLite would look each name up among all before it, so it is told none.
fn places(backend: DbBackend, rows: usize, columns: usize) -> String {
    let mut text = String::new();
    for place in 0..rows * columns {
        text.push_str(match (place, place % columns) {
            (0, _) => "(",
            (_, 0) => "), (",
            _ => ", ",
        });
        match backend {
            DbBackend::Postgres => write!(text, "${}", place + 1).expect("a text takes what is written"),
            _ => text.push('?'),
        }
    }
    text.push(')');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(count: usize) -> Vec<usize> {
        parts((0..count).collect()).map(|part| part.len()).collect()
    }

    #[test]
    fn what_is_wanted_comes_in_parts_of_few_lengths_and_whole() {
        assert_eq!(lengths(0), [0; 0]);
        assert_eq!(lengths(1), [1]);
        assert_eq!(lengths(5), [8]);
        assert_eq!(lengths(256), [256]);
        assert_eq!(lengths(259), [256, 4]);
        let all: Vec<usize> = parts((0..5_000).collect()).flatten().collect();
        assert_eq!(all[..5_000], (0..5_000).collect::<Vec<_>>());
        assert!(all[5_000..].iter().all(|value| *value == 4_999));
    }

    #[test]
    fn postgres_is_sent_as_much_as_goes_at_once_unless_one_wait_is_shorter() {
        assert_eq!(sendings(&[]), [0..0; 0]);
        assert_eq!(sendings(&[6_000, 8_000, 1, 13_999, 1]), [0..2, 2..4, 4..5]);
        assert_eq!(sendings(&[1, SENT_MAX + 1, 1]).len(), 1);
        assert_eq!(sendings(&[SENT_MAX; 100]).len(), 100);
        assert_eq!(sendings(&[SENT_MAX; 101]).len(), 1);
    }

    #[test]
    fn rows_go_in_statements_of_few_lengths_that_fit() {
        assert_eq!(rows_of_a_statement(7, 2), 7);
        assert_eq!(rows_of_a_statement(500, 2), 256);
        assert_eq!(rows_of_a_statement(500, 20), 128);
        assert_eq!(rows_of_a_statement(500, 10_000), 1);
    }

    #[test]
    fn places_are_numbered_where_that_costs_nothing() {
        assert_eq!(places(DbBackend::Postgres, 2, 2), "($1, $2), ($3, $4)");
        assert_eq!(places(DbBackend::Sqlite, 2, 1), "(?), (?)");
    }

    #[test]
    fn arrays_are_written_as_postgres_reads_them() {
        let written = |values: &[Value]| array(values.iter()).expect("they are of our tables");
        let texts = [Value::from("a"), Value::String(None), Value::from(""), Value::from(r#"x"y\z\"#)];
        assert_eq!(written(&texts), (r#"{"a",NULL,"","x\"y\\z\\"}"#.to_owned(), "text"));
        assert_eq!(written(&[Value::from(1_i32), Value::Int(None)]), ("{1,NULL}".to_owned(), "int4"));
        assert_eq!(written(&[Value::from(-1_i64)]), ("{-1}".to_owned(), "int8"));
        assert_eq!(written(&[Value::from(true)]), ("{true}".to_owned(), "bool"));
        assert_eq!(written(&[Value::from(vec![0_u8, 255])]), (r#"{"\\x00ff"}"#.to_owned(), "bytea"));
    }
}
