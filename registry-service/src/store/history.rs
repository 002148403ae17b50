//! What a store tells of the past, and how far back it goes.

use std::time::Duration;

use prost::bytes::Bytes;

use super::{ChangeKind, Resource};
use crate::domain::time::Timestamp;

/// One version of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Revision that committed it.
    pub revision: i64,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// What happened.
    pub kind: ChangeKind,
    /// The resource after it; of one that was deleted its last state.
    pub resource: Resource,
}

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Revision of the change.
    pub revision: i64,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// What happened to the resource.
    pub kind: ChangeKind,
    /// Who wanted it.
    pub actor: String,
    /// The method.
    pub method: String,
    /// The caller's request id; may be empty.
    pub request_id: String,
    /// Why; may be empty.
    pub reason: String,
}

/// How long revisions stay in the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// At least so long, unless there are more of them than `revisions`; for ever, if not said.
    pub age: Option<Duration>,
    /// At most so many; all, if not said.
    pub revisions: Option<i64>,
}

/// A part of an export.
#[derive(Clone, Debug)]
pub struct ExportPart {
    /// The revision that the whole export shows.
    pub revision: i64,
    /// Enterprises as [`super::codec`] wrote them.
    pub enterprises: Vec<Bytes>,
}
