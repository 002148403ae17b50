//! One watcher: the snapshot or the revisions since its token, then everything new, and checkpoints in between.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use proto::registry::v1 as pb;
use proto::registry::v1::change::Resource;
use proto::registry::v1::watch_changes_response::Event;
use service_kit::Refusal;
use service_kit::server::Shutdown;
use service_kit::stream::{SendError, Sender};
use tokio::sync::mpsc;
use tonic::{Code, Status};

use crate::domain::time::Timestamp;
use crate::grpc::{render, status};
use crate::registry::Registry;
use crate::store::codec::DocumentMessage;
use crate::store::{Change, Error as StoreError, ResourceType, Revision};

/// A watcher that does not read for so long is cut off: it holds memory, and a snapshot holds a transaction.
const PATIENCE: Duration = Duration::from_secs(30);
/// When a watcher that was cut off may come back.
const RESUME_AFTER: Duration = Duration::from_millis(500);
/// Parts of a snapshot between the database and the watcher.
const PARTS_WAITING: usize = 2;

/// What a watcher is sent, and how far it has come.
pub(super) struct Watch {
    registry: Arc<Registry>,
    types: Vec<ResourceType>,
    interval: Duration,
    /// The newest revision that was looked at for this watcher.
    seen: i64,
    /// The revision of the last event that was handed over; only this is promised as a place to resume from.
    told: i64,
}

impl Watch {
    /// A watch over the types given, all if none, that is never silent for longer than `interval`.
    pub(super) fn new(registry: Arc<Registry>, types: Vec<ResourceType>, interval: Duration) -> Self {
        Self { registry, types, interval, seen: 0, told: 0 }
    }

    /// Sends events until the watcher goes, falls behind, or the service stops.
    pub(super) async fn run(
        mut self,
        from: Option<i64>,
        events: Sender<pb::WatchChangesResponse>,
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

    async fn follow(&mut self, from: Option<i64>, events: &Sender<pb::WatchChangesResponse>) -> Result<(), Ended> {
        match from {
            Some(revision) => (self.seen, self.told) = (revision, revision),
            None => self.snapshot(events).await?,
        }
        let feed = self.registry.feed().clone();
        let mut deadline = tokio::time::Instant::now() + self.interval;
        loop {
            let revisions = feed.after(self.seen).await.map_err(status::of)?;
            if let Some(last) = revisions.last() {
                if last.revision != self.seen + i64::try_from(revisions.len()).unwrap_or(i64::MAX) {
                    return Err(status::of(StoreError::Broken("the feed has a gap".to_owned()).into()).into());
                }
                let any = self.revisions(events, &revisions).await?;
                self.seen = last.revision;
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

    async fn snapshot(&mut self, events: &Sender<pb::WatchChangesResponse>) -> Result<(), Ended> {
        let (sender, mut parts) = mpsc::channel(PARTS_WAITING);
        let feed = self.registry.feed().clone();
        let reading = tokio::spawn(async move { feed.snapshot(sender).await });
        while let Some(part) = parts.recv().await {
            let changes = self.changes(&part)?;
            for changes in render::packed(changes) {
                send(events, Event::SnapshotPart(pb::SnapshotPart { changes })).await?;
            }
        }
        let head = reading.await.map_err(|problem| status::of(StoreError::Broken(problem.to_string()).into()))?;
        let head = head.map_err(status::of)?;
        let complete = pb::SnapshotComplete {
            revision: head.revision,
            revision_token: self.token(head.revision),
            commit_time: Some(instant(head.commit_time)),
        };
        send(events, Event::SnapshotComplete(complete)).await?;
        (self.seen, self.told) = (head.revision, head.revision);
        Ok(())
    }

    /// Sends what passes of these revisions; whether anything did.
    async fn revisions(
        &mut self,
        events: &Sender<pb::WatchChangesResponse>,
        revisions: &[Arc<Revision>],
    ) -> Result<bool, Ended> {
        let mut passing = Vec::with_capacity(revisions.len());
        let mut previous = self.told;
        for committed in revisions {
            let changes = self.changes(&committed.changes)?;
            if changes.is_empty() {
                continue;
            }
            let previous_revision = std::mem::replace(&mut previous, committed.revision);
            passing.push(pb::Revision {
                revision: committed.revision,
                previous_revision,
                revision_token: self.token(committed.revision),
                commit_time: Some(instant(committed.commit_time)),
                changes,
            });
        }
        let any = !passing.is_empty();
        for revisions in render::packed(passing) {
            let last = revisions.last().map_or(self.told, |last| last.revision);
            send(events, Event::Revisions(pb::Revisions { revisions })).await?;
            self.told = last;
        }
        Ok(any)
    }

    async fn checkpoint(&mut self, events: &Sender<pb::WatchChangesResponse>) -> Result<(), Ended> {
        let revision_token = self.token(self.seen);
        let checkpoint = pb::Checkpoint { revision: self.seen, previous_revision: self.told, revision_token };
        send(events, Event::Checkpoint(checkpoint)).await?;
        self.told = self.seen;
        Ok(())
    }

    /// The changes that pass the filter, rendered.
    fn changes(&self, changes: &[Change]) -> Result<Vec<pb::Change>, Status> {
        let passes = |change: &&Change| self.types.is_empty() || self.types.contains(&change.resource_type);
        changes.iter().filter(passes).map(|change| self.change(change)).collect()
    }

    fn change(&self, change: &Change) -> Result<pb::Change, Status> {
        let (etag, revision_token) = (render::etag(change.revision), self.token(change.revision));
        let data = change.data.as_ref();
        let broken = |problem: StoreError| status::of(problem.into());
        let unreadable = |problem: prost::DecodeError| broken(StoreError::Broken(problem.to_string()));
        let resource = match change.resource_type {
            ResourceType::Enterprise => {
                let read = pb::Enterprise::decode(data).map_err(unreadable)?;
                Resource::Enterprise(pb::Enterprise { etag, revision_token, ..read })
            }
            ResourceType::Opportunity => {
                let read = pb::Opportunity::decode(data).map_err(unreadable)?;
                Resource::Opportunity(pb::Opportunity { etag, revision_token, ..read })
            }
            document => {
                let read = DocumentMessage::decode(document, data).map_err(broken)?;
                let read = read.ok_or_else(|| broken(StoreError::Broken("a document has no type".to_owned())))?;
                match read.stamped(etag, revision_token) {
                    DocumentMessage::Industry(industry) => Resource::Industry(industry),
                    DocumentMessage::RegionGroup(group) => Resource::RegionGroup(group),
                    DocumentMessage::Zone(zone) => Resource::Zone(zone),
                    DocumentMessage::Office(office) => Resource::Office(office),
                    DocumentMessage::Policy(policy) => Resource::Policy(policy),
                }
            }
        };
        Ok(pb::Change { name: change.name.clone(), kind: change.kind.number(), resource: Some(resource) })
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

async fn send(events: &Sender<pb::WatchChangesResponse>, event: Event) -> Result<(), Ended> {
    let sent = events.send_within(pb::WatchChangesResponse { event: Some(event) }, PATIENCE).await;
    sent.map_err(|problem| match problem {
        SendError::Slow => Ended::Slow,
        SendError::Closed => Ended::Gone,
    })
}

fn instant(instant: Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = instant.parts();
    prost_types::Timestamp { seconds, nanos }
}
