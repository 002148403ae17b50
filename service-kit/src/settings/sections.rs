//! The sections that every service's settings share: how it serves and how it logs.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::violations::Violations;

/// Section `[server]`: where the service listens and what it bears. Every key but `listen` may be left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// File that holds the bound address, like `127.0.0.1:50051`, from when connections are accepted until the exit.
    pub address_file: Option<PathBuf>,
    /// Connections at a time; more wait in the system's backlog. Each costs a descriptor, of which 1,024 is the usual
    /// allowance, and the store needs some too.
    pub max_connections: u32,
    /// Calls at a time on one connection. gRPC clients multiplex everything over one, so it must not be small.
    pub max_concurrent_streams: u32,
    /// Largest message in either direction, in bytes; 4 MiB is what every gRPC client accepts unless told otherwise.
    /// The services set it on their generated servers.
    pub max_message_bytes: u32,
    /// Largest header list of a request, in bytes.
    pub max_header_list_bytes: u32,
    /// Calls being answered at a time, up to the response's head: an open stream does not count. More are refused at
    /// once with `RESOURCE_EXHAUSTED`, because a queue that is longer than the callers' patience helps nobody.
    pub max_in_flight: u32,
    /// Seconds between a stop signal and the end of [`crate::server::Assembly::serve`] at the latest. One second
    /// before, calls that still run are ended with `UNAVAILABLE`. With the 1 s that the runtime then gets, 8 stays below
    /// the 10 s after which container managers kill.
    pub drain_seconds: u32,
    /// Minutes after which a client is asked to connect anew, so that load spreads over new replicas.
    pub max_connection_age_minutes: u32,
}

/// Section `[telemetry]`: what is logged, and how. Every key may be left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// Directives of `tracing_subscriber::EnvFilter`, like `info,registry_service=debug`.
    pub filter: String,
    /// How lines look.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// One line of text, for people.
    Text,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            address_file: None,
            max_connections: 900,
            max_concurrent_streams: 1_024,
            max_message_bytes: 4 * 1_024 * 1_024,
            max_header_list_bytes: 16 * 1_024,
            max_in_flight: 1_024,
            drain_seconds: 8,
            max_connection_age_minutes: 30,
        }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Json }
    }
}

impl Server {
    /// Notes every value that cannot work, under the path of this section, like `server`.
    pub fn validate(&self, section: &str, violations: &mut Violations) {
        let bounds: [(&str, u32, u32, u32); 7] = [
            ("max_connections", self.max_connections, 1, 1_000_000),
            ("max_concurrent_streams", self.max_concurrent_streams, 1, 1_000_000),
            // Below 64 KiB a page of records does not fit; above 64 MiB a few calls fill the memory.
            ("max_message_bytes", self.max_message_bytes, 64 * 1_024, 64 * 1_024 * 1_024),
            // Below 4 KiB the metadata of ordinary clients does not fit.
            ("max_header_list_bytes", self.max_header_list_bytes, 4 * 1_024, 1_024 * 1_024),
            ("max_in_flight", self.max_in_flight, 1, 1_000_000),
            // The service promises to exit within 10 s of a stop signal.
            ("drain_seconds", self.drain_seconds, 1, 8),
            ("max_connection_age_minutes", self.max_connection_age_minutes, 1, 7 * 24 * 60),
        ];
        for (key, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                violations.add(format!("{section}.{key}"), format!("must be between {least} and {most}, is {value}"));
            }
        }
    }

    /// [`Server::max_message_bytes`] as tonic's generated servers take it.
    pub fn message_limit(&self) -> usize {
        self.max_message_bytes as usize
    }

    /// [`Server::drain_seconds`] as a duration.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds.into())
    }
}

impl Telemetry {
    /// Notes every value that cannot work, under the path of this section, like `telemetry`.
    pub fn validate(&self, section: &str, violations: &mut Violations) {
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.filter) {
            violations.add(format!("{section}.filter"), format!("must be log directives, like `info`: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(validate: impl FnOnce(&mut Violations)) -> Vec<String> {
        let mut violations = Violations::default();
        validate(&mut violations);
        violations.into_vec().into_iter().map(|violation| violation.field).collect()
    }

    #[test]
    fn the_defaults_are_valid() {
        assert!(fields(|violations| Server::default().validate("server", violations)).is_empty());
        assert!(fields(|violations| Telemetry::default().validate("telemetry", violations)).is_empty());
    }

    #[test]
    fn every_value_out_of_bounds_is_named_by_path() {
        let server = Server { max_connections: 0, max_message_bytes: u32::MAX, drain_seconds: 10, ..Server::default() };
        let named = fields(|violations| server.validate("server", violations));
        assert_eq!(named, ["server.max_connections", "server.max_message_bytes", "server.drain_seconds"]);
    }

    #[test]
    fn a_filter_that_is_none_is_named_by_path() {
        let telemetry = Telemetry { filter: "info,=,[".to_owned(), ..Telemetry::default() };
        assert_eq!(fields(|violations| telemetry.validate("telemetry", violations)), ["telemetry.filter"]);
    }
}
