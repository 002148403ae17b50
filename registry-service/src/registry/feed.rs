//! The feed inside the process: one poller for all watchers, and the newest revisions at hand for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::Error;
use crate::store::{self, Change, Head, Revision, SharedStore};

/// How often to look for revisions of other processes; those of this one are signalled.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// A read of the feed that takes so long will not end.
const READ_TIME: Duration = Duration::from_secs(5);
/// Pause after a failure of the database.
const FAILURE_PAUSE: Duration = Duration::from_millis(500);
/// Changes read at once.
const READ_CHANGES: u64 = 2_000;
/// Newest revisions kept for watchers: whoever is not further behind than this costs the database nothing.
const RING_REVISIONS_MAX: usize = 4_096;
/// The same in bytes, so that a few large revisions do not fill the memory.
const RING_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A head that was not confirmed for so long may be old.
const FRESHNESS: Duration = Duration::from_secs(2);

/// Serves the feed to any number of watchers.
pub struct Feed {
    store: SharedStore,
    ring: Mutex<Ring>,
    head: watch::Sender<Confirmed>,
}

/// The newest revision, and when the database last said so.
#[derive(Clone, Copy, Debug)]
struct Confirmed {
    head: Head,
    at: tokio::time::Instant,
}

impl Feed {
    /// Reads where the feed stands.
    pub async fn open(store: SharedStore) -> Result<Arc<Self>, Error> {
        let head = store.head().await?;
        let (head, _) = watch::channel(Confirmed { head, at: tokio::time::Instant::now() });
        Ok(Arc::new(Self { store, ring: Mutex::new(Ring::default()), head }))
    }

    /// Starts the poller; it ends with the task.
    pub fn follow(self: &Arc<Self>) -> JoinHandle<()> {
        tokio::spawn(poll(self.clone()))
    }

    /// Where the feed stands, as far as the poller knows.
    pub fn head(&self) -> Head {
        self.head.borrow().head
    }

    /// Where the feed stands in the database.
    pub async fn stored_head(&self) -> Result<Head, Error> {
        Ok(self.store.head().await?)
    }

    /// Whether the database confirmed the head a moment ago.
    pub fn is_fresh(&self) -> bool {
        self.head.borrow().at.elapsed() < FRESHNESS
    }

    /// Resolves once there is a revision after `revision`.
    pub async fn wait_after(&self, revision: i64) {
        let mut head = self.head.subscribe();
        // An error means that the feed is gone, and with it everybody who waits.
        let _ = head.wait_for(|confirmed| confirmed.head.revision > revision).await;
    }

    /// The revisions after `revision`, each whole, in order; empty at the head. At most a few thousand changes.
    pub async fn after(&self, revision: i64) -> Result<Vec<Arc<Revision>>, Error> {
        let head = self.head().revision;
        if revision >= head {
            return Ok(Vec::new());
        }
        if let Some(revisions) = self.ring().after(revision) {
            return Ok(revisions);
        }
        let mut revisions = self.store.revisions(revision, READ_CHANGES).await?;
        // What the poller has not announced yet comes with its announcement.
        revisions.retain(|read| read.revision <= head);
        Ok(revisions.into_iter().map(Arc::new).collect())
    }

    /// Sends everything that lives, as of one revision, in parts; returns that revision.
    pub async fn snapshot(&self, parts: mpsc::Sender<Vec<Change>>) -> Result<Head, Error> {
        Ok(self.store.snapshot(parts).await?)
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        // Nothing in there can be half-done: a panic elsewhere while it is locked leaves it whole.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is new; returns whether there was anything.
    async fn advance(&self) -> Result<bool, Error> {
        let mut head = self.head();
        let revisions = self.store.revisions(head.revision, READ_CHANGES).await?;
        let any = !revisions.is_empty();
        if let Some(last) = revisions.last() {
            (head.revision, head.commit_time) = (last.revision, last.commit_time);
        }
        let mut ring = self.ring();
        revisions.into_iter().for_each(|revision| ring.push(Arc::new(revision)));
        drop(ring);
        self.head.send_replace(Confirmed { head, at: tokio::time::Instant::now() });
        Ok(any)
    }
}

async fn poll(feed: Arc<Feed>) {
    let mut is_failing = false;
    loop {
        match tokio::time::timeout(READ_TIME, feed.advance()).await.unwrap_or_else(|_| Err(silent())) {
            Ok(any) => {
                if is_failing {
                    info!("the feed can be read again");
                    is_failing = false;
                }
                if !any {
                    let _ = tokio::time::timeout(POLL_INTERVAL, feed.store.committed()).await;
                }
            }
            Err(error) => {
                if !is_failing {
                    warn!(%error, "the feed cannot be read");
                    is_failing = true;
                }
                tokio::time::sleep(FAILURE_PAUSE).await;
            }
        }
    }
}

fn silent() -> Error {
    store::Error::Unavailable("the database did not answer".to_owned()).into()
}

/// The newest revisions, dense.
#[derive(Default)]
struct Ring {
    revisions: VecDeque<Arc<Revision>>,
    bytes: usize,
}

impl Ring {
    fn push(&mut self, revision: Arc<Revision>) {
        self.bytes += bytes(&revision);
        self.revisions.push_back(revision);
        while self.revisions.len() > RING_REVISIONS_MAX || self.bytes > RING_BYTES_MAX {
            let Some(oldest) = self.revisions.pop_front() else { break };
            self.bytes -= bytes(&oldest);
        }
    }

    /// Up to [`READ_CHANGES`] changes after `revision`, if the one after it is still here.
    fn after(&self, revision: i64) -> Option<Vec<Arc<Revision>>> {
        let first = self.revisions.front()?.revision;
        let skipped = usize::try_from(revision + 1 - first).ok()?;
        if skipped >= self.revisions.len() {
            return None;
        }
        let mut changes = 0;
        let within = |revision: &&Arc<Revision>| {
            changes += revision.changes.len() as u64;
            changes <= READ_CHANGES
        };
        Some(self.revisions.range(skipped..).take_while(within).cloned().collect())
    }
}

fn bytes(revision: &Revision) -> usize {
    revision.changes.iter().map(|change| change.data.len() + change.name.len() + 64).sum()
}
