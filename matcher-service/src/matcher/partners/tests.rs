//! Claims about the search: it answers as scoring every candidate does, on random registries and random questions.

use std::cmp::Reverse;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::domain::{
    Activity, Criterion, Fusion, HsCode, Industry, IndustryDefinition, IsicCode, IsicRevision, Language, Membership,
    Opportunity, OpportunityKind, Owner, PartnershipTypes, Party, Region, RegionGroup, State, terms_of,
};
use crate::index::{Builder, FILTER_FIELDS, Stamp, holds};
use crate::matcher::{Row, Scores};
use crate::pairing::INELIGIBLE;

const COUNTRIES: [&str; 4] = ["CN", "PK", "TR", "ZA"];
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
const FILTERS: [&str; 8] = [
    "",
    "region_code = \"PK\"",
    "industries:\"ai\"",
    "isic:13",
    "isic:C AND NOT industries:\"ai\"",
    "region_code != \"CN\" AND (isic:27 OR industries:\"new-energy\")",
    "state = ACTIVE OR isic:13",
    "state = SUSPENDED",
];

fn code(text: &str) -> IsicCode {
    IsicCode::parse(text, IsicRevision::Rev4).unwrap()
}

fn id(number: usize) -> EnterpriseId {
    // The order of ids is neither that of numbers nor that of what they are.
    EnterpriseId::parse(&format!("e{}-{number}", number * 7 % 10)).unwrap()
}

fn region() -> impl Strategy<Value = Region> {
    select(vec!["PK", "CN", "TR", "regionGroups/g"]).prop_map(|region| Region::parse(region).unwrap())
}

prop_compose! {
    fn opportunity()(
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
    fn profile(numbers: usize)(
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
enum Change {
    Put(Box<Profile>),
    Delete(usize),
    Publish(usize, usize, Box<Opportunity>),
    Withdraw(usize, usize),
    /// What the industry `ai` implies.
    Imply(bool),
    Snapshot,
}

fn change(numbers: usize) -> impl Strategy<Value = Change> {
    prop_oneof![
        12 => profile(numbers).prop_map(|profile| Change::Put(Box::new(profile))),
        2 => (0..numbers).prop_map(Change::Delete),
        3 => (0..numbers, 0..3_usize, opportunity()).prop_map(|(e, at, one)| Change::Publish(e, at, Box::new(one))),
        1 => (0..numbers, 0..3_usize).prop_map(|(e, at)| Change::Withdraw(e, at)),
        1 => any::<bool>().prop_map(Change::Imply),
        4 => Just(Change::Snapshot),
    ]
}

fn name(number: usize, at: usize) -> String {
    format!("{}/opportunities/{at}", id(number).name())
}

fn apply(builder: &mut Builder, change: &Change) {
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

fn publish(builder: &mut Builder) -> Snapshot {
    let committed_on = Date::new(2026, 1, 1).unwrap();
    builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
}

fn builder() -> Builder {
    let mut builder = Builder::default();
    let member = |code| Membership { country: CountryCode::parse(code).unwrap(), start: None, end: None };
    let memberships = vec![member("PK"), member("TR")];
    builder.put_region_group(RegionGroup { id: "g".into(), display_name: String::new(), memberships });
    builder
}

fn built(changes: &[Change]) -> Snapshot {
    let mut builder = builder();
    changes.iter().for_each(|change| apply(&mut builder, change));
    publish(&mut builder)
}

prop_compose! {
    fn policy()(
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

prop_compose! {
    fn question(numbers: usize)(
        subject in prop_oneof![
            (0..numbers).prop_map(|number| Subject::Registered(id(number))),
            (profile(numbers), vec(opportunity(), 0..3)).prop_map(|(mut profile, published)| {
                profile.id = EnterpriseId::inline();
                profile.state = State::Active;
                profile.opportunities = published.into_iter().map(Into::into).collect();
                Subject::Inline(Box::new(profile))
            }),
        ],
        countries in option::weighted(0.3, subsequence(COUNTRIES.to_vec(), 0..=4)),
        filter in select(FILTERS.to_vec()),
        policy in policy(),
        limit in 1..8_usize,
    ) -> PartnerQuestion {
        let mut countries: Option<Vec<_>> =
            countries.map(|all| all.into_iter().map(|code| CountryCode::parse(code).unwrap()).collect());
        countries.iter_mut().for_each(|all| all.sort_unstable());
        PartnerQuestion {
            subject,
            countries,
            filter: service_kit::filter::parse(filter, FILTER_FIELDS).unwrap(),
            policy,
            as_of: Date::new(2026, 1, 1).unwrap(),
            after: None,
            limit,
            explained: true,
        }
    }
}

/// Scores everybody.
fn by_scoring_all(snapshot: &Snapshot, question: &PartnerQuestion) -> Option<Found> {
    let (inline, groups, member);
    let subject = match &question.subject {
        Subject::Registered(id) => {
            member = snapshot.member(snapshot.find(id)?);
            member.party()
        }
        Subject::Inline(profile) => {
            groups = snapshot.ownership_of(profile);
            let implied_activities = snapshot.implied_activities(profile);
            inline = Profile { implied_activities, ..Profile::clone(profile) };
            Party { profile: &inline, ownership: &groups }
        }
    };
    let conditions = Conditions {
        countries: question.countries.as_deref(),
        passes_filter: &|one| question.filter.as_ref().is_none_or(|filter| holds(filter, one.into())),
        is_vetoed: &|_, _| false,
    };
    let scorer = Scorer::new(snapshot.region_groups(), &question.policy, question.as_of).naming(snapshot.industries());
    let (mut ranked, mut exclusions) = (Vec::new(), BTreeMap::new());
    for profile in snapshot.profiles() {
        let candidate = snapshot.member(snapshot.find(&profile.id).unwrap());
        match scorer.judge(&conditions, subject, candidate.party()) {
            Ok(score) => ranked.push((Reverse(score.pair.get()), profile)),
            Err(rule) => *exclusions.entry(rule).or_insert(0) += 1,
        }
    }
    let considered = ranked.len();
    ranked.sort_by(|one, other| (one.0, &one.1.id).cmp(&(other.0, &other.1.id)));
    if let Some((score, id)) = &question.after {
        ranked.retain(|(one, profile)| (*one, &profile.id) > (Reverse(*score), id));
    }
    let more = ranked.len() > question.limit;
    ranked.truncate(question.limit);
    let partner = |(_, profile): (Reverse<u32>, Profile)| {
        let explained = scorer.explain(subject.profile, &profile).unwrap();
        Partner {
            id: profile.id,
            display_name: profile.display_name,
            country: profile.country,
            score: explained.score,
            explained: Some(explained),
        }
    };
    Some(Found { partners: ranked.into_iter().map(partner).collect(), more, considered, exclusions })
}

/// Enterprises that changes are about: few, so that much happens to each; more than there are bits in a word; or many.
const FEW: usize = 40;
const SOME: usize = 100;
const MANY: usize = 800;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_search_finds_what_scoring_everybody_finds(
        changes in vec(change(FEW), 0..120), question in question(FEW),
    ) {
        let snapshot = built(&changes);
        let mut question = question;
        // Page by page to the end, or to where it becomes boring.
        for _ in 0..5 {
            let found = find(&snapshot, &question);
            prop_assert_eq!(&found, &by_scoring_all(&snapshot, &question));
            let Some(found) = found else { return Ok(()) };
            let Some(last) = found.partners.last() else { return Ok(()) };
            question.after = Some((last.score.pair.get(), last.id.clone()));
        }
    }

    #[test]
    fn a_snapshot_after_many_changes_is_that_of_their_outcome(
        changes in vec(change(FEW), 0..150), question in question(FEW),
    ) {
        let changed = built(&changes);
        let mut fresh = builder();
        let is_industry = |change: &&Change| matches!(change, Change::Imply(_));
        changes.iter().filter(is_industry).for_each(|change| apply(&mut fresh, change));
        for profile in changed.profiles() {
            profile.opportunities.iter().for_each(|one| fresh.put_opportunity(&profile.id, Opportunity::clone(one)));
            fresh.put_profile(profile);
        }
        let fresh = publish(&mut fresh);
        prop_assert!(changed.profiles().eq(fresh.profiles()));
        prop_assert_eq!(changed.opportunities(), fresh.opportunities());
        prop_assert_eq!(find(&changed, &question), find(&fresh, &question));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn the_search_finds_it_among_many(
        changes in vec(change(MANY), 500..800), questions in vec(question(MANY), 3),
    ) {
        let snapshot = built(&changes);
        for mut question in questions {
            question.explained = false;
            let mut all = by_scoring_all(&snapshot, &question);
            all.iter_mut().flat_map(|found| &mut found.partners).for_each(|one| one.explained = None);
            prop_assert_eq!(find(&snapshot, &question), all);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn rows_hold_what_judging_each_pair_tells(
        mut changes in vec(change(SOME), 0..200),
        published in vec((0..SOME, 0..3_usize, opportunity()), 0..150),
        policy in policy(),
    ) {
        changes.extend(published.into_iter().map(|(number, at, one)| Change::Publish(number, at, Box::new(one))));
        let snapshot = built(&changes);
        let members: Vec<_> =
            snapshot.profiles().map(|one| snapshot.member(snapshot.find(&one.id).unwrap())).collect();
        let scorer = Scorer::new(snapshot.region_groups(), &policy, Date::new(2026, 1, 1).unwrap());
        let mut scores = Scores::new(&snapshot, &scorer, &members);
        for member in members.iter().step_by(3) {
            let [mut pair, mut forward, mut backward] = [(); 3].map(|()| vec![0; members.len()]);
            scores.row(member, &mut Row { pair: &mut pair, directed: None });
            let of_pairs = pair.clone();
            scores.row(member, &mut Row { pair: &mut pair, directed: Some([&mut forward, &mut backward]) });
            prop_assert_eq!(&pair, &of_pairs);
            for (at, other) in members.iter().enumerate() {
                let judged = scorer.judge(&Conditions::NONE, member.party(), other.party()).ok();
                let expected = judged.map(|score| [score.pair, score.forward, score.backward].map(|one| one.get() as i32));
                prop_assert_eq!([pair[at], forward[at], backward[at]], expected.unwrap_or([INELIGIBLE; 3]));
            }
        }
    }

    #[test]
    fn a_batch_answers_for_each_as_a_question_about_it_does_wherever_it_goes_on(
        changes in vec(change(FEW), 0..120), question in question(FEW), turn in 1..7_usize, looked_at in 1..7_usize,
    ) {
        use super::super::batch::{BatchQuestion, find_next};

        let snapshot = built(&changes);
        let countries = Some(["CN", "PK", "TR"].map(|code| CountryCode::parse(code).unwrap()).to_vec());
        let filter = service_kit::filter::parse("NOT industries:\"biotech\"", FILTER_FIELDS).unwrap();
        let batch = BatchQuestion { countries: countries.clone(), filter: filter.clone(), each: question.clone() };
        let (mut batched, mut after) = (Vec::new(), Some(String::new()));
        while let Some(last) = after {
            let (found, next) = find_next(&snapshot, &batch, &last, turn, looked_at);
            prop_assert!(found.len() <= turn);
            batched.extend(found.into_iter().map(|one| (one.id, one.found)));
            after = next;
        }
        let takes_part = |profile: &Profile| {
            profile.state == State::Active
                && countries.as_ref().unwrap().contains(&profile.country)
                && holds(filter.as_ref().unwrap(), profile.into())
        };
        let each = |profile: Profile| {
            let question = PartnerQuestion { subject: Subject::Registered(profile.id.clone()), ..question.clone() };
            (profile.id, find(&snapshot, &question).unwrap())
        };
        let expected: Vec<_> = snapshot.profiles().filter(takes_part).map(each).collect();
        prop_assert_eq!(batched, expected);
    }
}
