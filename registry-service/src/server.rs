//! Puts the registry together: settings, store, feed, services.

use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proto::encoded::change_feed_service_server::ChangeFeedServiceServer;
use proto::registry::v1::audit_service_server::AuditServiceServer;
use proto::registry::v1::enterprise_service_server::EnterpriseServiceServer;
use proto::registry::v1::opportunity_service_server::OpportunityServiceServer;
use proto::registry::v1::policy_service_server::PolicyServiceServer;
use proto::registry::v1::reference_service_server::ReferenceServiceServer;
use serde::Deserialize;
use service_kit::identity::Verifier;
use service_kit::server::Assembly;
use service_kit::{Violations, settings, telemetry};
use tracing::{info, warn};

use crate::grpc::{Audit, Changes, Enterprises, Opportunities, Policies, References};
use crate::registry::{Keeping, Registry};
use crate::store::Retention;
use crate::store::sql::{Options, SqlStore};

/// Every setting with its default.
const DEFAULTS: &str = include_str!("../defaults.toml");
/// Prefix of environment variables: `REGISTRY__SERVER__LISTEN` is `server.listen`.
const PREFIX: &str = "REGISTRY";

/// Snapshots may hold four readers for a while; the feed and the callers need some too.
const CONNECTIONS_MIN: u32 = 6;
/// A hundred years: whoever means for ever says so, and every instant stays within the calendar.
const RETENTION_SECONDS_MAX: u64 = 100 * 365 * 24 * 60 * 60;
/// What is not committed by now was not answered either; its caller repeats it. The drain and this stay below 10 s.
const CLOSE: Duration = Duration::from_millis(500);

/// More often costs more than it brings; less often than hourly, nobody believes an `expire_time`.
const EXPIRY_INTERVAL_MS: RangeInclusive<u32> = 10..=3_600_000;

/// Settings of the service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How to serve.
    pub server: settings::Server,
    /// How callers prove who they are.
    #[serde(default)]
    pub identity: settings::Identity,
    /// What to log.
    pub telemetry: settings::Telemetry,
    /// Where to keep everything.
    pub database: Database,
    /// How long the feed goes back.
    pub feed: Feed,
    /// How long what is deleted can be brought back.
    pub retention: Deleted,
    /// How opportunities expire.
    pub expiry: Expiry,
}

/// Section `[feed]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Seconds that a revision stays in the feed at least, unless there are too many; 0: for ever.
    pub retention_age_seconds: u64,
    /// Revisions that stay in the feed at most; 0: all.
    pub retention_revisions: u32,
}

/// Section `[retention]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deleted {
    /// Seconds between the deletion of an enterprise and its purge.
    pub deleted_seconds: u64,
}

/// Section `[database]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://path/to/file.db` or `postgres://user:password@host/database`.
    pub url: String,
    /// Most connections for reading; writing has one of its own.
    pub max_connections: u32,
}

/// Section `[expiry]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// Milliseconds between two looks for opportunities whose time is over.
    pub interval_ms: u32,
}

impl std::fmt::Debug for Database {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

/// Why the service did not start, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// The log cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    /// The database did not open.
    #[error("the database did not open: {0}")]
    Registry(#[from] crate::registry::Error),
    /// The server failed.
    #[error(transparent)]
    Server(#[from] service_kit::server::Error),
    /// The runtime did not start.
    #[error("the runtime did not start: {0}")]
    Runtime(#[from] io::Error),
}

impl Settings {
    /// Reads the settings: defaults, then `file`, then the environment.
    pub fn load(file: Option<PathBuf>) -> Result<Self, Error> {
        let settings: Self = settings::load(PREFIX, DEFAULTS, file.as_deref(), settings::environment())?;
        let mut violations = Violations::default();
        settings.server.validate("server", &mut violations);
        settings.identity.validate("identity", &mut violations);
        settings.telemetry.validate("telemetry", &mut violations);
        let known = ["sqlite:", "postgres:", "postgresql:"];
        if !known.iter().any(|scheme| settings.database.url.starts_with(scheme)) {
            violations.add("database.url", "must begin with `sqlite://` or `postgres://`");
        }
        if settings.database.url.contains(":memory:") || settings.database.url.contains("mode=memory") {
            violations.add("database.url", "must be a file: connections cannot share a database in memory");
        }
        if !(CONNECTIONS_MIN..=1_000).contains(&settings.database.max_connections) {
            violations.add("database.max_connections", format!("must be {CONNECTIONS_MIN} to 1,000"));
        }
        let retentions = [
            ("feed.retention_age_seconds", settings.feed.retention_age_seconds),
            ("retention.deleted_seconds", settings.retention.deleted_seconds),
        ];
        for (key, seconds) in retentions {
            if seconds > RETENTION_SECONDS_MAX {
                violations.add(key, format!("must be at most {RETENTION_SECONDS_MAX}, is {seconds}"));
            }
        }
        if !EXPIRY_INTERVAL_MS.contains(&settings.expiry.interval_ms) {
            let (least, most) = EXPIRY_INTERVAL_MS.into_inner();
            violations.add("expiry.interval_ms", format!("must be between {least} and {most}"));
        }
        violations.check().map_err(settings::Error::from)?;
        Ok(settings)
    }

    fn keeping(&self) -> Keeping {
        let age = Some(Duration::from_secs(self.feed.retention_age_seconds)).filter(|age| !age.is_zero());
        let revisions = Some(i64::from(self.feed.retention_revisions)).filter(|revisions| *revisions > 0);
        let deleted = Duration::from_secs(self.retention.deleted_seconds);
        Keeping { deleted, feed: Retention { age, revisions } }
    }
}

/// Serves until a stop signal.
pub async fn serve(settings: Settings) -> Result<(), Error> {
    telemetry::init(&settings.telemetry)?;
    let keeping = settings.keeping();
    let verifier = Verifier::load(&settings.identity).map_err(settings::Error::from)?;
    let options = Options { url: settings.database.url, max_connections: settings.database.max_connections };
    let store = Arc::new(SqlStore::open(&options).await.map_err(crate::registry::Error::from)?);
    let registry = Arc::new(Registry::open(store.clone()).await?.keeping(keeping));
    let poller = registry.feed().follow();
    let keeper = registry.keep_house();
    let vocabulary = registry.follow_vocabulary();
    let expiry = registry.expire_opportunities(Duration::from_millis(settings.expiry.interval_ms.into()));
    info!(epoch = %registry.epoch(), revision = registry.feed().head().revision, "the database is open");

    let limit = settings.server.message_limit();
    let assembly = Assembly::new(settings.server).identify_by(verifier);
    let shutdown = assembly.shutdown();
    let enterprises = EnterpriseServiceServer::new(Enterprises::new(registry.clone()))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let opportunities = OpportunityServiceServer::new(Opportunities::new(registry.clone()))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let references = ReferenceServiceServer::new(References::new(registry.clone()))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let policies = PolicyServiceServer::new(Policies::new(registry.clone()))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let audit = AuditServiceServer::new(Audit::new(registry.clone()))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let changes = ChangeFeedServiceServer::new(Changes::new(registry, shutdown))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let served = assembly
        .add_service(enterprises)
        .add_service(opportunities)
        .add_service(references)
        .add_service(policies)
        .add_service(audit)
        .add_service(changes)
        .serve()
        .await;

    expiry.abort();
    poller.abort();
    keeper.abort();
    vocabulary.abort();
    if tokio::time::timeout(CLOSE, store.close()).await.is_err() {
        warn!("the database did not close in time");
    }
    info!("stopped");
    Ok(served?)
}
