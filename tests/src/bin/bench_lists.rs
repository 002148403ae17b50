//! Prints how long pages of filtered and ordered lists take, on both engines, with so many made-up enterprises.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use e2e::clients::RegistryClients;
use e2e::import::import;
use e2e::services::{Engine, Registry};
use proto::registry::v1::{Activity, Enterprise, ImportRow, ListEnterprisesRequest, Product};
use uuid::Uuid;

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

/// Rows of one import, so that they need not all be in memory.
const PART_ROWS: u32 = 20_000;
/// The median of so many calls is told.
const CALLS: usize = 21;

/// What is listed, and in which order. Nine in ten enterprises are in China, one in 500 is certified.
const LISTS: [(&str, &str); 25] = [
    ("", ""),
    ("", "display_name"),
    ("", "create_time desc"),
    ("region_code = PK", ""),
    ("region_code = PK", "display_name"),
    ("city = 'City 7'", ""),
    ("city = 'City 7*'", "display_name"),
    ("subdivision_code = 'CN-ZJ'", ""),
    ("state = ACTIVE", ""),
    ("state = DRAFT", ""),
    ("display_name = 'Silk 7*'", ""),
    ("display_name = 'Silk*'", "display_name"),
    ("industries:new-energy", ""),
    ("industries:new-energy", "display_name"),
    ("certifications:'ISO 9001'", ""),
    ("certifications:'ISO 9001'", "display_name"),
    ("isic:27", ""),
    ("isic:27", "display_name"),
    ("isic:27 OR hs:85", ""),
    ("region_code = PK AND isic:27", ""),
    ("region_code = PK AND isic:27", "update_time desc"),
    ("region_code = CN AND industries:new-energy AND NOT isic:27", "display_name"),
    ("founded_year < 1952", ""),
    ("create_time > '2020-01-01T00:00:00Z'", ""),
    ("update_time > '2020-01-01T00:00:00Z' AND state != DRAFT", "update_time"),
];

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let wanted = |name: &str| arguments.engine.as_deref().is_none_or(|engine| engine == name);
    let engines = [("sqlite", Engine::Sqlite), ("postgres", Engine::Postgres)];
    for (_, engine) in engines.into_iter().filter(|(name, _)| wanted(name)) {
        let registry = Registry::start(engine);
        let mut clients = RegistryClients::connect(&registry.url()).await;
        let began = Instant::now();
        for first in (0..arguments.rows).step_by(PART_ROWS as usize) {
            let rows = (first..arguments.rows.min(first + PART_ROWS)).map(row).collect();
            let imported = import(&mut clients, &Uuid::now_v7().to_string(), rows).await?;
            if let Some(refused) = imported.refused.first() {
                return Err(format!("a row was refused: {refused:?}").into());
            }
        }
        say(&format!("{engine:?}: {} enterprises imported in {:.1} s", arguments.rows, began.elapsed().as_secs_f32()));
        for (filter, order_by) in LISTS {
            let request = ListEnterprisesRequest {
                filter: filter.to_owned(),
                order_by: order_by.to_owned(),
                ..ListEnterprisesRequest::default()
            };
            let (median, found) = measured(&mut clients, &request).await?;
            let by = if order_by.is_empty() { "name" } else { order_by };
            say(&format!("{:<62} {by:<17} {found:>3} {:>9.2} ms", filter, median.as_secs_f64() * 1_000.0));
        }
    }
    Ok(())
}

/// The median time of a page, and how many enterprises it has.
async fn measured(
    clients: &mut RegistryClients,
    request: &ListEnterprisesRequest,
) -> Result<(Duration, usize), Box<dyn Error>> {
    let mut times = Vec::with_capacity(CALLS);
    let mut found = 0;
    for _ in 0..CALLS {
        let began = Instant::now();
        let page = clients.enterprises.list_enterprises(request.clone()).await?.into_inner();
        times.push(began.elapsed());
        found = page.enterprises.len();
    }
    times.sort();
    Ok((times[CALLS / 2], found))
}

/// An enterprise made of its number, the same in every run.
fn row(number: u32) -> ImportRow {
    // Spreads numbers over all bits, so that neighbors differ.
    let mut draw = u64::from(number).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    draw ^= draw >> 29;
    let id = draw;
    let mut drawn = |count: u64| {
        draw = draw.wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ (draw >> 31);
        (draw >> 33) % count
    };
    let region = match drawn(100) {
        0..90 => "CN",
        90..98 => "PK",
        _ => "AE",
    };
    let word = ["Silk", "Steel", "Solar", "Spice", "Ship"][usize::try_from(drawn(5)).unwrap_or_default()];
    let division = ["13", "27", "26", "10", "62"][usize::try_from(drawn(50).min(4)).unwrap_or_default()];
    let industry = if drawn(3) == 0 { "industries/ai" } else { "industries/new-energy" };
    let enterprise = Enterprise {
        display_name: format!("{word} {} of {region} {number}", drawn(100_000)),
        region_code: region.to_owned(),
        subdivision_code: if region == "CN" && drawn(4) == 0 { "CN-ZJ".to_owned() } else { String::new() },
        city: if drawn(3) == 0 { format!("City {}", drawn(300)) } else { String::new() },
        activities: vec![Activity { isic_code: division.to_owned(), primary: true, ..Activity::default() }],
        products: vec![Product { hs_code: format!("{:02}{:02}", 1 + drawn(76), 1 + drawn(20)), ..Product::default() }],
        industries: vec![industry.to_owned()],
        founded_year: if drawn(2) == 0 { 1950 + i32::try_from(drawn(70)).unwrap_or_default() } else { 0 },
        language_codes: vec!["en".to_owned()],
        certifications: if drawn(500) == 0 { vec!["ISO 9001".to_owned()] } else { Vec::new() },
        description: "Makes and sells what its name says, at home and abroad. ".repeat(4),
        ..Enterprise::default()
    };
    let enterprise_id = format!("{}-{id:016x}", region.to_ascii_lowercase());
    ImportRow { row: i64::from(number), enterprise_id, enterprise: Some(enterprise) }
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
