//! How long pages of filtered and ordered lists take.

use std::error::Error;
use std::time::{Duration, Instant};

use proto::registry::v1::ListEnterprisesRequest;

use super::load;
use super::rows::row;
use super::table::{Figure, Table, grouped};
use crate::clients::RegistryClients;
use crate::services::{Engine, Registry};

/// Enterprises that the pages are of.
pub const ROWS: u32 = 100_000;
/// Rows of one import, so that they need not all be in memory.
const PART_ROWS: u32 = 20_000;
/// The median of so many calls is told.
const CALLS: usize = 11;

/// What is listed, and in which order. Nine in ten enterprises are in China, one in 500 is certified.
pub const LISTS: [(&str, &str); 25] = [
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

/// Adds how long the slowest of [`LISTS`] takes.
///
/// # Errors
///
/// If the registry refuses something.
pub async fn measure(table: &mut Table, engine: Engine) -> Result<(), Box<dyn Error>> {
    let registry = Registry::start(engine);
    fill(&registry, ROWS).await?;
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let mut slowest = (Duration::ZERO, "", "");
    for (filter, order_by) in LISTS {
        let (median, _) = measured(&mut clients, filter, order_by).await?;
        slowest = slowest.max((median, filter, order_by));
    }
    let (time, filter, order_by) = slowest;
    let by = if order_by.is_empty() { String::new() } else { format!(" by {order_by}") };
    table.add(Figure {
        work: &format!("page of 50 of {}, the slowest of {} lists", grouped(f64::from(ROWS)), LISTS.len()),
        engine: engine.name(),
        figure: format!("{:.1} ms ({filter}{by})", time.as_secs_f64() * 1_000.0),
        baseline: String::new(),
        ratio: None,
        wanted: "< 20 ms",
    });
    Ok(())
}

/// Imports the first so many rows.
///
/// # Errors
///
/// If one is refused.
pub async fn fill(registry: &Registry, rows: u32) -> Result<Duration, Box<dyn Error>> {
    let mut took = Duration::ZERO;
    for first in (0..rows).step_by(PART_ROWS as usize) {
        took += load::import(&registry.url(), (first..rows.min(first + PART_ROWS)).map(row).collect()).await?;
    }
    Ok(took)
}

/// The median time of a page, and how many enterprises it has.
///
/// # Errors
///
/// If the registry refuses the list.
pub async fn measured(
    clients: &mut RegistryClients,
    filter: &str,
    order_by: &str,
) -> Result<(Duration, usize), Box<dyn Error>> {
    let (filter, order_by) = (filter.to_owned(), order_by.to_owned());
    let request = ListEnterprisesRequest { filter, order_by, ..ListEnterprisesRequest::default() };
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
