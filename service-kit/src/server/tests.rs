//! What the server promises, over real connections.

use std::time::{Duration, Instant};

use proto::registry::v1::{GetChangeFeedRequest, WatchChangesRequest};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use super::*;
use fixture::{MESSAGE_LIMIT, Running, SERVICE, asking, refused_with};

mod fixture;

async fn health(channel: Channel, service: &str) -> Result<ServingStatus, Status> {
    let request = HealthCheckRequest { service: service.to_owned() };
    Ok(HealthClient::new(channel).check(request).await?.into_inner().status())
}

/// Sends any message to any path, as a client with another contract would.
async fn call_raw<T: prost::Message + Default + 'static>(
    channel: Channel,
    path: &'static str,
    message: T,
) -> Result<(), Status> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<T, ()>::default();
    grpc.unary(Request::new(message), path.parse().unwrap(), codec).await.map(|_| ())
}

#[tokio::test]
async fn health_is_told_per_service_and_for_the_whole() {
    let server = Running::start(settings::Server::default()).await;
    let channel = server.channel().await;
    for service in ["", SERVICE] {
        // Readiness is set by a task of its own.
        while health(channel.clone(), service).await.unwrap() != ServingStatus::Serving {
            tokio::task::yield_now().await;
        }
    }
    refused_with(health(channel, "corridor.Nothing").await, Code::NotFound, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn health_waits_for_readiness_but_calls_do_not() {
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let ready_when = async { is_ready.await.unwrap() };
    let server = Running::start_ready_when(settings::Server::default(), ready_when).await;
    let channel = server.channel().await;
    assert_eq!(health(channel.clone(), SERVICE).await.unwrap(), ServingStatus::NotServing);
    assert!(server.client().await.get_change_feed(GetChangeFeedRequest {}).await.is_ok());
    ready.send(()).unwrap();
    while health(channel.clone(), SERVICE).await.unwrap() != ServingStatus::Serving {
        tokio::task::yield_now().await;
    }
}

macro_rules! reflection_knows {
    ($test:ident, $version:ident) => {
        #[tokio::test]
        async fn $test() {
            use pb::server_reflection_request::MessageRequest;
            use pb::server_reflection_response::MessageResponse;
            use tonic_reflection::pb::$version as pb;
            let server = Running::start(settings::Server::default()).await;
            let mut client = pb::server_reflection_client::ServerReflectionClient::new(server.channel().await);
            let requests = [
                MessageRequest::ListServices(String::new()),
                MessageRequest::FileContainingSymbol(SERVICE.to_owned()),
                MessageRequest::FileContainingSymbol("google.rpc.ErrorInfo".to_owned()),
            ];
            let requests = requests
                .map(|request| pb::ServerReflectionRequest { host: String::new(), message_request: Some(request) });
            let answers = client.server_reflection_info(tokio_stream::iter(requests)).await.unwrap().into_inner();
            let answers: Vec<_> = tokio_stream::StreamExt::collect(answers).await;
            let answers: Vec<_> =
                answers.into_iter().map(|answer: Result<_, Status>| answer.unwrap().message_response).collect();
            let Some(MessageResponse::ListServicesResponse(listed)) = &answers[0] else { panic!("{answers:?}") };
            let listed: Vec<&str> = listed.service.iter().map(|service| service.name.as_str()).collect();
            assert_eq!(listed, ["grpc.health.v1.Health", SERVICE]);
            for answer in &answers[1..] {
                assert!(matches!(answer, Some(MessageResponse::FileDescriptorResponse(_))), "{answer:?}");
            }
        }
    };
}
reflection_knows!(reflection_v1_knows_the_contract_and_error_details, v1);
reflection_knows!(reflection_v1alpha_knows_the_contract_and_error_details, v1alpha);

#[tokio::test]
async fn where_a_token_is_required_health_and_reflection_answer_without() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "a secret that nobody needs to know").unwrap();
    let identity = settings::Identity { required: true, secret_file: Some(file), ..settings::Identity::default() };
    let verifier = Verifier::load(&identity).unwrap_or_else(|violations| panic!("{violations:?}"));
    let settings = settings::Server::default();
    let server = Running::start_assembly(settings, |assembly| assembly.identify_by(verifier)).await;

    let refused = server.client().await.get_change_feed(GetChangeFeedRequest {}).await;
    refused_with(refused, Code::Unauthenticated, "UNAUTHENTICATED");
    let refused = server.client().await.watch_changes(WatchChangesRequest::default()).await.map(drop);
    refused_with(refused, Code::Unauthenticated, "UNAUTHENTICATED");

    let channel = server.channel().await;
    assert!(health(channel.clone(), "").await.is_ok());
    let mut reflection = tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient::new(channel);
    let mut answers = reflection.server_reflection_info(tokio_stream::empty()).await.unwrap().into_inner();
    assert!(answers.message().await.unwrap().is_none());
}

#[tokio::test]
async fn unknown_methods_and_services_are_unimplemented() {
    let server = Running::start(settings::Server::default()).await;
    for path in ["/corridor.registry.v1.ChangeFeedService/Nothing", "/corridor.Nothing/Get", "/"] {
        let outcome = call_raw(server.channel().await, path, ()).await;
        let status = refused_with(outcome, Code::Unimplemented, "METHOD_UNKNOWN");
        assert!(status.message().contains(path), "{status}");
    }
}

#[tokio::test]
async fn malformed_messages_are_the_callers_fault() {
    let server = Running::start(settings::Server::default()).await;
    // A number where the contract has a text.
    let message = tonic_types::pb::Status { code: 5, ..Default::default() };
    let path = "/corridor.registry.v1.ChangeFeedService/WatchChanges";
    let status =
        refused_with(call_raw(server.channel().await, path, message).await, Code::InvalidArgument, "INVALID_FIELDS");
    assert!(status.get_details_bad_request().is_some());
}

#[tokio::test]
async fn oversize_messages_exceed_a_limit_in_both_directions() {
    let server = Running::start(settings::Server::default()).await;
    let mut client = server.client().await;
    let token = "x".repeat(MESSAGE_LIMIT + 1);
    let start = Some(proto::registry::v1::watch_changes_request::Start::FromToken(token));
    let request = WatchChangesRequest { start, ..WatchChangesRequest::default() };
    refused_with(client.watch_changes(request).await, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    let answer = client.get_change_feed(asking(GetChangeFeedRequest {}, "large")).await;
    refused_with(answer, Code::ResourceExhausted, "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn panics_and_bare_errors_are_internal_and_keep_their_secrets() {
    let server = Running::start(settings::Server::default()).await;
    let mut client = server.client().await;
    for behavior in ["panic", "bare"] {
        let outcome = client.get_change_feed(asking(GetChangeFeedRequest {}, behavior)).await;
        assert_eq!(refused_with(outcome, Code::Internal, "INTERNAL_ERROR").message(), "internal error");

        let mut watch =
            client.watch_changes(asking(WatchChangesRequest::default(), behavior)).await.unwrap().into_inner();
        let outcome = loop {
            match watch.message().await {
                Ok(Some(_)) => {}
                end => break end,
            }
        };
        assert_eq!(refused_with(outcome, Code::Internal, "INTERNAL_ERROR").message(), "internal error");
    }
    assert!(client.get_change_feed(GetChangeFeedRequest {}).await.is_ok(), "the connection survives");
}

#[tokio::test]
async fn deadlines_end_calls_and_streams() {
    let server = Running::start(settings::Server::default()).await;
    for (method, behavior, timeout) in [
        ("GetChangeFeed", "hang", "50m"),
        ("GetChangeFeed", "hang", "1n"),
        ("WatchChanges", "idle", "50m"),
        ("WatchChanges", "busy", "50m"),
    ] {
        let status = server.call_without_patience(method, behavior, timeout).await;
        refused_with(Err::<(), _>(status), Code::DeadlineExceeded, "DEADLINE");
    }
}

#[tokio::test]
async fn calls_over_the_limit_are_refused_at_once_but_health_answers() {
    let server = Running::start(settings::Server { max_in_flight: 1, ..Default::default() }).await;
    let mut client = server.client().await;
    // An open stream does not count.
    let _watch = client.watch_changes(WatchChangesRequest::default()).await.unwrap();
    let mut hanging = client.clone();
    let hanging = tokio::spawn(async move { hanging.get_change_feed(asking(GetChangeFeedRequest {}, "hang")).await });
    let refusal = loop {
        match client.get_change_feed(GetChangeFeedRequest {}).await {
            Ok(_) => tokio::task::yield_now().await,
            refusal => break refusal,
        }
    };
    let status = refused_with(refusal, Code::ResourceExhausted, "LIMIT_EXCEEDED");
    assert_eq!(status.get_details_error_info().unwrap().metadata["limit"], "server.max_in_flight");
    assert!(status.get_details_retry_info().is_some());
    assert!(health(server.channel().await, SERVICE).await.is_ok());
    hanging.abort();
    // The caller's cancellation frees the place.
    timeout(Duration::from_secs(5), async { while client.get_change_feed(GetChangeFeedRequest {}).await.is_err() {} })
        .await
        .unwrap();
}

#[tokio::test]
async fn the_drain_ends_although_a_client_is_silent_and_streams_are_endless() {
    let mut server = Running::start(settings::Server { drain_seconds: 1, ..Default::default() }).await;
    let mut silent = TcpStream::connect(&server.address).await.unwrap();
    let mut client = server.client().await;
    let mut endless = client.watch_changes(WatchChangesRequest::default()).await.unwrap().into_inner();
    assert!(endless.message().await.unwrap().is_some());
    let mut hanging = client.clone();
    let hanging = tokio::spawn(async move { hanging.get_change_feed(asking(GetChangeFeedRequest {}, "hang")).await });
    tokio::time::sleep(Duration::from_millis(50)).await;

    let stopped = Instant::now();
    server.begin_stop();
    refused_with(endless.message().await, Code::Unavailable, "SHUTTING_DOWN");
    refused_with(hanging.await.unwrap(), Code::Unavailable, "SHUTTING_DOWN");
    server.ended().await;
    assert!(stopped.elapsed() < Duration::from_millis(1_300), "{:?}", stopped.elapsed());
    let mut rest = Vec::new();
    let closed = timeout(Duration::from_secs(1), silent.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the silent connection is closed too");
}

#[tokio::test]
async fn calls_in_flight_finish_during_the_drain_and_new_connections_are_refused() {
    let mut server = Running::start(settings::Server::default()).await;
    let address = server.address.clone();
    let mut client = server.client().await;
    let running = tokio::spawn(async move { client.get_change_feed(asking(GetChangeFeedRequest {}, "sleep")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.begin_stop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(&address).await.is_err());
    assert_eq!(running.await.unwrap().unwrap().into_inner().head_revision, 7);
    timeout(Duration::from_secs(1), server.ended()).await.unwrap();
}

#[tokio::test]
async fn streams_that_listen_end_with_their_own_words_and_the_drain_is_quick() {
    let mut server = Running::start(settings::Server::default()).await;
    let mut client = server.client().await;
    let mut watch =
        client.watch_changes(asking(WatchChangesRequest::default(), "obedient")).await.unwrap().into_inner();
    assert!(watch.message().await.unwrap().is_some());
    let request = HealthCheckRequest { service: SERVICE.to_owned() };
    let mut health = HealthClient::new(server.channel().await).watch(request).await.unwrap().into_inner();
    while health.message().await.unwrap().unwrap().status() != ServingStatus::Serving {}

    let stopped = Instant::now();
    server.begin_stop();
    assert_eq!(watch.message().await.unwrap_err().message(), "resume from 7");
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    refused_with(health.message().await, Code::Unavailable, "SHUTTING_DOWN");
    server.ended().await;
    assert!(stopped.elapsed() < Duration::from_secs(1), "{:?}", stopped.elapsed());
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let server = Running::start(settings::Server::default()).await;
    let listen = server.address.parse().unwrap();
    let outcome =
        Assembly::new(settings::Server { listen, ..Default::default() }).serve_until(std::future::pending()).await;
    assert_eq!(outcome.unwrap_err().to_string(), format!("cannot listen on {}", server.address));
}
