//! Offers and requests: what an enterprise publishes that it gives or wants.

use super::{Date, HsCode, Industry, IsicCode, Region, Term};

/// A published offer or request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opportunity {
    /// Resource name, `enterprises/{e}/opportunities/{o}`.
    pub(crate) name: String,
    /// One line, to show.
    pub(crate) title: String,
    /// Offer or request, and of what family.
    pub(crate) kind: OpportunityKind,
    /// Programme industries, each once.
    pub(crate) industries: Vec<Industry>,
    /// What it is about, by ISIC Rev. 4.
    pub(crate) isic: Vec<IsicCode>,
    /// What it is about, by HS 2022.
    pub(crate) hs: Vec<HsCode>,
    /// Its keywords as [`super::terms_of`] reads them: sorted, each once.
    pub(crate) terms: Vec<Term>,
    /// Kinds of partnership wanted.
    pub(crate) partnership_types: PartnershipTypes,
    /// Where it is meant for; empty: everywhere.
    pub(crate) target_regions: Vec<Region>,
    /// How much a request matters, 1 to 5.
    pub(crate) priority: u8,
    /// First day on which it no longer holds; absent: it always holds.
    pub(crate) expires: Option<Date>,
}

impl Opportunity {
    /// Priority of a request that names none.
    pub(crate) const DEFAULT_PRIORITY: u8 = 3;

    /// Whether it still holds on that day.
    pub(crate) fn holds(&self, as_of: Date) -> bool {
        self.expires.is_none_or(|expires| as_of < expires)
    }

    /// Bytes it occupies, as far as they can be counted from outside.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.name.capacity()
            + self.title.capacity()
            + self.industries.capacity() * size_of::<Industry>()
            + self.isic.capacity() * size_of::<IsicCode>()
            + self.hs.capacity() * size_of::<HsCode>()
            + self.terms.capacity() * size_of::<Term>()
            + self.target_regions.capacity() * size_of::<Region>()
    }
}

/// Offer or request, and of what family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum OpportunityKind {
    /// Goods or services are offered.
    BusinessOffer,
    /// Goods or services are wanted.
    BusinessRequest,
    /// A technology is offered.
    TechnologyOffer,
    /// A technology is wanted.
    TechnologyRequest,
    /// Partners for research are wanted.
    ResearchRequest,
    /// Capital is offered.
    InvestmentOffer,
    /// Capital is wanted.
    InvestmentRequest,
    /// People or training are offered.
    TalentOffer,
    /// People or training are wanted.
    TalentRequest,
}

impl OpportunityKind {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 9] = [
        Self::BusinessOffer,
        Self::BusinessRequest,
        Self::TechnologyOffer,
        Self::TechnologyRequest,
        Self::ResearchRequest,
        Self::InvestmentOffer,
        Self::InvestmentRequest,
        Self::TalentOffer,
        Self::TalentRequest,
    ];

    /// The kind that it answers; none for a request that only asks.
    pub(crate) fn asked_by(self) -> Option<Self> {
        match self {
            Self::BusinessOffer => Some(Self::BusinessRequest),
            Self::TechnologyOffer => Some(Self::TechnologyRequest),
            Self::ResearchRequest => Some(Self::ResearchRequest),
            Self::InvestmentOffer => Some(Self::InvestmentRequest),
            Self::TalentOffer => Some(Self::TalentRequest),
            Self::BusinessRequest | Self::TechnologyRequest | Self::InvestmentRequest | Self::TalentRequest => None,
        }
    }

    /// The kind that answers it; none for an offer, which asks for nothing. A research request is answered by a
    /// research request: both sides look for partners.
    pub(crate) fn answered_by(self) -> Option<Self> {
        match self {
            Self::BusinessRequest => Some(Self::BusinessOffer),
            Self::TechnologyRequest => Some(Self::TechnologyOffer),
            Self::ResearchRequest => Some(Self::ResearchRequest),
            Self::InvestmentRequest => Some(Self::InvestmentOffer),
            Self::TalentRequest => Some(Self::TalentOffer),
            Self::BusinessOffer | Self::TechnologyOffer | Self::InvestmentOffer | Self::TalentOffer => None,
        }
    }
}

/// A set of kinds of partnership, by their numbers in the contract (1 to 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PartnershipTypes(u32);

impl PartnershipTypes {
    /// Adds the kind with this number; numbers above 31 do not exist and are left out.
    pub(crate) fn insert(&mut self, number: u32) {
        self.0 |= 1_u32.checked_shl(number).unwrap_or(0);
    }

    /// The set as bits, by number.
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// The set of these bits.
    pub(crate) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether none is named.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many both name, and how many either names.
    pub(crate) fn overlap(self, other: Self) -> (u32, u32) {
        ((self.0 & other.0).count_ones(), (self.0 | other.0).count_ones())
    }
}

impl FromIterator<u32> for PartnershipTypes {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut types = Self::default();
        for number in numbers {
            types.insert(number);
        }
        types
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_answers_a_request_of_its_own_family() {
        assert_eq!(OpportunityKind::TalentRequest.answered_by(), Some(OpportunityKind::TalentOffer));
        assert_eq!(OpportunityKind::ResearchRequest.answered_by(), Some(OpportunityKind::ResearchRequest));
        assert_eq!(OpportunityKind::BusinessOffer.answered_by(), None);
    }

    #[test]
    fn overlap_counts_shared_and_all() {
        let one = PartnershipTypes::from_iter([1, 4, 5]);
        let other = PartnershipTypes::from_iter([4, 14, 99]);
        assert_eq!(one.overlap(other), (1, 4));
    }
}
