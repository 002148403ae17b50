//! Finds the allowed pairing whose scores add up to the most, and prices that prove it.
//!
//! [`super::auction`] comes near, [`super::kilter`] makes it exact; the only choice is how near to come first. Where there
//! are some ten thousand pairs and everybody has one at most, [`super::shortest`] leaves nothing to be made exact, in half
//! the time. Measured with `benches/pairing` in milliseconds of processor time, everybody with one pair at most:
//!
//! | enterprises a side | scores | no rounds before | rounds down to 1,000 ppm | to 10 ppm | to 2 ppm |
//! |---|---|---|---|---|---|
//! | 100 | clustered | 0.14 | 0.07 | 0.07 | 0.07 |
//! | 1,000 | clustered | 37 | 2.5 | 1.9 | 1.7 |
//! | 1,000 | uniform | 14 | 6.0 | 1.7 | 1.9 |
//! | 5,000 | clustered | | | 110 | 105 |
//! | 5,000 | uniform | | | 190 | 150 |
//!
//! With five pairs each, a thousand a side take 5 to 9 ms. So rounds go down to 2 ppm, except where there are so few pairs
//! that searches cost next to nothing.

use std::ops::ControlFlow;

use fearless_simd::{Simd, dispatch};

use super::auction::{self, Auction};
use super::feasibility::{Obstruction, obstructions};
use super::kilter::{Kilter, Stopped};
use super::lanes;
use super::open::{Open, Ordered};
use super::prices::settle;
use super::problem::{Prices, Problem, Weights};
use super::quota::{self, Meaning};
use super::shortage;
use super::shortest;
use super::stems::{Group, Stems};

/// An optimal pairing and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Solution {
    /// The pairs (row, column), must-meets included, sorted.
    pub(crate) pairs: Vec<(u32, u32)>,
    /// Sum of the weights of the pairs in ppm.
    pub(crate) total: i64,
    /// Prices with which [`super::verify`] finds the pairs optimal.
    pub(crate) prices: Prices,
}

/// How far the solver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Pairs made so far, must-meets included; it can fall for a while.
    pub(crate) pairs: u64,
    /// No solution has more pairs than this.
    pub(crate) pairs_max: u64,
}

/// Why there is no solution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Limits, must-meets and quotas cannot be met together; at least one obstruction says why.
    #[error("the limits and must-meets cannot be met together")]
    Infeasible(Vec<Obstruction>),
    /// `progress` asked to stop.
    #[error("the work was cancelled")]
    Cancelled,
}

/// A search costs as much as many bids, and the later rounds of an auction are cheap.
const LAST_STEP: i32 = 2;

/// With so few pairs, rounds of an auction cost more than the searches that they save. Then equal pairs also go to lower
/// indices first, where there are any.
const SMALL: usize = 1 << 10;

/// Up to so many pairs, where everybody has one at most, shortest paths are faster than an auction.
const MIDDLING: usize = 1 << 15;

/// Solves `problem` exactly: maximizes the sum of the weights of the chosen pairs.
///
/// A pair worth 0 is made only if a minimum needs it. The total does not depend on the seed, and the same problem gives
/// the same solution on every machine.
///
/// `progress` is asked every few milliseconds whether to go on.
pub(crate) fn solve(problem: &Problem, progress: &mut dyn FnMut(Step) -> ControlFlow<()>) -> Result<Solution, Failure> {
    let pairs = problem.weights().rows() * problem.weights().columns();
    match () {
        () if pairs <= SMALL => solve_after(problem, Start::Auction(&[]), progress),
        () if pairs <= MIDDLING => solve_after(problem, Start::Paths, progress),
        () => solve_after(problem, Start::Auction(&auction::steps(LAST_STEP)), progress),
    }
}

/// How the solver comes near.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start<'a> {
    /// By an auction with these steps.
    Auction(&'a [i32]),
    /// By shortest paths where everybody has room for one pair, and else by the usual auction.
    Paths,
}

/// Solves `problem` exactly after such a start.
pub(super) fn solve_after(
    problem: &Problem,
    start: Start<'_>,
    progress: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<Solution, Failure> {
    let obstructions = obstructions(problem);
    if !obstructions.is_empty() {
        return Err(Failure::Infeasible(obstructions));
    }
    let ordered = Ordered::new(problem);
    let weights = ordered.weights_of(problem);
    let open = ordered.open(problem, weights);
    let groups = quota::groups(problem, [&ordered.row_places, &ordered.column_places], false);
    let (groups, meanings): (Vec<Group>, Vec<Meaning>) = groups.into_iter().unzip();
    let level = lanes::level();
    let outcome = dispatch!(level, simd => run(simd, problem, &open, &groups, start, progress));
    let mut kilter = outcome.map_err(|stopped| match stopped {
        Stopped::Cancelled => Failure::Cancelled,
        Stopped::Infeasible(nodes) => {
            Failure::Infeasible(vec![shortage::obstruction(&open, &groups, &meanings, &ordered, &nodes)])
        }
    })?;
    kilter.drop_worthless();
    Ok(solution(problem, &kilter, &meanings, &ordered))
}

#[inline(always)]
fn run<'p, S: Simd>(
    simd: S,
    problem: &Problem,
    open: &'p Open<'p>,
    groups: &[Group],
    start: Start<'_>,
    progress: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<Kilter<'p>, Stopped> {
    simd.vectorize(
        #[inline(always)]
        || {
            let fixed = problem.must_meets().len() as u64;
            let pairs_max = problem.pairs_max();
            let mut step = |pairs: u64| progress(Step { pairs: fixed + pairs, pairs_max });
            let stems = Stems::new(open, groups.iter(), Stems::HARD);
            let usual;
            let steps = match start {
                Start::Paths if shortest::is_one_to_one(open) => None,
                Start::Paths => {
                    usual = auction::steps(LAST_STEP);
                    Some(usual.as_slice())
                }
                Start::Auction(steps) => Some(steps),
            };
            let mut kilter = if let Some(steps) = steps {
                let mut auction = Auction::new(open);
                if auction.run(simd, steps, &mut step).is_break() {
                    return Err(Stopped::Cancelled);
                }
                Kilter::new(open, stems, &auction.prices, &auction.levels, &auction.held)
            } else {
                let ended = shortest::paired(simd, open);
                Kilter::new(open, stems, &ended.prices, &ended.levels, &ended.held)
            };
            kilter.run(simd, &mut step)?;
            Ok(kilter)
        },
    )
}

fn solution(problem: &Problem, kilter: &Kilter<'_>, meanings: &[Meaning], ordered: &Ordered) -> Solution {
    let settled = settle(kilter, meanings);
    let in_order = |prices: &[i64], places: &[u32]| places.iter().map(|&place| prices[place as usize]).collect();
    let prices = Prices {
        a: in_order(&settled.rows, &ordered.row_places),
        b: in_order(&settled.columns, &ordered.column_places),
        pair: settled.pair,
        quotas: settled.quotas,
    };
    let mut pairs = problem.must_meets().to_vec();
    for (a, &place) in (0u32..).zip(&ordered.row_places) {
        pairs.extend(kilter.chosen[0].of(place).iter().map(|&b| (a, ordered.columns[b as usize])));
    }
    pairs.sort_unstable();
    let total = total(problem.weights(), &pairs);
    Solution { pairs, total, prices }
}

/// What pairs are worth together.
pub(super) fn total(weights: &Weights, pairs: &[(u32, u32)]) -> i64 {
    pairs.iter().map(|&(a, b)| i64::from(weights.get(a, b))).sum()
}
