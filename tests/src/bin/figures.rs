//! Prints how long the services take to start and to import, and how much memory they hold, on both engines.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use e2e::clients::{RegistryClients, matcher};
use e2e::import::import;
use e2e::process::Process;
use e2e::research;
use e2e::services::{Engine, Matcher, Pair, Registry};
use proto::matcher::v1::GetIndexRequest;
use proto::registry::v1::{GetChangeFeedRequest, ImportRow};
use service_kit::exit;
use uuid::Uuid;

/// Start-up, import and memory figures of this build.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder with the research data, `enterprises_cn.csv` and its kin.
    #[arg(long)]
    data: PathBuf,
}

/// Files that the rows come from, until there are enough.
const FILES: [&str; 3] = ["enterprises_cn.csv", "enterprises_pk.csv", "enterprises_oic.csv"];
const ROWS: usize = 10_000;
const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];
/// The median of so many starts is told.
const STARTS: usize = 5;

#[tokio::main]
async fn main() -> ExitCode {
    exit::ended("figures", run(&Arguments::parse()).await)
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    for file in FILES {
        let file = arguments.data.join(file);
        rows.extend(research::read(&file).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    rows.truncate(ROWS);

    for engine in ENGINES {
        let mut times = (0..STARTS).map(|_| time_to_serve(engine)).collect::<Vec<_>>();
        times.sort();
        tell(&format!("{engine:?}: registry to SERVING on an empty database"), times[STARTS / 2]);
    }
    for engine in ENGINES {
        measure_import(engine, rows.clone()).await?;
    }

    let pair = Pair::start_with_samples(Engine::Sqlite);
    tell_memory("with the samples: registry", pair.registry.process());
    tell_memory("with the samples: matcher", pair.matcher.process());
    Ok(())
}

fn time_to_serve(engine: Engine) -> Duration {
    let mut registry = Registry::prepare(engine);
    let began = Instant::now();
    registry.start_again();
    began.elapsed()
}

/// Imports the rows while a matcher follows, and tells how long both took.
async fn measure_import(engine: Engine, rows: Vec<ImportRow>) -> Result<(), Box<dyn Error>> {
    let count = rows.len();
    let registry = Registry::start(engine);
    let follower = Matcher::start(&registry.url());
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let mut index = matcher(&follower.url()).await;

    let began = Instant::now();
    let imported = import(&mut clients, &Uuid::now_v7().to_string(), rows).await?;
    let took = began.elapsed();
    let stored = imported.created;
    tell(&format!("{engine:?}: import of {count} enterprises ({stored} created)"), took);

    let head = clients.feed.get_change_feed(GetChangeFeedRequest {}).await?.into_inner().head_revision;
    while index.get_index(GetIndexRequest {}).await?.into_inner().revision < head {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tell(&format!("{engine:?}: the matcher has them, after the last row"), began.elapsed() - took);
    let held = index.get_index(GetIndexRequest {}).await?.into_inner();
    say(&format!("{engine:?}: the matcher's copy holds {} enterprises in", held.enterprises), held.bytes / 1024, "KiB");
    tell_memory(&format!("{engine:?}, with {count} enterprises: registry"), registry.process());
    tell_memory(&format!("{engine:?}, with {count} enterprises: matcher"), follower.process());
    Ok(())
}

fn tell(what: &str, time: Duration) {
    say(what, time.as_millis(), "ms");
}

fn tell_memory(what: &str, process: &Process) {
    say(&format!("{what}, resident memory"), process.resident_kib() / 1024, "MiB");
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn say(what: &str, figure: impl std::fmt::Display, unit: &str) {
    println!("{what:<70} {figure:>8} {unit}");
}
