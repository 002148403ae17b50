//! Everything that scoring needs of one enterprise.

use std::sync::Arc;

use super::{CountryCode, Division, EnterpriseId, HsCode, Industry, IsicCode, Language, Opportunity, Region};

/// One enterprise as the matcher knows it, with its published opportunities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Which enterprise.
    pub(crate) id: EnterpriseId,
    /// The name to show.
    pub(crate) display_name: String,
    /// Country of the headquarters.
    pub(crate) country: CountryCode,
    /// ISO 3166-2 code of the province; empty if unknown.
    pub(crate) subdivision: String,
    /// Where its record stands; only [`State::Active`] ones are paired.
    pub(crate) state: State,
    /// What it does.
    pub(crate) activities: Vec<Activity>,
    /// What its programme industries say that it does, where it names no activity itself; filled in by the index.
    pub(crate) implied_activities: Vec<Activity>,
    /// Goods it makes or trades.
    pub(crate) products: Vec<HsCode>,
    /// Programme industries, each once.
    pub(crate) industries: Vec<Industry>,
    /// Number of employees, band 1 (fewest) to 6.
    pub(crate) employee_band: Option<u8>,
    /// Yearly revenue, band 1 (least) to 6.
    pub(crate) revenue_band: Option<u8>,
    /// Year it was founded.
    pub(crate) founded_year: Option<u16>,
    /// Working languages, each once.
    pub(crate) languages: Vec<Language>,
    /// Certificates it holds, as it names them.
    pub(crate) certifications: Vec<String>,
    /// Where it wants to do business.
    pub(crate) target_regions: Vec<Region>,
    /// Countries outside its own where it has a branch, a plant or a subsidiary.
    pub(crate) presence: Vec<CountryCode>,
    /// Who owns it.
    pub(crate) owners: Vec<Owner>,
    /// How far its record was checked, 1 (pending) to 4 (fully corroborated).
    pub(crate) verification: Option<u8>,
    /// Whether one of its identifiers has check digits that are right.
    pub(crate) has_checked_identifier: bool,
    /// What it offers and asks for, published only, by name.
    pub(crate) opportunities: Vec<Arc<Opportunity>>,
}

impl Profile {
    /// A profile of which only the least is known, to be filled in.
    pub(crate) fn new(id: EnterpriseId, country: CountryCode) -> Self {
        Self {
            display_name: id.to_string(),
            id,
            country,
            subdivision: String::new(),
            state: State::Active,
            activities: Vec::new(),
            implied_activities: Vec::new(),
            products: Vec::new(),
            industries: Vec::new(),
            employee_band: None,
            revenue_band: None,
            founded_year: None,
            languages: Vec::new(),
            certifications: Vec::new(),
            target_regions: Vec::new(),
            presence: Vec::new(),
            owners: Vec::new(),
            verification: None,
            has_checked_identifier: false,
            opportunities: Vec::new(),
        }
    }
}

/// One enterprise of a question, with the ownership groups it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Party<'a> {
    /// The enterprise.
    pub(crate) profile: &'a Profile,
    /// Numbers of the groups of enterprises that ownership links: two enterprises with a number in common are linked.
    /// One number for an enterprise of the index, any number for one that is not in it.
    pub(crate) ownership: &'a [u32],
}

/// Where the record of an enterprise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum State {
    /// Being written.
    Draft,
    /// Handed in for review.
    InReview,
    /// Takes part.
    Active,
    /// Taken out for a time.
    Suspended,
    /// Merged into another enterprise.
    Merged,
}

impl State {
    /// Its name in the contract, as filters write it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::InReview => "IN_REVIEW",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Merged => "MERGED",
        }
    }
}

/// An economic activity. The division is found once, when it is made, because scoring asks for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Activity {
    code: IsicCode,
    is_primary: bool,
    division: Option<Division>,
}

impl Activity {
    /// An activity of this code.
    pub(crate) fn new(code: IsicCode, is_primary: bool) -> Self {
        Self { code, is_primary, division: code.division() }
    }

    /// The same, not called the main one.
    pub(crate) fn beside(self) -> Self {
        Self { is_primary: false, ..self }
    }

    /// Its code.
    pub(crate) fn code(&self) -> IsicCode {
        self.code
    }

    /// Whether it is the main one.
    pub(crate) fn is_primary(&self) -> bool {
        self.is_primary
    }

    /// Its division of Rev. 4, if the code tells one.
    pub(crate) fn division(&self) -> Option<Division> {
        self.division
    }
}

/// Who owns a part of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Owner {
    /// An enterprise of the registry.
    Enterprise(EnterpriseId),
    /// Somebody else, by the name folded as [`super::fold`] does, so that spelling variants meet.
    Name(Arc<str>),
}
