//! The lifecycle of opportunities: handed in, reviewed, renewed, closed.

use proto::registry::v1 as pb;
use service_kit::door::Door;
use tonic::{Request, Response, Status};

use super::Opportunities;
use crate::domain::ids::OpportunityId;
use crate::grpc::convert::{change_of, named_change, parse_instant, parse_review};
use crate::grpc::status;

impl Opportunities {
    pub(super) async fn submit(
        &self,
        request: Request<pb::SubmitOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        let change = change_of(&request, OpportunityId::parse)?;
        let submitted = self.registry.submit_opportunity(&change).await.map_err(status::of)?;
        Ok(self.written(&submitted))
    }

    pub(super) async fn review(
        &self,
        request: Request<pb::ReviewOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        let mut door = Door::default();
        let change = named_change(&mut door, &request, OpportunityId::parse);
        let assessment = match &request.get_ref().review {
            Some(review) => parse_review(review, "review").map_err(|violations| door.absorb(violations)).ok(),
            None => door.take("review", Err("must be given")),
        };
        let (Some(change), Some(assessment)) = (change, assessment) else { return Err(door.refused()) };
        door.close()?;
        let reviewed = self.registry.review_opportunity(&change, assessment).await.map_err(status::of)?;
        Ok(self.written(&reviewed))
    }

    pub(super) async fn renew(
        &self,
        request: Request<pb::RenewOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        let mut door = Door::default();
        let change = named_change(&mut door, &request, OpportunityId::parse);
        let expire_time = match &request.get_ref().expire_time {
            Some(time) => door.take("expire_time", parse_instant(time)),
            None => door.take("expire_time", Err("must be given")),
        };
        let (Some(change), Some(expire_time)) = (change, expire_time) else { return Err(door.refused()) };
        door.close()?;
        let renewed = self.registry.renew_opportunity(&change, expire_time).await.map_err(status::of)?;
        Ok(self.written(&renewed))
    }

    pub(super) async fn close(
        &self,
        request: Request<pb::CloseOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        let change = change_of(&request, OpportunityId::parse)?;
        let closed = self.registry.close_opportunity(&change).await.map_err(status::of)?;
        Ok(self.written(&closed))
    }
}
