//! Events of the feed as bytes, without decoding what the store keeps: fields of a message may follow each other in any
//! order, and the last value of a field counts, so stamps are appended.

use prost::Message;
use prost::bytes::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint};
use proto::registry::v1 as pb;
use proto::registry::v1::watch_changes_response::Event;
use uuid::Uuid;

use crate::domain::time::Timestamp;
use crate::grpc::render;
use crate::store::{Change, ChangeKind, ResourceType, Revision};

/// `WatchChangesResponse.snapshot_part`.
const SNAPSHOT_PART: u32 = 1;
/// `WatchChangesResponse.revisions`.
const REVISIONS: u32 = 3;
/// `SnapshotPart.changes`.
const PART_CHANGES: u32 = 1;
/// `Revisions.revisions`.
const REVISIONS_REVISIONS: u32 = 1;
/// `Revision.changes`.
const REVISION_CHANGES: u32 = 5;

/// Room for keys and lengths around a part of a message.
const FRAME_BYTES: usize = 16;

/// An event whose parts are small.
pub(super) fn event(event: Event) -> Bytes {
    pb::WatchChangesResponse { event: Some(event) }.encode_to_vec().into()
}

/// The changes of a revision, each as a `Change` without a kind, which depends on the watcher.
pub(super) fn changes(revision: &Revision, epoch: Uuid) -> Vec<Bytes> {
    let stamps = Stamps::new(epoch, revision.revision);
    revision.changes.iter().map(|one| change_with(one, &stamps)).collect()
}

/// A change as a `Change` without a kind.
pub(super) fn change(change: &Change, epoch: Uuid) -> Bytes {
    change_with(change, &Stamps::new(epoch, change.revision))
}

fn change_with(change: &Change, stamps: &Stamps) -> Bytes {
    let stamps = stamps.of(change.resource_type);
    let mut bytes = Vec::with_capacity(change.name.len() + change.data.len() + stamps.len() + 2 * FRAME_BYTES);
    let named = pb::Change { name: change.name.clone(), ..Default::default() };
    named.encode_raw(&mut bytes);
    encode_key(resource_field(change.resource_type), WireType::LengthDelimited, &mut bytes);
    encode_varint((change.data.len() + stamps.len()) as u64, &mut bytes);
    bytes.extend_from_slice(&change.data);
    bytes.extend_from_slice(&stamps);
    bytes.into()
}

/// The field of `Change.resource` for a type.
fn resource_field(resource_type: ResourceType) -> u32 {
    match resource_type {
        ResourceType::Enterprise => 3,
        ResourceType::Opportunity => 4,
        ResourceType::Industry => 5,
        ResourceType::RegionGroup => 6,
        ResourceType::Zone => 7,
        ResourceType::Office => 8,
        ResourceType::Policy => 9,
    }
}

/// The fields that follow from a revision.
struct Stamps {
    etag: String,
    revision_token: String,
}

impl Stamps {
    fn new(epoch: Uuid, revision: i64) -> Self {
        Self { etag: render::etag(revision), revision_token: render::token(epoch, revision) }
    }

    /// As fields of a resource of that type.
    fn of(&self, resource_type: ResourceType) -> Vec<u8> {
        let (etag, revision_token) = (self.etag.clone(), self.revision_token.clone());
        match resource_type {
            ResourceType::Enterprise => pb::Enterprise { etag, revision_token, ..Default::default() }.encode_to_vec(),
            ResourceType::Opportunity => pb::Opportunity { etag, revision_token, ..Default::default() }.encode_to_vec(),
            ResourceType::Industry => pb::Industry { etag, revision_token, ..Default::default() }.encode_to_vec(),
            ResourceType::RegionGroup => pb::RegionGroup { etag, revision_token, ..Default::default() }.encode_to_vec(),
            ResourceType::Zone => pb::Zone { etag, revision_token, ..Default::default() }.encode_to_vec(),
            ResourceType::Office => pb::Office { etag, revision_token, ..Default::default() }.encode_to_vec(),
            ResourceType::Policy => pb::Policy { etag, revision_token, ..Default::default() }.encode_to_vec(),
        }
    }
}

/// Parts of one kind, gathered into events of at most about [`render::PART_BYTES_MAX`].
pub(super) struct Gathered {
    event_field: u32,
    part_field: u32,
    parts: Vec<u8>,
}

impl Gathered {
    /// Changes of a snapshot.
    pub(super) fn snapshot() -> Self {
        Self { event_field: SNAPSHOT_PART, part_field: PART_CHANGES, parts: Vec::new() }
    }

    /// Revisions.
    pub(super) fn revisions() -> Self {
        Self { event_field: REVISIONS, part_field: REVISIONS_REVISIONS, parts: Vec::new() }
    }

    /// The event of what was gathered, if adding so many bytes would make it too large.
    pub(super) fn full(&mut self, next: usize) -> Option<Bytes> {
        if self.parts.len() + next > render::PART_BYTES_MAX { self.event() } else { None }
    }

    /// Adds a part that consists of these pieces.
    pub(super) fn add(&mut self, pieces: &[&[u8]]) {
        append(&mut self.parts, self.part_field, pieces);
    }

    /// The event of what was gathered, if anything was.
    pub(super) fn event(&mut self) -> Option<Bytes> {
        if self.parts.is_empty() {
            return None;
        }
        let parts = std::mem::take(&mut self.parts);
        let mut event = Vec::with_capacity(parts.len() + FRAME_BYTES);
        append(&mut event, self.event_field, &[&parts]);
        Some(event.into())
    }
}

/// A `Revision` with those changes.
pub(super) fn revision<'a>(
    head: &pb::Revision,
    changes: impl Iterator<Item = (&'a Bytes, ChangeKind)> + Clone,
) -> Vec<u8> {
    let size: usize = changes.clone().map(|(change, _)| change.len() + FRAME_BYTES).sum();
    let mut bytes = Vec::with_capacity(head.encoded_len() + size);
    head.encode_raw(&mut bytes);
    for (change, happened) in changes {
        append(&mut bytes, REVISION_CHANGES, &[change, &kind(happened)]);
    }
    bytes
}

/// The kind as a field of a `Change`.
pub(super) fn kind(kind: ChangeKind) -> Vec<u8> {
    pb::Change { kind: kind.number(), ..Default::default() }.encode_to_vec()
}

/// Appends a field of a message that consists of these pieces.
fn append(bytes: &mut Vec<u8>, field: u32, pieces: &[&[u8]]) {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    encode_key(field, WireType::LengthDelimited, bytes);
    encode_varint(length as u64, bytes);
    pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
}

/// An instant as the contract writes it.
pub(super) fn instant(instant: Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = instant.parts();
    prost_types::Timestamp { seconds, nanos }
}

#[cfg(test)]
mod tests {
    use proto::registry::v1::change::Resource;

    use super::*;

    fn stored(resource_type: ResourceType, data: Vec<u8>) -> Change {
        Change {
            resource_type,
            name: "the/name".to_owned(),
            region_code: String::new(),
            left_region_code: String::new(),
            kind: ChangeKind::Updated,
            revision: 7,
            data: data.into(),
        }
    }

    /// A stored resource of every type, and how it must arrive.
    fn every_type() -> Vec<(Change, Resource)> {
        macro_rules! each {
            ($($name:ident: $description:ident),+) => {
                vec![$({
                    let bare = pb::$name { name: "the/name".to_owned(), $description: "Ü".to_owned(), ..Default::default() };
                    let stamped = pb::$name {
                        etag: "r7".to_owned(),
                        revision_token: render::token(Uuid::nil(), 7),
                        ..bare.clone()
                    };
                    (stored(ResourceType::$name, bare.encode_to_vec()), Resource::$name(stamped))
                }),+]
            };
        }
        each!(
            Enterprise: display_name,
            Opportunity: title,
            Industry: display_name,
            RegionGroup: display_name,
            Zone: display_name,
            Office: display_name,
            Policy: display_name
        )
    }

    fn arrived(bytes: Bytes) -> Event {
        pb::WatchChangesResponse::decode(bytes).expect("it can be read").event.expect("there is an event")
    }

    #[test]
    fn a_part_of_a_snapshot_reads_as_if_it_had_been_encoded_whole() {
        let mut parts = Gathered::snapshot();
        let mut expected = Vec::new();
        for (stored, resource) in every_type() {
            parts.add(&[&change(&stored, Uuid::nil()), &kind(ChangeKind::Created)]);
            let kind = pb::ChangeKind::Created.into();
            expected.push(pb::Change { name: stored.name, kind, resource: Some(resource) });
        }
        let event = arrived(parts.event().expect("there are parts"));
        assert_eq!(event, Event::SnapshotPart(pb::SnapshotPart { changes: expected }));
        assert_eq!(parts.event(), None, "nothing is left");
    }

    #[test]
    fn revisions_read_as_if_they_had_been_encoded_whole() {
        let (stored, resources): (Vec<_>, Vec<_>) = every_type().into_iter().unzip();
        let committed = Revision { revision: 7, commit_time: Timestamp::from_micros(1_000_001), changes: stored };
        let encoded = changes(&committed, Uuid::nil());
        let head = pb::Revision {
            revision: 7,
            previous_revision: 3,
            revision_token: render::token(Uuid::nil(), 7),
            commit_time: Some(instant(committed.commit_time)),
            changes: Vec::new(),
        };
        let mut gathered = Gathered::revisions();
        let bytes = revision(&head, encoded.iter().map(|change| (change, ChangeKind::Deleted)));
        gathered.add(&[&bytes]);
        gathered.add(&[&bytes]);
        let kind = pb::ChangeKind::Deleted.into();
        let whole = |resource| pb::Change { name: "the/name".to_owned(), kind, resource: Some(resource) };
        let whole = pb::Revision { changes: resources.into_iter().map(whole).collect(), ..head };
        let event = arrived(gathered.event().expect("there are revisions"));
        assert_eq!(event, Event::Revisions(pb::Revisions { revisions: vec![whole.clone(), whole] }));
    }

    #[test]
    fn events_are_cut_before_they_are_too_large_but_never_empty() {
        let mut gathered = Gathered::revisions();
        assert_eq!(gathered.full(render::PART_BYTES_MAX + 1), None, "one part is never cut");
        let part = vec![0; render::PART_BYTES_MAX / 2];
        gathered.add(&[&part]);
        assert_eq!(gathered.full(1), None);
        assert!(gathered.full(part.len()).is_some_and(|event| event.len() > part.len()));
    }
}
