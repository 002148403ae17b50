//! The matcher service: finds partners across borders, exactly, and explains them. Here is its command line.
//!
//! Modules import to the right only: `server`, `evaluate` and `yardstick`, `feed` and `grpc` and `pair`, `wire`, `matcher`,
//! `index` and `pairing` and `scoring`, `domain`.

mod domain;
mod evaluate;
mod feed;
mod grpc;
mod index;
mod matcher;
mod pair;
mod pairing;
mod scoring;
mod server;
mod wire;
pub mod yardstick;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use service_kit::{exit, health};

/// Finds partners across borders, exactly, and explains them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Settings file (TOML); the environment `MATCHER__SECTION__KEY` overrides it.
    #[arg(long, global = true, env = "MATCHER_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM (the default).
    Serve,
    /// Ask a running matcher for the best whole pairing of two sides, verify it and print it as a table.
    Pair(pair::Options),
    /// Measure how high a running matcher ranks the partners of known partnerships.
    Evaluate(evaluate::Options),
    /// Ask a running matcher whether it serves; for container health checks.
    Health {
        /// Where the matcher listens.
        #[arg(long, default_value = "http://127.0.0.1:50052")]
        address: String,
    },
}

/// What still runs when the server has ended may take so long to stop.
const RUNTIME_SHUTDOWN: Duration = Duration::from_secs(1);

/// Does what the command line says.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let outcome: Result<(), Box<dyn Error>> = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => match server::Settings::load(arguments.config) {
            Ok(settings) => runtime.block_on(server::serve(settings)).map_err(Into::into),
            Err(error) => Err(error.into()),
        },
        Command::Pair(options) => runtime.block_on(pair::run(&options)).map_err(Into::into),
        Command::Evaluate(options) => runtime.block_on(evaluate::run(&options)).map_err(Into::into),
        Command::Health { address } => runtime.block_on(health::check(&address)).map_err(Into::into),
    };
    runtime.shutdown_timeout(RUNTIME_SHUTDOWN);
    outcome.map_or_else(|error| failed(error.as_ref()), |()| ExitCode::SUCCESS)
}

fn failed(error: &dyn Error) -> ExitCode {
    exit::failed("matcher-service", error)
}
