//! Claims about the registry's use cases, over a real SQLite store.

use registry_service::domain::enterprise::{Enterprise, Profile, State, Step};
use registry_service::domain::identifier::{Identifier, Scheme};
use registry_service::domain::ids::EnterpriseId;
use registry_service::domain::places::CountryCode;
use registry_service::registry::{Error, ImportAction, ImportManner, ImportRow, RowRefusal, Update};
use registry_service::store::{self, Origin, Request};
use uuid::Uuid;

#[path = "kit/world.rs"]
mod world;

use world::{World, world};

fn id(id: &str) -> EnterpriseId {
    EnterpriseId::new(id).unwrap()
}

fn isin(value: &str) -> Identifier {
    Identifier::parse(Scheme::Isin, value).unwrap()
}

fn cuin(value: &str) -> Identifier {
    Identifier::parse(Scheme::PkCuin, value).unwrap()
}

fn profile(name: &str, identifiers: Vec<Identifier>) -> Profile {
    Profile { identifiers, ..Profile::new(name, CountryCode::parse("PK").unwrap()) }
}

fn request(number: u128, body: u8) -> Option<Request> {
    Some(Request { id: Uuid::from_u128(number), digest: [body; 32] })
}

fn update(id: &EnterpriseId) -> Update<EnterpriseId> {
    Update { id: id.clone(), expected: None, request: None, validate_only: false, origin: Origin::registry("Test") }
}

impl World {
    async fn created(&self, name: &str, identifiers: Vec<Identifier>) -> Enterprise {
        self.registry.create_enterprise(&update(&id(name)), profile(name, identifiers)).await.unwrap()
    }

    async fn set_city(&self, update: &Update<EnterpriseId>, city: &str) -> Result<Enterprise, Error> {
        let set = |current: &Enterprise| Ok(Profile { city: city.to_owned(), ..current.profile.clone() });
        self.registry.update_enterprise(update, set).await
    }

    async fn imported(
        &self,
        rows: Vec<(Option<&str>, Profile)>,
    ) -> Vec<Result<(ImportAction, EnterpriseId), RowRefusal>> {
        let row = |(number, (id, profile)): (i64, (Option<&str>, Profile))| ImportRow {
            row: number,
            id: id.map(|id| EnterpriseId::new(id).unwrap()),
            profile,
            restored: None,
        };
        let rows = (0..).zip(rows).map(row).collect();
        let manner =
            ImportManner { initial_state: State::Active, allow_lookalikes: false, origin: Origin::registry("Test") };
        let (outcomes, _) = self.registry.import(rows, &manner).await.unwrap();
        outcomes.into_iter().map(|outcome| outcome.result).collect()
    }

    async fn stored(&self, name: &str) -> Enterprise {
        self.registry.enterprise(&id(name)).await.unwrap()
    }
}

const ISIN_A: &str = "US0378331005";
const ISIN_B: &str = "PK0025201010";

#[tokio::test]
async fn two_import_rows_of_one_record_are_applied_one_after_the_other() {
    let world = world().await;
    world.created("e1", vec![isin(ISIN_A), cuin("0337422")]).await;
    let rows = vec![(None, profile("Row one", vec![isin(ISIN_A)])), (None, profile("Row two", vec![cuin("0337422")]))];
    let outcomes = world.imported(rows).await;
    assert!(matches!(outcomes[0], Ok((ImportAction::Updated, _))));
    // The first row took the company number away, so the second is about a record of its own.
    assert!(matches!(&outcomes[1], Ok((ImportAction::Created, new)) if *new != id("e1")));
    assert_eq!(world.stored("e1").await.profile, profile("Row one", vec![isin(ISIN_A)]));
    let found = world.registry.lookup_enterprise(isin(ISIN_A)).await.unwrap();
    assert_eq!(found.id, id("e1"));
}

#[tokio::test]
async fn an_import_never_overwrites_a_record_that_only_its_made_id_points_to() {
    let world = world().await;
    let outcomes = world.imported(vec![(None, profile("Alpha", vec![isin(ISIN_A)]))]).await;
    let Ok((ImportAction::Created, made)) = &outcomes[0] else { panic!("{outcomes:?}") };
    // Alpha's number was a mistake; it is corrected, and then the real holder comes.
    let correct = |current: &Enterprise| Ok(Profile { identifiers: vec![isin(ISIN_B)], ..current.profile.clone() });
    world.registry.update_enterprise(&update(made), correct).await.unwrap();
    let outcomes = world.imported(vec![(None, profile("Beta", vec![isin(ISIN_A)]))]).await;
    assert!(matches!(&outcomes[0], Err(RowRefusal::Occupied(occupied)) if occupied == made));
    assert_eq!(world.registry.enterprise(made).await.unwrap().profile.display_name, "Alpha");
}

#[tokio::test]
async fn repeating_an_import_leaves_everything_unchanged() {
    let world = world().await;
    let rows = || {
        vec![
            (Some("by-id"), profile("By id", Vec::new())),
            (None, profile("By number", vec![isin(ISIN_A)])),
            (None, profile("By name", Vec::new())),
        ]
    };
    assert!(world.imported(rows()).await.iter().all(|one| matches!(one, Ok((ImportAction::Created, _)))));
    assert!(world.imported(rows()).await.iter().all(|one| matches!(one, Ok((ImportAction::Unchanged, _)))));
}

#[tokio::test]
async fn an_update_that_changed_nothing_is_remembered_by_its_request_id() {
    let world = world().await;
    world.created("e1", Vec::new()).await;
    let e1 = id("e1");
    let again = Update { request: request(1, 1), ..update(&e1) };
    world.set_city(&update(&e1), "Lahore").await.unwrap();
    let first = world.set_city(&again, "Lahore").await.unwrap();
    world.set_city(&update(&e1), "Karachi").await.unwrap();
    assert_eq!(world.set_city(&again, "Lahore").await.unwrap(), first);
    assert_eq!(world.stored("e1").await.profile.city, "Karachi");
    let other_body = Update { request: request(1, 2), ..update(&e1) };
    let refused = world.set_city(&other_body, "Quetta").await.unwrap_err();
    assert!(matches!(refused, Error::Store(store::Error::RequestReused(_))));
}

#[tokio::test]
async fn validate_only_judges_like_the_real_call_and_changes_nothing() {
    let world = world().await;
    world.created("holder", vec![isin(ISIN_A)]).await;
    let before = world.created("e1", Vec::new()).await;
    let e1 = id("e1");
    let rehearsal = Update { validate_only: true, ..update(&e1) };
    let take = |current: &Enterprise| Ok(Profile { identifiers: vec![isin(ISIN_A)], ..current.profile.clone() });
    let refused = world.registry.update_enterprise(&rehearsal, take).await.unwrap_err();
    assert!(matches!(refused, Error::Store(store::Error::IdentifierTaken { .. })));
    let judged = world.set_city(&rehearsal, "Lahore").await.unwrap();
    assert_eq!((judged.profile.city.as_str(), judged.revision), ("Lahore", 0));
    assert_eq!(world.stored("e1").await, before);
}

#[tokio::test]
async fn a_repeated_delete_gets_the_first_answer() {
    let world = world().await;
    world.created("e1", Vec::new()).await;
    let e1 = id("e1");
    let delete = Update { request: request(7, 1), ..update(&e1) };
    let first = world.registry.delete_enterprise(&delete).await.unwrap();
    assert_eq!(world.registry.delete_enterprise(&delete).await.unwrap(), first);
    let without = world.registry.delete_enterprise(&update(&e1)).await.unwrap_err();
    assert!(matches!(without, Error::Store(store::Error::NotFound(_))));
}

#[tokio::test]
async fn every_step_of_the_lifecycle_is_allowed_from_its_states_only() {
    let steps = [Step::Submit, Step::Activate, Step::Suspend, Step::Reinstate];
    // From each state, what each step leads to.
    let (draft, review, active, suspended) = (State::Draft, State::InReview, State::Active, State::Suspended);
    let table = [
        (draft, [Some(review), Some(active), None, None]),
        (review, [None, Some(active), None, None]),
        (active, [None, None, Some(suspended), None]),
        (suspended, [None, None, None, Some(active)]),
        (State::Merged, [None, None, None, None]),
    ];
    let world = world().await;
    let record = world.created("e1", Vec::new()).await;
    for (from, outcomes) in table {
        for (step, outcome) in steps.into_iter().zip(outcomes) {
            let mut moving = Enterprise { state: from, ..record.clone() };
            let moved = moving.step(step);
            assert_eq!(moved.is_ok(), outcome.is_some(), "{from:?} {step:?}");
            assert_eq!(moving.state, outcome.unwrap_or(from), "{from:?} {step:?}");
        }
    }
}

#[tokio::test]
async fn only_a_live_enterprise_that_does_not_take_part_yet_can_be_activated() {
    let world = world().await;
    world.created("e1", Vec::new()).await;
    let e1 = id("e1");
    assert_eq!(world.registry.step_enterprise(&update(&e1), Step::Activate).await.unwrap().state, State::Active);
    let twice = world.registry.step_enterprise(&update(&e1), Step::Activate).await.unwrap_err();
    assert!(
        matches!(twice, Error::IllegalTransition { transition, .. } if (transition.state, transition.allowed) == ("ACTIVE", "SuspendEnterprise"))
    );
    world.registry.delete_enterprise(&update(&e1)).await.unwrap();
    let deleted = world.registry.step_enterprise(&update(&e1), Step::Activate).await.unwrap_err();
    assert!(
        matches!(deleted, Error::IllegalTransition { transition, .. } if transition.allowed == "UndeleteEnterprise")
    );
    let back = world.registry.undelete_enterprise(&update(&e1)).await.unwrap();
    assert_eq!((back.state, back.delete_time), (State::Active, None));
}

#[tokio::test]
async fn an_identifier_is_free_again_after_its_holder_was_deleted_and_then_taken() {
    let world = world().await;
    world.created("e1", vec![isin(ISIN_A)]).await;
    let e1 = id("e1");
    world.registry.delete_enterprise(&update(&e1)).await.unwrap();
    world.created("e2", vec![isin(ISIN_A)]).await;
    let back = world.registry.undelete_enterprise(&update(&e1)).await.unwrap_err();
    assert!(matches!(back, Error::Store(store::Error::IdentifierTaken { holder, .. }) if holder == id("e2")));
}
