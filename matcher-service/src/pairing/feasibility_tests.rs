//! Claims about obstructions: the numbers are true of the problem itself, and each relaxation ends what it is said to end.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::feasibility::{Conflict, Limit, obstructions};
use super::flow::{Flow, Grid};
use super::oracle::{any_problem, best_by_trying_all, best_one_to_one};
use super::relaxation::{Change, Relaxation};
use super::total_value::solve;
use super::*;

/// Enough to meet every kind of conflict many times.
const CASES: u32 = 600;

/// What a relaxation makes of the problem.
pub(super) fn relaxed(problem: &Problem, relaxation: &Relaxation) -> Problem {
    let mut bounds = [problem.bounds(Side::A).to_vec(), problem.bounds(Side::B).to_vec()];
    let mut must_meets = problem.must_meets().to_vec();
    let mut max_pairs = problem.max_pairs();
    let mut quotas = problem.quotas().to_vec();
    match relaxation {
        Relaxation::LowerMinimums(changes) => {
            for change in changes {
                bounds[change.side as usize][change.enterprise as usize].min -= change.by;
            }
        }
        Relaxation::RaiseMaximums(changes) => {
            for change in changes {
                bounds[change.side as usize][change.enterprise as usize].max += change.by;
            }
        }
        Relaxation::RaiseMaxPairs { to } => max_pairs = Some((*to).try_into().unwrap()),
        Relaxation::DropMustMeets(pairs) => must_meets.retain(|pair| !pairs.contains(pair)),
        Relaxation::LowerLimits(changes) => {
            for &(limit, by) in changes {
                match limit {
                    Limit::Enterprise { side, enterprise } => bounds[side as usize][enterprise as usize].min -= by,
                    Limit::Quota(quota) => quotas[quota].min -= by,
                    Limit::MaxPairs => panic!("pairs in all have no minimum"),
                }
            }
        }
        Relaxation::RaiseLimits(changes) => {
            for &(limit, by) in changes {
                match limit {
                    Limit::Enterprise { side, enterprise } => bounds[side as usize][enterprise as usize].max += by,
                    Limit::Quota(quota) => quotas[quota].max += by,
                    Limit::MaxPairs => max_pairs = max_pairs.map(|max| max + by),
                }
            }
        }
    }
    let [a, b] = bounds;
    let relaxed = Problem::new(problem.weights().clone(), a, b, must_meets, max_pairs, problem.seed()).unwrap();
    relaxed.with_quotas(quotas).unwrap()
}

fn must_meets_of(problem: &Problem, side: Side, enterprise: u32) -> u32 {
    let own = |&&(a, b): &&(u32, u32)| enterprise == if side == Side::A { a } else { b };
    problem.must_meets().iter().filter(own).count() as u32
}

/// What the minimum of an enterprise lacks and what its maximum leaves beyond its must-meets.
fn open(problem: &Problem, side: Side, enterprise: u32) -> (u64, u64) {
    let bounds = problem.bounds(side)[enterprise as usize];
    let met = must_meets_of(problem, side, enterprise);
    (bounds.min.saturating_sub(met).into(), bounds.max.saturating_sub(met).into())
}

fn open_pairs(problem: &Problem, a: &[u32], b: &[u32]) -> u64 {
    let pairs = a.iter().flat_map(|&a| b.iter().map(move |&b| (a, b)));
    let is_open =
        |pair: &(u32, u32)| problem.weights().get(pair.0, pair.1) >= 0 && !problem.must_meets().contains(pair);
    pairs.filter(is_open).count() as u64
}

/// By how much the demand exceeds the supply, both counted anew; 0 or less if the conflict is none.
fn excess(problem: &Problem, conflict: &Conflict) -> i128 {
    let minimums = |side: Side, of: &[u32]| -> u64 { of.iter().map(|&it| open(problem, side, it).0).sum() };
    match conflict {
        Conflict::MustMeetsAboveMaximum { side, enterprise, .. } => {
            let max = problem.bounds(*side)[*enterprise as usize].max;
            i128::from(must_meets_of(problem, *side, *enterprise)) - i128::from(max)
        }
        Conflict::MustMeetsAboveMaxPairs { .. } => {
            problem.must_meets().len() as i128 - i128::from(problem.max_pairs().unwrap())
        }
        Conflict::MustMeetsAboveQuota { .. } | Conflict::TooTight { .. } => panic!("there are no quotas"),
        Conflict::TooFewPartners { side, enterprises, .. } => {
            let supply = |far: u32| {
                let eligible = match side {
                    Side::A => open_pairs(problem, enterprises, &[far]),
                    Side::B => open_pairs(problem, &[far], enterprises),
                };
                eligible.min(open(problem, side.other(), far).1)
            };
            let all = 0..problem.bounds(side.other()).len() as u32;
            i128::from(minimums(*side, enterprises)) - i128::from(all.map(supply).sum::<u64>())
        }
        Conflict::TooFewPairs { a, b, .. } => {
            let demand = minimums(Side::A, a) + minimums(Side::B, b);
            let rest = i128::from(demand) - i128::from(open_pairs(problem, a, b));
            rest + problem.must_meets().len() as i128 - i128::from(problem.max_pairs().unwrap())
        }
    }
}

fn stated_excess(conflict: &Conflict) -> i128 {
    match *conflict {
        Conflict::MustMeetsAboveMaximum { must_meets, max, .. } => i128::from(must_meets) - i128::from(max),
        Conflict::MustMeetsAboveMaxPairs { must_meets, max_pairs } => i128::from(must_meets) - i128::from(max_pairs),
        Conflict::TooFewPartners { demand, supply, .. } => i128::from(demand) - i128::from(supply),
        Conflict::MustMeetsAboveQuota { must_meets, max, .. } => i128::from(must_meets) - i128::from(max),
        Conflict::TooTight { demand, supply, .. } => i128::from(demand) - i128::from(supply),
        Conflict::TooFewPairs { demand, max_pairs, .. } => i128::from(demand) - i128::from(max_pairs),
    }
}

pub(super) fn size(relaxation: &Relaxation) -> u64 {
    match relaxation {
        Relaxation::LowerMinimums(changes) | Relaxation::RaiseMaximums(changes) => {
            changes.iter().map(|change| u64::from(change.by)).sum()
        }
        Relaxation::LowerLimits(changes) | Relaxation::RaiseLimits(changes) => {
            changes.iter().map(|(_, by)| u64::from(*by)).sum()
        }
        Relaxation::RaiseMaxPairs { .. } => 0,
        Relaxation::DropMustMeets(pairs) => pairs.len() as u64,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn obstructions_are_true_and_exist_exactly_where_nothing_is_allowed(problem in any_problem(4)) {
        let found = obstructions(&problem);
        prop_assert_eq!(found.is_empty(), best_by_trying_all(&problem).is_some());
        for obstruction in &found {
            prop_assert!(excess(&problem, &obstruction.conflict) > 0);
            prop_assert_eq!(excess(&problem, &obstruction.conflict), stated_excess(&obstruction.conflict));
        }
    }

    #[test]
    fn a_relaxation_ends_its_conflict_and_relaxing_on_ends_in_a_solution(
        problem in any_problem(7), picks in prop::collection::vec(any::<usize>(), 1..5),
    ) {
        let mut problem = problem;
        for round in 0.. {
            let found = obstructions(&problem);
            let Some(obstruction) = found.first() else { break };
            prop_assert!(round < 200, "relaxing does not end");
            for relaxation in &obstruction.relaxations {
                let after = relaxed(&problem, relaxation);
                prop_assert!(excess(&after, &obstruction.conflict) <= 0);
                prop_assert!(!obstructions(&after).iter().any(|other| other.conflict == obstruction.conflict));
            }
            let pick = picks[round % picks.len()] % obstruction.relaxations.len();
            problem = relaxed(&problem, &obstruction.relaxations[pick]);
        }
        prop_assert!(solve(&problem, &mut |_| ControlFlow::Continue(())).is_ok());
    }

    #[test]
    fn no_smaller_change_of_minimums_would_do(problem in any_problem(3)) {
        let found = obstructions(&problem);
        // With a single conflict, its relaxation alone makes the problem solvable, so its size can be tried.
        let [obstruction] = &found[..] else { return Ok(()) };
        for relaxation in &obstruction.relaxations {
            if let Relaxation::LowerMinimums(_) = relaxation {
                prop_assert!(obstructions(&relaxed(&problem, relaxation)).is_empty());
                let smaller = size(relaxation) - 1;
                prop_assert!(!can_be_solved_by_lowering(&problem, smaller, 0));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn as_many_are_served_as_can_be(eligible in any_sparse_square()) {
        let count = eligible.len().isqrt();
        let weights = Weights::new(count, count, eligible).unwrap();
        let most = best_one_to_one(&weights);
        let bounds = |min| vec![Bounds { min, max: 1 }; count];
        let problem = Problem::new(weights, bounds(1), bounds(0), vec![], None, 0).unwrap();
        for near in [Side::A, Side::B] {
            let grid = Grid::new(&problem, near);
            let one_each = vec![1; count];
            prop_assert_eq!(Flow::largest(&grid, &one_each, &one_each).pairs(), most as u64);
        }
        prop_assert_eq!(obstructions(&problem).is_empty(), most == count as i64);
    }
}

/// Weights of up to 12 by 12 enterprises, each with about two eligible partners, so that many pairs must be handed on.
fn any_sparse_square() -> impl Strategy<Value = Vec<i32>> {
    (2..=12usize).prop_flat_map(|count| {
        let weight = prop::bool::weighted(2.0 / count as f64).prop_map(|is_eligible| i32::from(is_eligible) * 2 - 1);
        prop::collection::vec(weight, count * count)
    })
}

/// Whether lowering minimums by `budget` in all, in any way, makes the problem solvable.
fn can_be_solved_by_lowering(problem: &Problem, budget: u64, from: usize) -> bool {
    if best_by_trying_all(problem).is_some() {
        return true;
    }
    let rows = problem.bounds(Side::A).len();
    let all = rows + problem.bounds(Side::B).len();
    budget > 0
        && (from..all).any(|at| {
            let (side, at_side) = if at < rows { (Side::A, at) } else { (Side::B, at - rows) };
            let change = Change { side, enterprise: at_side as u32, by: 1 };
            problem.bounds(side)[at_side].min > 0
                && can_be_solved_by_lowering(
                    &relaxed(problem, &Relaxation::LowerMinimums(vec![change])),
                    budget - 1,
                    at,
                )
        })
}

#[test]
fn an_obstruction_names_whom_it_is_about() {
    let weights = Weights::new(3, 2, vec![5, -1, 5, -1, 5, 5]).unwrap();
    let one = Bounds { min: 1, max: 1 };
    let problem = Problem::new(weights, vec![one; 3], vec![Bounds { min: 0, max: 1 }; 2], vec![], None, 0).unwrap();
    let found = obstructions(&problem);
    let name = |side: Side, at: u32| match side {
        Side::A => format!("Mill {at}"),
        Side::B => format!("Loom {at}"),
    };
    let words: Vec<String> = found.iter().map(|obstruction| obstruction.in_words(&name)).collect();
    assert_eq!(
        words,
        [
            "Mill 0 and Mill 1 of side a need 2 pairs beyond must-meets, but the eligible partners can take only 1: Loom 0. \
          It would be enough to lower the minimum of Mill 1 by 1, or to raise the maximum of Loom 0 by 1."
        ]
    );
}

#[test]
fn minimums_beyond_the_pairs_in_all_say_how_many_would_do() {
    let weights = Weights::new(2, 2, vec![5; 4]).unwrap();
    let (one, free) = (Bounds { min: 1, max: 1 }, Bounds { min: 0, max: 1 });
    let problem = Problem::new(weights, vec![one; 2], vec![one, free], vec![], Some(1), 0).unwrap();
    let found = obstructions(&problem);
    assert_eq!(found.len(), 1);
    assert!(matches!(found[0].conflict, Conflict::TooFewPairs { demand: 2, max_pairs: 1, .. }));
    assert_eq!(found[0].relaxations[0], Relaxation::RaiseMaxPairs { to: 2 });
}
