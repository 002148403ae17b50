//! The registry service: remembers enterprises and what they offer and ask for, and streams every change.
//!
//! Modules import to the right only: `server`, `grpc`, `registry`, `store`, `domain`.

pub mod domain;
pub mod export;
pub mod grpc;
pub mod import;
pub mod registry;
pub mod server;
pub mod store;
