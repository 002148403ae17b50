//! The matcher's copy of the registry as it is shared: the newest snapshot, and how fresh it is.

use std::sync::Arc;
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
}

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
        Self { snapshot: ArcSwapOption::empty(), freshness: watch::Sender::new(freshness) }
    }

    /// Puts a new snapshot in place; questions that are being answered keep theirs.
    pub(crate) fn publish(&self, snapshot: Snapshot, reached: RevisionToken) {
        self.snapshot.store(Some(Arc::new(snapshot)));
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
