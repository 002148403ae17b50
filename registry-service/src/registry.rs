//! What the registry does: decides on what the store holds, and keeps what was decided.

use std::collections::HashSet;
use std::sync::Arc;

use service_kit::Violations;
use uuid::Uuid;

use crate::domain::enterprise::IllegalTransition;
use crate::domain::ids::{IndustryId, RegionGroupId};
use crate::domain::reference::{Industry, RegionGroup, initial_industries, initial_region_groups};
use crate::domain::time::Timestamp;
use crate::store::{self, Put, SharedStore, Write};

mod enterprises;
pub mod feed;
mod import;
mod opportunities;

pub use feed::Feed;
pub use import::{ImportAction, ImportOutcome, ImportRow, RowRefusal};

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
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Registry {
    /// Takes a store, and gives a new one its reference data.
    pub async fn open(store: SharedStore) -> Result<Self, Error> {
        let head = store.head().await?;
        if head.revision == 0 {
            let industries = initial_industries().into_iter().map(Put::Industry);
            let groups = initial_region_groups().into_iter().map(Put::RegionGroup);
            store
                .write(Write { request: None, puts: industries.chain(groups).collect(), validate_only: false })
                .await?;
        }
        let vocabulary = Vocabulary {
            industries: store.industries().await?.into_iter().map(|industry| industry.id).collect(),
            region_groups: store.region_groups().await?.into_iter().map(|group| group.id).collect(),
        };
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

    /// Every industry, in order of id.
    pub async fn industries(&self) -> Result<Vec<Industry>, Error> {
        Ok(self.store.industries().await?)
    }

    /// Every region group, in order of id.
    pub async fn region_groups(&self) -> Result<Vec<RegionGroup>, Error> {
        Ok(self.store.region_groups().await?)
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

fn now() -> Timestamp {
    Timestamp::from_micros(chrono::Utc::now().timestamp_micros())
}
