//! A million enterprises: how long the registry takes to import them, how much memory it holds, and whether others who
//! ask in the meantime wait.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use proto::registry::v1::{GetEnterpriseRequest, ListEnterprisesRequest, UpdateEnterpriseRequest};

use super::pages;
use super::rows::row;
use super::table::{Figure, Table, grouped, rate};
use crate::clients::RegistryClients;
use crate::services::{Engine, Registry};

const ROWS: u32 = 1_000_000;
/// Rows that others ask for while the rest is imported.
const FIRST_ROWS: u32 = 1_000;
/// An import that takes longer ends with the rows that are there.
const IMPORT_TIME: Duration = Duration::from_secs(600);
/// How often the memory is looked at and somebody else asks.
const PAUSE: Duration = Duration::from_millis(200);

/// Adds the figures of one engine.
///
/// # Errors
///
/// If the registry refuses something.
pub async fn measure(table: &mut Table, engine: Engine) -> Result<(), Box<dyn Error>> {
    let registry = Registry::start(engine);
    pages::fill(&registry, FIRST_ROWS).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let others = tokio::spawn(ask(registry.url(), is_over.clone()));
    let mut most_kib = 0;
    let (rows, took) = {
        let importing = fill_rest(&registry);
        tokio::pin!(importing);
        loop {
            tokio::select! {
                took = &mut importing => break took?,
                () = tokio::time::sleep(PAUSE) => most_kib = most_kib.max(registry.process().resident_kib()),
            }
        }
    };
    is_over.store(true, Ordering::Relaxed);
    let slowest = others.await?.map_err(|problem| problem.to_string())?;

    pages::vacuum(&registry, engine).await?;
    let lists = pages::lists(&registry).await?;
    let most_listing_kib = registry.process().resident_kib();
    let mut add = |work: &str, figure, wanted| {
        let work = format!("{} enterprises: {work}", grouped(f64::from(rows)));
        table.add(Figure { work: &work, engine: engine.name(), figure, baseline: String::new(), ratio: None, wanted });
    };
    add("import", format!("{} rows/s", grouped(rate((rows - FIRST_ROWS) as usize, took))), "");
    add("most memory while importing", format!("{} MiB", most_kib / 1024), "< 300 MiB");
    add("memory after all lists", format!("{} MiB", most_listing_kib / 1024), "< 300 MiB");
    add("slowest request meanwhile", format!("{:.1} ms", slowest.as_secs_f64() * 1_000.0), "< 5 s");
    pages::add(table, engine, rows, &lists, "< 20 ms");
    Ok(())
}

/// Imports the rest; how many rows there are then, and how long that took.
async fn fill_rest(registry: &Registry) -> Result<(u32, Duration), Box<dyn Error>> {
    const PART_ROWS: u32 = 50_000;
    let mut took = Duration::ZERO;
    for first in (FIRST_ROWS..ROWS).step_by(PART_ROWS as usize) {
        if took > IMPORT_TIME {
            return Ok((first, took));
        }
        let rows = (first..ROWS.min(first + PART_ROWS)).map(row).collect();
        took += super::load::import(&registry.url(), rows).await?;
    }
    Ok((ROWS, took))
}

/// Reads, lists and changes records until it is over; the longest time that a request took.
async fn ask(url: String, is_over: Arc<AtomicBool>) -> Result<Duration, tonic::Status> {
    let mut clients = RegistryClients::connect(&url).await;
    let mut slowest = Duration::ZERO;
    let mut number = 0;
    while !is_over.load(Ordering::Relaxed) {
        let name = format!("enterprises/{}", row(number % FIRST_ROWS).enterprise_id);
        let began = Instant::now();
        let get = GetEnterpriseRequest { name, ..Default::default() };
        let mut enterprise = clients.enterprises.get_enterprise(get).await?.into_inner();
        slowest = slowest.max(began.elapsed());

        let began = Instant::now();
        let list = ListEnterprisesRequest { filter: "isic:27".to_owned(), ..Default::default() };
        clients.enterprises.list_enterprises(list).await?;
        slowest = slowest.max(began.elapsed());

        enterprise.description = format!("Changed {number} times.");
        let began = Instant::now();
        let update = UpdateEnterpriseRequest { enterprise: Some(enterprise), ..Default::default() };
        clients.enterprises.update_enterprise(update).await?;
        slowest = slowest.max(began.elapsed());
        number += 1;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(slowest)
}
