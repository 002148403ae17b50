//! Finds the pairing in which the worst-off are as well off as can be, then the next worst, and so on (leximin).
//!
//! In order of importance:
//! 1. as few enterprises as possible have no pair;
//! 2. as many pairs as possible are made;
//! 3. the scores of the pairs, from the lowest up, are each as high as those before allow.
//!
//! Where everybody has at most one pair, the value of an enterprise is the score of its pair, and this is the leximin of
//! the values. With more pairs each place counts like an enterprise of its own, because the leximin of sums cannot be
//! computed (dividing indivisible goods fairly is NP-hard). The total needs no rule: it follows from the scores.
//!
//! Each stage is a pairing problem with weights of 0 and 1. Its prices show what all its optimal pairings have in common:
//! pairs they all have, pairs none has, limits all of them reach. What remains is the [`Face`], on which the next stage is
//! solved. The prices of all stages are the proof, see [`super::fair_check`].

use std::ops::ControlFlow;

use fearless_simd::dispatch;

use super::auction::Auction;
use super::face::Face;
use super::feasibility::obstructions;
use super::kilter::{Kilter, Stopped};
use super::lanes;
use super::open::Ordered;
use super::prices::settle;
use super::problem::{INELIGIBLE, Prices, Problem, Weights};
use super::shortage;
use super::stems::Stems;
use super::total_value::{Failure, Step, total};

/// A leximin pairing and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fair {
    /// The pairs (row, column), must-meets included, sorted.
    pub(crate) pairs: Vec<(u32, u32)>,
    /// Sum of the weights of the pairs in ppm.
    pub(crate) total: i64,
    /// The scores at which pairs are stuck, from the lowest up, and how many pairs at each.
    pub(crate) levels: Vec<Level>,
    /// What proves that nothing is fairer.
    pub(crate) stages: Vec<Stage>,
}

/// Pairs that cannot have a higher score without others having a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    /// Their score in ppm.
    pub(crate) score: i32,
    /// How many they are.
    pub(crate) pairs: u32,
}

/// One step of the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stage {
    /// What is as large as it can be.
    pub(crate) counted: Counted,
    /// Prices that prove it, given the stages before.
    pub(crate) prices: Prices,
}

/// What a stage makes as large as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// The number of enterprises with a pair.
    Served,
    /// The number of pairs.
    Pairs,
    /// The number of pairs with a score above this.
    Above(i32),
}

/// Solves `problem` for the leximin. The outcome does not depend on the seed but for equal pairings.
///
/// `progress` is asked before every stage and every few milliseconds within.
pub(crate) fn solve_fair(
    problem: &Problem,
    progress: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<Fair, Failure> {
    let obstructions = obstructions(problem);
    if !obstructions.is_empty() {
        return Err(Failure::Infeasible(obstructions));
    }
    let ordered = Ordered::new(problem);
    let mut solver = Solver { face: Face::new(problem, &ordered), pairs: Vec::new(), stages: Vec::new() };
    let mut progress = |pairs: u64| progress(Step { pairs, pairs_max: problem.pairs_max() });
    let levels = solver.run(&mut progress).map_err(|stopped| match stopped {
        Stopped::Cancelled => Failure::Cancelled,
        Stopped::Infeasible(nodes) => {
            let face = Face::new(problem, &ordered);
            let obstruction = shortage::obstruction(&face.open(), &face.groups, &face.meanings, &ordered, &nodes);
            Failure::Infeasible(vec![obstruction])
        }
    })?;
    let placed = solver.pairs.iter().chain(&solver.face.kept);
    let named = placed.map(|&(row, column)| (ordered.rows[row as usize], ordered.columns[column as usize]));
    let mut pairs: Vec<(u32, u32)> = problem.must_meets().iter().copied().chain(named).collect();
    pairs.sort_unstable();
    let stages = solver.stages.into_iter().map(|stage| stage.named(&ordered)).collect();
    Ok(Fair { total: total(problem.weights(), &pairs), pairs, levels, stages })
}

impl Stage {
    fn named(self, ordered: &Ordered) -> Self {
        let in_order = |prices: &[i64], places: &[u32]| places.iter().map(|&place| prices[place as usize]).collect();
        let prices = Prices {
            a: in_order(&self.prices.a, &ordered.row_places),
            b: in_order(&self.prices.b, &ordered.column_places),
            ..self.prices
        };
        Self { counted: self.counted, prices }
    }
}

type Progress<'f> = dyn FnMut(u64) -> ControlFlow<()> + 'f;

/// The solver between two stages, in its own order.
struct Solver {
    face: Face,
    /// Chosen pairs that are not settled by the face.
    pairs: Vec<(u32, u32)>,
    stages: Vec<Stage>,
}

impl Solver {
    fn run(&mut self, progress: &mut Progress<'_>) -> Result<Vec<Level>, Stopped> {
        let mut scores: Vec<i32> = self.face.weights.values().to_vec();
        scores.sort_unstable();
        scores.dedup();
        self.stage(Counted::Served, progress)?;
        self.stage(Counted::Pairs, progress)?;

        // Every pair that is stuck below is counted, so that the rest can be told by subtraction.
        let (mut levels, mut below) = (Vec::new(), INELIGIBLE);
        loop {
            let left = self.count_above(below);
            if left == 0 {
                return Ok(levels);
            }
            let score = self.raise(&scores, below, progress)?;
            self.face.exclude(|weight| weight > below && weight < score);
            self.stage(Counted::Above(score), progress)?;
            let stuck = left - self.count_above(score);
            levels.push(Level { score, pairs: stuck });
            below = score;
        }
    }

    /// How many pairs, settled ones included, are above a score.
    fn count_above(&self, score: i32) -> u32 {
        let unsettled = self.pairs.iter().filter(|&&(row, column)| self.face.weights.get(row, column) > score);
        (unsettled.count() + self.face.kept_scores.iter().filter(|kept| **kept > score).count()) as u32
    }

    /// The highest score that all pairs above `below` can have at once, and pairs that have it.
    fn raise(&mut self, scores: &[i32], below: i32, progress: &mut Progress<'_>) -> Result<i32, Stopped> {
        // What is settled above may be the lowest already.
        let lowest_kept = self.face.kept_scores.iter().copied().filter(|kept| *kept > below).min().unwrap_or(i32::MAX);
        let place = |score: i32| scores.partition_point(|other| *other < score);
        let lowest = |solver: &Self| {
            let above = solver.pairs.iter().map(|&(row, column)| solver.face.weights.get(row, column));
            above.filter(|weight| *weight > below).min().map_or(scores.len(), place)
        };
        let (mut can, mut step) = (lowest(self).min(place(lowest_kept)), 1);
        let mut cannot = scores.len().min(place(lowest_kept.saturating_add(1)));
        while can + 1 < cannot {
            let middle = (can + step).min(can.midpoint(cannot)).max(can + 1);
            if self.can_all_reach(scores[middle], below, progress)? {
                can = lowest(self).min(cannot - 1).max(middle);
                step *= 2;
            } else {
                cannot = middle;
                step = 1;
            }
        }
        Ok(scores[can])
    }

    /// Whether all pairs above `below` can have at least `score`; if so, they have it afterwards.
    fn can_all_reach(&mut self, score: i32, below: i32, progress: &mut Progress<'_>) -> Result<bool, Stopped> {
        let lowered = |weight: i32| if weight <= below || weight >= score { weight.min(0) } else { INELIGIBLE };
        let weights = self.face.weights.mapped(lowered);
        let mut open = self.face.open();
        open.weights = &weights;
        let mut kilter = Kilter::without_pairs(&open, Stems::new(&open, self.face.groups.iter(), Stems::HARD));
        for &(row, column) in &self.pairs {
            if weights.get(row, column) >= 0 {
                kilter.start_with(row, column);
            }
        }
        let level = lanes::level();
        match dispatch!(level, simd => kilter.run(simd, progress)) {
            Ok(()) => {
                self.pairs = kilter.pairs();
                Ok(true)
            }
            Err(Stopped::Infeasible(_)) => Ok(false),
            Err(Stopped::Cancelled) => Err(Stopped::Cancelled),
        }
    }

    /// Makes something as large as possible, and keeps what all pairings that do so have in common.
    fn stage(&mut self, counted: Counted, progress: &mut Progress<'_>) -> Result<(), Stopped> {
        if progress(self.face.kept.len() as u64).is_break() {
            return Err(Stopped::Cancelled);
        }
        let weights = self.gains(counted);
        let mut open = self.face.open();
        open.weights = &weights;
        let mut stems = Stems::new(&open, self.face.groups.iter(), Stems::HARD);
        if counted == Counted::Served {
            stems.ask_for_one_pair_each(&self.face.is_served);
        }
        let mut auction = Auction::new(&open);
        let level = lanes::level();
        // Weights of 0 and 1 leave nothing to approach in steps.
        if dispatch!(level, simd => auction.run(simd, &[], progress)).is_break() {
            return Err(Stopped::Cancelled);
        }
        let mut kilter = Kilter::new(&open, stems, &auction.prices, &auction.levels, &auction.held);
        dispatch!(level, simd => kilter.run(simd, progress))?;

        let settled = settle(&kilter, &self.face.meanings);
        let (quotas, pair) = (settled.quotas, settled.pair);
        let prices = Prices { a: settled.rows, b: settled.columns, pair, quotas };
        self.pairs = kilter.pairs();
        let used = kilter.stems.of;
        self.face.restrict(&weights, &prices, &used, &mut self.pairs);
        self.stages.push(Stage { counted, prices });
        Ok(())
    }

    fn gains(&self, counted: Counted) -> Weights {
        self.face.weights.mapped(|weight| match counted {
            _ if weight < 0 => INELIGIBLE,
            Counted::Served => 0,
            Counted::Pairs => 1,
            Counted::Above(score) => i32::from(weight > score),
        })
    }
}
