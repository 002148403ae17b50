//! Batches: many enterprises in one revision.

use proto::registry::v1 as pb;
use tonic::{Request, Response, Status};

use super::Enterprises;

impl Enterprises {
    pub(super) async fn batch_create(
        &self,
        _request: Request<pb::BatchCreateEnterprisesRequest>,
    ) -> Result<Response<pb::BatchCreateEnterprisesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
    pub(super) async fn batch_update(
        &self,
        _request: Request<pb::BatchUpdateEnterprisesRequest>,
    ) -> Result<Response<pb::BatchUpdateEnterprisesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
    pub(super) async fn batch_delete(
        &self,
        _request: Request<pb::BatchDeleteEnterprisesRequest>,
    ) -> Result<Response<pb::BatchDeleteEnterprisesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
