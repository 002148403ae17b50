//! The storage conformance suite: what the registry's `Store` promises, claim by claim, on both engines.

mod batches;
mod closing;
mod database;
mod expectations;
mod feed;
mod fields;
mod filters;
mod identifiers;
mod judging;
mod limits;
mod lists;
mod lookalikes;
mod opportunities;
mod records;
mod requests;
mod revisions;
mod snapshots;
mod writing;
