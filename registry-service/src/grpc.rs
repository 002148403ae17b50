//! The registry's services over gRPC: an RPC parses, calls and renders.

mod audit;
mod changes;
mod convert;
mod documents;
mod enterprises;
mod import;
mod opportunities;
mod policies;
mod reference;
mod render;
mod status;

pub use audit::Audit;
pub use changes::Changes;
pub use enterprises::Enterprises;
pub use opportunities::Opportunities;
pub use policies::Policies;
pub use reference::References;

/// Page size where the caller names none.
const PAGE_SIZE_DEFAULT: u32 = 50;
/// Largest page; a page is cut earlier where its records are large, see [`service_kit::page::PAGE_BYTES_MAX`].
const PAGE_SIZE_MAX: u32 = 1_000;
