//! What the registry does: decides on what the store holds, and keeps what was decided.

use std::sync::Arc;

use service_kit::Violations;
use uuid::Uuid;

use crate::domain::document::{Body, Document};
use crate::domain::enterprise::{Hold, IllegalTransition};
use crate::domain::ids::OfficeId;
use crate::domain::reference::{initial_industries, initial_offices, initial_region_groups, initial_zones};
use crate::domain::time::Timestamp;
use crate::store::{self, Expect, Origin, Put, SharedStore, Write};

mod batches;
mod documents;
mod duplicates;
mod enterprises;
mod expiry;
mod export;
pub mod feed;
mod import;
mod merge;
mod offices;
mod opportunities;
mod restore;
mod retention;
mod revisions;
mod vocabulary;

use offices::names_lost_office;

pub use batches::Target;
pub use duplicates::{Duplicate, Duplicates, Subject};
pub use feed::Feed;
pub use import::{
    Done, IMPORT_ROWS_MAX, ImportAction, ImportManner, ImportOutcome, ImportRow, Resolved, Resolver, RowRefusal,
    RowWriter,
};
pub use restore::Standing;
pub use retention::Keeping;
pub use vocabulary::Vocabulary;

/// Repetitions of a change that lost against another editor, where the caller gave no etag: each reads again.
const ATTEMPTS_MAX: u32 = 16;

/// The use cases, over one store.
pub struct Registry {
    store: SharedStore,
    feed: Arc<Feed>,
    vocabulary: Vocabulary,
    epoch: Uuid,
    keeping: Keeping,
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
        let origin = self.origin.clone();
        Write { request: self.request, puts, validate_only: self.validate_only, origin, compared: None }
    }
}

/// What came of a request that may be a repetition.
enum Persisted<T> {
    /// It is one: this is what the first was answered.
    Before(store::Written),
    /// It was done now.
    Now(T),
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
    /// The resource must always be there.
    #[error("`{0}` is responsible for all the rest and cannot be deleted")]
    Indispensable(String),
    /// There are as many of them as there may be.
    #[error("there are {maximum} {collection} already")]
    Full {
        /// Which collection, like `industries`.
        collection: &'static str,
        /// How many it may have.
        maximum: usize,
    },
    /// It looks too much like an existing record.
    #[error("`{name}` looks like `{other}`", other = closest.enterprise)]
    Held {
        /// The resource.
        name: String,
        /// What it is held for, the closest.
        closest: Hold,
    },
    /// It is more than one revision can hold.
    #[error("there are more than {maximum} {limit} to move at once")]
    TooMuch {
        /// What there is too much of.
        limit: &'static str,
        /// How much there may be.
        maximum: usize,
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
        let vocabulary = Vocabulary::default();
        vocabulary.refresh(&store).await?;
        let feed = Feed::open(store.clone()).await?;
        Ok(Self { store, feed, vocabulary, epoch: head.epoch, keeping: Keeping::default() })
    }

    /// Keeps what is old for as long as that says.
    #[must_use]
    pub fn keeping(mut self, keeping: Keeping) -> Self {
        self.keeping = keeping;
        self
    }

    /// Reference data that other resources may name, as it is at the time of each look.
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
    /// [`Registry::repeat`] for the change of one resource: worth another attempt is what lost against somebody else,
    /// unless the caller named a version, and what has to be looked at again.
    async fn persist<Id, A>(&self, update: &Update<Id>, attempt: impl Fn() -> A) -> Result<store::Written, Error>
    where
        A: Future<Output = Result<store::Written, Error>>,
    {
        let is_lost = |error: &store::Error| {
            let was_outrun = update.expected.is_none() && matches!(error, store::Error::Stale(_));
            // `Exists` is a decision, not somebody who was faster.
            was_outrun || is_to_look_again(error)
        };
        match self.repeat(update.request.as_ref(), is_lost, attempt).await? {
            Persisted::Before(written) | Persisted::Now(written) => Ok(written),
        }
    }

    /// Gives a repeated request its first answer. Otherwise attempts to write what was decided on what was read, and
    /// attempts again where `is_lost` says that this may help.
    async fn repeat<T, A>(
        &self,
        request: Option<&store::Request>,
        is_lost: impl Fn(&store::Error) -> bool,
        attempt: impl Fn() -> A,
    ) -> Result<Persisted<T>, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        let mut attempts = 1;
        loop {
            if let Some(first) = self.answered(request).await? {
                return Ok(Persisted::Before(first));
            }
            match attempt().await {
                Ok(made) => return Ok(Persisted::Now(made)),
                Err(Error::Store(error)) if is_lost(&error) && attempts < ATTEMPTS_MAX => {
                    if names_lost_office(&error) {
                        self.vocabulary.refresh(&self.store).await?;
                    }
                    attempts += 1;
                }
                Err(error) => {
                    // The same request may have been answered in between; its first answer counts.
                    let first = self.answered(request).await?;
                    return first.map(Persisted::Before).ok_or(error);
                }
            }
        }
    }

    /// What a request was answered, if it has an id and was.
    async fn answered(&self, request: Option<&store::Request>) -> Result<Option<store::Written>, Error> {
        match request {
            Some(request) => Ok(self.store.answered(request).await?),
            None => Ok(None),
        }
    }
}

/// Whether new records have to be looked at again: others like them came in, or their office is gone.
fn is_to_look_again(error: &store::Error) -> bool {
    matches!(error, store::Error::NotCompared(_)) || names_lost_office(error)
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
    let write = Write { request: None, puts, validate_only: false, origin: Origin::registry("Seed"), compared: None };
    match store.write(write).await {
        // Another process that started at the same time was faster.
        Ok(_) | Err(store::Error::Exists(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn now() -> Timestamp {
    Timestamp::from_micros(chrono::Utc::now().timestamp_micros())
}
