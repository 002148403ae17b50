//! Starts matcher-service.

use std::process::ExitCode;

fn main() -> ExitCode {
    matcher_service::run()
}
