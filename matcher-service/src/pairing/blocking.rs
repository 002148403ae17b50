//! Counts the pairs that would rather leave a pairing for each other, without a line of the solver.

use super::problem::{Problem, Side};
use super::stable::Views;

/// More examples than this help nobody.
const EXAMPLES_MAX: usize = 100;

/// What stands against calling a pairing stable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blocking {
    /// How many pairs block; the pairing is stable exactly if there are none.
    pub(crate) count: u64,
    /// The first of them by row and column, at most 100.
    pub(crate) examples: Vec<(u32, u32)>,
}

/// Counts the blocking pairs of `pairs`, which must be allowed apart from minimums (see [`super::verify`]).
///
/// Two enterprises block if they are eligible and not paired, and each either has room for one more pair or scores the
/// other strictly higher than the worst of its partners that are not must-meets.
pub(crate) fn blocking(problem: &Problem, views: Option<&Views>, pairs: &[(u32, u32)]) -> Blocking {
    let weights = problem.weights();
    let score = |side: Side, a: u32, b: u32| match (views, side) {
        (None, _) => weights.get(a, b),
        (Some(views), Side::A) => views.a.get(a, b),
        (Some(views), Side::B) => views.b.get(b, a),
    };
    // What a new partner must exceed, for each enterprise of each side.
    let mut bars = [Side::A, Side::B].map(|side| vec![i32::MAX; problem.bounds(side).len()]);
    let mut counts = [Side::A, Side::B].map(|side| vec![0u32; problem.bounds(side).len()]);
    let mut is_paired = vec![Vec::new(); weights.rows()];
    for &(a, b) in pairs {
        is_paired[a as usize].push(b);
        let is_fixed = problem.must_meets().binary_search(&(a, b)).is_ok();
        for (side, own) in [(Side::A, a), (Side::B, b)] {
            counts[side as usize][own as usize] += 1;
            if !is_fixed {
                let bar = &mut bars[side as usize][own as usize];
                *bar = (*bar).min(score(side, a, b));
            }
        }
    }
    for side in [Side::A, Side::B] {
        for (at, bounds) in problem.bounds(side).iter().enumerate() {
            if counts[side as usize][at] < bounds.max {
                bars[side as usize][at] = -1;
            }
        }
    }

    let mut blocking = Blocking { count: 0, examples: Vec::new() };
    for (a, own) in (0u32..).zip(&mut is_paired) {
        own.sort_unstable();
        let bar = bars[0][a as usize];
        for b in 0..weights.columns() as u32 {
            let is_wanted = score(Side::A, a, b) > bar && weights.get(a, b) >= 0;
            if is_wanted && score(Side::B, a, b) > bars[1][b as usize] && own.binary_search(&b).is_err() {
                blocking.count += 1;
                if blocking.examples.len() < EXAMPLES_MAX {
                    blocking.examples.push((a, b));
                }
            }
        }
    }
    blocking
}
