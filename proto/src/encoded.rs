//! Servers whose answers are encoded already: the change feed, so that what many watchers are sent is encoded once, and the
//! search for partners, whose answers are many small texts.

use std::marker::PhantomData;

use prost::Message;
use prost::bytes::{BufMut, Bytes};
use tonic::Status;
use tonic::codec::{Codec, EncodeBuf, Encoder};
use tonic_prost::ProstDecoder;

include!(concat!(env!("OUT_DIR"), "/corridor.registry.v1.ChangeFeedService.rs"));
include!(concat!(env!("OUT_DIR"), "/corridor.matcher.v1.MatcherService.rs"));

/// Requests are messages; answers are the bytes of one.
#[derive(Clone, Copy, Debug)]
pub struct EncodedCodec<T>(PhantomData<T>);

/// Copies what is encoded.
#[derive(Clone, Copy, Debug)]
pub struct Copied;

impl<T> Default for EncodedCodec<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: Message + Default + Send + 'static> Codec for EncodedCodec<T> {
    type Encode = Bytes;
    type Decode = T;
    type Encoder = Copied;
    type Decoder = ProstDecoder<T>;

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
