//! Opportunities: written down, changed, published, closed and removed.

use uuid::Uuid;

use super::{ATTEMPTS_MAX, Error, Registry, Update, now};
use crate::domain::enterprise::IllegalTransition;
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::{Content, Opportunity};
use crate::store::{self, Expect, Listing, Put, Resource, Written};

/// What happens to an opportunity that is there.
#[expect(clippy::large_enum_variant, reason = "one at a time, and written right away")]
enum Decision {
    Put(Opportunity),
    Remove,
}

impl Registry {
    /// Writes down a draft below a live enterprise that is not merged.
    pub async fn create_opportunity(
        &self,
        creation: &Update<OpportunityId>,
        content: Content,
    ) -> Result<Opportunity, Error> {
        self.require_parent(&creation.id.enterprise, creation.request.as_ref()).await?;
        let opportunity = Opportunity::new(creation.id.clone(), Uuid::now_v7(), content, now());
        let put = Put::Opportunity(Box::new(opportunity), Expect::Absent);
        opportunity_of(self.store.write(creation.write(vec![put])).await?)
    }

    /// The opportunity of that id.
    pub async fn opportunity(&self, id: &OpportunityId) -> Result<Opportunity, Error> {
        let found = self.store.opportunity(id).await?;
        found.ok_or_else(|| store::Error::NotFound(id.to_string()).into())
    }

    /// Opportunities in order of id, of one enterprise or of all.
    pub async fn list_opportunities(
        &self,
        parent: Option<&EnterpriseId>,
        listing: &Listing<OpportunityId>,
    ) -> Result<Vec<Opportunity>, Error> {
        Ok(self.store.list_opportunities(parent, listing).await?)
    }

    /// Changes the content to what `change` makes of the present one.
    pub async fn update_opportunity(
        &self,
        request: &Update<OpportunityId>,
        change: impl Fn(&Opportunity) -> Result<Content, Error>,
    ) -> Result<Opportunity, Error> {
        self.change_opportunity(request, |current| {
            let content = change(current)?;
            Ok(Decision::Put(current.changed(now(), |changed| changed.content = content)))
        })
        .await
    }

    /// Removes an opportunity for good; returns its last version.
    pub async fn delete_opportunity(&self, request: &Update<OpportunityId>) -> Result<Opportunity, Error> {
        self.change_opportunity(request, |_| Ok(Decision::Remove)).await
    }

    /// Publishes an opportunity.
    pub async fn publish_opportunity(&self, request: &Update<OpportunityId>) -> Result<Opportunity, Error> {
        self.change_opportunity(request, |current| moved(current, Opportunity::publish)).await
    }

    /// Closes an opportunity.
    pub async fn close_opportunity(&self, request: &Update<OpportunityId>) -> Result<Opportunity, Error> {
        self.change_opportunity(request, |current| moved(current, Opportunity::close)).await
    }

    async fn change_opportunity(
        &self,
        change: &Update<OpportunityId>,
        decide: impl Fn(&Opportunity) -> Result<Decision, Error>,
    ) -> Result<Opportunity, Error> {
        let mut attempt = 1;
        loop {
            if let Some(written) = self.answered(change.request.as_ref()).await? {
                return opportunity_of(written);
            }
            match self.try_change_opportunity(change, &decide).await {
                Err(Error::Store(store::Error::Stale(_))) if change.expected.is_none() && attempt < ATTEMPTS_MAX => {
                    attempt += 1;
                }
                Ok(opportunity) => return Ok(opportunity),
                Err(error) => {
                    // The same request may have been answered in between; its first answer counts.
                    let first = self.answered(change.request.as_ref()).await?;
                    return first.map_or(Err(error), opportunity_of);
                }
            }
        }
    }

    async fn try_change_opportunity(
        &self,
        change: &Update<OpportunityId>,
        decide: impl Fn(&Opportunity) -> Result<Decision, Error>,
    ) -> Result<Opportunity, Error> {
        let current = self.opportunity(&change.id).await?;
        if change.expected.is_some_and(|expected| expected != current.revision) {
            return Err(store::Error::Stale(current.id.to_string()).into());
        }
        let expect = Expect::Revision(current.revision);
        let put = match decide(&current)? {
            Decision::Put(changed) => {
                let is_same = Opportunity { update_time: current.update_time, ..changed.clone() } == current;
                if is_same && change.request.is_none() {
                    return Ok(current);
                }
                Put::Opportunity(Box::new(changed), expect)
            }
            Decision::Remove => Put::RemoveOpportunity(Box::new(current), expect),
        };
        opportunity_of(self.store.write(change.write(vec![put])).await?)
    }
}

/// The opportunity after a transition, or why its state does not allow it.
fn moved(
    current: &Opportunity,
    transition: impl Fn(&mut Opportunity) -> Result<(), IllegalTransition>,
) -> Result<Decision, Error> {
    let mut outcome = Ok(());
    let changed = current.changed(now(), |changed| outcome = transition(changed));
    let name = current.id.to_string();
    outcome.map(|()| Decision::Put(changed)).map_err(|transition| Error::IllegalTransition { name, transition })
}

fn opportunity_of(written: Written) -> Result<Opportunity, Error> {
    match written.answer {
        Resource::Opportunity(opportunity) => Ok(*opportunity),
        _ => Err(store::Error::Broken("an opportunity was written and something else came back".to_owned()).into()),
    }
}
