//! Batches: many opportunities at one revision.

use proto::registry::v1 as pb;
use tonic::{Request, Response, Status};

use super::Opportunities;

impl Opportunities {
    pub(super) async fn batch_get(
        &self,
        _request: Request<pb::BatchGetOpportunitiesRequest>,
    ) -> Result<Response<pb::BatchGetOpportunitiesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
    pub(super) async fn batch_create(
        &self,
        _request: Request<pb::BatchCreateOpportunitiesRequest>,
    ) -> Result<Response<pb::BatchCreateOpportunitiesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
