//! Connections: what each engine must be told so that the promises of the store hold.

use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions,
};
use sea_orm_migration::MigratorTrait;
use sqlx::Connection;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use tracing::warn;

use super::failure::{failed, is_conflict};
use super::migration::Migrator;
use crate::store::Error;

/// Where the database is and how much of it to use.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://path/to/file.db` or `postgres://user:password@host/database`.
    pub url: String,
    /// Most connections for reading; writing has one of its own.
    pub max_connections: u32,
}

/// Longest wait for a free connection: a caller is better told to come again than kept waiting.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait for a connection that is given back to answer; the pool itself would wait for ever and keep its place.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest time of one statement on Postgres; ours take milliseconds.
const STATEMENT_TIMEOUT_MS: &str = "15000";
/// Longest wait for a lock on Postgres; the head is held for one group of writes.
const LOCK_TIMEOUT_MS: &str = "10000";
/// A transaction of a process that hangs must not hold the head for ever. A snapshot waits for its consumer at most 30 s
/// a message, and a part of it is few messages.
const IDLE_IN_TRANSACTION_TIMEOUT_MS: &str = "45000";
/// Longest wait for another process's lock on SQLite.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Filters differ, so most statements of a list are prepared once and never again; a large cache of them would only fill
/// the memory of both sides.
const STATEMENT_CACHE: usize = 32;
/// Statements by key have few texts, see `bulk`: some lengths for each table.
const KEYED_STATEMENT_CACHE: usize = 256;
/// Most connections to Postgres for reads by key, which take little time.
const KEYED_CONNECTIONS_MAX: u32 = 4;
/// Pages that SQLite's log grows by before a commit copies them into the database: 64 MiB, for which a page that many
/// commits change is copied once.
const LOG_PAGES: &str = "16000";
/// Memory for pages of the one connection that writes to SQLite, in KiB: the upper pages of every index.
const WRITER_CACHE_KIB: &str = "-32768";
/// The same for one that reads: the rows of some pages, too. What it does not hold is read out of the system's memory.
/// Mapping the file would spare the calls, but then each connection's share of it counted as memory of this process: 1 GiB
/// at a million records.
const READER_CACHE_KIB: &str = "-4096";
/// Rows that SQLite's thread may be ahead of who reads them; at the 50 of the library the two change turns all the time.
const ROW_BUFFER: usize = 1_000;
/// What makes Postgres read the tables of a list in the order in which the statement names them, row by row, through the
/// indexes that have the wanted order: the way was chosen by counting. Left to itself it would choose by statistics, which
/// it has not of what was imported a minute ago; a page then takes a second instead of a millisecond.
const AS_WRITTEN: [(&str, &str); 10] = [
    ("join_collapse_limit", "1"),
    ("from_collapse_limit", "1"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_material", "off"),
    ("enable_memoize", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_sort", "off"),
    ("max_parallel_workers_per_gather", "0"),
    // Sets of keys are hashed; such as would not fit were compared one by one.
    ("work_mem", "16MB"),
];
/// Two registries that start at once on an empty database race for it and for its tables; the loser finds them made.
const START_ATTEMPTS: u32 = 5;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Lists and scans.
    Lists,
    /// Reads by key: there is one way.
    Keys,
    /// The one that writes, by key too.
    Writes,
}

/// A pool to read lists, one to read by key, one connection to write.
#[derive(Clone)]
pub(super) struct Pools {
    options: Options,
    pub(super) read: DatabaseConnection,
    pub(super) keyed: DatabaseConnection,
    pub(super) write: DatabaseConnection,
}

impl Pools {
    /// Connects and brings the tables up to date.
    pub(super) async fn connect(options: &Options) -> Result<Self, Error> {
        let in_memory = options.url.contains(":memory:") || options.url.contains("mode=memory");
        if in_memory {
            return Err(Error::Broken("an in-memory database cannot be shared by connections".to_owned()));
        }
        let write = first_connection(options).await.map_err(failed)?;
        migrate(&write).await?;
        let read = Database::connect(connect_options(options, Purpose::Lists)).await.map_err(failed)?;
        let keyed = match read.get_database_backend() {
            DbBackend::Postgres => Database::connect(connect_options(options, Purpose::Keys)).await.map_err(failed)?,
            _ => read.clone(),
        };
        Ok(Self { options: options.clone(), read, keyed, write })
    }

    /// A new connection to write, in place of one that no longer answers: it would keep the only place of its pool.
    pub(super) async fn renew_write(&mut self) -> Result<(), Error> {
        self.write = Database::connect(connect_options(&self.options, Purpose::Writes)).await.map_err(failed)?;
        Ok(())
    }

    /// A transaction that writes. SQLite takes its lock at once: taking it later fails at once if somebody else wrote in
    /// between, whatever the busy timeout. Postgres is put in order by the lock on the head.
    pub(super) fn writing(&self) -> TransactionOptions {
        TransactionOptions {
            sqlite_transaction_mode: self.on_sqlite(SqliteTransactionMode::Immediate),
            ..Default::default()
        }
    }

    /// A transaction that reads, all of it as of one revision.
    pub(super) fn reading(&self) -> TransactionOptions {
        match self.read.get_database_backend() {
            DbBackend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                sqlite_transaction_mode: None,
            },
            // A SQLite transaction in WAL mode sees one snapshot from its first read on.
            _ => TransactionOptions {
                sqlite_transaction_mode: self.on_sqlite(SqliteTransactionMode::Deferred),
                ..Default::default()
            },
        }
    }

    fn on_sqlite(&self, mode: SqliteTransactionMode) -> Option<SqliteTransactionMode> {
        (self.read.get_database_backend() == DbBackend::Sqlite).then_some(mode)
    }

    pub(super) async fn close(&self) {
        for pool in [&self.write, &self.keyed, &self.read] {
            if let Err(error) = pool.clone().close().await {
                warn!(%error, "a database pool did not close");
            }
        }
    }
}

fn connect_options(options: &Options, purpose: Purpose) -> ConnectOptions {
    let max_connections = match purpose {
        Purpose::Lists => options.max_connections,
        Purpose::Keys => options.max_connections.min(KEYED_CONNECTIONS_MAX),
        Purpose::Writes => 1,
    };
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .max_connections(max_connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false)
        // Statements hold what callers sent; that belongs in no trace.
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let cache = if purpose == Purpose::Writes { WRITER_CACHE_KIB } else { READER_CACHE_KIB };
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // `OK` means durable: NORMAL would lose the last commits with the power.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY_TIMEOUT)
                .row_buffer_size(ROW_BUFFER)
                .statement_cache_capacity(KEYED_STATEMENT_CACHE)
                .pragma("cache_size", cache)
                .pragma("temp_store", "memory")
                .pragma("wal_autocheckpoint", LOG_PAGES)
        })
        .map_sqlx_postgres_pool_opts(|pool| {
            pool.after_release(|connection, _| {
                Box::pin(async move {
                    let answered = tokio::time::timeout(RELEASE_TIMEOUT, connection.ping()).await;
                    // An error closes the connection at once, which frees its place.
                    answered.map_err(|_| sqlx::Error::PoolTimedOut)?.map(|()| true)
                })
            })
        })
        .map_sqlx_postgres_opts(move |postgres| {
            let cache = if purpose == Purpose::Lists { STATEMENT_CACHE } else { KEYED_STATEMENT_CACHE };
            let postgres = postgres.application_name("registry-service").statement_cache_capacity(cache);
            let postgres = if purpose == Purpose::Lists { postgres.options(AS_WRITTEN) } else { postgres };
            postgres.options([
                ("statement_timeout", STATEMENT_TIMEOUT_MS),
                ("lock_timeout", LOCK_TIMEOUT_MS),
                ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT_MS),
                ("synchronous_commit", "on"),
                // There is one way to read by key, and a list's is written into its statement; neither need be found
                // again. Without statistics of a young table Postgres would take either for one to read from end to end.
                ("plan_cache_mode", "force_generic_plan"),
                ("enable_seqscan", "off"),
                // A page is read before code is compiled for it.
                ("jit", "off"),
            ])
        });
    connect
}

/// The first connection of all. Where several are made to an empty database of SQLite at once, one of them turns the log on,
/// and the others find it locked without waiting, whatever the busy timeout.
async fn first_connection(options: &Options) -> Result<DatabaseConnection, DbErr> {
    repeated(is_conflict, || Database::connect(connect_options(options, Purpose::Writes))).await
}

async fn migrate(connection: &DatabaseConnection) -> Result<(), Error> {
    repeated(|_| true, || Migrator::up(connection, None)).await.map_err(failed)
}

/// Tries a step of the start again while it fails in a way that may pass.
async fn repeated<T, A>(may_pass: impl Fn(&DbErr) -> bool, step: impl Fn() -> A) -> Result<T, DbErr>
where
    A: Future<Output = Result<T, DbErr>>,
{
    let mut attempt = 1;
    loop {
        match step().await {
            Err(error) if attempt < START_ATTEMPTS && may_pass(&error) => {
                warn!(%error, attempt, "the database could not be opened or brought up to date, trying again");
                tokio::time::sleep(Duration::from_millis(200) * attempt).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}
