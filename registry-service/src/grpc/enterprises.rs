//! `EnterpriseService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::enterprise_service_server::EnterpriseService;
use service_kit::Refusal;
use service_kit::door::Door;
use service_kit::stream::Responses;
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, Streaming};
use uuid::Uuid;

use super::convert::{
    Mask, NamedChange, ReadMask, change_of, expected_revision, foresee_enterprise, merge_enterprise, named_change,
    origin_of, parse_enterprise, request_of,
};
use super::{import, render, status};
use crate::domain::enterprise::{Enterprise, Step, VerificationLevel};
use crate::domain::identifier::{Identifier, Scheme};
use crate::domain::ids::EnterpriseId;
use crate::registry::{Error, Registry, Update};
use crate::store;
use crate::store::codec::enterprise_message;

mod batches;
mod duplicates;
mod export;
mod lists;
mod offices;
mod revisions;

/// Imports at a time; each holds a chunk of rows in memory.
const IMPORTS_MAX: usize = 16;

/// `EnterpriseService` over the registry.
pub struct Enterprises {
    registry: Arc<Registry>,
    imports: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

impl Enterprises {
    /// Serves a registry.
    pub fn new(registry: Arc<Registry>) -> Self {
        let places = |maximum| Arc::new(Semaphore::new(maximum));
        Self { registry, imports: places(IMPORTS_MAX), exports: places(export::EXPORTS_MAX) }
    }

    fn written(&self, enterprise: &Enterprise) -> Response<pb::Enterprise> {
        let message = render::enterprise(enterprise, self.registry.epoch());
        let token = message.revision_token.clone();
        render::written(message, &token)
    }
}

impl Enterprises {
    async fn step(&self, request: &Request<impl NamedChange>, step: Step) -> Result<Response<pb::Enterprise>, Status> {
        let update = change_of(request, EnterpriseId::parse)?;
        let moved = self.registry.step_enterprise(&update, step).await.map_err(status::of)?;
        Ok(self.written(&moved))
    }
}

#[tonic::async_trait]
impl EnterpriseService for Enterprises {
    async fn create_enterprise(
        &self,
        request: Request<pb::CreateEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let origin = origin_of(&request, "CreateEnterprise");
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, "CreateEnterprise", &message.request_id, &message);
        let id = match message.enterprise_id.as_str() {
            "" => Some(new_id()),
            id => door.take("enterprise_id", EnterpriseId::new(id)),
        };
        let profile = match &message.enterprise {
            Some(enterprise) => parse_enterprise(enterprise, "enterprise", self.registry.vocabulary())
                .map_err(|violations| door.absorb(violations))
                .ok(),
            None => door.take("enterprise", Err("must be given".to_owned())),
        };
        let (Some(id), Some(profile)) = (id, profile) else { return Err(door.refused()) };
        door.close()?;
        let creation = Update { id, expected: None, request, validate_only: message.validate_only, origin };
        let created = self.registry.create_enterprise(&creation, profile).await;
        Ok(self.written(&created.map_err(status::of)?))
    }

    async fn get_enterprise(
        &self,
        request: Request<pb::GetEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let mask = ReadMask::of_enterprise(message.read_mask.as_ref(), &mut door);
        let versioned = message.name.split_once('@');
        let id = door.take("name", EnterpriseId::parse(versioned.map_or(message.name.as_str(), |(name, _)| name)));
        let Some(id) = id else { return Err(door.refused()) };
        door.close()?;
        let enterprise = match versioned {
            Some(version) => self.version(version).await?,
            None => self.registry.enterprise(&id).await.map_err(status::of)?,
        };
        Ok(Response::new(mask.enterprise(render::enterprise(&enterprise, self.registry.epoch()))))
    }

    async fn batch_get_enterprises(
        &self,
        request: Request<pb::BatchGetEnterprisesRequest>,
    ) -> Result<Response<pb::BatchGetEnterprisesResponse>, Status> {
        self.batch_get(&request.into_inner()).await
    }

    async fn list_enterprises(
        &self,
        request: Request<pb::ListEnterprisesRequest>,
    ) -> Result<Response<pb::ListEnterprisesResponse>, Status> {
        self.list(&request.into_inner()).await
    }

    async fn update_enterprise(
        &self,
        request: Request<pb::UpdateEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let origin = origin_of(&request, "UpdateEnterprise");
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, "UpdateEnterprise", &message.request_id, &message);
        let mask = Mask::of_enterprise(message.update_mask.as_ref(), &mut door);
        let Some(wanted) = &message.enterprise else {
            door.refuse("enterprise", "must be given");
            return Err(door.refused());
        };
        let vocabulary = self.registry.vocabulary();
        foresee_enterprise(wanted, &mask, vocabulary, &mut door);
        let Some(id) = door.take("enterprise.name", EnterpriseId::parse(&wanted.name)) else {
            return Err(door.refused());
        };
        door.close()?;

        let expected = expected_revision(&wanted.etag);
        let update = Update { id, expected, request, validate_only: message.validate_only, origin };
        let change = |current: &Enterprise| {
            let merged = merge_enterprise(enterprise_message(current), wanted, &mask);
            parse_enterprise(&merged, "enterprise", vocabulary).map_err(Error::Invalid)
        };
        let mut updated = self.registry.update_enterprise(&update, change).await;
        // Where an etag is given, a version is meant that does not exist.
        let may_create = message.allow_missing && expected.is_none();
        if may_create && matches!(updated, Err(Error::Store(store::Error::NotFound(_)))) {
            let profile = parse_enterprise(wanted, "enterprise", vocabulary).map_err(Refusal::from)?;
            updated = self.registry.create_enterprise(&update, profile).await;
            if matches!(updated, Err(Error::Store(store::Error::Exists(_)))) {
                // Somebody else created it in between, so now it can be updated.
                updated = self.registry.update_enterprise(&update, change).await;
            }
        }
        Ok(self.written(&updated.map_err(status::of)?))
    }

    async fn delete_enterprise(
        &self,
        request: Request<pb::DeleteEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let update = change_of(&request, EnterpriseId::parse)?;
        let deleted = self.registry.delete_enterprise(&update).await.map_err(status::of)?;
        Ok(self.written(&deleted))
    }

    async fn undelete_enterprise(
        &self,
        request: Request<pb::UndeleteEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let update = change_of(&request, EnterpriseId::parse)?;
        let undeleted = self.registry.undelete_enterprise(&update).await.map_err(status::of)?;
        Ok(self.written(&undeleted))
    }

    async fn submit_enterprise(
        &self,
        request: Request<pb::SubmitEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        self.step(&request, Step::Submit).await
    }

    async fn activate_enterprise(
        &self,
        request: Request<pb::ActivateEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let update = change_of(&request, EnterpriseId::parse)?;
        let dismiss_holds = request.get_ref().dismiss_holds;
        let activated = self.registry.activate_enterprise(&update, dismiss_holds).await.map_err(status::of)?;
        Ok(self.written(&activated))
    }

    async fn suspend_enterprise(
        &self,
        request: Request<pb::SuspendEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        self.step(&request, Step::Suspend).await
    }

    async fn reinstate_enterprise(
        &self,
        request: Request<pb::ReinstateEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        self.step(&request, Step::Reinstate).await
    }

    async fn verify_enterprise(
        &self,
        request: Request<pb::VerifyEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let mut door = Door::default();
        let update = named_change(&mut door, &request, EnterpriseId::parse);
        let number = request.get_ref().verification_level;
        let level = door.required_choice("verification_level", number, VerificationLevel::from_number);
        let (Some(update), Some(level)) = (update, level) else { return Err(door.refused()) };
        door.close()?;
        let verified = self.registry.verify_enterprise(&update, level).await.map_err(status::of)?;
        Ok(self.written(&verified))
    }

    async fn lookup_enterprise(
        &self,
        request: Request<pb::LookupEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let scheme = door.required_choice("scheme", message.scheme, Scheme::from_number);
        let parsed = scheme.map(|scheme| Identifier::parse(scheme, &message.value));
        let identifier = parsed.and_then(|parsed| door.take("value", parsed));
        let Some(identifier) = identifier else { return Err(door.refused()) };
        let enterprise = self.registry.lookup_enterprise(identifier).await.map_err(status::of)?;
        Ok(Response::new(render::enterprise(&enterprise, self.registry.epoch())))
    }

    type ImportEnterprisesStream = Responses<pb::ImportEnterprisesResponse>;

    async fn import_enterprises(
        &self,
        request: Request<Streaming<pb::ImportEnterprisesRequest>>,
    ) -> Result<Response<Self::ImportEnterprisesStream>, Status> {
        let place = self.imports.clone().try_acquire_owned().map_err(|_| status::full("imports", IMPORTS_MAX))?;
        let origin = origin_of(&request, "ImportEnterprises");
        import::run(self.registry.clone(), request.into_inner(), origin, place).await.map(Response::new)
    }

    type ExportEnterprisesStream = Responses<pb::ExportEnterprisesResponse>;

    async fn export_enterprises(
        &self,
        request: Request<pb::ExportEnterprisesRequest>,
    ) -> Result<Response<Self::ExportEnterprisesStream>, Status> {
        self.export(request).await
    }

    async fn batch_create_enterprises(
        &self,
        request: Request<pb::BatchCreateEnterprisesRequest>,
    ) -> Result<Response<pb::BatchCreateEnterprisesResponse>, Status> {
        self.batch_create(request).await
    }

    async fn batch_update_enterprises(
        &self,
        request: Request<pb::BatchUpdateEnterprisesRequest>,
    ) -> Result<Response<pb::BatchUpdateEnterprisesResponse>, Status> {
        self.batch_update(request).await
    }

    async fn batch_delete_enterprises(
        &self,
        request: Request<pb::BatchDeleteEnterprisesRequest>,
    ) -> Result<Response<pb::BatchDeleteEnterprisesResponse>, Status> {
        self.batch_delete(request).await
    }

    async fn transfer_enterprise(
        &self,
        request: Request<pb::TransferEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        self.transfer(request).await
    }

    async fn find_duplicates(
        &self,
        request: Request<pb::FindDuplicatesRequest>,
    ) -> Result<Response<pb::FindDuplicatesResponse>, Status> {
        self.duplicates(request).await
    }

    async fn merge_enterprises(
        &self,
        request: Request<pb::MergeEnterprisesRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        self.merge(request).await
    }

    async fn unmerge_enterprise(
        &self,
        request: Request<pb::UnmergeEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        self.unmerge(request).await
    }

    async fn list_enterprise_revisions(
        &self,
        request: Request<pb::ListEnterpriseRevisionsRequest>,
    ) -> Result<Response<pb::ListEnterpriseRevisionsResponse>, Status> {
        self.list_revisions(request).await
    }

    async fn rollback_enterprise(
        &self,
        request: Request<pb::RollbackEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        self.rollback(request).await
    }
}

fn new_id() -> EnterpriseId {
    EnterpriseId::new(&Uuid::now_v7().to_string()).expect("a UUID is an id")
}
