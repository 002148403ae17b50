//! All records, by slot. A slot stays with its enterprise for as long as that exists.

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::{Opportunity, Profile};

use super::dictionary::Dictionary;
use super::facets::Facets;
use super::record::Record;

/// Records by slot. Cloning copies pointers only, and what a clone shows never changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    chunks: Dictionary<Chunk>,
}

/// Records that are copied when one of them changes: 20 KB or so, which takes a microsecond or two. (Few in tests, so that
/// there are several chunks.)
const CHUNK: usize = if cfg!(test) { 8 } else { 256 };

#[derive(Debug, Clone)]
struct Chunk {
    bytes: Box<[u8]>,
    /// Where each record ends.
    ends: Box<[u32]>,
    /// Opportunities of those who publish any, by place.
    voices: Box<[(u32, Published)]>,
}

/// What one enterprise publishes.
type Published = Arc<[Arc<Opportunity>]>;

/// What becomes of a slot.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) slot: u32,
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) opportunities: Published,
}

impl Records {
    /// How many slots there are, the free ones among them.
    pub(crate) fn slots(&self) -> usize {
        let Some(last) = self.chunks.len().checked_sub(1) else { return 0 };
        last * CHUNK + self.chunks.get(last as u32).ends.len()
    }

    /// The record in a slot. Panics if there is no such slot; a free slot has the record that was there last.
    pub(crate) fn get(&self, slot: u32) -> Record<'_> {
        let (chunk, at) = (self.chunks.get(slot / CHUNK as u32), slot as usize % CHUNK);
        let begin = if at == 0 { 0 } else { chunk.ends[at - 1] as usize };
        Record(&chunk.bytes[begin..chunk.ends[at] as usize])
    }

    /// The published opportunities of the enterprise in a slot.
    pub(crate) fn opportunities(&self, slot: u32) -> &[Arc<Opportunity>] {
        let (chunk, at) = (self.chunks.get(slot / CHUNK as u32), slot % CHUNK as u32);
        match chunk.voices.binary_search_by_key(&at, |(place, _)| *place) {
            Ok(found) => &chunk.voices[found].1,
            Err(_) => &[],
        }
    }

    /// The whole profile in a slot.
    pub(crate) fn profile(&self, slot: u32, facets: &Facets) -> Profile {
        self.get(slot).profile(facets, self.opportunities(slot))
    }

    /// Writes records to their slots, which are in order, each once; new ones follow on the last.
    pub(super) fn write(&mut self, written: &[Written<'_>]) {
        for written in written.chunk_by(|one, next| one.slot as usize / CHUNK == next.slot as usize / CHUNK) {
            let at = written[0].slot / CHUNK as u32;
            let is_new = at as usize == self.chunks.len();
            let chunk = if is_new { Chunk::empty().with(written) } else { self.chunks.get(at).with(written) };
            self.chunks.set(at, Arc::new(chunk));
        }
    }

    /// Memory in bytes, as counted, without opportunities.
    pub(super) fn bytes(&self) -> usize {
        let of = |chunk: &Chunk| {
            size_of::<Chunk>() + chunk.bytes.len() + size_of_val(&*chunk.ends) + size_of_val(&*chunk.voices)
        };
        self.chunks.iter().map(of).sum()
    }
}

impl Chunk {
    fn empty() -> Self {
        Self { bytes: Box::default(), ends: Box::default(), voices: Box::default() }
    }

    fn with(&self, written: &[Written<'_>]) -> Self {
        let last = written.last().map_or(0, |one| one.slot as usize % CHUNK + 1);
        let size = self.ends.len().max(last);
        let more: usize = written.iter().map(|one| one.bytes.len()).sum();
        let mut bytes = Vec::with_capacity(self.bytes.len() + more);
        let (mut ends, mut voices) = (Vec::with_capacity(size), Vec::new());
        let (mut written, mut kept) = (written.iter().peekable(), self.voices.iter().peekable());
        let mut begin = 0;
        for at in 0..size {
            let end = self.ends.get(at).map_or(begin, |end| *end as usize);
            let voice = kept.next_if(|(place, _)| *place as usize == at);
            match written.next_if(|one| one.slot as usize % CHUNK == at) {
                Some(one) => {
                    bytes.extend_from_slice(&one.bytes);
                    if !one.opportunities.is_empty() {
                        voices.push((at as u32, one.opportunities.clone()));
                    }
                }
                None => {
                    bytes.extend_from_slice(&self.bytes[begin..end]);
                    voices.extend(voice.cloned());
                }
            }
            begin = end;
            ends.push(u32::try_from(bytes.len()).expect("256 records are far below 4 GB"));
        }
        Self { bytes: bytes.into(), ends: ends.into(), voices: voices.into() }
    }
}
