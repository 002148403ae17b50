//! Claims about fair pairings: nothing is fairer, and the proof says so to somebody who knows nothing of the solver.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::fair::{Counted, Fair, Level, Stage, solve_fair};
use super::fair_check::{FairVerdict, verify_fair};
use super::oracle::{any_problem_with_quotas, for_every_pairing};
use super::total_value::Failure;
use super::*;

/// Enough to meet several levels with ties at each.
const CASES: u32 = 400;

fn fair(problem: &Problem) -> Result<Fair, Failure> {
    solve_fair(problem, &mut |_| ControlFlow::Continue(()))
}

fn checked(problem: &Problem, pairs: &[(u32, u32)], stages: &[Stage]) -> FairVerdict {
    verify_fair(problem, pairs, stages, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// How fair a pairing is; the larger, the fairer. Must-meets are in all pairings and count for nothing.
fn fairness(problem: &Problem, pairs: &[(u32, u32)]) -> (usize, usize, Vec<i32>) {
    let served = |side: Side| {
        let has_pair = |at: &u32| pairs.iter().any(|&(a, b)| *at == if side == Side::A { a } else { b });
        (0..problem.bounds(side).len() as u32).filter(has_pair).count()
    };
    let free = pairs.iter().filter(|pair| !problem.must_meets().contains(pair));
    let mut scores: Vec<i32> = free.map(|&(a, b)| problem.weights().get(a, b)).collect();
    scores.sort_unstable();
    (served(Side::A) + served(Side::B), pairs.len(), scores)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn nothing_is_fairer(problem in any_problem_with_quotas(4)) {
        let mut best = None;
        for_every_pairing(&problem, &mut |pairs| best = best.take().max(Some(fairness(&problem, pairs))));
        let found = fair(&problem).ok();
        prop_assert_eq!(best.is_some(), found.is_some());
        if let Some(fair) = found {
            prop_assert_eq!(Some(fairness(&problem, &fair.pairs)), best);
            let free = fair.pairs.iter().filter(|pair| !problem.must_meets().contains(pair));
            prop_assert_eq!(fair.levels.iter().map(|level| level.pairs as usize).sum::<usize>(), free.count());
            prop_assert!(fair.levels.is_sorted_by(|one, other| one.score < other.score));
        }
    }

    #[test]
    fn every_fair_pairing_is_proved(problem in any_problem_with_quotas(9)) {
        if let Ok(fair) = fair(&problem) {
            prop_assert_eq!(checked(&problem, &fair.pairs, &fair.stages), FairVerdict::Fair);
        }
    }

    #[test]
    fn nothing_is_called_fair_that_is_not(
        problem in any_problem_with_quotas(3),
        pick in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), -2..=2i64), 0..4),
        drop in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let Ok(fair) = fair(&problem) else { return Ok(()) };
        let mut all = Vec::new();
        for_every_pairing(&problem, &mut |pairs| all.push(pairs.to_vec()));
        let best = all.iter().map(|pairs| fairness(&problem, pairs)).max().unwrap();
        let mut stages = fair.stages;
        for (stage, place, change) in changes {
            let prices = &mut stage.get_mut(&mut stages[..]).prices;
            let mut prices: Vec<&mut i64> = prices.a.iter_mut().chain(&mut prices.b).chain([&mut prices.pair]).collect();
            **place.get_mut(&mut prices[..]) += change;
        }
        if let Some(drop) = drop {
            stages.remove(drop.index(stages.len()));
        }
        let pairs = pick.get(&all);
        if checked(&problem, pairs, &stages) == FairVerdict::Fair {
            prop_assert_eq!(fairness(&problem, pairs), best);
        }
    }
}

#[test]
fn the_worst_off_come_before_the_total() {
    let weights = Weights::new(2, 2, vec![900, 500, 500, 0]).unwrap();
    let once = vec![Bounds { min: 0, max: 1 }; 2];
    let problem = Problem::new(weights, once.clone(), once, vec![], None, 0).unwrap();
    let fair = fair(&problem).unwrap();
    assert_eq!(fair.pairs, [(0, 1), (1, 0)]);
    assert_eq!(fair.levels, [Level { score: 500, pairs: 2 }]);
    assert_eq!(fair.stages.last().unwrap().counted, Counted::Above(500));
}

#[test]
fn nobody_is_left_out_for_somebody_elses_second_pair() {
    let weights = Weights::new(2, 2, vec![900, 900, 10, 10]).unwrap();
    let (two, one) = (vec![Bounds { min: 0, max: 2 }; 2], vec![Bounds { min: 0, max: 1 }; 2]);
    let problem = Problem::new(weights, two, one, vec![], None, 0).unwrap();
    assert_eq!(fair(&problem).unwrap().levels, [Level { score: 10, pairs: 1 }, Level { score: 900, pairs: 1 }]);
}

#[test]
fn the_search_for_fairness_stops_when_it_is_told_to() {
    let weights = Weights::new(1, 1, vec![9]).unwrap();
    let one = vec![Bounds { min: 0, max: 1 }];
    let problem = Problem::new(weights, one.clone(), one, vec![], None, 0).unwrap();
    assert_eq!(solve_fair(&problem, &mut |_| ControlFlow::Break(())), Err(Failure::Cancelled));
}
