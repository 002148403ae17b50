//! The two services as tests hold them: on either engine, to be killed, stopped and started again where they were.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use crate::postgres::Database;
use crate::process::{Process, run, tail};
use crate::programs::project;
use crate::warden::guarded_folder;

/// A registry and a matcher that follows it.
#[derive(Debug)]
pub struct Pair {
    pub registry: Registry,
    pub matcher: Matcher,
}

impl Pair {
    /// Starts both on an empty database.
    pub fn start(engine: Engine) -> Self {
        let registry = Registry::start(engine);
        let matcher = Matcher::start(&registry.url());
        Self { registry, matcher }
    }

    /// Starts both with the samples of the project, as `make up` does.
    pub fn start_with_samples(engine: Engine) -> Self {
        let registry = Registry::start(engine);
        registry.import_samples();
        let matcher = Matcher::start(&registry.url());
        Self { registry, matcher }
    }
}

/// Where the registry keeps its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "Postgres",
        }
    }
}

/// How long a service may take to end after SIGTERM; it promises ten seconds.
pub const DRAIN_MAX: Duration = Duration::from_secs(10);

/// A registry on a database of its own.
#[derive(Debug)]
pub struct Registry {
    folder: PathBuf,
    database_url: String,
    process: Option<Process>,
    listen: String,
    /// Settings besides.
    environment: Vec<(&'static str, String)>,
}

impl Registry {
    /// Starts it on a fresh database.
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, Vec::new())
    }

    /// Starts it on a fresh database, with settings of its own.
    pub fn start_with(engine: Engine, environment: Vec<(&'static str, String)>) -> Self {
        let mut registry = Self { environment, ..Self::prepare(engine) };
        registry.start_again();
        // From now on the same port, so that its clients find it again.
        registry.listen = registry.process().address().to_string();
        registry
    }

    /// Starts another one on the same database.
    pub fn start_beside(&self) -> Self {
        let (folder, database_url) = (guarded_folder("registry-"), self.database_url.clone());
        let (listen, environment) = ("127.0.0.1:0".to_owned(), self.environment.clone());
        let mut registry = Self { folder, database_url, process: None, listen, environment };
        registry.start_again();
        registry.listen = registry.process().address().to_string();
        registry
    }

    /// Makes a fresh database for it and does not start it yet.
    pub fn prepare(engine: Engine) -> Self {
        let folder = guarded_folder("registry-");
        let database_url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.join("corridor.db").display()),
            Engine::Postgres => Database::fresh().url().to_owned(),
        };
        Self { folder, database_url, process: None, listen: "127.0.0.1:0".to_owned(), environment: Vec::new() }
    }

    /// Starts it again on the same database and port.
    pub fn start_again(&mut self) {
        let mut environment = self.environment.clone();
        environment.push(("REGISTRY__SERVER__LISTEN", self.listen.clone()));
        environment.push(("REGISTRY__DATABASE__URL", self.database_url.clone()));
        self.process = Some(Process::serve("registry-service", &environment, &self.folder));
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.process.take().expect("the registry runs").kill();
    }

    /// Asks it to end, and waits.
    ///
    /// # Panics
    ///
    /// If it takes longer than it promises.
    pub fn terminate(&mut self) -> ExitStatus {
        self.process.take().expect("the registry runs").terminate(DRAIN_MAX)
    }

    /// Where it keeps everything.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// `127.0.0.1:port`.
    pub fn address(&self) -> &str {
        &self.listen
    }

    /// The running process.
    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("the registry runs")
    }

    /// Imports every sample file through the command line, enterprises first.
    ///
    /// # Panics
    ///
    /// If a row is refused.
    pub fn import_samples(&self) {
        for file in sample_files() {
            self.import(&file);
        }
    }

    /// Imports one file through the command line and answers with what it printed.
    ///
    /// # Panics
    ///
    /// If a row is refused.
    pub fn import(&self, file: &Path) -> String {
        let file = file.to_str().expect("sample files have plain names");
        let output = run("registry-service", &["import", file, "--address", &self.url()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "importing {file} ended with {}:\n{}", output.status, tail(&said));
        String::from_utf8(output.stdout).expect("the command prints UTF-8")
    }
}

/// The sample files in the order in which they are imported.
///
/// # Panics
///
/// If there are none.
pub fn sample_files() -> Vec<PathBuf> {
    let samples = project().join("samples");
    let entries = std::fs::read_dir(&samples).expect("the project has samples");
    let mut files = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect::<Vec<_>>();
    // `enterprises…` before `opportunities…`.
    files.sort();
    assert!(!files.is_empty(), "no samples in {}", samples.display());
    files
}

/// A matcher that follows one registry.
#[derive(Debug)]
pub struct Matcher {
    folder: PathBuf,
    registry_url: String,
    process: Option<Process>,
    listen: String,
    /// Settings besides.
    environment: Vec<(&'static str, String)>,
}

impl Matcher {
    /// Starts it and waits until it has the registry's snapshot.
    pub fn start(registry_url: &str) -> Self {
        Self::start_with(registry_url, Vec::new())
    }

    /// Starts it with settings of its own.
    pub fn start_with(registry_url: &str, environment: Vec<(&'static str, String)>) -> Self {
        let folder = guarded_folder("matcher-");
        let (registry_url, listen) = (registry_url.to_owned(), "127.0.0.1:0".to_owned());
        let mut matcher = Self { folder, registry_url, process: None, listen, environment };
        matcher.start_again();
        matcher.listen = matcher.process().address().to_string();
        matcher
    }

    /// Starts it with a copy on disk, which `write` writes to a path.
    pub fn start_with_copy(registry_url: &str, write: impl FnOnce(&Path)) -> Self {
        let folder = guarded_folder("matcher-");
        write(&folder.join("index"));
        let (registry_url, listen) = (registry_url.to_owned(), "127.0.0.1:0".to_owned());
        let mut matcher = Self { folder, registry_url, process: None, listen, environment: Vec::new() };
        matcher.start_again();
        matcher.listen = matcher.process().address().to_string();
        matcher
    }

    /// Starts it again on the same port.
    pub fn start_again(&mut self) {
        let mut environment = self.environment.clone();
        environment.push(("MATCHER__SERVER__LISTEN", self.listen.clone()));
        environment.push(("MATCHER__REGISTRY__ADDRESS", self.registry_url.clone()));
        environment.push(("MATCHER__INDEX__PATH", self.folder.join("index").display().to_string()));
        self.process = Some(Process::serve("matcher-service", &environment, &self.folder));
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.process.take().expect("the matcher runs").kill();
    }

    /// Asks it to end, and waits.
    ///
    /// # Panics
    ///
    /// If it takes longer than it promises.
    pub fn terminate(&mut self) -> ExitStatus {
        self.process.take().expect("the matcher runs").terminate(DRAIN_MAX)
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// `127.0.0.1:port`.
    pub fn address(&self) -> &str {
        &self.listen
    }

    /// The running process.
    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("the matcher runs")
    }
}
