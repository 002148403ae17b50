//! Power cuts and polite ends: nothing that was acknowledged is lost, nothing happens twice, and every end is in time.

use std::collections::BTreeSet;
use std::net::TcpStream;

use e2e::clients::{RegistryClients, enterprise, matcher, refused_with};
use e2e::import::{Imported, begin, import};
use e2e::on_both_engines;
use e2e::services::{Engine, Matcher, Pair, Registry};
use e2e::watch::{Follower, watch};
use proto::matcher::v1::{ComputePairingRequest, Side};
use proto::registry::v1::{Enterprise, ErrorReason, Identifier, IdentifierScheme, ImportRow};
use service_kit::RevisionToken;
use tonic::Code;
use uuid::Uuid;

on_both_engines!(
    an_import_cut_by_a_power_cut_and_repeated_ends_with_each_enterprise_once,
    a_repeated_import_changes_nothing,
    what_was_acknowledged_before_a_power_cut_is_there_after_it,
    sigterm_ends_the_registry_in_time_with_watches_open_and_a_silent_client,
);

const ROWS: usize = 3_000;
/// The power is cut when so many rows are acknowledged; chunks have up to 500.
const ROWS_BEFORE_THE_CUT: usize = 700;

async fn an_import_cut_by_a_power_cut_and_repeated_ends_with_each_enterprise_once(engine: Engine) {
    let mut registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let request_id = Uuid::now_v7().to_string();

    let mut outcomes = begin(&mut clients, &request_id, rows()).await.expect("an import can begin").into_inner();
    let mut before = Imported::default();
    while before.rows() < ROWS_BEFORE_THE_CUT {
        before.add(outcomes.message().await.expect("the stream goes on").expect("the stream goes on"));
    }
    registry.kill();
    // What was on its way when the power went.
    while let Ok(Some(response)) = outcomes.message().await {
        before.add(response);
    }
    assert!(before.rows() < ROWS, "the cut came too late to be one");
    assert_eq!(before.created, before.rows());

    registry.start_again();
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let stored = names(&clients.all().await);
    assert!(before.names.iter().all(|name| stored.contains(name)), "an acknowledged row is lost");

    let again = import(&mut clients, &request_id, rows()).await.expect("the import ends well");
    assert_eq!((again.created + again.unchanged, again.updated, again.refused.len()), (ROWS, 0, 0));
    assert_eq!(again.unchanged, stored.len(), "rows that were in already come back unchanged");
    assert_eq!(again.names.iter().collect::<BTreeSet<_>>().len(), ROWS);

    let all = clients.all().await;
    assert_eq!(all.len(), ROWS, "each enterprise is there once");
    assert_eq!(all.iter().map(|enterprise| &enterprise.display_name).collect::<BTreeSet<_>>().len(), ROWS);
    assert_eq!(names(&all), again.names.into_iter().collect());
}

async fn a_repeated_import_changes_nothing(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let rows = rows().into_iter().take(50).collect::<Vec<_>>();
    let first = import(&mut clients, &Uuid::now_v7().to_string(), rows.clone()).await.expect("the rows are valid");
    assert_eq!(first.created, rows.len());
    let stored = clients.all().await;

    let second = import(&mut clients, &Uuid::now_v7().to_string(), rows.clone()).await.expect("the rows are valid");
    assert_eq!(second.unchanged, rows.len());
    assert_eq!(second.revision_token, "");
    assert_eq!(clients.all().await, stored);
}

async fn what_was_acknowledged_before_a_power_cut_is_there_after_it(engine: Engine) {
    let mut registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let mut acknowledged = Vec::new();
    for number in 0..20 {
        acknowledged.push(clients.stored(&format!("e{number:02}"), enterprise("Acknowledged", "PK", "13")).await);
    }
    registry.kill();
    registry.start_again();
    let mut clients = RegistryClients::connect(&registry.url()).await;
    assert_eq!(clients.all().await, acknowledged);
}

async fn sigterm_ends_the_registry_in_time_with_watches_open_and_a_silent_client(engine: Engine) {
    let mut registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    clients.active("mill", enterprise("A spinning mill", "PK", "13")).await;
    let silent = TcpStream::connect(registry.address()).expect("the registry listens");
    let mut watches = Vec::new();
    for _ in 0..3 {
        let mut follower = Follower::default();
        let mut stream = watch(&mut clients, follower.start()).await.expect("a snapshot can be asked for");
        while follower.token.is_empty() {
            let message = stream.message().await.expect("the stream goes on").expect("the stream goes on");
            follower.take(message).expect("the snapshot is without fault");
        }
        watches.push((follower, stream));
    }

    let status = registry.terminate();
    assert!(status.success(), "the registry ended with {status}");
    for (mut follower, mut stream) in watches {
        let ended = loop {
            match stream.message().await {
                Ok(Some(message)) => follower.take(message).expect("the feed is without fault"),
                ended => break ended,
            }
        };
        refused_with(ended, Code::Unavailable, ErrorReason::ShuttingDown);
    }
    drop(silent);
}

#[tokio::test]
async fn a_watch_that_is_ended_names_no_revision_that_was_not_delivered() {
    let mut registry = Registry::start(Engine::Sqlite);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let mut follower = Follower::default();
    let mut stream = watch(&mut clients, follower.start()).await.expect("a snapshot can be asked for");
    while follower.token.is_empty() {
        let message = stream.message().await.expect("the stream goes on").expect("the stream goes on");
        follower.take(message).expect("the snapshot is without fault");
    }
    // Far more than fits into the windows of a stream that is not read.
    let rows = (0..4_000).map(|number| {
        let mut row = enterprise(&format!("Enterprise number {number}"), "PK", "13");
        row.description = "long ".repeat(800);
        ImportRow { row: number, enterprise_id: format!("import-{number}"), enterprise: Some(row) }
    });
    import(&mut clients, &Uuid::new_v4().to_string(), rows.collect()).await.expect("the import goes in");

    let ending = tokio::task::spawn_blocking(move || registry.terminate());
    let status = loop {
        match stream.message().await {
            Ok(Some(message)) => follower.take(message).expect("the feed is without fault"),
            Ok(None) => panic!("a watch never ends without a status"),
            Err(status) => break status,
        }
    };
    assert!(ending.await.expect("the registry ends").success());
    let token = status.metadata().get("x-corridor-revision");
    let token = token.unwrap_or_else(|| panic!("the status says where to resume, not {status:?}"));
    let token: RevisionToken = token.to_str().expect("ASCII").parse().expect("a token");
    assert!(token.revision <= follower.revision, "{} was promised, {} was sent", token.revision, follower.revision);
}

#[tokio::test]
async fn sigterm_ends_the_matcher_in_time_with_work_under_way() {
    let Pair { registry, mut matcher } = Pair::start_with_samples(Engine::Sqlite);
    let mut client = e2e::clients::matcher(&matcher.url()).await;
    let _silent = TcpStream::connect(matcher.address()).expect("the matcher listens");
    let side = |region: &str| Some(Side { regions: vec![region.to_owned()], max_pairs: 3, ..Side::default() });
    let request = ComputePairingRequest { a: side("CN"), b: side("PK"), ..ComputePairingRequest::default() };
    let _work = client.compute_pairing(request).await.expect("a pairing can be computed");

    let status = matcher.terminate();
    assert!(status.success(), "the matcher ended with {status}");
    drop(registry);
}

#[tokio::test]
async fn sigterm_ends_a_matcher_that_has_lost_its_registry() {
    let mut registry = Registry::start(Engine::Sqlite);
    let mut follower = Matcher::start(&registry.url());
    let _client = matcher(&follower.url()).await;
    registry.kill();
    let status = follower.terminate();
    assert!(status.success(), "the matcher ended with {status}");
}

/// Rows that are known by an id, by an identifier, and by nothing but country and name, a third each.
fn rows() -> Vec<ImportRow> {
    let row = |number: usize| {
        let mut row = enterprise(&format!("Enterprise number {number}"), "PK", "13");
        let enterprise_id = if number.is_multiple_of(3) { format!("import-{number}") } else { String::new() };
        if number % 3 == 1 {
            let scheme = IdentifierScheme::PkCuin.into();
            row.identifiers = vec![Identifier { scheme, value: format!("{number:07}"), ..Identifier::default() }];
        }
        ImportRow { row: number as i64, enterprise_id, enterprise: Some(row) }
    };
    (0..ROWS).map(row).collect()
}

fn names(enterprises: &[Enterprise]) -> BTreeSet<String> {
    enterprises.iter().map(|enterprise| enterprise.name.clone()).collect()
}
