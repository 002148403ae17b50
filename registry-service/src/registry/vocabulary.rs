//! The vocabulary: the documents that other resources name, as they are now.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tracing::warn;

use super::{Error, Feed, Registry};
use crate::domain::document::Body;
use crate::domain::enterprise::Profile;
use crate::domain::ids::{IndustryId, OfficeId, RegionGroupId, ZoneId};
use crate::domain::office::{Office, responsible};
use crate::store::{ResourceType, Revision, SharedStore};

/// Pause after a failure of the database.
const FAILURE_PAUSE: Duration = Duration::from_millis(500);
/// Types of documents that others name.
const NAMED: [ResourceType; 4] =
    [ResourceType::Industry, ResourceType::RegionGroup, ResourceType::Zone, ResourceType::Office];

/// What can be named. A change made through this process is known once it is answered, a change made through another
/// one as soon as the feed brings it.
#[derive(Debug, Default)]
pub struct Vocabulary {
    known: RwLock<Arc<Known>>,
    /// One refresh at a time, so that an older reading never replaces a newer one.
    refreshing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    industries: BTreeSet<IndustryId>,
    region_groups: HashSet<RegionGroupId>,
    zones: HashSet<ZoneId>,
    offices: Vec<Office>,
}

impl Vocabulary {
    /// A vocabulary of those documents.
    pub fn of(bodies: impl IntoIterator<Item = Body>) -> Self {
        let mut known = Known::default();
        for body in bodies {
            match body {
                Body::Industry(industry) => drop(known.industries.insert(industry.id)),
                Body::RegionGroup(group) => drop(known.region_groups.insert(group.id)),
                Body::Zone(zone) => drop(known.zones.insert(zone.id)),
                Body::Office(office) => known.offices.push(office),
                Body::Policy(_) => {}
            }
        }
        Self { known: RwLock::new(Arc::new(known)), refreshing: Mutex::default() }
    }

    /// Whether there is such an industry.
    pub fn has_industry(&self, id: &IndustryId) -> bool {
        self.now().industries.contains(id)
    }

    /// Whether there is such a region group.
    pub fn has_region_group(&self, id: &RegionGroupId) -> bool {
        self.now().region_groups.contains(id)
    }

    /// Whether there is such a zone.
    pub fn has_zone(&self, id: &ZoneId) -> bool {
        self.now().zones.contains(id)
    }

    /// Whether there is such an office.
    pub fn has_office(&self, id: &OfficeId) -> bool {
        self.now().offices.iter().any(|office| office.id == *id)
    }

    /// Names of all industries, in order.
    pub fn industries(&self) -> Vec<String> {
        self.now().industries.iter().map(ToString::to_string).collect()
    }

    /// The office whose jurisdiction covers an enterprise.
    pub fn responsible(&self, profile: &Profile) -> OfficeId {
        responsible(&self.now().offices, profile)
    }

    /// Reads what there is now.
    pub(super) async fn refresh(&self, store: &SharedStore) -> Result<(), Error> {
        let _alone = self.refreshing.lock().await;
        let mut bodies = Vec::new();
        for resource_type in NAMED {
            bodies.extend(store.documents(resource_type).await?.into_iter().map(|document| document.body));
        }
        let fresh = Self::of(bodies).now();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    fn now(&self) -> Arc<Known> {
        // Nothing in there can be half-done: it is replaced as a whole.
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Registry {
    /// Keeps the vocabulary up to date with what other processes write; ends with the task.
    pub fn follow_vocabulary(self: &Arc<Self>) -> JoinHandle<()> {
        tokio::spawn(follow(self.clone()))
    }
}

async fn follow(registry: Arc<Registry>) {
    let mut seen = registry.feed.head().revision;
    loop {
        match registry.vocabulary.refresh(&registry.store).await {
            Ok(()) => seen = next_change(&registry.feed, seen).await,
            Err(error) => {
                warn!(%error, "the vocabulary cannot be read");
                tokio::time::sleep(FAILURE_PAUSE).await;
            }
        }
    }
}

/// Waits until the vocabulary may have changed after the revision `seen`; returns up to which revision that was looked
/// at.
async fn next_change(feed: &Arc<Feed>, mut seen: i64) -> i64 {
    loop {
        feed.wait_after(seen).await;
        match feed.after(seen).await {
            Ok(revisions) => {
                let Some(last) = revisions.last() else { return feed.head().revision };
                seen = last.revision.revision;
                if revisions.iter().any(|committed| changes_vocabulary(&committed.revision)) {
                    return seen;
                }
            }
            Err(error) => {
                warn!(%error, "the feed cannot be read; the vocabulary is read as a whole");
                tokio::time::sleep(FAILURE_PAUSE).await;
                return feed.head().revision;
            }
        }
    }
}

fn changes_vocabulary(revision: &Revision) -> bool {
    revision.changes.iter().any(|change| NAMED.contains(&change.resource_type))
}
