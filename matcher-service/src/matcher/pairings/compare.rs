//! Two sets of pairs side by side, all scored alike.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Date, EnterpriseId, Policy};
use crate::index::Snapshot;
use crate::pairing::Side;
use crate::scoring::{Conditions, ExclusionRule, Scorer};

/// What the one run has and the other not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Pairs of the first only, highest score first, equal ones by ids.
    pub(crate) only_first: Vec<ComparedPair>,
    /// Pairs of the second only, likewise.
    pub(crate) only_second: Vec<ComparedPair>,
    /// Pairs of both, likewise.
    pub(crate) kept: Vec<ComparedPair>,
    /// Whoever has other partners, by side and id.
    pub(crate) changes: BTreeMap<(Side, EnterpriseId), Change>,
    /// Sum of the scores of the first.
    pub(crate) first_total: i64,
    /// Sum of the scores of the second.
    pub(crate) second_total: i64,
}

/// A pair as it is scored now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComparedPair {
    /// Of side a, and of side b.
    pub(crate) ids: Pair,
    /// Its score in ppm, or why it has none.
    pub(crate) score: Result<u32, Unscored>,
}

/// Two ids, of side a and of side b.
pub(crate) type Pair = (EnterpriseId, EnterpriseId);

/// Why a pair has no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unscored {
    /// A rule keeps the two apart.
    Excluded(ExclusionRule),
    /// One of the two is not in the snapshot.
    Gone,
}

/// What becomes of an enterprise.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// Partners of the first only.
    pub(crate) lost: BTreeSet<EnterpriseId>,
    /// Partners of the second only.
    pub(crate) gained: BTreeSet<EnterpriseId>,
    /// How many partners it has in both.
    pub(crate) kept: usize,
    /// What its pairs of the second are worth more than those of the first.
    pub(crate) difference: i64,
}

impl ComparedPair {
    fn value(&self) -> i64 {
        self.score.map_or(0, i64::from)
    }
}

/// Compares two sets of pairs, each without repetitions, by one policy.
pub(crate) fn compare(
    snapshot: &Snapshot,
    policy: &Policy,
    as_of: Date,
    first: &BTreeSet<Pair>,
    second: &BTreeSet<Pair>,
) -> Comparison {
    let scorer = Scorer::new(snapshot.region_groups(), policy, as_of);
    let member = |id: &EnterpriseId| snapshot.find(id).map(|slot| snapshot.member(slot));
    let score = |(a, b): &Pair| match member(a).zip(member(b)) {
        None => Err(Unscored::Gone),
        Some((a, b)) => {
            let judged = scorer.judge(&Conditions::NONE, a.party(), b.party());
            judged.map(|score| score.pair.get()).map_err(Unscored::Excluded)
        }
    };
    let mut comparison = Comparison::default();
    for ids in first.union(second) {
        let pair = ComparedPair { ids: ids.clone(), score: score(ids) };
        let value = pair.value();
        let (in_first, in_second) = (first.contains(ids), second.contains(ids));
        comparison.first_total += if in_first { value } else { 0 };
        comparison.second_total += if in_second { value } else { 0 };
        for (side, own, partner) in [(Side::A, &ids.0, &ids.1), (Side::B, &ids.1, &ids.0)] {
            let change = comparison.changes.entry((side, own.clone())).or_default();
            match (in_first, in_second) {
                (true, true) => change.kept += 1,
                (true, false) => {
                    change.lost.insert(partner.clone());
                    change.difference -= value;
                }
                (false, _) => {
                    change.gained.insert(partner.clone());
                    change.difference += value;
                }
            }
        }
        match (in_first, in_second) {
            (true, true) => comparison.kept.push(pair),
            (true, false) => comparison.only_first.push(pair),
            (false, _) => comparison.only_second.push(pair),
        }
    }
    comparison.changes.retain(|_, change| !(change.lost.is_empty() && change.gained.is_empty()));
    for pairs in [&mut comparison.only_first, &mut comparison.only_second, &mut comparison.kept] {
        // They are in the order of their ids already.
        pairs.sort_by_key(|pair| Reverse(pair.value()));
    }
    comparison
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{CountryCode, Industry, Profile, State};
    use crate::index::{Builder, Stamp};

    const EACH: usize = 5;

    fn id(side: char, at: usize) -> EnterpriseId {
        EnterpriseId::parse(&format!("{side}{at}")).unwrap()
    }

    /// Enterprises that fit each other more or less; the last of each side is not there, the one before is at rest.
    fn snapshot() -> Snapshot {
        let mut builder = Builder::default();
        for at in 0..EACH - 1 {
            for (side, country) in [('a', "CN"), ('b', "PK")] {
                let mut profile = Profile::new(id(side, at), CountryCode::parse(country).unwrap());
                profile.industries =
                    ["ai", "cloud", "silk"][..=at % 3].iter().map(|id| Industry::from_id(id)).collect();
                profile.state = if at == EACH - 2 { State::Suspended } else { State::Active };
                builder.put_profile(profile);
            }
        }
        let committed_on = Date::new(2026, 1, 1).unwrap();
        builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
    }

    fn run() -> impl Strategy<Value = BTreeSet<Pair>> {
        prop::collection::btree_set((0..EACH, 0..EACH).prop_map(|(a, b)| (id('a', a), id('b', b))), 0..12)
    }

    fn compared(first: &BTreeSet<Pair>, second: &BTreeSet<Pair>) -> Comparison {
        compare(&snapshot(), &Policy::default(), Date::new(2026, 1, 1).unwrap(), first, second)
    }

    #[test]
    fn a_pair_that_can_no_longer_be_made_is_worth_nothing_and_says_why() {
        let pair = |a, b| (id('a', a), id('b', b));
        let first = BTreeSet::from([pair(0, 0), pair(0, EACH - 1), pair(1, EACH - 2)]);
        let compared = compared(&first, &BTreeSet::new());
        let scores: Vec<_> = compared.only_first.iter().map(|pair| pair.score).collect();
        assert!(scores[0].is_ok());
        assert_eq!(scores[1..], [Err(Unscored::Gone), Err(Unscored::Excluded(ExclusionRule::NotActive))]);
        assert_eq!(compared.first_total, i64::from(scores[0].unwrap()));
    }

    proptest! {
        #[test]
        fn a_run_compared_with_itself_changes_nothing(run in run()) {
            let compared = compared(&run, &run);
            prop_assert_eq!(compared.kept.len(), run.len());
            prop_assert_eq!(compared.first_total, compared.second_total);
            let nothing = compared.only_first.is_empty() && compared.only_second.is_empty() && compared.changes.is_empty();
            prop_assert!(nothing);
        }

        #[test]
        fn the_other_way_round_everything_is_turned(first in run(), second in run()) {
            let there = compared(&first, &second);
            let mut back = compared(&second, &first);
            std::mem::swap(&mut back.only_first, &mut back.only_second);
            std::mem::swap(&mut back.first_total, &mut back.second_total);
            for change in back.changes.values_mut() {
                std::mem::swap(&mut change.lost, &mut change.gained);
                change.difference = -change.difference;
            }
            prop_assert_eq!(there, back);
        }

        #[test]
        fn everything_adds_up(first in run(), second in run()) {
            let compared = compared(&first, &second);
            let sum = |parts: [&[ComparedPair]; 2]| parts.concat().iter().map(ComparedPair::value).sum::<i64>();
            prop_assert_eq!(compared.first_total, sum([&compared.kept, &compared.only_first]));
            prop_assert_eq!(compared.second_total, sum([&compared.kept, &compared.only_second]));
            prop_assert_eq!(compared.kept.len() + compared.only_first.len(), first.len());
            prop_assert_eq!(compared.kept.len() + compared.only_second.len(), second.len());
            for side in [Side::A, Side::B] {
                let of_side = || compared.changes.iter().filter(|((of, _), _)| *of == side).map(|(_, change)| change);
                let gains: i64 = of_side().map(|change| change.difference).sum();
                prop_assert_eq!(gains, compared.second_total - compared.first_total);
                prop_assert_eq!(of_side().map(|change| change.lost.len()).sum::<usize>(), compared.only_first.len());
                prop_assert_eq!(of_side().map(|change| change.gained.len()).sum::<usize>(), compared.only_second.len());
            }
        }
    }
}
