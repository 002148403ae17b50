//! Postgres for tests: which server, and a fresh database for each test that needs one.

use std::env;
use std::thread;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::warden::{Ward, guard};

/// A database of its own on the test server; the warden drops it when this process is gone.
#[derive(Debug)]
pub struct Database {
    url: String,
}

/// Names the server for tests: `postgres://user@host:port/database`, whose user may create databases.
pub const VARIABLE: &str = "TEST_POSTGRES_URL";
/// Where a server is looked for when the variable is not set.
pub const USUAL_SERVER: &str = "postgres://postgres@127.0.0.1:5432/postgres";

impl Database {
    /// Creates an empty database.
    ///
    /// # Panics
    ///
    /// If there is no server, or its user may not create databases. Tests on Postgres are never skipped.
    pub fn fresh() -> Self {
        let server = env::var(VARIABLE).unwrap_or_else(|_| USUAL_SERVER.to_owned());
        let name = format!("corridor_test_{}", Uuid::now_v7().simple());
        if let Err(error) = execute(&server, format!("CREATE DATABASE {name}")) {
            panic!("no Postgres to test on ({error}): set {VARIABLE}, or run `make test`, which brings one");
        }
        guard(&Ward::Database { server: server.clone(), name: name.clone() });
        Self { url: with_database(&server, &name) }
    }

    /// Its URL, as the registry takes it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Whether a server answers there and lets us create databases.
pub fn usable(server: &str) -> bool {
    let name = format!("corridor_probe_{}", Uuid::now_v7().simple());
    execute(server, format!("CREATE DATABASE {name}")).and_then(|()| drop_database(server, &name)).is_ok()
}

/// Drops a database, whoever is still connected to it.
///
/// # Errors
///
/// If the server does not answer or refuses.
pub fn drop_database(server: &str, name: &str) -> Result<(), sqlx::Error> {
    execute(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
}

/// Runs one statement on a connection of its own; blocks, so that destructors and statics can use it too.
fn execute(server: &str, statement: String) -> Result<(), sqlx::Error> {
    let server = server.to_owned();
    // A thread of its own, because the caller may be inside a runtime, and runtimes do not nest.
    let work = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(sqlx::Error::Io)?;
        runtime.block_on(async {
            let options = server.parse::<PgConnectOptions>()?;
            let connecting = tokio::time::timeout(Duration::from_secs(10), options.connect());
            let mut connection = connecting.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
            connection.close().await
        })
    });
    work.join().expect("the thread does not panic")
}

/// `server` with another database in its path.
fn with_database(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, None), |(address, query)| (address, Some(query)));
    let host_from = address.find("://").map_or(0, |found| found + 3);
    let host_to = address[host_from..].find('/').map_or(address.len(), |found| host_from + found);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{name}{query}", &address[..host_to])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_the_path_of_the_url() {
        assert_eq!(with_database("postgres://u:p@h:5432/postgres", "x"), "postgres://u:p@h:5432/x");
        assert_eq!(with_database("postgres://u@h", "x"), "postgres://u@h/x");
        assert_eq!(with_database("postgres://u@h/a?sslmode=disable", "x"), "postgres://u@h/x?sslmode=disable");
    }
}
