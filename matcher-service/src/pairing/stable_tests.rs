//! Claims about stable pairings: nobody would rather leave, the proposing side does best, and limits hold.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::blocking::blocking;
use super::oracle::{any_problem, for_every_pairing};
use super::problem::WEIGHT_MAX;
use super::stable::{StableFailure, Views, solve_stable};
use super::*;

/// Enough to meet capacities, must-meets and ties together many times.
const CASES: u32 = 400;

fn stable(problem: &Problem, views: Option<&Views>, proposing: Side) -> Vec<(u32, u32)> {
    solve_stable(problem, views, proposing, &mut |_| ControlFlow::Continue(())).unwrap().pairs
}

/// Problems that a stable pairing may be asked for, and what each side thinks of the other.
fn any_question(side_max: usize) -> impl Strategy<Value = (Problem, Option<Views>)> {
    let scores = prop_oneof![Just(4), Just(WEIGHT_MAX)];
    (any_problem(side_max), prop::collection::vec(any::<u32>(), 2 * side_max * side_max), scores, any::<bool>())
        .prop_map(|(problem, draws, most, has_views)| {
            let (rows, columns) = (problem.weights().rows(), problem.weights().columns());
            let weights = problem.weights();
            let mut draws = draws.into_iter().map(|draw| (draw % most as u32) as i32);
            let mut draw = |weight: i32| draws.next().unwrap().max(-1).min(if weight < 0 { -1 } else { WEIGHT_MAX });
            let pairs = || (0..rows as u32).flat_map(|a| (0..columns as u32).map(move |b| (a, b)));
            let a = pairs().map(|(a, b)| draw(weights.get(a, b))).collect::<Vec<_>>();
            let b = (0..columns as u32).flat_map(|b| (0..rows as u32).map(move |a| (a, b)));
            let b = b.map(|(a, b)| draw(weights.get(a, b))).collect::<Vec<_>>();
            let views =
                Views { a: Weights::new(rows, columns, a).unwrap(), b: Weights::new(columns, rows, b).unwrap() };
            let bounds = |side: Side| problem.bounds(side).to_vec();
            let (a, b) = (bounds(Side::A), bounds(Side::B));
            let fits = |side: Side, at: u32| {
                let own = |&&(a, b): &&(u32, u32)| at == if side == Side::A { a } else { b };
                let count = problem.must_meets().iter().filter(own).count() as u32;
                count <= problem.bounds(side)[at as usize].max
            };
            let is_allowed = problem.must_meets().iter().all(|&(a, b)| fits(Side::A, a) && fits(Side::B, b));
            let must_meets = if is_allowed { problem.must_meets().to_vec() } else { vec![] };
            let problem = Problem::new(weights.clone(), a, b, must_meets, None, problem.seed()).unwrap();
            (problem, has_views.then_some(views))
        })
}

fn without_minimums(problem: &Problem) -> Problem {
    let bounds = |side: Side| problem.bounds(side).iter().map(|it| Bounds { min: 0, max: it.max }).collect();
    let must_meets = problem.must_meets().to_vec();
    Problem::new(problem.weights().clone(), bounds(Side::A), bounds(Side::B), must_meets, None, problem.seed()).unwrap()
}

/// Whether two enterprises would rather have each other, by looking at every partner of both.
fn would_leave(problem: &Problem, views: Option<&Views>, pairs: &[(u32, u32)], pair: (u32, u32)) -> bool {
    let (a, b) = pair;
    let score = |side: Side, (a, b): (u32, u32)| match (views, side) {
        (None, _) => problem.weights().get(a, b),
        (Some(views), Side::A) => views.a.get(a, b),
        (Some(views), Side::B) => views.b.get(b, a),
    };
    let wants = |side: Side, at: u32| {
        let own = |pair: &&(u32, u32)| at == if side == Side::A { pair.0 } else { pair.1 };
        let has_room = pairs.iter().filter(own).count() < problem.bounds(side)[at as usize].max as usize;
        let mut free = pairs.iter().filter(own).filter(|pair| !problem.must_meets().contains(pair));
        has_room || free.any(|&other| score(side, other) < score(side, pair))
    };
    problem.weights().get(a, b) >= 0 && !pairs.contains(&pair) && wants(Side::A, a) && wants(Side::B, b)
}

fn count_who_would_leave(problem: &Problem, views: Option<&Views>, pairs: &[(u32, u32)]) -> u64 {
    let (rows, columns) = (problem.weights().rows() as u32, problem.weights().columns() as u32);
    let all = (0..rows).flat_map(|a| (0..columns).map(move |b| (a, b)));
    all.filter(|&pair| would_leave(problem, views, pairs, pair)).count() as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn nobody_would_rather_leave((problem, views) in any_question(9)) {
        for proposing in [Side::A, Side::B] {
            let pairs = stable(&problem, views.as_ref(), proposing);
            prop_assert_eq!(count_who_would_leave(&problem, views.as_ref(), &pairs), 0);
            prop_assert_eq!(blocking(&problem, views.as_ref(), &pairs).count, 0);
            prop_assert_eq!(verify(&without_minimums(&problem), &pairs, None).verdict, Verdict::Allowed);
        }
    }

    #[test]
    fn blocking_pairs_are_all_counted((problem, views) in any_question(3), pick in any::<prop::sample::Index>()) {
        let problem = without_minimums(&problem);
        let mut all = Vec::new();
        for_every_pairing(&problem, &mut |pairs| all.push(pairs.to_vec()));
        let pairs = pick.get(&all);
        let found = blocking(&problem, views.as_ref(), pairs);
        prop_assert_eq!(found.count, count_who_would_leave(&problem, views.as_ref(), pairs));
        prop_assert!(found.examples.iter().all(|&pair| would_leave(&problem, views.as_ref(), pairs, pair)));
    }

    #[test]
    fn no_stable_pairing_is_better_for_anyone_who_proposes((problem, views) in any_question(3)) {
        // With capacity 1 and no ties, what an enterprise gets is one number.
        let problem = without_minimums(&problem);
        let one = |side: Side| problem.bounds(side).iter().map(|it| Bounds { min: 0, max: it.max.min(1) }).collect();
        let problem = Problem::new(problem.weights().clone(), one(Side::A), one(Side::B), vec![], None, 0).unwrap();
        let Some(views) = views else { return Ok(()) };
        prop_assume!(has_no_ties(&views.a) && has_no_ties(&views.b));
        let mut all = Vec::new();
        for_every_pairing(&problem, &mut |pairs| {
            if count_who_would_leave(&problem, Some(&views), pairs) == 0 {
                all.push(pairs.to_vec());
            }
        });
        let best_a = stable(&problem, Some(&views), Side::A);
        let best_b = stable(&problem, Some(&views), Side::B);
        prop_assert!(all.contains(&best_a) && all.contains(&best_b));
        for other in &all {
            for &(a, b) in other {
                let of_a = best_a.iter().find(|pair| pair.0 == a).unwrap();
                prop_assert!(views.a.get(a, of_a.1) >= views.a.get(a, b));
                let of_b = best_b.iter().find(|pair| pair.1 == b).unwrap();
                prop_assert!(views.b.get(b, of_b.0) >= views.b.get(b, a));
            }
        }
    }

    #[test]
    fn whoever_proposes_the_same_enterprises_are_short_of_pairs((problem, views) in any_question(8)) {
        let problem = Problem::new(problem.weights().clone(), problem.bounds(Side::A).to_vec(),
            problem.bounds(Side::B).to_vec(), problem.must_meets().to_vec(), None, problem.seed()).unwrap();
        let Some(views) = views else { return Ok(()) };
        prop_assume!(has_no_ties(&views.a) && has_no_ties(&views.b));
        let below = |side| {
            solve_stable(&problem, Some(&views), side, &mut |_| ControlFlow::Continue(())).unwrap().below_minimum
        };
        prop_assert_eq!(below(Side::A), below(Side::B));
    }
}

fn has_no_ties(scores: &Weights) -> bool {
    (0..scores.rows() as u32).all(|row| {
        let mut scores: Vec<i32> = scores.row(row).iter().copied().filter(|score| *score >= 0).collect();
        scores.sort_unstable();
        scores.windows(2).all(|two| two[0] != two[1])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES / 10))]

    #[test]
    fn long_lists_of_equal_scores_stay_stable(
        draws in prop::collection::vec(0..1000i32, 2 * 120 * 150), most in 1..1000i32, seed in any::<u64>(),
    ) {
        let scores = |rows: usize, columns: usize, draws: &[i32]| {
            Weights::new(rows, columns, draws.iter().map(|draw| draw % most).collect::<Vec<_>>()).unwrap()
        };
        let (a, b) = draws.split_at(120 * 150);
        let views = Views { a: scores(120, 150, a), b: scores(150, 120, b) };
        let bounds = |count: usize| vec![Bounds { min: 0, max: 3 }; count];
        let problem = Problem::new(views.a.clone(), bounds(120), bounds(150), vec![], None, seed).unwrap();
        for proposing in [Side::A, Side::B] {
            let pairs = stable(&problem, Some(&views), proposing);
            prop_assert_eq!(pairs.len(), 360);
            prop_assert_eq!(blocking(&problem, Some(&views), &pairs).count, 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES / 10))]

    #[test]
    fn where_everybody_wants_the_same_nobody_would_leave_either(
        noise in prop::collection::vec(0..1000i32, 2 * 90 * 90), share in 1..400i32, seed in any::<u64>(),
    ) {
        // Most proposals are in vain, so that proposers look at the whole other side.
        let scores = |noise: &[i32]| {
            let values = noise.iter().enumerate().map(|(at, noise)| (at % 90) as i32 * 1000 + noise * share);
            Weights::new(90, 90, values.collect::<Vec<_>>()).unwrap()
        };
        let (a, b) = noise.split_at(90 * 90);
        let views = Views { a: scores(a), b: scores(b) };
        let once = vec![Bounds { min: 0, max: 1 }; 90];
        let problem = Problem::new(views.a.clone(), once.clone(), once, vec![], None, seed).unwrap();
        for proposing in [Side::A, Side::B] {
            let pairs = stable(&problem, Some(&views), proposing);
            prop_assert_eq!(pairs.len(), 90);
            prop_assert_eq!(blocking(&problem, Some(&views), &pairs).count, 0);
        }
    }
}

#[test]
fn limits_of_groups_are_refused() {
    let weights = Weights::new(1, 1, vec![1]).unwrap();
    let one = vec![Bounds { min: 0, max: 1 }];
    let problem = Problem::new(weights, one.clone(), one, vec![], Some(1), 0).unwrap();
    let outcome = solve_stable(&problem, None, Side::A, &mut |_| ControlFlow::Continue(()));
    assert_eq!(outcome, Err(StableFailure::GroupLimits));
}

#[test]
fn a_must_meet_takes_its_place_first_and_the_rest_is_stable() {
    let weights = Weights::new(2, 2, vec![9, 1, 8, 7]).unwrap();
    let one = vec![Bounds { min: 0, max: 1 }; 2];
    let problem = Problem::new(weights, one.clone(), one, vec![(0, 1)], None, 0).unwrap();
    let pairs = stable(&problem, None, Side::A);
    assert_eq!(pairs, [(0, 1), (1, 0)]);
    assert_eq!(blocking(&problem, None, &pairs).count, 0, "enterprises bound by a must-meet cannot leave it");
}

#[test]
fn a_minimum_that_no_stable_pairing_meets_is_reported() {
    let weights = Weights::new(2, 1, vec![9, 8]).unwrap();
    let once = vec![Bounds { min: 1, max: 1 }; 2];
    let problem = Problem::new(weights, once, vec![Bounds { min: 0, max: 1 }], vec![], None, 0).unwrap();
    let stable = solve_stable(&problem, None, Side::B, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(stable.below_minimum, [(Side::A, 1)]);
}

#[test]
fn the_search_stops_when_it_is_told_to() {
    let weights = Weights::new(1, 1, vec![9]).unwrap();
    let one = vec![Bounds { min: 0, max: 1 }];
    let problem = Problem::new(weights, one.clone(), one, vec![], None, 0).unwrap();
    let outcome = solve_stable(&problem, None, Side::A, &mut |_| ControlFlow::Break(()));
    assert_eq!(outcome, Err(StableFailure::Cancelled));
}
