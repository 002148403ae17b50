//! How long pages of filtered and ordered lists take.

use std::error::Error;
use std::time::{Duration, Instant};

use proto::registry::v1::ListEnterprisesRequest;
use sqlx::{Connection, PgConnection};

use super::load;
use super::rows::row;
use super::table::{Figure, Table, grouped, median};
use crate::clients::RegistryClients;
use crate::services::{Engine, Registry};

/// Enterprises that the pages are of.
pub const ROWS: u32 = 100_000;
/// Rows of one import, so that they need not all be in memory.
const PART_ROWS: u32 = 20_000;
/// The median of so many calls is told.
const CALLS: usize = 11;
/// Whatever a list takes, it is called for no longer than this.
const CALLS_TIME: Duration = Duration::from_secs(2);

/// What is listed, in which order, and how many pages in. Nine in ten enterprises are in China, one in 500 is certified.
pub const LISTS: [(&str, &str, u32); 50] = [
    ("", "", 0),
    ("", "display_name", 0),
    ("", "create_time desc", 0),
    ("", "display_name desc", 20),
    ("region_code = PK", "", 0),
    ("region_code = PK", "display_name", 0),
    ("region_code = PK", "update_time", 10),
    ("region_code = AE", "update_time desc", 0),
    ("city = 'City 7'", "", 0),
    ("city = 'City 7*'", "display_name", 0),
    ("subdivision_code = 'CN-ZJ'", "", 0),
    ("state = ACTIVE", "", 0),
    ("state = DRAFT", "", 0),
    ("state != ACTIVE", "", 0),
    ("display_name = 'Silk 7*'", "", 0),
    ("display_name = 'Silk*'", "display_name", 0),
    ("display_name = 'Silk*' AND isic:27", "display_name", 0),
    ("industries:new-energy", "", 0),
    ("industries:new-energy", "display_name", 0),
    ("industries:ai", "name desc", 20),
    ("certifications:'ISO 9001'", "", 0),
    ("certifications:'ISO 9001'", "display_name", 0),
    ("isic:27", "", 0),
    ("isic:27", "display_name", 0),
    ("isic:27", "display_name", 10),
    ("isic:27 OR hs:85", "", 0),
    ("region_code = PK OR isic:27", "", 0),
    ("region_code = PK OR isic:27", "display_name", 0),
    ("city = 'City 7' OR certifications:'ISO 9001'", "display_name", 0),
    ("region_code = PK AND isic:27", "", 0),
    ("region_code = PK AND isic:27", "update_time desc", 0),
    ("region_code = AE AND isic:27", "display_name", 0),
    ("region_code = PK AND certifications:'ISO 9001'", "", 0),
    ("(isic:13 OR isic:26) AND region_code = PK", "create_time desc", 0),
    ("isic:13 AND isic:26", "", 0),
    ("isic:13 AND isic:26", "display_name", 0),
    ("region_code = CN AND industries:new-energy AND NOT isic:27", "display_name", 0),
    ("industries:ai AND NOT region_code = CN", "create_time desc", 0),
    ("industries:ai AND NOT isic:62", "", 0),
    ("NOT region_code = CN", "", 0),
    ("identifiers:LEI AND NOT city:*", "display_name", 0),
    ("identifiers:LEI AND subdivision_code = 'CN-ZJ'", "create_time", 0),
    ("hs:4401", "display_name", 0),
    ("hs:85", "display_name", 0),
    ("region_code = SA", "display_name", 0),
    ("founded_year < 1952", "", 0),
    ("founded_year >= 1990 AND founded_year < 1992", "display_name", 0),
    ("founded_year = 1999 AND region_code = PK", "update_time desc", 0),
    ("create_time > '2020-01-01T00:00:00Z'", "", 0),
    ("update_time > '2020-01-01T00:00:00Z' AND state != DRAFT", "update_time", 0),
];

/// How long one of the lists takes.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    filter: &'static str,
    order_by: &'static str,
    pages_in: u32,
    /// Seconds, the median of some calls.
    pub seconds: f64,
    /// Enterprises on the page.
    pub found: usize,
}

impl Measured {
    /// What was listed, in words.
    pub fn list(&self) -> String {
        let filter = if self.filter.is_empty() { "all" } else { self.filter };
        let by = if self.order_by.is_empty() { String::new() } else { format!(" by {}", self.order_by) };
        let page = if self.pages_in == 0 { String::new() } else { format!(", page {}", self.pages_in + 1) };
        format!("{filter}{by}{page}")
    }
}

/// Adds how long [`LISTS`] take.
///
/// # Errors
///
/// If the registry refuses something.
pub async fn measure(table: &mut Table, engine: Engine) -> Result<(), Box<dyn Error>> {
    let registry = Registry::start(engine);
    fill(&registry, ROWS).await?;
    vacuum(&registry, engine).await?;
    let lists = lists(&registry).await?;
    add(table, engine, ROWS, &lists, "< 2 ms");
    Ok(())
}

/// Adds the middle one and the slowest of some lists of so many enterprises.
pub fn add(table: &mut Table, engine: Engine, rows: u32, lists: &[Measured], wanted: &str) {
    let Some(slowest) = lists.iter().max_by(|one, other| one.seconds.total_cmp(&other.seconds)) else { return };
    let middle = median(lists.iter().map(|list| list.seconds).collect());
    let ms = |seconds: f64| format!("{:.1} ms", seconds * 1_000.0);
    let figures =
        [("the median", ms(middle)), ("the slowest", format!("{} ({})", ms(slowest.seconds), slowest.list()))];
    for (which, figure) in figures {
        let vacuumed = if engine == Engine::Postgres { " vacuumed" } else { "" };
        let rows = grouped(f64::from(rows));
        let work = format!("page of 50 of {rows}{vacuumed}, {which} of {} lists", lists.len());
        let (engine, baseline) = (engine.name(), String::new());
        table.add(Figure { work: &work, engine, figure, baseline, ratio: None, wanted });
    }
}

/// Has Postgres do at once what its autovacuum does within a minute or two, if it is on as it usually is: note which rows
/// everybody sees, so that they need not be looked at for each key that an index has.
///
/// # Errors
///
/// If the database does not answer.
pub async fn vacuum(registry: &Registry, engine: Engine) -> Result<(), Box<dyn Error>> {
    if engine == Engine::Postgres {
        let mut connection = PgConnection::connect(registry.database_url()).await?;
        sqlx::raw_sql("VACUUM").execute(&mut connection).await?;
        connection.close().await?;
    }
    Ok(())
}

/// Times all [`LISTS`].
///
/// # Errors
///
/// If the registry refuses one.
pub async fn lists(registry: &Registry) -> Result<Vec<Measured>, Box<dyn Error>> {
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let mut lists = Vec::new();
    for (filter, order_by, pages_in) in LISTS {
        lists.push(measured(&mut clients, filter, order_by, pages_in).await?);
    }
    Ok(lists)
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

async fn measured(
    clients: &mut RegistryClients,
    filter: &'static str,
    order_by: &'static str,
    pages_in: u32,
) -> Result<Measured, Box<dyn Error>> {
    let (named, ordered) = (filter.to_owned(), order_by.to_owned());
    let mut request = ListEnterprisesRequest { filter: named, order_by: ordered, ..ListEnterprisesRequest::default() };
    for _ in 0..pages_in {
        let page = clients.enterprises.list_enterprises(request.clone()).await?.into_inner();
        request.page_token = page.next_page_token;
    }
    let mut times = Vec::with_capacity(CALLS);
    let mut found = 0;
    let all_began = Instant::now();
    while times.len() < CALLS && (times.is_empty() || all_began.elapsed() < CALLS_TIME) {
        let began = Instant::now();
        let page = clients.enterprises.list_enterprises(request.clone()).await?.into_inner();
        times.push(began.elapsed().as_secs_f64());
        found = page.enterprises.len();
    }
    Ok(Measured { filter, order_by, pages_in, seconds: median(times), found })
}
