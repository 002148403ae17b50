//! Claims about the use cases of opportunities, over a real SQLite store.

use std::sync::Arc;

use registry_service::domain::enterprise::Profile;
use registry_service::domain::ids::{EnterpriseId, OpportunityId};
use registry_service::domain::opportunity::{Assessment, Content, Kind, Opportunity, Score, State};
use registry_service::domain::places::CountryCode;
use registry_service::domain::time::Timestamp;
use registry_service::registry::{Error, Registry, Update};
use registry_service::store::sql::{Options, SqlStore};
use registry_service::store::{self, Expect, Origin, Put, Request, Store, Write};
use uuid::Uuid;

struct World {
    registry: Registry,
    store: Arc<SqlStore>,
    _folder: tempfile::TempDir,
}

/// A registry with the enterprise `mill`.
async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("registry.db").display());
    let store = Arc::new(SqlStore::open(&Options { url, max_connections: 4 }).await.unwrap());
    let world = World { registry: Registry::open(store.clone()).await.unwrap(), store, _folder: folder };
    world.registry.create_enterprise(&update(EnterpriseId::new("mill").unwrap()), profile()).await.unwrap();
    world
}

fn profile() -> Profile {
    Profile::new("A mill", CountryCode::parse("PK").unwrap())
}

fn content(title: &str, expire_time: Option<Timestamp>) -> Content {
    Content { expire_time, ..Content::new(Kind::BusinessRequest, title) }
}

fn id(id: &str) -> OpportunityId {
    OpportunityId::new(EnterpriseId::new("mill").unwrap(), id).unwrap()
}

fn update<Id>(id: Id) -> Update<Id> {
    Update { id, expected: None, request: None, validate_only: false, origin: Origin::registry("Test") }
}

fn request(number: u128) -> Option<Request> {
    Some(Request { id: Uuid::from_u128(number), digest: [1; 32] })
}

fn assessment(score: i32) -> Assessment {
    let score = Score::parse(score).unwrap();
    Assessment { clarity: score, innovation: score, readiness: score, relevance: score, comment: String::new() }
}

fn later(instant: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(instant.micros() + micros)
}

const HOUR: i64 = 3_600_000_000;

impl World {
    async fn clock(&self) -> Timestamp {
        self.store.clock().await.unwrap()
    }

    async fn draft(&self, name: &str, expire_time: Option<Timestamp>) -> Result<Opportunity, Error> {
        self.registry.create_opportunity(&update(id(name)), content(name, expire_time)).await
    }

    async fn published(&self, name: &str, expire_time: Option<Timestamp>) -> Opportunity {
        self.draft(name, expire_time).await.unwrap();
        self.registry.submit_opportunity(&update(id(name))).await.unwrap();
        self.registry.review_opportunity(&update(id(name)), assessment(3)).await.unwrap()
    }

    /// Published ones whose time is over.
    async fn overdue(&self, names: &[&str]) -> Vec<Opportunity> {
        let expire_time = self.clock().await;
        let mut published = Vec::new();
        for name in names {
            // Past the door, which would refuse a time that is over by now.
            self.draft(name, None).await.unwrap();
            let mut opportunity = self.registry.opportunity(&id(name)).await.unwrap();
            (opportunity.state, opportunity.content.expire_time) = (State::Published, Some(expire_time));
            let expect = Expect::Revision(opportunity.revision);
            self.write(Put::Opportunity(Box::new(opportunity), expect)).await;
            published.push(self.registry.opportunity(&id(name)).await.unwrap());
        }
        published
    }

    async fn write(&self, put: Put) {
        let origin = Origin::registry("Test");
        self.store
            .write(Write { request: None, puts: vec![put], validate_only: false, origin, compared: None })
            .await
            .unwrap();
    }

    async fn rewritten(&self, name: &str, content: Content) -> Result<Opportunity, Error> {
        self.registry.update_opportunity(&update(id(name)), |_| Ok(content.clone())).await
    }
}

#[track_caller]
fn violated<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<String> {
    let Err(Error::Invalid(violations)) = outcome else { panic!("{outcome:?}") };
    violations.into_vec().into_iter().map(|violation| violation.field).collect()
}

#[track_caller]
fn illegal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> (String, &'static str, &'static str) {
    let Err(Error::IllegalTransition { name, transition }) = outcome else { panic!("{outcome:?}") };
    (name, transition.state, transition.allowed)
}

#[tokio::test]
async fn a_time_that_is_over_cannot_be_written() {
    let world = world().await;
    let now = world.clock().await;
    assert_eq!(violated(world.draft("x", Some(now)).await), ["opportunity.expire_time"]);
    let batch = [Some(now), None, Some(later(now, HOUR)), Some(later(now, -HOUR))];
    let batch = (0..).zip(batch).map(|(number, time)| (id(&format!("x{number}")), content("X", time)));
    let refused = world.registry.create_opportunities(&update(()), batch.collect()).await;
    assert_eq!(violated(refused), ["requests[0].opportunity.expire_time", "requests[3].opportunity.expire_time"]);

    world.published("x", Some(later(now, HOUR))).await;
    assert_eq!(violated(world.rewritten("x", content("x", Some(now))).await), ["opportunity.expire_time"]);
    assert_eq!(violated(world.registry.renew_opportunity(&update(id("x")), now).await), ["expire_time"]);
    assert_eq!(world.registry.opportunity(&id("x0")).await.ok(), None);
}

#[tokio::test]
async fn a_time_that_was_over_before_stands_in_no_updates_way() {
    let world = world().await;
    let [overdue] = world.overdue(&["x"]).await.try_into().unwrap();
    world.registry.expire_overdue().await.unwrap();
    let wanted = Content { priority: Some(5), ..overdue.content };
    let updated = world.rewritten("x", wanted.clone()).await.unwrap();
    assert_eq!((updated.state, updated.content), (State::Expired, wanted));
}

#[tokio::test]
async fn a_renewal_is_later_than_before() {
    let world = world().await;
    let soon = later(world.clock().await, HOUR);
    world.published("x", Some(soon)).await;
    assert_eq!(violated(world.registry.renew_opportunity(&update(id("x")), soon).await), ["expire_time"]);
    let renewed = world.registry.renew_opportunity(&update(id("x")), later(soon, 1)).await.unwrap();
    assert_eq!((renewed.state, renewed.content.expire_time), (State::Published, Some(later(soon, 1))));
}

#[tokio::test]
async fn what_is_overdue_expires_in_one_revision_and_can_be_renewed() {
    let world = world().await;
    let overdue = world.overdue(&["x", "y"]).await;
    world.published("z", Some(later(world.clock().await, HOUR))).await;
    let before = world.store.head().await.unwrap().revision;
    assert_eq!(world.registry.expire_overdue().await.unwrap(), 2);
    assert_eq!(world.registry.expire_overdue().await.unwrap(), 0);
    assert_eq!(world.store.head().await.unwrap().revision, before + 1);

    for opportunity in overdue {
        let expired = world.registry.opportunity(&opportunity.id).await.unwrap();
        assert_eq!((expired.state, expired.content), (State::Expired, opportunity.content));
    }
    let renewal = later(world.clock().await, HOUR);
    let renewed = world.registry.renew_opportunity(&update(id("x")), renewal).await.unwrap();
    assert_eq!(renewed.state, State::Published);
    assert_eq!(world.registry.opportunity(&id("z")).await.unwrap().state, State::Published);
}

#[tokio::test]
async fn several_registries_of_one_database_expire_each_opportunity_once() {
    let world = world().await;
    let other = Registry::open(world.store.clone()).await.unwrap();
    for round in 0..5 {
        let names: Vec<String> = (0..4).map(|number| format!("x{round}-{number}")).collect();
        world.overdue(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let before = world.store.head().await.unwrap().revision;
        // Each looks before the other has written, so one of them loses the race.
        let (one, two) = tokio::join!(world.registry.expire_overdue(), other.expire_overdue());
        assert_eq!(one.unwrap() + two.unwrap(), names.len());
        assert_eq!(world.store.head().await.unwrap().revision, before + 1);
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_also_when_its_time_is_over() {
    let world = world().await;
    let soon = later(world.clock().await, HOUR);
    let create = Update { request: request(1), ..update(id("x")) };
    let created = world.registry.create_opportunity(&create, content("x", Some(soon))).await.unwrap();
    let batch = Update { request: request(2), ..update(()) };
    let contents = |time| vec![(id("y"), content("y", Some(time))), (id("z"), content("z", None))];
    let batched = world.registry.create_opportunities(&batch, contents(soon)).await.unwrap();

    // The identity of a request is its digest, so this one stands for the same one an hour later.
    let over = world.clock().await;
    assert_eq!(world.registry.create_opportunity(&create, content("x", Some(over))).await.unwrap(), created);
    // What happened to one of them since does not matter.
    world.registry.delete_opportunity(&update(id("z"))).await.unwrap();
    assert_eq!(world.registry.create_opportunities(&batch, contents(over)).await.unwrap(), batched);
    assert_eq!(batched.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [id("y"), id("z")]);
}

#[tokio::test]
async fn a_batch_is_written_whole_or_not_at_all() {
    let world = world().await;
    world.draft("b", None).await.unwrap();
    let before = world.store.head().await.unwrap().revision;
    let contents = ["a", "b", "c"].map(|name| (id(name), content(name, None)));
    let refused = world.registry.create_opportunities(&update(()), contents.to_vec()).await.unwrap_err();
    assert!(matches!(refused, Error::Store(store::Error::Exists(name)) if name == id("b").to_string()));
    assert_eq!(world.store.head().await.unwrap().revision, before);

    let contents = ["c", "a"].map(|name| (id(name), content(name, None)));
    let rehearsal = Update { validate_only: true, ..update(()) };
    let judged = world.registry.create_opportunities(&rehearsal, contents.to_vec()).await.unwrap();
    assert_eq!(judged.iter().map(|one| (&one.id, one.revision)).collect::<Vec<_>>(), [(&id("c"), 0), (&id("a"), 0)]);
    assert_eq!(world.store.head().await.unwrap().revision, before);

    let written = world.registry.create_opportunities(&update(()), contents.to_vec()).await.unwrap();
    assert!(written.iter().all(|one| one.revision == before + 1));
    assert_eq!(world.registry.opportunities(&[id("c"), id("a")]).await.unwrap(), written);
    let missing = world.registry.opportunities(&[id("c"), id("nobody")]).await.unwrap_err();
    assert!(matches!(missing, Error::Store(store::Error::NotFound(name)) if name == id("nobody").to_string()));
}

#[tokio::test]
async fn below_a_deleted_enterprise_nothing_changes() {
    let world = world().await;
    let published = world.published("x", None).await;
    world.registry.delete_enterprise(&update(EnterpriseId::new("mill").unwrap())).await.unwrap();
    let deleted = ("enterprises/mill".to_owned(), "DELETED", "UndeleteEnterprise");
    refuses_everything(&world, &published, &deleted).await;
}

#[tokio::test]
async fn below_a_merged_enterprise_nothing_is_left_and_nothing_comes() {
    let world = world().await;
    let published = world.published("x", None).await;
    let other = EnterpriseId::new("other").unwrap();
    let profile = Profile::new("Another", CountryCode::parse("PK").unwrap());
    world.registry.create_enterprise(&update(other.clone()), profile).await.unwrap();
    world.registry.merge_enterprises(&update(EnterpriseId::new("mill").unwrap()), &other).await.unwrap();

    let merged = ("enterprises/mill".to_owned(), "MERGED", "UnmergeEnterprise");
    assert_eq!(illegal(world.draft("new", None).await), merged);
    assert!(world.registry.opportunity(&published.id).await.is_err());
    let moved = world.registry.opportunity(&OpportunityId::new(other, "x").unwrap()).await.unwrap();
    assert_eq!((moved.uid, moved.state), (published.uid, State::Published));
}

/// Every method that writes is refused like that, and leaves the opportunity as it was.
async fn refuses_everything(world: &World, opportunity: &Opportunity, refusal: &(String, &'static str, &'static str)) {
    let registry = &world.registry;
    let x = update(id("x"));
    let renewal = later(world.clock().await, HOUR);
    assert_eq!(illegal(world.draft("new", None).await), *refusal);
    let batch = vec![(id("new"), content("new", None))];
    assert_eq!(illegal(registry.create_opportunities(&update(()), batch).await), *refusal);
    assert_eq!(illegal(world.rewritten("x", content("changed", None)).await), *refusal);
    assert_eq!(illegal(registry.submit_opportunity(&x).await), *refusal);
    assert_eq!(illegal(registry.review_opportunity(&x, assessment(3)).await), *refusal);
    assert_eq!(illegal(registry.renew_opportunity(&x, renewal).await), *refusal);
    assert_eq!(illegal(registry.close_opportunity(&x).await), *refusal);
    assert_eq!(illegal(registry.delete_opportunity(&x).await), *refusal);
    assert_eq!(registry.opportunity(&opportunity.id).await.unwrap(), *opportunity);
}

#[tokio::test]
async fn what_says_something_else_is_reviewed_again() {
    let world = world().await;
    world.published("x", None).await;
    let priority = Content { priority: Some(5), ..content("x", None) };
    assert_eq!(world.rewritten("x", priority.clone()).await.unwrap().state, State::Published);
    let retitled = world.rewritten("x", Content { title: "y".to_owned(), ..priority }).await.unwrap();
    assert_eq!(retitled.state, State::InReview);

    let rejected = world.registry.review_opportunity(&update(id("x")), assessment(1)).await.unwrap();
    assert_eq!(illegal(world.registry.submit_opportunity(&update(id("x"))).await).2, "UpdateOpportunity");
    let same = world.rewritten("x", rejected.content.clone()).await.unwrap();
    assert_eq!(same, rejected);
    let draft = world.rewritten("x", content("z", None)).await.unwrap();
    assert_eq!((draft.state, draft.review), (State::Draft, rejected.review));
}
