//! What every call passes on its way in and out: a limit on calls in flight, who calls, the caller's deadline, panics,
//! the end of the server, and the form of errors.

use std::convert::Infallible;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use proto::registry::v1::ErrorReason;
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument, info_span};

use super::answer::Answer;
use super::complete::complete;
use super::{Deadline, Shutdown, Stages, deadline};
use crate::identity::Verifier;
use crate::{Refusal, settings};

/// Puts one [`Gate`] in front of the routes of every connection; all gates of a server share their limits.
#[derive(Clone)]
pub(super) struct GateLayer(Arc<Rules>);

/// One of the gates.
#[derive(Clone)]
pub(super) struct Gate<S> {
    inner: S,
    rules: Arc<Rules>,
}

struct Rules {
    in_flight: Semaphore,
    in_flight_max: u32,
    verifier: Verifier,
    shutdown: Shutdown,
    last_call: Shutdown,
}

/// Health must answer when nothing else can, and it and reflection end at once when the server stops.
const INFRASTRUCTURE: &str = "/grpc.";
/// Long enough for a few calls to end.
const RETRY_WHEN_BUSY: Duration = Duration::from_millis(100);
const RETRY_ELSEWHERE: Duration = Duration::from_millis(500);

impl GateLayer {
    pub(super) fn new(settings: &settings::Server, verifier: Verifier, stages: &Stages) -> Self {
        Self(Arc::new(Rules {
            in_flight: Semaphore::new(settings.max_in_flight as usize),
            in_flight_max: settings.max_in_flight,
            verifier,
            shutdown: stages.shutdown.clone(),
            last_call: stages.last_call.clone(),
        }))
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate { inner, rules: self.0.clone() }
    }
}

impl<S> Service<Request<Body>> for Gate<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The one that was polled until ready must be the one that is called, so the clone stays.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        let rules = self.rules.clone();
        let span = info_span!("call", method = request.uri().path());
        Box::pin(async move { Ok(rules.answer(inner, request).await) }.instrument(span))
    }
}

impl Rules {
    async fn answer<S>(&self, mut inner: S, mut request: Request<Body>) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    {
        let method: Arc<str> = request.uri().path().into();
        let is_infrastructure = method.starts_with(INFRASTRUCTURE);
        let end = if is_infrastructure { &self.shutdown } else { &self.last_call };
        let deadline = Deadline::read(request.headers());
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(deadline);
        }

        // Held until the head of the answer: a stream that stays open for hours is not work in flight.
        let Ok(_permit) = self.in_flight.try_acquire_many(if is_infrastructure { 0 } else { 1 }) else {
            return self.busy().into_http();
        };
        // Whoever watches over the service or asks what it offers need not be known.
        let identity = if is_infrastructure { Ok(None) } else { self.verifier.identify(request.headers()) };
        match identity {
            Ok(Some(identity)) => drop(request.extensions_mut().insert(identity)),
            Ok(None) => {}
            Err(status) => return status.into_http(),
        }
        let answer = AssertUnwindSafe(async { inner.call(request).await }).catch_unwind();
        let answered = tokio::select! {
            biased;
            answered = answer => answered,
            // tonic has a timer of its own around this one and would answer CANCELLED.
            () = deadline::passed(deadline) => return deadline_exceeded().into_http(),
            () = end.cancelled() => return shutting_down().into_http(),
        };
        let Ok(Ok(mut response)) = answered else { return internal_error().into_http() };

        complete(response.headers_mut(), &method);
        response.map(|body| Body::new(Answer::new(body, method, deadline, end.clone())))
    }

    fn busy(&self) -> Status {
        let message = "the server is answering as many calls as it can";
        Refusal::new(Code::ResourceExhausted, ErrorReason::LimitExceeded, message)
            .with("limit", "server.max_in_flight")
            .with("maximum", self.in_flight_max)
            .retry_after(RETRY_WHEN_BUSY)
            .into()
    }
}

pub(super) fn deadline_exceeded() -> Status {
    let message = "the deadline passed before the answer was ready";
    Refusal::new(Code::DeadlineExceeded, ErrorReason::Deadline, message).into()
}

pub(super) fn shutting_down() -> Status {
    Refusal::new(Code::Unavailable, ErrorReason::ShuttingDown, "the service is stopping")
        .retry_after(RETRY_ELSEWHERE)
        .into()
}

/// After a panic, which the panic hook has logged.
pub(super) fn internal_error() -> Status {
    Refusal::new(Code::Internal, ErrorReason::InternalError, "internal error").into()
}
