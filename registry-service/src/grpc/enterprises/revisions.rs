//! Earlier versions of enterprises.

use proto::registry::v1 as pb;
use service_kit::door::Door;
use service_kit::page::cut;
use tonic::{Request, Response, Status};

use super::Enterprises;
use crate::domain::enterprise::Enterprise;
use crate::domain::ids::EnterpriseId;
use crate::grpc::convert::{Page, expected_revision, named_change, parse_enterprise};
use crate::grpc::{render, status};
use crate::registry::Error;
use crate::store::codec::enterprise_message;

impl Enterprises {
    /// The version that is meant by a name and a revision, like `enterprises/sungrow` and `r12`.
    pub(super) async fn version(&self, (name, revision): (&str, &str)) -> Result<Enterprise, Status> {
        let mut door = Door::default();
        let id = door.take("name", EnterpriseId::parse(name));
        let revision = door.take("name", parse_revision(revision));
        let (Some(id), Some(revision)) = (id, revision) else { return Err(door.refused()) };
        self.registry.enterprise_version(&id, revision).await.map_err(status::of)
    }

    pub(super) async fn list_revisions(
        &self,
        request: Request<pb::ListEnterpriseRevisionsRequest>,
    ) -> Result<Response<pb::ListEnterpriseRevisionsResponse>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let id = door.take("name", EnterpriseId::parse(&message.name));
        let arguments = (message.page_size, message.page_token.as_str());
        let page = Page::parse(&mut door, "ListEnterpriseRevisions", arguments, ("", &[]), &message.name);
        let before = page.before(&mut door);
        let Some(id) = id else { return Err(door.refused()) };
        door.close()?;
        let found = self.registry.enterprise_versions(&id, before, page.limit()).await.map_err(status::of)?;
        let mut enterprises: Vec<_> = found.iter().map(|one| render::enterprise(one, self.registry.epoch())).collect();
        let more = cut(&mut enterprises, page.size);
        let last = enterprises.len().checked_sub(1).map(|last| found[last].revision).filter(|_| more);
        let next_page_token = last.map(|revision| page.token(&revision.to_string())).unwrap_or_default();
        Ok(Response::new(pb::ListEnterpriseRevisionsResponse { enterprises, next_page_token }))
    }

    pub(super) async fn rollback(
        &self,
        request: Request<pb::RollbackEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let mut door = Door::default();
        let update = named_change(&mut door, &request, EnterpriseId::parse);
        let revision = door.take("revision_id", parse_revision(&request.get_ref().revision_id));
        let (Some(update), Some(revision)) = (update, revision) else { return Err(door.refused()) };
        door.close()?;
        // What an industry or a region group was then may be unknown now.
        let check = |version: &Enterprise| {
            parse_enterprise(&enterprise_message(version), "enterprise", self.registry.vocabulary())
                .map_err(Error::Invalid)
        };
        let rolled_back = self.registry.rollback_enterprise(&update, revision, check).await.map_err(status::of)?;
        Ok(self.written(&rolled_back))
    }
}

/// The revision that an etag like `r12` stands for.
fn parse_revision(etag: &str) -> Result<i64, String> {
    let revision = expected_revision(etag).filter(|revision| *revision > 0);
    revision.ok_or_else(|| "must be a revision, like `r12`".to_owned())
}
