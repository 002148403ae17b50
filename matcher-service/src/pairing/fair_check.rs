//! Checks that nothing is fairer than a pairing, by the prices of its stages and without a line of the solver.

use std::ops::ControlFlow;

use super::certificate::verify;
use super::fair::{Counted, Stage};
use super::finding::Finding;
use super::problem::{Bounds, INELIGIBLE, Prices, Problem, Side};
use super::quota::Quota;

/// What a check of a fair pairing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FairVerdict {
    /// The pairs break limits or demands.
    NotAllowed(Vec<Finding>),
    /// The pairs are allowed; the stage with this number does not prove what it counts. Behind the last: pairs remain
    /// that no stage counts.
    Allowed { unproved: usize },
    /// Nothing is fairer.
    Fair,
}

/// Checks `pairs` and the `stages` that are said to prove them.
///
/// By the duality of linear programs, prices that fit a pairing as complementary slackness demands prove it optimal for
/// what a stage counts, and any other pairing that fits them is just as good. So what fits is what the next stage may
/// still change.
///
/// `go_on` is asked before every stage with its number; none if it breaks.
pub(crate) fn verify_fair(
    problem: &Problem,
    pairs: &[(u32, u32)],
    stages: &[Stage],
    go_on: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<FairVerdict> {
    let limits = verify(problem, pairs, None).findings;
    let breaks: Vec<Finding> = limits.into_iter().filter(|finding| *finding != Finding::NoPrices).collect();
    if !breaks.is_empty() {
        return Some(FairVerdict::NotAllowed(breaks));
    }
    let mut check = Check::new(problem, pairs);
    let mut below = None;
    for (number, stage) in stages.iter().enumerate() {
        if go_on(number).is_break() {
            return None;
        }
        let is_next = match (number, stage.counted) {
            (0, Counted::Served) | (1, Counted::Pairs) => true,
            (2.., Counted::Above(score)) => {
                let is_higher = below.is_none_or(|below| below < score);
                below = Some(score);
                is_higher && check.skip_to(score)
            }
            _ => false,
        };
        if !is_next || !check.fits(stage) {
            return Some(FairVerdict::Allowed { unproved: number });
        }
    }
    if stages.len() < 2 || check.is_open_above(below.unwrap_or(INELIGIBLE)) {
        return Some(FairVerdict::Allowed { unproved: stages.len() });
    }
    Some(FairVerdict::Fair)
}

struct Check<'p> {
    problem: &'p Problem,
    is_chosen: Vec<bool>,
    /// Pairs that the next stage may change.
    is_open: Vec<bool>,
    limits: Vec<Limit>,
    score_before: i32,
}

/// Pairs without must-meets of an enterprise, a quota or all, and how many there may be.
struct Limit {
    side: Side,
    members: Vec<u32>,
    bounds: Bounds,
    used: u32,
    /// Whether it is one enterprise without must-meets and without a minimum.
    may_be_unserved: bool,
}

impl<'p> Check<'p> {
    fn new(problem: &'p Problem, pairs: &[(u32, u32)]) -> Self {
        let (rows, columns) = (problem.weights().rows(), problem.weights().columns());
        let at = |(a, b): (u32, u32)| a as usize * columns + b as usize;
        let mut is_chosen = vec![false; rows * columns];
        let mut is_open = vec![false; rows * columns];
        for a in 0..rows as u32 {
            for (b, &weight) in (0u32..).zip(problem.weights().row(a)) {
                is_open[at((a, b))] = weight >= 0;
            }
        }
        for &pair in pairs {
            is_chosen[at(pair)] = true;
        }
        for &pair in problem.must_meets() {
            is_chosen[at(pair)] = false;
            is_open[at(pair)] = false;
        }

        let mut check = Self { problem, is_chosen, is_open, limits: Vec::new(), score_before: INELIGIBLE };
        for side in [Side::A, Side::B] {
            for (enterprise, bounds) in (0u32..).zip(problem.bounds(side)) {
                check.limit(side, vec![enterprise], *bounds);
            }
        }
        for Quota { side, members, min, max } in problem.quotas() {
            check.limit(*side, members.clone(), Bounds { min: *min, max: *max });
        }
        let all = (0..rows as u32).collect();
        check.limit(Side::A, all, Bounds { min: 0, max: problem.max_pairs().unwrap_or(u32::MAX) });
        for limit in &mut check.limits[rows + columns..] {
            limit.may_be_unserved = false;
        }
        check
    }

    fn limit(&mut self, side: Side, members: Vec<u32>, bounds: Bounds) {
        let own = |&&(a, b): &&(u32, u32)| members.contains(if side == Side::A { &a } else { &b });
        let fixed = self.problem.must_meets().iter().filter(own).count() as u32;
        let columns = self.problem.weights().columns();
        let used = members.iter().map(|&member| {
            let (start, step, count) = match side {
                Side::A => (member as usize * columns, 1, columns),
                Side::B => (member as usize, columns, self.problem.weights().rows()),
            };
            (0..count).filter(|at| self.is_chosen[start + at * step]).count() as u32
        });
        let used = used.sum();
        let bounds = Bounds { min: bounds.min.saturating_sub(fixed), max: bounds.max.saturating_sub(fixed) };
        let may_be_unserved = fixed == 0 && bounds.min == 0 && bounds.max > 0;
        self.limits.push(Limit { side, members, bounds, used, may_be_unserved });
    }

    /// Leaves out pairs between the score before and this one; false if one is chosen.
    fn skip_to(&mut self, score: i32) -> bool {
        for a in 0..self.problem.weights().rows() as u32 {
            for (b, &weight) in self.problem.weights().row(a).iter().enumerate() {
                let at = a as usize * self.problem.weights().columns() + b;
                if self.score_before < weight && weight < score {
                    // A pair that all pairings in question have keeps its score in all of them.
                    if self.is_open[at] && self.is_chosen[at] {
                        return false;
                    }
                    self.is_open[at] = false;
                }
            }
        }
        self.score_before = score;
        true
    }

    /// Whether the prices of a stage fit the pairs; leaves open what fits as well.
    fn fits(&mut self, stage: &Stage) -> bool {
        let Prices { a, b, pair, quotas } = &stage.prices;
        let prices: Vec<i64> = a.iter().chain(b).chain(quotas).chain([pair]).copied().collect();
        let (rows, columns) = (self.problem.weights().rows(), self.problem.weights().columns());
        if a.len() != rows || b.len() != columns || prices.len() != self.limits.len() {
            return false;
        }
        let mut costs = [vec![0i128; rows], vec![0i128; columns]];
        for (limit, &price) in self.limits.iter_mut().zip(&prices) {
            for &member in &limit.members {
                costs[limit.side as usize][member as usize] += i128::from(price);
            }
            if !limit.fits(price, stage.counted == Counted::Served) {
                return false;
            }
        }
        for row in 0..rows {
            for (column, &weight) in self.problem.weights().row(row as u32).iter().enumerate() {
                let at = row * columns + column;
                if !self.is_open[at] {
                    continue;
                }
                let gain = match stage.counted {
                    Counted::Served => 0,
                    Counted::Pairs => 1,
                    Counted::Above(score) => i128::from(weight > score),
                };
                let surplus = gain - costs[0][row] - costs[1][column];
                if (surplus > 0 && !self.is_chosen[at]) || (surplus < 0 && self.is_chosen[at]) {
                    return false;
                }
                self.is_open[at] = surplus == 0;
            }
        }
        true
    }

    /// Whether a chosen pair above a score could still change.
    fn is_open_above(&self, score: i32) -> bool {
        let columns = self.problem.weights().columns();
        (0..self.is_open.len()).any(|at| {
            let weight = self.problem.weights().get((at / columns) as u32, (at % columns) as u32);
            self.is_open[at] && self.is_chosen[at] && weight > score
        })
    }
}

impl Limit {
    /// Whether a price fits the pairs there are; keeps the numbers of pairs that it fits.
    fn fits(&mut self, price: i64, counts_served: bool) -> bool {
        let Bounds { min, max } = self.bounds;
        // Who may be unserved is worth 1 once it has a pair: up to one pair a price of -1 is paid, then one of 0.
        self.bounds = match (price, counts_served && self.may_be_unserved) {
            (1.., _) => Bounds { min: max, max },
            (0, true) => Bounds { min: min.max(1), max },
            (0, false) => Bounds { min, max },
            (-1, true) => Bounds { min, max: max.min(1) },
            (_, true) => Bounds { min, max: 0 },
            (_, false) => Bounds { min, max: min },
        };
        (self.bounds.min..=self.bounds.max).contains(&self.used)
    }
}
