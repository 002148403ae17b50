//! The system under test: a real registry, in which each sequence has ids of its own.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use e2e::services::Engine;
use registry_service::domain::enterprise::{self, Profile, Step};
use registry_service::domain::identifier::{Identifier, Scheme};
use registry_service::domain::ids::{EnterpriseId, OpportunityId};
use registry_service::domain::opportunity::{Content, Kind, Opportunity};
use registry_service::domain::places::CountryCode;
use registry_service::registry::{Error, Registry, Update};
use registry_service::store::{self, ChangeKind, Origin, Request, Resource, codec};
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::reference::{Answer, Call, Enterprise, Etag, Model, Offer, Operation, Refusal, State};
use crate::database::empty_store;

/// Beginnings of names.
const NAMES: [&str; 2] = ["Sapphire", "Honghe"];
/// What sequences of one number may use of each kind of number.
const NUMBERS: u64 = 8;

pub(super) struct OnSqlite;
pub(super) struct OnPostgres;

/// A registry on a database of its own, and its store.
pub(super) struct Place {
    runtime: Runtime,
    registry: Registry,
    store: store::SharedStore,
    /// One sequence at a time, so that its revisions are dense.
    turn: Mutex<()>,
    sequences: AtomicU64,
}

impl OnSqlite {
    pub(super) fn registry() -> &'static Place {
        static PLACE: LazyLock<Place> = LazyLock::new(|| Place::open(Engine::Sqlite));
        &PLACE
    }
}

impl OnPostgres {
    pub(super) fn registry() -> &'static Place {
        static PLACE: LazyLock<Place> = LazyLock::new(|| Place::open(Engine::Postgres));
        &PLACE
    }
}

impl Place {
    fn open(engine: Engine) -> Self {
        let runtime = Runtime::new().expect("a runtime can be made");
        let store: store::SharedStore = runtime.block_on(empty_store(engine));
        let registry = runtime.block_on(Registry::open(store.clone())).expect("the registry opens");
        Self { runtime, registry, store, turn: Mutex::new(()), sequences: AtomicU64::new(0) }
    }
}

/// One sequence.
pub(super) struct System {
    place: &'static Place,
    _turn: std::sync::MutexGuard<'static, ()>,
    sequence: u64,
    /// The revision before it began.
    base: i64,
}

impl System {
    pub(super) fn begin(place: &'static Place) -> Self {
        let turn = place.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let sequence = place.sequences.fetch_add(1, Ordering::Relaxed);
        let base = place.runtime.block_on(place.store.head()).expect("the head can be read").revision;
        Self { place, _turn: turn, sequence, base }
    }

    /// Makes a call, and compares its answer with the model's, which has taken it in already.
    pub(super) fn call(&self, call: &Call, model: &Model) {
        let answer = self.place.runtime.block_on(self.answered(call));
        assert_eq!(Some(&answer), model.answer.as_ref(), "{call:?}");
    }

    async fn answered(&self, call: &Call) -> Answer {
        let registry = &self.place.registry;
        match &call.operation {
            Operation::Create { id, name, identifiers } => {
                let profile = self.profile(*id, *name, identifiers.iter().copied());
                self.enterprise(registry.create_enterprise(&self.update(call, *id).await, profile).await)
            }
            Operation::Update { id, name, identifiers } => {
                let profile = self.profile(*id, *name, identifiers.iter().copied());
                let update = self.update(call, *id).await;
                self.enterprise(registry.update_enterprise(&update, |_| Ok(profile.clone())).await)
            }
            Operation::Delete { id } => {
                self.enterprise(registry.delete_enterprise(&self.update(call, *id).await).await)
            }
            Operation::Undelete { id } => {
                self.enterprise(registry.undelete_enterprise(&self.update(call, *id).await).await)
            }
            Operation::Submit { id } => self.stepped(call, *id, Step::Submit).await,
            Operation::Activate { id } => self.stepped(call, *id, Step::Activate).await,
            Operation::Suspend { id } => self.stepped(call, *id, Step::Suspend).await,
            Operation::Reinstate { id } => self.stepped(call, *id, Step::Reinstate).await,
            Operation::Offer { id, offer, title } => {
                let update = self.offer_update(call, *id, *offer).await;
                self.offer(registry.create_opportunity(&update, content(*title)).await)
            }
            Operation::Retitle { id, offer, title } => {
                let update = self.offer_update(call, *id, *offer).await;
                self.offer(registry.update_opportunity(&update, |_| Ok(content(*title))).await)
            }
            Operation::Withdraw { id, offer } => {
                self.offer(registry.delete_opportunity(&self.offer_update(call, *id, *offer).await).await)
            }
        }
    }

    async fn stepped(&self, call: &Call, id: u8, step: Step) -> Answer {
        self.enterprise(self.place.registry.step_enterprise(&self.update(call, id).await, step).await)
    }

    /// Compares everything that is stored, and what the feed adds up to, with the model.
    pub(super) fn compare(&self, model: &Model) {
        let runtime = &self.place.runtime;
        let mut enterprises = BTreeMap::new();
        let mut offers = BTreeMap::new();
        let mut revision = self.base;
        loop {
            let revisions =
                runtime.block_on(self.place.store.revisions(revision, 1_000)).expect("the feed can be read");
            for read in &revisions {
                assert_eq!(read.revision, revision + 1, "revisions are dense");
                revision = read.revision;
                for change in &read.changes {
                    let is_gone = change.kind == ChangeKind::Deleted;
                    let resource =
                        codec::decode(change.resource_type, &change.data, change.revision).expect("it is whole");
                    match resource {
                        Resource::Enterprise(one) => drop(enterprises.insert(one.id.to_string(), *one)),
                        Resource::Opportunity(one) if is_gone => drop(offers.remove(&one.id.to_string())),
                        Resource::Opportunity(one) => drop(offers.insert(one.id.to_string(), *one)),
                        Resource::Document(_) => {}
                    }
                }
            }
            if revisions.is_empty() {
                break;
            }
        }
        assert_eq!(revision - self.base, model.revision, "as many revisions as the model has");
        assert_eq!(enterprises.len(), model.enterprises.len());
        assert_eq!(offers.len(), model.offers.len());
        for (id, expected) in &model.enterprises {
            let id = self.id(*id);
            let stored = runtime.block_on(self.place.registry.enterprise(&id)).expect("it is there");
            assert_eq!(enterprises.get(&id.to_string()), Some(&stored), "the feed says what is stored");
            assert_eq!(self.enterprise(Ok(stored)), Answer::Enterprise(expected.clone()));
        }
        for ((id, offer), expected) in &model.offers {
            let id = self.offer_id(*id, *offer);
            let stored = runtime.block_on(self.place.registry.opportunity(&id)).expect("it is there");
            assert_eq!(offers.get(&id.to_string()), Some(&stored), "the feed says what is stored");
            assert_eq!(self.offer(Ok(stored)), Answer::Offer(expected.clone()));
        }
    }

    fn id(&self, id: u8) -> EnterpriseId {
        EnterpriseId::new(&format!("s{}-e{id}", self.sequence)).expect("an id")
    }

    fn offer_id(&self, id: u8, offer: u8) -> OpportunityId {
        OpportunityId::new(self.id(id), &format!("o{offer}")).expect("an id")
    }

    async fn update(&self, call: &Call, id: u8) -> Update<EnterpriseId> {
        let id = self.id(id);
        let present = self.place.registry.enterprise(&id).await.map_or(0, |stored| stored.revision);
        Update { id, expected: expected(call, present), ..self.change(call) }
    }

    async fn offer_update(&self, call: &Call, id: u8, offer: u8) -> Update<OpportunityId> {
        let id = self.offer_id(id, offer);
        let present = self.place.registry.opportunity(&id).await.map_or(0, |stored| stored.revision);
        let Update { request, validate_only, origin, .. } = self.change(call);
        Update { id, expected: expected(call, present), request, validate_only, origin }
    }

    fn change(&self, call: &Call) -> Update<EnterpriseId> {
        let request = call.request.map(|request| Request {
            id: Uuid::from_u128(u128::from(self.sequence * NUMBERS + u64::from(request)) + 1),
            digest: digest(call),
        });
        let origin = Origin::registry("Model");
        Update { id: self.id(0), expected: None, request, validate_only: call.validate_only, origin }
    }

    fn profile(&self, id: u8, name: u8, identifiers: impl Iterator<Item = u8>) -> Profile {
        let number = |identifier: u8| self.sequence * NUMBERS + u64::from(identifier);
        let cuin = |identifier| Identifier::parse(Scheme::PkCuin, &format!("{:07}", number(identifier)));
        Profile {
            identifiers: identifiers.map(|identifier| cuin(identifier).expect("seven digits")).collect(),
            ..Profile::new(
                &format!("{} {}", NAMES[usize::from(name)], word(self.sequence * NUMBERS + u64::from(id))),
                CountryCode::parse("PK").expect("a country"),
            )
        }
    }

    fn enterprise(&self, outcome: Result<enterprise::Enterprise, Error>) -> Answer {
        let stored = match outcome {
            Ok(stored) => stored,
            Err(error) => return Answer::Refused(refusal(error)),
        };
        let name = NAMES.iter().position(|name| stored.profile.display_name.starts_with(name)).expect("a name of ours");
        let number = |identifier: &Identifier| {
            let number: u64 = identifier.value().parse().expect("seven digits");
            u8::try_from(number % NUMBERS).expect("there are few")
        };
        Answer::Enterprise(Enterprise {
            state: match stored.state {
                enterprise::State::Draft => State::Draft,
                enterprise::State::InReview => State::InReview,
                enterprise::State::Active => State::Active,
                enterprise::State::Suspended => State::Suspended,
                enterprise::State::Merged => panic!("nothing merges here"),
            },
            is_live: stored.is_live(),
            name: u8::try_from(name).expect("there are few"),
            identifiers: stored.profile.identifiers.iter().map(number).collect(),
            revision: self.relative(stored.revision),
        })
    }

    fn offer(&self, outcome: Result<Opportunity, Error>) -> Answer {
        match outcome {
            Ok(stored) => {
                let title = stored.content.title.parse().expect("a title of ours");
                Answer::Offer(Offer { title, revision: self.relative(stored.revision) })
            }
            Err(error) => Answer::Refused(refusal(error)),
        }
    }

    fn relative(&self, revision: i64) -> i64 {
        if revision == 0 { 0 } else { revision - self.base }
    }
}

/// A word that sounds like no other's, so that no record is held for looking like another one.
fn word(number: u64) -> String {
    const CONSONANTS: [&str; 8] = ["ba", "da", "ka", "la", "ma", "na", "ra", "sa"];
    format!("{number:o}").bytes().map(|digit| CONSONANTS[usize::from(digit - b'0')]).collect()
}

fn expected(call: &Call, present: i64) -> Option<i64> {
    match call.etag {
        Etag::None => None,
        Etag::Present => Some(present),
        Etag::Stale => Some(-1),
    }
}

/// Stands for the digest of a request's bytes.
fn digest(call: &Call) -> [u8; 32] {
    let mut hasher = DefaultHasher::new();
    format!("{call:?}").hash(&mut hasher);
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&hasher.finish().to_le_bytes());
    digest
}

fn content(title: u8) -> Content {
    Content::new(Kind::BusinessOffer, &title.to_string())
}

fn refusal(error: Error) -> Refusal {
    match error {
        Error::IllegalTransition { .. } => Refusal::IllegalTransition,
        Error::Store(store::Error::NotFound(_)) => Refusal::NotFound,
        Error::Store(store::Error::Exists(_)) => Refusal::Exists,
        Error::Store(store::Error::Stale(_)) => Refusal::Stale,
        Error::Store(store::Error::IdentifierTaken { .. }) => Refusal::IdentifierTaken,
        Error::Store(store::Error::RequestReused(_)) => Refusal::RequestReused,
        other => panic!("the model knows no such refusal: {other}"),
    }
}
