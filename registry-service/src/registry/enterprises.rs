//! Enterprises: registered, read, changed, deleted and brought back.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Error, Registry, Update, now};
use crate::domain::enterprise::{Enterprise, IllegalTransition, Profile, State, Step, VerificationLevel};
use crate::domain::identifier::Identifier;
use crate::domain::ids::EnterpriseId;
use crate::store::{self, Expect, Listing, Put, Resource, Write, Written};

impl Registry {
    /// Registers an enterprise as DRAFT, or `IN_REVIEW` if it looks too much like an existing one.
    pub async fn create_enterprise(
        &self,
        creation: &Update<EnterpriseId>,
        profile: Profile,
    ) -> Result<Enterprise, Error> {
        let written = self.persist(creation, || async {
            let mut enterprise = self.prepare_new(creation.id.clone(), profile.clone());
            let (compared, _) = self.hold_lookalikes(vec![&mut enterprise], std::iter::empty()).await?;
            let put = Put::Enterprise(Box::new(enterprise), Expect::Absent);
            Ok(self.store.write(Write { compared: Some(compared), ..creation.write(vec![put]) }).await?)
        });
        enterprise_of(written.await?)
    }

    /// The record that a caller's profile begins as, alone or in a batch.
    pub(super) fn prepare_new(&self, id: EnterpriseId, profile: Profile) -> Enterprise {
        self.located(Enterprise::new(id, Uuid::now_v7(), profile, State::Draft, now()))
    }

    /// The live record as deleted softly, alone or in a batch.
    pub(super) fn prepare_deletion(&self, current: &Enterprise) -> Result<Enterprise, Error> {
        if !current.is_live() {
            return Err(not_found(&current.id));
        }
        Ok(current.changed(now(), |changed| changed.delete(self.keeping.deleted_micros())))
    }

    /// The enterprise of that id, also if it is soft-deleted.
    pub async fn enterprise(&self, id: &EnterpriseId) -> Result<Enterprise, Error> {
        let found = self.store.enterprise(id).await?;
        found.ok_or_else(|| not_found(id))
    }

    /// The enterprises of those ids, in that order, all at one revision.
    pub async fn enterprises(&self, ids: &[EnterpriseId]) -> Result<Vec<Enterprise>, Error> {
        let found = self.store.enterprises(ids).await?;
        let mut by_id: HashMap<EnterpriseId, Enterprise> = found.into_iter().map(|one| (one.id.clone(), one)).collect();
        ids.iter().map(|id| by_id.remove(id).ok_or_else(|| not_found(id))).collect()
    }

    /// Enterprises in order of id.
    pub async fn list_enterprises(&self, listing: &Listing<EnterpriseId>) -> Result<Vec<Enterprise>, Error> {
        Ok(self.store.list_enterprises(listing).await?)
    }

    /// The live enterprise that holds an identifier.
    pub async fn lookup_enterprise(&self, identifier: Identifier) -> Result<Enterprise, Error> {
        let wanted = format!("{}/{}", identifier.scheme().name(), identifier.value());
        let missing = || store::Error::NotFound(wanted.clone());
        let holder = self.store.holders(std::slice::from_ref(&identifier)).await?.pop();
        let Some((_, id)) = holder else { return Err(missing().into()) };
        let found = self.enterprise(&id).await?;
        // It may have been deleted or changed since.
        let holds = found.is_live() && found.profile.identifiers.iter().any(|held| held.names_same(&identifier));
        if holds { Ok(found) } else { Err(missing().into()) }
    }

    /// Changes the profile of a live enterprise to what `change` makes of the present one. A change that changes nothing
    /// makes no revision, unless it has a request id to be remembered.
    pub async fn update_enterprise(
        &self,
        update: &Update<EnterpriseId>,
        change: impl Fn(&Enterprise) -> Result<Profile, Error>,
    ) -> Result<Enterprise, Error> {
        self.change_enterprise(update, |current| {
            require_live(current)?;
            let profile = change(current)?;
            Ok(self.with_profile(current, profile))
        })
        .await
    }

    /// Deletes a live enterprise softly; it is purged when its retention is over.
    pub async fn delete_enterprise(&self, update: &Update<EnterpriseId>) -> Result<Enterprise, Error> {
        self.change_enterprise(update, |current| self.prepare_deletion(current)).await
    }

    /// Brings a soft-deleted enterprise back, unless it is time to purge it.
    pub async fn undelete_enterprise(&self, update: &Update<EnterpriseId>) -> Result<Enterprise, Error> {
        self.change_enterprise(update, |current| {
            if current.is_live() {
                return Err(store::Error::Exists(current.id.to_string()).into());
            }
            if current.purge_time.is_some_and(|time| time <= now()) {
                // Its opportunities may be gone already.
                return Err(not_found(&current.id));
            }
            let back = current.changed(now(), Enterprise::undelete);
            // Its office may have been deleted in the meantime.
            Ok(if self.vocabulary.has_office(&back.office) { back } else { self.located(back) })
        })
        .await
    }

    /// Moves a live enterprise along one step of its lifecycle.
    pub async fn step_enterprise(&self, update: &Update<EnterpriseId>, step: Step) -> Result<Enterprise, Error> {
        self.change_enterprise(update, |current| {
            require_live(current)?;
            let mut outcome = Ok(());
            let changed = current.changed(now(), |changed| outcome = changed.step(step));
            let name = current.id.to_string();
            outcome.map(|()| changed).map_err(|transition| Error::IllegalTransition { name, transition })
        })
        .await
    }

    /// Lets a live enterprise take part; one that is held only if its holds are dismissed, which drops them.
    pub async fn activate_enterprise(
        &self,
        update: &Update<EnterpriseId>,
        dismiss_holds: bool,
    ) -> Result<Enterprise, Error> {
        self.change_enterprise(update, |current| {
            require_live(current)?;
            let mut outcome = Ok(());
            let changed = current.changed(now(), |changed| {
                outcome = changed.step(Step::Activate);
                changed.holds.clear();
            });
            let name = current.id.to_string();
            if let Err(transition) = outcome {
                return Err(Error::IllegalTransition { name, transition });
            }
            match current.holds.iter().max_by_key(|hold| hold.score_ppm) {
                Some(closest) if !dismiss_holds => Err(Error::Held { name, closest: closest.clone() }),
                _ => Ok(changed),
            }
        })
        .await
    }

    /// Notes how far the record of a live enterprise was checked.
    pub async fn verify_enterprise(
        &self,
        update: &Update<EnterpriseId>,
        level: VerificationLevel,
    ) -> Result<Enterprise, Error> {
        let set = |current: &Enterprise| Ok(Profile { verification_level: Some(level), ..current.profile.clone() });
        self.update_enterprise(update, set).await
    }

    /// Reads, decides, and keeps the decision.
    pub(super) async fn change_enterprise(
        &self,
        update: &Update<EnterpriseId>,
        decide: impl Fn(&Enterprise) -> Result<Enterprise, Error>,
    ) -> Result<Enterprise, Error> {
        enterprise_of(self.persist(update, || self.try_change_enterprise(update, &decide)).await?)
    }

    async fn try_change_enterprise(
        &self,
        update: &Update<EnterpriseId>,
        decide: impl Fn(&Enterprise) -> Result<Enterprise, Error>,
    ) -> Result<Written, Error> {
        let current = self.enterprise(&update.id).await?;
        if update.expected.is_some_and(|expected| expected != current.revision) {
            return Err(store::Error::Stale(current.id.to_string()).into());
        }
        let changed = decide(&current)?;
        let is_same = Enterprise { update_time: current.update_time, ..changed.clone() } == current;
        if is_same && update.request.is_none() {
            return Ok(Written { revision: current.revision, answer: Resource::Enterprise(Box::new(current)) });
        }
        let put = Put::Enterprise(Box::new(changed), Expect::Revision(current.revision));
        Ok(self.store.write(update.write(vec![put])).await?)
    }
}

pub(super) fn not_found(id: &EnterpriseId) -> Error {
    store::Error::NotFound(id.to_string()).into()
}

/// Refuses a record that cannot be changed: it is deleted, or redirects to another.
pub(super) fn require_live(enterprise: &Enterprise) -> Result<(), Error> {
    let transition = match (enterprise.is_live(), enterprise.state) {
        (true, State::Merged) => IllegalTransition { state: State::Merged.name(), allowed: State::Merged.allows() },
        (true, _) => return Ok(()),
        (false, _) => IllegalTransition { state: "DELETED", allowed: "UndeleteEnterprise" },
    };
    Err(Error::IllegalTransition { name: enterprise.id.to_string(), transition })
}

pub(super) fn enterprise_of(written: Written) -> Result<Enterprise, Error> {
    match written.answer {
        Resource::Enterprise(enterprise) => Ok(*enterprise),
        _ => Err(store::Error::Broken("an enterprise was written and something else came back".to_owned()).into()),
    }
}
