//! Why the store did not do it.

use uuid::Uuid;

use crate::domain::identifier::Identifier;
use crate::domain::ids::{EnterpriseId, OfficeId};
use crate::domain::office::Jurisdiction;

/// Why the store did not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The id is in use.
    #[error("`{0}` exists already")]
    Exists(String),
    /// Nothing of that id.
    #[error("`{0}` does not exist")]
    NotFound(String),
    /// The version that was expected is not the present one.
    #[error("`{0}` changed since it was read")]
    Stale(String),
    /// A live enterprise holds the identifier already.
    #[error("{scheme} `{value}` belongs to `{holder}` already", scheme = identifier.scheme().name(), value = identifier.value())]
    IdentifierTaken {
        /// The identifier.
        identifier: Identifier,
        /// Who holds it.
        holder: EnterpriseId,
    },
    /// A record that a new one was not compared with has a key that they have in common.
    #[error("`{0}` came in while look-alikes were looked for")]
    NotCompared(EnterpriseId),
    /// Something names the document that is to be removed.
    #[error("`{name}` cannot be deleted while `{dependent}` names it")]
    HasDependents {
        /// The document.
        name: String,
        /// One of those that name it.
        dependent: String,
    },
    /// An enterprise cannot be merged while it has an opportunity that the write leaves there.
    #[error("`{opportunity}` would be left below an enterprise that is merged")]
    LeftBehind {
        /// The enterprise.
        enterprise: EnterpriseId,
        /// One of the opportunities.
        opportunity: String,
    },
    /// Other offices have the jurisdictions already.
    #[error("{} of the jurisdictions belong to other offices", .0.len())]
    JurisdictionsTaken(Vec<(Jurisdiction, OfficeId)>),
    /// The request id was used for another request.
    #[error("request id `{0}` was used for another request")]
    RequestReused(Uuid),
    /// An enterprise cannot move to another country with so many opportunities.
    #[error(
        "`{name}` has opportunities that would have to move to another country with it, and at most {maximum} can in one write"
    )]
    TooManyFollow {
        /// The enterprise.
        name: String,
        /// How many would fit into the write.
        maximum: usize,
    },
    /// The feed no longer has what was asked for.
    #[error("revisions before {earliest} are gone; start from a snapshot")]
    Compacted {
        /// The oldest revision that it has.
        earliest: i64,
    },
    /// The database cannot be reached, or is too busy; worth trying again.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// What the database holds cannot be read, or it refuses what must work: a fault of ours.
    #[error("the database answered what it must not: {0}")]
    Broken(String),
}
