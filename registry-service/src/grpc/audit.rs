//! `AuditService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::audit_service_server::AuditService;
use tonic::{Request, Response, Status};

use crate::registry::Registry;

/// `AuditService` over the registry.
pub struct Audit {
    registry: Arc<Registry>,
}

impl Audit {
    /// Serves a registry.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }
}

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_audit_entries(
        &self,
        _request: Request<pb::ListAuditEntriesRequest>,
    ) -> Result<Response<pb::ListAuditEntriesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
