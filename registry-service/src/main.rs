//! The command line of registry-service.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use registry_service::{export, import, server};
use service_kit::{exit, health};

/// What one thread allocates another frees here, all the time: statements and rows go from task to task. SQLite, too,
/// allocates by it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Remembers enterprises and what they offer and ask for, and streams every change.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Settings file (TOML); the environment `REGISTRY__SECTION__KEY` overrides it.
    #[arg(long, global = true, env = "REGISTRY_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM (the default).
    Serve,
    /// Import a CSV file of enterprises or opportunities, or what `export` wrote, into a running registry.
    Import {
        /// The file: `.binpb` is an export, anything else CSV, whose header says what it holds.
        file: PathBuf,
        /// Take an export over with all that the other registry had assigned: uids, states, times, offices.
        #[arg(long)]
        restore: bool,
        /// Where the registry listens.
        #[arg(long, default_value = "http://127.0.0.1:50051")]
        address: String,
        /// File with the token to show the registry.
        #[arg(long, env = "CORRIDOR_TOKEN_FILE")]
        token_file: Option<PathBuf>,
    },
    /// Write every live enterprise of a running registry to a file, all as of one revision.
    Export {
        /// The file, to be called `.binpb`: `corridor.registry.v1.Enterprise` messages, each after its length.
        file: PathBuf,
        /// Only the enterprises that pass this AIP-160 filter.
        #[arg(long, default_value = "")]
        filter: String,
        /// Where the registry listens.
        #[arg(long, default_value = "http://127.0.0.1:50051")]
        address: String,
        /// File with the token to show the registry.
        #[arg(long, env = "CORRIDOR_TOKEN_FILE")]
        token_file: Option<PathBuf>,
    },
    /// Ask a running registry whether it serves; for container health checks.
    Health {
        /// Where the registry listens.
        #[arg(long, default_value = "http://127.0.0.1:50051")]
        address: String,
    },
}

/// What still runs when the server has ended may take so long to stop.
const RUNTIME_SHUTDOWN: Duration = Duration::from_secs(1);
/// An import that refused rows.
const SOME_REFUSED: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let outcome = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => match server::Settings::load(arguments.config) {
            Ok(settings) => {
                runtime.block_on(server::serve(settings)).map_or_else(|e| failed(&e), |()| ExitCode::SUCCESS)
            }
            Err(error) => failed(&error),
        },
        Command::Import { file, restore, address, token_file } => {
            match runtime.block_on(import::run(&file, &address, token_file.as_deref(), restore)) {
                Ok(import::Summary { refused: 0, .. }) => ExitCode::SUCCESS,
                Ok(_) => ExitCode::from(SOME_REFUSED),
                Err(error) => failed(&error),
            }
        }
        Command::Export { file, filter, address, token_file } => {
            let exported = runtime.block_on(export::run(&file, filter, &address, token_file.as_deref()));
            exported.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
        }
        Command::Health { address } => {
            runtime.block_on(health::check(&address)).map_or_else(|e| failed(&e), |()| ExitCode::SUCCESS)
        }
    };
    runtime.shutdown_timeout(RUNTIME_SHUTDOWN);
    outcome
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    exit::failed("registry-service", error)
}
