//! The port to the database: what the registry may rely on. One case of the conformance suite a promise.

use std::sync::Arc;

use async_trait::async_trait;
use prost::bytes::Bytes;
use service_kit::filter::Expr;
use service_kit::order_by::OrderBy;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::domain::document::{Body, Document};
use crate::domain::enterprise::Enterprise;
use crate::domain::identifier::Identifier;
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Opportunity;
use crate::domain::time::Timestamp;

pub mod codec;
mod compared;
mod error;
pub mod fields;
mod history;
pub mod sql;

pub use compared::Compared;
pub use error::Error;
pub use history::{AuditEntry, ExportPart, Retention, Version};

/// Most resources that one write may change: they travel in the feed as one message, which must stay below 4 MiB.
pub const WRITE_MAX: usize = 500;
/// Most bytes of their records, for the same reason.
pub const WRITE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Durable memory of the registry.
///
/// Every method may answer [`Error::Unavailable`]; nothing has changed then, except that a write may have been
/// committed when the connection broke while its commit was under way.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Applies a write in one transaction under one new revision: all of its puts, or none.
    ///
    /// - `Ok` means durable: it survives a crash of this process and of the database.
    /// - Revisions are dense and in commit order, over all processes that share the database.
    /// - A put whose [`Expect`] does not hold fails the write: [`Error::Exists`], [`Error::NotFound`] or
    ///   [`Error::Stale`].
    /// - A live enterprise holds each of its identifiers alone, otherwise [`Error::IdentifierTaken`].
    /// - The parent of a put opportunity is a live enterprise that is not merged, otherwise [`Error::NotFound`].
    /// - An enterprise that becomes merged has no opportunities afterwards, otherwise [`Error::LeftBehind`].
    /// - The opportunities of an enterprise that moves to another country move along: what the write does not put itself
    ///   is put again as it is, after it. Where that makes more than [`WRITE_MAX`] changes: [`Error::TooManyFollow`].
    /// - A live enterprise, an opportunity and a document name no document that was removed, otherwise
    ///   [`Error::NotFound`]. (Whether a name that never was makes sense is for the caller to know.)
    /// - A document is removed only if no live enterprise, no opportunity and no document names it, otherwise
    ///   [`Error::HasDependents`].
    /// - No two offices have the same jurisdiction, otherwise [`Error::JurisdictionsTaken`].
    /// - A write that tells with whom its new records were [compared](Compared) is refused if there is somebody else by
    ///   now: [`Error::NotCompared`].
    /// - A write with a request id that was used before has no effect: the same digest gives the first answer again,
    ///   another digest [`Error::RequestReused`].
    async fn write(&self, write: Write) -> Result<Written, Error>;

    /// [`Store::write`] for several, in that order, each with an outcome of its own; sooner than one by one.
    async fn write_each(&self, writes: Vec<Write>) -> Vec<Result<Written, Error>>;

    /// What a request was answered, if it was: the same rule as in [`Store::write`].
    async fn answered(&self, request: &Request) -> Result<Option<Written>, Error>;

    /// The enterprise of that id, also if it is soft-deleted.
    async fn enterprise(&self, id: &EnterpriseId) -> Result<Option<Enterprise>, Error>;

    /// The enterprises of those ids that exist, in no particular order, all at one revision.
    async fn enterprises(&self, ids: &[EnterpriseId]) -> Result<Vec<Enterprise>, Error>;

    /// Enterprises after `listing.after` in the order asked for, at most `listing.limit`. Ids and texts are in byte order.
    async fn list_enterprises(&self, listing: &Listing<EnterpriseId>) -> Result<Vec<Enterprise>, Error>;

    /// The live enterprises that hold any of those identifiers.
    async fn holders(&self, identifiers: &[Identifier]) -> Result<Vec<(Identifier, EnterpriseId)>, Error>;

    /// Live enterprises that are not merged and have any of those [keys](crate::domain::likeness::search_keys): of each
    /// key at most `each`, in all at most `limit`, those of rare keys first. What it tells of the look itself is for
    /// [`Store::write`].
    async fn lookalikes(
        &self,
        keys: Vec<String>,
        each: usize,
        limit: usize,
    ) -> Result<(Vec<Enterprise>, Compared), Error>;

    /// The opportunity of that id.
    async fn opportunity(&self, id: &OpportunityId) -> Result<Option<Opportunity>, Error>;

    /// Opportunities of live enterprises (of `parent`, if given), likewise.
    async fn list_opportunities(
        &self,
        parent: Option<&EnterpriseId>,
        listing: &Listing<OpportunityId>,
    ) -> Result<Vec<Opportunity>, Error>;

    /// The opportunities of those ids that exist, in no particular order, all at one revision.
    async fn opportunities(&self, ids: &[OpportunityId]) -> Result<Vec<Opportunity>, Error>;

    /// Published opportunities whose time is over by the clock of the database, of parents under which they can be put,
    /// the longest overdue first. At most `limit`, and no more than [`WRITE_BYTES_MAX`] but for a single one.
    async fn expired(&self, limit: u64) -> Result<Vec<Opportunity>, Error>;

    /// What the clock of the database shows, by which [`Store::expired`] goes.
    async fn clock(&self) -> Result<Timestamp, Error>;

    /// The document of that name.
    async fn document(&self, name: &str) -> Result<Option<Document>, Error>;

    /// Every document of a type, in order of name; of the types of other resources there are none.
    async fn documents(&self, resource_type: ResourceType) -> Result<Vec<Document>, Error>;

    /// The version of a resource that was committed in a revision, if it is kept: every version of an enterprise and of a
    /// policy is, one of another resource until [`Store::compact`] drops its revision.
    async fn version(&self, name: &str, revision: i64) -> Result<Option<Version>, Error>;

    /// The kept versions of a resource before a revision (of all, if none is given), newest first, at most `limit`.
    /// Whatever had that name counts, also what was removed for good.
    async fn versions(&self, name: &str, before: Option<i64>, limit: u32) -> Result<Vec<Version>, Error>;

    /// Who changed what had that name, before a revision (of all, if none is given), newest first, at most `limit`. An
    /// entry is never lost: neither by [`Store::compact`] nor when the resource is removed for good.
    async fn audit(&self, name: &str, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, Error>;

    /// Where the feed stands.
    async fn head(&self) -> Result<Head, Error>;

    /// The revisions after `after`, in order, each whole; at most about `limit` changes, but at least one revision if
    /// there is one. Empty at the head. [`Error::Compacted`] if the first of them is no longer in the feed.
    async fn revisions(&self, after: i64, limit: u64) -> Result<Vec<Revision>, Error>;

    /// The resources that a revision changed, each as it was then, in the order of the write; none if the revision is
    /// not in the feed.
    async fn resources_of(&self, revision: i64) -> Result<Vec<Resource>, Error>;

    /// Sends everything that lives, as of one revision, in parts; returns that revision. A soft-deleted enterprise is
    /// left out, its opportunities are not: they come back with it.
    async fn snapshot(&self, parts: mpsc::Sender<Vec<Change>>) -> Result<Head, Error>;

    /// Sends every live enterprise that passes a filter, in byte order of the ids, all as of one revision; the first part
    /// comes even if it is empty.
    async fn export(&self, filter: Option<&Expr>, parts: mpsc::Sender<ExportPart>) -> Result<(), Error>;

    /// Drops the oldest revisions from the feed, as far as `retention` lets it but not many at a time; whether there may
    /// be more. Writers hardly wait for it, and any number of processes may do it at once.
    ///
    /// - The newest revision always stays.
    /// - A dropped revision keeps its commit time, its audit entries, and its versions of enterprises and policies. Those
    ///   of an enterprise that was removed for good go with the revision that removed it.
    async fn compact(&self, retention: &Retention) -> Result<bool, Error>;

    /// What is to be removed next, at most [`WRITE_MAX`] resources: soft-deleted enterprises whose purge time has come
    /// by the clock of the database, each after the last of its opportunities.
    async fn purgeable(&self) -> Result<Vec<Resource>, Error>;

    /// Resolves when this process may have committed something since the last call; spurious wake-ups are allowed.
    async fn committed(&self);
}

/// A store shared by everything that needs one.
pub type SharedStore = Arc<dyn Store>;

/// One atomic write.
#[derive(Clone, Debug)]
pub struct Write {
    /// Makes a repetition harmless.
    pub request: Option<Request>,
    /// What to change, 1 to [`WRITE_MAX`], each resource once.
    pub puts: Vec<Put>,
    /// Judges the write as if it were meant, and changes nothing; the answer has revision 0.
    pub validate_only: bool,
    /// Who wants it, for the audit log.
    pub origin: Origin,
    /// With whom its new records were compared, if that matters.
    pub compared: Option<Arc<Compared>>,
}

/// Who wants a write, and how it came about; kept with the revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The authenticated identity, `anonymous`, or `registry` for what it does by itself.
    pub actor: Arc<str>,
    /// The method, like `UpdateEnterprise`.
    pub method: &'static str,
    /// Why, where the method asks for a reason; may be empty.
    pub reason: String,
}

impl Origin {
    /// Something that the registry does by itself.
    pub fn registry(method: &'static str) -> Self {
        Self { actor: Arc::from("registry"), method, reason: String::new() }
    }
}

/// Identity of a request that may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The caller's `request_id`.
    pub id: Uuid,
    /// Digest of method and body.
    pub digest: [u8; 32],
}

/// One change to one resource.
#[derive(Clone, Debug)]
pub enum Put {
    /// Stores an enterprise.
    Enterprise(Box<Enterprise>, Expect),
    /// Stores an opportunity of a live enterprise.
    Opportunity(Box<Opportunity>, Expect),
    /// Removes an opportunity for good; its last version travels in the feed.
    RemoveOpportunity(Box<Opportunity>, Expect),
    /// Removes an enterprise for good; its last version travels in the feed as deleted.
    RemoveEnterprise(Box<Enterprise>, Expect),
    /// Stores a document.
    Document(Box<Document>, Expect),
    /// Removes a document for good; its last version travels in the feed.
    RemoveDocument(Box<Document>, Expect),
}

impl Put {
    /// The resource that it leaves behind, or removes.
    pub fn resource(&self) -> Resource {
        match self {
            Self::Enterprise(enterprise, _) | Self::RemoveEnterprise(enterprise, _) => {
                Resource::Enterprise(enterprise.clone())
            }
            Self::Opportunity(opportunity, _) | Self::RemoveOpportunity(opportunity, _) => {
                Resource::Opportunity(opportunity.clone())
            }
            Self::Document(document, _) | Self::RemoveDocument(document, _) => Resource::Document(document.clone()),
        }
    }
}

/// What a put expects to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing of that id, not even soft-deleted.
    Absent,
    /// The version that was committed in this revision.
    Revision(i64),
}

/// What a write left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The revision it was committed in; of a repeated request the first one.
    pub revision: i64,
    /// The first resource as it is stored now; of a repeated request as it was stored then.
    pub answer: Resource,
}

/// Any resource that the store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// An enterprise.
    Enterprise(Box<Enterprise>),
    /// An opportunity.
    Opportunity(Box<Opportunity>),
    /// A document.
    Document(Box<Document>),
}

/// Where and how far to list.
#[derive(Clone, Debug)]
pub struct Listing<Id> {
    /// Leaves out what does not pass.
    pub filter: Option<Expr>,
    /// What the list is ordered by; equal ones by id, the same way round.
    pub order: OrderBy,
    /// Starts after this place.
    pub after: Option<Mark<Id>>,
    /// Returns at most so many.
    pub limit: u32,
    /// Includes soft-deleted enterprises.
    pub show_deleted: bool,
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark<Id> {
    /// What the list is ordered by, of the record there.
    pub value: OrderValue,
    /// Id of the record there.
    pub id: Id,
}

/// What a list is ordered by, of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderValue {
    /// The list is ordered by id alone.
    Id,
    /// A text, in byte order.
    Text(String),
    /// A number, or an instant in microseconds.
    Number(i64),
    /// The record has none; it is later than all that have one.
    Absent,
}

impl<Id> From<Id> for Mark<Id> {
    /// The place behind an id in a list that is ordered by id.
    fn from(id: Id) -> Self {
        Self { value: OrderValue::Id, id }
    }
}

/// Where the feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Random id of the database, made when it was created.
    pub epoch: Uuid,
    /// The newest revision; 0 before the first write.
    pub revision: i64,
    /// The oldest revision still in the feed.
    pub earliest: i64,
    /// When the newest revision was committed.
    pub commit_time: Timestamp,
}

/// One committed write as the feed keeps it.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Its number.
    pub revision: i64,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// Its changes, in the order of the write.
    pub changes: Vec<Change>,
}

/// One change as the feed keeps it: the resource stays encoded until a watcher wants it.
#[derive(Clone, Debug)]
pub struct Change {
    /// What kind of resource.
    pub resource_type: ResourceType,
    /// Its name.
    pub name: String,
    /// Country of the enterprise that it is or belongs to; empty for documents.
    pub region_code: String,
    /// Country that the enterprise left with this change; empty if it did not move.
    pub left_region_code: String,
    /// What happened.
    pub kind: ChangeKind,
    /// Revision of this version.
    pub revision: i64,
    /// The resource as [`codec`] wrote it.
    pub data: Bytes,
}

crate::domain::enumeration! {
    /// What kind of resource a change is about.
    ResourceType {
        /// An enterprise.
        Enterprise = 1 => "ENTERPRISE",
        /// An opportunity.
        Opportunity = 2 => "OPPORTUNITY",
        /// An industry.
        Industry = 3 => "INDUSTRY",
        /// A region group.
        RegionGroup = 4 => "REGION_GROUP",
        /// A zone.
        Zone = 5 => "ZONE",
        /// An office.
        Office = 6 => "OFFICE",
        /// A policy.
        Policy = 7 => "POLICY",
    }
}

impl ResourceType {
    /// The type of a document.
    pub fn of(document: &Document) -> Self {
        match &document.body {
            Body::Industry(_) => Self::Industry,
            Body::RegionGroup(_) => Self::RegionGroup,
            Body::Zone(_) => Self::Zone,
            Body::Office(_) => Self::Office,
            Body::Policy(_) => Self::Policy,
        }
    }
}

crate::domain::enumeration! {
    /// What happened to a resource.
    ChangeKind {
        /// It came into being, or came back.
        Created = 1 => "CREATED",
        /// It changed.
        Updated = 2 => "UPDATED",
        /// It was deleted.
        Deleted = 3 => "DELETED",
    }
}
