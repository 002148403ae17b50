//! The lifecycle of opportunities: handed in, reviewed, renewed.

use proto::registry::v1 as pb;
use tonic::{Request, Response, Status};

use super::Opportunities;

impl Opportunities {
    pub(super) async fn submit(
        &self,
        _request: Request<pb::SubmitOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        Err(Status::unimplemented("not yet"))
    }
    pub(super) async fn review(
        &self,
        _request: Request<pb::ReviewOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        Err(Status::unimplemented("not yet"))
    }
    pub(super) async fn renew(
        &self,
        _request: Request<pb::RenewOpportunityRequest>,
    ) -> Result<Response<pb::Opportunity>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
