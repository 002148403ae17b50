//! The office responsible for an enterprise.

use proto::registry::v1 as pb;
use tonic::{Request, Response, Status};

use super::Enterprises;

impl Enterprises {
    pub(super) async fn transfer(
        &self,
        _request: Request<pb::TransferEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
