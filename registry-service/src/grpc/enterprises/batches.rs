//! Batches: many enterprises in one revision.

use std::collections::HashSet;

use proto::registry::v1 as pb;
use service_kit::door::Door;
use tonic::{Request, Response, Status};

use super::{Enterprises, new_id};
use crate::domain::enterprise::Enterprise;
use crate::domain::ids::EnterpriseId;
use crate::grpc::convert::{
    Mask, each_request, expected_revision, foresee_enterprise, merge_enterprise, origin_of, parse_enterprise,
    refuse_own, request_of,
};
use crate::grpc::{render, status};
use crate::registry::{Target, Update};
use crate::store::codec::enterprise_message;

impl Enterprises {
    pub(super) async fn batch_create(
        &self,
        request: Request<pb::BatchCreateEnterprisesRequest>,
    ) -> Result<Response<pb::BatchCreateEnterprisesResponse>, Status> {
        let origin = origin_of(&request, "BatchCreateEnterprises");
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, "BatchCreateEnterprises", &message.request_id, &message);
        let vocabulary = self.registry.vocabulary();
        let mut met = HashSet::new();
        let new = each_request(&mut door, &message.requests, |door, one| {
            refuse_own(door, &one.request_id, one.validate_only);
            let id = match one.enterprise_id.as_str() {
                "" => Some(new_id()),
                id => door.take("enterprise_id", EnterpriseId::new(id)),
            };
            let id = id.and_then(|id| once(door, "enterprise_id", id, &mut met));
            let Some(enterprise) = &one.enterprise else {
                door.refuse("enterprise", "must be given");
                return None;
            };
            let profile = parse_enterprise(enterprise, "enterprise", vocabulary);
            let profile = profile.map_err(|violations| door.absorb(violations)).ok();
            Some((id?, profile?))
        });
        door.close()?;
        let batch = Update { id: (), expected: None, request, validate_only: message.validate_only, origin };
        let created = self.registry.create_enterprises(&batch, new).await.map_err(status::of)?;
        let (enterprises, token) = self.rendered(&created);
        Ok(render::written(pb::BatchCreateEnterprisesResponse { enterprises }, &token))
    }

    pub(super) async fn batch_update(
        &self,
        request: Request<pb::BatchUpdateEnterprisesRequest>,
    ) -> Result<Response<pb::BatchUpdateEnterprisesResponse>, Status> {
        let origin = origin_of(&request, "BatchUpdateEnterprises");
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, "BatchUpdateEnterprises", &message.request_id, &message);
        let vocabulary = self.registry.vocabulary();
        let mut met = HashSet::new();
        let updates = each_request(&mut door, &message.requests, |door, one| {
            refuse_own(door, &one.request_id, one.validate_only);
            if one.allow_missing {
                door.refuse("allow_missing", "must not be set, a batch changes what exists");
            }
            let mask = Mask::of_enterprise(one.update_mask.as_ref(), door);
            let Some(wanted) = &one.enterprise else {
                door.refuse("enterprise", "must be given");
                return None;
            };
            foresee_enterprise(wanted, &mask, vocabulary, door);
            let id = door.take("enterprise.name", EnterpriseId::parse(&wanted.name));
            let id = id.and_then(|id| once(door, "enterprise.name", id, &mut met))?;
            Some((Target { id, expected: expected_revision(&wanted.etag) }, (wanted, mask)))
        });
        door.close()?;
        let batch = Update { id: (), expected: None, request, validate_only: message.validate_only, origin };
        let (targets, wishes): (Vec<_>, Vec<_>) = updates.into_iter().unzip();
        let updated = self.registry.update_enterprises(&batch, &targets, |index, current| {
            let (wanted, mask) = &wishes[index];
            let merged = merge_enterprise(enterprise_message(current), wanted, mask);
            parse_enterprise(&merged, &format!("requests[{index}].enterprise"), vocabulary)
        });
        let (enterprises, token) = self.rendered(&updated.await.map_err(status::of)?);
        Ok(render::written(pb::BatchUpdateEnterprisesResponse { enterprises }, &token))
    }

    pub(super) async fn batch_delete(
        &self,
        request: Request<pb::BatchDeleteEnterprisesRequest>,
    ) -> Result<Response<pb::BatchDeleteEnterprisesResponse>, Status> {
        let origin = origin_of(&request, "BatchDeleteEnterprises");
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, "BatchDeleteEnterprises", &message.request_id, &message);
        let mut met = HashSet::new();
        let targets = each_request(&mut door, &message.requests, |door, one| {
            refuse_own(door, &one.request_id, false);
            let id = door.take("name", EnterpriseId::parse(&one.name));
            let id = id.and_then(|id| once(door, "name", id, &mut met))?;
            Some(Target { id, expected: expected_revision(&one.etag) })
        });
        door.close()?;
        let batch = Update { id: (), expected: None, request, validate_only: false, origin };
        let deleted = self.registry.delete_enterprises(&batch, &targets).await.map_err(status::of)?;
        let (enterprises, token) = self.rendered(&deleted);
        Ok(render::written(pb::BatchDeleteEnterprisesResponse { enterprises }, &token))
    }

    /// The answer to a batch, and the token of its revision: what did not change has an older one.
    fn rendered(&self, enterprises: &[Enterprise]) -> (Vec<pb::Enterprise>, String) {
        let epoch = self.registry.epoch();
        let newest = enterprises.iter().map(|one| one.revision).max().filter(|revision| *revision != 0);
        let token = newest.map(|revision| render::token(epoch, revision)).unwrap_or_default();
        (enterprises.iter().map(|one| render::enterprise(one, epoch)).collect(), token)
    }
}

/// The id, if no earlier request of the batch is about it.
fn once(door: &mut Door, field: &str, id: EnterpriseId, met: &mut HashSet<EnterpriseId>) -> Option<EnterpriseId> {
    if met.insert(id.clone()) {
        return Some(id);
    }
    door.refuse(field, "is given twice in the batch");
    None
}
