//! `PolicyService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::policy_service_server::PolicyService;
use tonic::{Request, Response, Status};

use crate::registry::Registry;

/// `PolicyService` over the registry.
pub struct Policies {
    registry: Arc<Registry>,
}

impl Policies {
    /// Serves a registry.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }
}

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn create_policy(&self, _request: Request<pb::CreatePolicyRequest>) -> Result<Response<pb::Policy>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_policy(&self, _request: Request<pb::GetPolicyRequest>) -> Result<Response<pb::Policy>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_policies(
        &self,
        _request: Request<pb::ListPoliciesRequest>,
    ) -> Result<Response<pb::ListPoliciesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn update_policy(&self, _request: Request<pb::UpdatePolicyRequest>) -> Result<Response<pb::Policy>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn delete_policy(&self, _request: Request<pb::DeletePolicyRequest>) -> Result<Response<pb::Policy>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_policy_revisions(
        &self,
        _request: Request<pb::ListPolicyRevisionsRequest>,
    ) -> Result<Response<pb::ListPolicyRevisionsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
