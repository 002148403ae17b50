//! The office responsible for an enterprise.

use proto::registry::v1 as pb;
use service_kit::door::Door;
use tonic::{Request, Response, Status};

use super::Enterprises;
use crate::domain::ids::{EnterpriseId, OfficeId};
use crate::grpc::convert::named_change;
use crate::grpc::status;

/// A reason is a sentence or two for the audit log.
const REASON_CHARS_MAX: usize = 500;

impl Enterprises {
    pub(super) async fn transfer(
        &self,
        request: Request<pb::TransferEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let mut door = Door::default();
        let update = named_change(&mut door, &request, EnterpriseId::parse);
        let message = request.into_inner();
        let office = match message.office.as_str() {
            "" => None,
            name => door.take("office", OfficeId::parse(name)),
        };
        door.required_text("reason", &message.reason, REASON_CHARS_MAX);
        let Some(mut update) = update else { return Err(door.refused()) };
        door.close()?;
        update.origin.reason = message.reason;
        let transferred = self.registry.transfer_enterprise(&update, office.as_ref()).await.map_err(status::of)?;
        Ok(self.written(&transferred))
    }
}
