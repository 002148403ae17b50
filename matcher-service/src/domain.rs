//! What the matcher computes with: enterprises, opportunities and codes, parsed once, free of I/O, clocks and protobuf.

use std::fmt::{self, Write};

mod country;
mod date;
mod enterprise_id;
mod facets;
mod hs;
mod industry;
mod isic;
mod isic_divisions;
mod language;
mod lexicon;
mod marks;
mod opportunity;
pub(crate) mod policy;
mod ppm;
mod profile;
mod region_groups;
mod registered_policy;
mod summary;
mod terms;

pub(crate) use country::{CountryCode, Region};
pub(crate) use date::Date;
pub(crate) use enterprise_id::EnterpriseId;
pub(crate) use facets::{Doing, Reach, Size, Standing, Trades, Work};
pub(crate) use hs::HsCode;
pub(crate) use industry::{Industry, IndustryDefinition};
pub(crate) use isic::{IsicCode, IsicRevision};
pub(crate) use isic_divisions::{DIVISION_COUNT, Division};
pub(crate) use language::Language;
pub(crate) use lexicon::LEXICON_VERSION;
pub(crate) use marks::{Block, Marks};
pub(crate) use opportunity::{Opportunity, OpportunityKind, PartnershipTypes};
pub(crate) use policy::{Criterion, Fusion, PairingBounds, Policy};
pub(crate) use ppm::Ppm;
pub(crate) use profile::{Activity, Owner, Party, Profile, State};
pub(crate) use region_groups::{Membership, RegionGroup, RegionGroups, UnknownGroup};
pub(crate) use registered_policy::{PolicyId, PolicyName, RegisteredPolicy};
pub(crate) use summary::{
    BestStanding, Published, SECTION_BIT, Subjects, Summary, industry_bit, kind_bit, language_bit, region_bit,
    section_bit,
};
pub(crate) use terms::{Term, fold, terms_of};

/// A title as it stands inside a sentence: small first letter, unless the word is an abbreviation or one letter.
pub(crate) fn in_a_sentence(title: &str) -> impl fmt::Display {
    let mut letters = title.chars();
    let first = match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_ascii_uppercase() && second.is_ascii_lowercase() => Some(first),
        _ => None,
    };
    fmt::from_fn(move |formatter| {
        if let Some(first) = first {
            formatter.write_char(first.to_ascii_lowercase())?;
        }
        formatter.write_str(&title[usize::from(first.is_some())..])
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_fit_into_sentences() {
        let told = ["Motor vehicles", "IT services", "3D printing", "丝绸", "X", ""]
            .map(|title| in_a_sentence(title).to_string());
        assert_eq!(told, ["motor vehicles", "IT services", "3D printing", "丝绸", "X", ""]);
    }
}
