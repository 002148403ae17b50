//! Claims about pairs that were not chosen: what they miss is exact, and alternates come in order.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::feasibility::Limit;
use super::oracle::{any_problem_with_quotas, for_every_pairing};
use super::problem::WEIGHT_MAX;
use super::total_value::{Solution, solve, total};
use super::why_not::{WhyNot, alternates, why_not};
use super::*;

/// Enough to meet every kind of limit at every kind of pair.
const CASES: u32 = 300;

fn solved(problem: &Problem) -> Option<Solution> {
    solve(problem, &mut |_| ControlFlow::Continue(())).ok()
}

/// The same problem in which one pair is worth more, if it may be worth so much.
fn raised(problem: &Problem, (a, b): (u32, u32), by: i64) -> Option<Problem> {
    let (rows, columns) = (problem.weights().rows(), problem.weights().columns());
    let mut values: Vec<i32> = (0..rows as u32).flat_map(|a| problem.weights().row(a).to_vec()).collect();
    let weight = i64::from(values[a as usize * columns + b as usize]) + by;
    values[a as usize * columns + b as usize] = i32::try_from(weight).ok().filter(|weight| *weight <= WEIGHT_MAX)?;
    let weights = Weights::new(rows, columns, values).unwrap();
    let bounds = |side: Side| problem.bounds(side).to_vec();
    let must_meets = problem.must_meets().to_vec();
    let raised = Problem::new(weights, bounds(Side::A), bounds(Side::B), must_meets, problem.max_pairs(), 0);
    raised.unwrap().with_quotas(problem.quotas().to_vec()).ok()
}

/// The best totals of the allowed pairings with and without a pair.
fn best_with_and_without(problem: &Problem, pair: (u32, u32)) -> (Option<i64>, Option<i64>) {
    let (mut with, mut without) = (None, None);
    for_every_pairing(problem, &mut |pairs| {
        let best = if pairs.contains(&pair) { &mut with } else { &mut without };
        *best = (*best).max(Some(total(problem.weights(), pairs)));
    });
    (with, without)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn one_ppm_more_than_is_missing_selects_the_pair_in_every_optimum(problem in any_problem_with_quotas(3)) {
        let Some(solution) = solved(&problem) else { return Ok(()) };
        let (rows, columns) = (problem.weights().rows() as u32, problem.weights().columns() as u32);
        for pair in (0..rows).flat_map(|a| (0..columns).map(move |b| (a, b))) {
            let (with, without) = best_with_and_without(&problem, pair);
            match why_not(&problem, &solution.pairs, &solution.prices, pair) {
                WhyNot::Chosen => prop_assert!(solution.pairs.contains(&pair)),
                WhyNot::Ineligible => prop_assert_eq!(problem.weights().get(pair.0, pair.1), INELIGIBLE),
                WhyNot::Impossible => prop_assert_eq!(with, None),
                WhyNot::Outbid { missing, .. } => {
                    prop_assert_eq!(missing, without.unwrap() - with.unwrap());
                    if let Some(raised) = raised(&problem, pair, missing + 1) {
                        let (with, without) = best_with_and_without(&raised, pair);
                        prop_assert!(with > without);
                        prop_assert!(solved(&raised).unwrap().pairs.contains(&pair));
                    }
                }
            }
        }
    }

    #[test]
    fn alternates_miss_by_no_more_than_what_is_missing_and_come_in_order(problem in any_problem_with_quotas(7)) {
        let Some(solution) = solved(&problem) else { return Ok(()) };
        let found = alternates(&problem, &solution.pairs, &solution.prices, 3);
        for (side, found) in [Side::A, Side::B].into_iter().zip(found) {
            for (own, found) in (0u32..).zip(found) {
                prop_assert!(found.len() <= 3 && found.is_sorted());
                let open = (0..problem.bounds(side.other()).len() as u32).map(|other| if side == Side::A { (own, other) } else { (other, own) });
                let open = open.filter(|&pair| problem.weights().get(pair.0, pair.1) >= 0 && !solution.pairs.contains(&pair));
                prop_assert_eq!(found.len(), open.count().min(3));
                for alternate in found {
                    let pair = if side == Side::A { (own, alternate.partner) } else { (alternate.partner, own) };
                    prop_assert!(alternate.missing >= 0);
                    if let WhyNot::Outbid { missing, .. } = why_not(&problem, &solution.pairs, &solution.prices, pair) {
                        prop_assert!(alternate.missing <= missing);
                    }
                }
            }
        }
    }
}

#[test]
fn what_priced_a_pair_out_is_named() {
    let weights = Weights::new(2, 1, vec![900, 700]).unwrap();
    let once = Bounds { min: 0, max: 1 };
    let problem = Problem::new(weights, vec![once; 2], vec![once], vec![], None, 0).unwrap();
    let solution = solved(&problem).unwrap();
    let WhyNot::Outbid { missing, priced_out_by } = why_not(&problem, &solution.pairs, &solution.prices, (1, 0)) else {
        panic!("the pair is worth less than the other");
    };
    assert_eq!(missing, 200);
    let by: Vec<Limit> = priced_out_by.iter().map(|(limit, _)| *limit).collect();
    assert_eq!(by, [Limit::Enterprise { side: Side::B, enterprise: 0 }]);
}
