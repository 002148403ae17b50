//! A program under test: started with an environment, awaited until it serves, ended gently or not, its log at hand.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::programs::program;
use crate::warden::{Ward, guard};

/// A service that runs. It is killed when this is dropped, and by the warden if it never is.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
    address: SocketAddr,
}

/// A service that takes longer hangs; it serves within a second otherwise.
const START_MAX: Duration = Duration::from_secs(30);
/// How often a file or a process is looked at.
const POLL: Duration = Duration::from_millis(5);

impl Process {
    /// Starts `name serve` with the variables `environment` and waits until it serves. Its log and address go into
    /// `folder`.
    ///
    /// # Panics
    ///
    /// If it ends or does not serve within 30 seconds, with its log.
    pub fn serve(name: &'static str, environment: &[(&str, String)], folder: &Path) -> Self {
        let address_file = folder.join(format!("{name}.address"));
        let log = folder.join(format!("{name}.log"));
        _ = fs::remove_file(&address_file);
        let output = File::options().create(true).append(true).open(&log).expect("the folder is writable");
        let prefix = if name == "registry-service" { "REGISTRY" } else { "MATCHER" };
        let mut child = command(name)
            .arg("serve")
            .envs(environment.iter().map(|(key, value)| (key, value)))
            .env(format!("{prefix}__SERVER__ADDRESS_FILE"), &address_file)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a file can be shared"))
            .stderr(output)
            .spawn()
            .expect("the service starts");
        guard(&Ward::Process(child.id()));

        let started = Instant::now();
        let address = loop {
            // The file appears whole, by a rename.
            if let Ok(text) = fs::read_to_string(&address_file)
                && is_serving(name, text.trim())
            {
                break text.trim().parse().expect("the address file holds an address");
            }
            if let Some(status) = child.try_wait().expect("a child can be awaited") {
                guard(&Ward::Ended(child.id()));
                panic!("{name} ended with {status} before it served:\n{}", read(&log));
            }
            assert!(started.elapsed() < START_MAX, "{name} does not serve:\n{}", read(&log));
            thread::sleep(POLL);
        };
        Self { name, child, log, address }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory in KiB.
    ///
    /// # Panics
    ///
    /// If the system has no `/proc` that tells.
    pub fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the system has a /proc");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
        kib.expect("the process runs, so memory of it is resident")
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// Prints the end of its log, for whoever reads why a test failed.
    pub fn tell_log(&self) {
        eprintln!("--- log of {} ---\n{}", self.name, tail(&self.log()));
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(mut self) {
        self.end_now();
    }

    /// Asks it to end and waits.
    ///
    /// # Panics
    ///
    /// If it has not ended `within` that time, with its log.
    pub fn terminate(mut self, within: Duration) -> ExitStatus {
        signal(self.pid(), "TERM");
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be awaited") {
                guard(&Ward::Ended(self.pid()));
                return status;
            }
            assert!(asked.elapsed() < within, "{} did not end within {within:?}", self.name);
            thread::sleep(POLL);
        }
    }

    fn end_now(&mut self) {
        // Both fail only if it has ended and was awaited already.
        _ = self.child.kill();
        _ = self.child.wait();
        guard(&Ward::Ended(self.child.id()));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if thread::panicking() {
            self.tell_log();
        }
        self.end_now();
    }
}

/// Whether the service says so. It listens before it has all that it needs to answer.
fn is_serving(name: &str, address: &str) -> bool {
    run(name, &["health", "--address", &format!("http://{address}")]).status.success()
}

/// Runs a program of the workspace to its end, and answers with what it printed.
pub fn run(name: &str, arguments: &[&str]) -> Output {
    command(name).args(arguments).stdin(Stdio::null()).output().expect("the program starts")
}

/// Sends a signal to a process of ours.
pub fn signal(pid: u32, name: &str) {
    // The shell's own `kill`, since a small machine has no other.
    let script = r#"kill -s "$1" "$2" 2>/dev/null"#;
    _ = Command::new("sh").args(["-c", script, "kill", name, &pid.to_string()]).status();
}

/// A program of the workspace in a group of its own, with none of the caller's settings for the services.
fn command(name: &str) -> Command {
    let mut command = Command::new(program(name));
    for (key, _) in std::env::vars_os() {
        if key
            .to_str()
            .is_some_and(|key| ["REGISTRY_", "MATCHER_", "CORRIDOR_"].iter().any(|ours| key.starts_with(ours)))
        {
            command.env_remove(key);
        }
    }
    command.process_group(0);
    command
}

fn read(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_else(|error| format!("no log: {error}"))
}

/// The last 40 lines: enough to see why, short enough to read.
pub fn tail(log: &str) -> String {
    let lines = log.lines().collect::<Vec<_>>();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
