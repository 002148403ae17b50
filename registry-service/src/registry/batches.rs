//! Batches: many enterprises in one revision, all of them or none.

use std::sync::Arc;

use prost::Message;
use service_kit::Violations;
use service_kit::page::PAGE_BYTES_MAX;

use super::enterprises::require_live;
use super::offices::names_lost_office;
use super::{Error, Persisted, Registry, Update, is_to_look_again};
use crate::domain::enterprise::{Enterprise, Profile};
use crate::domain::ids::EnterpriseId;
use crate::store::codec::enterprise_message;
use crate::store::{self, Compared, Expect, Put, Resource, Write};

/// An enterprise of a batch that exists.
#[derive(Clone, Debug)]
pub struct Target {
    /// Which one.
    pub id: EnterpriseId,
    /// Revision it must still be at.
    pub expected: Option<i64>,
}

impl Registry {
    /// Registers enterprises as DRAFT.
    pub async fn create_enterprises(
        &self,
        batch: &Update<()>,
        new: Vec<(EnterpriseId, Profile)>,
    ) -> Result<Vec<Enterprise>, Error> {
        let created = self.repeat(batch.request.as_ref(), is_to_look_again, || async {
            let prepare = |(id, profile): &(EnterpriseId, Profile)| self.prepare_new(id.clone(), profile.clone());
            let mut enterprises: Vec<Enterprise> = new.iter().map(prepare).collect();
            let new = enterprises.iter_mut().collect();
            let (compared, _) = self.hold_lookalikes(new, std::iter::empty()).await?;
            let puts = enterprises.into_iter().map(|enterprise| (enterprise, Expect::Absent)).collect();
            self.write_batch(batch, puts, Some(compared)).await
        });
        self.answer(created.await?).await
    }

    /// Changes the profiles of live enterprises to what `change` makes of the present ones, which it is given with their
    /// number in the batch. What is wrong is told of all of them. One that does not change is left alone, unless the
    /// batch has a request id to be remembered.
    pub async fn update_enterprises(
        &self,
        batch: &Update<()>,
        targets: &[Target],
        change: impl Fn(usize, &Enterprise) -> Result<Profile, Violations>,
    ) -> Result<Vec<Enterprise>, Error> {
        self.change_enterprises(batch, targets, |present| {
            let mut violations = Violations::default();
            let mut changed = Vec::with_capacity(present.len());
            for (index, current) in present.iter().enumerate() {
                require_live(current)?;
                match change(index, current) {
                    Ok(profile) => changed.push(self.with_profile(current, profile)),
                    Err(found) => {
                        found.into_vec().into_iter().for_each(|one| violations.add(one.field, one.description))
                    }
                }
            }
            violations.check().map_err(Error::Invalid)?;
            Ok(changed)
        })
        .await
    }

    /// Deletes live enterprises softly.
    pub async fn delete_enterprises(&self, batch: &Update<()>, targets: &[Target]) -> Result<Vec<Enterprise>, Error> {
        self.change_enterprises(batch, targets, |present| {
            present.iter().map(|current| self.prepare_deletion(current)).collect()
        })
        .await
    }

    /// Reads, decides, and keeps the decision if nobody was faster; otherwise again, as long as the versions that the
    /// caller named are the present ones.
    async fn change_enterprises(
        &self,
        batch: &Update<()>,
        targets: &[Target],
        decide: impl Fn(&[Enterprise]) -> Result<Vec<Enterprise>, Error>,
    ) -> Result<Vec<Enterprise>, Error> {
        let ids: Vec<EnterpriseId> = targets.iter().map(|target| target.id.clone()).collect();
        // Whoever named a version is told that it is not the present one any more.
        let is_free = |name: &str| targets.iter().any(|one| one.expected.is_none() && one.id.to_string() == name);
        let is_lost = |error: &store::Error| match error {
            store::Error::Stale(name) => is_free(name),
            error => names_lost_office(error),
        };
        let attempt = || self.try_change_enterprises(batch, targets, &ids, &decide);
        self.answer(self.repeat(batch.request.as_ref(), is_lost, attempt).await?).await
    }

    async fn try_change_enterprises(
        &self,
        batch: &Update<()>,
        targets: &[Target],
        ids: &[EnterpriseId],
        decide: impl Fn(&[Enterprise]) -> Result<Vec<Enterprise>, Error>,
    ) -> Result<Vec<Enterprise>, Error> {
        let present = self.enterprises(ids).await?;
        let is_stale = |(target, current): &(&Target, &Enterprise)| {
            target.expected.is_some_and(|expected| expected != current.revision)
        };
        if let Some((target, _)) = targets.iter().zip(&present).find(is_stale) {
            return Err(store::Error::Stale(target.id.to_string()).into());
        }
        let decided = decide(&present)?;
        let is_same = |(changed, current): (&Enterprise, &Enterprise)| {
            Enterprise { update_time: current.update_time, ..changed.clone() } == *current
        };
        // With a request id the revision must have all of them, since it is what a repetition is answered from.
        let kept: Vec<bool> =
            decided.iter().zip(&present).map(|pair| batch.request.is_some() || !is_same(pair)).collect();
        let expected = |current: &Enterprise| Expect::Revision(current.revision);
        let puts = decided.iter().zip(&present).zip(&kept).filter(|(_, kept)| **kept);
        let puts: Vec<_> = puts.map(|((changed, current), _)| (changed.clone(), expected(current))).collect();
        if puts.is_empty() {
            return Ok(present);
        }
        let mut written = self.write_batch(batch, puts, None).await?.into_iter();
        let newest = |(current, kept): (Enterprise, bool)| if kept { written.next() } else { Some(current) };
        Ok(present.into_iter().zip(kept).filter_map(newest).collect())
    }

    /// Writes all in one revision; returns them as they are stored.
    async fn write_batch(
        &self,
        batch: &Update<()>,
        enterprises: Vec<(Enterprise, Expect)>,
        compared: Option<Arc<Compared>>,
    ) -> Result<Vec<Enterprise>, Error> {
        let bytes = enterprises.iter().map(|(one, _)| enterprise_message(one).encoded_len()).sum();
        if bytes > PAGE_BYTES_MAX {
            return Err(Error::BatchTooLarge { bytes, maximum: PAGE_BYTES_MAX });
        }
        let put = |(one, expect): &(Enterprise, Expect)| Put::Enterprise(Box::new(one.clone()), *expect);
        let puts = enterprises.iter().map(put).collect();
        let revision = self.store.write(Write { compared, ..batch.write(puts) }).await?.revision;
        if batch.request.is_some() && revision != 0 {
            // It may have been a repetition.
            return self.first_answer(revision).await;
        }
        Ok(enterprises.into_iter().map(|(one, _)| Enterprise { revision, ..one }).collect())
    }

    /// What a batch is answered.
    async fn answer(&self, persisted: Persisted<Vec<Enterprise>>) -> Result<Vec<Enterprise>, Error> {
        match persisted {
            Persisted::Before(written) => self.first_answer(written.revision).await,
            Persisted::Now(enterprises) => Ok(enterprises),
        }
    }

    /// What the batch of a revision was answered.
    async fn first_answer(&self, revision: i64) -> Result<Vec<Enterprise>, Error> {
        let mut enterprises = Vec::new();
        for resource in self.store.resources_of(revision).await? {
            match resource {
                Resource::Enterprise(enterprise) => enterprises.push(*enterprise),
                _ => return Err(store::Error::Broken(format!("revision {revision} is no batch of enterprises")).into()),
            }
        }
        if enterprises.is_empty() {
            // The feed forgets no sooner than request ids are forgotten.
            return Err(store::Error::Broken(format!("revision {revision} is gone")).into());
        }
        Ok(enterprises)
    }
}
