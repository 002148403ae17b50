//! Claims about documents and those who name them, where two processes share a store and one of them knows less.

use std::sync::Arc;

use registry_service::domain::document::{Body, Document};
use registry_service::domain::enterprise::{Profile, State};
use registry_service::domain::ids::{EnterpriseId, IndustryId, OfficeId, ZoneId};
use registry_service::domain::places::{CountryCode, SubdivisionCode};
use registry_service::domain::reference::Zone;
use registry_service::registry::{Error, ImportAction, ImportManner, ImportRow, Registry, RowRefusal, Update};
use registry_service::store::sql::{Options, SqlStore};
use registry_service::store::{Expect, Origin, Put, SharedStore, Write};

/// Two processes; nothing tells the second what the first did, as if the feed were slow.
struct World {
    first: Registry,
    second: Registry,
    store: SharedStore,
    _folder: tempfile::TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("registry.db").display());
    let store: SharedStore = Arc::new(SqlStore::open(&Options { url, max_connections: 4 }).await.unwrap());
    let first = Registry::open(store.clone()).await.unwrap();
    let second = Registry::open(store.clone()).await.unwrap();
    World { first, second, store, _folder: folder }
}

fn profile(place: &str) -> Profile {
    let region = CountryCode::parse(&place[..2]).unwrap();
    Profile {
        subdivision: Some(SubdivisionCode::parse(place, region).unwrap()),
        ..Profile::new(&format!("From {place}"), region)
    }
}

fn update<Id>(id: Id) -> Update<Id> {
    Update { id, expected: None, request: None, validate_only: false, origin: Origin::registry("Test") }
}

fn enterprise_id(id: &str) -> EnterpriseId {
    EnterpriseId::new(id).unwrap()
}

fn delta() -> OfficeId {
    OfficeId::new("yangtze-river-delta").unwrap()
}

fn zone(id: &str) -> Zone {
    Zone {
        id: ZoneId::new(id).unwrap(),
        display_name: "A zone".to_owned(),
        region: CountryCode::parse("CN").unwrap(),
        subdivision: None,
        city: String::new(),
        focus_industries: Vec::new(),
    }
}

fn row(row: i64, profile: Profile) -> ImportRow {
    ImportRow { row, id: None, profile, restored: None }
}

fn manner() -> ImportManner {
    ImportManner { initial_state: State::Active, allow_lookalikes: true, origin: Origin::registry("Test") }
}

#[tokio::test]
async fn an_enterprise_goes_to_the_next_office_if_its_own_was_deleted_elsewhere() {
    let world = world().await;
    world.first.delete_document(&update(delta())).await.unwrap();
    let created = world.second.create_enterprise(&update(enterprise_id("a")), profile("CN-ZJ")).await.unwrap();
    assert_eq!(created.office, OfficeId::headquarters());
}

#[tokio::test]
async fn an_enterprise_that_moves_goes_to_the_next_office_if_its_own_was_deleted_elsewhere() {
    let world = world().await;
    world.second.create_enterprise(&update(enterprise_id("a")), profile("CN-GD")).await.unwrap();
    world.first.delete_document(&update(delta())).await.unwrap();
    let moved = world.second.update_enterprise(&update(enterprise_id("a")), |_| Ok(profile("CN-ZJ"))).await.unwrap();
    assert_eq!(moved.office, OfficeId::headquarters());
    // Once it knows, it says that there is no such office.
    let refused = world.second.transfer_enterprise(&update(enterprise_id("a")), Some(&delta())).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(_)), "{refused:?}");
}

#[tokio::test]
async fn an_imported_enterprise_goes_to_the_next_office_if_its_own_was_deleted_elsewhere() {
    let world = world().await;
    world.first.delete_document(&update(delta())).await.unwrap();
    let rows = vec![row(1, profile("CN-ZJ")), row(2, profile("CN-GD"))];
    let (outcomes, _) = world.second.import(rows, &manner()).await.unwrap();
    for outcome in outcomes {
        let (action, id) = outcome.result.unwrap();
        assert_eq!(action, ImportAction::Created);
        assert_eq!(world.second.enterprise(&id).await.unwrap().office, OfficeId::headquarters());
    }
}

#[tokio::test]
async fn an_import_row_that_names_what_was_deleted_elsewhere_does_not_hold_up_the_others() {
    let world = world().await;
    let industry = IndustryId::new("blockchain").unwrap();
    world.first.delete_document(&update(industry.clone())).await.unwrap();
    let naming = Profile { industries: vec![industry], ..profile("CN-ZJ") };
    let (outcomes, _) = world.second.import(vec![row(1, naming), row(2, profile("CN-GD"))], &manner()).await.unwrap();
    let [first, second] = outcomes.try_into().unwrap();
    assert!(matches!(&first.result, Err(RowRefusal::Removed(name)) if name == "industries/blockchain"), "{first:?}");
    assert!(matches!(second.result, Ok((ImportAction::Created, _))), "{second:?}");
}

#[tokio::test]
async fn a_collection_is_full_at_its_limit_and_what_is_there_still_changes() {
    let world = world().await;
    // One of them is there from the beginning.
    let new = |number| Document::new(Body::Zone(zone(&format!("z{number}"))), update_time());
    let put = |number| Put::Document(Box::new(new(number)), Expect::Absent);
    for part in 0..10 {
        let puts = (part * 500..(part + 1) * 500).filter(|number| *number > 0).map(put).collect();
        let write =
            Write { request: None, puts, validate_only: false, origin: Origin::registry("Test"), compared: None };
        world.store.write(write).await.unwrap();
    }
    let full = world.first.create_document(&update("zones/z"), Body::Zone(zone("z"))).await.unwrap_err();
    assert!(matches!(full, Error::Full { collection: "zones", maximum: 5_000 }), "{full:?}");
    let renamed = Zone { city: "Huzhou".to_owned(), ..zone("z1") };
    world.first.update_document(&update("zones/z1"), |_| Ok(Body::Zone(renamed.clone()))).await.unwrap();
    world.first.delete_document(&update("zones/z1")).await.unwrap();
    world.first.create_document(&update("zones/z"), Body::Zone(zone("z"))).await.unwrap();
}

fn update_time() -> registry_service::domain::time::Timestamp {
    registry_service::domain::time::Timestamp::from_micros(0)
}
