//! Which pairs are out of the question, by the first rule that excludes them.

use crate::domain::{CountryCode, EnterpriseId, Party, Profile, State};

/// What a question demands of candidates besides the rules that always hold.
pub(crate) struct Conditions<'a> {
    /// Countries to look in, sorted; none: everywhere.
    pub(crate) countries: Option<&'a [CountryCode]>,
    /// Whether the filter of the question holds for the candidate.
    pub(crate) passes_filter: &'a dyn Fn(&Profile) -> bool,
    /// Whether the question forbids the pair.
    pub(crate) is_vetoed: &'a dyn Fn(&EnterpriseId, &EnterpriseId) -> bool,
}

impl Conditions<'_> {
    /// No conditions.
    pub(crate) const NONE: Self = Self { countries: None, passes_filter: &|_| true, is_vetoed: &|_, _| false };
}

/// Why two enterprises cannot be paired, in the order in which the rules are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ExclusionRule {
    /// They are one and the same.
    SameEnterprise,
    /// One of them is not ACTIVE.
    NotActive,
    /// Both sit in the same country.
    SameCountry,
    /// Ownership links them, directly or through others.
    Ownership,
    /// The candidate's country is not among those asked for.
    Region,
    /// The filter leaves the candidate out.
    Filter,
    /// The request forbids the pair.
    Veto,
    /// Neither direction has a known criterion, so no score can be given.
    NothingKnown,
}

impl ExclusionRule {
    /// The rule in words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::SameEnterprise => "They are one and the same enterprise.",
            Self::NotActive => "One of them is not ACTIVE.",
            Self::SameCountry => "Both sit in the same country.",
            Self::Ownership => "Ownership links them, directly or through others.",
            Self::Region => "The candidate's country is not among the regions asked for on that day.",
            Self::Filter => "The filter leaves the candidate out.",
            Self::Veto => "The request forbids the pair.",
            Self::NothingKnown => "Nothing is known that the policy gives weight to.",
        }
    }
}

/// The first rule that keeps subject and candidate apart, short of scoring them.
pub(super) fn exclusion(
    conditions: &Conditions<'_>,
    subject: Party<'_>,
    candidate: Party<'_>,
) -> Option<ExclusionRule> {
    let (a, b) = (subject.profile, candidate.profile);
    let is_linked = || subject.ownership.iter().any(|group| candidate.ownership.contains(group));
    let is_outside = || conditions.countries.is_some_and(|countries| countries.binary_search(&b.country).is_err());
    match () {
        () if a.id == b.id => Some(ExclusionRule::SameEnterprise),
        () if a.state != State::Active || b.state != State::Active => Some(ExclusionRule::NotActive),
        () if a.country == b.country => Some(ExclusionRule::SameCountry),
        () if is_linked() => Some(ExclusionRule::Ownership),
        () if is_outside() => Some(ExclusionRule::Region),
        () if !(conditions.passes_filter)(b) => Some(ExclusionRule::Filter),
        () if (conditions.is_vetoed)(&a.id, &b.id) => Some(ExclusionRule::Veto),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two enterprises that break every rule at once; `repair` mends them one by one.
    fn broken() -> (Profile, Profile) {
        let profile = |country: &str| {
            let mut profile = Profile::new(EnterpriseId::parse("one").unwrap(), CountryCode::parse(country).unwrap());
            profile.state = State::Suspended;
            profile
        };
        (profile("PK"), profile("PK"))
    }

    #[test]
    fn the_first_rule_that_holds_is_told() {
        let (mut a, mut b) = broken();
        let turkey = [CountryCode::parse("TR").unwrap()];
        let china = [CountryCode::parse("CN").unwrap()];
        let nobody = Conditions { countries: Some(&turkey), passes_filter: &|_| false, is_vetoed: &|_, _| true };
        let check = |conditions: &Conditions<'_>, a: &Profile, b: &Profile, groups: (u32, u32)| {
            let (one, other) = ([groups.0], [groups.1]);
            exclusion(conditions, Party { profile: a, ownership: &one }, Party { profile: b, ownership: &other })
        };

        assert_eq!(check(&nobody, &a, &b, (7, 7)), Some(ExclusionRule::SameEnterprise));
        b.id = EnterpriseId::parse("other").unwrap();
        assert_eq!(check(&nobody, &a, &b, (7, 7)), Some(ExclusionRule::NotActive));
        a.state = State::Active;
        assert_eq!(check(&nobody, &a, &b, (7, 7)), Some(ExclusionRule::NotActive));
        b.state = State::Active;
        assert_eq!(check(&nobody, &a, &b, (7, 7)), Some(ExclusionRule::SameCountry));
        b.country = CountryCode::parse("CN").unwrap();
        assert_eq!(check(&nobody, &a, &b, (7, 7)), Some(ExclusionRule::Ownership));
        assert_eq!(check(&nobody, &a, &b, (7, 8)), Some(ExclusionRule::Region));
        let here = Conditions { countries: Some(&china), ..nobody };
        assert_eq!(check(&here, &a, &b, (7, 8)), Some(ExclusionRule::Filter));
        let passing = Conditions { passes_filter: &|_| true, ..here };
        assert_eq!(check(&passing, &a, &b, (7, 8)), Some(ExclusionRule::Veto));
        let allowed = Conditions { is_vetoed: &|_, _| false, ..passing };
        assert_eq!(check(&allowed, &a, &b, (7, 8)), None);
    }
}
