//! What each candidate of a block can score at most, by its marks, for all of the block at a time.
//!
//! A table for each column of marks tells how much a mark loses against the best one there is, in steps that fit a byte:
//! adding up what an enterprise loses takes a few instructions for 64 of them.

use std::ops::Add;

use fearless_simd::{Level, dispatch, prelude::*, u8x64};

use crate::domain::{Block, Language, Marks, Ppm, Trades};

use super::bounds::Bounds;
use super::tangent::Tangent;
use super::valuation::Gain;

mod tables;

use tables::Tables;

/// The scan for one subject.
#[derive(Debug)]
pub(crate) struct Scan {
    level: Level,
    tangent: Tangent,
    /// What each mark gains at most.
    gains: Tables<Gain>,
    /// The same as a weighted sum.
    worths: Tables<u64>,
    /// What the best marks are worth together.
    most: u64,
    steps: Steps,
    /// Steps that each mark loses.
    losses: Tables<u8>,
    /// By the mark of an industry: what it adds to the place in the table of industries.
    industries: [u8; 128],
}

/// Most steps that are told apart.
const STEPS_MAX: u64 = 254;

/// Where there are fewer, smaller ones are worth the time that it takes to make them.
const STEPS_MIN: u64 = 48;

/// As finely as a quarter of what can be reached is told apart: those who lose more are hardly ever among the best.
const QUARTER: u64 = 4;

/// A candidate that was found: what it loses in steps, and its place, as one number in the order of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot(u32);

impl Spot {
    fn new(steps: u8, block: usize, lane: usize) -> Self {
        Self(u32::from(steps) << 16 | (block * Block::LANES + lane) as u32)
    }

    /// What it loses, where the steps are such.
    pub(crate) fn loss(self, steps: Steps) -> u64 {
        u64::from(self.0 >> 16) << steps.0
    }

    /// Its place: the block, and the lane.
    pub(crate) fn place(self) -> (usize, usize) {
        let place = (self.0 & 0xFFFF) as usize;
        (place / Block::LANES, place % Block::LANES)
    }
}

/// How large steps are: two to this power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Steps(u32);

impl Scan {
    /// A scan for what the bounds bound. `tongues` are the languages by number, and `common` what some candidates have in
    /// common: the scan is closest where they are best.
    pub(crate) fn new<'a>(bounds: &Bounds<'_>, tongues: impl Iterator<Item = &'a [Language]>, common: Gain) -> Self {
        let gains = tables::gains(bounds, tongues);
        let level = Level::new();
        let best = |gains: &[Gain]| gains.iter().copied().fold(Gain::default(), Gain::best);
        let tangent = Tangent::at(bounds.fusion(), gains.parts().into_iter().map(best).fold(common, Gain::add));
        let worths = dispatch!(level, simd => worths(simd, &gains, tangent));
        let most = worths.parts().into_iter().map(most).sum();
        let (steps, losses) = losses(level, &worths, (tangent.of(common) + most) / QUARTER);
        Self { level, tangent, gains, worths, most, steps, losses, industries: tables::places(bounds) }
    }

    /// What nobody exceeds who has all of this in common with others.
    pub(crate) fn at_most(&self, common: Gain) -> u64 {
        self.tangent.of(common) + self.most
    }

    /// The score that nobody exceeds who loses so much of what is reached at most.
    pub(crate) fn score(&self, at_most: u64, loss: u64) -> u32 {
        self.tangent.score(at_most.saturating_sub(loss))
    }

    /// What a candidate gains at most by its marks: by what it does, and by everything else. That is closer than what it
    /// loses in steps, which are rounded, of a score that is made linear.
    pub(crate) fn gains(&self, block: &Block, lane: usize) -> (Gain, Gain) {
        let mark = |column: usize| usize::from(block.columns[column][lane]);
        let best = |table: &[Gain], column: usize| {
            [column, column + 1, column + 2]
                .map(|column| table[mark(column)])
                .into_iter()
                .fold(Gain::default(), Gain::best)
        };
        let place = [0, 1, 2].map(|at| self.industries[mark(Marks::INDUSTRIES + at)]).into_iter().sum::<u8>();
        let gains = &self.gains;
        let rest = gains.focus()[usize::from(place)]
            + best(gains.regions(), Marks::REGIONS)
            + gains.tongues()[mark(Marks::TONGUE)]
            + gains.sizes()[mark(Marks::SIZE)]
            + gains.checked()[mark(Marks::CHECKED)]
            + gains.founded()[mark(Marks::FOUNDED)];
        (best(gains.trades(), Marks::TRADES), rest)
    }

    /// What the best candidate of some blocks loses at most.
    pub(crate) fn least_loss(&self, blocks: &[Block]) -> u64 {
        let loss = dispatch!(self.level, simd => least_loss(simd, self, blocks));
        u64::from(loss) << self.steps.0
    }

    /// What somebody may lose of what is reached at most who still reaches `least`; none if nobody does.
    pub(crate) fn loss_at_most(&self, at_most: u64, least: Ppm) -> Option<u64> {
        at_most.checked_sub(self.tangent.least(least))
    }

    /// Finds so many of those that lose least, and all others that lose as little; besides the steps, tells who was found,
    /// bit by bit for each block, and what the others lose at least.
    pub(crate) fn find_first(&self, blocks: &[Block], wanted: usize, found: &mut Vec<Spot>) -> (Steps, Vec<u64>, u64) {
        let mut losses = vec![[0; Block::LANES]; blocks.len()];
        dispatch!(self.level, simd => all_lost(simd, self, blocks, &mut losses));
        let mut counts = [0; 1 + u8::MAX as usize];
        for (block, losses) in blocks.iter().zip(&losses) {
            losses[..block.length].iter().for_each(|steps| counts[usize::from(*steps)] += 1);
        }
        let mut missing = wanted;
        let enough = counts.iter().position(|count| {
            missing = missing.saturating_sub(*count);
            missing == 0
        });
        let limit = enough.unwrap_or(counts.len() - 1);
        let mut taken = vec![0; blocks.len()];
        for (at, (block, losses)) in blocks.iter().zip(&losses).enumerate() {
            for (lane, steps) in
                losses[..block.length].iter().enumerate().filter(|(_, steps)| usize::from(**steps) <= limit)
            {
                taken[at] |= 1 << lane;
                found.push(Spot::new(*steps, at, lane));
            }
        }
        (self.steps, taken, (limit as u64 + 1) << self.steps.0)
    }

    /// Finds those that may reach `least`, but for those that are `taken`, and tells in which steps.
    pub(crate) fn find(
        &mut self,
        blocks: &[Block],
        at_most: u64,
        least: Ppm,
        taken: &[u64],
        found: &mut Vec<Spot>,
    ) -> Steps {
        let Some(distance) = self.loss_at_most(at_most, least) else { return self.steps };
        let steps = distance >> self.steps.0;
        if least > Ppm::ZERO && !(STEPS_MIN..=STEPS_MAX).contains(&steps) {
            (self.steps, self.losses) = losses(self.level, &self.worths, distance);
        }
        let limit = (distance >> self.steps.0).min(u8::MAX.into()) as u8;
        dispatch!(self.level, simd => find(simd, self, blocks, limit, taken, found));
        self.steps
    }
}

fn most(worths: &[u64]) -> u64 {
    worths.iter().copied().max().unwrap_or_default()
}

#[inline(always)]
fn worths<S: Simd>(simd: S, gains: &Tables<Gain>, tangent: Tangent) -> Tables<u64> {
    simd.vectorize(
        #[inline(always)]
        || gains.each(|_| |gain| tangent.of(gain)),
    )
}

/// What each mark loses, in steps so large that there are enough for such a distance.
fn losses(level: Level, worths: &Tables<u64>, distance: u64) -> (Steps, Tables<u8>) {
    let steps = Steps(u64::BITS - (distance / STEPS_MAX).leading_zeros());
    (steps, dispatch!(level, simd => losses_in(simd, worths, steps)))
}

#[inline(always)]
fn losses_in<S: Simd>(simd: S, worths: &Tables<u64>, Steps(shift): Steps) -> Tables<u8> {
    simd.vectorize(
        #[inline(always)]
        || {
            worths.each(|worths| {
                let most = most(worths);
                // Rounded down, so that nobody loses more than it does.
                move |worth| ((most - worth) >> shift).min(u8::MAX.into()) as u8
            })
        },
    )
}

#[inline(always)]
fn least_loss<S: Simd>(simd: S, scan: &Scan, blocks: &[Block]) -> u8 {
    simd.vectorize(
        #[inline(always)]
        || {
            let most = u8x64::splat(simd, u8::MAX);
            let least = blocks.iter().fold(most, |least, block| least.min(lost(simd, scan, block)));
            least.as_slice().iter().copied().min().unwrap_or(u8::MAX)
        },
    )
}

#[inline(always)]
fn all_lost<S: Simd>(simd: S, scan: &Scan, blocks: &[Block], losses: &mut [[u8; Block::LANES]]) {
    simd.vectorize(
        #[inline(always)]
        || {
            for (block, losses) in blocks.iter().zip(losses) {
                lost(simd, scan, block).store_slice(losses);
            }
        },
    );
}

#[inline(always)]
fn find<S: Simd>(simd: S, scan: &Scan, blocks: &[Block], limit: u8, taken: &[u64], found: &mut Vec<Spot>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let limit = u8x64::splat(simd, limit);
            let mut steps = [0; Block::LANES];
            for (at, block) in blocks.iter().enumerate() {
                let lost = lost(simd, scan, block);
                let mut reaching = lost.simd_le(limit).to_bitmask() & (u64::MAX >> (Block::LANES - block.length));
                reaching &= !taken.get(at).copied().unwrap_or_default();
                if reaching == 0 {
                    continue;
                }
                lost.store_slice(&mut steps);
                while reaching != 0 {
                    let lane = reaching.trailing_zeros() as usize;
                    reaching &= reaching - 1;
                    found.push(Spot::new(steps[lane], at, lane));
                }
            }
        },
    );
}

/// What each candidate of a block loses.
#[inline(always)]
fn lost<S: Simd>(simd: S, Scan { losses, industries, .. }: &Scan, block: &Block) -> u8x64<S> {
    let marks = |column: usize| u8x64::from_slice(simd, &block.columns[column]);
    let low = |table: &[u8], marks: u8x64<S>| u8x64::from_slice(simd, &table[..64]).swizzle_dyn(marks);
    let wide = |table: &[u8], marks: u8x64<S>| {
        u8x64::from_slice(simd, &table[..64]).concat_swizzle_dyn(u8x64::from_slice(simd, &table[64..128]), marks)
    };
    let (discounted, seven_bits) = (u8x64::splat(simd, Trades::DISCOUNTED), u8x64::splat(simd, 127));
    let trade = |column: usize| {
        let marks = marks(column);
        let index = marks & seven_bits;
        let (main, side) = (wide(&losses.trades()[..128], index), wide(&losses.trades()[128..], index));
        marks.simd_ge(discounted).select(side, main)
    };
    let trades = trade(Marks::TRADES).min(trade(Marks::TRADES + 1)).min(trade(Marks::TRADES + 2));
    let industry = |column: usize| wide(industries, marks(column));
    let place = industry(Marks::INDUSTRIES) + industry(Marks::INDUSTRIES + 1) + industry(Marks::INDUSTRIES + 2);
    let region = |column: usize| wide(losses.regions(), marks(column));
    let regions = region(Marks::REGIONS).min(region(Marks::REGIONS + 1)).min(region(Marks::REGIONS + 2));
    let one = trades.saturating_add(low(losses.focus(), place));
    let two = regions.saturating_add(wide(losses.tongues(), marks(Marks::TONGUE)));
    let three = low(losses.sizes(), marks(Marks::SIZE)).saturating_add(low(losses.checked(), marks(Marks::CHECKED)));
    one.saturating_add(two).saturating_add(three.saturating_add(wide(losses.founded(), marks(Marks::FOUNDED))))
}
