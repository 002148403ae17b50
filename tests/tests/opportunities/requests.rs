//! Requests in the words of the claims.

use e2e::clients::{RegistryClients, enterprise};
use proto::registry::v1::{
    CloseOpportunityRequest, CreateOpportunityRequest, DeleteOpportunityRequest, Enterprise, GetOpportunityRequest,
    Opportunity, OpportunityKind, RenewOpportunityRequest, Review, ReviewOpportunityRequest, SubmitOpportunityRequest,
};
use tonic::Status;

/// A registry's client with an enterprise that offers.
pub(crate) struct Mill {
    pub(crate) registry: RegistryClients,
    pub(crate) enterprise: Enterprise,
}

impl Mill {
    /// Registers the enterprise `id`.
    pub(crate) async fn registered(url: &str, id: &str) -> Self {
        let mut registry = RegistryClients::connect(url).await;
        let enterprise = registry.active(id, enterprise("A spinning mill", "PK", "13")).await;
        Self { registry, enterprise }
    }

    pub(crate) fn name(&self, id: &str) -> String {
        format!("{}/opportunities/{id}", self.enterprise.name)
    }

    pub(crate) fn creation(&self, id: &str, opportunity: Opportunity) -> CreateOpportunityRequest {
        let parent = self.enterprise.name.clone();
        let opportunity = Some(opportunity);
        CreateOpportunityRequest { parent, opportunity, opportunity_id: id.to_owned(), ..Default::default() }
    }

    pub(crate) async fn draft(&mut self, id: &str) -> Opportunity {
        let request = self.creation(id, looms());
        self.registry.opportunities.create_opportunity(request).await.expect("it is valid").into_inner()
    }

    pub(crate) async fn published(&mut self, id: &str, opportunity: Opportunity) -> Opportunity {
        let parent = self.enterprise.clone();
        self.registry.published(&parent, id, opportunity).await
    }

    pub(crate) async fn read(&mut self, id: &str) -> Opportunity {
        let request = GetOpportunityRequest { name: self.name(id), read_mask: None };
        self.registry.opportunities.get_opportunity(request).await.expect("it is there").into_inner()
    }

    pub(crate) async fn submit(&mut self, id: &str) -> Result<Opportunity, Status> {
        let request = SubmitOpportunityRequest { name: self.name(id), ..Default::default() };
        Ok(self.registry.opportunities.submit_opportunity(request).await?.into_inner())
    }

    pub(crate) async fn review(&mut self, id: &str, review: Review) -> Result<Opportunity, Status> {
        let request = ReviewOpportunityRequest { name: self.name(id), review: Some(review), ..Default::default() };
        Ok(self.registry.opportunities.review_opportunity(request).await?.into_inner())
    }

    pub(crate) async fn renew(&mut self, id: &str, seconds: i64) -> Result<Opportunity, Status> {
        let expire_time = Some(in_seconds(seconds));
        let request = RenewOpportunityRequest { name: self.name(id), expire_time, ..Default::default() };
        Ok(self.registry.opportunities.renew_opportunity(request).await?.into_inner())
    }

    pub(crate) async fn close(&mut self, id: &str) -> Result<Opportunity, Status> {
        let request = CloseOpportunityRequest { name: self.name(id), ..Default::default() };
        Ok(self.registry.opportunities.close_opportunity(request).await?.into_inner())
    }

    pub(crate) async fn delete(&mut self, id: &str) -> Result<Opportunity, Status> {
        let request = DeleteOpportunityRequest { name: self.name(id), ..Default::default() };
        Ok(self.registry.opportunities.delete_opportunity(request).await?.into_inner())
    }
}

/// A request for looms.
pub(crate) fn looms() -> Opportunity {
    let kind = OpportunityKind::BusinessRequest.into();
    Opportunity { kind, title: "Air-jet looms".to_owned(), ..Default::default() }
}

/// Looms that are wanted for so many seconds.
pub(crate) fn looms_for(seconds: i64) -> Opportunity {
    Opportunity { expire_time: Some(in_seconds(seconds)), ..looms() }
}

/// An instant by the clock of this machine, on which the database runs too.
pub(crate) fn in_seconds(seconds: i64) -> prost_types::Timestamp {
    let mut instant = prost_types::Timestamp::from(std::time::SystemTime::now());
    instant.seconds += seconds;
    // What both engines keep.
    instant.nanos -= instant.nanos % 1_000;
    instant
}

pub(crate) fn scores([clarity, innovation, readiness, relevance]: [i32; 4]) -> Review {
    Review { clarity, innovation, readiness, relevance, ..Default::default() }
}
