//! Finds a pairing that no two enterprises would rather leave for each other (deferred acceptance with capacities).
//!
//! One side proposes, best partners first; the other side keeps the best proposals that it has room for. The outcome is
//! the best stable pairing for every enterprise of the proposing side. Equal scores are told apart by the order of the
//! seed, and by index for seed 0. With scores that are the same both ways and all different there is only one stable
//! pairing, whoever proposes.
//!
//! Must-meets are made first and take their share of the capacities; the rest is stable among what they leave. A minimum
//! cannot be promised: whoever has fewer pairs than it could have has the same pairs in every stable pairing (the theorem
//! of the rural hospitals), so an unmet minimum is reported. Limits of pairs in all and quotas would have to break up pairs that
//! both want, and are refused.
//!
//! A proposer lists some of the best partners at a time. Where everybody wants the same ones, most proposals are in vain;
//! once there were many, what the other side thinks is turned over, as [`Opinions`], so that a proposer can list those that
//! may keep it: who turns a proposal away does so ever after. A greedy choice among all pairs by score would do for scores
//! that are the same both ways, but it must sort all pairs first, and that alone takes longer.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use fearless_simd::{Simd, dispatch};

use super::feasibility::{Obstruction, must_meet_obstructions};
use super::lanes::{self, Listed};
use super::open::{places, shuffled};
use super::opinions::{Opinions, opinion};
use super::problem::{Bounds, INELIGIBLE, Problem, Side, Weights};
use super::total_value::{Step, total};

/// What each enterprise thinks of each partner, where that is not simply the weight of the pair. Pairs that are
/// ineligible by the weights are so here, too.
#[derive(Debug, Clone)]
pub(crate) struct Views {
    /// Of side a: rows and columns as in the weights.
    pub(crate) a: Weights,
    /// Of side b: a row for each column of the weights, a column for each row.
    pub(crate) b: Weights,
}

/// A stable pairing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stable {
    /// The pairs (row, column), must-meets included, sorted.
    pub(crate) pairs: Vec<(u32, u32)>,
    /// Sum of the weights of the pairs in ppm.
    pub(crate) total: i64,
    /// Who has fewer pairs than its minimum, here and in every stable pairing.
    pub(crate) below_minimum: Vec<(Side, u32)>,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StableFailure {
    /// The problem limits the pairs in all or of groups.
    #[error("a stable pairing allows no quotas and no limit of pairs in all")]
    GroupLimits,
    /// Must-meets exceed a maximum.
    #[error("the limits and must-meets cannot be met together")]
    Infeasible(Vec<Obstruction>),
    /// `progress` asked to stop.
    #[error("the work was cancelled")]
    Cancelled,
}

/// Partners that a proposer lists first, about; then four times as many each time.
const FIRST: usize = 32;

/// A list that comes out so many times as long as it should, as among equals, is cut.
const LONGER_MAX: usize = 4;

/// Proposals in vain for each proposer, after which a look at the whole other side pays.
const IN_VAIN_MAX: usize = 16;

/// Turns between two questions whether to go on; a turn is a proposer's search for new partners at most.
const TURNS_A_STEP: u64 = 64;

/// Finds the stable pairing that is best for side `proposing`; without `views` everybody goes by the weights.
pub(crate) fn solve_stable(
    problem: &Problem,
    views: Option<&Views>,
    proposing: Side,
    progress: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<Stable, StableFailure> {
    if problem.max_pairs().is_some() || !problem.quotas().is_empty() {
        return Err(StableFailure::GroupLimits);
    }
    let obstructions = must_meet_obstructions(problem);
    if !obstructions.is_empty() {
        return Err(StableFailure::Infeasible(obstructions));
    }
    let transposed = (views.is_none() && proposing == Side::B).then(|| problem.weights().transposed());
    let (wishes, answers) = match (views, proposing) {
        (Some(Views { a, b }), Side::A) => (a, Some(b)),
        (Some(Views { a, b }), Side::B) => (b, Some(a)),
        (None, _) => (transposed.as_ref().unwrap_or_else(|| problem.weights()), None),
    };
    let mut rounds = Rounds::new(problem, proposing, wishes, answers);
    let level = lanes::level();
    let mut step = |pairs| progress(Step { pairs, pairs_max: problem.pairs_max() });
    if dispatch!(level, simd => rounds.run(simd, &mut step)).is_break() {
        return Err(StableFailure::Cancelled);
    }
    Ok(rounds.outcome(problem, proposing))
}

struct Rounds<'w> {
    wishes: &'w Weights,
    /// What receivers think of proposers, if not the same.
    answers: Option<&'w Weights>,
    proposers: Vec<Proposer>,
    /// Proposals that each receiver keeps, the worst on top, and how many it may.
    kept: Vec<BinaryHeap<Reverse<(u64, u32)>>>,
    rooms: Vec<u32>,
    /// A proposal must be better than this to be kept.
    bars: Vec<u64>,
    /// The least score that can be.
    bar_scores: Vec<i32>,
    /// What receivers think of proposers, once it is worth while, and the least of it that can be kept.
    opinions: Option<Opinions>,
    bar_opinions: Vec<u8>,
    in_vain: usize,
    /// What a proposer wishes of the receivers that would keep it.
    open: Vec<i32>,
    /// Places of proposers and of receivers among equals, and the receiver at each place.
    proposer_places: Vec<u32>,
    receiver_places: Vec<u32>,
    receivers: Vec<u32>,
    free: Vec<i32>,
    pairs: u64,
}

struct Proposer {
    /// Pairs it still seeks.
    seeks: u32,
    /// Receivers that it asks next, the best last.
    next: Vec<Listed>,
    /// Receivers with keys below this were not listed yet.
    below: u64,
    /// How many to list next time.
    lists: usize,
    must_meets: Vec<u32>,
}

impl<'w> Rounds<'w> {
    fn new(problem: &Problem, proposing: Side, wishes: &'w Weights, answers: Option<&'w Weights>) -> Self {
        let order = |side: Side| {
            let seed = if side == Side::A { problem.seed() } else { problem.seed().rotate_left(32) };
            shuffled(problem.bounds(side).len(), seed)
        };
        let receivers = order(proposing.other());
        let mut rooms: Vec<u32> = problem.bounds(proposing.other()).iter().map(|bounds| bounds.max).collect();
        let proposer = |bounds: &Bounds| Proposer {
            seeks: bounds.max,
            next: Vec::new(),
            below: u64::MAX,
            lists: FIRST,
            must_meets: Vec::new(),
        };
        let mut proposers: Vec<Proposer> = problem.bounds(proposing).iter().map(proposer).collect();
        for &(a, b) in problem.must_meets() {
            let (proposer, receiver) = if proposing == Side::A { (a, b) } else { (b, a) };
            proposers[proposer as usize].seeks -= 1;
            proposers[proposer as usize].must_meets.push(receiver);
            rooms[receiver as usize] -= 1;
        }
        Self {
            wishes,
            answers,
            proposers,
            kept: vec![BinaryHeap::new(); rooms.len()],
            bars: rooms.iter().map(|&room| if room == 0 { u64::MAX } else { 0 }).collect(),
            bar_scores: rooms.iter().map(|&room| if room == 0 { i32::MAX } else { 0 }).collect(),
            bar_opinions: rooms.iter().map(|&room| if room == 0 { u8::MAX } else { opinion(0) }).collect(),
            opinions: None,
            in_vain: 0,
            open: vec![INELIGIBLE; rooms.len()],
            rooms,
            proposer_places: places(&order(proposing)),
            receiver_places: places(&receivers),
            free: vec![0; receivers.len()],
            receivers,
            pairs: problem.must_meets().len() as u64,
        }
    }

    #[inline(always)]
    fn run<S: Simd>(&mut self, simd: S, progress: &mut dyn FnMut(u64) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut turns = 0u64;
        let mut goes_on = true;
        while goes_on {
            goes_on = false;
            for proposer in 0..self.proposers.len() as u32 {
                while self.proposers[proposer as usize].seeks > 0 {
                    if self.proposers[proposer as usize].next.is_empty() {
                        if turns.is_multiple_of(TURNS_A_STEP) {
                            progress(self.pairs)?;
                        }
                        turns += 1;
                        if !self.list(simd, proposer) {
                            self.proposers[proposer as usize].seeks = 0;
                            break;
                        }
                    }
                    let Some(Listed { column, weight }) = self.proposers[proposer as usize].next.pop() else { break };
                    if self.is_in_vain(proposer, column) {
                        continue;
                    }
                    if let Some(rejected) = self.propose(proposer, column, weight) {
                        // One that had its turn waits for the next round.
                        goes_on |= rejected < proposer;
                    }
                }
            }
        }
        progress(self.pairs)
    }

    /// Whether the opinions, if there are any, say without a look at scores that a receiver would not keep a proposer.
    #[inline(always)]
    fn is_in_vain(&self, proposer: u32, receiver: u32) -> bool {
        let at = receiver as usize;
        self.opinions.as_ref().is_some_and(|opinions| opinions.of(proposer)[at] < self.bar_opinions[at])
    }

    /// The receiver keeps the proposal if it is good enough; returns whom it turns away for it.
    #[inline(always)]
    fn propose(&mut self, proposer: u32, receiver: u32, weight: i32) -> Option<u32> {
        let score = self.answers.map_or(weight, |answers| answers.get(receiver, proposer));
        let key = key(score, self.proposer_places[proposer as usize]);
        let at = receiver as usize;
        if score == INELIGIBLE || key <= self.bars[at] {
            self.in_vain += 1;
            return None;
        }
        let fixed = &self.proposers[proposer as usize].must_meets;
        if fixed.contains(&receiver) {
            return None;
        }
        self.proposers[proposer as usize].seeks -= 1;
        let mut rejected = None;
        if self.kept[at].len() == self.rooms[at] as usize {
            rejected = self.kept[at].pop().map(|Reverse((_, other))| other);
        } else {
            self.pairs += 1;
        }
        self.kept[at].push(Reverse((key, proposer)));
        if self.kept[at].len() == self.rooms[at] as usize {
            self.bars[at] = self.kept[at].peek().map_or(0, |Reverse((worst, _))| *worst);
            self.bar_scores[at] = (self.bars[at] >> 32) as i32;
            self.bar_opinions[at] = opinion(self.bar_scores[at]);
        }
        if let Some(other) = rejected {
            self.proposers[other as usize].seeks += 1;
        }
        rejected
    }

    /// Lists the next best receivers that may keep a proposer; false if there are none left.
    #[inline(always)]
    fn list<S: Simd>(&mut self, simd: S, proposer: u32) -> bool {
        let wishes = self.wishes.row(proposer);
        let is_new = self.proposers[proposer as usize].below == u64::MAX;
        let is_choosy = self.answers.is_none() || self.in_vain >= IN_VAIN_MAX * self.proposers.len();
        let row = if self.look(simd, proposer, is_new) { &self.open } else { wishes };
        let state = &mut self.proposers[proposer as usize];
        let mut threshold = lanes::threshold(simd, row, &self.free, state.lists);
        loop {
            let mut keys = Vec::with_capacity(2 * state.lists);
            lanes::for_each_at_least(simd, row, threshold, |column| {
                keys.push(key(row[column], self.receiver_places[column]));
            });
            keys.retain(|&key| key < state.below);
            if keys.is_empty() && threshold > 0 {
                threshold = 0;
                continue;
            }
            if keys.len() > LONGER_MAX * state.lists {
                let first = keys.len() - state.lists;
                keys.select_nth_unstable(first);
                keys.drain(..first);
                keys.sort_unstable();
                state.below = keys[0];
            } else {
                keys.sort_unstable();
                state.below = u64::from(threshold.cast_unsigned()) << 32;
            }
            if !is_choosy {
                state.lists *= 4;
            }
            let listed = |key: u64| {
                let column = self.receivers[(u32::MAX - key as u32) as usize];
                Listed { column, weight: (key >> 32) as i32 }
            };
            state.next.extend(keys.into_iter().map(listed));
            return !state.next.is_empty();
        }
    }

    /// Finds the receivers that may keep a proposer, of those that it has not listed yet; false if all are to be listed
    /// because a look would not be worth while.
    #[inline(always)]
    fn look<S: Simd>(&mut self, simd: S, proposer: u32, is_new: bool) -> bool {
        let wishes = self.wishes.row(proposer);
        let count = wishes.len();
        let limit = (self.proposers[proposer as usize].below.saturating_sub(1) >> 32).min(i32::MAX as u64) as i32;
        let open = &mut self.open[..count];
        match self.answers {
            None => {
                let bars = &self.bar_scores[..count];
                simd.vectorize(
                    #[inline(always)]
                    || {
                        for at in 0..count {
                            let is_open = (wishes[at] >= bars[at]) & (wishes[at] <= limit);
                            open[at] = if is_open { wishes[at] } else { INELIGIBLE };
                        }
                    },
                );
            }
            Some(answers) if self.in_vain >= IN_VAIN_MAX * self.proposers.len() => {
                let opinions = self.opinions.get_or_insert_with(|| Opinions::new(answers));
                let (opinions, bars) = (&opinions.of(proposer)[..count], &self.bar_opinions[..count]);
                simd.vectorize(
                    #[inline(always)]
                    || {
                        for at in 0..count {
                            let is_open = (opinions[at] >= bars[at]) & (wishes[at] <= limit);
                            open[at] = if is_open { wishes[at] } else { INELIGIBLE };
                        }
                    },
                );
            }
            Some(_) if is_new => return false,
            Some(_) => simd.vectorize(
                #[inline(always)]
                || {
                    for at in 0..count {
                        open[at] = if wishes[at] <= limit { wishes[at] } else { INELIGIBLE };
                    }
                },
            ),
        }
        true
    }

    fn outcome(self, problem: &Problem, proposing: Side) -> Stable {
        let mut pairs = problem.must_meets().to_vec();
        for (receiver, kept) in (0u32..).zip(&self.kept) {
            let pair = |proposer: u32| if proposing == Side::A { (proposer, receiver) } else { (receiver, proposer) };
            pairs.extend(kept.iter().map(|&Reverse((_, proposer))| pair(proposer)));
        }
        pairs.sort_unstable();
        let mut counts = [Side::A, Side::B].map(|side| vec![0; problem.bounds(side).len()]);
        for &(a, b) in &pairs {
            counts[0][a as usize] += 1;
            counts[1][b as usize] += 1;
        }
        let mut below_minimum = Vec::new();
        for (side, counts) in [Side::A, Side::B].into_iter().zip(counts) {
            let all = (0u32..).zip(counts.iter().zip(problem.bounds(side)));
            below_minimum.extend(all.filter(|(_, (count, bounds))| **count < bounds.min).map(|it| (side, it.0)));
        }
        Stable { total: total(problem.weights(), &pairs), pairs, below_minimum }
    }
}

/// Orders by score, then by place, the lower the better; eligible ones only.
#[inline(always)]
fn key(score: i32, place: u32) -> u64 {
    u64::from(score.cast_unsigned()) << 32 | u64::from(u32::MAX - place)
}
