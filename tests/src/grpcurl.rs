//! The real grpcurl, as a platform engineer uses it: through server reflection, without our .proto files.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::programs::project;

/// Path of grpcurl: `GRPCURL` if set, else the pinned one.
///
/// # Panics
///
/// If it is not installed.
pub fn path() -> PathBuf {
    let path = env::var_os("GRPCURL").map_or_else(|| project().join(".tools/bin/grpcurl"), PathBuf::from);
    assert!(path.is_file(), "no grpcurl at `{}`: run `tests/tools/install.sh grpcurl`", path.display());
    path
}

/// Runs `grpcurl -plaintext ARGUMENTS` and answers with what it printed and how it ended.
pub fn run(arguments: &[&str]) -> Output {
    Command::new(path()).arg("-plaintext").args(arguments).stdin(Stdio::null()).output().expect("grpcurl starts")
}

/// What it printed to standard output.
///
/// # Panics
///
/// If it failed, with what it said.
pub fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "grpcurl {arguments:?} ended with {}:\n{said}", output.status);
    String::from_utf8(output.stdout).expect("grpcurl prints UTF-8")
}

/// What it said when the call was refused.
///
/// # Panics
///
/// If the call was not refused.
pub fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "grpcurl {arguments:?} was not refused");
    String::from_utf8(output.stderr).expect("grpcurl prints UTF-8")
}
