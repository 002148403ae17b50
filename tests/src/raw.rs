//! Calls with bytes that are no message of the contract, as a broken or hostile client sends them.

use std::time::Duration;

use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};

/// Calls the unary method at `path`, like `/package.Service/Method`, with these bytes as its message.
///
/// # Errors
///
/// The refusal of the server.
pub async fn call(channel: Channel, path: &'static str, message: &[u8]) -> Result<Vec<u8>, Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.expect("the service listens");
    let path = PathAndQuery::from_static(path);
    let response = client.unary(Request::new(message.to_vec()), path, Bytes).await?;
    Ok(response.into_inner())
}

/// Calls a method that may stream either way, with these bytes as its messages; reads at most so many answers, and waits
/// at most so long for the next one.
///
/// # Errors
///
/// The refusal of the server.
///
/// # Panics
///
/// If `path` is none.
pub async fn exchange(
    channel: Channel,
    path: &str,
    messages: Vec<Vec<u8>>,
    answers_max: usize,
    silence: Duration,
) -> Result<Vec<Vec<u8>>, Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.expect("the service listens");
    let path = PathAndQuery::try_from(path).expect("a path");
    let called = client.streaming(Request::new(tokio_stream::iter(messages)), path, Bytes);
    let mut answers = Vec::new();
    // A service may well wait for a first answer before it sends its headers.
    let Ok(called) = tokio::time::timeout(silence, called).await else { return Ok(answers) };
    let mut stream = called?.into_inner();
    while answers.len() < answers_max {
        match tokio::time::timeout(silence, stream.message()).await {
            Ok(Ok(Some(answer))) => answers.push(answer),
            Ok(Err(status)) => return Err(status),
            Ok(Ok(None)) | Err(_) => break,
        }
    }
    Ok(answers)
}

/// Messages that are nothing but bytes.
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        use prost::bytes::BufMut;
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        use prost::bytes::Buf;
        let mut bytes = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}
