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
mod opportunities;
mod plans;
mod records;
mod requests;
mod revisions;
mod selections;
mod snapshots;
mod wishes;
mod writing;
