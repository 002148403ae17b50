//! Many enterprises read at once: lists, page by page, and batches of names.

use proto::registry::v1 as pb;
use service_kit::Refusal;
use service_kit::door::Door;
use service_kit::page::{PAGE_BYTES_MAX, cut};
use tonic::{Code, Response, Status};

use super::Enterprises;
use crate::domain::ids::EnterpriseId;
use crate::grpc::convert::{Page, ReadMask};
use crate::grpc::{render, status};
use crate::store::{Listing, fields};

/// Most names of one batch.
const BATCH_MAX: usize = 1_000;
/// A batch has a limit of its own on entries; only its bytes are cut.
const PAGE_SIZE_UNBOUNDED: u32 = u32::MAX;

impl Enterprises {
    pub(super) async fn list(
        &self,
        message: &pb::ListEnterprisesRequest,
    ) -> Result<Response<pb::ListEnterprisesResponse>, Status> {
        let mut door = Door::default();
        let page = Page::ordered(
            &mut door,
            "ListEnterprises",
            (message.page_size, &message.page_token),
            (&message.filter, fields::ENTERPRISES),
            (&message.order_by, fields::ENTERPRISE_ORDERS),
            if message.show_deleted { "deleted" } else { "" },
        );
        let mask = ReadMask::of_enterprise(message.read_mask.as_ref(), &mut door);
        let after = page.mark(&mut door, EnterpriseId::parse);
        door.close()?;
        let (filter, order, limit) = (page.filter.clone(), page.order, page.limit());
        let listing = Listing { filter, order, after, limit, show_deleted: message.show_deleted };
        let found = self.registry.list_enterprises(&listing).await.map_err(status::of)?;
        let rendered = found.iter().map(|one| mask.enterprise(render::enterprise(one, self.registry.epoch())));
        let mut enterprises: Vec<_> = rendered.collect();
        let more = cut(&mut enterprises, page.size);
        let last = enterprises.len().checked_sub(1).map(|last| fields::enterprise_mark(&found[last], page.order));
        let next_page_token = last.filter(|_| more).map(|last| page.token_at(&last)).unwrap_or_default();
        Ok(Response::new(pb::ListEnterprisesResponse { enterprises, next_page_token }))
    }

    pub(super) async fn batch_get(
        &self,
        message: &pb::BatchGetEnterprisesRequest,
    ) -> Result<Response<pb::BatchGetEnterprisesResponse>, Status> {
        let mut door = Door::default();
        let ids = door.unique("names", &message.names, BATCH_MAX, |name| EnterpriseId::parse(name));
        if message.names.is_empty() {
            door.refuse("names", "must not be empty");
        }
        let mask = ReadMask::of_enterprise(message.read_mask.as_ref(), &mut door);
        door.close()?;
        let found = self.registry.enterprises(&ids).await.map_err(status::of)?;
        let rendered = found.iter().map(|one| mask.enterprise(render::enterprise(one, self.registry.epoch())));
        let mut enterprises: Vec<_> = rendered.collect();
        if cut(&mut enterprises, PAGE_SIZE_UNBOUNDED) {
            let text = format!("the batch is larger than {} bytes, ask for fewer", PAGE_BYTES_MAX);
            let refusal = Refusal::new(Code::ResourceExhausted, pb::ErrorReason::LimitExceeded, text);
            return Err(refusal.with("limit", "batch_bytes").with("maximum", PAGE_BYTES_MAX).into());
        }
        Ok(Response::new(pb::BatchGetEnterprisesResponse { enterprises }))
    }
}
