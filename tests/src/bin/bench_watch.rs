//! Prints how many events a second the change feed gives to each of several watchers, behind the ring and within it.

use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use e2e::clients::{RegistryClients, enterprise};
use e2e::import::import;
use e2e::services::{Engine, Registry};
use e2e::watch::watch;
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use proto::registry::v1::{Enterprise, GetChangeFeedRequest, ImportRow, Product};
use service_kit::exit;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Throughput of the change feed. An event is one change of one enterprise, decoded by its watcher.
#[derive(Debug, Parser)]
struct Arguments {
    /// Enterprises to import; each is one event.
    #[arg(long, default_value_t = 100_000)]
    events: usize,
    /// Watchers at a time, each on a connection of its own.
    #[arg(long, default_value_t = 4)]
    watchers: usize,
    /// Keep the records in Postgres instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

/// Newest events that are surely still in the ring.
const RING_EVENTS: usize = 5_000;
/// Times that a watcher reads them.
const RING_ROUNDS: usize = 20;
/// Clock ticks a second in `/proc`, on every Linux.
const TICKS: u64 = 100;

#[tokio::main]
async fn main() -> ExitCode {
    exit::ended("bench-watch", run(&Arguments::parse()).await)
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let engine = if arguments.postgres { Engine::Postgres } else { Engine::Sqlite };
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let before = head(&mut clients).await?;
    let began = Instant::now();
    import(&mut clients, &Uuid::now_v7().to_string(), rows(0, arguments.events - RING_EVENTS)).await?;
    let within = head(&mut clients).await?;
    import(&mut clients, &Uuid::now_v7().to_string(), rows(arguments.events - RING_EVENTS, RING_EVENTS)).await?;
    say("import", arguments.events, began.elapsed(), "events/s");

    measure(&registry, "from the table", arguments.watchers, &before, arguments.events, 1).await?;
    measure(&registry, "from the ring", arguments.watchers, &within, RING_EVENTS, RING_ROUNDS).await
}

/// Lets the watchers read `events` events after a token, so many times over, all at once.
async fn measure(
    registry: &Registry,
    what: &str,
    watchers: usize,
    token: &str,
    events: usize,
    rounds: usize,
) -> Result<(), Box<dyn Error>> {
    let ticks = cpu_ticks(registry);
    let mut running = JoinSet::new();
    for _ in 0..watchers {
        running.spawn(read(registry.url(), token.to_owned(), events, rounds));
    }
    let mut slowest = Duration::ZERO;
    while let Some(took) = running.join_next().await {
        slowest = slowest.max(took??);
    }
    say(&format!("{what}, the slowest of {watchers} watchers"), events * rounds, slowest, "events/s");
    let used = Duration::from_millis((cpu_ticks(registry) - ticks) * 1_000 / TICKS);
    let each = used.as_nanos() as usize / (events * rounds * watchers);
    tell(&format!("{what}, processor time of the registry"), each, "ns an event and watcher");
    Ok(())
}

async fn read(url: String, token: String, events: usize, rounds: usize) -> Result<Duration, String> {
    let mut clients = RegistryClients::connect(&url).await;
    let began = Instant::now();
    for _ in 0..rounds {
        let start = Start::FromToken(token.clone());
        let mut stream = watch(&mut clients, start).await.map_err(|status| status.to_string())?;
        let mut seen = 0;
        while seen < events {
            let message = stream.message().await.map_err(|status| status.to_string())?;
            let event = message.and_then(|message| message.event).ok_or("the stream ended by itself")?;
            if let Event::Revisions(revisions) = event {
                seen += revisions.revisions.iter().map(|revision| revision.changes.len()).sum::<usize>();
            }
        }
    }
    Ok(began.elapsed())
}

async fn head(clients: &mut RegistryClients) -> Result<String, Box<dyn Error>> {
    Ok(clients.feed.get_change_feed(GetChangeFeedRequest {}).await?.into_inner().head_token)
}

/// Enterprises as large as usual ones.
fn rows(first: usize, count: usize) -> Vec<ImportRow> {
    let row = |number: usize| {
        let name = format!("Manufacturer of machines number {number}");
        let record = Enterprise {
            city: "Faisalabad".to_owned(),
            products: vec![Product { hs_code: "8445".to_owned(), title: "Machines for textile fibers".to_owned() }],
            founded_year: 1998,
            language_codes: vec!["en".to_owned(), "ur".to_owned()],
            website_uri: format!("https://www.manufacturer-{number}.example.com"),
            description: "Builds machines that prepare, spin and weave textile fibers, and repairs them.".to_owned(),
            ..enterprise(&name, "PK", "28")
        };
        ImportRow { row: number as i64, enterprise_id: format!("m{number}"), enterprise: Some(record) }
    };
    (first..first + count).map(row).collect()
}

/// Processor time that the registry has used, in ticks; 0 where the system has no `/proc`.
fn cpu_ticks(registry: &Registry) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", registry.process().pid())).unwrap_or_default();
    // After the name in parentheses, which may hold blanks: the state, then utime and stime as 11th and 12th of the rest.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn say(what: &str, events: usize, took: Duration, unit: &str) {
    let rate = events as f64 / took.as_secs_f64();
    tell(what, rate as usize, unit);
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn tell(what: &str, figure: usize, unit: &str) {
    println!("{what:<60} {figure:>9} {unit}");
}
