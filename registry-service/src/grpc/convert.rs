//! Protobuf to domain: every problem of a message is found before any of it is used.

mod batches;
mod collections;
mod enterprise;
mod mask;
mod opportunity;
mod policy;
mod read_mask;
mod reference;
mod requests;
mod standing;
mod updates;

pub(super) use batches::{each_request, refuse_own};
pub(super) use collections::{Collection, Creation, Revision};
pub(super) use enterprise::parse_enterprise;
pub(super) use mask::{Mask, merge_enterprise, merge_opportunity};
pub(super) use opportunity::{parse_creation, parse_instant, parse_opportunity, parse_review};
pub(super) use read_mask::ReadMask;
pub(super) use requests::{NamedChange, Page, change_of, expected_revision, named_change, origin_of, request_of};
pub(super) use standing::parse_standing;
pub(super) use updates::{foresee_enterprise, foresee_opportunity};
