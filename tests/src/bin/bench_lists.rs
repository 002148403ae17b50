//! Prints how long pages of filtered and ordered lists take, on both engines, with so many made-up enterprises.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use e2e::bench::pages;
use e2e::services::{Engine, Registry};
use service_kit::exit;

/// Times of pages of 50 enterprises, as a client sees them.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many enterprises to register.
    #[arg(long, default_value_t = 100_000)]
    rows: u32,
    /// Which engine; both if none is named.
    #[arg(long, value_parser = ["sqlite", "postgres"])]
    engine: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    exit::ended("bench-lists", run(&Arguments::parse()).await)
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let wanted = |name: &str| arguments.engine.as_deref().is_none_or(|engine| engine == name);
    let engines = [("sqlite", Engine::Sqlite), ("postgres", Engine::Postgres)];
    for (_, engine) in engines.into_iter().filter(|(name, _)| wanted(name)) {
        let registry = Registry::start(engine);
        let took = pages::fill(&registry, arguments.rows).await?;
        say(&format!("{engine:?}: {} enterprises imported in {:.1} s", arguments.rows, took.as_secs_f32()));
        pages::vacuum(&registry, engine).await?;
        for list in pages::lists(&registry).await? {
            say(&format!("{:<80} {:>3} {:>9.2} ms", list.list(), list.found, list.seconds * 1_000.0));
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
