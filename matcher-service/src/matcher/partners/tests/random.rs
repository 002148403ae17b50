//! Random registries, and policies to score them by: of few values, so that many enterprises and scores are alike.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::domain::{
    Activity, CountryCode, Criterion, Date, EnterpriseId, Fusion, HsCode, Industry, IndustryDefinition, IsicCode,
    IsicRevision, Language, Membership, Opportunity, OpportunityKind, Owner, PartnershipTypes, Policy, Profile, Region,
    RegionGroup, State, terms_of,
};
use crate::index::{Builder, Snapshot, Stamp};

pub(super) const COUNTRIES: [&str; 4] = ["CN", "PK", "TR", "ZA"];
const CODES: [&str; 10] = ["13", "1312", "2826", "28", "27", "2710", "C", "42", "6201", "75"];
const INDUSTRIES: [&str; 5] = ["ai", "biotech", "new-energy", "silk", "water"];
const KINDS: [OpportunityKind; 6] = [
    OpportunityKind::BusinessOffer,
    OpportunityKind::BusinessRequest,
    OpportunityKind::TechnologyOffer,
    OpportunityKind::TechnologyRequest,
    OpportunityKind::ResearchRequest,
    OpportunityKind::TalentOffer,
];
pub(super) fn code(text: &str) -> IsicCode {
    IsicCode::parse(text, IsicRevision::Rev4).unwrap()
}

pub(super) fn id(number: usize) -> EnterpriseId {
    // The order of ids is neither that of numbers nor that of what they are.
    EnterpriseId::parse(&format!("e{}-{number}", number * 7 % 10)).unwrap()
}

pub(super) fn region() -> impl Strategy<Value = Region> {
    select(vec!["PK", "CN", "TR", "regionGroups/g"]).prop_map(|region| Region::parse(region).unwrap())
}

prop_compose! {
    pub(super) fn opportunity()(
        kind in select(KINDS.to_vec()),
        isic in subsequence(CODES.to_vec(), 0..3),
        hs in subsequence(vec!["50", "5007", "500720", "854143"], 0..3),
        industries in subsequence(vec!["ai", "new-energy"], 0..=2),
        keywords in subsequence(vec!["solar panel", "silk", "rice"], 0..3),
        types in vec(1..=4_u32, 0..3),
        priority in 1..=5_u8,
        target_regions in vec(region(), 0..2),
        expires in option::of(2025..2028_u16),
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
            target_regions,
            priority,
            expires: expires.and_then(|year| Date::new(year, 6, 1)),
        }
    }
}

prop_compose! {
    /// From few values, so that many enterprises are alike and many scores are equal.
    pub(super) fn profile(numbers: usize)(
        number in 0..numbers,
        country in select(COUNTRIES.to_vec()),
        state in prop_oneof![9 => Just(State::Active), 1 => Just(State::Suspended)],
        activities in prop_oneof![4 => subsequence(CODES.to_vec(), 0..3), 1 => subsequence(CODES.to_vec(), 3..=5)],
        primary in 0..4_usize,
        industries in prop_oneof![4 => subsequence(INDUSTRIES.to_vec(), 0..=2), 1 => subsequence(INDUSTRIES.to_vec(), 3..=5)],
        sizes in (option::of(1..=6_u8), option::of(3..=4_u8)),
        founded_year in option::of(select(vec![1850, 1964, 2010, 2020, 2030])),
        languages in subsequence(vec!["zh", "en", "ur"], 0..=2),
        certifications in 0..4_usize,
        target_regions in prop_oneof![4 => vec(region(), 0..3), 1 => vec(region(), 3..6)],
        presence in subsequence(vec!["PK", "CN"], 0..2),
        checks in (option::of(1..=4_u8), any::<bool>()),
        owners in vec(select(vec!["e7-1", "e4-2", "gone", "Fund"]), 0..2),
        owned in prop::bool::weighted(0.1),
    ) -> Profile {
        let mut profile = Profile::new(id(number), CountryCode::parse(country).unwrap());
        profile.display_name = format!("Enterprise {number}");
        profile.state = state;
        let activities = activities.into_iter().enumerate();
        profile.activities = activities.map(|(at, isic)| Activity::new(code(isic), at == primary)).collect();
        profile.industries = industries.into_iter().map(Industry::from_id).collect();
        (profile.employee_band, profile.revenue_band) = sizes;
        profile.founded_year = founded_year;
        profile.languages = languages.into_iter().map(|tag| Language::parse(tag).unwrap()).collect();
        profile.certifications = (0..certifications).map(|at| format!("ISO {at}")).collect();
        profile.target_regions = target_regions;
        profile.presence = presence.into_iter().map(|code| CountryCode::parse(code).unwrap()).collect();
        (profile.verification, profile.has_checked_identifier) = checks;
        if owned {
            let owner = |text: &str| EnterpriseId::parse(text).map_or_else(|_| Owner::Name(text.into()), Owner::Enterprise);
            profile.owners = owners.into_iter().map(owner).collect();
        }
        profile
    }
}

/// A change of the registry.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Put(Box<Profile>),
    Delete(usize),
    Publish(usize, usize, Box<Opportunity>),
    Withdraw(usize, usize),
    /// What the industry `ai` implies.
    Imply(bool),
    Snapshot,
}

pub(super) fn change(numbers: usize) -> impl Strategy<Value = Change> {
    prop_oneof![
        12 => profile(numbers).prop_map(|profile| Change::Put(Box::new(profile))),
        2 => (0..numbers).prop_map(Change::Delete),
        3 => (0..numbers, 0..3_usize, opportunity()).prop_map(|(e, at, one)| Change::Publish(e, at, Box::new(one))),
        1 => (0..numbers, 0..3_usize).prop_map(|(e, at)| Change::Withdraw(e, at)),
        1 => any::<bool>().prop_map(Change::Imply),
        4 => Just(Change::Snapshot),
    ]
}

pub(super) fn name(number: usize, at: usize) -> String {
    format!("{}/opportunities/{at}", id(number).name())
}

pub(super) fn apply(builder: &mut Builder, change: &Change) {
    match change {
        Change::Put(profile) => builder.put_profile(Profile::clone(profile)),
        Change::Delete(number) => builder.delete_profile(&id(*number)),
        Change::Publish(number, at, one) => {
            let named = Opportunity { name: name(*number, *at), ..Opportunity::clone(one) };
            builder.put_opportunity(&id(*number), named);
        }
        Change::Withdraw(number, at) => builder.delete_opportunity(&id(*number), &name(*number, *at)),
        Change::Imply(textiles) => {
            let isic = if *textiles { vec![code("1312"), code("27")] } else { Vec::new() };
            let industry = Industry::from_id("ai");
            builder.put_industry(IndustryDefinition { industry, display_name: String::new(), isic, hs: Vec::new() });
        }
        Change::Snapshot => drop(publish(builder)),
    }
}

pub(super) fn publish(builder: &mut Builder) -> Snapshot {
    let committed_on = Date::new(2026, 1, 1).unwrap();
    builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
}

pub(super) fn builder() -> Builder {
    let mut builder = Builder::default();
    let member = |code| Membership { country: CountryCode::parse(code).unwrap(), start: None, end: None };
    let memberships = vec![member("PK"), member("TR")];
    builder.put_region_group(RegionGroup { id: "g".into(), display_name: String::new(), memberships });
    builder
}

pub(super) fn built(changes: &[Change]) -> Snapshot {
    let mut builder = builder();
    changes.iter().for_each(|change| apply(&mut builder, change));
    publish(&mut builder)
}

prop_compose! {
    pub(super) fn policy()(
        weights in prop::array::uniform7(prop_oneof![1 => Just(0), 4 => 1..=1_000_u32]),
        at_least in 0..Criterion::COUNT,
        is_default: bool,
        fusion in select(vec![Fusion::Harmonic, Fusion::Min, Fusion::Product]),
        priorities in option::of(prop::array::uniform2(0..=3_u32)),
    ) -> Policy {
        let mut weights = weights;
        weights[at_least] = weights[at_least].max(1);
        let weights: Vec<_> = Criterion::ALL.into_iter().zip(weights).collect();
        let priorities = priorities.map(|[ai, energy]| {
            vec![(Industry::from_id("ai"), ai), (Industry::from_id("new-energy"), energy)]
        });
        Policy::new(if is_default { &[] } else { &weights }, fusion, priorities.unwrap_or_default()).unwrap()
    }
}
