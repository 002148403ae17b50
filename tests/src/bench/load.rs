//! Load on a registry over loopback, as its clients see it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proto::registry::v1::import_enterprises_request::Part;
use proto::registry::v1::{CreateEnterpriseRequest, ImportEnterprisesRequest, ImportHeader, ImportRow};
use registry_service::domain::ids::EnterpriseId;
use registry_service::store::Store;
use registry_service::store::sql::{Options, SqlStore};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::rows::row;
use super::table::rate;
use crate::clients::RegistryClients;
use crate::import::Imported;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Connections that concurrent callers share.
const CONNECTIONS: usize = 4;
/// As many readers as the registry has by default.
const STORE_CONNECTIONS: u32 = 8;

/// Imports rows in one stream, new records looked for among those there are, and answers with the time until all are
/// durable.
///
/// # Errors
///
/// If the stream breaks off or a row is refused.
pub async fn import(url: &str, rows: Vec<ImportRow>) -> Outcome<Duration> {
    let mut clients = RegistryClients::connect(url).await;
    let count = rows.len();
    let header = ImportHeader { request_id: Uuid::now_v7().to_string(), ..ImportHeader::default() };
    let parts = std::iter::once(Part::Header(header)).chain(rows.into_iter().map(Part::Row));
    let requests: Vec<_> = parts.map(|part| ImportEnterprisesRequest { part: Some(part) }).collect();
    let began = Instant::now();
    let mut outcomes = clients.enterprises.import_enterprises(tokio_stream::iter(requests)).await?.into_inner();
    let mut imported = Imported::default();
    while let Some(response) = outcomes.message().await? {
        imported.add(response);
    }
    let took = began.elapsed();
    match imported.refused.first() {
        Some(refused) => Err(format!("a row was refused: {refused:?}").into()),
        None if imported.created != count => Err(format!("{} of {count} were created", imported.created).into()),
        None => Ok(took),
    }
}

/// Gets a second of so many callers by the store itself, on a registry's database.
pub async fn store_gets(database_url: &str, callers: usize, rows: u32, time: Duration) -> Outcome<f64> {
    let options = Options { url: database_url.to_owned(), max_connections: STORE_CONNECTIONS };
    let store = Arc::new(SqlStore::open(&options).await?);
    let ids: Result<Vec<_>, _> = (0..rows).map(|number| EnterpriseId::new(&row(number).enterprise_id)).collect();
    let ids = Arc::new(ids?);
    let began = Instant::now();
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let (store, ids) = (store.clone(), ids.clone());
        running.spawn(async move {
            let mut number = caller;
            let mut count = 0;
            while began.elapsed() < time {
                store.enterprise(&ids[number.wrapping_mul(1_000_003) % ids.len()]).await?;
                number += callers;
                count += 1;
            }
            Ok::<usize, registry_service::store::Error>(count)
        });
    }
    let mut count = 0;
    while let Some(ended) = running.join_next().await {
        count += ended??;
    }
    let rate = rate(count, began.elapsed());
    store.close().await;
    Ok(rate)
}

/// Durable creations a second of so many callers, of rows from `first` on.
pub async fn creations(url: &str, callers: usize, first: u32, time: Duration) -> Outcome<f64> {
    calls(url, callers, time, move |mut clients, number| {
        let row = row(first + u32::try_from(number).unwrap_or_default());
        async move {
            let request = CreateEnterpriseRequest {
                enterprise: row.enterprise,
                enterprise_id: row.enterprise_id,
                ..CreateEnterpriseRequest::default()
            };
            clients.enterprises.create_enterprise(request).await.map(drop)
        }
    })
    .await
}

/// Calls a second, each with a number of its own.
async fn calls<C, F>(url: &str, callers: usize, time: Duration, call: C) -> Outcome<f64>
where
    C: Fn(RegistryClients, usize) -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), tonic::Status>> + Send,
{
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS.min(callers) {
        connections.push(RegistryClients::connect(url).await);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let (clients, next, call) = (connections[caller % connections.len()].clone(), next.clone(), call.clone());
        running.spawn(async move {
            let mut count = 0;
            while began.elapsed() < time {
                call(clients.clone(), next.fetch_add(1, Ordering::Relaxed)).await?;
                count += 1;
            }
            Ok::<usize, tonic::Status>(count)
        });
    }
    let mut count = 0;
    while let Some(ended) = running.join_next().await {
        count += ended??;
    }
    Ok(rate(count, began.elapsed()))
}
