//! Claims about all scores, checked on random enterprises and policies.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::domain::{
    Activity, CountryCode, EnterpriseId, HsCode, Industry, IsicCode, IsicRevision, Language, Opportunity,
    OpportunityKind, PartnershipTypes, Region, terms_of,
};

use super::super::policy::Fusion;
use super::*;

const TODAY: (u16, u8, u8) = (2026, 1, 1);

fn scorer(policy: &Policy) -> Scorer<'_> {
    let (year, month, day) = TODAY;
    Scorer::new(&RegionGroups::default(), policy, Date::new(year, month, day).unwrap())
}

fn code(text: &str) -> IsicCode {
    IsicCode::parse(text, IsicRevision::Rev4).unwrap()
}

const CODES: [&str; 9] = ["13", "1312", "2826", "27", "2710", "C", "42", "6201", "75"];
const KINDS: [OpportunityKind; 5] = [
    OpportunityKind::BusinessOffer,
    OpportunityKind::BusinessRequest,
    OpportunityKind::TechnologyOffer,
    OpportunityKind::TechnologyRequest,
    OpportunityKind::ResearchRequest,
];

prop_compose! {
    fn opportunity()(
        kind in select(KINDS.to_vec()),
        isic in subsequence(CODES.to_vec(), 0..3),
        hs in subsequence(vec!["50", "5007", "500720", "854143"], 0..3),
        industries in subsequence(vec!["ai", "new-energy"], 0..=2),
        keywords in subsequence(vec!["solar panel", "silk", "rice", "export"], 0..3),
        types in vec(1..=14_u32, 0..4),
        priority in 1..=5_u8,
        targets in subsequence(vec!["PK", "CN"], 0..=2),
        expires in option::of(2024..2028_u16),
    ) -> Opportunity {
        Opportunity {
            name: String::new(),
            title: "title".to_owned(),
            kind,
            industries: industries.into_iter().map(Industry::from_id).collect(),
            isic: isic.into_iter().map(code).collect(),
            hs: hs.into_iter().map(|hs| HsCode::parse(hs).unwrap()).collect(),
            terms: terms_of(keywords),
            partnership_types: types.into_iter().collect::<PartnershipTypes>(),
            target_regions: targets.into_iter().map(|region| Region::parse(region).unwrap()).collect(),
            priority,
            expires: expires.and_then(|year| Date::new(year, 6, 1)),
        }
    }
}

prop_compose! {
    fn profile(id: &'static str, country: &'static str)(
        activities in subsequence(CODES.to_vec(), 0..4),
        primary in 0..4_usize,
        industries in subsequence(vec!["ai", "biotech", "new-energy"], 0..=3),
        (employee_band, revenue_band) in (option::of(1..=6_u8), option::of(1..=6_u8)),
        founded_year in option::of(1900..=2030_u16),
        languages in subsequence(vec!["zh", "en", "ur"], 0..=3),
        certifications in vec("ISO [0-9]{4}", 0..4),
        targets in subsequence(vec!["PK", "CN", "TR"], 0..=3),
        presence in subsequence(vec!["PK", "CN"], 0..=2),
        verification in option::of(1..=4_u8),
        has_checked_identifier: bool,
        opportunities in vec(opportunity(), 0..5),
    ) -> Profile {
        let mut profile = Profile::new(EnterpriseId::parse(id).unwrap(), CountryCode::parse(country).unwrap());
        let activities = activities.into_iter().enumerate();
        profile.activities = activities.map(|(at, isic)| Activity::new(code(isic), at == primary)).collect();
        profile.industries = industries.into_iter().map(Industry::from_id).collect();
        profile.employee_band = employee_band;
        profile.revenue_band = revenue_band;
        profile.founded_year = founded_year;
        profile.languages = languages.into_iter().map(|tag| Language::parse(tag).unwrap()).collect();
        profile.certifications = certifications;
        profile.target_regions = targets.into_iter().map(|region| Region::parse(region).unwrap()).collect();
        profile.presence = presence.into_iter().map(|code| CountryCode::parse(code).unwrap()).collect();
        profile.verification = verification;
        profile.has_checked_identifier = has_checked_identifier;
        let named = opportunities.into_iter().enumerate().map(|(at, mut one)| {
            one.name = format!("enterprises/{id}/opportunities/{at}");
            Arc::new(one)
        });
        profile.opportunities = named.collect();
        profile
    }
}

prop_compose! {
    fn policy()(
        weights in prop::array::uniform7(0..=1_000_u32),
        at_least in 0..Criterion::COUNT,
        fusion in select(vec![Fusion::Harmonic, Fusion::Min, Fusion::Product]),
        priorities in option::of(prop::array::uniform2(0..=1_000_u32)),
    ) -> Policy {
        let mut weights = weights;
        weights[at_least] = weights[at_least].max(1);
        let weights: Vec<_> = Criterion::ALL.into_iter().zip(weights).collect();
        let priorities = priorities.map(|[ai, energy]| {
            vec![(Industry::from_id("ai"), ai), (Industry::from_id("new-energy"), energy)]
        });
        Policy::new(&weights, fusion, priorities.unwrap_or_default()).unwrap()
    }
}

fn sum(explained: &Explained, direction: Direction, of: impl Fn(&Contribution) -> Ppm) -> u32 {
    let all = explained.contributions.iter().filter(|contribution| contribution.direction == direction);
    all.map(|contribution| of(contribution).get()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn points_add_up_to_the_directed_score_and_weights_to_a_million(
        a in profile("a", "CN"), b in profile("b", "PK"), policy in policy(),
    ) {
        let Some(explained) = scorer(&policy).explain(&a, &b) else { return Ok(()) };
        for (direction, score) in
            [(Direction::Forward, explained.score.forward), (Direction::Backward, explained.score.backward)]
        {
            prop_assert_eq!(sum(&explained, direction, |one| one.points), score.get());
            prop_assert_eq!(sum(&explained, direction, |one| one.weight), 1_000_000);
        }
        let mut order: Vec<_> = explained.contributions.iter().map(|one| (one.direction, one.criterion)).collect();
        let told = order.clone();
        order.sort();
        prop_assert_eq!(told, order);
    }

    #[test]
    fn scanning_and_explaining_give_the_same_score(
        a in profile("a", "CN"), b in profile("b", "PK"), policy in policy(),
    ) {
        let scorer = scorer(&policy);
        prop_assert_eq!(scorer.pair_score(&a, &b), scorer.explain(&a, &b).map(|explained| explained.score));
    }

    #[test]
    fn points_are_within_one_of_value_times_weight(
        a in profile("a", "CN"), b in profile("b", "PK"), policy in policy(),
    ) {
        let Some(explained) = scorer(&policy).explain(&a, &b) else { return Ok(()) };
        for one in &explained.contributions {
            let exact = u64::from(one.value.get()) * u64::from(one.weight.get()) / 1_000_000;
            prop_assert!(u64::from(one.points.get()).abs_diff(exact) <= 1);
        }
    }

    #[test]
    fn what_is_known_has_evidence_and_what_is_not_is_neutral(
        a in profile("a", "CN"), b in profile("b", "PK"), policy in policy(),
    ) {
        let Some(explained) = scorer(&policy).explain(&a, &b) else { return Ok(()) };
        let known = |one: &Contribution| if one.reasons.is_empty() { Ppm::ZERO } else { one.weight };
        prop_assert_eq!(sum(&explained, Direction::Forward, known), explained.score.known_forward.get());
        prop_assert_eq!(sum(&explained, Direction::Backward, known), explained.score.known_backward.get());
        for one in explained.contributions.iter().filter(|one| one.reasons.is_empty()) {
            prop_assert_eq!(one.value, NEUTRAL);
        }
        let mut evidence = explained.contributions.iter().flat_map(|one| explained.reasons.at(&one.reasons));
        prop_assert!(evidence.all(|fact| !fact.text.is_empty()));
    }

    #[test]
    fn the_pair_is_the_same_seen_from_either_side(
        a in profile("a", "CN"), b in profile("b", "PK"), policy in policy(),
    ) {
        let scorer = scorer(&policy);
        let (one, other) = (scorer.pair_score(&a, &b), scorer.pair_score(&b, &a));
        let swapped = other.map(|score| Score {
            forward: score.backward,
            backward: score.forward,
            known_forward: score.known_backward,
            known_backward: score.known_forward,
            ..score
        });
        prop_assert_eq!(one, swapped);
    }

    #[test]
    fn the_order_of_lists_in_a_record_makes_no_difference(
        a in profile("a", "CN"), b in profile("b", "PK"), policy in policy(),
    ) {
        let mut turned = a.clone();
        turned.activities.reverse();
        turned.industries.reverse();
        turned.languages.reverse();
        turned.target_regions.reverse();
        turned.opportunities.reverse();
        let scorer = scorer(&policy);
        prop_assert_eq!(scorer.pair_score(&a, &b), scorer.pair_score(&turned, &b));
    }

    #[test]
    fn a_record_that_is_proved_better_never_scores_lower(
        a in profile("a", "CN"), b in profile("b", "PK"), policy in policy(),
    ) {
        // Sharing industries that the policy ignores is worth nothing, which is less than not knowing.
        let is_ignored = |industry: &Industry| policy.priority(industry) == 0;
        if a.industries.iter().any(is_ignored) {
            return Ok(());
        }
        let scorer = scorer(&policy);
        let Some(before) = scorer.pair_score(&a, &b) else { return Ok(()) };
        let mut better = b;
        better.verification = Some(4);
        better.founded_year = Some(1_900);
        better.languages = ["zh", "en", "ur"].map(|tag| Language::parse(tag).unwrap()).to_vec();
        better.industries.clone_from(&a.industries);
        prop_assert!(scorer.pair_score(&a, &better).unwrap().forward >= before.forward);
    }
}

fn bare(id: &str, country: &str) -> Profile {
    Profile::new(EnterpriseId::parse(id).unwrap(), CountryCode::parse(country).unwrap())
}

#[test]
fn a_pair_of_which_nothing_is_known_has_no_score() {
    let policy = Policy::default();
    let (a, b) = (bare("a", "CN"), bare("b", "PK"));
    let parties = [&a, &b].map(|profile| Party { profile, ownership: &[] });
    let judged = scorer(&policy).judge(&Conditions::NONE, parties[0], parties[1]);
    assert_eq!(judged, Err(ExclusionRule::NothingKnown));
    assert_eq!(scorer(&policy).explain(&a, &b), None);
}

#[test]
fn a_thin_record_does_not_displace_a_known_good_fit() {
    let policy = Policy::default();
    let with_activity = |id, country| {
        let mut profile = bare(id, country);
        profile.activities = vec![Activity::new(code("29"), true)];
        profile
    };
    let subject = with_activity("a", "CN");
    let fitting = with_activity("b", "PK");
    let mut thin = bare("c", "PK");
    thin.verification = Some(4);
    thin.founded_year = Some(1_900);
    thin.certifications = ["ISO 9001", "ISO 14001", "ISO 45001"].map(str::to_owned).to_vec();
    let score = |candidate| scorer(&policy).pair_score(&subject, candidate).unwrap();
    assert!(score(&fitting).pair > score(&thin).pair);
    assert!(score(&fitting).known_forward > score(&thin).known_forward, "and it shows as thin");
}

#[test]
fn a_policy_of_one_criterion_gives_its_value() {
    let only_language = Policy::new(&[(Criterion::Language, 5)], Fusion::Harmonic, Vec::new()).unwrap();
    let speaking = |id, country, tag| {
        let mut profile = bare(id, country);
        profile.languages = vec![Language::parse(tag).unwrap()];
        profile
    };
    let score = |tag| scorer(&only_language).pair_score(&speaking("a", "CN", "en"), &speaking("b", "PK", tag)).unwrap();
    assert_eq!(score("en-GB").pair, Ppm::ONE);
    assert_eq!(score("ur").pair, Ppm::ZERO);
    assert_eq!(score("ur").known_forward, Ppm::ONE);
}
