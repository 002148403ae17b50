//! The client of the registry's change feed: snapshot first, then every revision, with nothing missing; it resumes,
//! backs off, and never gives up.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proto::registry::v1 as pb;
use proto::registry::v1::ErrorReason;
use proto::registry::v1::change_feed_service_client::ChangeFeedServiceClient;
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use service_kit::RevisionToken;
use service_kit::identity::{Bearer, TokenError};
use tokio::sync::oneshot::Receiver;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tonic::Status;
use tonic::transport::Endpoint;
use tonic_types::StatusExt;
use tracing::{info, warn};

use crate::matcher::Replica;

mod copy;
mod keeper;
mod quarantine;
mod saved;

pub(crate) use copy::Copy;
pub(crate) use keeper::Keeper;
pub(crate) use saved::write as save;

/// How often the registry speaks when nothing happens; lag is known as exactly as this.
const CHECKPOINT_INTERVAL: Duration = Duration::from_millis(500);
/// A feed that is silent for so long is dead, whatever TCP says.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// Pauses between attempts: short at first, since a restarted registry is back in a second.
const BACKOFF: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];
/// Largest event: one write of 500 large records.
const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Between snapshots the feed works on for at least so many times as long as publishing one takes.
const PUBLISH_SHARE: u32 = 10;

/// Why following stopped for now.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the registry cannot be reached: {0}")]
    Transport(#[from] tonic::transport::Error),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("the registry ended the feed: {} ({:?})", .0.message(), .0.code())]
    Ended(Box<Status>),
    #[error("the registry cannot go on from what was read: {}", .0.message())]
    Expired(Box<Status>),
    #[error("the registry ended the feed without a word")]
    Closed,
    #[error("the registry was silent for {} seconds", SILENCE_MAX.as_secs())]
    Silent,
    #[error("an event does not follow on what was read: {0}")]
    Gap(String),
}

impl Broken {
    /// Whether what was read so far is of no use to go on from.
    fn needs_snapshot(&self) -> bool {
        match self {
            Self::Expired(_) | Self::Gap(_) => true,
            Self::Transport(_) | Self::Token(_) | Self::Ended(_) | Self::Closed | Self::Silent => false,
        }
    }

    /// What a status of the registry means for the copy; its reason says it, the code alone is tonic's too.
    fn by(status: Status) -> Self {
        let reasons = [ErrorReason::EpochChanged, ErrorReason::RevisionInFuture, ErrorReason::RevisionCompacted];
        let told = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
        let is_expired = reasons.iter().any(|reason| reason.as_str_name().strip_prefix("ERROR_REASON_") == Some(&told));
        if is_expired { Self::Expired(Box::new(status)) } else { Self::Ended(Box::new(status)) }
    }
}

/// The registry to follow.
pub(crate) struct Registry {
    /// Where it is.
    pub(crate) endpoint: Endpoint,
    /// The file with the token to show it; tokens expire, so it is read again for every connection.
    pub(crate) token_file: Option<PathBuf>,
}

/// Follows a registry until `stop`, keeping `replica` up to date, and the copy on disk if there is to be one.
pub(crate) async fn follow(registry: Registry, replica: Arc<Replica>, mut keeper: Keeper, mut stop: Receiver<()>) {
    let copy = keeper.take_up().await.unwrap_or_default();
    let mut following = Following { copy, replica, keeper, last: Publication::never() };
    following.publish();
    let mut failures = 0;
    loop {
        let shown_before = following.replica.freshness().reached;
        let broken = tokio::select! {
            watched = following.watch(&registry) => watched.err().unwrap_or(Broken::Closed),
            _ = &mut stop => break,
        };
        following.settle(&broken);
        if following.replica.freshness().reached != shown_before {
            failures = 0;
        }
        warn!(error = %broken, attempt = failures, "the feed broke off");
        tokio::select! {
            () = sleep(BACKOFF[failures.min(BACKOFF.len() - 1)]) => failures += 1,
            _ = &mut stop => break,
        }
    }
    following.keep();
    following.keeper.settle().await;
}

/// A copy of the registry that is being kept up to date.
struct Following {
    copy: Copy,
    replica: Arc<Replica>,
    keeper: Keeper,
    last: Publication,
}

/// When a snapshot was published, and how long that took.
#[derive(Clone, Copy)]
struct Publication {
    at: Instant,
    took: Duration,
}

impl Publication {
    fn never() -> Self {
        Self { at: Instant::now(), took: Duration::ZERO }
    }

    /// When the next one may be: publishing takes a small part of the time, however fast news come in.
    fn next(self) -> Instant {
        self.at + self.took * PUBLISH_SHARE
    }
}

impl Following {
    /// Reads the feed until it breaks or ends.
    async fn watch(&mut self, registry: &Registry) -> Result<(), Broken> {
        let caller = Bearer::read(registry.token_file.as_deref())?.over(registry.endpoint.connect().await?);
        let mut client = ChangeFeedServiceClient::new(caller).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let start = match self.copy.reached() {
            Some(token) => Start::FromToken(token.to_string()),
            None => Start::Snapshot(true),
        };
        let resumed = self.copy.reached().is_some();
        let checkpoint_interval = prost_types::Duration::try_from(CHECKPOINT_INTERVAL).ok();
        let request = pb::WatchChangesRequest { start: Some(start), checkpoint_interval, ..Default::default() };
        let answered = timeout(SILENCE_MAX, client.watch_changes(request)).await.map_err(|_| Broken::Silent)?;
        let mut events = answered.map_err(Broken::by)?.into_inner();
        info!(resumed, "following the registry's feed");

        let mut publish_at: Option<Instant> = None;
        loop {
            let keep_at = self.keeper.due(self.copy.reached());
            let next = tokio::select! {
                next = timeout(SILENCE_MAX, events.message()) => next.map_err(|_| Broken::Silent)?.map_err(Broken::by)?,
                () = sleep_until(publish_at.unwrap_or_else(Instant::now)), if publish_at.is_some() => {
                    self.publish();
                    publish_at = None;
                    continue;
                }
                () = sleep_until(keep_at.unwrap_or_else(Instant::now)), if keep_at.is_some() => {
                    self.keep();
                    publish_at = None;
                    continue;
                }
            };
            let Some(event) = next.and_then(|message| message.event) else { return Ok(()) };
            self.replica.heard();
            if take(&mut self.copy, event)? {
                publish_at.get_or_insert_with(|| self.last.next());
            }
        }
    }

    /// Leaves the copy so that the next attempt can go on from it.
    fn settle(&mut self, broken: &Broken) {
        self.replica.disconnected();
        // A snapshot that broke half-way may hold what is gone by the time of the next one.
        if broken.needs_snapshot() || self.copy.reached().is_none() {
            self.copy = Copy::default();
        } else {
            // What was read and is not shown yet: the feed goes on after it, and will not bring it again.
            self.publish();
        }
    }

    /// Shows what was read to its end.
    fn publish(&mut self) {
        let begun = Instant::now();
        if let Some((snapshot, reached)) = self.copy.publish() {
            self.replica.publish(snapshot, reached);
        }
        self.last = Publication { at: Instant::now(), took: begun.elapsed() };
    }

    /// Shows what was read to its end, and has it put aside on disk.
    fn keep(&mut self) {
        if self.keeper.due(self.copy.reached()).is_none() {
            return;
        }
        if let Some((snapshot, reached)) = self.copy.publish() {
            self.keeper.keep(self.copy.image(snapshot.clone()), reached);
            self.replica.publish(snapshot, reached);
        }
    }
}

/// Takes an event in; whether there is something to publish.
fn take(copy: &mut Copy, event: Event) -> Result<bool, Broken> {
    match event {
        Event::SnapshotPart(part) => {
            part.changes.into_iter().for_each(|change| copy.apply(change));
            Ok(false)
        }
        Event::SnapshotComplete(complete) => {
            copy.arrive(token(&complete.revision_token)?, complete.commit_time.as_ref());
            Ok(true)
        }
        Event::Revisions(revisions) => {
            for revision in revisions.revisions {
                follows(copy, revision.previous_revision)?;
                revision.changes.into_iter().for_each(|change| copy.apply(change));
                copy.arrive(token(&revision.revision_token)?, revision.commit_time.as_ref());
            }
            Ok(true)
        }
        Event::Checkpoint(checkpoint) => {
            follows(copy, checkpoint.previous_revision)?;
            let token = token(&checkpoint.revision_token)?;
            let is_news = copy.reached() != Some(token);
            copy.arrive(token, None);
            Ok(is_news)
        }
    }
}

fn follows(copy: &Copy, previous_revision: i64) -> Result<(), Broken> {
    match copy.reached() {
        Some(reached) if reached.revision == previous_revision => Ok(()),
        reached => {
            let reached = reached.map_or(0, |reached| reached.revision);
            Err(Broken::Gap(format!("it follows revision {previous_revision}, this copy is at {reached}")))
        }
    }
}

fn token(text: &str) -> Result<RevisionToken, Broken> {
    text.parse().map_err(|problem: service_kit::token::Error| Broken::Gap(problem.to_string()))
}

#[cfg(test)]
mod tests {
    use proto::registry::v1::change::Resource;
    use service_kit::Epoch;

    use super::*;

    fn following() -> Following {
        let keeper = Keeper::new(None, Duration::from_secs(60));
        Following { copy: Copy::default(), replica: Arc::new(Replica::new()), keeper, last: Publication::never() }
    }

    fn at(revision: i64) -> RevisionToken {
        RevisionToken { epoch: Epoch([7; 16]), revision }
    }

    fn created(id: &str) -> pb::Change {
        let name = format!("enterprises/{id}");
        let enterprise = pb::Enterprise { name: name.clone(), region_code: "PK".to_owned(), ..Default::default() };
        let resource = Some(Resource::Enterprise(enterprise));
        pb::Change { name, kind: pb::ChangeKind::Created.into(), resource }
    }

    fn revision(number: i64, id: &str) -> Event {
        let revision = pb::Revision {
            revision: number,
            previous_revision: number - 1,
            revision_token: at(number).to_string(),
            commit_time: Some(prost_types::Timestamp { seconds: 1_767_225_600, nanos: 0 }),
            changes: vec![created(id)],
        };
        Event::Revisions(pb::Revisions { revisions: vec![revision] })
    }

    fn shown(following: &Following) -> Option<(u64, usize)> {
        let snapshot = following.replica.newest()?;
        Some((snapshot.stamp().revision, snapshot.len()))
    }

    #[test]
    fn what_was_read_before_the_feed_broke_is_shown() {
        let mut following = following();
        following.copy.arrive(at(1), None);
        following.publish();
        assert!(take(&mut following.copy, revision(2, "a")).unwrap());
        following.settle(&Broken::Closed);
        assert_eq!(shown(&following), Some((2, 1)));
        assert_eq!(following.copy.reached(), Some(at(2)));
    }

    #[test]
    fn a_snapshot_that_broke_half_way_leaves_nothing_behind() {
        let mut following = following();
        let part = Event::SnapshotPart(pb::SnapshotPart { changes: vec![created("ghost")] });
        assert!(!take(&mut following.copy, part).unwrap());
        following.settle(&Broken::Silent);
        let complete = pb::SnapshotComplete { revision: 5, revision_token: at(5).to_string(), commit_time: None };
        assert!(take(&mut following.copy, Event::SnapshotComplete(complete)).unwrap());
        following.publish();
        assert_eq!(shown(&following), Some((5, 0)));
    }

    #[test]
    fn an_event_that_does_not_follow_is_a_gap_and_needs_a_snapshot() {
        let mut following = following();
        following.copy.arrive(at(1), None);
        let broken = take(&mut following.copy, revision(3, "a")).unwrap_err();
        assert!(matches!(broken, Broken::Gap(_)) && broken.needs_snapshot());
    }

    #[test]
    fn what_cannot_be_read_is_put_in_quarantine_until_it_can() {
        let mut following = following();
        let enterprise = |region_code: &str| {
            let mut change = created("a");
            if let Some(Resource::Enterprise(enterprise)) = &mut change.resource {
                region_code.clone_into(&mut enterprise.region_code);
            }
            change
        };
        let mut quarantined = |change: pb::Change| {
            following.copy.apply(change);
            following.copy.arrive(at(1), None);
            following.publish();
            let snapshot = following.replica.newest().unwrap();
            (snapshot.len(), snapshot.quarantined().clone().first)
        };
        assert_eq!(quarantined(enterprise("PK")), (1, vec![]));
        assert_eq!(quarantined(enterprise("nowhere")), (0, vec!["enterprises/a".to_owned()]));
        let later = pb::Change { name: "zones/z".to_owned(), ..Default::default() };
        assert_eq!(
            quarantined(later),
            (0, vec!["enterprises/a".to_owned()]),
            "other kinds of resources are none of ours"
        );
        assert_eq!(quarantined(enterprise("PK")), (1, vec![]));
    }

    #[tokio::test]
    async fn what_is_put_aside_at_the_end_is_where_the_next_one_begins() {
        let folder = tempfile::tempdir().unwrap();
        let keeper = || Keeper::new(Some(folder.path().join("index")), Duration::from_secs(3_600));
        let mut following = Following { keeper: keeper(), ..following() };
        following.copy.arrive(at(1), None);
        assert!(take(&mut following.copy, revision(2, "a")).unwrap());
        following.keep();
        following.keeper.settle().await;

        let copy = keeper().take_up().await.unwrap();
        assert_eq!(copy.reached(), Some(at(2)));
        let mut next = Following { copy, ..self::following() };
        next.publish();
        assert_eq!(shown(&next), Some((2, 1)));
        assert!(take(&mut next.copy, revision(3, "b")).unwrap());
        next.publish();
        assert_eq!(shown(&next), Some((3, 2)));
    }

    #[test]
    fn only_reasons_that_say_so_need_a_snapshot() {
        let compacted = |reason| service_kit::Refusal::new(tonic::Code::OutOfRange, reason, "x").into();
        assert!(Broken::by(compacted(ErrorReason::RevisionCompacted)).needs_snapshot());
        // tonic says OUT_OF_RANGE too, for a message that is too large.
        assert!(!Broken::by(Status::out_of_range("message too large")).needs_snapshot());
    }
}
