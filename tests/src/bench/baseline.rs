//! What the figures are held against: the engines by themselves, on the same machine in the same run.

use std::error::Error;
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolCopyExt};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool, SqliteConnection};
use tokio_stream::StreamExt;

use super::table::rate;
use crate::postgres::Database;
use crate::services::Engine;
use crate::warden::guarded_folder;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Copies every table of a registry's database out, empties them all and copies them back in, in one transaction; answers
/// with the time of the way in. Nobody else may use the database.
pub async fn copy_back(url: &str) -> Outcome<Duration> {
    let pool = PgPool::connect(url).await?;
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'",
    )
    .fetch_all(&pool)
    .await?;
    let mut contents = Vec::new();
    for (table,) in &tables {
        let mut parts = pool.copy_out_raw(&format!("COPY {table} TO STDOUT")).await?;
        let mut content = Vec::new();
        while let Some(part) = parts.next().await {
            content.extend_from_slice(&part?);
        }
        contents.push((table, content));
    }
    let mut connection = pool.acquire().await?.detach();
    for (table,) in &tables {
        sqlx::raw_sql(AssertSqlSafe(format!("TRUNCATE {table}"))).execute(&mut connection).await?;
    }
    sqlx::raw_sql("CHECKPOINT").execute(&mut connection).await?;

    let began = Instant::now();
    let mut transaction = connection.begin().await?;
    for (table, content) in &contents {
        let mut copy = transaction.copy_in_raw(&format!("COPY {table} FROM STDIN")).await?;
        for part in content.chunks(1 << 20) {
            copy.send(part).await?;
        }
        copy.finish().await?;
    }
    transaction.commit().await?;
    Ok(began.elapsed())
}

/// Transactions a second of `pgbench -S` with so many clients; an error says why there is no figure.
pub fn pgbench_select(clients: usize, seconds: u64) -> Outcome<f64> {
    let database = Database::fresh();
    let program = pgbench()?;
    let call = |arguments: &[&str]| -> Outcome<String> {
        let output = Command::new(&program).args(arguments).arg(database.url()).output()?;
        if output.status.success() {
            return Ok(String::from_utf8(output.stdout)?);
        }
        Err(format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr)).into())
    };
    call(&["-i", "-q", "-s", "10"])?;
    let said = call(&["-S", "-n", "-c", &clients.to_string(), "-j", "2", "-T", &seconds.to_string()])?;
    let figure = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let figure = figure.and_then(|rest| rest.split(' ').next());
    Ok(figure.ok_or("pgbench told no figure")?.parse()?)
}

/// The program, in the path or beside the programs of the server.
fn pgbench() -> Outcome<String> {
    let beside = run_text("pg_config", &["--bindir"]).map(|folder| format!("{}/pgbench", folder.trim()));
    let found = ["pgbench".to_owned()].into_iter().chain(beside).find(|path| run_text(path, &["--version"]).is_some());
    Ok(found.ok_or("pgbench is not installed")?)
}

fn run_text(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// Durable commits a second of a loop that inserts one row of the size of a record each time, and flushes it.
pub async fn single_commits(engine: Engine, time: Duration) -> Outcome<f64> {
    const TABLE: &str = "CREATE TABLE records (id BIGINT PRIMARY KEY, data TEXT NOT NULL)";
    const INSERT: &str = "INSERT INTO records VALUES ($1, $2)";
    let data = "x".repeat(500);
    let mut count = 0;
    match engine {
        Engine::Postgres => {
            let options: PgConnectOptions = Database::fresh().url().parse()?;
            let mut connection: PgConnection = options.options([("synchronous_commit", "on")]).connect().await?;
            sqlx::query(TABLE).execute(&mut connection).await?;
            let began = Instant::now();
            while began.elapsed() < time {
                sqlx::query(INSERT).bind(count as i64).bind(&data).execute(&mut connection).await?;
                count += 1;
            }
            Ok(rate(count, began.elapsed()))
        }
        Engine::Sqlite => {
            let options = SqliteConnectOptions::new()
                .filename(guarded_folder("commits-").join("commits.db"))
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full);
            let mut connection: SqliteConnection = options.connect().await?;
            sqlx::query(TABLE).execute(&mut connection).await?;
            let began = Instant::now();
            while began.elapsed() < time {
                sqlx::query(INSERT).bind(count as i64).bind(&data).execute(&mut connection).await?;
                count += 1;
            }
            Ok(rate(count, began.elapsed()))
        }
    }
}
