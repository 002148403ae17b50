//! Answers that are streams: a producer task whose failure, panic or slowness the caller hears of, and which ends when
//! the caller goes away.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use proto::registry::v1::ErrorReason;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use tokio_stream::Stream;
use tonic::{Code, Status};

use crate::Refusal;

/// The stream that a streaming method returns; made by [`respond`]. Dropping it aborts the producer.
#[derive(Debug)]
pub struct Responses<T> {
    items: mpsc::Receiver<T>,
    producer: JoinHandle<Result<(), Status>>,
    state: State,
}

#[derive(Debug)]
enum State {
    Producing,
    Returned(Result<(), Status>),
    Ended,
}

/// The producer's end of a stream.
#[derive(Debug)]
pub struct Sender<T>(mpsc::Sender<T>);

/// The caller has gone away; nothing that is sent will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the caller has gone away")]
pub struct Closed;

/// Why [`Sender::send_within`] did not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The caller has gone away.
    #[error("the caller has gone away")]
    Closed,
    /// The caller did not make room in time.
    #[error("the caller does not read fast enough")]
    Slow,
}

/// Spawns `produce` and returns the stream of what it sends, with at most `capacity` items waiting to be read.
///
/// An error that the producer returns is the stream's last item, after everything that was sent before it. A panic of
/// the producer becomes `INTERNAL`, because a stream that just ends would look complete.
///
/// # Panics
/// If `capacity` is 0, or outside of a tokio runtime.
pub fn respond<T, F, P>(capacity: usize, produce: F) -> Responses<T>
where
    T: Send + 'static,
    F: FnOnce(Sender<T>) -> P + Send + 'static,
    P: Future<Output = Result<(), Status>> + Send + 'static,
{
    let (sender, items) = mpsc::channel(capacity);
    let producer = tokio::spawn(async move { produce(Sender(sender)).await });
    Responses { items, producer, state: State::Producing }
}

impl<T> Sender<T> {
    /// Waits for room, then sends.
    pub async fn send(&self, item: T) -> Result<(), Closed> {
        self.0.send(item).await.map_err(|_| Closed)
    }

    /// Waits at most `patience` for room, then sends. The item is lost if that fails.
    pub async fn send_within(&self, item: T, patience: Duration) -> Result<(), SendError> {
        match tokio::time::timeout(patience, self.0.send(item)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(SendError::Closed),
            Err(_) => Err(SendError::Slow),
        }
    }

    /// Completes when the caller has gone away. The producer is aborted then anyway; this is for work of its own
    /// threads.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl From<Closed> for Status {
    /// Never read by anyone, but it lets a producer leave with `?`.
    fn from(_: Closed) -> Self {
        Refusal::new(Code::Cancelled, ErrorReason::CallCancelled, "the caller has gone away").into()
    }
}

impl<T> Stream for Responses<T> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let State::Ended = this.state {
                return Poll::Ready(None);
            }
            match this.items.poll_recv(context) {
                Poll::Ready(Some(item)) => return Poll::Ready(Some(Ok(item))),
                Poll::Pending if matches!(this.state, State::Producing) => {}
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) if matches!(this.state, State::Producing) => {}
                Poll::Ready(None) => {
                    let State::Returned(outcome) = std::mem::replace(&mut this.state, State::Ended) else {
                        return Poll::Ready(None);
                    };
                    return Poll::Ready(outcome.err().map(Err));
                }
            }
            let joined = ready!(Pin::new(&mut this.producer).poll(context));
            this.state = State::Returned(joined.unwrap_or_else(|error| Err(status_of(&error))));
            // Senders may live on in other threads; what they send now comes too late.
            this.items.close();
        }
    }
}

impl<T> Drop for Responses<T> {
    fn drop(&mut self) {
        self.producer.abort();
    }
}

/// The panic hook has logged a panic already.
fn status_of(error: &JoinError) -> Status {
    if error.is_panic() {
        Refusal::new(Code::Internal, ErrorReason::InternalError, "internal error").into()
    } else {
        Refusal::new(Code::Unavailable, ErrorReason::ShuttingDown, "the service is stopping").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;
    use tokio_stream::StreamExt;
    use tonic_types::StatusExt;

    async fn collected(responses: Responses<u32>) -> (Vec<u32>, Option<Status>) {
        let mut items = Vec::new();
        let mut error = None;
        let mut responses = responses;
        while let Some(next) = responses.next().await {
            assert!(error.is_none(), "an error must be the last item");
            match next {
                Ok(item) => items.push(item),
                Err(status) => error = Some(status),
            }
        }
        assert!(responses.next().await.is_none(), "an ended stream stays ended");
        (items, error)
    }

    #[tokio::test]
    async fn everything_sent_arrives_in_order() {
        let responses = respond(2, |sender| async move {
            for item in 0..100 {
                sender.send(item).await?;
            }
            Ok(())
        });
        let (items, error) = collected(responses).await;
        assert_eq!(items, (0..100).collect::<Vec<_>>());
        assert!(error.is_none());
    }

    #[tokio::test]
    async fn an_error_is_the_last_item() {
        let responses = respond(8, |sender| async move {
            sender.send(1).await?;
            Err(Status::unavailable("gone"))
        });
        let (items, error) = collected(responses).await;
        assert_eq!(items, [1]);
        assert_eq!(error.unwrap().message(), "gone");
    }

    #[tokio::test]
    async fn a_panic_is_internal_and_never_a_silent_end() {
        let responses = respond(8, |sender: Sender<u32>| async move {
            sender.send(1).await?;
            panic!("on purpose");
        });
        let (items, error) = collected(responses).await;
        assert_eq!(items, [1]);
        let error = error.unwrap();
        assert_eq!(error.code(), Code::Internal);
        assert_eq!(error.get_details_error_info().unwrap().reason, "INTERNAL_ERROR");
    }

    #[tokio::test]
    async fn an_error_does_not_wait_for_other_senders() {
        let (keep, kept) = oneshot::channel();
        let responses = respond(8, |sender: Sender<u32>| async move {
            keep.send(sender.clone()).unwrap();
            Err(Status::unavailable("gone"))
        });
        let (_, error) = collected(responses).await;
        assert_eq!(error.unwrap().message(), "gone");
        assert_eq!(kept.await.unwrap().send(1).await, Err(Closed));
    }

    #[tokio::test]
    async fn dropping_the_stream_cancels_the_producer() {
        let (ended, has_ended) = oneshot::channel::<()>();
        let responses = respond(1, |_sender: Sender<u32>| async move {
            let _ended = ended;
            std::future::pending().await
        });
        drop(responses);
        assert!(has_ended.await.is_err(), "the producer's locals are dropped");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_does_not_read_is_slow() {
        let (verdict, told) = oneshot::channel();
        let _unread = respond(1, |sender| async move {
            sender.send(1).await?;
            verdict.send(sender.send_within(2, Duration::from_secs(30)).await).unwrap();
            Ok(())
        });
        assert_eq!(told.await.unwrap(), Err(SendError::Slow));
    }
}
