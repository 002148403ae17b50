//! One enterprise as bytes: the numbers of its shared parts, then its own texts.

use std::sync::Arc;

use crate::domain::{CountryCode, EnterpriseId, HsCode, Opportunity, Owner, Profile, State};

use super::bytes::{Reader, Write};
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
    bytes.text(profile.id.as_str());
    bytes.text(&profile.display_name);
    bytes.text(&profile.subdivision);
    bytes.number(profile.products.len() as u64);
    profile.products.iter().for_each(|product| bytes.text(product.as_str()));
    bytes.number(profile.certifications.len() as u64);
    profile.certifications.iter().for_each(|certification| bytes.text(certification));
    bytes.number(profile.owners.len() as u64);
    for owner in &profile.owners {
        match owner {
            Owner::Enterprise(id) => {
                bytes.push(0);
                bytes.text(id.as_str());
            }
            Owner::Name(name) => {
                bytes.push(1);
                bytes.text(name);
            }
        }
    }
    bytes
}

/// The texts of a record, which end where they were written to end.
struct Texts<'a>(Reader<'a>);

/// Why reading a record cannot fail.
const WHOLE: &str = "a record ends where it was written to end";

impl<'a> Texts<'a> {
    fn of(record: Record<'a>) -> Self {
        Self(Reader(&record.0[HEAD_BYTES..]))
    }

    fn text(&mut self) -> &'a str {
        self.0.text().expect(WHOLE)
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = self.0.number().expect(WHOLE);
        (0..length).map(|_| item(self)).collect()
    }

    fn owners(&mut self) -> Vec<Owner> {
        self.list(|texts| match texts.0.byte().expect(WHOLE) {
            0 => Owner::Enterprise(EnterpriseId::parse(texts.text()).expect("owners of records were parsed once")),
            _ => Owner::Name(texts.text().into()),
        })
    }
}

impl<'a> Record<'a> {
    /// The fixed part.
    pub(crate) fn head(self) -> Head {
        let country = std::str::from_utf8(&self.0[20..22]).expect("country codes are ASCII");
        Head {
            codes: self.codes(),
            country: CountryCode::parse(country).unwrap_or(CountryCode::UNKNOWN),
            state: STATES[usize::from(self.0[23])],
            topic: self.0[24],
        }
    }

    /// Numbers of its shared parts.
    pub(crate) fn codes(self) -> Codes {
        let number = |at: usize| {
            let four = self.0[at * 4..at * 4 + 4].try_into().expect("four bytes are four bytes");
            u32::from_le_bytes(four)
        };
        Codes {
            reach: number(0),
            focus: number(1),
            work: number(2),
            standing: number(3),
            tongue: number(4),
            size: self.0[22],
        }
    }

    /// The bare id.
    pub(crate) fn id(self) -> &'a str {
        Texts::of(self).text()
    }

    /// The name to show.
    pub(crate) fn display_name(self) -> &'a str {
        let mut texts = Texts::of(self);
        texts.text();
        texts.text()
    }

    /// Who owns it.
    pub(super) fn owners(self) -> Vec<Owner> {
        self.before_owners().owners()
    }

    /// Whether it names an owner.
    pub(super) fn has_owners(self) -> bool {
        self.before_owners().0.number() != Some(0)
    }

    fn before_owners(self) -> Texts<'a> {
        let mut texts = Texts::of(self);
        for _ in 0..3 {
            texts.text();
        }
        for _ in 0..2 {
            for _ in 0..texts.0.number().expect(WHOLE) {
                texts.text();
            }
        }
        texts
    }

    /// The whole profile.
    pub(super) fn profile(self, facets: &Facets, opportunities: &[Arc<Opportunity>]) -> Profile {
        let head = self.head();
        let mut texts = Texts::of(self);
        let id = EnterpriseId::parse(texts.text()).expect("ids of records were parsed once");
        let mut profile = facets.profile(&head.codes, id, head.country);
        profile.state = head.state;
        texts.text().clone_into(&mut profile.display_name);
        texts.text().clone_into(&mut profile.subdivision);
        profile.products = texts.list(|texts| HsCode::parse(texts.text()).expect("goods of records were parsed once"));
        profile.certifications = texts.list(|texts| texts.text().to_owned());
        profile.owners = texts.owners();
        profile.opportunities = opportunities.to_vec();
        profile
    }
}
