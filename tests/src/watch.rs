//! Follows the change feed the way a careful consumer does: it checks that nothing is missing and can be cut off anywhere.

use std::collections::BTreeMap;

use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use proto::registry::v1::{Change, ChangeKind, Enterprise, WatchChangesRequest, WatchChangesResponse, change};
use tonic::{Status, Streaming};

use crate::clients::RegistryClients;

/// What a consumer knows: where it stands, and what it has seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Follower {
    /// The last revision it has.
    pub revision: i64,
    /// Its token; a consumer resumes from it.
    pub token: String,
    /// Enterprises that live.
    pub live: BTreeMap<String, Enterprise>,
    /// Names that each revision changed.
    pub changed: BTreeMap<i64, Vec<String>>,
}

/// Begins a stream.
///
/// # Errors
///
/// If the registry refuses it, at once or with the first message.
pub async fn watch(clients: &mut RegistryClients, start: Start) -> Result<Streaming<WatchChangesResponse>, Status> {
    let request = WatchChangesRequest { start: Some(start), ..WatchChangesRequest::default() };
    Ok(clients.feed.watch_changes(request).await?.into_inner())
}

/// How a stream that must be refused is refused: at once, or in place of its first message.
pub async fn refusal(clients: &mut RegistryClients, start: Start) -> Result<Option<WatchChangesResponse>, Status> {
    watch(clients, start).await?.message().await
}

impl Follower {
    /// Where to go on: after what it has, or at the very beginning if not even a snapshot is complete.
    pub fn start(&mut self) -> Start {
        if self.token.is_empty() {
            self.live.clear();
            return Start::Snapshot(true);
        }
        Start::FromToken(self.token.clone())
    }

    /// Takes one message in, and complains if anything is missing, doubled or out of order.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with the feed.
    pub fn take(&mut self, response: WatchChangesResponse) -> Result<(), String> {
        match response.event.ok_or("a message without an event")? {
            Event::SnapshotPart(part) => part.changes.into_iter().for_each(|change| self.apply(change)),
            Event::SnapshotComplete(complete) => {
                self.revision = complete.revision;
                self.token = complete.revision_token;
            }
            Event::Revisions(revisions) => {
                for revision in revisions.revisions {
                    self.follows(revision.previous_revision)?;
                    // Everything is watched, so every revision must come.
                    if revision.revision != self.revision + 1 {
                        return Err(format!("{} came after {}", revision.revision, self.revision));
                    }
                    self.revision = revision.revision;
                    self.token = revision.revision_token;
                    let names = revision.changes.iter().map(|change| change.name.clone()).collect();
                    self.changed.insert(revision.revision, names);
                    revision.changes.into_iter().for_each(|change| self.apply(change));
                }
            }
            Event::Checkpoint(checkpoint) => {
                self.follows(checkpoint.previous_revision)?;
                if checkpoint.revision != self.revision {
                    return Err(format!("the checkpoint {} skips from {}", checkpoint.revision, self.revision));
                }
                self.token = checkpoint.revision_token;
            }
        }
        Ok(())
    }

    fn follows(&self, previous: i64) -> Result<(), String> {
        if previous == self.revision {
            return Ok(());
        }
        Err(format!("an event follows {previous}, and the one before it was {}", self.revision))
    }

    fn apply(&mut self, change: Change) {
        let deleted = change.kind() == ChangeKind::Deleted;
        let Some(change::Resource::Enterprise(enterprise)) = change.resource else { return };
        if deleted {
            self.live.remove(&change.name);
        } else {
            self.live.insert(change.name, enterprise);
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::registry::v1::{Checkpoint, Revision, Revisions};

    use super::*;

    fn at_7() -> Follower {
        Follower { revision: 7, token: "seven".to_owned(), ..Follower::default() }
    }

    fn revision(revision: i64, previous_revision: i64) -> WatchChangesResponse {
        let revision = Revision { revision, previous_revision, ..Revision::default() };
        WatchChangesResponse { event: Some(Event::Revisions(Revisions { revisions: vec![revision] })) }
    }

    fn checkpoint(revision: i64, previous_revision: i64) -> WatchChangesResponse {
        let checkpoint = Checkpoint { revision, previous_revision, ..Checkpoint::default() };
        WatchChangesResponse { event: Some(Event::Checkpoint(checkpoint)) }
    }

    #[test]
    fn what_follows_is_taken() {
        assert_eq!(at_7().take(revision(8, 7)), Ok(()));
        assert_eq!(at_7().take(checkpoint(7, 7)), Ok(()));
    }

    #[test]
    fn what_is_missing_doubled_or_out_of_order_is_complained_about() {
        for faulty in [revision(9, 7), revision(9, 8), revision(7, 6), revision(7, 7), revision(6, 7)] {
            assert!(at_7().take(faulty.clone()).is_err(), "{faulty:?}");
        }
        for faulty in [checkpoint(8, 7), checkpoint(8, 8), checkpoint(6, 6), WatchChangesResponse::default()] {
            assert!(at_7().take(faulty.clone()).is_err(), "{faulty:?}");
        }
    }
}
