//! What the registry does: decides on what the store holds, and keeps what was decided.

use std::collections::HashSet;
use std::sync::Arc;

use service_kit::Violations;
use uuid::Uuid;

use crate::domain::document::{Body, Document};
use crate::domain::enterprise::IllegalTransition;
use crate::domain::ids::{IndustryId, OfficeId, RegionGroupId};
use crate::domain::reference::{initial_industries, initial_offices, initial_region_groups, initial_zones};
use crate::domain::time::Timestamp;
use crate::store::{self, Expect, Origin, Put, ResourceType, SharedStore, Write};

mod batches;
mod enterprises;
pub mod feed;
mod import;
mod opportunities;

pub use batches::{Batch, Target};
pub use feed::Feed;
pub use import::{ImportAction, ImportManner, ImportOutcome, ImportRow, RowRefusal};

/// Repetitions of a change that lost against another editor, where the caller gave no etag: each reads again.
const ATTEMPTS_MAX: u32 = 16;

/// The use cases, over one store.
pub struct Registry {
    store: SharedStore,
    feed: Arc<Feed>,
    vocabulary: Vocabulary,
    epoch: Uuid,
}

/// Reference data that other resources name.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// Known industries.
    pub industries: HashSet<IndustryId>,
    /// Known region groups.
    pub region_groups: HashSet<RegionGroupId>,
}

/// Which resource to change, and under what conditions.
#[derive(Clone, Debug)]
pub struct Update<Id> {
    /// Which one.
    pub id: Id,
    /// Revision it must still be at.
    pub expected: Option<i64>,
    /// Makes a repetition harmless.
    pub request: Option<store::Request>,
    /// Checks only.
    pub validate_only: bool,
    /// Who wants it.
    pub origin: Origin,
}

impl<Id> Update<Id> {
    /// The write that makes it.
    fn write(&self, puts: Vec<Put>) -> Write {
        Write { request: self.request, puts, validate_only: self.validate_only, origin: self.origin.clone() }
    }
}

/// Why the registry did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is wrong once it meets what is stored.
    #[error("the request is not valid")]
    Invalid(Violations),
    /// The state does not allow it.
    #[error("`{name}` is {state}", state = transition.state)]
    IllegalTransition {
        /// The resource.
        name: String,
        /// Its state, and what that allows.
        transition: IllegalTransition,
    },
    /// What a batch would write does not fit into one message.
    #[error("the batch would write {bytes} bytes, ask for fewer")]
    BatchTooLarge {
        /// So much it is.
        bytes: usize,
        /// So much it may be.
        maximum: usize,
    },
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Registry {
    /// Takes a store, and gives a new one its reference data.
    pub async fn open(store: SharedStore) -> Result<Self, Error> {
        let head = store.head().await?;
        seed(&store).await?;
        let mut vocabulary = Vocabulary::default();
        for document in store.documents(ResourceType::Industry).await? {
            if let Body::Industry(industry) = document.body {
                vocabulary.industries.insert(industry.id);
            }
        }
        for document in store.documents(ResourceType::RegionGroup).await? {
            if let Body::RegionGroup(group) = document.body {
                vocabulary.region_groups.insert(group.id);
            }
        }
        let feed = Feed::open(store.clone()).await?;
        Ok(Self { store, feed, vocabulary, epoch: head.epoch })
    }

    /// Reference data that other resources may name.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The database's epoch.
    pub fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// The change feed.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }
}

impl Registry {
    /// What a request was answered, if it has an id and was.
    async fn answered(&self, request: Option<&store::Request>) -> Result<Option<store::Written>, Error> {
        match request {
            Some(request) => Ok(self.store.answered(request).await?),
            None => Ok(None),
        }
    }
}

/// Gives a new database the reference data of the programme, and one from before there were offices what it lacks.
async fn seed(store: &SharedStore) -> Result<(), Error> {
    if store.document(&OfficeId::headquarters().to_string()).await?.is_some() {
        return Ok(());
    }
    let mut bodies: Vec<Body> = initial_offices().into_iter().map(Body::Office).collect();
    bodies.extend(initial_zones().into_iter().map(Body::Zone));
    if store.head().await?.revision == 0 {
        bodies.extend(initial_industries().into_iter().map(Body::Industry));
        bodies.extend(initial_region_groups().into_iter().map(Body::RegionGroup));
    }
    let put = |body| Put::Document(Box::new(Document::new(body, now())), Expect::Absent);
    let puts = bodies.into_iter().map(put).collect();
    let write = Write { request: None, puts, validate_only: false, origin: Origin::registry("Seed") };
    match store.write(write).await {
        // Another process that started at the same time was faster.
        Ok(_) | Err(store::Error::Exists(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn now() -> Timestamp {
    Timestamp::from_micros(chrono::Utc::now().timestamp_micros())
}
