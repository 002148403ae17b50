//! Partners as the bytes of their messages, without the messages: an answer with all its reasons has a thousand texts.
//!
//! What is written last stands first, so that the length of a message is known when it is written.

use prost::bytes::Bytes;
use prost::{encode_length_delimiter, length_delimiter_len};

use super::{NOT_KNOWN, criterion, direction};
use crate::domain::Ppm;
use crate::matcher::Partner;
use crate::scoring::{Contribution, Evidence, Explained};

/// Partners one after the other, as field 1 of a message.
pub(super) struct Partners {
    bytes: Backwards,
    /// Bytes of each, and how many come after it; the last one first.
    places: Vec<(usize, usize)>,
}

/// The wire types of the contract.
const VARINT: usize = 0;
const LENGTH_DELIMITED: usize = 2;

/// Bytes to begin with: somewhat more than 20 partners with all their reasons take, and with what follows them less than the
/// 64 KiB from which on the allocator tidies up whenever it gets them back.
const CAPACITY: usize = 62_000;
/// Bytes for what follows partners.
const REST: usize = 2_000;

/// Encodes partners.
pub(super) fn partners(partners: &[Partner]) -> Partners {
    let mut bytes = Vec::with_capacity(CAPACITY + REST);
    bytes.resize(CAPACITY, 0);
    let mut bytes = Backwards { bytes, begin: CAPACITY };
    let mut places = Vec::with_capacity(partners.len());
    for one in partners.iter().rev() {
        let end = bytes.len();
        bytes.partner(one);
        places.push((bytes.len() - end, end));
        bytes.close(1, end);
    }
    Partners { bytes, places }
}

impl Partners {
    /// Bytes of each.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.places.iter().rev().map(|(length, _)| *length)
    }

    /// Drops all but the first ones, of which there is one at least.
    pub(super) fn truncate(&mut self, kept: usize) {
        if let Some((_, end)) = self.places.get(self.places.len() - kept) {
            self.bytes.bytes.truncate(self.bytes.bytes.len() - end);
        }
    }

    /// The bytes, and others after them.
    pub(super) fn followed_by(self, rest: &[u8]) -> Bytes {
        let Backwards { mut bytes, begin } = self.bytes;
        bytes.extend_from_slice(rest);
        Bytes::from(bytes).slice(begin..)
    }
}

/// Bytes that are written from the end.
struct Backwards {
    bytes: Vec<u8>,
    begin: usize,
}

impl Backwards {
    fn partner(&mut self, partner: &Partner) {
        if let Some(explained) = &partner.explained {
            for one in explained.contributions.iter().rev() {
                let end = self.len();
                self.contribution(explained, one);
                self.close(9, end);
            }
        }
        let score = &partner.score;
        self.ppm(8, score.known_backward);
        self.ppm(7, score.known_forward);
        self.ppm(6, score.backward);
        self.ppm(5, score.forward);
        self.ppm(4, score.pair);
        self.text(3, partner.country.as_str());
        self.text(2, &partner.display_name);
        self.text(1, &partner.id.name());
    }

    fn contribution(&mut self, explained: &Explained, one: &Contribution) {
        let is_known = !one.reasons.is_empty();
        self.number(7, usize::from(is_known));
        for evidence in explained.reasons.at(&one.reasons).rev() {
            self.evidence(&evidence);
        }
        if !is_known {
            self.evidence(&Evidence { text: NOT_KNOWN, receiver: "", bringer: "", value: one.value });
        }
        self.ppm(5, one.points);
        self.ppm(4, one.weight);
        self.ppm(3, one.value);
        self.number(2, direction(one.direction) as usize);
        self.number(1, criterion(one.criterion) as usize);
    }

    fn evidence(&mut self, evidence: &Evidence<'_>) {
        let end = self.len();
        self.ppm(4, evidence.value);
        self.text(3, evidence.bringer);
        self.text(2, evidence.receiver);
        self.text(1, evidence.text);
        self.close(6, end);
    }

    fn ppm(&mut self, field: usize, value: Ppm) {
        self.number(field, value.get() as usize);
    }

    /// A number; 0 is told by silence.
    fn number(&mut self, field: usize, number: usize) {
        if number > 0 {
            self.varint(number);
            self.varint(field << 3 | VARINT);
        }
    }

    /// A text; the empty one is told by silence.
    fn text(&mut self, field: usize, text: &str) {
        if !text.is_empty() {
            let end = self.len();
            self.put(text.as_bytes());
            self.close(field, end);
        }
    }

    /// Makes what was written since there were `end` bytes a field.
    fn close(&mut self, field: usize, end: usize) {
        self.varint(self.len() - end);
        self.varint(field << 3 | LENGTH_DELIMITED);
    }

    fn varint(&mut self, number: usize) {
        let mut digits = [0; 10];
        encode_length_delimiter(number, &mut digits.as_mut_slice()).expect("ten bytes take every number");
        self.put(&digits[..length_delimiter_len(number)]);
    }

    fn put(&mut self, bytes: &[u8]) {
        if self.begin < bytes.len() {
            let more = self.bytes.len() + bytes.len();
            self.bytes.splice(0..0, std::iter::repeat_n(0, more));
            self.begin += more;
        }
        self.begin -= bytes.len();
        self.bytes[self.begin..self.begin + bytes.len()].copy_from_slice(bytes);
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.begin
    }
}
