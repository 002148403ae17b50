//! What the matcher computes with: enterprises, opportunities and codes, parsed once, free of I/O, clocks and protobuf.

mod country;
mod date;
mod enterprise_id;
mod hs;
mod industry;
mod isic;
mod isic_divisions;
mod language;
mod lexicon;
mod opportunity;
mod ppm;
mod profile;
mod region_groups;
mod terms;

pub(crate) use country::{CountryCode, Region};
pub(crate) use date::Date;
pub(crate) use enterprise_id::EnterpriseId;
pub(crate) use hs::HsCode;
pub(crate) use industry::{Industry, IndustryDefinition};
pub(crate) use isic::{IsicCode, IsicRevision};
pub(crate) use isic_divisions::{DIVISION_COUNT, Division};
pub(crate) use language::Language;
pub(crate) use opportunity::{Opportunity, OpportunityKind, PartnershipTypes};
pub(crate) use ppm::Ppm;
pub(crate) use profile::{Activity, Owner, Party, Profile, State};
pub(crate) use region_groups::{Membership, RegionGroup, RegionGroups};
pub(crate) use terms::{Term, fold, terms_of};

/// A text that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub(crate) struct Malformed {
    text: String,
    expected: &'static str,
}

impl Malformed {
    fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.to_owned(), expected }
    }
}
