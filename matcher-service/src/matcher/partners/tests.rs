//! Claims about the search: it answers as scoring every candidate does, on random registries and random questions.

use std::cmp::Reverse;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::domain::{Opportunity, Party, State};
use crate::index::{FILTER_FIELDS, holds};
use std::ops::ControlFlow;

use crate::matcher::{Matrix, score};
use crate::pairing::INELIGIBLE;

mod random;

use random::{COUNTRIES, Change, apply, builder, built, change, id, opportunity, policy, profile, publish};

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
        least in prop_oneof![Just(0), 0..600_000],
    ) {
        changes.extend(published.into_iter().map(|(number, at, one)| Change::Publish(number, at, Box::new(one))));
        let snapshot = built(&changes);
        let members: Vec<_> =
            snapshot.profiles().map(|one| snapshot.member(snapshot.find(&one.id).unwrap())).collect();
        let scorer = Scorer::new(snapshot.region_groups(), &policy, Date::new(2026, 1, 1).unwrap());
        let rows: Vec<_> = members.iter().step_by(3).cloned().collect();
        let sides = [rows.as_slice(), &members];
        let go_on = &mut |_, _| ControlFlow::Continue(());
        let [mut pair, mut forward, mut backward] = [(); 3].map(|()| vec![0; rows.len() * members.len()]);
        let _ = score(&snapshot, &scorer, sides, &mut Matrix { pair: &mut pair, directed: None, least }, go_on);
        let of_pairs = pair.clone();
        let directed = Some([&mut *forward, &mut *backward]);
        let _ = score(&snapshot, &scorer, sides, &mut Matrix { pair: &mut pair, directed, least }, go_on);
        prop_assert_eq!(&pair, &of_pairs);
        for (row, member) in rows.iter().enumerate() {
            for (column, other) in members.iter().enumerate() {
                let judged = scorer.judge(&Conditions::NONE, member.party(), other.party()).ok();
                let scores = judged.map(|score| [score.pair, score.forward, score.backward].map(|one| one.get() as i32));
                let expected = scores.filter(|[pair, ..]| *pair >= least);
                let at = row * members.len() + column;
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
