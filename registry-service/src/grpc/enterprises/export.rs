//! `ExportEnterprises`: everything as of one revision.

use std::time::Duration;

use prost::Message;
use proto::registry::v1 as pb;
use service_kit::Refusal;
use service_kit::door::Door;
use service_kit::filter;
use service_kit::stream::{Responses, SendError, Sender, respond};
use tokio::sync::mpsc;
use tonic::{Code, Request, Response, Status};

use super::Enterprises;
use crate::grpc::{render, status};
use crate::store::{Error as StoreError, ExportPart, fields};

/// Exports at a time; each holds a transaction, and snapshots of the feed share the places for these.
pub(super) const EXPORTS_MAX: usize = 2;
/// A client that does not read for so long is cut off.
const PATIENCE: Duration = Duration::from_secs(30);
/// Messages that wait for the client.
const MESSAGES_WAITING: usize = 2;

impl Enterprises {
    pub(super) async fn export(
        &self,
        request: Request<pb::ExportEnterprisesRequest>,
    ) -> Result<Response<Responses<pb::ExportEnterprisesResponse>>, Status> {
        let mut door = Door::default();
        let parsed = filter::parse(&request.get_ref().filter, fields::ENTERPRISES);
        let filter = door.take("filter", parsed.map_err(|problem| problem.to_string()));
        door.close()?;
        let place = self.exports.clone().try_acquire_owned().map_err(|_| status::full("exports", EXPORTS_MAX))?;
        let registry = self.registry.clone();
        Ok(Response::new(respond(MESSAGES_WAITING, |messages| async move {
            let _place = place;
            let (sender, mut parts) = mpsc::channel(1);
            let reader = registry.clone();
            // Ends when the parts are no longer received.
            let reading = tokio::spawn(async move { reader.export(filter.flatten().as_ref(), sender).await });
            while let Some(part) = parts.recv().await {
                send(&messages, part, registry.epoch()).await?;
            }
            let read = reading.await.map_err(|problem| status::of(StoreError::Broken(problem.to_string()).into()))?;
            read.map_err(status::of)
        })))
    }
}

async fn send(
    messages: &Sender<pb::ExportEnterprisesResponse>,
    part: ExportPart,
    epoch: uuid::Uuid,
) -> Result<(), Status> {
    let unreadable =
        |problem: prost::DecodeError| status::of(StoreError::Broken(format!("an enterprise: {problem}")).into());
    let mut enterprises = Vec::with_capacity(part.enterprises.len());
    for data in part.enterprises {
        enterprises.push(pb::Enterprise::decode(data).map_err(unreadable)?);
    }
    let mut packed = render::packed(enterprises);
    if packed.is_empty() {
        // Also an export without enterprises tells its revision.
        packed.push(Vec::new());
    }
    for enterprises in packed {
        let message =
            pb::ExportEnterprisesResponse { enterprises, revision_token: render::token(epoch, part.revision) };
        messages.send_within(message, PATIENCE).await.map_err(|problem| match problem {
            SendError::Closed => service_kit::stream::Closed.into(),
            SendError::Slow => {
                let text = format!("nothing was read for {} seconds", PATIENCE.as_secs());
                Status::from(Refusal::new(Code::Unavailable, pb::ErrorReason::SlowConsumer, text))
            }
        })?;
    }
    Ok(())
}
