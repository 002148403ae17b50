//! Records that may be the same company: found, merged, set apart again.

use proto::registry::v1 as pb;
use tonic::{Request, Response, Status};

use super::Enterprises;

impl Enterprises {
    pub(super) async fn duplicates(
        &self,
        _request: Request<pb::FindDuplicatesRequest>,
    ) -> Result<Response<pb::FindDuplicatesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
    pub(super) async fn merge(
        &self,
        _request: Request<pb::MergeEnterprisesRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        Err(Status::unimplemented("not yet"))
    }
    pub(super) async fn unmerge(
        &self,
        _request: Request<pb::UnmergeEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
