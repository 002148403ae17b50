//! Where the claims keep their records: a database of their own, opened as often as a claim needs.

use std::sync::{Arc, LazyLock};

use e2e::postgres::Database;
use e2e::services::Engine;
use e2e::warden::guarded_folder;
use registry_service::store::Error;
use registry_service::store::sql::{Counting, Options, SqlStore};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

/// A database with nothing in it, not even tables.
pub(crate) struct Place {
    engine: Engine,
    url: String,
}

/// The one database that all claims on Postgres share: making one takes long, and a schema of its own is as good.
static SHARED: LazyLock<Database> = LazyLock::new(Database::fresh);
/// As many readers as the registry has by default.
const CONNECTIONS: u32 = 8;

impl Place {
    pub(crate) async fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let file = guarded_folder("store-").join("store.db");
                Self { engine, url: format!("sqlite://{}", file.display()) }
            }
            Engine::Postgres => {
                let server = Self { engine, url: SHARED.url().to_owned() };
                let schema = format!("claim_{}", Uuid::now_v7().simple());
                server.run(&format!("CREATE SCHEMA {schema}")).await;
                let separator = if server.url.contains('?') { '&' } else { '?' };
                Self { engine, url: format!("{}{separator}options[search_path]={schema}", server.url) }
            }
        }
    }

    /// Opens it, as one process does; each further call is a further process.
    pub(crate) async fn open(&self) -> Arc<SqlStore> {
        self.try_open().await.expect("the store opens")
    }

    pub(crate) async fn try_open(&self) -> Result<Arc<SqlStore>, Error> {
        let options = Options { url: self.url.clone(), max_connections: CONNECTIONS };
        SqlStore::open(&options).await.map(Arc::new)
    }

    /// Opens it with lists that sort so much for a page.
    pub(crate) async fn open_counting(&self, counting: Counting) -> Arc<SqlStore> {
        let options = Options { url: self.url.clone(), max_connections: CONNECTIONS };
        Arc::new(SqlStore::open(&options).await.expect("the store opens").counting(counting))
    }

    /// Runs statements past the store, on a connection that stays open as long as it is held.
    pub(crate) async fn run(&self, statements: &str) -> Raw {
        // Without `mode=rwc` a database that no store has opened yet would be missing.
        let mut raw = match self.engine {
            Engine::Sqlite => Raw::Sqlite(connected(&format!("{}?mode=rwc", self.url)).await),
            Engine::Postgres => Raw::Postgres(connected(&self.url).await),
        };
        raw.run(statements).await;
        raw
    }

    /// Takes the lock under which writes are put in order, as a process in the middle of a commit has it.
    pub(crate) async fn locked(&self) -> Raw {
        match self.engine {
            Engine::Sqlite => self.run("BEGIN IMMEDIATE").await,
            Engine::Postgres => self.run("BEGIN; SELECT * FROM feed_head FOR UPDATE").await,
        }
    }
}

/// A connection past the store.
pub(crate) enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    pub(crate) async fn run(&mut self, statements: &str) {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        let outcome = match self {
            Self::Sqlite(connection) => statements.execute(connection).await.map(drop),
            Self::Postgres(connection) => statements.execute(connection).await.map(drop),
        };
        outcome.expect("the statements are right");
    }
}

/// A store on an empty database.
pub(crate) async fn empty_store(engine: Engine) -> Arc<SqlStore> {
    Place::empty(engine).await.open().await
}

async fn connected<C: Connection>(url: &str) -> C {
    C::connect(url).await.expect("the database answers")
}
