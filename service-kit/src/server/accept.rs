//! Accepts connections: so many at a time, none that stays silent, and all of them can be cut.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};
use tokio_stream::Stream;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::transport::server::{Connected, TcpConnectInfo};
use tracing::warn;

use super::Shutdown;

/// A connection that counts against the limit as long as it lives.
pub(super) struct Connection {
    stream: TcpStream,
    /// Time left for the client to say that it speaks HTTP/2; `None` once it did.
    preface: Option<Preface>,
    /// Time left for the client to close, once nothing more is sent.
    linger: Option<Pin<Box<Sleep>>>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    _permit: OwnedSemaphorePermit,
}

struct Preface {
    limit: Pin<Box<Sleep>>,
    bytes_missing: usize,
}

/// Without descriptors or memory, accepting fails again at once; a pause keeps the core free for what can end.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(50);
/// Every client sends its preface with the first packets. Keepalive only watches over connections after it.
const PREFACE_LIMIT: Duration = Duration::from_secs(5);
/// A client has so long to read what it was sent last, and to close.
const LINGER: Duration = Duration::from_secs(2);
const PREFACE_BYTES: usize = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len();

/// Connections of `listener`, at most `max` at a time: more wait in the system's backlog. Never ends by itself; when
/// `cut` is cancelled, all connections fail.
pub(super) fn incoming(listener: TcpListener, max: u32, cut: Shutdown) -> impl Stream<Item = io::Result<Connection>> {
    let room = Arc::new(Semaphore::new(max as usize));
    stream::unfold(listener, move |listener| {
        let (room, cut) = (room.clone(), cut.clone());
        async move {
            let permit = room.acquire_owned().await.expect("the semaphore is never closed");
            let stream = accept(&listener).await;
            Some((Ok(Connection::new(stream, permit, cut)), listener))
        }
    })
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                sleep(PAUSE_AFTER_FAILURE).await;
            }
        }
    }
}

impl Connection {
    fn new(stream: TcpStream, permit: OwnedSemaphorePermit, cut: Shutdown) -> Self {
        // Small answers must not wait for the client's acknowledgements. A socket that refuses is closed already.
        let _ = stream.set_nodelay(true);
        let preface = Preface { limit: Box::pin(sleep(PREFACE_LIMIT)), bytes_missing: PREFACE_BYTES };
        let cut = Box::pin(cut.cancelled_owned());
        Self { stream, preface: Some(preface), linger: None, cut, _permit: permit }
    }

    fn note_read(&mut self, bytes: usize) {
        let Some(preface) = &mut self.preface else { return };
        preface.bytes_missing = preface.bytes_missing.saturating_sub(bytes);
        if preface.bytes_missing == 0 {
            self.preface = None;
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            self.note_read(buffer.filled().len() - before);
            return Poll::Ready(read);
        }
        if self.cut.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the service has stopped")));
        }
        let silent = self.preface.as_mut().is_some_and(|preface| preface.limit.as_mut().poll(context).is_ready());
        if silent {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "no HTTP/2 preface in time")));
        }
        Poll::Pending
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Says that nothing more comes, then waits for the client to close: a socket that is closed while the client still
    /// writes is reset, and what the client has not read by then is lost to it.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.linger.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        }
        let linger = this.linger.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        if linger.as_mut().poll(context).is_ready() || this.cut.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut unread = [0; 1_024];
        loop {
            let mut unread = ReadBuf::new(&mut unread);
            let read = ready!(Pin::new(&mut this.stream).poll_read(context, &mut unread));
            if read.is_err() || unread.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;
    use tokio_stream::StreamExt;

    async fn listening() -> (TcpListener, std::net::SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn connections_over_the_limit_wait_for_room() {
        let (listener, address) = listening().await;
        let mut incoming = pin!(incoming(listener, 1, Shutdown::new()));
        let _clients = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
        let first = incoming.next().await.unwrap().unwrap();
        assert!(timeout(Duration::from_millis(50), incoming.next()).await.is_err());
        drop(first);
        assert!(timeout(Duration::from_secs(5), incoming.next()).await.is_ok());
    }

    /// Closing a socket with bytes in it that nobody read resets the connection, and a reset takes from the client what it
    /// was sent and has not read yet: the status of a watch, say.
    #[tokio::test]
    async fn what_was_sent_arrives_though_the_client_still_writes_when_the_connection_ends() {
        const SENT: usize = 100_000;
        let (listener, address) = listening().await;
        let mut incoming = pin!(incoming(listener, 1, Shutdown::new()));
        let mut client = TcpStream::connect(address).await.unwrap();
        let mut connection = incoming.next().await.unwrap().unwrap();
        connection.write_all(&[1; SENT]).await.unwrap();
        client.write_all(b"an acknowledgement on its way").await.unwrap();
        let ending = tokio::spawn(async move { connection.shutdown().await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.write_all(b"another").await.unwrap();
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.expect("the connection ends without a reset");
        assert_eq!(read.len(), SENT);
        drop(client);
        ending.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_closes_does_not_keep_a_connection_that_has_ended() {
        let (listener, address) = listening().await;
        let mut incoming = pin!(incoming(listener, 1, Shutdown::new()));
        let _open = TcpStream::connect(address).await.unwrap();
        let mut connection = incoming.next().await.unwrap().unwrap();
        timeout(2 * LINGER, connection.shutdown()).await.expect("it ends in time").unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_says_nothing_is_cut() {
        let (listener, address) = listening().await;
        let mut incoming = pin!(incoming(listener, 1, Shutdown::new()));
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut connection = incoming.next().await.unwrap().unwrap();
        let error = connection.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_said_its_preface_may_be_silent() {
        let (listener, address) = listening().await;
        let cut = Shutdown::new();
        let mut incoming = pin!(incoming(listener, 1, cut.clone()));
        let client = TcpStream::connect(address).await.unwrap();
        assert_eq!(client.try_write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap(), PREFACE_BYTES);
        let mut connection = incoming.next().await.unwrap().unwrap();
        connection.read_exact(&mut [0; PREFACE_BYTES]).await.unwrap();
        assert!(timeout(10 * PREFACE_LIMIT, connection.read(&mut [0; 8])).await.is_err());
        cut.cancel();
        let error = connection.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    }
}
