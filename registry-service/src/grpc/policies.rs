//! `PolicyService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::policy_service_server::PolicyService;
use service_kit::door::Door;
use tonic::{Request, Response, Status};

use super::convert::{Page, expected_revision};
use super::documents::Documents;
use super::{render, status};
use crate::domain::document::Document;
use crate::domain::ids::PolicyId;
use crate::registry::Registry;

/// `PolicyService` over the registry.
pub struct Policies {
    documents: Documents,
}

impl Policies {
    /// Serves a registry.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { documents: Documents { registry } }
    }
}

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn create_policy(&self, request: Request<pb::CreatePolicyRequest>) -> Result<Response<pb::Policy>, Status> {
        self.documents.create(request).await
    }

    async fn get_policy(&self, request: Request<pb::GetPolicyRequest>) -> Result<Response<pb::Policy>, Status> {
        let name = request.into_inner().name;
        let Some((name, version)) = name.split_once('@') else { return self.documents.get(&name).await };
        let mut door = Door::default();
        let id = door.take("name", PolicyId::parse(name));
        let revision = expected_revision(version).filter(|revision| *revision > 0);
        let problem = || format!("must name a version like `{name}@{}`", render::etag(12));
        let revision = door.take("name", revision.ok_or_else(problem));
        let (Some(id), Some(revision)) = (id, revision) else { return Err(door.refused()) };
        let version = self.documents.registry.document_version(&id, revision).await.map_err(status::of)?;
        self.documents.rendered(&version).map(Response::new)
    }

    async fn list_policies(
        &self,
        request: Request<pb::ListPoliciesRequest>,
    ) -> Result<Response<pb::ListPoliciesResponse>, Status> {
        let message = request.into_inner();
        let (policies, next_page_token) = self.documents.list(message.page_size, &message.page_token).await?;
        Ok(Response::new(pb::ListPoliciesResponse { policies, next_page_token }))
    }

    async fn update_policy(&self, request: Request<pb::UpdatePolicyRequest>) -> Result<Response<pb::Policy>, Status> {
        self.documents.update(request).await
    }

    async fn delete_policy(&self, request: Request<pb::DeletePolicyRequest>) -> Result<Response<pb::Policy>, Status> {
        self.documents.delete(request).await
    }

    async fn list_policy_revisions(
        &self,
        request: Request<pb::ListPolicyRevisionsRequest>,
    ) -> Result<Response<pb::ListPolicyRevisionsResponse>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let arguments = (message.page_size, message.page_token.as_str());
        let page = Page::parse(&mut door, "ListPolicyRevisions", arguments, ("", &[]), &message.name);
        let before = page.after.as_deref().and_then(|key| door.take("page_token", key.parse::<i64>()));
        let Some(id) = door.take("name", PolicyId::parse(&message.name)) else { return Err(door.refused()) };
        door.close()?;
        let versions = self.documents.registry.document_versions(&id, before, page.limit()).await;
        let key = |version: &Document| version.revision.to_string();
        let (policies, next_page_token) = self.documents.page(&page, &versions.map_err(status::of)?, key)?;
        Ok(Response::new(pb::ListPolicyRevisionsResponse { policies, next_page_token }))
    }
}
