//! `ChangeFeedService`.

use std::sync::Arc;
use std::time::Duration;

use prost::bytes::Bytes;
use proto::encoded::change_feed_service_server::ChangeFeedService;
use proto::registry::v1 as pb;
use proto::registry::v1::watch_changes_request::Start;
use service_kit::door::Door;
use service_kit::server::Shutdown;
use service_kit::stream::{Responses, respond};
use service_kit::{Epoch, Refusal, RevisionToken};
use tokio::sync::Semaphore;
use tonic::{Code, Request, Response, Status};

use super::{render, status};
use crate::domain::places::CountryCode;
use crate::registry::Registry;
use crate::store::{self, Head, ResourceType};

mod encode;
mod scope;
mod watch;

use scope::Scope;
use watch::Watch;

/// Longest silence between two events, where the caller does not say.
const CHECKPOINT_DEFAULT: Duration = Duration::from_secs(1);
const CHECKPOINT_MIN: Duration = Duration::from_millis(100);
const CHECKPOINT_MAX: Duration = Duration::from_secs(60);
/// Watches at a time; each holds a few events in memory. Beyond about fifty replicas the feed is to be fanned out.
const WATCHES_MAX: usize = 512;
/// Most countries of one watch; there are not many more.
const REGIONS_MAX: usize = 250;
/// Events that wait for a watcher; more are in the ring, or in the table.
const EVENTS_WAITING: usize = 4;

/// `ChangeFeedService` over the registry.
pub struct Changes {
    registry: Arc<Registry>,
    shutdown: Shutdown,
    watches: Arc<Semaphore>,
}

impl Changes {
    /// Serves a registry until the shutdown.
    pub fn new(registry: Arc<Registry>, shutdown: Shutdown) -> Self {
        Self { registry, shutdown, watches: Arc::new(Semaphore::new(WATCHES_MAX)) }
    }

    /// The revision of a token, if a watch can start there.
    async fn resumable(&self, token: RevisionToken) -> Result<i64, Status> {
        let refused = |code, reason, text: String| Refusal::new(code, reason, text);
        if token.epoch.0 != self.registry.epoch().into_bytes() {
            let text = "the token is from another database; start from a snapshot".to_owned();
            return Err(refused(Code::FailedPrecondition, pb::ErrorReason::EpochChanged, text).into());
        }
        let head = self.registry.feed().stored_head().await.map_err(status::of)?;
        if token.revision > head.revision {
            let text = format!("revision {} is ahead of this registry, which is at {}", token.revision, head.revision);
            return Err(refused(Code::OutOfRange, pb::ErrorReason::RevisionInFuture, text).into());
        }
        if token.revision + 1 < head.earliest {
            return Err(status::of(store::Error::Compacted { earliest: head.earliest }.into()));
        }
        Ok(token.revision)
    }
}

#[tonic::async_trait]
impl ChangeFeedService for Changes {
    async fn get_change_feed(
        &self,
        _request: Request<pb::GetChangeFeedRequest>,
    ) -> Result<Response<pb::ChangeFeed>, Status> {
        let Head { epoch, revision, earliest, .. } = self.registry.feed().stored_head().await.map_err(status::of)?;
        let retention = self.registry.kept().feed;
        Ok(Response::new(pb::ChangeFeed {
            // As the matcher shows it, so that the two can be compared by eye.
            epoch: Epoch(epoch.into_bytes()).to_string(),
            head_revision: revision,
            head_token: render::token(epoch, revision),
            earliest_revision: earliest,
            retention_age: retention.age.and_then(|age| age.try_into().ok()),
            retention_revisions: retention.revisions.unwrap_or_default(),
        }))
    }

    type WatchChangesStream = Responses<Bytes>;

    async fn watch_changes(
        &self,
        request: Request<pb::WatchChangesRequest>,
    ) -> Result<Response<Self::WatchChangesStream>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let types = door.unique("resource_types", &message.resource_types, ResourceType::ALL.len(), |number| {
            ResourceType::from_number(*number).ok_or_else(|| "must be one of the values of the contract".to_owned())
        });
        let regions = door.unique("region_codes", &message.region_codes, REGIONS_MAX, |code| CountryCode::parse(code));
        let interval = match message.checkpoint_interval {
            None => CHECKPOINT_DEFAULT,
            Some(given) => interval_of(&given)
                .filter(|interval| (CHECKPOINT_MIN..=CHECKPOINT_MAX).contains(interval))
                .or_else(|| door.take("checkpoint_interval", Err("must be 100 ms to 60 s".to_owned())))
                .unwrap_or(CHECKPOINT_DEFAULT),
        };
        let token = match &message.start {
            Some(Start::FromToken(token)) => door.take("from_token", token.parse::<RevisionToken>()),
            Some(Start::Snapshot(_)) | None => None,
        };
        door.close()?;
        let from = match token {
            Some(token) => Some(self.resumable(token).await?),
            None => None,
        };
        let place = self.watches.clone().try_acquire_owned().map_err(|_| status::full("watches", WATCHES_MAX))?;
        let watch = Watch::new(self.registry.clone(), Scope::new(types, regions), interval);
        let shutdown = self.shutdown.clone();
        Ok(Response::new(respond(EVENTS_WAITING, move |events| async move {
            let _place = place;
            watch.run(from, events, shutdown).await
        })))
    }
}

/// The interval that a message tells, if it is not negative. The conversion of prost cannot be used: it overflows at the
/// smallest number of seconds.
fn interval_of(given: &prost_types::Duration) -> Option<Duration> {
    let (seconds, nanos) = (u64::try_from(given.seconds).ok()?, u32::try_from(given.nanos).ok()?);
    (nanos < 1_000_000_000).then(|| Duration::new(seconds, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_any_numbers_is_read_or_refused() {
        let read = |seconds, nanos| interval_of(&prost_types::Duration { seconds, nanos });
        assert_eq!(read(1, 500_000_000), Some(Duration::from_millis(1_500)));
        assert_eq!(read(i64::MAX, 999_999_999), Some(Duration::new(i64::MAX.unsigned_abs(), 999_999_999)));
        for (seconds, nanos) in [(i64::MIN, 0), (-1, 0), (0, -1), (0, i32::MIN), (0, 1_000_000_000), (0, i32::MAX)] {
            assert_eq!(read(seconds, nanos), None);
        }
    }
}
