//! The office responsible for an enterprise: by jurisdiction, until a transfer says otherwise.
//!
//! The jurisdictions decide when a record comes into being and when it moves. If they change themselves, records stay
//! where they are until they move or are transferred: work that an office has begun is not taken from it in silence.

use service_kit::Violations;

use super::enterprises::require_live;
use super::{Error, Registry, Update, now};
use crate::domain::enterprise::{Enterprise, Profile};
use crate::domain::ids::{EnterpriseId, OfficeId};
use crate::domain::office::OfficeAssignment;
use crate::store;

impl Registry {
    /// Hands a live enterprise over to an office, or to the one whose jurisdiction it is.
    pub async fn transfer_enterprise(
        &self,
        update: &Update<EnterpriseId>,
        office: Option<&OfficeId>,
    ) -> Result<Enterprise, Error> {
        self.change_enterprise(update, |current| {
            require_live(current)?;
            let Some(office) = office else { return Ok(self.located(current.changed(now(), |_| {}))) };
            if !self.vocabulary.has_office(office) {
                let mut violations = Violations::default();
                violations.add("office", format!("names the unknown office `{office}`"));
                return Err(Error::Invalid(violations));
            }
            Ok(current.changed(now(), |changed| {
                (changed.office, changed.office_assignment) = (office.clone(), OfficeAssignment::Transfer);
            }))
        })
        .await
    }

    /// The record in the hands of the office whose jurisdiction covers it.
    pub(super) fn located(&self, mut enterprise: Enterprise) -> Enterprise {
        enterprise.office = self.vocabulary.responsible(&enterprise.profile);
        enterprise.office_assignment = OfficeAssignment::Jurisdiction;
        enterprise
    }

    /// The record with another profile. If it moved, the office changes with its place, unless a transfer fixed it.
    pub(super) fn with_profile(&self, current: &Enterprise, profile: Profile) -> Enterprise {
        let place = |profile: &Profile| (profile.region, profile.subdivision.clone());
        let has_moved = place(&current.profile) != place(&profile);
        let changed = current.changed(now(), |changed| changed.profile = profile);
        let follows = has_moved && changed.office_assignment == OfficeAssignment::Jurisdiction;
        if follows { self.located(changed) } else { changed }
    }
}

/// Whether a write was refused because its office was deleted after it was chosen.
pub(super) fn names_lost_office(error: &store::Error) -> bool {
    matches!(error, store::Error::NotFound(name) if is_office(name))
}

/// Whether that is the name of an office.
pub(super) fn is_office(name: &str) -> bool {
    OfficeId::parse(name).is_ok()
}
