//! Opportunities: written down, changed, led through their lifecycle and removed.

use std::collections::{HashMap, HashSet};

use service_kit::Violations;
use uuid::Uuid;

use super::enterprises::{not_found, require_live};
use super::{Error, Registry, Update, now};
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::{Assessment, Content, Opportunity, Step};
use crate::domain::time::Timestamp;
use crate::store::{self, Expect, Listing, Put, Resource, Written};

/// What happens to an opportunity that is there.
#[expect(clippy::large_enum_variant, reason = "one at a time, and written right away")]
enum Decision {
    Put(Opportunity),
    Remove,
}

impl Registry {
    /// Writes down a draft below an open enterprise.
    pub async fn create_opportunity(
        &self,
        creation: &Update<OpportunityId>,
        content: Content,
    ) -> Result<Opportunity, Error> {
        let draft = Opportunity::new(creation.id.clone(), Uuid::now_v7(), content, now());
        let drafts = std::slice::from_ref(&draft);
        let path = |_| "opportunity.expire_time".to_owned();
        opportunity_of(self.persist(creation, || self.try_create_opportunities(creation, drafts, path)).await?)
    }

    /// Writes down many drafts in one revision: all of them, or none.
    pub async fn create_opportunities(
        &self,
        creation: &Update<()>,
        contents: Vec<(OpportunityId, Content)>,
    ) -> Result<Vec<Opportunity>, Error> {
        let draft = |(id, content)| Opportunity::new(id, Uuid::now_v7(), content, now());
        let drafts: Vec<Opportunity> = contents.into_iter().map(draft).collect();
        let path = |index| format!("requests[{index}].opportunity.expire_time");
        let written = self.persist(creation, || self.try_create_opportunities(creation, &drafts, path)).await?;
        if creation.validate_only {
            return Ok(drafts);
        }
        // Read again, because the request may be a repetition, of which the first answer counts.
        let resources = self.store.resources_of(written.revision).await?;
        if resources.len() != drafts.len() {
            return Err(store::Error::NotFound(format!("the answer of revision {}", written.revision)).into());
        }
        let one = |answer| opportunity_of(Written { revision: written.revision, answer });
        resources.into_iter().map(one).collect()
    }

    async fn try_create_opportunities<Id>(
        &self,
        creation: &Update<Id>,
        drafts: &[Opportunity],
        path: impl Fn(usize) -> String,
    ) -> Result<Written, Error> {
        let times = drafts.iter().enumerate().filter_map(|(index, draft)| Some((index, draft.content.expire_time?)));
        let times: Vec<(usize, Timestamp)> = times.collect();
        if !times.is_empty() {
            let clock = self.store.clock().await?;
            let mut violations = Violations::default();
            for (index, _) in times.iter().filter(|(_, expire_time)| *expire_time <= clock) {
                violations.add(path(*index), PAST);
            }
            violations.check().map_err(Error::Invalid)?;
        }
        let parents: HashSet<&EnterpriseId> = drafts.iter().map(|draft| &draft.id.enterprise).collect();
        self.require_open(parents).await?;
        let put = |draft: &Opportunity| Put::Opportunity(Box::new(draft.clone()), Expect::Absent);
        Ok(self.store.write(creation.write(drafts.iter().map(put).collect())).await?)
    }

    /// The opportunity of that id.
    pub async fn opportunity(&self, id: &OpportunityId) -> Result<Opportunity, Error> {
        let found = self.store.opportunity(id).await?;
        found.ok_or_else(|| store::Error::NotFound(id.to_string()).into())
    }

    /// The opportunities of those ids, in that order, all at one revision.
    pub async fn opportunities(&self, ids: &[OpportunityId]) -> Result<Vec<Opportunity>, Error> {
        let found = self.store.opportunities(ids).await?;
        let mut by_id: HashMap<OpportunityId, Opportunity> =
            found.into_iter().map(|opportunity| (opportunity.id.clone(), opportunity)).collect();
        let missing = |id: &OpportunityId| store::Error::NotFound(id.to_string());
        ids.iter().map(|id| by_id.remove(id).ok_or_else(|| missing(id).into())).collect()
    }

    /// Opportunities in order of id, of one enterprise or of all.
    pub async fn list_opportunities(
        &self,
        parent: Option<&EnterpriseId>,
        listing: &Listing<OpportunityId>,
    ) -> Result<Vec<Opportunity>, Error> {
        Ok(self.store.list_opportunities(parent, listing).await?)
    }

    /// Changes the content to what `change` makes of the present one; see [`Opportunity::rewrite`]. A change that
    /// changes nothing makes no revision, unless it has a request id to be remembered.
    pub async fn update_opportunity(
        &self,
        request: &Update<OpportunityId>,
        change: impl Fn(&Opportunity) -> Result<Content, Error>,
    ) -> Result<Opportunity, Error> {
        let clock = self.store.clock().await?;
        self.change_opportunity(request, |current| {
            let content = change(current)?;
            let is_moved = content.expire_time != current.content.expire_time;
            if is_moved && content.expire_time.is_some_and(|expire_time| expire_time <= clock) {
                return Err(invalid("opportunity.expire_time", PAST));
            }
            Ok(Decision::Put(current.changed(now(), |changed| changed.rewrite(content))))
        })
        .await
    }

    /// Removes an opportunity for good; returns its last version.
    pub async fn delete_opportunity(&self, request: &Update<OpportunityId>) -> Result<Opportunity, Error> {
        self.change_opportunity(request, |_| Ok(Decision::Remove)).await
    }

    /// Hands an opportunity in for review.
    pub async fn submit_opportunity(&self, request: &Update<OpportunityId>) -> Result<Opportunity, Error> {
        self.change_opportunity(request, |current| moved(current, &Step::Submit)).await
    }

    /// Reviews an opportunity; the scores decide what becomes of it.
    pub async fn review_opportunity(
        &self,
        request: &Update<OpportunityId>,
        assessment: Assessment,
    ) -> Result<Opportunity, Error> {
        let step = Step::Review(assessment);
        self.change_opportunity(request, |current| moved(current, &step)).await
    }

    /// Lets an opportunity hold until a later instant.
    pub async fn renew_opportunity(
        &self,
        request: &Update<OpportunityId>,
        expire_time: Timestamp,
    ) -> Result<Opportunity, Error> {
        let clock = self.store.clock().await?;
        self.change_opportunity(request, |current| {
            let renewed = moved(current, &Step::Renew(expire_time))?;
            if expire_time <= clock {
                return Err(invalid("expire_time", PAST));
            }
            if current.content.expire_time.is_some_and(|present| expire_time <= present) {
                return Err(invalid("expire_time", "must be later than before"));
            }
            Ok(renewed)
        })
        .await
    }

    /// Closes an opportunity.
    pub async fn close_opportunity(&self, request: &Update<OpportunityId>) -> Result<Opportunity, Error> {
        self.change_opportunity(request, |current| moved(current, &Step::Close)).await
    }

    /// Reads, decides, and keeps the decision.
    async fn change_opportunity(
        &self,
        change: &Update<OpportunityId>,
        decide: impl Fn(&Opportunity) -> Result<Decision, Error>,
    ) -> Result<Opportunity, Error> {
        opportunity_of(self.persist(change, || self.try_change_opportunity(change, &decide)).await?)
    }

    async fn try_change_opportunity(
        &self,
        change: &Update<OpportunityId>,
        decide: impl Fn(&Opportunity) -> Result<Decision, Error>,
    ) -> Result<Written, Error> {
        let current = self.opportunity(&change.id).await?;
        if change.expected.is_some_and(|expected| expected != current.revision) {
            return Err(store::Error::Stale(current.id.to_string()).into());
        }
        self.require_open([&current.id.enterprise]).await?;
        let expect = Expect::Revision(current.revision);
        let put = match decide(&current)? {
            Decision::Put(changed) => {
                let is_same = Opportunity { update_time: current.update_time, ..changed.clone() } == current;
                if is_same && change.request.is_none() {
                    return Ok(Written {
                        revision: current.revision,
                        answer: Resource::Opportunity(Box::new(current)),
                    });
                }
                Put::Opportunity(Box::new(changed), expect)
            }
            Decision::Remove => Put::RemoveOpportunity(Box::new(current), expect),
        };
        Ok(self.store.write(change.write(vec![put])).await?)
    }

    /// Says of a parent that is missing, soft-deleted or merged what stands in the way. Whoever closes it in between is
    /// noticed by the store.
    async fn require_open(&self, parents: impl IntoIterator<Item = &EnterpriseId>) -> Result<(), Error> {
        let ids: Vec<EnterpriseId> = parents.into_iter().cloned().collect();
        let found = self.store.enterprises(&ids).await?;
        if let Some(missing) = ids.iter().find(|id| !found.iter().any(|parent| parent.id == **id)) {
            return Err(not_found(missing));
        }
        found.iter().try_for_each(require_live)
    }
}

/// What is wrong with a time that is over, by the clock by which it would expire.
const PAST: &str = "must be in the future";

fn invalid(field: &str, problem: &str) -> Error {
    let mut violations = Violations::default();
    violations.add(field, problem);
    Error::Invalid(violations)
}

/// The opportunity after a step, or why its state does not allow it.
fn moved(current: &Opportunity, step: &Step) -> Result<Decision, Error> {
    let mut outcome = Ok(());
    let changed = current.changed(now(), |changed| outcome = changed.step(step));
    let name = current.id.to_string();
    outcome.map(|()| Decision::Put(changed)).map_err(|transition| Error::IllegalTransition { name, transition })
}

fn opportunity_of(written: Written) -> Result<Opportunity, Error> {
    match written.answer {
        Resource::Opportunity(opportunity) => Ok(*opportunity),
        _ => Err(store::Error::Broken("an opportunity was written and something else came back".to_owned()).into()),
    }
}
