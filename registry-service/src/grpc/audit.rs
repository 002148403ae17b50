//! `AuditService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::audit_service_server::AuditService;
use service_kit::door::Door;
use service_kit::page::cut;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::convert::Page;
use super::{render, status};
use crate::domain::ids::{EnterpriseId, IndustryId, OfficeId, OpportunityId, PolicyId, RegionGroupId, ZoneId};
use crate::registry::Registry;
use crate::store::AuditEntry;

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
        request: Request<pb::ListAuditEntriesRequest>,
    ) -> Result<Response<pb::ListAuditEntriesResponse>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        door.take("resource_name", is_resource_name(&message.resource_name));
        let arguments = (message.page_size, message.page_token.as_str());
        let page = Page::parse(&mut door, "ListAuditEntries", arguments, ("", &[]), &message.resource_name);
        let before = page.before(&mut door);
        door.close()?;
        let found = self.registry.audit_entries(&message.resource_name, before, page.limit()).await;
        let found = found.map_err(status::of)?;
        let last = |count: usize| count.checked_sub(1).map(|last| found[last].revision);
        let epoch = self.registry.epoch();
        let mut audit_entries: Vec<_> = found.iter().map(|one| entry(&message.resource_name, one, epoch)).collect();
        let more = cut(&mut audit_entries, page.size);
        let last = last(audit_entries.len()).filter(|_| more);
        let next_page_token = last.map(|revision| page.token(&revision.to_string())).unwrap_or_default();
        Ok(Response::new(pb::ListAuditEntriesResponse { audit_entries, next_page_token }))
    }
}

/// Whether a name is one that resources of this registry have.
fn is_resource_name(name: &str) -> Result<(), String> {
    let is_known = EnterpriseId::parse(name).is_ok()
        || OpportunityId::parse(name).is_ok()
        || IndustryId::parse(name).is_ok()
        || RegionGroupId::parse(name).is_ok()
        || ZoneId::parse(name).is_ok()
        || OfficeId::parse(name).is_ok()
        || PolicyId::parse(name).is_ok();
    if is_known { Ok(()) } else { Err("must be the name of a resource, like `enterprises/my-id`".to_owned()) }
}

fn entry(resource_name: &str, entry: &AuditEntry, epoch: Uuid) -> pb::AuditEntry {
    let (seconds, nanos) = entry.commit_time.parts();
    pb::AuditEntry {
        resource_name: resource_name.to_owned(),
        actor: entry.actor.clone(),
        method: entry.method.clone(),
        request_id: entry.request_id.clone(),
        reason: entry.reason.clone(),
        revision: entry.revision,
        revision_token: render::token(epoch, entry.revision),
        commit_time: Some(prost_types::Timestamp { seconds, nanos }),
        change_kind: entry.kind.number(),
    }
}
