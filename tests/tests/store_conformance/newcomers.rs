//! New records that look like one another and come at the same instant: the store refuses whoever was not compared.

use std::sync::Arc;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::enterprise::{Enterprise, Profile, State};
use registry_service::domain::ids::EnterpriseId;
use registry_service::registry::{ImportManner, ImportRow, Registry, Update};
use registry_service::store::sql::SqlStore;
use registry_service::store::{Compared, Error, Store, Write, Written};

use crate::database::{Place, empty_store};
use crate::records::{country, deleted, enterprise, enterprise_id};
use crate::writing::{at_once, create, origin, replaced, stored};

on_both_engines!(
    whoever_came_in_since_the_look_was_not_compared,
    those_of_one_transaction_are_compared_with_one_another,
    beyond_enough_of_one_key_others_make_no_difference,
    of_two_created_at_the_same_instant_one_is_held,
    of_many_created_at_the_same_instant_one_is_not_held,
    rows_imported_at_the_same_instant_are_held_but_for_one,
);

const MILLS: &str = "name/mill+nSt";

/// A record with that key.
fn mills(id: &str) -> Enterprise {
    let mut enterprise = enterprise(id);
    enterprise.profile.display_name = "Nishat Mills".to_owned();
    enterprise
}

async fn look(store: &SqlStore, each: usize) -> Compared {
    store.lookalikes(vec![MILLS.to_owned()], each, 100).await.expect("they can be looked for").1
}

async fn created(store: &SqlStore, enterprise: &Enterprise, compared: Compared) -> Result<Written, Error> {
    let puts = vec![create(enterprise)];
    let compared = Some(Arc::new(compared));
    store.write(Write { request: None, puts, validate_only: false, origin: origin(), compared }).await
}

/// Who was not compared.
fn overlooked(outcome: Result<Written, Error>) -> EnterpriseId {
    match outcome {
        Err(Error::NotCompared(id)) => id,
        other => panic!("{other:?}"),
    }
}

async fn whoever_came_in_since_the_look_was_not_compared(engine: Engine) {
    let place = Place::empty(engine).await;
    let (store, other_process) = (place.open().await, place.open().await);
    let before = look(&store, 8).await;
    stored(&store, &enterprise("unlike")).await;
    created(&store, &mills("a"), before.clone()).await.expect("nobody like it came in");
    assert_eq!(overlooked(created(&store, &mills("b"), before.clone()).await), enterprise_id("a"));
    // Not written either.
    assert_eq!(store.enterprise(&enterprise_id("b")).await.expect("it can be read"), None);

    let since = look(&store, 8).await;
    assert_eq!(since.by_key[MILLS], [enterprise_id("a")]);
    let b = created(&other_process, &mills("b"), look(&other_process, 8).await).await;
    b.expect("the other process has seen the first");
    assert_eq!(overlooked(created(&store, &mills("c"), since.clone()).await), enterprise_id("b"));
    let b = store.enterprise(&enterprise_id("b")).await.expect("it can be read").expect("it is there");
    replaced(&store, &deleted(&b)).await;
    created(&store, &mills("c"), since).await.expect("it is gone again");
}

async fn those_of_one_transaction_are_compared_with_one_another(engine: Engine) {
    let store = empty_store(engine).await;
    let compared = look(&store, 8).await;
    let write = |id: &'static str| {
        let (store, compared) = (store.clone(), compared.clone());
        async move { created(&store, &mills(id), compared).await }
    };
    let outcomes = at_once(["a", "b", "c"].map(write)).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
}

async fn beyond_enough_of_one_key_others_make_no_difference(engine: Engine) {
    let store = empty_store(engine).await;
    for id in ["a", "b"] {
        stored(&store, &mills(id)).await;
    }
    let (enough, more) = (look(&store, 2).await, look(&store, 3).await);
    stored(&store, &mills("a-b")).await;
    created(&store, &mills("c"), enough).await.expect("two are enough");
    assert_eq!(overlooked(created(&store, &mills("d"), more).await), enterprise_id("a-b"));
}

fn update(id: &str) -> Update<EnterpriseId> {
    Update { id: enterprise_id(id), expected: None, request: None, validate_only: false, origin: origin() }
}

/// Creates records of that name while nobody can write, so that each looks before any other is there; tells their states.
async fn created_at_once(engine: Engine, count: usize) -> Vec<State> {
    let place = Place::empty(engine).await;
    let registry = Arc::new(Registry::open(place.open().await).await.expect("the registry opens"));
    let mut lock = place.locked().await;
    let create = |number: usize| {
        let registry = registry.clone();
        let profile = Profile::new("Nishat Mills", country("PK"));
        async move { registry.create_enterprise(&update(&format!("nishat-{number}")), profile).await }
    };
    let creating = tokio::spawn(at_once((0..count).map(create).collect::<Vec<_>>()));
    // Time to look.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    lock.run("ROLLBACK").await;
    let created = creating.await.expect("it does not panic");
    created.into_iter().map(|one| one.expect("all can be created").state).collect()
}

async fn of_two_created_at_the_same_instant_one_is_held(engine: Engine) {
    let mut states = created_at_once(engine, 2).await;
    states.sort_by_key(|state| state.number());
    assert_eq!(states, [State::Draft, State::InReview]);
}

async fn of_many_created_at_the_same_instant_one_is_not_held(engine: Engine) {
    let states = created_at_once(engine, 40).await;
    assert_eq!(states.iter().filter(|state| **state == State::Draft).count(), 1);
}

async fn rows_imported_at_the_same_instant_are_held_but_for_one(engine: Engine) {
    let place = Place::empty(engine).await;
    let registry = Arc::new(Registry::open(place.open().await).await.expect("the registry opens"));
    let manner = ImportManner { initial_state: State::Active, allow_lookalikes: false, origin: origin() };
    let import = |number: i64| {
        let (registry, manner) = (registry.clone(), manner.clone());
        let name = move |row: i64| if row == 7 { "Nishat Mills".to_owned() } else { format!("Only {number} x {row}") };
        let row = move |row: i64| ImportRow {
            row,
            id: Some(enterprise_id(&format!("r-{number}-{row}"))),
            profile: Profile::new(&name(row), country("PK")),
            restored: None,
        };
        async move { registry.import((0..20).map(row).collect(), &manner).await.expect("the rows are good") }
    };
    at_once((0..4).map(import).collect::<Vec<_>>()).await;
    let ids: Vec<EnterpriseId> = (0..4).map(|number| enterprise_id(&format!("r-{number}-7"))).collect();
    let found = registry.enterprises(&ids).await.expect("they are there");
    assert_eq!(found.iter().filter(|one| one.state == State::Active).count(), 1, "{found:?}");
}
