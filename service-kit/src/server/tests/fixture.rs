//! A server with one service of the contract, which behaves as badly as its caller asks.

use std::future::pending;
use std::panic::panic_any;
use std::pin::Pin;
use std::time::Duration;

use proto::registry::v1::change_feed_service_client::ChangeFeedServiceClient;
use proto::registry::v1::change_feed_service_server::{ChangeFeedService, ChangeFeedServiceServer};
use proto::registry::v1::{ChangeFeed, GetChangeFeedRequest, WatchChangesRequest, WatchChangesResponse};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_stream::{Stream, StreamExt, iter, once};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

use crate::server::{Assembly, Error, Shutdown};
use crate::{settings, stream};

pub(super) const SERVICE: &str = "corridor.registry.v1.ChangeFeedService";
pub(super) const MESSAGE_LIMIT: usize = 64 * 1_024;

/// Does what the metadata `behave` says.
#[derive(Clone)]
struct Misbehaving(Shutdown);

type Watch = Pin<Box<dyn Stream<Item = Result<WatchChangesResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ChangeFeedService for Misbehaving {
    async fn get_change_feed(&self, request: Request<GetChangeFeedRequest>) -> Result<Response<ChangeFeed>, Status> {
        match behavior(&request).as_str() {
            "panic" => panic_any("on purpose"),
            "sleep" => sleep(Duration::from_millis(500)).await,
            "hang" => pending().await,
            "bare" => return Err(Status::internal("secret")),
            "large" => {
                return Ok(Response::new(ChangeFeed { epoch: "x".repeat(MESSAGE_LIMIT), ..ChangeFeed::default() }));
            }
            _ => {}
        }
        Ok(Response::new(ChangeFeed { head_revision: 7, ..ChangeFeed::default() }))
    }

    type WatchChangesStream = Watch;

    async fn watch_changes(&self, request: Request<WatchChangesRequest>) -> Result<Response<Watch>, Status> {
        let one = WatchChangesResponse::default;
        let watch: Watch = match behavior(&request).as_str() {
            "panic" => Box::pin(once(()).map(|()| panic_any("on purpose"))),
            "bare" => Box::pin(iter([Ok(one()), Err(Status::unknown("secret"))])),
            "busy" => Box::pin(iter(std::iter::repeat_with(move || Ok(one())))),
            "obedient" => {
                let shutdown = self.0.clone();
                Box::pin(stream::respond(1, move |sender| async move {
                    sender.send(one()).await?;
                    shutdown.cancelled().await;
                    Err(Status::unavailable("resume from 7"))
                }))
            }
            _ => Box::pin(stream::respond(1, move |sender| async move {
                sender.send(one()).await?;
                pending().await
            })),
        };
        Ok(Response::new(watch))
    }
}

fn behavior<T>(request: &Request<T>) -> String {
    request.metadata().get("behave").map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

/// A request that asks for `behavior`.
pub(super) fn asking<T>(message: T, behavior: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("behave", behavior.parse().unwrap());
    request
}

/// A server of the fixture's service that runs until stopped.
pub(super) struct Running {
    pub(super) address: String,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), Error>>,
}

impl Running {
    pub(super) async fn start(settings: settings::Server) -> Self {
        Self::start_ready_when(settings, std::future::ready(())).await
    }

    pub(super) async fn start_ready_when(
        settings: settings::Server,
        ready: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        Self::start_assembly(settings, |assembly| assembly.ready_when(ready)).await
    }

    pub(super) async fn start_assembly(
        mut settings: settings::Server,
        adapt: impl FnOnce(Assembly) -> Assembly,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("address");
        settings.address_file = Some(file.clone());
        let assembly = adapt(Assembly::new(settings));
        let service = ChangeFeedServiceServer::new(Misbehaving(assembly.shutdown()))
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        let assembly = assembly.add_service(service);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let _folder = folder;
            assembly.serve_until(async { stopped.await.unwrap() }).await
        });
        let address = loop {
            match std::fs::read_to_string(&file) {
                Ok(address) => break address.trim().to_owned(),
                Err(_) => sleep(Duration::from_millis(5)).await,
            }
        };
        Self { address, stop: Some(stop), serving }
    }

    pub(super) async fn channel(&self) -> Channel {
        Endpoint::new(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    pub(super) async fn client(&self) -> ChangeFeedServiceClient<Channel> {
        ChangeFeedServiceClient::new(self.channel().await)
    }

    /// Calls `method` with an empty message and returns how it ended. tonic's client would end the call itself when
    /// `timeout` passes, before the server's answer arrives; this one only sends it.
    pub(super) async fn call_without_patience(&self, method: &str, behavior: &str, timeout: &str) -> Status {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        // The busy stream comes in small frames, of which h2 bears few by default.
        let builder = h2::client::Builder::new().data_frame_budget(usize::MAX).to_owned();
        let (mut client, connection) = builder.handshake::<_, tonic::codegen::Bytes>(stream).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::post(format!("http://{}/{SERVICE}/{method}", self.address))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-timeout", timeout)
            .header("behave", behavior)
            .body(())
            .unwrap();
        let (response, mut body) = client.send_request(request, false).unwrap();
        let empty_message = [0; 5].as_slice();
        body.send_data(empty_message.into(), true).unwrap();
        let response = response.await.unwrap();
        if let Some(status) = Status::from_header_map(response.headers()) {
            return status;
        }
        let mut body = response.into_body();
        while let Some(data) = body.data().await {
            let length = data.unwrap().len();
            body.flow_control().release_capacity(length).unwrap();
        }
        Status::from_header_map(&body.trailers().await.unwrap().unwrap()).unwrap()
    }

    /// What the signal does.
    pub(super) fn begin_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(super) async fn ended(self) {
        self.serving.await.unwrap().unwrap();
    }
}

/// Asserts that `outcome` is an error of `code` with exactly one `ErrorInfo` of `reason`.
pub(super) fn refused_with<T: std::fmt::Debug>(outcome: Result<T, Status>, code: Code, reason: &str) -> Status {
    let status = outcome.unwrap_err();
    assert_eq!(status.code(), code, "{status}");
    let details = status.get_error_details_vec();
    let infos: Vec<_> = details
        .iter()
        .filter_map(|detail| match detail {
            tonic_types::ErrorDetail::ErrorInfo(info) => Some(info),
            _ => None,
        })
        .collect();
    assert_eq!(infos.len(), 1, "{status}");
    assert_eq!((infos[0].reason.as_str(), infos[0].domain.as_str()), (reason, "corridor"));
    status
}
