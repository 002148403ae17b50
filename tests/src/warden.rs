//! The harness's side of the warden: a small process that outlives this one by a moment and removes what it leaves.
//!
//! Statics are never dropped and a killed test drops nothing, so no destructor can promise that nothing stays running.
//! The warden reads what it guards from a pipe, and the pipe closes however this process ends.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use crate::programs::program;

/// One thing that must not outlive the process that asked for it. [`Display`](std::fmt::Display) and
/// [`parse`](Ward::parse) are the line that travels to the warden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ward {
    /// A child process: it is killed.
    Process(u32),
    /// A child process that has ended and whose number may be somebody else's soon: it is left alone from now on.
    Ended(u32),
    /// A folder: it is removed with everything in it.
    Folder(String),
    /// A database on a Postgres server: it is dropped, whoever is still connected.
    Database { server: String, name: String },
}

impl std::fmt::Display for Ward {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Process(pid) => write!(formatter, "process\t{pid}"),
            Self::Ended(pid) => write!(formatter, "ended\t{pid}"),
            Self::Folder(path) => write!(formatter, "folder\t{path}"),
            Self::Database { server, name } => write!(formatter, "database\t{server}\t{name}"),
        }
    }
}

impl Ward {
    /// Reads a line back; `None` if it is not one.
    pub fn parse(line: &str) -> Option<Self> {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["process", pid] => Some(Self::Process(pid.parse().ok()?)),
            ["ended", pid] => Some(Self::Ended(pid.parse().ok()?)),
            ["folder", path] => Some(Self::Folder((*path).to_owned())),
            ["database", server, name] => {
                Some(Self::Database { server: (*server).to_owned(), name: (*name).to_owned() })
            }
            _ => None,
        }
    }
}

/// Names a file on which wardens hold a shared lock while they live, so that whoever set it can wait for them.
pub const LOCK_VARIABLE: &str = "CORRIDOR_WARDENS_LOCK";

/// Tells the warden about a ward.
pub fn guard(ward: &Ward) {
    static WARDEN: LazyLock<Mutex<ChildStdin>> = LazyLock::new(|| Mutex::new(start()));
    let mut warden = WARDEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    writeln!(warden, "{ward}").expect("the warden reads until this process ends");
}

/// Makes a fresh folder below the target folder that is gone when this process is.
pub fn guarded_folder(prefix: &str) -> std::path::PathBuf {
    let scratch = crate::programs::scratch();
    fs::create_dir_all(&scratch).expect("the target folder is writable");
    let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(scratch).expect("the target folder is writable");
    guard(&Ward::Folder(text(folder.path())));
    folder.keep()
}

fn text(path: &Path) -> String {
    path.to_str().expect("the project's path is text").to_owned()
}

#[expect(clippy::zombie_processes, reason = "the warden outlives this process, so nobody here can wait for it")]
fn start() -> ChildStdin {
    let warden = Command::new(program("warden"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // A group of its own, so that Ctrl-C ends the tests and not what cleans up after them.
        .process_group(0)
        .spawn()
        .expect("the warden starts");
    warden.stdin.expect("its input was asked for")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ward_reads_back_as_it_was_written() {
        let database = Ward::Database { server: "postgres://localhost/postgres".to_owned(), name: "a_b".to_owned() };
        for ward in [Ward::Process(7), Ward::Ended(7), Ward::Folder("a folder/b".to_owned()), database] {
            assert_eq!(Ward::parse(&ward.to_string()), Some(ward));
        }
        assert_eq!(Ward::parse("process\tno number"), None);
        assert_eq!(Ward::parse("folder"), None);
    }
}
