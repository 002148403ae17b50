//! Claims about quotas: what they allow, what proves it, and what would help where they cannot be met.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::feasibility::{Conflict, Limit};
use super::feasibility_tests::{relaxed, size};
use super::oracle::{any_problem_with_quotas, best_by_trying_all};
use super::problem::Flaw;
use super::relaxation::Relaxation;
use super::total_value::{Failure, Solution, solve};
use super::*;

/// Enough to meet nested quotas that bind on both sides many times.
const CASES: u32 = 400;

fn solved(problem: &Problem) -> Result<Solution, Failure> {
    solve(problem, &mut |_| ControlFlow::Continue(()))
}

fn quota(side: Side, members: &[u32], min: u32, max: u32) -> Quota {
    Quota { side, members: members.to_vec(), min, max }
}

/// Any pairs of two times two enterprises at these weights, with quotas.
fn two_by_two(weights: [i32; 4], quotas: Vec<Quota>) -> Result<Problem, Vec<Flaw>> {
    let any = vec![Bounds { min: 0, max: 2 }; 2];
    let weights = Weights::new(2, 2, weights.to_vec()).unwrap();
    Problem::new(weights, any.clone(), any, vec![], None, 0).unwrap().with_quotas(quotas)
}

/// Whether a change of limits by less than `size` in all makes the problem solvable.
fn can_be_cheaper(problem: &Problem, relaxation: &Relaxation) -> bool {
    let quotas = (0..problem.quotas().len()).map(Limit::Quota);
    let of =
        |side: Side| (0..problem.bounds(side).len() as u32).map(move |it| Limit::Enterprise { side, enterprise: it });
    let is_lower = matches!(relaxation, Relaxation::LowerLimits(_));
    let mut limits: Vec<Limit> = of(Side::A).chain(of(Side::B)).chain(quotas).collect();
    if !is_lower {
        limits.extend(problem.max_pairs().map(|_| Limit::MaxPairs));
    }
    let one = |limit| {
        if is_lower { Relaxation::LowerLimits(vec![(limit, 1)]) } else { Relaxation::RaiseLimits(vec![(limit, 1)]) }
    };
    let has_minimum = |problem: &Problem, limit: &Limit| match *limit {
        Limit::Enterprise { side, enterprise } => problem.bounds(side)[enterprise as usize].min > 0,
        Limit::Quota(quota) => problem.quotas()[quota].min > 0,
        Limit::MaxPairs => false,
    };
    let mut reached = vec![(problem.clone(), 0)];
    for _ in 1..size(relaxation) {
        let mut next = Vec::new();
        for (problem, from) in reached {
            for (at, &limit) in limits.iter().enumerate().skip(from) {
                if !is_lower || has_minimum(&problem, &limit) {
                    next.push((relaxed(&problem, &one(limit)), at));
                }
            }
        }
        if next.iter().any(|(problem, _)| best_by_trying_all(problem).is_some()) {
            return true;
        }
        reached = next;
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn nothing_beats_the_solution_under_quotas(problem in any_problem_with_quotas(4)) {
        match (best_by_trying_all(&problem), solved(&problem)) {
            (Some(best), Ok(solution)) => prop_assert_eq!(solution.total, best),
            (None, Err(Failure::Infeasible(obstructions))) => prop_assert!(!obstructions.is_empty()),
            (best, solution) => prop_assert!(false, "{best:?} by trying all, but {solution:?}"),
        }
    }

    #[test]
    fn every_solution_under_quotas_is_proved_optimal(problem in any_problem_with_quotas(12)) {
        if let Ok(solution) = solved(&problem) {
            let report = verify(&problem, &solution.pairs, Some(&solution.prices));
            prop_assert_eq!(report.findings, vec![]);
            prop_assert_eq!(report.verdict, Verdict::Optimal);
            prop_assert_eq!(report.bound, Some(solution.total));
        }
    }

    #[test]
    fn what_is_in_the_way_of_quotas_adds_up_and_the_cheapest_changes_help(problem in any_problem_with_quotas(3)) {
        let Err(Failure::Infeasible(obstructions)) = solved(&problem) else { return Ok(()) };
        prop_assert!(best_by_trying_all(&problem).is_none());
        for obstruction in &obstructions {
            let Conflict::TooTight { minimums, maximums, pairs, demand, supply } = &obstruction.conflict else { continue };
            prop_assert!(demand > supply);
            let sum = |limits: &[Limit], pick: fn((u32, u32)) -> u32| -> u64 {
                limits.iter().map(|&limit| u64::from(pick(open_bounds(&problem, limit)))).sum()
            };
            prop_assert_eq!(*demand, sum(minimums, |(min, _)| min));
            prop_assert_eq!(*supply, sum(maximums, |(_, max)| max) + pairs);
            for relaxation in &obstruction.relaxations {
                prop_assert!(best_by_trying_all(&relaxed(&problem, relaxation)).is_some(), "{relaxation:?}");
                prop_assert!(size(relaxation) > 3 || !can_be_cheaper(&problem, relaxation), "{relaxation:?}");
            }
            let can_lower = obstruction.relaxations.iter().any(|it| matches!(it, Relaxation::LowerLimits(_)));
            prop_assert!(can_lower, "without minimums, the must-meets alone are allowed");
        }
    }
}

/// The bounds of a limit beyond must-meets.
fn open_bounds(problem: &Problem, limit: Limit) -> (u32, u32) {
    let (members, side, min, max) = match limit {
        Limit::Enterprise { side, enterprise } => {
            let bounds = problem.bounds(side)[enterprise as usize];
            (vec![enterprise], side, bounds.min, bounds.max)
        }
        Limit::Quota(quota) => {
            let Quota { side, members, min, max } = &problem.quotas()[quota];
            (members.clone(), *side, *min, *max)
        }
        Limit::MaxPairs => {
            ((0..problem.bounds(Side::A).len() as u32).collect(), Side::A, 0, problem.max_pairs().unwrap())
        }
    };
    let own = |&&(a, b): &&(u32, u32)| members.contains(if side == Side::A { &a } else { &b });
    let met = problem.must_meets().iter().filter(own).count() as u32;
    (min.saturating_sub(met), max.saturating_sub(met))
}

#[test]
fn a_quota_that_binds_is_priced_at_what_one_more_pair_would_gain() {
    let problem = two_by_two([9, 8, 0, 0], vec![quota(Side::A, &[0, 1], 0, 1)]).unwrap();
    let solution = solved(&problem).unwrap();
    assert_eq!(solution.pairs, [(0, 0)]);
    assert_eq!(solution.prices.quotas, [8]);
}

#[test]
fn a_minimum_of_a_quota_forces_pairs_and_gets_a_negative_price() {
    let problem = two_by_two([9, 8, 0, 0], vec![quota(Side::A, &[1], 1, 2), quota(Side::B, &[0, 1], 0, 2)]).unwrap();
    let solution = solved(&problem).unwrap();
    assert_eq!(solution.total, 9);
    assert_eq!(solution.pairs.len(), 2);
    assert!(solution.prices.quotas[0] + solution.prices.a[1] < 0, "{:?}", solution.prices);
    assert!(solution.prices.quotas[1] > 0);
}

#[test]
fn crossing_quotas_are_refused_by_name_and_quotas_of_different_sides_never_cross() {
    let weights = [1; 4];
    let three = |one, other| two_by_two(weights, vec![quota(Side::A, &[0, 1], 0, 1), one, other]).map(drop);
    assert_eq!(three(quota(Side::A, &[0], 0, 1), quota(Side::B, &[1], 0, 1)), Ok(()));
    let wide = Weights::new(3, 1, vec![1; 3]).unwrap();
    let problem =
        Problem::new(wide, vec![Bounds { min: 0, max: 1 }; 3], vec![Bounds { min: 0, max: 1 }], vec![], None, 0);
    let crossing = vec![quota(Side::A, &[0, 1], 0, 1), quota(Side::B, &[0], 0, 1), quota(Side::A, &[1, 2], 0, 1)];
    let flaws = problem.unwrap().with_quotas(crossing).unwrap_err();
    assert_eq!(flaws, [Flaw::QuotasCross { quota: 0, other: 2 }]);
    assert_eq!(flaws[0].to_string(), "quotas 0 and 2 cross: they share members, but neither holds all of the other");
}

#[test]
fn flaws_of_quotas_are_reported_at_once() {
    let flaws = two_by_two([1; 4], vec![quota(Side::A, &[0, 0, 2], 2, 1)]).unwrap_err();
    assert_eq!(
        flaws,
        [
            Flaw::QuotaMinAboveMax { quota: 0, min: 2, max: 1 },
            Flaw::QuotaUnknown { quota: 0, member: 2 },
            Flaw::QuotaTwice { quota: 0, member: 0 },
        ]
    );
}

#[test]
fn a_quota_that_cannot_be_met_is_named_with_what_would_help() {
    let problem = two_by_two([5, 5, -1, -1], vec![quota(Side::A, &[1], 1, 2)]).unwrap();
    let Err(Failure::Infeasible(obstructions)) = solved(&problem) else { panic!("it cannot be met") };
    let words = obstructions[0].in_words(&|side, at| format!("{side} {at}"));
    assert_eq!(
        words,
        "The minimums of quota 0 ask for 1 pairs beyond must-meets, but at most 0 are possible. It would be enough to \
         lower the minimum of quota 0 by 1."
    );
}
