//! Finds the allowed pairing whose scores add up to the most, and prices that prove it.

use std::ops::ControlFlow;

use super::augmenting::Growing;
use super::feasibility::{Obstruction, obstructions};
use super::prices::settle;
use super::problem::{Prices, Problem};

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

/// How far the solver is; told after every pair it adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Pairs made so far, must-meets included.
    pub(crate) pairs: u64,
    /// No solution has more pairs than this.
    pub(crate) pairs_max: u64,
}

/// Why there is no solution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Minimums, maximums and must-meets cannot be met together; at least one obstruction says why.
    #[error("the limits and must-meets cannot be met together")]
    Infeasible(Vec<Obstruction>),
    /// `progress` asked to stop.
    #[error("the work was cancelled")]
    Cancelled,
}

/// Solves `problem` exactly: maximizes the sum of the weights of the chosen pairs.
///
/// The pairing grows by one pair at a time along the path that gains most, so it is the best of its size at every size;
/// each further gain is no larger than the one before. It stops when the next pair would gain nothing: a pair worth 0 is
/// made only if a minimum needs it. The total does not depend on the seed, and the same problem gives the same solution.
///
/// `progress` is asked before the first and after every pair whether to go on.
pub(crate) fn solve(problem: &Problem, progress: &mut dyn FnMut(Step) -> ControlFlow<()>) -> Result<Solution, Failure> {
    let obstructions = obstructions(problem);
    if !obstructions.is_empty() {
        return Err(Failure::Infeasible(obstructions));
    }

    let mut growing = Growing::new(problem);
    let pairs_max = growing.pairs_max();
    loop {
        if progress(Step { pairs: growing.pairs(), pairs_max }).is_break() {
            return Err(Failure::Cancelled);
        }
        // The search also runs when no pair may be added: the gain that is forgone is the price of one more pair.
        let Some(path) = growing.search() else { break };
        if growing.is_full() {
            break;
        }
        growing.add(&path);
    }

    let prices = settle(&growing);
    let pairs = growing.into_pairs();
    let total = pairs.iter().map(|&(a, b)| i64::from(problem.weights().get(a, b))).sum();
    Ok(Solution { pairs, total, prices })
}
