//! The storage conformance suite: what the registry's `Store` promises, claim by claim, on both engines.

mod batches;
mod closing;
mod database;
mod document_versions;
mod documents;
mod expectations;
mod expiry;
mod exports;
mod feed;
mod fields;
mod filters;
mod identifiers;
mod judging;
mod limits;
mod lists;
mod lookalikes;
mod model;
mod moves;
mod opportunities;
mod records;
mod requests;
mod retention;
mod revisions;
mod snapshots;
mod versions;
mod writing;
