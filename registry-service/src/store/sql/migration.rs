//! The tables, made and brought up to date at start. Plain SQL that both engines read, but for the names of three types.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

mod m0001_tables;
mod m0002_columns;

/// Brings any database of an older version to this one.
pub(super) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_tables::Tables), Box::new(m0002_columns::Columns)]
    }
}

/// Runs statements in which `{key}`, `{bytes}` and `{clustered}` stand for what each engine calls them.
///
/// Ids and other keys are compared byte by byte on both engines: Postgres would order them by locale otherwise, and
/// pages would differ from one database to the next.
async fn run(connection: &impl ConnectionTrait, statements: &[&str]) -> Result<(), DbErr> {
    let (key, bytes, clustered) = match connection.get_database_backend() {
        DbBackend::Postgres => ("TEXT COLLATE \"C\"", "BYTEA", ""),
        _ => ("TEXT", "BLOB", "WITHOUT ROWID"),
    };
    for statement in statements {
        let statement = statement.replace("{key}", key).replace("{bytes}", bytes).replace("{clustered}", clustered);
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}
