//! Serves gRPC from bind to exit: health, reflection, limits, one form of error, and a drain that always ends.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::{Routes, RoutesBuilder};
use tonic_health::ServingStatus;
use tower::Service;
use tracing::{info, warn};

use crate::identity::Verifier;
use crate::settings;

mod accept;
mod address_file;
mod answer;
mod complete;
mod deadline;
mod gate;
mod infrastructure;
mod signals;

pub use deadline::Deadline;

/// Tells streams that the service stops. Clones share one state; `cancelled().await` completes when the drain begins,
/// and a stream should then end itself with `UNAVAILABLE` and where to resume.
pub use tokio_util::sync::CancellationToken as Shutdown;

/// A server in the making: add services, then [`Assembly::serve`].
pub struct Assembly {
    settings: settings::Server,
    verifier: Verifier,
    routes: RoutesBuilder,
    services: Vec<&'static str>,
    shutdown: Shutdown,
    ready: BoxFuture<'static, ()>,
}

/// Why a server could not start, or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address from the settings.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The bound address cannot be written where the settings want it.
    #[error("cannot write the address file {}", path.display())]
    AddressFile {
        /// The path from the settings.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The signals that stop the service cannot be listened for.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
    /// The descriptors compiled into this program are broken.
    #[error("cannot serve reflection")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The transport failed while serving.
    #[error("the server failed")]
    Transport(#[from] tonic::transport::Error),
}

/// Calls that are still running this long before the end of the drain get a proper status instead of a reset.
const LAST_CALL: Duration = Duration::from_secs(1);
/// Connections that were cut need a moment to notice.
const CUT: Duration = Duration::from_millis(200);
/// A bound for the h2 library's memory of streams that clients reset before they were answered.
const PENDING_RESETS_MAX: usize = 50;
/// A bound for streams that we reset; tonic switches it off unless told.
const LOCAL_RESETS_MAX: usize = 256;
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// What a stream may have in flight: a message of 1 MiB fits without a pause for acknowledgement.
const STREAM_WINDOW: u32 = 1_024 * 1_024;
const CONNECTION_WINDOW: u32 = 4 * 1_024 * 1_024;

impl Assembly {
    /// A server without services. Nothing is bound yet.
    pub fn new(settings: settings::Server) -> Self {
        Self {
            settings,
            verifier: Verifier::none(),
            routes: Routes::builder(),
            services: Vec::new(),
            shutdown: Shutdown::new(),
            ready: Box::pin(std::future::ready(())),
        }
    }

    /// Tells by `verifier` who calls; without it everybody is anonymous. Health and reflection ask nobody.
    #[must_use]
    pub fn identify_by(mut self, verifier: Verifier) -> Self {
        self.verifier = verifier;
        self
    }

    /// Hand it to services, so that their streams can end when the drain begins.
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// Serves `service`, with its health and, if it is one of the contract's, its reflection. Set message limits on it
    /// first: `.max_decoding_message_size(settings.message_limit()).max_encoding_message_size(…)`.
    #[must_use]
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.services.push(S::NAME);
        self.routes.add_service(service);
        self
    }

    /// Health stays `NOT_SERVING` until `ready` completes; calls are answered all the same. Without this, health is
    /// `SERVING` from the start.
    #[must_use]
    pub fn ready_when(mut self, ready: impl Future<Output = ()> + Send + 'static) -> Self {
        self.ready = Box::pin(ready);
        self
    }

    /// Serves until SIGTERM or SIGINT, then drains. See [`Assembly::serve_until`].
    pub async fn serve(self) -> Result<(), Error> {
        let stop = signals::stop().map_err(Error::Signals)?;
        self.serve_until(stop).await
    }

    /// Serves until `stop` completes, then: health says `NOT_SERVING`, the [`Shutdown`] is cancelled, no connection or
    /// call is accepted, running calls may finish. Returns within `drain_seconds` whatever clients do. Tasks may still
    /// run then, so end the process with `Runtime::shutdown_timeout`.
    ///
    /// # Errors
    /// [`Error`] if the server cannot start or its transport fails. A drain that had to cut connections is no error.
    pub async fn serve_until(self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        let Self { settings, verifier, routes, services, shutdown, ready } = self;
        let address = settings.listen;
        let listener = TcpListener::bind(address).await.map_err(|source| Error::Bind { address, source })?;
        let address = listener.local_addr().map_err(|source| Error::Bind { address, source })?;

        let health = infrastructure::Health::new(services).await;
        let routes = infrastructure::add(routes, &health)?;
        let stages = Stages { shutdown, ..Stages::default() };
        let _address_file = settings
            .address_file
            .as_ref()
            .map(|path| {
                address_file::write(path, address).map_err(|source| Error::AddressFile { path: path.clone(), source })
            })
            .transpose()?;
        let serving = transport(&settings, verifier, routes, listener, &stages);
        let mut server = AbortOnDropHandle::new(tokio::spawn(serving));
        info!(%address, "serving");

        let readiness = tokio::spawn(health.clone().set_after(ready, ServingStatus::Serving));
        tokio::select! {
            () = stop => {}
            ended = &mut server => return joined(ended),
        }
        readiness.abort();
        // It may have been setting the status just now; what is set here must be the last word.
        let _ = readiness.await;
        health.set(ServingStatus::NotServing).await;
        drain(server, &stages, settings.drain()).await
    }
}

/// The steps of a drain, in this order.
#[derive(Default)]
struct Stages {
    /// Streams should end themselves.
    shutdown: Shutdown,
    /// No connection and no call is accepted any more.
    closing: Shutdown,
    /// Whatever still runs is answered with `UNAVAILABLE`.
    last_call: Shutdown,
    /// Connections are cut.
    cut: Shutdown,
}

type Serving = AbortOnDropHandle<Result<(), tonic::transport::Error>>;

fn transport(
    settings: &settings::Server,
    verifier: Verifier,
    routes: Routes,
    listener: TcpListener,
    stages: &Stages,
) -> impl Future<Output = Result<(), tonic::transport::Error>> + Send + 'static {
    let gate = gate::GateLayer::new(settings, verifier, stages);
    let incoming = accept::incoming(listener, settings.max_connections, stages.cut.clone());
    tonic::transport::Server::builder()
        .max_concurrent_streams(settings.max_concurrent_streams)
        .http2_max_header_list_size(settings.max_header_list_bytes)
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
        .http2_max_local_error_reset_streams(Some(LOCAL_RESETS_MAX))
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        // No grace on top: tonic 0.14.9 then skips the polite part and cuts open streams.
        .max_connection_age(Duration::from_secs(60 * u64::from(settings.max_connection_age_minutes)))
        .layer(gate)
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, stages.closing.clone().cancelled_owned())
}

/// Ends `server` within `limit`: politely, then with a status, then by force. The transport alone would wait for ever
/// for a client that never answers (hyper #4170).
async fn drain(mut server: Serving, stages: &Stages, limit: Duration) -> Result<(), Error> {
    info!("stopping");
    let end = Instant::now() + limit;
    stages.shutdown.cancel();
    stages.closing.cancel();
    if let Ok(ended) = timeout_at(end - LAST_CALL.min(limit / 2), &mut server).await {
        return joined(ended);
    }
    warn!("calls or silent clients outlast the drain and are ended");
    stages.last_call.cancel();
    if let Ok(ended) = timeout_at(end - CUT.min(limit / 4), &mut server).await {
        return joined(ended);
    }
    stages.cut.cancel();
    match timeout_at(end, &mut server).await {
        Ok(ended) => joined(ended),
        Err(_) => Ok(()),
    }
}

fn joined(ended: Result<Result<(), tonic::transport::Error>, tokio::task::JoinError>) -> Result<(), Error> {
    match ended {
        Ok(served) => Ok(served?),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests;
