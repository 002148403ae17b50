//! Records taken over from another registry, with all that it had assigned to them.

use std::collections::HashSet;

use uuid::Uuid;

use super::import::{ImportAction, ImportRow, RowRefusal};
use super::{Error, Registry};
use crate::domain::document::Body;
use crate::domain::enterprise::{Enterprise, Hold, Merge, State};
use crate::domain::ids::{EnterpriseId, OfficeId};
use crate::domain::office::OfficeAssignment;
use crate::domain::time::Timestamp;
use crate::store::{Expect, Put, ResourceType};

/// What a registry assigns to a record, beside the profile that callers write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its uid.
    pub uid: Uuid,
    /// Where it stood.
    pub state: State,
    /// When it was created.
    pub create_time: Timestamp,
    /// When it last changed.
    pub update_time: Timestamp,
    /// The office that was responsible.
    pub office: OfficeId,
    /// How that office became responsible.
    pub office_assignment: OfficeAssignment,
    /// Why it was held in review.
    pub holds: Vec<Hold>,
    /// Where it went, if it was merged.
    pub merge: Option<Merge>,
}

impl Registry {
    /// The offices that records may name.
    pub async fn office_ids(&self) -> Result<HashSet<OfficeId>, Error> {
        let documents = self.store.documents(ResourceType::Office).await?;
        let id = |body| if let Body::Office(office) = body { Some(office.id) } else { None };
        Ok(documents.into_iter().filter_map(|document| id(document.body)).collect())
    }
}

/// What a row that restores a record does, and its put, if it does anything.
pub(super) fn restored(
    row: &ImportRow,
    id: &EnterpriseId,
    known: Option<&Enterprise>,
) -> Result<(ImportAction, Option<Put>), RowRefusal> {
    let standing = row.restored.as_deref().expect("only rows with a standing are restored");
    let record = Enterprise {
        id: id.clone(),
        uid: standing.uid,
        profile: row.profile.clone(),
        state: standing.state,
        create_time: standing.create_time,
        update_time: standing.update_time,
        delete_time: None,
        purge_time: None,
        office: standing.office.clone(),
        office_assignment: standing.office_assignment,
        holds: standing.holds.clone(),
        merge: standing.merge.clone(),
        revision: known.map_or(0, |known| known.revision),
    };
    match known {
        None => Ok((ImportAction::Created, Some(Put::Enterprise(Box::new(record), Expect::Absent)))),
        Some(known) if known.uid != record.uid => Err(RowRefusal::OtherRecord(id.clone())),
        Some(known) if !known.is_live() => Err(RowRefusal::Deleted(id.clone())),
        Some(known) if *known == record => Ok((ImportAction::Unchanged, None)),
        Some(known) => {
            let put = Put::Enterprise(Box::new(record), Expect::Revision(known.revision));
            Ok((ImportAction::Updated, Some(put)))
        }
    }
}
