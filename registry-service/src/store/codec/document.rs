//! Documents as messages of the contract: what each says, with its stamps.

use prost::Message;
use proto::registry::v1 as pb;

use super::{Error, instant, policy, reference};
use crate::domain::document::{Body, Document};
use crate::domain::time::Timestamp;

/// The message of a document, without `etag` and `revision_token`.
#[derive(Clone, Debug, PartialEq)]
pub enum DocumentMessage {
    /// An industry.
    Industry(pb::Industry),
    /// A region group.
    RegionGroup(pb::RegionGroup),
    /// A zone.
    Zone(pb::Zone),
    /// An office.
    Office(pb::Office),
    /// A policy.
    Policy(pb::Policy),
}

/// Does the same with the message of every kind of document.
macro_rules! each {
    ($document:expr, $message:ident => $what:expr) => {
        match $document {
            DocumentMessage::Industry($message) => $what,
            DocumentMessage::RegionGroup($message) => $what,
            DocumentMessage::Zone($message) => $what,
            DocumentMessage::Office($message) => $what,
            DocumentMessage::Policy($message) => $what,
        }
    };
}

/// The message of a document, without `etag` and `revision_token`.
pub fn document_message(document: &Document) -> DocumentMessage {
    let mut message = match &document.body {
        Body::Industry(industry) => DocumentMessage::Industry(reference::industry(industry)),
        Body::RegionGroup(group) => DocumentMessage::RegionGroup(reference::region_group(group)),
        Body::Zone(zone) => DocumentMessage::Zone(reference::zone(zone)),
        Body::Office(office) => DocumentMessage::Office(reference::office(office)),
        Body::Policy(one) => DocumentMessage::Policy(policy::policy(one)),
    };
    each!(&mut message, message => {
        message.create_time = Some(instant::write(document.create_time));
        message.update_time = Some(instant::write(document.update_time));
    });
    message
}

impl DocumentMessage {
    /// Its bytes.
    pub(super) fn encoded(&self) -> Vec<u8> {
        each!(self, message => message.encode_to_vec())
    }

    /// The same with the stamps that follow from its revision.
    pub fn stamped(mut self, etag: String, revision_token: String) -> Self {
        each!(&mut self, message => {
            message.etag = etag;
            message.revision_token = revision_token;
        });
        self
    }
}

/// Reads a stored message.
pub(super) fn read(message: DocumentMessage, revision: i64) -> Result<Document, Error> {
    let (create_time, update_time) = each!(&message, message => (message.create_time, message.update_time));
    // Documents that were written before they had stamps say nothing.
    let stamp = |stored| Ok::<_, Error>(instant::read(stored)?.unwrap_or_else(|| Timestamp::from_micros(0)));
    let body = match message {
        DocumentMessage::Industry(industry) => Body::Industry(reference::read_industry(industry)?),
        DocumentMessage::RegionGroup(group) => Body::RegionGroup(reference::read_region_group(group)?),
        DocumentMessage::Zone(zone) => Body::Zone(reference::read_zone(zone)?),
        DocumentMessage::Office(office) => Body::Office(reference::read_office(office)?),
        DocumentMessage::Policy(one) => Body::Policy(policy::read_policy(one)?),
    };
    Ok(Document { body, create_time: stamp(create_time)?, update_time: stamp(update_time)?, revision })
}
