//! Domain to protobuf: what the store keeps, with the etag and token that follow from its revision.

use prost::Message;
use proto::registry::v1 as pb;
use service_kit::{Epoch, RevisionToken};
use tonic::Response;
use tonic::metadata::MetadataValue;
use uuid::Uuid;

use crate::domain::document::Document;
use crate::domain::enterprise::Enterprise;
use crate::domain::opportunity::Opportunity;
use crate::store::codec::{DocumentMessage, document_message, enterprise_message, opportunity_message};

/// Header of the answer to a write: the token of its revision.
pub(super) const REVISION_HEADER: &str = "x-corridor-revision";

/// Version of a record.
pub(super) fn etag(revision: i64) -> String {
    format!("r{revision}")
}

/// Token of a revision of this database.
pub(super) fn token(epoch: Uuid, revision: i64) -> String {
    RevisionToken { epoch: Epoch(epoch.into_bytes()), revision }.to_string()
}

/// A record that was not stored (`validate_only`) has neither etag nor token.
fn stamps(epoch: Uuid, revision: i64) -> (String, String) {
    if revision == 0 { (String::new(), String::new()) } else { (etag(revision), token(epoch, revision)) }
}

/// An enterprise with its stamps.
pub(super) fn enterprise(enterprise: &Enterprise, epoch: Uuid) -> pb::Enterprise {
    let (etag, revision_token) = stamps(epoch, enterprise.revision);
    pb::Enterprise { etag, revision_token, ..enterprise_message(enterprise) }
}

/// An opportunity with its stamps.
pub(super) fn opportunity(opportunity: &Opportunity, epoch: Uuid) -> pb::Opportunity {
    let (etag, revision_token) = stamps(epoch, opportunity.revision);
    pb::Opportunity { etag, revision_token, ..opportunity_message(opportunity) }
}

/// A document with its stamps.
pub(super) fn document(document: &Document, epoch: Uuid) -> DocumentMessage {
    let (etag, revision_token) = stamps(epoch, document.revision);
    document_message(document).stamped(etag, revision_token)
}

/// The answer to a write: the resource, and its token in the header.
pub(super) fn written<M>(message: M, revision_token: &str) -> Response<M> {
    let mut response = Response::new(message);
    if let Ok(value) = MetadataValue::try_from(revision_token)
        && !revision_token.is_empty()
    {
        response.metadata_mut().insert(REVISION_HEADER, value);
    }
    response
}

/// Bytes of one message of a stream: several fit into the window of a stream.
pub(super) const PART_BYTES_MAX: usize = 512 * 1024;

/// Splits entries into messages of at most about [`PART_BYTES_MAX`].
pub(super) fn packed<M: Message>(entries: Vec<M>) -> Vec<Vec<M>> {
    let mut parts = Vec::new();
    let (mut part, mut bytes) = (Vec::new(), 0);
    for entry in entries {
        let size = entry.encoded_len();
        if bytes + size > PART_BYTES_MAX && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
        bytes += size;
        part.push(entry);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}
