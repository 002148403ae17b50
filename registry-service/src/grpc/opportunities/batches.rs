//! Batches: many opportunities at one revision.

use std::collections::HashSet;

use prost::Message;
use proto::registry::v1 as pb;
use service_kit::Refusal;
use service_kit::door::Door;
use service_kit::page::{PAGE_BYTES_MAX, cut};
use tonic::{Code, Request, Response, Status};

use super::{ANY_PARENT, Opportunities};
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Content;
use crate::grpc::convert::{ReadMask, each_request, origin_of, parse_creation, refuse_own, request_of};
use crate::grpc::{PAGE_SIZE_MAX, render, status};
use crate::registry::{Update, Vocabulary};
use crate::store::WRITE_BYTES_MAX;

impl Opportunities {
    pub(super) async fn batch_get(
        &self,
        request: Request<pb::BatchGetOpportunitiesRequest>,
    ) -> Result<Response<pb::BatchGetOpportunitiesResponse>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let mask = ReadMask::of_opportunity(message.read_mask.as_ref(), &mut door);
        let parent = parent_of_all(&mut door, &message.parent);
        let within = |name: &String| {
            let id = OpportunityId::parse(name)?;
            let is_below = parent.as_ref().is_none_or(|parent| *parent == id.enterprise);
            if is_below { Ok(id) } else { Err(format!("must be below `{}`", message.parent)) }
        };
        let ids = door.unique("names", &message.names, PAGE_SIZE_MAX as usize, within);
        if message.names.is_empty() {
            door.refuse("names", "must not be empty");
        }
        door.close()?;
        let found = self.registry.opportunities(&ids).await.map_err(status::of)?;
        let rendered = found.iter().map(|one| mask.opportunity(render::opportunity(one, self.registry.epoch())));
        let mut opportunities: Vec<_> = rendered.collect();
        // The number is limited already; only the bytes are cut.
        if cut(&mut opportunities, u32::MAX) {
            return Err(too_large(PAGE_BYTES_MAX));
        }
        Ok(Response::new(pb::BatchGetOpportunitiesResponse { opportunities }))
    }

    pub(super) async fn batch_create(
        &self,
        request: Request<pb::BatchCreateOpportunitiesRequest>,
    ) -> Result<Response<pb::BatchCreateOpportunitiesResponse>, Status> {
        let origin = origin_of(&request, "BatchCreateOpportunities");
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, "BatchCreateOpportunities", &message.request_id, &message);
        let contents = parse_creations(&mut door, &message, self.registry.vocabulary());
        door.close()?;
        if message.encoded_len() > WRITE_BYTES_MAX {
            return Err(too_large(WRITE_BYTES_MAX));
        }
        let creation = Update { id: (), expected: None, request, validate_only: message.validate_only, origin };
        let created = self.registry.create_opportunities(&creation, contents).await.map_err(status::of)?;
        let opportunities: Vec<_> = created.iter().map(|one| render::opportunity(one, self.registry.epoch())).collect();
        let token = opportunities.first().map(|first| first.revision_token.clone()).unwrap_or_default();
        Ok(render::written(pb::BatchCreateOpportunitiesResponse { opportunities }, &token))
    }
}

/// What a batch is to create.
fn parse_creations(
    door: &mut Door,
    message: &pb::BatchCreateOpportunitiesRequest,
    vocabulary: &Vocabulary,
) -> Vec<(OpportunityId, Content)> {
    let parent = parent_of_all(door, &message.parent);
    let mut names = HashSet::new();
    each_request(door, &message.requests, |door, request| {
        refuse_own(door, &request.request_id, request.validate_only);
        let parsed = parse_creation(request, vocabulary).map_err(|violations| door.absorb(violations)).ok()?;
        if parent.as_ref().is_some_and(|parent| *parent != parsed.0.enterprise) {
            door.refuse("parent", format!("must be `{}`, as in the batch", message.parent));
            return None;
        }
        if !names.insert(parsed.0.clone()) {
            door.refuse("opportunity_id", "is given twice");
            return None;
        }
        Some(parsed)
    })
}

/// The one parent that everything in a batch must have; `None` if it may have any.
fn parent_of_all(door: &mut Door, parent: &str) -> Option<EnterpriseId> {
    match parent {
        "" | ANY_PARENT => None,
        parent => door.take("parent", EnterpriseId::parse(parent)),
    }
}

fn too_large(maximum: usize) -> Status {
    let text = format!("the batch is larger than {maximum} bytes, divide it");
    let refusal = Refusal::new(Code::ResourceExhausted, pb::ErrorReason::LimitExceeded, text);
    refusal.with("limit", "batch_bytes").with("maximum", maximum).into()
}
