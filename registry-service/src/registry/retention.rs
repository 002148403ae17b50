//! What goes by itself when its time is over: soft-deleted enterprises, and the oldest revisions of the feed.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tracing::{info, warn};

use super::{Error, Registry};
use crate::store::{self, Expect, Origin, Put, Resource, Retention, Write};

/// How often to look for what is due; looking costs five small reads.
const INTERVAL: Duration = Duration::from_secs(1);
/// Shortest pause between two steps. It is at least as long as the step took, so that writers get in between.
const PAUSE_MIN: Duration = Duration::from_millis(10);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to keep what is old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// Soft-deleted enterprises.
    pub deleted: Duration,
    /// Revisions of the feed.
    pub feed: Retention,
}

impl Default for Keeping {
    /// Thirty days; seven days, and at most a million revisions.
    fn default() -> Self {
        Self { deleted: DAY * 30, feed: Retention { age: Some(DAY * 7), revisions: Some(1_000_000) } }
    }
}

impl Keeping {
    /// The time between deletion and purge.
    pub(super) fn deleted_micros(&self) -> i64 {
        i64::try_from(self.deleted.as_micros()).unwrap_or(i64::MAX)
    }
}

impl Registry {
    /// How long what is old is kept.
    pub fn kept(&self) -> &Keeping {
        &self.keeping
    }

    /// Starts to drop what is due, again and again; it ends with the task. Every process of a database may do so.
    pub fn keep_house(self: &Arc<Self>) -> JoinHandle<()> {
        tokio::spawn(keep_house(self.clone()))
    }

    /// Drops some of the oldest revisions; whether there may be more.
    pub async fn compact(&self) -> Result<bool, Error> {
        Ok(self.store.compact(&self.keeping.feed).await?)
    }

    /// Removes some of the enterprises whose purge time has come, with their opportunities; whether there may be more.
    pub async fn purge(&self) -> Result<bool, Error> {
        let due = self.store.purgeable().await?;
        if due.is_empty() {
            return Ok(false);
        }
        let count = due.len();
        let origin = Origin::registry("PurgeEnterprises");
        let puts = due.into_iter().filter_map(removal).collect();
        match self.store.write(Write { request: None, puts, validate_only: false, origin, compared: None }).await {
            Ok(written) => {
                info!(resources = count, revision = written.revision, "deleted enterprises are purged");
                Ok(true)
            }
            // Another process purges too, or somebody changed one of them; what is left is seen next time.
            Err(store::Error::NotFound(_) | store::Error::Stale(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn removal(resource: Resource) -> Option<Put> {
    match resource {
        Resource::Enterprise(enterprise) => {
            let expect = Expect::Revision(enterprise.revision);
            Some(Put::RemoveEnterprise(enterprise, expect))
        }
        Resource::Opportunity(opportunity) => {
            let expect = Expect::Revision(opportunity.revision);
            Some(Put::RemoveOpportunity(opportunity, expect))
        }
        // Documents have no purge time.
        Resource::Document(_) => None,
    }
}

async fn keep_house(registry: Arc<Registry>) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        until_done("deleted enterprises were not purged", || registry.purge()).await;
        until_done("old revisions were not dropped", || registry.compact()).await;
    }
}

/// Takes step after step while there is more; a failure is for the next tick.
async fn until_done<F: Future<Output = Result<bool, Error>>>(failure: &str, step: impl Fn() -> F) {
    loop {
        let began = Instant::now();
        match step().await {
            Ok(true) => sleep(began.elapsed().max(PAUSE_MIN)).await,
            Ok(false) => return,
            Err(error) => {
                warn!(%error, "{failure}");
                return;
            }
        }
    }
}
