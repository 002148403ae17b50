//! The body of an answer: ends with a complete error when its producer fails or panics, its deadline passes, or the
//! server stops.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

use super::complete::{complete, write};
use super::{Deadline, Shutdown, gate};

/// Wraps the body that a service returned.
pub(super) struct Answer {
    inner: Body,
    method: Arc<str>,
    deadline: Option<Deadline>,
    end: Shutdown,
    /// Made when the body first has to wait, which those of unary calls never do.
    waits: Option<Waits>,
    is_ended: bool,
}

struct Waits {
    deadline: Option<Pin<Box<Sleep>>>,
    end: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Answer {
    /// The answer to `method`, which ends at `deadline` or when `end` is cancelled, whatever comes first.
    pub(super) fn new(inner: Body, method: Arc<str>, deadline: Option<Deadline>, end: Shutdown) -> Self {
        Self { inner, method, deadline, end, waits: None, is_ended: false }
    }

    /// Drops the producer, so that its work ends too, and makes `status` the last frame.
    fn end_with(&mut self, status: Status) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.inner = Body::empty();
        self.is_ended = true;
        let mut trailers = HeaderMap::new();
        write(status, &mut trailers);
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn poll_waits(&mut self, context: &mut Context<'_>) -> Option<Status> {
        let (deadline, end) = (self.deadline, &self.end);
        let waits = self.waits.get_or_insert_with(|| Waits {
            deadline: deadline.map(|Deadline(instant)| Box::pin(sleep_until(instant))),
            end: Box::pin(end.clone().cancelled_owned()),
        });
        if waits.deadline.as_mut().is_some_and(|sleep| sleep.as_mut().poll(context).is_ready()) {
            return Some(gate::deadline_exceeded());
        }
        waits.end.as_mut().poll(context).is_ready().then(gate::shutting_down)
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if this.is_ended {
            return Poll::Ready(None);
        }
        // Asked first, or a producer that always has something ready would never be ended.
        if this.deadline.is_some_and(Deadline::has_passed) {
            return this.end_with(gate::deadline_exceeded());
        }
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut this.inner).poll_frame(context)));
        match polled {
            Err(_) => this.end_with(gate::internal_error()),
            Ok(Poll::Pending) => match this.poll_waits(context) {
                Some(status) => this.end_with(status),
                None => Poll::Pending,
            },
            Ok(Poll::Ready(Some(Ok(mut frame)))) => {
                if let Some(trailers) = frame.trailers_mut() {
                    complete(trailers, &this.method);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Ok(ended) => ended,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
