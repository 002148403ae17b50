//! The harness of the end-to-end tests: both real programs, real databases, real clients, and nothing left behind.

pub mod bench;
pub mod clients;
pub mod grpcurl;
pub mod import;
pub mod made_up;
pub mod postgres;
pub mod process;
pub mod programs;
pub mod raw;
pub mod research;
pub mod services;
pub mod shared;
pub mod sources;
pub mod tokens;
pub mod tour;
pub mod untouched;
pub mod warden;
pub mod watch;
