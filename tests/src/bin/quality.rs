//! Imports the research data through the services and prints at which percentile true partners rank.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use e2e::clients::RegistryClients;
use e2e::import::import;
use e2e::programs::program;
use e2e::research;
use e2e::services::{Engine, Matcher, Registry};
use service_kit::exit;
use uuid::Uuid;

/// Where true partners rank among all.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder with `enterprises_cn.csv` and `enterprises_pk.csv`.
    #[arg(long)]
    data: PathBuf,
    /// File of known partnerships.
    #[arg(long)]
    links: PathBuf,
}

/// The two sides of the programme.
const FILES: [&str; 2] = ["enterprises_cn.csv", "enterprises_pk.csv"];
/// Refused rows that are told one by one.
const TOLD_MAX: usize = 10;

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => exit::failed("quality", &*error),
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let registry = Registry::start(Engine::Sqlite);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    for file in FILES {
        import_file(&mut clients, &arguments.data.join(file)).await?;
    }
    // It serves as soon as it has the registry's whole snapshot.
    let matcher = Matcher::start(&registry.url());
    let mut evaluate = Command::new(program("matcher-service"));
    evaluate.arg("evaluate").arg(&arguments.links).arg("--address").arg(matcher.url());
    // Its last line is the last line of this program.
    let status = evaluate.status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn import_file(clients: &mut RegistryClients, file: &Path) -> Result<(), Box<dyn Error>> {
    let rows = research::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let imported = import(clients, &Uuid::now_v7().to_string(), rows).await?;
    eprintln!(
        "{}: {} rows, {} created, {} updated, {} unchanged, {} refused",
        file.display(),
        imported.rows(),
        imported.created,
        imported.updated,
        imported.unchanged,
        imported.refused.len()
    );
    for outcome in imported.refused.iter().take(TOLD_MAX) {
        let violations = outcome.violations.iter().map(|found| format!("{}: {}", found.field, found.description));
        let violations = violations.collect::<Vec<_>>().join("; ");
        eprintln!("  line {}: {} {violations}", outcome.row, outcome.reason().as_str_name());
    }
    if imported.refused.len() > TOLD_MAX {
        eprintln!("  … and {} more", imported.refused.len() - TOLD_MAX);
    }
    Ok(())
}
