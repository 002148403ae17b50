//! Resources as bytes: the messages of the contract, so its rules of compatibility are those of the storage too.
//!
//! `etag` and `revision_token` are not stored: both follow from the revision and the epoch, which the row and the feed
//! carry beside the bytes.

use prost::Message;
use proto::registry::v1 as pb;

use super::{Error, Resource, ResourceType};
use crate::domain::document::Document;
use crate::domain::enterprise::Enterprise;
use crate::domain::opportunity::Opportunity;

mod document;
mod enterprise;
mod opportunity;
mod policy;
mod reference;

pub use document::{DocumentMessage, document_message};
pub use enterprise::enterprise_message;
pub use opportunity::opportunity_message;

/// Writes a resource.
pub fn encode(resource: &Resource) -> Vec<u8> {
    match resource {
        Resource::Enterprise(enterprise) => encode_enterprise(enterprise),
        Resource::Opportunity(opportunity) => encode_opportunity(opportunity),
        Resource::Document(document) => encode_document(document),
    }
}

/// Writes an enterprise.
pub fn encode_enterprise(enterprise: &Enterprise) -> Vec<u8> {
    enterprise_message(enterprise).encode_to_vec()
}

/// Writes an opportunity.
pub fn encode_opportunity(opportunity: &Opportunity) -> Vec<u8> {
    opportunity_message(opportunity).encode_to_vec()
}

/// Writes a document.
pub fn encode_document(document: &Document) -> Vec<u8> {
    document_message(document).encoded()
}

/// Reads a resource that [`encode`] wrote, as of `revision`; anything else is [`Error::Broken`].
pub fn decode(resource_type: ResourceType, data: &[u8], revision: i64) -> Result<Resource, Error> {
    let resource = match resource_type {
        ResourceType::Enterprise => {
            Resource::Enterprise(Box::new(enterprise::read(message::<pb::Enterprise>(data)?, revision)?))
        }
        ResourceType::Opportunity => {
            Resource::Opportunity(Box::new(opportunity::read(message::<pb::Opportunity>(data)?, revision)?))
        }
        ResourceType::Industry => document(DocumentMessage::Industry(message(data)?), revision)?,
        ResourceType::RegionGroup => document(DocumentMessage::RegionGroup(message(data)?), revision)?,
        ResourceType::Zone => document(DocumentMessage::Zone(message(data)?), revision)?,
        ResourceType::Office => document(DocumentMessage::Office(message(data)?), revision)?,
        ResourceType::Policy => document(DocumentMessage::Policy(message(data)?), revision)?,
    };
    Ok(resource)
}

fn document(message: DocumentMessage, revision: i64) -> Result<Resource, Error> {
    Ok(Resource::Document(Box::new(document::read(message, revision)?)))
}

fn message<M: Message + Default>(data: &[u8]) -> Result<M, Error> {
    M::decode(data).map_err(|problem| Error::Broken(problem.to_string()))
}

/// What was stored was parsed once; if it no longer parses, the storage is broken.
fn stored<T>(parsed: Result<T, String>) -> Result<T, Error> {
    parsed.map_err(Error::Broken)
}

/// Parses every stored text of a list.
fn stored_all<T>(texts: Vec<String>, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, Error> {
    texts.iter().map(|text| stored(parse(text))).collect()
}

/// Parses a stored text that may be absent.
fn stored_optional<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Error> {
    if text.is_empty() { Ok(None) } else { stored(parse(text)).map(Some) }
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

mod instant {
    //! Instants as the contract writes them.

    use prost_types::Timestamp as Message;

    use crate::domain::time::Timestamp;
    use crate::store::Error;

    pub(super) fn write(instant: Timestamp) -> Message {
        let (seconds, nanos) = instant.parts();
        Message { seconds, nanos }
    }

    pub(super) fn read(message: Option<Message>) -> Result<Option<Timestamp>, Error> {
        let Some(message) = message else { return Ok(None) };
        let instant = Timestamp::from_parts(message.seconds, message.nanos);
        instant.map(Some).ok_or_else(|| Error::Broken("an instant is out of range".to_owned()))
    }

    pub(super) fn required(message: Option<Message>) -> Result<Timestamp, Error> {
        read(message)?.ok_or_else(|| Error::Broken("an instant is missing".to_owned()))
    }
}
