//! Layered configuration: embedded defaults, then a file, then the environment; a key that nobody reads refuses to
//! start.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat};
use serde::de::DeserializeOwned;

use crate::violations::{Violation, Violations};

mod identity;
mod sections;

pub use identity::Identity;
pub use sections::{LogFormat, Server, Telemetry};

/// Why the settings cannot be used. The message names the key, and its environment variable if that is where it is set.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A layer cannot be read: the file is missing, or it is not TOML.
    #[error("the settings cannot be read: {0}")]
    Unreadable(#[source] ConfigError),
    /// A key is unknown, missing or of the wrong type.
    #[error("setting `{key}`{}: {problem}", VariableNote(variable))]
    Key {
        /// Full path, like `server.max_connections`.
        key: String,
        /// The environment variable that sets it, if one does.
        variable: Option<String>,
        /// What is wrong with it.
        problem: String,
    },
    /// Values that can be read but not used, all of them at once, by path.
    #[error("the settings are wrong: {}", Listed(.0))]
    Rules(Vec<Violation>),
}

/// Separates levels: `REGISTRY__SERVER__LISTEN` is `server.listen`. Keys have single underscores of their own.
const SEPARATOR: &str = "__";

/// Reads `T` from the TOML text `defaults`, overridden by the TOML file `file`, overridden by those variables of
/// `environment` that begin with `prefix` and two underscores.
///
/// `T` and its sections must be `#[serde(deny_unknown_fields)]`; then a mistyped key refuses to start and is named.
/// Call `validate` of the sections afterwards and turn what it found into [`Error::Rules`].
///
/// # Errors
/// [`Error::Unreadable`] and [`Error::Key`].
pub fn load<T: DeserializeOwned>(
    prefix: &str,
    defaults: &str,
    file: Option<&Path>,
    environment: HashMap<String, String>,
) -> Result<T, Error> {
    let variables: HashMap<String, String> =
        environment.keys().filter_map(|name| Some((key_of(name, prefix)?, name.clone()))).collect();
    // `try_parsing` stays off: it turns the text `007` into `7`. Numbers are read from text where `T` wants a number.
    let environment = Environment::with_prefix(prefix)
        .prefix_separator(SEPARATOR)
        .separator(SEPARATOR)
        .source(Some(environment.into_iter().collect()));
    let mut layers = Config::builder().add_source(File::from_str(defaults, FileFormat::Toml));
    if let Some(path) = file {
        layers = layers.add_source(File::from(PathBuf::from(path)).format(FileFormat::Toml).required(true));
    }
    let layers = layers.add_source(environment).build().map_err(Error::Unreadable)?;

    serde_path_to_error::deserialize(layers).map_err(|error| {
        let key = error.path().to_string();
        let variable = variables.get(&key).cloned();
        Error::Key { key, variable, problem: problem_of(error.into_inner()) }
    })
}

/// The variables of the process's environment whose names are text. A value that is not text has marks in it, so that it is
/// refused where it is used rather than replaced by a default.
pub fn environment() -> HashMap<String, String> {
    let readable =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned()));
    env::vars_os().filter_map(readable).collect()
}

/// The key that the environment variable `name` sets, if it is one of ours.
fn key_of(name: &str, prefix: &str) -> Option<String> {
    let name = name.to_lowercase();
    let rest = name.strip_prefix(&prefix.to_lowercase())?.strip_prefix(SEPARATOR)?;
    Some(rest.replace(SEPARATOR, "."))
}

/// Without the key and origin that `config` adds: the path says it better.
fn problem_of(error: ConfigError) -> String {
    match error {
        ConfigError::At { error, .. } => problem_of(*error),
        ConfigError::Type { unexpected, expected, .. } => format!("expected {expected}, found {unexpected}"),
        other => other.to_string(),
    }
}

impl From<Violations> for Error {
    fn from(violations: Violations) -> Self {
        Self::Rules(violations.into_vec())
    }
}

struct VariableNote<'a>(&'a Option<String>);

impl fmt::Display for VariableNote<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |variable| write!(formatter, " (set by {variable})"))
    }
}

struct Listed<'a>(&'a [Violation]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}`{}` {}", violation.field, violation.description)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        server: Server,
        store: Store,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Store {
        url: String,
        pool_size: u32,
    }

    const DEFAULTS: &str = "[server]\nlisten = '127.0.0.1:1'\n[store]\nurl = 'default'\npool_size = 1\n";

    fn loaded(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Settings, Error> {
        let mut written = tempfile::NamedTempFile::new().unwrap();
        written.write_all(file.unwrap_or_default().as_bytes()).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load("REGISTRY", DEFAULTS, file.map(|_| written.path()), environment)
    }

    fn refused(file: Option<&str>, environment: &[(&str, &str)]) -> String {
        loaded(file, environment).unwrap_err().to_string()
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let file = Some("[store]\nurl = 'file'\npool_size = 2\n");
        let settings = loaded(file, &[("REGISTRY__STORE__POOL_SIZE", "3"), ("REGISTRY__SERVER__LISTEN", "[::1]:5")]);
        let settings = settings.unwrap();
        assert_eq!((settings.store.url.as_str(), settings.store.pool_size), ("file", 3));
        assert_eq!(settings.server.listen.to_string(), "[::1]:5");
    }

    #[test]
    fn text_that_looks_like_a_number_stays_text() {
        assert_eq!(loaded(None, &[("REGISTRY__STORE__URL", "007")]).unwrap().store.url, "007");
        assert_eq!(loaded(None, &[("REGISTRY__STORE__URL", "1e5")]).unwrap().store.url, "1e5");
    }

    #[test]
    fn unknown_keys_of_the_file_are_refused_by_full_path() {
        let message = refused(Some("[server]\nmax_conections = 5\n"), &[]);
        assert!(message.starts_with("setting `server.max_conections`: unknown field"), "{message}");
    }

    #[test]
    fn unknown_variables_are_refused_by_path_and_name() {
        let message = refused(None, &[("REGISTRY__STORE__POOLSIZE", "3")]);
        assert!(
            message.starts_with("setting `store.poolsize` (set by REGISTRY__STORE__POOLSIZE): unknown"),
            "{message}"
        );
        let message = refused(None, &[("REGISTRY__STOER__URL", "x")]);
        assert!(message.contains("stoer"), "{message}");
        let message = refused(None, &[("REGISTRY__URL", "x")]);
        assert!(message.starts_with("setting `url` (set by REGISTRY__URL)"), "{message}");
    }

    #[test]
    fn values_of_the_wrong_type_are_refused_by_path() {
        let message = refused(None, &[("REGISTRY__STORE__POOL_SIZE", "many")]);
        assert!(message.starts_with("setting `store.pool_size` (set by REGISTRY__STORE__POOL_SIZE): "), "{message}");
        let message = refused(None, &[("REGISTRY__SERVER__LISTEN", "everywhere")]);
        assert!(message.contains("`server.listen`"), "{message}");
    }

    #[test]
    fn foreign_variables_are_ignored() {
        assert!(loaded(None, &[("PATH", "/bin"), ("REGISTRY_SERVICE_HOST", "10.0.0.1"), ("MATCHER__X", "1")]).is_ok());
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = load::<Settings>("REGISTRY", DEFAULTS, Some(Path::new("absent.toml")), HashMap::new()).unwrap_err();
        assert!(error.to_string().contains("absent.toml"), "{error}");
    }

    #[test]
    fn broken_rules_are_listed_all_at_once() {
        let mut violations = Violations::default();
        violations.add("a.b", "must be positive");
        violations.add("c", "must be set");
        assert_eq!(
            Error::from(violations).to_string(),
            "the settings are wrong: `a.b` must be positive; `c` must be set"
        );
    }
}
