//! `ExportEnterprises`: everything as of one revision.

use proto::registry::v1 as pb;
use tonic::{Request, Response, Status};

use super::Enterprises;

impl Enterprises {
    pub(super) async fn export(
        &self,
        _request: Request<pb::ExportEnterprisesRequest>,
    ) -> Result<Response<service_kit::stream::Responses<pb::ExportEnterprisesResponse>>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
