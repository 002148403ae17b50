//! Earlier versions of enterprises, and who made them.

use super::{Error, Registry, Update};
use crate::domain::enterprise::{Enterprise, Profile};
use crate::domain::ids::EnterpriseId;
use crate::store::{self, AuditEntry, Resource, Version};

impl Registry {
    /// The versions of an enterprise before a revision (all, if none is given), newest first, at most `limit`.
    pub async fn enterprise_versions(
        &self,
        id: &EnterpriseId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Enterprise>, Error> {
        let present = self.enterprise(id).await?;
        let versions = self.store.versions(&id.to_string(), before, limit).await?;
        let own = versions.into_iter().map_while(|version| own_version(version, &present));
        Ok(own.collect())
    }

    /// The version of an enterprise that was committed in a revision.
    pub async fn enterprise_version(&self, id: &EnterpriseId, revision: i64) -> Result<Enterprise, Error> {
        let present = self.enterprise(id).await?;
        let version = self.store.version(&id.to_string(), revision).await?;
        let own = version.and_then(|version| own_version(version, &present));
        own.ok_or_else(|| store::Error::NotFound(format!("{id}@r{revision}")).into())
    }

    /// Writes the profile of an earlier version again, if `check` finds that it still holds.
    pub async fn rollback_enterprise(
        &self,
        update: &Update<EnterpriseId>,
        revision: i64,
        check: impl Fn(&Enterprise) -> Result<Profile, Error>,
    ) -> Result<Enterprise, Error> {
        let version = self.enterprise_version(&update.id, revision).await?;
        let profile = check(&version)?;
        self.update_enterprise(update, |_| Ok(profile.clone())).await
    }

    /// Who changed the resource of that name, before a revision (all, if none is given), newest first, at most `limit`.
    /// Something that never was is not found: whatever was once has an entry.
    pub async fn audit_entries(&self, name: &str, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        let entries = self.store.audit(name, before, limit).await?;
        if entries.is_empty() && before.is_none() {
            return Err(store::Error::NotFound(name.to_owned()).into());
        }
        Ok(entries)
    }
}

/// The version, unless it is of another record that had the name before and was purged.
fn own_version(version: Version, present: &Enterprise) -> Option<Enterprise> {
    match version.resource {
        Resource::Enterprise(enterprise) if enterprise.uid == present.uid => Some(*enterprise),
        _ => None,
    }
}
