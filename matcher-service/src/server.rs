//! Puts the matcher together: settings, feed, replica, service.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use proto::encoded::matcher_service_server::MatcherServiceServer;
use serde::Deserialize;
use service_kit::identity::Verifier;
use service_kit::server::Assembly;
use service_kit::{Violations, settings, telemetry};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::transport::Endpoint;
use tracing::{info, warn};

use crate::feed::{self, Keeper};
use crate::grpc::Matcher;
use crate::matcher::{Pool, Replica};

/// Every setting with its default.
const DEFAULTS: &str = include_str!("../defaults.toml");
/// Prefix of environment variables: `MATCHER__SERVER__LISTEN` is `server.listen`.
const PREFIX: &str = "MATCHER";

/// How long putting the copy aside may take at the end, of the 10 seconds that a drain has.
const SAVE_PATIENCE: Duration = Duration::from_secs(3);
/// A copy on disk that is older than a day saves nothing.
const SAVE_SECONDS_MAX: u64 = 86_400;

/// Settings of the service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    server: settings::Server,
    #[serde(default)]
    identity: settings::Identity,
    telemetry: settings::Telemetry,
    registry: Registry,
    compute: Compute,
    index: Index,
}

/// Section `[registry]`: whom to follow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    address: String,
    token_file: Option<PathBuf>,
}

/// Section `[index]`: the copy of the registry on disk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    path: String,
    save_seconds: u64,
}

/// Section `[compute]`: how much to compute at a time. 0 means by the number of cores.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Compute {
    quick: usize,
    long: usize,
    quick_waiting: usize,
    long_waiting: usize,
}

/// Why the service did not start, or ended badly.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// The log cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    /// The registry's address is none.
    #[error("the registry's address cannot be used: {0}")]
    Address(#[from] tonic::transport::Error),
    /// The server failed.
    #[error(transparent)]
    Server(#[from] service_kit::server::Error),
}

impl Settings {
    /// Reads the settings: defaults, then `file`, then the environment.
    pub(crate) fn load(file: Option<PathBuf>) -> Result<Self, Error> {
        let settings: Self = settings::load(PREFIX, DEFAULTS, file.as_deref(), settings::environment())?;
        let mut violations = Violations::default();
        settings.server.validate("server", &mut violations);
        settings.identity.validate("identity", &mut violations);
        settings.telemetry.validate("telemetry", &mut violations);
        if !settings.registry.address.starts_with("http://") {
            violations.add("registry.address", "must begin with `http://`");
        }
        let Compute { quick, long, quick_waiting, long_waiting } = settings.compute;
        let bounds =
            [("quick", quick), ("long", long), ("quick_waiting", quick_waiting), ("long_waiting", long_waiting)];
        for (key, value) in bounds {
            if value > 65_536 {
                violations.add(format!("compute.{key}"), "must be at most 65,536");
            }
        }
        if !(1..=SAVE_SECONDS_MAX).contains(&settings.index.save_seconds) {
            violations.add("index.save_seconds", "must be 1 to 86,400");
        }
        violations.check().map_err(settings::Error::from)?;
        Ok(settings)
    }
}

/// Serves until a stop signal. Health is SERVING once the registry was read.
pub(crate) async fn serve(settings: Settings) -> Result<(), Error> {
    telemetry::init(&settings.telemetry)?;
    let verifier = Verifier::load(&settings.identity).map_err(settings::Error::from)?;
    let endpoint = Endpoint::from_shared(settings.registry.address)?
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_secs(2))
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(5));
    let registry = feed::Registry { endpoint, token_file: settings.registry.token_file };
    let replica = Arc::new(Replica::new());
    let Index { path, save_seconds } = settings.index;
    let keeper = Keeper::new((!path.is_empty()).then(|| path.into()), Duration::from_secs(save_seconds));
    let (stop, stopped) = oneshot::channel();
    let following = tokio::spawn(feed::follow(registry, replica.clone(), keeper, stopped));

    let cores = thread::available_parallelism().map_or(1, usize::from);
    let or = |setting: usize, default: usize| if setting == 0 { default.max(1) } else { setting };
    let quick = Pool::new("quick", or(settings.compute.quick, cores), settings.compute.quick_waiting);
    let long = Pool::new("long", or(settings.compute.long, cores / 2), settings.compute.long_waiting);
    let limit = settings.server.message_limit();
    let matcher = MatcherServiceServer::new(Matcher::new(replica.clone(), quick, long))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let filled = async move { replica.filled().await };
    let assembly = Assembly::new(settings.server).identify_by(verifier);
    let served = assembly.add_service(matcher).ready_when(filled).serve().await;
    // Answers are given; what is left is to put the copy aside. Nobody listens any more if following has ended.
    let _ = stop.send(());
    if timeout(SAVE_PATIENCE, following).await.is_err() {
        warn!("the copy was not put aside on disk in time");
    }
    info!("stopped");
    Ok(served?)
}
