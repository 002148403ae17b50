//! Claims about look-alikes and merges, over a real SQLite store.

use registry_service::domain::enterprise::{Enterprise, Profile, State, Step};
use registry_service::domain::identifier::{Identifier, Scheme};
use registry_service::domain::ids::{EnterpriseId, OpportunityId};
use registry_service::domain::opportunity::{Content, Kind, Opportunity};
use registry_service::domain::places::CountryCode;
use registry_service::registry::{Error, ImportManner, ImportRow, RowRefusal, Subject, Update};
use registry_service::store::{self, Listing, Origin, Request};
use service_kit::order_by::OrderBy;
use uuid::Uuid;

#[path = "kit/world.rs"]
mod world;

use world::{World, world};

fn id(id: &str) -> EnterpriseId {
    EnterpriseId::new(id).unwrap()
}

fn cuin(value: &str) -> Identifier {
    Identifier::parse(Scheme::PkCuin, value).unwrap()
}

fn isin() -> Identifier {
    Identifier::parse(Scheme::Isin, "PK0025201010").unwrap()
}

fn profile(name: &str, identifiers: Vec<Identifier>) -> Profile {
    Profile { identifiers, ..Profile::new(name, CountryCode::parse("PK").unwrap()) }
}

fn content(title: &str) -> Content {
    Content::new(Kind::BusinessOffer, title)
}

fn update<Id>(id: Id) -> Update<Id> {
    Update { id, expected: None, request: None, validate_only: false, origin: Origin::registry("Test") }
}

impl World {
    async fn created(&self, name: &str, display_name: &str, identifiers: Vec<Identifier>) -> Enterprise {
        self.registry.create_enterprise(&update(id(name)), profile(display_name, identifiers)).await.unwrap()
    }

    /// Imports rows of an id and a name; tells what became of them.
    async fn imported(&self, allow_lookalikes: bool, rows: &[(&str, &str)]) -> Vec<Enterprise> {
        let row = |(number, (row_id, name)): (i64, &(&str, &str))| ImportRow {
            row: number,
            id: Some(id(row_id)),
            profile: profile(name, Vec::new()),
            restored: None,
        };
        let rows: Vec<ImportRow> = (0..).zip(rows).map(row).collect();
        let ids: Vec<EnterpriseId> = rows.iter().map(|row| row.id.clone().unwrap()).collect();
        let manner = ImportManner { initial_state: State::Active, allow_lookalikes, origin: Origin::registry("Test") };
        self.registry.import(rows, &manner).await.unwrap();
        self.registry.enterprises(&ids).await.unwrap()
    }

    async fn stored(&self, name: &str) -> Enterprise {
        self.registry.enterprise(&id(name)).await.unwrap()
    }

    /// Ids of the duplicates of a record, and how many records were compared.
    async fn duplicates(&self, subject: Subject) -> (Vec<String>, usize) {
        let found = self.registry.find_duplicates(subject, 700_000, 20).await.unwrap();
        (found.found.iter().map(|one| one.enterprise.id.as_str().to_owned()).collect(), found.considered)
    }

    async fn offered(&self, parent: &str, name: &str) -> Opportunity {
        let offer = OpportunityId::new(id(parent), name).unwrap();
        self.registry.create_opportunity(&update(offer), content(&format!("{name} of {parent}"))).await.unwrap()
    }

    async fn offers(&self, parent: &str) -> Vec<(String, String)> {
        let all =
            Listing { filter: None, order: OrderBy::ascending("name"), after: None, limit: 100, show_deleted: false };
        let found = self.registry.list_opportunities(Some(&id(parent)), &all).await.unwrap();
        found.into_iter().map(|one| (one.id.as_str().to_owned(), one.content.title)).collect()
    }

    async fn merged(&self, from: &str, into: &str) -> Enterprise {
        self.registry.merge_enterprises(&update(id(from)), &id(into)).await.unwrap()
    }
}

fn offer(id: &str, title: &str) -> (String, String) {
    (id.to_owned(), title.to_owned())
}

#[track_caller]
fn illegal<T: std::fmt::Debug>(outcome: Result<T, Error>, state: &str, allowed: &str) {
    match outcome.unwrap_err() {
        Error::IllegalTransition { transition, .. } => {
            assert_eq!((transition.state, transition.allowed), (state, allowed));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_new_record_that_looks_like_an_existing_one_is_held_and_says_for_which() {
    let world = world().await;
    world.created("nishat", "Nishat Mills Limited", Vec::new()).await;
    let twin = world.created("nishat-2", "نشاط ملز لمیٹڈ", Vec::new()).await;
    assert_eq!(twin.state, State::InReview);
    assert_eq!(twin.holds.iter().map(|hold| hold.enterprise.clone()).collect::<Vec<_>>(), [id("nishat")]);
    let sister = world.created("nishat-power", "Nishat Power Limited", Vec::new()).await;
    assert_eq!((sister.state, sister.holds), (State::Draft, Vec::new()));
}

#[tokio::test]
async fn a_rehearsal_of_a_creation_tells_its_holds() {
    let world = world().await;
    world.created("nishat", "Nishat Mills Limited", Vec::new()).await;
    let rehearsal = Update { validate_only: true, ..update(id("twin")) };
    let judged = world.registry.create_enterprise(&rehearsal, profile("Nishat Mills", Vec::new())).await.unwrap();
    assert_eq!((judged.state, judged.holds.len()), (State::InReview, 1));
}

#[tokio::test]
async fn a_held_record_is_activated_only_when_its_holds_are_dismissed() {
    let world = world().await;
    world.created("first", "Nishat Mills", Vec::new()).await;
    world.created("second", "Nishat Mills Ltd", Vec::new()).await;
    let refused = world.registry.activate_enterprise(&update(id("second")), false).await.unwrap_err();
    assert!(matches!(refused, Error::Held { closest, .. } if closest.enterprise == id("first")));
    let rename = |current: &Enterprise| Ok(Profile { display_name: "Another".to_owned(), ..current.profile.clone() });
    let renamed = world.registry.update_enterprise(&update(id("second")), rename).await.unwrap();
    assert_eq!(renamed.holds.len(), 1, "an update does not drop holds");
    let active = world.registry.activate_enterprise(&update(id("second")), true).await.unwrap();
    assert_eq!((active.state, active.holds, active.revision), (State::Active, Vec::new(), renamed.revision + 1));
}

#[tokio::test]
async fn an_import_holds_look_alikes_of_records_and_of_earlier_rows_unless_they_are_allowed() {
    let world = world().await;
    world.created("first", "Nishat Mills", Vec::new()).await;
    let rows = [("second", "NISHAT MILLS LTD."), ("third", "Engro Foods"), ("fourth", "Engro Foods (Pvt.) Limited")];
    let states = |records: &[Enterprise]| records.iter().map(|one| (one.state, one.holds.len())).collect::<Vec<_>>();
    let imported = world.imported(false, &rows).await;
    assert_eq!(states(&imported), [(State::InReview, 1), (State::Active, 0), (State::InReview, 1)]);
    assert_eq!(imported[2].holds[0].enterprise, id("third"));
    // Rows that meet their records change nothing of this.
    assert_eq!(world.imported(true, &rows).await, imported);
    let allowed = world.imported(true, &[("fifth", "Nishat Mills")]).await;
    assert_eq!(states(&allowed), [(State::Active, 0)]);
}

#[tokio::test]
async fn at_most_five_holds_are_kept_the_closest() {
    let world = world().await;
    for number in 0..8 {
        world.created(&format!("twin-{number}"), "Nishat Mills", Vec::new()).await;
    }
    assert_eq!(world.stored("twin-7").await.holds.len(), 5);
}

#[tokio::test]
async fn duplicates_are_found_by_name_and_by_number_but_not_the_record_itself() {
    let world = world().await;
    world.created("nishat", "Nishat Mills", vec![cuin("0000001")]).await;
    world.created("twin", "Nishat Mills Limited", Vec::new()).await;
    world.created("other", "Lucky Cement", vec![isin()]).await;
    assert_eq!(world.duplicates(Subject::Registered(id("nishat"))).await, (vec!["twin".to_owned()], 1));
    let described = Subject::Described(Box::new(profile("NISHAT MILLS", vec![isin()])));
    assert_eq!(world.duplicates(described).await, (vec!["nishat".into(), "twin".into(), "other".into()], 3));
    let unknown = world.registry.find_duplicates(Subject::Registered(id("nobody")), 1, 1).await.unwrap_err();
    assert!(matches!(unknown, Error::Store(store::Error::NotFound(_))));
}

#[tokio::test]
async fn deleted_and_merged_records_are_not_candidates() {
    let world = world().await;
    for twin in ["stays", "merged", "deleted"] {
        world.created(twin, "Nishat Mills", Vec::new()).await;
    }
    world.registry.delete_enterprise(&update(id("deleted"))).await.unwrap();
    world.merged("merged", "stays").await;
    let described = Subject::Described(Box::new(profile("Nishat Mills", Vec::new())));
    assert_eq!(world.duplicates(described.clone()).await, (vec!["stays".to_owned()], 1));
    world.registry.undelete_enterprise(&update(id("deleted"))).await.unwrap();
    assert_eq!(world.duplicates(described).await.1, 2);
}

#[tokio::test]
async fn a_merge_moves_numbers_and_opportunities_in_one_revision() {
    let world = world().await;
    world.created("from", "Nishat Mills", vec![cuin("0000001")]).await;
    world.created("into", "Nishat Mills", vec![isin()]).await;
    world.offered("from", "yarn").await;
    let shared = world.offered("from", "cloth").await;
    let before = world.offered("into", "cloth").await;

    let into = world.merged("from", "into").await;
    assert_eq!((into.id.clone(), into.revision), (id("into"), before.revision + 1));
    assert_eq!(into.profile.identifiers, [isin(), cuin("0000001")]);
    assert_eq!(into.holds, Vec::new(), "the hold for the merged one is settled");
    let from = world.stored("from").await;
    assert_eq!((from.state, from.revision), (State::Merged, into.revision));
    assert_eq!(from.profile.identifiers, Vec::new());
    let merge = from.merge.unwrap();
    assert_eq!((merge.into, merge.previous_state), (id("into"), State::Draft));
    assert_eq!(merge.moved_identifiers, [cuin("0000001")]);
    assert_eq!(world.offers("from").await, []);
    let offers = [offer("cloth", "cloth of into"), offer("cloth-2", "cloth of from"), offer("yarn", "yarn of from")];
    assert_eq!(world.offers("into").await, offers);
    let moved = world.registry.opportunity(&OpportunityId::new(id("into"), "cloth-2").unwrap()).await.unwrap();
    assert_eq!((moved.uid, moved.create_time), (shared.uid, shared.create_time));
    assert_eq!(world.registry.lookup_enterprise(cuin("0000001")).await.unwrap().id, id("into"));
}

#[tokio::test]
async fn an_unmerge_brings_back_what_is_still_there() {
    let world = world().await;
    world.created("from", "Nishat Mills", vec![cuin("0000001"), isin()]).await;
    world.registry.activate_enterprise(&update(id("from")), false).await.unwrap();
    world.created("into", "Lucky Cement", Vec::new()).await;
    world.offered("from", "yarn").await;
    world.offered("from", "cloth").await;
    world.offered("into", "cloth").await;
    world.merged("from", "into").await;

    // One number is corrected away, one opportunity removed, one rewritten.
    let drop_isin =
        |current: &Enterprise| Ok(Profile { identifiers: vec![cuin("0000001")], ..current.profile.clone() });
    world.registry.update_enterprise(&update(id("into")), drop_isin).await.unwrap();
    let yarn = OpportunityId::new(id("into"), "yarn").unwrap();
    world.registry.delete_opportunity(&update(yarn)).await.unwrap();
    let cloth = OpportunityId::new(id("into"), "cloth-2").unwrap();
    world.registry.update_opportunity(&update(cloth), |_| Ok(content("rewritten"))).await.unwrap();

    let from = world.registry.unmerge_enterprise(&update(id("from"))).await.unwrap();
    assert_eq!((from.state, from.merge), (State::Active, None));
    assert_eq!(from.profile.identifiers, [cuin("0000001")]);
    let into = world.stored("into").await;
    assert_eq!((into.profile.identifiers, into.revision), (Vec::new(), from.revision));
    assert_eq!(world.offers("from").await, [offer("cloth", "rewritten")]);
    assert_eq!(world.offers("into").await, [offer("cloth", "cloth of into")]);
    illegal(world.registry.unmerge_enterprise(&update(id("from"))).await, "ACTIVE", "SuspendEnterprise");
}

#[tokio::test]
async fn a_merged_record_can_only_be_unmerged_deleted_and_undeleted() {
    let world = world().await;
    world.created("from", "Nishat Mills", Vec::new()).await;
    world.created("into", "Lucky Cement", Vec::new()).await;
    world.created("third", "Engro Foods", Vec::new()).await;
    world.merged("from", "into").await;
    let (registry, from) = (&world.registry, || update(id("from")));
    let keep = |current: &Enterprise| Ok(current.profile.clone());
    let refused = ("MERGED", "UnmergeEnterprise");
    illegal(registry.update_enterprise(&from(), keep).await, refused.0, refused.1);
    illegal(registry.activate_enterprise(&from(), true).await, refused.0, refused.1);
    illegal(registry.step_enterprise(&from(), Step::Submit).await, refused.0, refused.1);
    illegal(registry.merge_enterprises(&from(), &id("third")).await, refused.0, refused.1);
    illegal(registry.merge_enterprises(&update(id("third")), &id("from")).await, refused.0, refused.1);
    let new = OpportunityId::new(id("from"), "yarn").unwrap();
    illegal(registry.create_opportunity(&update(new), content("Yarn")).await, refused.0, refused.1);
    let row = ImportRow { row: 1, id: Some(id("from")), profile: profile("Nishat Mills", Vec::new()), restored: None };
    let manner =
        ImportManner { initial_state: State::Active, allow_lookalikes: true, origin: Origin::registry("Test") };
    let (outcomes, _) = registry.import(vec![row], &manner).await.unwrap();
    assert!(matches!(&outcomes[0].result, Err(RowRefusal::Merged(merged)) if *merged == id("from")));

    registry.delete_enterprise(&from()).await.unwrap();
    illegal(registry.unmerge_enterprise(&from()).await, "DELETED", "UndeleteEnterprise");
    assert_eq!(registry.undelete_enterprise(&from()).await.unwrap().state, State::Merged);
    assert_eq!(registry.unmerge_enterprise(&from()).await.unwrap().state, State::Draft);
}

#[tokio::test]
async fn a_merge_needs_two_live_records_and_the_version_that_the_caller_names() {
    let world = world().await;
    let from = world.created("from", "Nishat Mills", Vec::new()).await;
    world.created("into", "Lucky Cement", Vec::new()).await;
    let (registry, change) = (&world.registry, update(id("from")));
    assert!(matches!(registry.merge_enterprises(&change, &id("from")).await, Err(Error::Invalid(_))));
    let missing = registry.merge_enterprises(&change, &id("nobody")).await.unwrap_err();
    assert!(matches!(missing, Error::Store(store::Error::NotFound(_))));
    let stale = Update { expected: Some(from.revision - 1), ..change.clone() };
    let refused = registry.merge_enterprises(&stale, &id("into")).await.unwrap_err();
    assert!(matches!(refused, Error::Store(store::Error::Stale(_))));
    registry.delete_enterprise(&update(id("into"))).await.unwrap();
    illegal(registry.merge_enterprises(&change, &id("into")).await, "DELETED", "UndeleteEnterprise");
}

#[tokio::test]
async fn a_repeated_merge_gets_the_first_answer() {
    let world = world().await;
    world.created("from", "Nishat Mills", Vec::new()).await;
    world.created("into", "Lucky Cement", Vec::new()).await;
    let request = Some(Request { id: Uuid::from_u128(7), digest: [1; 32] });
    let change = Update { request, ..update(id("from")) };
    let first = world.registry.merge_enterprises(&change, &id("into")).await.unwrap();
    assert_eq!(world.registry.merge_enterprises(&change, &id("into")).await.unwrap(), first);
}

#[tokio::test]
async fn more_opportunities_than_one_revision_can_hold_are_refused_and_stay() {
    let world = world().await;
    world.created("from", "Nishat Mills", Vec::new()).await;
    world.created("into", "Lucky Cement", Vec::new()).await;
    for number in 0..250 {
        world.offered("from", &format!("offer-{number}")).await;
    }
    let refused = world.registry.merge_enterprises(&update(id("from")), &id("into")).await.unwrap_err();
    assert!(matches!(refused, Error::TooMuch { limit: "moved_opportunities", maximum: 249 }), "{refused:?}");
    let last = OpportunityId::new(id("from"), "offer-0").unwrap();
    world.registry.delete_opportunity(&update(last)).await.unwrap();
    world.merged("from", "into").await;
    assert_eq!(world.offers("from").await, []);
}
