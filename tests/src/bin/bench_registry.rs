//! Prints one table: what the registry does, on both engines, beside what the engines do by themselves.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use e2e::bench::rows::row;
use e2e::bench::table::{Figure, Table, grouped, median, rate};
use e2e::bench::{baseline, h2load, load, million, pages};
use e2e::services::{Engine, Registry};
use service_kit::exit;

/// Figures of the registry as ratios to baselines on the same machine in the same run.
#[derive(Debug, Parser)]
struct Arguments {
    /// Which engine; both if none is named.
    #[arg(long, value_parser = ["sqlite", "postgres"])]
    engine: Option<String>,
    /// Which figures; all if none is named.
    #[arg(long, value_parser = ["import", "get", "write", "page"])]
    only: Vec<String>,
    /// Imports a million enterprises, too, and tells the memory and the slowest request.
    #[arg(long)]
    million: bool,
}

/// The median of so many runs is told.
const RUNS: usize = 3;
/// Enterprises of one import.
const IMPORT_ROWS: u32 = 30_000;
/// Callers at a time.
const READERS: usize = 32;
const WRITERS: usize = 64;
/// Time of one run of reading or writing.
const RUN_TIME: Duration = Duration::from_secs(3);

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    exit::ended("bench-registry", run(&Arguments::parse()).await)
}

async fn run(arguments: &Arguments) -> Outcome<()> {
    let is_wanted = |work: &str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == work);
    let engines: &[Engine] = match arguments.engine.as_deref() {
        Some("sqlite") => &[Engine::Sqlite],
        Some(_) => &[Engine::Postgres],
        None => &[Engine::Sqlite, Engine::Postgres],
    };
    let mut table = Table::default();
    for engine in engines.iter().copied() {
        if is_wanted("import") {
            measure_import(&mut table, engine).await?;
        }
    }
    if is_wanted("get") {
        measure_gets(&mut table, engines).await?;
    }
    for engine in engines.iter().copied() {
        if is_wanted("write") {
            measure_writes(&mut table, engine).await?;
        }
        if is_wanted("page") {
            pages::measure(&mut table, engine).await?;
        }
        if arguments.million {
            million::measure(&mut table, engine).await?;
        }
    }
    print(&table.markdown());
    Ok(())
}

/// Imports into an empty registry; on Postgres beside a COPY of the same rows into the same tables.
async fn measure_import(table: &mut Table, engine: Engine) -> Outcome<()> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut registry = Registry::start(engine);
        let took = load::import(&registry.url(), (0..IMPORT_ROWS).map(row).collect()).await?;
        ours.push(rate(IMPORT_ROWS as usize, took));
        registry.terminate();
        if engine == Engine::Postgres {
            theirs.push(rate(IMPORT_ROWS as usize, baseline::copy_back(registry.database_url()).await?));
        }
    }
    let ours = median(ours);
    let (baseline, ratio, wanted) = match engine {
        Engine::Postgres => {
            let copy = median(theirs);
            (format!("COPY: {} rows/s", grouped(copy)), Some(ours / copy), "ratio >= 0.5")
        }
        Engine::Sqlite => (String::new(), None, ">= 20,000 rows/s"),
    };
    let work = format!("import of {}, feed and look-alikes included", grouped(f64::from(IMPORT_ROWS)));
    let figure = format!("{} rows/s", grouped(ours));
    table.add(Figure { work: &work, engine: engine.name(), figure, baseline, ratio, wanted });
    Ok(())
}

/// Reads records one by one beside `pgbench -S`, in turns; over gRPC by `h2load`.
async fn measure_gets(table: &mut Table, engines: &[Engine]) -> Outcome<()> {
    let registries: Vec<Registry> = engines.iter().map(|engine| Registry::start(*engine)).collect();
    for registry in &registries {
        load::import(&registry.url(), (0..IMPORT_ROWS).map(row).collect()).await?;
    }
    let mut ours = vec![Vec::new(); engines.len()];
    let mut stores = vec![Vec::new(); engines.len()];
    let mut theirs = Ok(Vec::new());
    for _ in 0..RUNS {
        if let Ok(figures) = &mut theirs {
            match baseline::pgbench_select(READERS, RUN_TIME.as_secs()) {
                Ok(figure) => figures.push(figure),
                Err(problem) => theirs = Err(problem.to_string()),
            }
        }
        for (at, registry) in registries.iter().enumerate() {
            ours[at].push(h2load::gets(&registry.url(), READERS, IMPORT_ROWS, RUN_TIME)?);
            stores[at].push(load::store_gets(registry.database_url(), READERS, IMPORT_ROWS, RUN_TIME).await?);
        }
    }
    let theirs = theirs.map(median);
    let baseline = match &theirs {
        Ok(figure) => format!("pgbench -S: {} /s", grouped(*figure)),
        Err(problem) => problem.clone(),
    };
    for (engine, (ours, stores)) in engines.iter().zip(ours.into_iter().zip(stores)) {
        for (what, figures) in [("over loopback by h2load", ours), ("by the store alone", stores)] {
            let figure = median(figures);
            table.add(Figure {
                work: &format!("Get, {READERS} callers, {what}"),
                engine: engine.name(),
                figure: format!("{} /s", grouped(figure)),
                baseline: baseline.clone(),
                ratio: theirs.as_ref().ok().map(|theirs| figure / theirs),
                wanted: "ratio >= 2",
            });
        }
    }
    Ok(())
}

/// Creates records by many writers beside a loop of single commits, in turns.
async fn measure_writes(table: &mut Table, engine: Engine) -> Outcome<()> {
    let registry = Registry::start(engine);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..RUNS as u32 {
        theirs.push(baseline::single_commits(engine, RUN_TIME).await?);
        ours.push(load::creations(&registry.url(), WRITERS, round * 1_000_000, RUN_TIME).await?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    table.add(Figure {
        work: &format!("Create, durable, {WRITERS} writers"),
        engine: engine.name(),
        figure: format!("{} /s", grouped(ours)),
        baseline: format!("a flush a commit: {} /s", grouped(theirs)),
        ratio: Some(ours / theirs),
        wanted: "ratio >= 10",
    });
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn print(table: &str) {
    print!("{table}");
}
