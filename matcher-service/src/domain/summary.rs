//! What a block of enterprises can have at most, in a few words: enough to tell that none of them is among the best.

use std::sync::Arc;

use super::{CountryCode, Doing, Industry, Language, Opportunity, OpportunityKind, Reach, Region, Size, Standing};

/// The union of what some enterprises have. Sets of codes are bits; vocabularies without a fixed size are hashed to 64
/// bits, so that a bit that is set may be somebody else's, but one that is not set is nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Summary {
    /// Divisions in which somebody works undiscounted, by [`super::Division::index`].
    pub(crate) main: u128,
    /// Divisions of discounted activities.
    pub(crate) side: u128,
    /// Whether somebody has no activity with a division.
    pub(crate) has_idle: bool,
    /// Programme industries, hashed.
    pub(crate) industries: u64,
    /// Whether somebody names no industry.
    pub(crate) has_unfocused: bool,
    /// Target regions and countries of presence, hashed.
    pub(crate) regions: u64,
    /// Whether somebody names no target region.
    pub(crate) has_open: bool,
    /// Working languages, hashed.
    pub(crate) languages: u64,
    /// Whether somebody names no language.
    pub(crate) has_speechless: bool,
    /// Sizes, by [`Size::number`].
    pub(crate) sizes: u64,
    /// The best of each part of the standings.
    pub(crate) standing: BestStanding,
    /// What the enterprises publish.
    pub(crate) published: Published,
}

/// What opportunities of one or several enterprises are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Published {
    /// Those that others ask for.
    pub(crate) answers: Subjects,
    /// Those that ask for others.
    pub(crate) requests: Subjects,
}

/// The best of each part of several standings, each by whoever has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct BestStanding {
    /// Highest level of verification; level 2 where nothing is known, which counts the same.
    pub(crate) verification: u8,
    /// Whether somebody of unknown level has a number with right check digits.
    pub(crate) has_checked_identifier: bool,
    /// Earliest year of foundation.
    pub(crate) founded_year: Option<u16>,
    /// Most certificates.
    pub(crate) certificates: u8,
}

/// What opportunities are about, taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Subjects {
    /// Their kinds, by [`kind_bit`].
    pub(crate) kinds: u16,
    /// Divisions of ISIC by index, and from [`SECTION_BIT`] on the sections of codes that name only a section.
    pub(crate) isic: u128,
    /// Chapters of HS.
    pub(crate) hs: u128,
    /// Whether one names an industry.
    pub(crate) has_industries: bool,
}

/// The first bit of sections; there are 88 divisions and 21 sections.
pub(crate) const SECTION_BIT: u32 = 96;

/// The bit of a kind of opportunity.
pub(crate) fn kind_bit(kind: OpportunityKind) -> u16 {
    1 << (kind as u16)
}

/// The bit of a country or a region group.
pub(crate) fn region_bit(region: &Region) -> u64 {
    match region {
        Region::Country(country) => country_bit(*country),
        Region::Group(id) => bit(super::terms::hash(id)),
    }
}

/// The bit of a country.
pub(crate) fn country_bit(country: CountryCode) -> u64 {
    bit(super::terms::hash(country.as_str()))
}

/// The bit of an industry.
pub(crate) fn industry_bit(industry: &Industry) -> u64 {
    bit(industry.hash())
}

/// The bit of a language.
pub(crate) fn language_bit(language: &Language) -> u64 {
    bit(super::terms::hash(language.as_str()))
}

fn bit(hash: u64) -> u64 {
    // The low bits of FNV alone see little of short texts.
    1 << ((hash ^ (hash >> 32)) % 64)
}

impl Summary {
    /// Takes what an enterprise does in.
    pub(crate) fn add_doing(&mut self, doing: Doing<'_>) {
        let has_primary = doing.has_primary();
        let mut works = false;
        for activity in doing.activities {
            let Some(division) = activity.division() else { continue };
            works = true;
            let is_discounted = doing.is_implied || (has_primary && !activity.is_primary());
            let bits = if is_discounted { &mut self.side } else { &mut self.main };
            *bits |= 1 << division.index();
        }
        self.has_idle |= !works;
    }

    /// Takes programme industries in.
    pub(crate) fn add_industries(&mut self, industries: &[Industry]) {
        self.has_unfocused |= industries.is_empty();
        self.industries |= industries.iter().map(industry_bit).fold(0, |bits, bit| bits | bit);
    }

    /// Takes in where an enterprise wants to do business.
    pub(crate) fn add_reach(&mut self, reach: &Reach) {
        self.has_open |= reach.target_regions.is_empty();
        self.regions |= reach.target_regions.iter().map(region_bit).fold(0, |bits, bit| bits | bit);
        self.regions |= reach.presence.iter().map(|country| country_bit(*country)).fold(0, |bits, bit| bits | bit);
    }

    /// Takes working languages in.
    pub(crate) fn add_languages(&mut self, languages: &[Language]) {
        self.has_speechless |= languages.is_empty();
        self.languages |= languages.iter().map(language_bit).fold(0, |bits, bit| bits | bit);
    }

    /// Takes a size in.
    pub(crate) fn add_size(&mut self, size: Size) {
        self.sizes |= 1 << size.number();
    }

    /// Takes a standing in.
    pub(crate) fn add_standing(&mut self, standing: &Standing) {
        let best = &mut self.standing;
        best.verification = best.verification.max(standing.verification.unwrap_or(2));
        best.has_checked_identifier |= standing.verification.is_none() && standing.has_checked_identifier;
        best.certificates = best.certificates.max(standing.certificates);
        best.founded_year = match (best.founded_year, standing.founded_year) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// Takes what an enterprise publishes in.
    pub(crate) fn add_published(&mut self, published: &Published) {
        self.published.answers.join(&published.answers);
        self.published.requests.join(&published.requests);
    }
}

impl Published {
    /// What opportunities are about.
    pub(crate) fn of(opportunities: &[Arc<Opportunity>]) -> Self {
        let mut published = Self::default();
        opportunities.iter().for_each(|one| published.add(one));
        published
    }

    fn add(&mut self, opportunity: &Opportunity) {
        let asks = opportunity.kind.answered_by();
        if asks.is_some() {
            self.requests.add(opportunity);
        }
        if asks.is_none_or(|answer| answer == opportunity.kind) {
            self.answers.add(opportunity);
        }
    }
}

impl Subjects {
    fn join(&mut self, other: &Self) {
        self.kinds |= other.kinds;
        self.isic |= other.isic;
        self.hs |= other.hs;
        self.has_industries |= other.has_industries;
    }

    fn add(&mut self, opportunity: &Opportunity) {
        self.kinds |= kind_bit(opportunity.kind);
        for code in &opportunity.isic {
            self.isic |= match (code.division(), code.section()) {
                (Some(division), _) => 1 << division.index(),
                (None, Some(section)) => section_bit(section),
                (None, None) => 0,
            };
        }
        self.hs |= opportunity.hs.iter().map(|code| 1 << code.chapter()).fold(0, |bits: u128, bit: u128| bits | bit);
        self.has_industries |= !opportunity.industries.is_empty();
    }
}

/// The bit of a section, by its letter.
pub(crate) fn section_bit(section: u8) -> u128 {
    1 << (SECTION_BIT + u32::from(section.saturating_sub(b'A')).min(31))
}

#[cfg(test)]
mod tests {
    use super::super::{Activity, IsicCode, IsicRevision};
    use super::*;

    #[test]
    fn side_activities_and_implied_ones_are_discounted() {
        let activity = |code, primary| Activity::new(IsicCode::parse(code, IsicRevision::Rev4).unwrap(), primary);
        let activities = [activity("13", true), activity("27", false)];
        let bits = |is_implied| {
            let mut summary = Summary::default();
            summary.add_doing(Doing { activities: &activities, is_implied });
            (summary.main.count_ones(), summary.side.count_ones(), summary.has_idle)
        };
        assert_eq!(bits(false), (1, 1, false));
        assert_eq!(bits(true), (0, 2, false));
    }

    #[test]
    fn the_best_of_several_standings_is_nobodys_own() {
        let standing = |verification, founded_year| Standing {
            verification,
            has_checked_identifier: false,
            founded_year,
            certificates: 0,
        };
        let mut summary = Summary::default();
        summary.add_standing(&standing(Some(4), None));
        summary.add_standing(&standing(None, Some(1_964)));
        summary.add_standing(&standing(Some(1), Some(2_020)));
        assert_eq!((summary.standing.verification, summary.standing.founded_year), (4, Some(1_964)));
    }
}
