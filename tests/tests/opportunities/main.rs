//! Opportunities over the wire: reviewed, expired by the database's clock, renewed, written in batches and imported.

mod batches;
mod expiry;
mod imports;
mod requests;
mod reviews;
