//! What many requests have in common: pages, etags, request ids.

use prost::Message;
use proto::registry::v1 as pb;
use service_kit::Identity;
use service_kit::door::Door;
use service_kit::filter::{self, Expr, Field};
use service_kit::order_by::{self, OrderBy};
use service_kit::page::{self, Digest, PageToken};
use sha2::Digest as _;
use tonic::{Request as Received, Status};
use uuid::Uuid;

use crate::grpc::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, render};
use crate::registry::Update;
use crate::store::{Mark, OrderValue, Origin, Request, fields};

/// The paging arguments of a list.
pub(in crate::grpc) struct Page {
    /// Most entries of this page.
    pub(in crate::grpc) size: u32,
    /// Key after which it begins.
    pub(in crate::grpc) after: Option<String>,
    /// What must hold of the entries.
    pub(in crate::grpc) filter: Option<Expr>,
    /// What they are ordered by.
    pub(in crate::grpc) order: OrderBy,
    digest: Digest,
}

impl Page {
    /// Parses the paging arguments of `method`; `other_arguments` must not change from page to page either.
    pub(in crate::grpc) fn parse(
        door: &mut Door,
        method: &str,
        (page_size, page_token): (i32, &str),
        (filter, fields): (&str, &'static [Field]),
        other_arguments: &str,
    ) -> Self {
        let size = door.take("page_size", page::size(page_size, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX));
        let digest = page::digest(&[method.as_bytes(), filter.as_bytes(), other_arguments.as_bytes()]);
        let after = match page_token {
            "" => None,
            token => {
                let key = PageToken::decode(token, digest).map_err(|problem| problem.to_string());
                door.take("page_token", key)
            }
        };
        let filter = door.take("filter", filter::parse(filter, fields).map_err(|problem| problem.to_string()));
        let size = size.unwrap_or(PAGE_SIZE_DEFAULT);
        Self { size, after, filter: filter.flatten(), order: fields::BY_NAME, digest }
    }

    /// The same for a list that is offered in several orders.
    pub(in crate::grpc) fn ordered(
        door: &mut Door,
        method: &str,
        page: (i32, &str),
        filter: (&str, &'static [Field]),
        (order_by, orders): (&str, &[&'static str]),
        other_arguments: &str,
    ) -> Self {
        let arguments = format!("{order_by}\n{other_arguments}");
        let page = Self::parse(door, method, page, filter, &arguments);
        let order = door.take("order_by", order_by::parse(order_by, orders));
        Self { order: order.unwrap_or(fields::BY_NAME), ..page }
    }

    /// Where the page begins, if it is not the first: the place that [`Page::token_at`] wrote down.
    pub(in crate::grpc) fn mark<Id>(&self, door: &mut Door, parse: fn(&str) -> Result<Id, String>) -> Option<Mark<Id>> {
        let key = self.after.as_deref()?;
        let (id, value) = key.split_once('\n').map_or((key, None), |(id, value)| (id, Some(value)));
        let id = door.take("page_token", parse(id))?;
        let number = |digits: &str| digits.parse().map(OrderValue::Number).ok();
        let value = match value.map(|value| value.split_at_checked(1)) {
            None => Some(OrderValue::Id),
            Some(Some(("t", text))) => Some(OrderValue::Text(text.to_owned())),
            Some(Some(("n", digits))) => number(digits),
            Some(Some(("a", ""))) => Some(OrderValue::Absent),
            Some(_) => None,
        };
        let value = door.take("page_token", value.ok_or(page::Error::Malformed))?;
        Some(Mark { value, id })
    }

    /// The token of the page after that place.
    pub(in crate::grpc) fn token_at<Id: ToString>(&self, mark: &Mark<Id>) -> String {
        let id = mark.id.to_string();
        self.token(&match &mark.value {
            OrderValue::Id => id,
            OrderValue::Text(text) => format!("{id}\nt{text}"),
            OrderValue::Number(number) => format!("{id}\nn{number}"),
            OrderValue::Absent => format!("{id}\na"),
        })
    }

    /// The revision before which it begins, where revisions are the keys.
    pub(in crate::grpc) fn before(&self, door: &mut Door) -> Option<i64> {
        let parsed = self.after.as_ref().map(|key| key.parse().map_err(|_| "is not a page token".to_owned()));
        parsed.and_then(|parsed: Result<i64, String>| door.take("page_token", parsed))
    }

    /// One more than the page has, to see whether there is another.
    pub(in crate::grpc) fn limit(&self) -> u32 {
        self.size + 1
    }

    /// The token of the page after the entry with that key.
    pub(in crate::grpc) fn token(&self, key: &str) -> String {
        PageToken::new(self.digest, key).encode()
    }
}

/// The revision that an etag stands for; an etag that was never given out is stale, like one that is old.
pub(in crate::grpc) fn expected_revision(etag: &str) -> Option<i64> {
    const NEVER: i64 = -1;
    if etag.is_empty() {
        return None;
    }
    let revision = etag.strip_prefix('r').and_then(|digits| digits.parse().ok());
    Some(revision.filter(|revision| render::etag(*revision) == etag).unwrap_or(NEVER))
}

/// Who wants what a request asks for.
pub(in crate::grpc) fn origin_of<M>(request: &Received<M>, method: &'static str) -> Origin {
    Origin { actor: Identity::of(request).name(), method, reason: String::new() }
}

/// The identity of a request that may be repeated: its id, and a digest of what it asks for.
pub(in crate::grpc) fn request_of(door: &mut Door, method: &str, id: &str, message: &impl Message) -> Option<Request> {
    if id.is_empty() {
        return None;
    }
    let uuid =
        Uuid::parse_str(id).map_err(|_| "must be a UUID, like `0198c5b2-7b6e-7e3a-9d53-7a52a4c1d9f0`".to_owned());
    let id = door.take("request_id", uuid)?;
    if id.is_nil() {
        // Clients that forget to draw one would all share it.
        door.refuse("request_id", "must not be the nil UUID");
        return None;
    }
    let mut hasher = sha2::Sha256::new();
    hasher.update(method);
    hasher.update([0]);
    hasher.update(message.encode_to_vec());
    Some(Request { id, digest: hasher.finalize().into() })
}

/// A request that names a resource, the version it was read in, and itself.
pub(in crate::grpc) trait NamedChange: Message {
    /// Name of the method, which tells requests of the same shape apart.
    const METHOD: &'static str;
    /// Resource name.
    fn name(&self) -> &str;
    /// Version; may be empty.
    fn etag(&self) -> &str;
    /// Identity of the request; may be empty.
    fn request_id(&self) -> &str;
}

macro_rules! named_changes {
    ($($message:ident => $method:literal,)+) => {
        $(impl NamedChange for pb::$message {
            const METHOD: &'static str = $method;

            fn name(&self) -> &str {
                &self.name
            }

            fn etag(&self) -> &str {
                &self.etag
            }

            fn request_id(&self) -> &str {
                &self.request_id
            }
        })+
    };
}

named_changes! {
    DeleteEnterpriseRequest => "DeleteEnterprise",
    UndeleteEnterpriseRequest => "UndeleteEnterprise",
    SubmitEnterpriseRequest => "SubmitEnterprise",
    ActivateEnterpriseRequest => "ActivateEnterprise",
    SuspendEnterpriseRequest => "SuspendEnterprise",
    ReinstateEnterpriseRequest => "ReinstateEnterprise",
    VerifyEnterpriseRequest => "VerifyEnterprise",
    TransferEnterpriseRequest => "TransferEnterprise",
    MergeEnterprisesRequest => "MergeEnterprises",
    UnmergeEnterpriseRequest => "UnmergeEnterprise",
    RollbackEnterpriseRequest => "RollbackEnterprise",
    DeleteOpportunityRequest => "DeleteOpportunity",
    SubmitOpportunityRequest => "SubmitOpportunity",
    ReviewOpportunityRequest => "ReviewOpportunity",
    RenewOpportunityRequest => "RenewOpportunity",
    CloseOpportunityRequest => "CloseOpportunity",
    DeleteIndustryRequest => "DeleteIndustry",
    DeleteRegionGroupRequest => "DeleteRegionGroup",
    DeleteZoneRequest => "DeleteZone",
    DeleteOfficeRequest => "DeleteOffice",
    DeletePolicyRequest => "DeletePolicy",
}

/// What such a request is to change.
pub(in crate::grpc) fn change_of<M: NamedChange, Id>(
    request: &Received<M>,
    parse: fn(&str) -> Result<Id, String>,
) -> Result<Update<Id>, Status> {
    let mut door = Door::default();
    let change = named_change(&mut door, request, parse);
    let Some(change) = change else { return Err(door.refused()) };
    door.close()?;
    Ok(change)
}

/// The same for a request that says more: what is wrong with it goes to the door.
pub(in crate::grpc) fn named_change<M: NamedChange, Id>(
    door: &mut Door,
    request: &Received<M>,
    parse: fn(&str) -> Result<Id, String>,
) -> Option<Update<Id>> {
    let message = request.get_ref();
    let identity = request_of(door, M::METHOD, message.request_id(), message);
    let id = door.take("name", parse(message.name()))?;
    let (expected, origin) = (expected_revision(message.etag()), origin_of(request, M::METHOD));
    Some(Update { id, expected, request: identity, validate_only: false, origin })
}
