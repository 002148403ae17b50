//! Claims about the pairing as a whole: it is the best, it is proved, and where there is none the reason is true.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::finding::Finding;
use super::oracle::{any_problem, any_problem_with_quotas, any_weights, best_by_trying_all, best_one_to_one};
use super::problem::Flaw;
use super::total_value::{Failure, Solution, Start, Step, solve, solve_after};
use super::*;

/// Enough to meet every rare combination now and then, and done in a few seconds without optimization.
const CASES: u32 = 400;

fn solved(problem: &Problem) -> Result<Solution, Failure> {
    solve(problem, &mut |_| ControlFlow::Continue(()))
}

fn one_to_one(weights: Weights, seed: u64) -> Problem {
    let once = Bounds { min: 0, max: 1 };
    let (a, b) = (vec![once; weights.rows()], vec![once; weights.columns()]);
    Problem::new(weights, a, b, vec![], None, seed).unwrap()
}

fn with_bounds(weights: &[&[i32]], a: &[(u32, u32)], b: &[(u32, u32)], max_pairs: Option<u32>) -> Problem {
    let bounds = |of: &[(u32, u32)]| of.iter().map(|&(min, max)| Bounds { min, max }).collect();
    let weights = Weights::new(weights.len(), weights[0].len(), weights.concat()).unwrap();
    Problem::new(weights, bounds(a), bounds(b), vec![], max_pairs, 0).unwrap()
}

fn verdict(problem: &Problem, pairs: &[(u32, u32)], prices: &Prices) -> Verdict {
    verify(problem, pairs, Some(prices)).verdict
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn nothing_beats_the_solution_and_nothing_is_called_infeasible_that_is_not(problem in any_problem(4)) {
        match (best_by_trying_all(&problem), solved(&problem)) {
            (Some(best), Ok(solution)) => prop_assert_eq!(solution.total, best),
            (None, Err(Failure::Infeasible(obstructions))) => prop_assert!(!obstructions.is_empty()),
            (best, solution) => prop_assert!(false, "{best:?} by trying all, but {solution:?}"),
        }
    }

    #[test]
    fn every_solution_is_proved_optimal(problem in any_problem(12)) {
        if let Ok(solution) = solved(&problem) {
            let report = verify(&problem, &solution.pairs, Some(&solution.prices));
            prop_assert_eq!(report.findings, vec![]);
            prop_assert_eq!(report.verdict, Verdict::Optimal);
            prop_assert_eq!(report.total, solution.total);
            prop_assert_eq!(report.bound, Some(solution.total));
        }
    }

    #[test]
    fn whatever_the_auction_leaves_is_made_exact(
        problem in any_problem_with_quotas(14), steps in prop::collection::vec(1..200_000i32, 0..4),
    ) {
        let total = |solution: Solution| solution.total;
        let solution = solve_after(&problem, Start::Auction(&steps), &mut |_| ControlFlow::Continue(()));
        prop_assert_eq!(solution.clone().map(total).ok(), solved(&problem).map(total).ok());
        if let Ok(solution) = solution {
            prop_assert_eq!(verify(&problem, &solution.pairs, Some(&solution.prices)).findings, vec![]);
        }
    }

    #[test]
    fn whatever_shortest_paths_leave_is_made_exact(problem in any_problem_with_quotas(14)) {
        let total = |solution: Solution| solution.total;
        let solution = solve_after(&problem, Start::Paths, &mut |_| ControlFlow::Continue(()));
        prop_assert_eq!(solution.clone().map(total).ok(), solved(&problem).map(total).ok());
        if let Ok(solution) = solution {
            prop_assert_eq!(verify(&problem, &solution.pairs, Some(&solution.prices)).findings, vec![]);
        }
    }

    #[test]
    fn shortest_paths_leave_nothing_to_mend_where_everybody_has_room_for_one_pair(
        weights in any_weights(40), seed in any::<u64>(),
    ) {
        let problem = one_to_one(weights, seed);
        let mut mended = 0;
        let count = |_| {
            mended += 1;
            ControlFlow::Continue(())
        };
        let solution = solve_after(&problem, Start::Paths, &mut { count }).unwrap();
        prop_assert_eq!(mended, 0);
        prop_assert_eq!(solution.total, best_one_to_one(problem.weights()));
        let report = verify(&problem, &solution.pairs, Some(&solution.prices));
        prop_assert_eq!((report.findings, report.verdict), (vec![], Verdict::Optimal));
    }

    #[test]
    fn prices_are_zero_or_more_unless_a_minimum_forces_pairs(problem in any_problem(8)) {
        let Ok(solution) = solved(&problem) else { return Ok(()) };
        for (side, prices) in [(Side::A, &solution.prices.a), (Side::B, &solution.prices.b)] {
            for (at, (&price, bounds)) in prices.iter().zip(problem.bounds(side)).enumerate() {
                let own = |&&(a, b): &&(u32, u32)| at == if side == Side::A { a } else { b } as usize;
                let pairs = solution.pairs.iter().filter(own).count();
                prop_assert!(price >= 0 || bounds.min > 0);
                prop_assert!(price == 0 || pairs > 0 || bounds.max == 0 || bounds.min > 0);
            }
        }
        prop_assert!(problem.max_pairs().is_some() || solution.prices.pair == 0);
    }

    #[test]
    fn the_total_does_not_depend_on_the_seed_and_the_solution_depends_on_nothing_else(
        problem in any_problem(6), seed in any::<u64>(),
    ) {
        prop_assert_eq!(solved(&problem), solved(&problem));
        let (a, b) = (problem.bounds(Side::A).to_vec(), problem.bounds(Side::B).to_vec());
        let must_meets = problem.must_meets().to_vec();
        let other = Problem::new(problem.weights().clone(), a, b, must_meets, problem.max_pairs(), seed).unwrap();
        let total = |problem| solved(problem).ok().map(|solution| solution.total);
        prop_assert_eq!(total(&problem), total(&other));
    }

    #[test]
    fn a_pair_worth_nothing_is_made_only_if_a_minimum_needs_it(problem in any_problem(5)) {
        let Ok(solution) = solved(&problem) else { return Ok(()) };
        for (at, &(a, b)) in solution.pairs.iter().enumerate() {
            let mut others = solution.pairs.clone();
            others.remove(at);
            let is_needed = verify(&problem, &others, None).verdict == Verdict::NotAllowed;
            prop_assert!(problem.weights().get(a, b) > 0 || is_needed);
        }
    }

    #[test]
    fn no_changed_pairing_or_price_is_called_optimal_that_is_not(
        problem in any_problem(4),
        flips in prop::collection::vec((0..4u32, 0..4u32), 0..3),
        changes in prop::collection::vec((0..9usize, any_change()), 0..3),
    ) {
        let Some(best) = best_by_trying_all(&problem) else { return Ok(()) };
        let mut solution = solved(&problem).unwrap();
        for flip in flips {
            match solution.pairs.iter().position(|pair| *pair == flip) {
                Some(at) => drop(solution.pairs.remove(at)),
                None => solution.pairs.push(flip),
            }
        }
        for (at, change) in changes {
            let Prices { a, b, pair, .. } = &mut solution.prices;
            let mut prices = a.iter_mut().chain(b).chain([pair]);
            if let Some(price) = prices.nth(at) {
                *price = price.saturating_add(change);
            }
        }
        let report = verify(&problem, &solution.pairs, Some(&solution.prices));
        prop_assert!(report.bound.unwrap() >= best, "{} is no bound, {best} can be had", report.bound.unwrap());
        if report.verdict == Verdict::Optimal {
            prop_assert_eq!(report.total, best);
            prop_assert_eq!(report.findings, vec![]);
        } else {
            prop_assert!(!report.findings.is_empty());
        }
        let is_allowed = report.verdict != Verdict::NotAllowed;
        prop_assert_eq!(is_allowed, is_allowed_by_hand(&problem, &solution.pairs));
    }
}

fn any_change() -> impl Strategy<Value = i64> {
    prop_oneof![Just(1), Just(-1), -1_000_000..=1_000_000i64, Just(i64::MAX), Just(i64::MIN), any::<i64>()]
}

fn is_allowed_by_hand(problem: &Problem, pairs: &[(u32, u32)]) -> bool {
    let inside =
        |&(a, b): &(u32, u32)| (a as usize) < problem.weights().rows() && (b as usize) < problem.weights().columns();
    let fits = |side: Side| {
        let own = |at: usize| move |pair: &&(u32, u32)| at == if side == Side::A { pair.0 } else { pair.1 } as usize;
        let count = |at: usize| pairs.iter().filter(own(at)).count() as u32;
        problem.bounds(side).iter().enumerate().all(|(at, it)| (it.min..=it.max).contains(&count(at)))
    };
    pairs.iter().all(inside)
        && pairs.iter().all(|&(a, b)| problem.weights().get(a, b) != INELIGIBLE)
        && problem.must_meets().iter().all(|pair| pairs.contains(pair))
        && problem.max_pairs().is_none_or(|max| pairs.len() <= max as usize)
        && fits(Side::A)
        && fits(Side::B)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES / 4))]

    #[test]
    fn one_to_one_agrees_with_the_textbook(weights in any_weights(50), seed in any::<u64>()) {
        let best = best_one_to_one(&weights);
        let problem = one_to_one(weights, seed);
        let solution = solved(&problem).unwrap();
        prop_assert_eq!(solution.total, best);
        prop_assert_eq!(verdict(&problem, &solution.pairs, &solution.prices), Verdict::Optimal);
    }
}

#[test]
fn a_limit_of_pairs_is_priced_at_what_one_more_would_gain() {
    let problem = with_bounds(&[&[9, 0], &[0, 7]], &[(0, 1); 2], &[(0, 1); 2], Some(1));
    let solution = solved(&problem).unwrap();
    assert_eq!(solution.pairs, [(0, 0)]);
    assert_eq!(solution.prices.pair, 7);
    assert_eq!(solution.prices.a[1] + solution.prices.b[1], 0);
}

#[test]
fn prices_of_minimums_are_no_larger_than_weights_call_for() {
    let problem = with_bounds(&[&[10, 500], &[900, 1_000]], &[(1, 1); 2], &[(1, 1); 2], None);
    let solution = solved(&problem).unwrap();
    assert_eq!(solution.total, 1_400);
    let prices = solution.prices;
    assert!(prices.a.iter().chain(&prices.b).all(|price| price.abs() <= 2_000), "{prices:?}");
}

#[test]
fn a_minimum_forces_a_poor_pair_and_gets_a_negative_price() {
    let problem = with_bounds(&[&[900], &[100]], &[(0, 1), (1, 1)], &[(0, 1)], None);
    let solution = solved(&problem).unwrap();
    assert_eq!(solution.pairs, [(1, 0)]);
    assert!(solution.prices.a[1] < 0);
}

#[test]
fn the_solver_stops_when_it_is_told_to() {
    let problem = with_bounds(&[&[5, 4], &[4, 5]], &[(0, 2); 2], &[(0, 2); 2], None);
    let mut asked = 0;
    let mut count = |_| {
        asked += 1;
        ControlFlow::Continue(())
    };
    solve(&problem, &mut count).unwrap();
    assert!(asked > 0);
    for stop in 0..asked {
        let mut left = stop;
        let outcome = solve(&problem, &mut |step: Step| {
            assert!(step.pairs <= step.pairs_max && step.pairs_max == 4, "{step:?}");
            if left == 0 {
                return ControlFlow::Break(());
            }
            left -= 1;
            ControlFlow::Continue(())
        });
        assert_eq!(outcome, Err(Failure::Cancelled));
    }
}

#[test]
fn a_seed_chooses_between_equal_pairings() {
    let pairs = |seed| solved(&one_to_one(Weights::new(1, 8, vec![5; 8]).unwrap(), seed)).unwrap().pairs;
    let all: Vec<_> = (0..50).map(pairs).collect();
    assert_eq!(all[0], [(0, 0)], "seed 0 prefers the lowest index");
    assert!(all.iter().any(|pairs| *pairs != all[0]));
}

#[test]
fn a_problem_reports_all_its_flaws_at_once() {
    let weights = Weights::new(1, 2, vec![INELIGIBLE, 3]).unwrap();
    let flaws =
        Problem::new(weights, vec![Bounds { min: 2, max: 1 }], vec![], vec![(0, 0), (0, 1), (0, 1), (1, 0)], None, 0)
            .unwrap_err();
    assert_eq!(
        flaws,
        [
            Flaw::MinAboveMax { side: Side::A, enterprise: 0, bounds: Bounds { min: 2, max: 1 } },
            Flaw::BoundsCount { side: Side::B, given: 0, expected: 2 },
            Flaw::MustMeetIneligible { a: 0, b: 0 },
            Flaw::MustMeetTwice { a: 0, b: 1 },
            Flaw::MustMeetUnknown { a: 1, b: 0 },
        ]
    );
    assert_eq!(
        Weights::new(1, 2, vec![-2, 1_000_001]).unwrap_err(),
        [Flaw::WeightRange { a: 0, b: 0, weight: -2 }, Flaw::WeightRange { a: 0, b: 1, weight: 1_000_001 }]
    );
}

#[test]
fn prices_beyond_all_measure_prove_nothing_and_break_nothing() {
    let problem = with_bounds(&[&[5, 4], &[4, 5]], &[(0, 1); 2], &[(0, 1); 2], Some(2));
    for pair in [i64::MIN, i64::MAX] {
        for price in [i64::MIN, i64::MAX] {
            let prices = Prices { a: vec![price; 2], b: vec![price; 2], pair, quotas: vec![] };
            assert_eq!(verdict(&problem, &[(0, 1), (1, 0)], &prices), Verdict::Allowed);
        }
    }
}

#[test]
fn without_prices_a_pairing_is_allowed_at_most() {
    let problem = with_bounds(&[&[5]], &[(0, 1)], &[(0, 1)], None);
    let report = verify(&problem, &[(0, 0)], None);
    assert_eq!(report.verdict, Verdict::Allowed);
    assert_eq!(report.findings, [Finding::NoPrices]);
    assert_eq!(report.bound, None);
}

#[test]
fn a_must_meet_is_as_few_pairs_as_its_enterprises_must_have() {
    let free = Bounds { min: 0, max: 2 };
    let weights = Weights::new(1, 1, vec![5]).unwrap();
    let problem = Problem::new(weights, vec![free], vec![free], vec![(0, 0)], None, 0).unwrap();
    let prices = Prices { a: vec![-3], b: vec![0], pair: 0, quotas: vec![] };
    assert_eq!(verdict(&problem, &[(0, 0)], &prices), Verdict::Optimal);
}

#[test]
fn an_enterprise_that_may_have_no_pair_costs_just_what_keeps_pairs_away() {
    let problem = with_bounds(&[&[70, INELIGIBLE], &[INELIGIBLE; 2]], &[(0, 0); 2], &[(0, 1); 2], None);
    let solution = solved(&problem).unwrap();
    assert_eq!(solution.prices, Prices { a: vec![70, 0], b: vec![0, 0], pair: 0, quotas: vec![] });
}

#[test]
fn findings_are_sentences_about_enterprises() {
    let problem = with_bounds(&[&[5, 4], &[4, 5]], &[(0, 1); 2], &[(0, 1); 2], None);
    let prices = Prices { a: vec![2, 5], b: vec![0, 0], pair: 0, quotas: vec![] };
    let name = |side: Side, at: u32| format!("{}{at}", if side == Side::A { "Mill " } else { "Loom " });
    let report = verify(&problem, &[(1, 1)], Some(&prices));
    let words: Vec<String> = report.findings.iter().map(|finding| finding.in_words(&name)).collect();
    assert_eq!(
        words,
        [
            "Mill 0 of side a has the positive price 2 ppm, but only 0 of 1 pairs",
            "Mill 0 with Loom 0 is not chosen with a surplus of 3 ppm, which must be 0 or less",
            "Mill 0 with Loom 1 is not chosen with a surplus of 2 ppm, which must be 0 or less",
        ]
    );
}
