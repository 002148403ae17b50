//! The matcher's copy of the registry as it is shared: the newest snapshot, and how fresh it is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use service_kit::RevisionToken;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::index::Snapshot;

/// The newest snapshot. Readers never wait for the feed, except those that ask for a revision.
#[derive(Debug)]
pub(crate) struct Replica {
    snapshot: ArcSwapOption<Snapshot>,
    freshness: watch::Sender<Freshness>,
    /// Snapshots of which a page was answered and the next one may be asked for, newest first.
    paged: Mutex<VecDeque<Arc<Snapshot>>>,
}

/// Snapshots that are kept for the pages to come. Each holds what changed since, which is little; who pages through one
/// that is older than so many others begins again.
const PAGED_MAX: usize = 16;

/// How fresh the copy is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Freshness {
    /// The revision that the snapshot shows; none before the first snapshot.
    pub(crate) reached: Option<RevisionToken>,
    /// When the registry was last heard of.
    pub(crate) heard: Instant,
    /// Whether the feed is connected.
    pub(crate) connected: bool,
}

/// Why there is no snapshot that is new enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Behind {
    /// The revision was not reached in time.
    #[error("revision {wanted} is not here yet, {reached} is")]
    Lagging {
        /// The revision asked for.
        wanted: i64,
        /// The revision reached.
        reached: i64,
    },
    /// Nothing was read from the registry yet.
    #[error("the registry was not read yet")]
    Empty,
    /// The token is of another database than the one that is followed.
    #[error("the revision token is from another database than the one that is followed")]
    OtherEpoch,
}

impl Replica {
    /// A copy that has read nothing yet.
    pub(crate) fn new() -> Self {
        let freshness = Freshness { reached: None, heard: Instant::now(), connected: false };
        let paged = Mutex::new(VecDeque::new());
        Self { snapshot: ArcSwapOption::empty(), freshness: watch::Sender::new(freshness), paged }
    }

    /// Puts a new snapshot in place; questions that are being answered keep theirs.
    pub(crate) fn publish(&self, snapshot: Snapshot, reached: RevisionToken) {
        let epoch = snapshot.stamp().epoch;
        self.snapshot.store(Some(Arc::new(snapshot)));
        // Revisions of another database are other revisions.
        self.paged().retain(|one| one.stamp().epoch == epoch);
        self.freshness.send_modify(|freshness| freshness.reached = Some(reached));
    }

    /// Notes that the registry was heard of.
    pub(crate) fn heard(&self) {
        self.freshness.send_modify(|freshness| {
            freshness.heard = Instant::now();
            freshness.connected = true;
        });
    }

    /// Notes that the feed broke off.
    pub(crate) fn disconnected(&self) {
        self.freshness.send_modify(|freshness| freshness.connected = false);
    }

    /// How fresh the copy is.
    pub(crate) fn freshness(&self) -> Freshness {
        *self.freshness.borrow()
    }

    /// The newest snapshot, if there is one.
    pub(crate) fn newest(&self) -> Option<Arc<Snapshot>> {
        self.snapshot.load_full()
    }

    /// Keeps a snapshot for the pages to come.
    pub(crate) fn keep(&self, snapshot: &Arc<Snapshot>) {
        let mut paged = self.paged();
        let found = paged.iter().position(|one| one.stamp() == snapshot.stamp());
        if let Some(found) = found {
            paged.remove(found);
        }
        paged.push_front(snapshot.clone());
        paged.truncate(PAGED_MAX);
    }

    /// The snapshot of a revision: the newest one, or one that was kept.
    pub(crate) fn of_revision(&self, revision: u64) -> Option<Arc<Snapshot>> {
        let is_it = |one: &Arc<Snapshot>| one.stamp().revision == revision;
        self.newest().filter(is_it).or_else(|| self.paged().iter().find(|one| is_it(one)).cloned())
    }

    /// Held for a few moves of pointers only, never while anything is computed.
    fn paged(&self) -> MutexGuard<'_, VecDeque<Arc<Snapshot>>> {
        self.paged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes when the first snapshot is there.
    pub(crate) async fn filled(&self) {
        let mut freshness = self.freshness.subscribe();
        // The sender lives as long as this does.
        let _ = freshness.wait_for(|freshness| freshness.reached.is_some()).await;
    }

    /// The newest snapshot once it shows the revision of `token`, waiting for that at most `patience`.
    ///
    /// # Errors
    /// [`Behind`] if it does not in time, or never can.
    pub(crate) async fn at_least(
        &self,
        token: Option<RevisionToken>,
        patience: Duration,
    ) -> Result<Arc<Snapshot>, Behind> {
        if let Some(wanted) = token {
            let mut freshness = self.freshness.subscribe();
            let arrived =
                freshness.wait_for(|freshness| freshness.reached.is_some_and(|reached| shows(reached, wanted)));
            if tokio::time::timeout(patience, arrived).await.is_err() {
                return Err(self.behind(wanted));
            }
        }
        self.newest().ok_or(Behind::Empty)
    }

    /// Why a revision has not arrived. A copy that follows another database will never have it; one whose feed is broken
    /// may still show the old database and soon follow the new one.
    fn behind(&self, wanted: RevisionToken) -> Behind {
        let freshness = self.freshness();
        match freshness.reached {
            None => Behind::Empty,
            Some(reached) if reached.epoch != wanted.epoch && freshness.connected => Behind::OtherEpoch,
            Some(reached) => Behind::Lagging { wanted: wanted.revision, reached: reached.revision },
        }
    }
}

fn shows(reached: RevisionToken, wanted: RevisionToken) -> bool {
    reached.epoch == wanted.epoch && reached.revision >= wanted.revision
}

#[cfg(test)]
mod tests {
    use service_kit::Epoch;

    use super::*;
    use crate::domain::Date;
    use crate::index::{Builder, Stamp};

    fn publish(replica: &Replica, epoch: u8, revision: i64) -> Arc<Snapshot> {
        let (epoch, committed_on) = (Epoch([epoch; 16]), Date::new(2026, 1, 1).unwrap());
        let stamp = Stamp { epoch, revision: revision.unsigned_abs(), committed_on };
        replica.publish(Builder::default().publish(stamp), RevisionToken { epoch, revision });
        replica.newest().unwrap()
    }

    #[test]
    fn a_revision_that_was_paged_through_stays_while_the_feed_moves_on() {
        let replica = Replica::new();
        let first = publish(&replica, 7, 1);
        replica.keep(&first);
        publish(&replica, 7, 2);
        publish(&replica, 7, 3);
        let kept = |revision| replica.of_revision(revision).is_some();
        assert_eq!([kept(1), kept(2), kept(3)], [true, false, true]);
    }

    #[test]
    fn what_is_kept_is_bounded_and_of_one_database() {
        let replica = Replica::new();
        for revision in 1..=40 {
            let snapshot = publish(&replica, 7, revision);
            replica.keep(&snapshot);
            replica.keep(&snapshot);
        }
        assert_eq!(replica.paged().len(), PAGED_MAX);
        assert!(replica.of_revision(25).is_some());
        publish(&replica, 8, 1);
        assert!(replica.of_revision(25).is_none());
    }
}
