//! The client of the registry's change feed: snapshot first, then every revision, with nothing missing; it resumes,
//! backs off, and never gives up.

use std::sync::Arc;
use std::time::Duration;

use proto::registry::v1 as pb;
use proto::registry::v1::change_feed_service_client::ChangeFeedServiceClient;
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use service_kit::RevisionToken;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tracing::{info, warn};

use crate::matcher::Replica;

mod copy;

use copy::Copy;

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
    #[error("the registry ended the feed: {} ({:?})", .0.message(), .0.code())]
    Ended(Box<Status>),
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
            Self::Ended(status) => matches!(status.code(), Code::OutOfRange | Code::FailedPrecondition),
            Self::Gap(_) => true,
            Self::Transport(_) | Self::Closed | Self::Silent => false,
        }
    }
}

/// Follows the registry at `address` for ever, keeping `replica` up to date.
pub(crate) async fn follow(endpoint: Endpoint, replica: Arc<Replica>) {
    let mut copy = Copy::default();
    let mut failures = 0;
    loop {
        let heard_before = replica.freshness().heard;
        let broken = watch(&endpoint, &mut copy, &replica).await;
        replica.disconnected();
        if replica.freshness().heard != heard_before {
            failures = 0;
        }
        warn!(error = %broken, attempt = failures, "the feed broke off");
        if broken.needs_snapshot() {
            copy = Copy::default();
        }
        sleep(BACKOFF[failures.min(BACKOFF.len() - 1)]).await;
        failures += 1;
    }
}

/// Reads the feed until it breaks.
async fn watch(endpoint: &Endpoint, copy: &mut Copy, replica: &Replica) -> Broken {
    match try_watch(endpoint, copy, replica).await {
        Ok(()) => Broken::Closed,
        Err(broken) => broken,
    }
}

async fn try_watch(endpoint: &Endpoint, copy: &mut Copy, replica: &Replica) -> Result<(), Broken> {
    let channel: Channel = endpoint.connect().await?;
    let mut client = ChangeFeedServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let start = match copy.reached() {
        Some(token) => Start::FromToken(token.to_string()),
        None => Start::Snapshot(true),
    };
    let resumed = copy.reached().is_some();
    let checkpoint_interval = prost_types::Duration::try_from(CHECKPOINT_INTERVAL).ok();
    let request = pb::WatchChangesRequest { start: Some(start), resource_types: Vec::new(), checkpoint_interval };
    let ended = |status| Broken::Ended(Box::new(status));
    let mut events = client.watch_changes(request).await.map_err(ended)?.into_inner();
    info!(resumed, "following the registry's feed");

    let mut publish_at: Option<Instant> = None;
    let mut published = (Instant::now(), Duration::ZERO);
    loop {
        let next = tokio::select! {
            next = timeout(SILENCE_MAX, events.message()) => next.map_err(|_| Broken::Silent)?.map_err(ended)?,
            () = sleep_until(publish_at.unwrap_or_else(Instant::now)), if publish_at.is_some() => {
                published = publish(copy, replica);
                publish_at = None;
                continue;
            }
        };
        let Some(event) = next.and_then(|message| message.event) else { return Ok(()) };
        replica.heard();
        let is_news = take(copy, event)?;
        // A burst is published now and then, not with every message, so that publishing takes a small part of the time.
        if is_news {
            publish_at.get_or_insert(published.0 + published.1 * PUBLISH_SHARE);
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

/// Publishes a snapshot; tells when, and how long it took.
fn publish(copy: &mut Copy, replica: &Replica) -> (Instant, Duration) {
    let begun = Instant::now();
    if let Some((snapshot, reached)) = copy.publish() {
        replica.publish(snapshot, reached);
    }
    (Instant::now(), begun.elapsed())
}
