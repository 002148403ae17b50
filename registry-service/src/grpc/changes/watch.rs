//! One watcher: the snapshot or the revisions since its token, then everything new, and checkpoints in between.

use std::sync::Arc;
use std::time::Duration;

use prost::bytes::Bytes;
use proto::registry::v1 as pb;
use proto::registry::v1::watch_changes_response::Event;
use service_kit::Refusal;
use service_kit::server::Shutdown;
use service_kit::stream::{SendError, Sender};
use tokio::sync::mpsc;
use tonic::{Code, Status};

use super::encode::{self, Gathered, instant};
use super::scope::Scope;
use crate::grpc::{render, status};
use crate::registry::Registry;
use crate::registry::feed::Committed;
use crate::store::{Change, Error as StoreError};

/// A watcher that does not read for so long is cut off: it holds memory, and a snapshot holds a transaction.
const PATIENCE: Duration = Duration::from_secs(30);
/// When a watcher that was cut off may come back.
const RESUME_AFTER: Duration = Duration::from_millis(500);
/// Parts of a snapshot between the database and the watcher.
const PARTS_WAITING: usize = 2;

/// What a watcher is sent, and how far it has come.
pub(super) struct Watch {
    registry: Arc<Registry>,
    scope: Scope,
    interval: Duration,
    /// The newest revision that was looked at for this watcher.
    seen: i64,
    /// The revision of the last event that was handed over; only this is promised as a place to resume from.
    told: i64,
}

impl Watch {
    /// A watch over a scope that is never silent for longer than `interval`.
    pub(super) fn new(registry: Arc<Registry>, scope: Scope, interval: Duration) -> Self {
        Self { registry, scope, interval, seen: 0, told: 0 }
    }

    /// Sends events until the watcher goes, falls behind, or the service stops.
    pub(super) async fn run(
        mut self,
        from: Option<i64>,
        events: Sender<Bytes>,
        shutdown: Shutdown,
    ) -> Result<(), Status> {
        let ended = tokio::select! {
            followed = self.follow(from, &events) => followed,
            () = shutdown.cancelled() => Err(Ended::Stopping),
        };
        ended.map_err(|ended| self.status(ended))
    }

    /// Why a watch ended, with where to resume for clients that keep no track themselves.
    fn status(&self, ended: Ended) -> Status {
        let (reason, text) = match ended {
            Ended::By(status) => return *status,
            Ended::Gone => (pb::ErrorReason::CallCancelled, "the watcher has gone away".to_owned()),
            Ended::Stopping => (pb::ErrorReason::ShuttingDown, "the service is stopping".to_owned()),
            Ended::Slow => {
                (pb::ErrorReason::SlowConsumer, format!("nothing was read for {} seconds", PATIENCE.as_secs()))
            }
        };
        let refusal = Refusal::new(Code::Unavailable, reason, text).retry_after(RESUME_AFTER);
        if self.told == 0 {
            return refusal.into();
        }
        let token = self.token(self.told);
        let mut status: Status = refusal.with("revision_token", &token).into();
        if let Ok(token) = token.parse() {
            status.metadata_mut().insert(render::REVISION_HEADER, token);
        }
        status
    }

    async fn follow(&mut self, from: Option<i64>, events: &Sender<Bytes>) -> Result<(), Ended> {
        match from {
            Some(revision) => (self.seen, self.told) = (revision, revision),
            None => self.snapshot(events).await?,
        }
        let feed = self.registry.feed().clone();
        let mut deadline = tokio::time::Instant::now() + self.interval;
        loop {
            let revisions = feed.after(self.seen).await.map_err(status::of)?;
            if let Some(last) = revisions.last() {
                if last.revision.revision != self.seen + i64::try_from(revisions.len()).unwrap_or(i64::MAX) {
                    return Err(status::of(StoreError::Broken("the feed has a gap".to_owned()).into()).into());
                }
                let any = self.revisions(events, &revisions).await?;
                self.seen = last.revision.revision;
                // Where much is skipped, the watcher still hears how far the feed is.
                let is_due = !any && deadline <= tokio::time::Instant::now();
                if is_due {
                    self.checkpoint(events).await?;
                }
                if any || is_due {
                    deadline = tokio::time::Instant::now() + self.interval;
                }
                continue;
            }
            let quiet = tokio::time::timeout_at(deadline, feed.wait_after(self.seen)).await.is_err();
            if quiet {
                // A head that the database no longer confirms proves nothing; the silence then shows as lag.
                if feed.is_fresh() {
                    self.checkpoint(events).await?;
                }
                deadline = tokio::time::Instant::now() + self.interval;
            }
        }
    }

    async fn snapshot(&mut self, events: &Sender<Bytes>) -> Result<(), Ended> {
        let (sender, mut parts) = mpsc::channel(PARTS_WAITING);
        let feed = self.registry.feed().clone();
        let reading = tokio::spawn(async move { feed.snapshot(sender).await });
        while let Some(part) = parts.recv().await {
            for event in self.part(&part) {
                send(events, event).await?;
            }
        }
        let head = reading.await.map_err(|problem| status::of(StoreError::Broken(problem.to_string()).into()))?;
        let head = head.map_err(status::of)?;
        let complete = pb::SnapshotComplete {
            revision: head.revision,
            revision_token: self.token(head.revision),
            commit_time: Some(instant(head.commit_time)),
        };
        send(events, encode::event(Event::SnapshotComplete(complete))).await?;
        (self.seen, self.told) = (head.revision, head.revision);
        Ok(())
    }

    /// The events of what passes of a part of a snapshot.
    fn part(&self, part: &[Change]) -> Vec<Bytes> {
        let mut gathered = Gathered::snapshot();
        let mut events = Vec::new();
        for change in part {
            let Some(kind) = self.scope.kind(change) else { continue };
            let bytes = encode::change(change, self.registry.epoch());
            events.extend(gathered.full(bytes.len()));
            gathered.add(&[&bytes, &encode::kind(kind)]);
        }
        events.extend(gathered.event());
        events
    }

    /// Sends what passes of these revisions; whether anything did.
    async fn revisions(&mut self, events: &Sender<Bytes>, revisions: &[Arc<Committed>]) -> Result<bool, Ended> {
        let mut gathered = Gathered::revisions();
        let mut last = self.told;
        for committed in revisions {
            let Some(bytes) = self.revision(committed, last) else { continue };
            if let Some(event) = gathered.full(bytes.len()) {
                send(events, event).await?;
                self.told = last;
            }
            gathered.add(&[&bytes]);
            last = committed.revision.revision;
        }
        let Some(event) = gathered.event() else { return Ok(false) };
        send(events, event).await?;
        self.told = last;
        Ok(true)
    }

    /// What passes of a revision that follows on `previous_revision`; `None` if nothing does.
    fn revision(&self, committed: &Committed, previous_revision: i64) -> Option<Vec<u8>> {
        let stored = &committed.revision;
        let kinds: Vec<_> = stored.changes.iter().map(|change| self.scope.kind(change)).collect();
        if kinds.iter().all(Option::is_none) {
            return None;
        }
        let epoch = self.registry.epoch();
        let encoded = committed.encoded(|revision| encode::changes(revision, epoch));
        let head = pb::Revision {
            revision: stored.revision,
            previous_revision,
            revision_token: self.token(stored.revision),
            commit_time: Some(instant(stored.commit_time)),
            changes: Vec::new(),
        };
        let passing = encoded.iter().zip(&kinds).filter_map(|(change, kind)| Some((change, (*kind)?)));
        Some(encode::revision(&head, passing))
    }

    async fn checkpoint(&mut self, events: &Sender<Bytes>) -> Result<(), Ended> {
        let revision_token = self.token(self.seen);
        let checkpoint = pb::Checkpoint { revision: self.seen, previous_revision: self.told, revision_token };
        send(events, encode::event(Event::Checkpoint(checkpoint))).await?;
        self.told = self.seen;
        Ok(())
    }

    fn token(&self, revision: i64) -> String {
        render::token(self.registry.epoch(), revision)
    }
}

/// Why a watch ended.
enum Ended {
    /// The service stops.
    Stopping,
    /// The watcher does not read fast enough.
    Slow,
    /// The watcher has gone away.
    Gone,
    /// Something failed.
    By(Box<Status>),
}

impl From<Status> for Ended {
    fn from(status: Status) -> Self {
        Self::By(Box::new(status))
    }
}

async fn send(events: &Sender<Bytes>, event: Bytes) -> Result<(), Ended> {
    events.send_within(event, PATIENCE).await.map_err(|problem| match problem {
        SendError::Slow => Ended::Slow,
        SendError::Closed => Ended::Gone,
    })
}
