//! Many enterprises at once: each row finds its record, and what changed is written in atomic chunks.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::restore::Standing;
use super::{Error, Registry};
use crate::domain::enterprise::{Profile, State};
use crate::domain::identifier::Identifier;
use crate::domain::ids::EnterpriseId;
use crate::store::{Origin, WRITE_MAX};

mod resolve;
mod write;

pub use resolve::{Resolved, Resolver};
pub use write::{Done, RowWriter};

/// Rows that are resolved together: several writes, which share a transaction.
pub const IMPORT_ROWS_MAX: usize = 4 * WRITE_MAX;

/// One row, parsed.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Number that the client gave it.
    pub row: i64,
    /// Record to meet; if there is none, the identifiers decide.
    pub id: Option<EnterpriseId>,
    /// What the record is to say.
    pub profile: Profile,
    /// What another registry had assigned to it, where that is to be taken over.
    pub restored: Option<Box<Standing>>,
}

/// How to import.
#[derive(Clone, Debug)]
pub struct ImportManner {
    /// State that new records get.
    pub initial_state: State,
    /// Whether new records that look too much like existing ones are let through.
    pub allow_lookalikes: bool,
    /// Who imports.
    pub origin: Origin,
}

/// What became of one row.
#[derive(Debug)]
pub struct ImportOutcome {
    /// Number of the row.
    pub row: i64,
    /// What was done, and to whom; or why not.
    pub result: Result<(ImportAction, EnterpriseId), RowRefusal>,
}

/// What was done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportAction {
    /// A new enterprise was registered.
    Created,
    /// An existing one was changed.
    Updated,
    /// It was so already.
    Unchanged,
}

/// Why a row was refused although it is well-formed.
#[derive(Debug)]
pub enum RowRefusal {
    /// A live enterprise holds this identifier already.
    IdentifierTaken(Identifier, EnterpriseId),
    /// The id made from its first identifier is that of a record which does not have that identifier any more.
    Occupied(EnterpriseId),
    /// The id is that of another record than the one to restore.
    OtherRecord(EnterpriseId),
    /// The record it meets is soft-deleted.
    Deleted(EnterpriseId),
    /// It would move to another country with more opportunities than so many.
    TooManyFollow(EnterpriseId, usize),
    /// The record it meets was merged into another.
    Merged(EnterpriseId),
    /// It would be merged while it has this opportunity.
    LeavesBehind(EnterpriseId, String),
    /// Others kept changing the record.
    Contended(EnterpriseId),
    /// It names a document that was deleted.
    Removed(String),
}

impl Registry {
    /// Imports rows, each once, in order; returns one outcome a row and the last revision that was written, if any.
    pub async fn import(&self, rows: Vec<ImportRow>, manner: &ImportManner) -> Result<Done, Error> {
        let resolved = Resolver::new(self, manner).resolve(rows).await?;
        RowWriter::new(self, manner).write(resolved).await
    }
}

/// Splits rows so that no two of a part may be about the same record: by id, or by an identifier that both have.
fn waves(rows: Vec<ImportRow>) -> Vec<Vec<ImportRow>> {
    let mut waves = Vec::new();
    let mut wave: Vec<ImportRow> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for row in rows {
        let id = row.id.clone().unwrap_or_else(|| derived_id(&row.profile));
        let mut keys = vec![id.to_string()];
        keys.extend(row.profile.identifiers.iter().map(identifier_key));
        if keys.iter().any(|key| seen.contains(key)) {
            waves.push(std::mem::take(&mut wave));
            seen.clear();
        }
        seen.extend(keys);
        wave.push(row);
    }
    if !wave.is_empty() {
        waves.push(wave);
    }
    waves
}

/// What two identifiers have in common that cannot be held by two records.
fn identifier_key(identifier: &Identifier) -> String {
    format!("{}/{}", identifier.scheme().name(), identifier.number())
}

/// The id of a new record that brought none: from its first identifier, else from its country and name, so that
/// repeating the row meets the same record.
fn derived_id(profile: &Profile) -> EnterpriseId {
    let text = match profile.identifiers.first() {
        Some(identifier) => {
            let text = format!("{}-{}", identifier.scheme().name(), identifier.number());
            text.to_ascii_lowercase().replace('_', "-")
        }
        None => {
            let digest = Sha256::digest(format!("{}\n{}", profile.region, profile.display_name));
            let hex: String = digest[..10].iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}-{hex}", profile.region.as_str().to_ascii_lowercase())
        }
    };
    EnterpriseId::new(&text).expect("schemes, values and hexadecimal digits make an id")
}
