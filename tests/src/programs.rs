//! Finds the programs under test, and builds them first, so that no test ever runs yesterday's service.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Path of a program of this workspace, of the same build profile as the caller.
///
/// # Panics
///
/// If the workspace does not build, or the program is not in it.
pub fn program(name: &str) -> PathBuf {
    let folder = folder();
    let path = folder.join(name);
    assert!(path.is_file(), "`{}` is not there: run `cargo build --workspace --all-targets`", path.display());
    path
}

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate sits in the project's folder")
}

/// Folder for what tests write; inside the target folder, so it is never left in the project.
pub fn scratch() -> PathBuf {
    folder().parent().expect("profiles sit in the target folder").join("tmp")
}

/// `target/<profile>`, built.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let executable = env::current_exe().expect("a running program has a path");
        let folder = executable.parent().expect("a program sits in a folder");
        if !folder.ends_with("deps") {
            // A program of the harness itself, like `quality`: make built it together with the services.
            return Ok(folder.to_owned());
        }
        let folder = folder.parent().expect("`deps` sits in the profile's folder");
        build(folder).map(|()| folder.to_owned())
    });
    folder.as_ref().unwrap_or_else(|said| panic!("the workspace does not build, so there is nothing to test:\n{said}"))
}

/// Builds the workspace into the target folder that `profile` belongs to; a moment if nothing changed.
fn build(profile: &Path) -> Result<(), String> {
    let target = profile.parent().expect("profiles sit in the target folder");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // With a test target among them, the dependencies have the features that `make test` builds them with; programs
    // alone would have others, and everything would be built twice.
    let targets = ["--bins", "--test", "tidy"];
    cargo.args(["build", "--quiet", "--offline", "--workspace"]).args(targets).arg("--target-dir").arg(target);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    // What the outer cargo sets for this test would look like changed settings to the inner one.
    for (key, _) in env::vars_os() {
        let Some(key) = key.to_str() else { continue };
        let of_cargo = key.starts_with("CARGO") && key != "CARGO_HOME" && key != "CARGO_TARGET_DIR";
        if of_cargo || key.starts_with("NEXTEST") || key == "LD_LIBRARY_PATH" {
            cargo.env_remove(key);
        }
    }
    let output = cargo.current_dir(project()).output().expect("cargo starts");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
