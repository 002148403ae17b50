//! Many rows in few statements, whose texts are few too: each is parsed and planned once for as long as its connection
//! lives.

use std::fmt::Write;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, Iterable, Statement, Value,
};

/// Values of one statement; SQLite takes 32,766. More would only make statements that are costly to keep.
const VALUES_MAX: usize = 4_096;
/// So few rows go in one statement of exactly their number; more in statements of powers of two.
const EXACT_ROWS_MAX: usize = 16;
/// Values to look for in one statement.
const WANTED_MAX: usize = 4_096;

/// Inserts whole rows of tables that have none of their keys; or what `conflict` says, where they may have.
pub(super) async fn insert<A>(db: &impl ConnectionTrait, rows: Vec<A>, conflict: &str) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
{
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().collect();
    let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
    let backend = db.get_database_backend();
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let count = rows_of_a_statement(rows.len(), columns.len());
        let mut values: Vec<Value> = Vec::with_capacity(count * columns.len());
        for mut row in rows.by_ref().take(count) {
            for column in &columns {
                let value = row.take(*column).into_value();
                values.push(value.ok_or_else(|| DbErr::AttrNotSet(column.as_str().to_owned()))?);
            }
        }
        let table = A::Entity::default();
        let mut text = format!("INSERT INTO {} ({}) VALUES ", table.as_str(), names.join(", "));
        write_places(&mut text, backend, count, columns.len());
        text.push_str(conflict);
        db.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
    }
    Ok(())
}

/// Deletes the rows that have those keys of two columns.
pub(super) async fn delete_pairs<A: Into<Value> + Clone, B: Into<Value> + Clone>(
    db: &impl ConnectionTrait,
    (table, one, other): (&str, &str, &str),
    pairs: Vec<(A, B)>,
) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    for part in parts(pairs) {
        let mut text = format!("DELETE FROM {table} WHERE ({one}, {other}) IN (VALUES ");
        write_places(&mut text, backend, part.len(), 2);
        text.push(')');
        let values: Vec<Value> = part.into_iter().flat_map(|(one, other)| [one.into(), other.into()]).collect();
        db.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
    }
    Ok(())
}

/// Values to look for, in parts of few lengths: the last value is repeated until there is a power of two of them.
pub(super) fn parts<T: Clone>(mut values: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let length = values.len() - values.len() % WANTED_MAX;
    if let Some(last) = values.last().cloned() {
        values.resize(length + (values.len() - length).next_power_of_two(), last);
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

/// Writes `($1, $2), ($3, $4)`; SQLite would look every name up, so it is told places only.
fn write_places(text: &mut String, backend: DbBackend, rows: usize, columns: usize) {
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let separator = if column == 0 { "" } else { ", " };
            let outcome = match backend {
                DbBackend::Postgres => write!(text, "{separator}${}", row * columns + column + 1),
                _ => write!(text, "{separator}?"),
            };
            outcome.expect("a text takes what is written");
        }
        text.push(')');
    }
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
        assert_eq!(lengths(4_096), [4_096]);
        assert_eq!(lengths(4_099), [4_096, 4]);
        let all: Vec<usize> = parts((0..5_000).collect()).flatten().collect();
        assert_eq!(all[..5_000], (0..5_000).collect::<Vec<_>>());
        assert!(all[5_000..].iter().all(|value| *value == 4_999));
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
        let written = |backend| {
            let mut text = String::new();
            write_places(&mut text, backend, 2, 2);
            text
        };
        assert_eq!(written(DbBackend::Postgres), "($1, $2), ($3, $4)");
        assert_eq!(written(DbBackend::Sqlite), "(?, ?), (?, ?)");
    }
}
