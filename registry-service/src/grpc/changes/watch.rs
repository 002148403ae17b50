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

use super::packed;
use crate::domain::time::Timestamp;
use crate::grpc::{render, status};
use crate::registry::Registry;
use crate::store::{Change, Revision, ResourceType, Error as StoreError};

/// A watcher that does not read for so long is cut off: it holds memory, and a snapshot holds a transaction.
const PATIENCE: Duration = Duration::from_secs(30);
/// Parts of a snapshot between the database and the watcher.
const PARTS_WAITING: usize = 2;

/// What a watcher is sent, and how far it has come.
pub(super) struct Watch {
    registry: Arc<Registry>,
    types: Vec<ResourceType>,
    interval: Duration,
    /// The newest revision that the feed has passed for this watcher.
    seen: i64,
    /// The revision of the last event.
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
        let followed = tokio::select! {
            followed = self.follow(from, &events) => followed,
            () = shutdown.cancelled() => {
                let refusal = Refusal::new(Code::Unavailable, pb::ErrorReason::ShuttingDown, "the service is stopping");
                Err(refusal.into())
            }
        };
        // Where to resume travels with the reason, for clients that keep no track themselves.
        followed.map_err(|status| self.with_token(status))
    }

    async fn follow(
        &mut self,
        from: Option<i64>,
        events: &Sender<pb::WatchChangesResponse>,
    ) -> Result<(), Status> {
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
                    return Err(status::of(StoreError::Broken("the feed has a gap".to_owned()).into()));
                }
                self.seen = last.revision;
                if self.revisions(events, &revisions).await? {
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

    async fn snapshot(&mut self, events: &Sender<pb::WatchChangesResponse>) -> Result<(), Status> {
        let (sender, mut parts) = mpsc::channel(PARTS_WAITING);
        let feed = self.registry.feed().clone();
        let reading = tokio::spawn(async move { feed.snapshot(sender).await });
        while let Some(part) = parts.recv().await {
            let changes = self.changes(&part)?;
            for changes in packed(changes) {
                send(events, Event::SnapshotPart(pb::SnapshotPart { changes })).await?;
            }
        }
        let head = reading.await.map_err(|problem| status::of(StoreError::Broken(problem.to_string()).into()))?;
        let head = head.map_err(status::of)?;
        (self.seen, self.told) = (head.revision, head.revision);
        let complete = pb::SnapshotComplete {
            revision: head.revision,
            revision_token: self.token(head.revision),
            commit_time: Some(instant(head.commit_time)),
        };
        send(events, Event::SnapshotComplete(complete)).await
    }

    /// Sends what passes of these revisions; whether anything did.
    async fn revisions(
        &mut self,
        events: &Sender<pb::WatchChangesResponse>,
        revisions: &[Arc<Revision>],
    ) -> Result<bool, Status> {
        let mut passing = Vec::with_capacity(revisions.len());
        for committed in revisions {
            let changes = self.changes(&committed.changes)?;
            if changes.is_empty() {
                continue;
            }
            let previous_revision = std::mem::replace(&mut self.told, committed.revision);
            passing.push(pb::Revision {
                revision: committed.revision,
                previous_revision,
                revision_token: self.token(committed.revision),
                commit_time: Some(instant(committed.commit_time)),
                changes,
            });
        }
        let any = !passing.is_empty();
        for revisions in packed(passing) {
            send(events, Event::Revisions(pb::Revisions { revisions })).await?;
        }
        Ok(any)
    }

    async fn checkpoint(&mut self, events: &Sender<pb::WatchChangesResponse>) -> Result<(), Status> {
        let previous_revision = std::mem::replace(&mut self.told, self.seen);
        let revision_token = self.token(self.seen);
        let checkpoint = pb::Checkpoint { revision: self.seen, previous_revision, revision_token };
        send(events, Event::Checkpoint(checkpoint)).await
    }

    /// The changes that pass the filter, rendered.
    fn changes(&self, changes: &[Change]) -> Result<Vec<pb::Change>, Status> {
        let passes = |change: &&Change| self.types.is_empty() || self.types.contains(&change.resource_type);
        changes.iter().filter(passes).map(|change| self.change(change)).collect()
    }

    fn change(&self, change: &Change) -> Result<pb::Change, Status> {
        let (etag, revision_token) = (render::etag(change.revision), self.token(change.revision));
        let data = change.data.as_ref();
        let resource = match change.resource_type {
            ResourceType::Enterprise => {
                pb::Enterprise::decode(data).map(|read| Resource::Enterprise(pb::Enterprise { etag, revision_token, ..read }))
            }
            ResourceType::Opportunity => pb::Opportunity::decode(data)
                .map(|read| Resource::Opportunity(pb::Opportunity { etag, revision_token, ..read })),
            ResourceType::Industry => pb::Industry::decode(data).map(Resource::Industry),
            ResourceType::RegionGroup => pb::RegionGroup::decode(data).map(Resource::RegionGroup),
        };
        let broken = |problem: prost::DecodeError| status::of(StoreError::Broken(problem.to_string()).into());
        Ok(pb::Change {
            name: change.name.clone(),
            kind: change.kind.number(),
            resource: Some(resource.map_err(broken)?),
        })
    }

    fn token(&self, revision: i64) -> String {
        render::token(self.registry.epoch(), revision)
    }

    fn with_token(&self, mut status: Status) -> Status {
        if self.told > 0
            && let Ok(token) = self.token(self.told).parse()
        {
            status.metadata_mut().insert(render::REVISION_HEADER, token);
        }
        status
    }
}

async fn send(events: &Sender<pb::WatchChangesResponse>, event: Event) -> Result<(), Status> {
    let sent = events.send_within(pb::WatchChangesResponse { event: Some(event) }, PATIENCE).await;
    sent.map_err(|problem| match problem {
        SendError::Slow => {
            let text = format!("nothing was read for {} seconds", PATIENCE.as_secs());
            Refusal::new(Code::Unavailable, pb::ErrorReason::SlowConsumer, text).into()
        }
        SendError::Closed => Refusal::new(Code::Cancelled, pb::ErrorReason::CallCancelled, problem.to_string()).into(),
    })
}

fn instant(instant: Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = instant.parts();
    prost_types::Timestamp { seconds, nanos }
}
