//! One enterprise as bytes: the numbers of its shared parts, then its own texts.

use std::sync::Arc;

use crate::domain::{CountryCode, EnterpriseId, HsCode, Opportunity, Owner, Profile, State};

use super::facets::{Codes, Facets};

/// The fixed part of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Numbers of its shared parts.
    pub(crate) codes: Codes,
    /// Country of the headquarters.
    pub(crate) country: CountryCode,
    /// Where the record stands.
    pub(crate) state: State,
    /// What its opportunities are about, coarsely; [`SILENT`] if it publishes none.
    pub(crate) topic: u8,
}

/// The topic of enterprises that publish nothing.
pub(crate) const SILENT: u8 = u8::MAX;

/// Topic of opportunities without a code; divisions are below 88.
const UNCODED: u8 = 100;

const STATES: [State; 5] = [State::Draft, State::InReview, State::Active, State::Suspended, State::Merged];

/// Numbers of five parts, country, size, state, topic.
const HEAD_BYTES: usize = 25;

/// A record in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a>(pub(super) &'a [u8]);

/// The topic of what an enterprise publishes: enterprises with a topic in common stand together in the index.
pub(super) fn topic(opportunities: &[Arc<Opportunity>]) -> u8 {
    if opportunities.is_empty() {
        return SILENT;
    }
    let divisions = opportunities.iter().flat_map(|one| &one.isic).filter_map(|code| code.division());
    divisions.min().map_or(UNCODED, |division| division.index() as u8)
}

/// Writes a record.
pub(super) fn write(profile: &Profile, codes: &Codes, topic: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD_BYTES + 64);
    for number in [codes.reach, codes.focus, codes.work, codes.standing, codes.tongue] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(profile.country.as_str().as_bytes());
    bytes.push(codes.size);
    bytes.push(STATES.iter().position(|state| *state == profile.state).unwrap_or_default() as u8);
    bytes.push(topic);
    text(&mut bytes, profile.id.as_str());
    text(&mut bytes, &profile.display_name);
    text(&mut bytes, &profile.subdivision);
    number(&mut bytes, profile.products.len());
    profile.products.iter().for_each(|product| text(&mut bytes, product.as_str()));
    number(&mut bytes, profile.certifications.len());
    profile.certifications.iter().for_each(|certification| text(&mut bytes, certification));
    number(&mut bytes, profile.owners.len());
    for owner in &profile.owners {
        match owner {
            Owner::Enterprise(id) => {
                bytes.push(0);
                text(&mut bytes, id.as_str());
            }
            Owner::Name(name) => {
                bytes.push(1);
                text(&mut bytes, name);
            }
        }
    }
    bytes
}

/// Seven bits a byte, least first: one byte for all but long names.
fn number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len());
    bytes.extend(text.as_bytes());
}

/// Reads what [`write`] wrote.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().expect("a record ends where it was written to end");
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> usize {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return number;
            }
            shift += 7;
        }
    }

    fn text(&mut self) -> &'a str {
        let length = self.number();
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(text).expect("texts of records are UTF-8")
    }
}

impl<'a> Record<'a> {
    /// The fixed part.
    pub(crate) fn head(self) -> Head {
        let number = |at: usize| {
            let four = self.0[at * 4..at * 4 + 4].try_into().expect("four bytes are four bytes");
            u32::from_le_bytes(four)
        };
        let country = std::str::from_utf8(&self.0[20..22]).expect("country codes are ASCII");
        Head {
            codes: Codes {
                reach: number(0),
                focus: number(1),
                work: number(2),
                standing: number(3),
                tongue: number(4),
                size: self.0[22],
            },
            country: CountryCode::parse(country).unwrap_or(CountryCode::UNKNOWN),
            state: STATES[usize::from(self.0[23])],
            topic: self.0[24],
        }
    }

    /// The bare id.
    pub(crate) fn id(self) -> &'a str {
        Reader(&self.0[HEAD_BYTES..]).text()
    }

    /// The name to show.
    pub(crate) fn display_name(self) -> &'a str {
        let mut reader = Reader(&self.0[HEAD_BYTES..]);
        reader.text();
        reader.text()
    }

    /// Who owns it.
    pub(super) fn owners(self) -> Vec<Owner> {
        let mut reader = Reader(&self.0[HEAD_BYTES..]);
        for _ in 0..3 {
            reader.text();
        }
        for _ in 0..2 {
            for _ in 0..reader.number() {
                reader.text();
            }
        }
        owners(&mut reader)
    }

    /// The whole profile.
    pub(super) fn profile(self, facets: &Facets, opportunities: &[Arc<Opportunity>]) -> Profile {
        let head = self.head();
        let mut reader = Reader(&self.0[HEAD_BYTES..]);
        let id = EnterpriseId::parse(reader.text()).expect("ids of records were parsed once");
        let mut profile = facets.profile(&head.codes, id, head.country);
        profile.state = head.state;
        reader.text().clone_into(&mut profile.display_name);
        reader.text().clone_into(&mut profile.subdivision);
        let product =
            |reader: &mut Reader<'_>| HsCode::parse(reader.text()).expect("goods of records were parsed once");
        profile.products = (0..reader.number()).map(|_| product(&mut reader)).collect();
        profile.certifications = (0..reader.number()).map(|_| reader.text().to_owned()).collect();
        profile.owners = owners(&mut reader);
        profile.opportunities = opportunities.to_vec();
        profile
    }
}

fn owners(reader: &mut Reader<'_>) -> Vec<Owner> {
    let owner = |reader: &mut Reader<'_>| match reader.byte() {
        0 => Owner::Enterprise(EnterpriseId::parse(reader.text()).expect("owners of records were parsed once")),
        _ => Owner::Name(reader.text().into()),
    };
    (0..reader.number()).map(|_| owner(reader)).collect()
}
