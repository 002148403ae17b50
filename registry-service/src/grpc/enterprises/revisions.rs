//! Earlier versions of enterprises.

use proto::registry::v1 as pb;
use tonic::{Request, Response, Status};

use super::Enterprises;

impl Enterprises {
    pub(super) async fn list_revisions(
        &self,
        _request: Request<pb::ListEnterpriseRevisionsRequest>,
    ) -> Result<Response<pb::ListEnterpriseRevisionsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
    pub(super) async fn rollback(
        &self,
        _request: Request<pb::RollbackEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
