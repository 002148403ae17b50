//! The change feed for a server whose events are encoded already, so that what many watchers are sent is encoded once.

use prost::bytes::{BufMut, Bytes};
use tonic::Status;
use tonic::codec::{Codec, EncodeBuf, Encoder};
use tonic_prost::ProstDecoder;

use crate::registry::v1::WatchChangesRequest;

include!(concat!(env!("OUT_DIR"), "/corridor.registry.v1.ChangeFeedService.rs"));

/// Requests are messages; answers are the bytes of a `WatchChangesResponse`.
#[derive(Clone, Copy, Debug, Default)]
pub struct WatchCodec;

/// Copies what is encoded.
#[derive(Clone, Copy, Debug)]
pub struct Copied;

impl Codec for WatchCodec {
    type Encode = Bytes;
    type Decode = WatchChangesRequest;
    type Encoder = Copied;
    type Decoder = ProstDecoder<WatchChangesRequest>;

    fn encoder(&mut self) -> Copied {
        Copied
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstDecoder::default()
    }
}

impl Encoder for Copied {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(item.len());
        buffer.put(item);
        Ok(())
    }
}
