//! The feed inside the process: one poller for all watchers, and the newest revisions at hand for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use prost::bytes::Bytes;
use tokio::sync::{OnceCell, mpsc, watch};
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
/// Reads of the table that are kept for watchers that are as far behind as the one that asked first.
const SHARED_READS: usize = 8;
/// A head that was not confirmed for so long may be old.
const FRESHNESS: Duration = Duration::from_secs(2);

/// Serves the feed to any number of watchers.
pub struct Feed {
    store: SharedStore,
    ring: Mutex<Ring>,
    reads: Mutex<VecDeque<(i64, SharedRead)>>,
    head: watch::Sender<Confirmed>,
}

/// What follows on a revision, once it is read.
type SharedRead = Arc<OnceCell<Vec<Arc<Committed>>>>;

/// A committed revision in the hands of watchers.
#[derive(Debug)]
pub struct Committed {
    /// What was committed.
    pub revision: Revision,
    encoded: OnceLock<Vec<Bytes>>,
}

impl Committed {
    fn new(revision: Revision) -> Arc<Self> {
        Arc::new(Self { revision, encoded: OnceLock::new() })
    }

    /// Its changes as the first watcher encoded them, for all others too.
    pub fn encoded(&self, encode: impl FnOnce(&Revision) -> Vec<Bytes>) -> &[Bytes] {
        self.encoded.get_or_init(|| encode(&self.revision))
    }
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
        Ok(Arc::new(Self { store, ring: Mutex::default(), reads: Mutex::default(), head }))
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
    pub async fn after(self: &Arc<Self>, revision: i64) -> Result<Vec<Arc<Committed>>, Error> {
        if revision >= self.head().revision {
            return Ok(Vec::new());
        }
        if let Some(revisions) = self.ring().after(revision) {
            return Ok(revisions);
        }
        let (read, _) = self.shared_read(revision);
        let revisions = read.get_or_try_init(|| self.read_after(revision)).await?.clone();
        if let Some(last) = revisions.last() {
            self.read_ahead(last.revision.revision);
        }
        Ok(revisions)
    }

    /// Reads what comes next while the watcher sends what it has.
    fn read_ahead(self: &Arc<Self>, revision: i64) {
        if revision >= self.head().revision || self.ring().after(revision).is_some() {
            return;
        }
        let (read, is_new) = self.shared_read(revision);
        if is_new {
            let feed = self.clone();
            // A failure is found again by whoever asks for it.
            tokio::spawn(async move { read.get_or_try_init(|| feed.read_after(revision)).await.map(drop) });
        }
    }

    /// The read of what follows on a revision that somebody else made just now, or a new one; whether it is new.
    fn shared_read(&self, revision: i64) -> (SharedRead, bool) {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, read)) = reads.iter().find(|(after, _)| *after == revision) {
            return (read.clone(), false);
        }
        if reads.len() == SHARED_READS {
            reads.pop_front();
        }
        let read = SharedRead::default();
        reads.push_back((revision, read.clone()));
        (read, true)
    }

    async fn read_after(&self, revision: i64) -> Result<Vec<Arc<Committed>>, Error> {
        let head = self.head().revision;
        let mut revisions = self.store.revisions(revision, READ_CHANGES).await?;
        // What the poller has not announced yet comes with its announcement.
        revisions.retain(|read| read.revision <= head);
        if revisions.is_empty() {
            // An empty answer would be kept for others; whoever asks again reads again.
            return Err(store::Error::Unavailable("the feed is behind its own head".to_owned()).into());
        }
        Ok(revisions.into_iter().map(Committed::new).collect())
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
        let revisions = match self.store.revisions(head.revision, READ_CHANGES).await {
            Ok(revisions) => revisions,
            Err(store::Error::Compacted { .. }) => return self.skip().await.map(|()| true),
            Err(error) => return Err(error.into()),
        };
        let any = !revisions.is_empty();
        if let Some(last) = revisions.last() {
            (head.revision, head.commit_time) = (last.revision, last.commit_time);
        }
        let mut ring = self.ring();
        revisions.into_iter().for_each(|revision| ring.push(Committed::new(revision)));
        drop(ring);
        self.head.send_replace(Confirmed { head, at: tokio::time::Instant::now() });
        Ok(any)
    }

    /// Goes on at the head: other processes wrote and dropped more than this one has read. Watchers that are not there yet
    /// are told so when they read the table.
    async fn skip(&self) -> Result<(), Error> {
        let head = self.store.head().await?;
        *self.ring() = Ring::default();
        self.head.send_replace(Confirmed { head, at: tokio::time::Instant::now() });
        Ok(())
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
    revisions: VecDeque<Arc<Committed>>,
    bytes: usize,
}

impl Ring {
    fn push(&mut self, revision: Arc<Committed>) {
        self.bytes += bytes(&revision);
        self.revisions.push_back(revision);
        while self.revisions.len() > RING_REVISIONS_MAX || self.bytes > RING_BYTES_MAX {
            let Some(oldest) = self.revisions.pop_front() else { break };
            self.bytes -= bytes(&oldest);
        }
    }

    /// Up to [`READ_CHANGES`] changes after `revision`, if the one after it is still here.
    fn after(&self, revision: i64) -> Option<Vec<Arc<Committed>>> {
        let first = self.revisions.front()?.revision.revision;
        let skipped = usize::try_from(revision + 1 - first).ok()?;
        if skipped >= self.revisions.len() {
            return None;
        }
        let mut changes = 0;
        let within = |revision: &&Arc<Committed>| {
            changes += revision.revision.changes.len() as u64;
            changes <= READ_CHANGES
        };
        Some(self.revisions.range(skipped..).take_while(within).cloned().collect())
    }
}

/// What a revision takes in memory, with what watchers make of it.
fn bytes(committed: &Committed) -> usize {
    let changes = &committed.revision.changes;
    2 * changes.iter().map(|change| change.data.len() + change.name.len() + 64).sum::<usize>()
}
