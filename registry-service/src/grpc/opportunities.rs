//! `OpportunityService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::opportunity_service_server::OpportunityService;
use service_kit::door::Door;
use service_kit::page::cut;
use tonic::{Request, Response, Status};

use super::convert::{
    Mask, Page, ReadMask, change_of, expected_revision, foresee_opportunity, merge_opportunity, origin_of,
    parse_creation, parse_opportunity, request_of,
};
use super::{render, status};
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Opportunity;
use crate::registry::{Error, Registry, Update};
use crate::store::codec::opportunity_message;
use crate::store::{Listing, fields};

mod batches;
mod reviews;

/// `enterprises/-`: of all enterprises.
const ANY_PARENT: &str = "enterprises/-";

/// `OpportunityService` over the registry.
pub struct Opportunities {
    registry: Arc<Registry>,
}

impl Opportunities {
    /// Serves a registry.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }

    fn written(&self, opportunity: &Opportunity) -> Response<pb::Opportunity> {
        let message = render::opportunity(opportunity, self.registry.epoch());
        let token = message.revision_token.clone();
        render::written(message, &token)
    }
}

#[tonic::async_trait]
impl OpportunityService for Opportunities {
    async fn create_opportunity(
        &self,
        request: Request<pb::CreateOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        let origin = origin_of(&request, "CreateOpportunity");
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, "CreateOpportunity", &message.request_id, &message);
        let parsed = parse_creation(&message, self.registry.vocabulary());
        let parsed = parsed.map_err(|violations| door.absorb(violations)).ok();
        let Some((id, content)) = parsed else { return Err(door.refused()) };
        door.close()?;
        let creation = Update { id, expected: None, request, validate_only: message.validate_only, origin };
        let created = self.registry.create_opportunity(&creation, content).await;
        Ok(self.written(&created.map_err(status::of)?))
    }

    async fn get_opportunity(
        &self,
        request: Request<pb::GetOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let mask = ReadMask::of_opportunity(message.read_mask.as_ref(), &mut door);
        let id = door.take("name", OpportunityId::parse(&message.name));
        let Some(id) = id else { return Err(door.refused()) };
        door.close()?;
        let opportunity = self.registry.opportunity(&id).await.map_err(status::of)?;
        Ok(Response::new(mask.opportunity(render::opportunity(&opportunity, self.registry.epoch()))))
    }

    async fn list_opportunities(
        &self,
        request: Request<pb::ListOpportunitiesRequest>,
    ) -> Result<Response<pb::ListOpportunitiesResponse>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let parent = match message.parent.as_str() {
            ANY_PARENT => None,
            parent => door.take("parent", EnterpriseId::parse(parent)),
        };
        let page = Page::ordered(
            &mut door,
            "ListOpportunities",
            (message.page_size, &message.page_token),
            (&message.filter, fields::OPPORTUNITIES),
            (&message.order_by, fields::OPPORTUNITY_ORDERS),
            &message.parent,
        );
        let mask = ReadMask::of_opportunity(message.read_mask.as_ref(), &mut door);
        let after = page.mark(&mut door, OpportunityId::parse);
        door.close()?;
        let (filter, order, limit) = (page.filter.clone(), page.order, page.limit());
        let listing = Listing { filter, order, after, limit, show_deleted: false };
        let found = self.registry.list_opportunities(parent.as_ref(), &listing).await.map_err(status::of)?;
        let rendered = found.iter().map(|one| mask.opportunity(render::opportunity(one, self.registry.epoch())));
        let mut opportunities: Vec<_> = rendered.collect();
        let more = cut(&mut opportunities, page.size);
        let last = opportunities.len().checked_sub(1).map(|last| fields::opportunity_mark(&found[last], page.order));
        let next_page_token = last.filter(|_| more).map(|last| page.token_at(&last)).unwrap_or_default();
        Ok(Response::new(pb::ListOpportunitiesResponse { opportunities, next_page_token }))
    }

    async fn update_opportunity(
        &self,
        request: Request<pb::UpdateOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        let origin = origin_of(&request, "UpdateOpportunity");
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, "UpdateOpportunity", &message.request_id, &message);
        let mask = Mask::of_opportunity(message.update_mask.as_ref(), &mut door);
        let Some(wanted) = &message.opportunity else {
            door.refuse("opportunity", "must be given");
            return Err(door.refused());
        };
        foresee_opportunity(wanted, &mask, self.registry.vocabulary(), &mut door);
        let id = door.take("opportunity.name", OpportunityId::parse(&wanted.name));
        let Some(id) = id else { return Err(door.refused()) };
        door.close()?;

        let expected = expected_revision(&wanted.etag);
        let change = Update { id, expected, request, validate_only: message.validate_only, origin };
        let updated = self.registry.update_opportunity(&change, |current| {
            let merged = merge_opportunity(opportunity_message(current), wanted, &mask);
            parse_opportunity(&merged, "opportunity", self.registry.vocabulary()).map_err(Error::Invalid)
        });
        Ok(self.written(&updated.await.map_err(status::of)?))
    }

    async fn delete_opportunity(
        &self,
        request: Request<pb::DeleteOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        let change = change_of(&request, OpportunityId::parse)?;
        let deleted = self.registry.delete_opportunity(&change).await.map_err(status::of)?;
        Ok(self.written(&deleted))
    }

    async fn submit_opportunity(
        &self,
        request: Request<pb::SubmitOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        self.submit(request).await
    }

    async fn review_opportunity(
        &self,
        request: Request<pb::ReviewOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        self.review(request).await
    }

    async fn renew_opportunity(
        &self,
        request: Request<pb::RenewOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        self.renew(request).await
    }

    async fn batch_get_opportunities(
        &self,
        request: Request<pb::BatchGetOpportunitiesRequest>,
    ) -> Result<Response<pb::BatchGetOpportunitiesResponse>, Status> {
        self.batch_get(request).await
    }

    async fn batch_create_opportunities(
        &self,
        request: Request<pb::BatchCreateOpportunitiesRequest>,
    ) -> Result<Response<pb::BatchCreateOpportunitiesResponse>, Status> {
        self.batch_create(request).await
    }

    async fn close_opportunity(
        &self,
        request: Request<pb::CloseOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        self.close(request).await
    }
}
