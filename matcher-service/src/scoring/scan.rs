//! What each candidate of a block can score at most, by its marks, for all of the block at a time.
//!
//! A table for each column of marks tells how much a mark loses against the best one there is, in steps that fit a byte:
//! adding up what an enterprise loses takes a few instructions for 64 of them. The steps are as fine as the distance allows
//! between what could be reached and what must be.

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
    /// What each mark is worth, as a weighted sum.
    worths: Tables<u64>,
    /// What the best marks are worth together.
    most: u64,
    /// A step is two to this power.
    shift: u32,
    /// Steps that each mark loses.
    losses: Tables<u8>,
    /// By the mark of an industry: what it adds to the place in the table of industries.
    industries: [u8; 128],
}

/// Most steps that are told apart.
const STEPS_MAX: u64 = 254;

/// A candidate that was found: what it loses in steps, and its place, as one number in the order of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot(u32);

impl Spot {
    /// Steps that it loses.
    pub(crate) fn loss(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// Its place among the blocks looked at.
    pub(crate) fn place(self) -> usize {
        (self.0 & 0xFFFF) as usize
    }
}

impl Scan {
    /// A scan for what the bounds bound. `tongues` are the languages by number, and `common` what some candidates have in
    /// common: the scan is closest where they are best.
    pub(crate) fn new<'a>(bounds: &Bounds<'_>, tongues: impl Iterator<Item = &'a [Language]>, common: Gain) -> Self {
        let gains = tables::gains(bounds, tongues);
        let best = |gains: &[Gain]| gains.iter().copied().fold(Gain::default(), Gain::best);
        let tangent = Tangent::at(bounds.fusion(), gains.parts().into_iter().map(best).fold(common, Gain::add));
        let worths = gains.map(|gain| tangent.of(gain));
        let most = worths.parts().into_iter().map(most).sum();
        let (losses, industries) = (worths.map(|_| 0), tables::places(bounds));
        Self { level: Level::new(), tangent, worths, most, shift: u64::BITS, losses, industries }
    }

    /// What nobody exceeds who has all of this in common with others.
    pub(crate) fn at_most(&self, common: Gain) -> u64 {
        self.tangent.of(common) + self.most
    }

    /// Makes the steps as fine as the distance allows between what is reached at most and `least`.
    pub(crate) fn focus(&mut self, at_most: u64, least: Ppm) {
        let distance = at_most.saturating_sub(self.tangent.least(least)) / STEPS_MAX;
        let shift = u64::BITS - distance.leading_zeros();
        if shift > self.shift || shift + 1 < self.shift {
            self.refine(shift);
        }
    }

    /// Steps that a candidate may lose who is to reach `least`; none if nobody reaches it.
    pub(crate) fn limit(&self, at_most: u64, least: Ppm) -> Option<u8> {
        let distance = at_most.checked_sub(self.tangent.least(least))?;
        Some((distance >> self.shift).min(u8::MAX.into()) as u8)
    }

    /// Finds those that lose no more than `limit` steps.
    pub(crate) fn find(&self, blocks: &[Block], limit: u8, found: &mut Vec<Spot>) {
        dispatch!(self.level, simd => find(simd, self, blocks, limit, found));
    }

    fn refine(&mut self, shift: u32) {
        self.shift = shift;
        self.losses = self.worths.each(|worths| {
            let most = most(worths);
            // Rounded down, so that nobody loses more than it does.
            move |worth| ((most - worth) >> shift).min(u8::MAX.into()) as u8
        });
    }
}

fn most(worths: &[u64]) -> u64 {
    worths.iter().copied().max().unwrap_or_default()
}

#[inline(always)]
fn find<S: Simd>(simd: S, scan: &Scan, blocks: &[Block], limit: u8, found: &mut Vec<Spot>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let limit = u8x64::splat(simd, limit);
            let mut steps = [0; Block::LANES];
            for (at, block) in blocks.iter().enumerate() {
                let lost = lost(simd, scan, block);
                let mut reaching = lost.simd_le(limit).to_bitmask() & (u64::MAX >> (Block::LANES - block.length));
                if reaching == 0 {
                    continue;
                }
                lost.store_slice(&mut steps);
                while reaching != 0 {
                    let lane = reaching.trailing_zeros() as usize;
                    reaching &= reaching - 1;
                    found.push(Spot(u32::from(steps[lane]) << 16 | (at * Block::LANES + lane) as u32));
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
        let (main, side) = (wide(&losses.trades[..128], index), wide(&losses.trades[128..], index));
        marks.simd_ge(discounted).select(side, main)
    };
    let trades = trade(Marks::TRADES).min(trade(Marks::TRADES + 1)).min(trade(Marks::TRADES + 2));
    let industry = |column: usize| wide(industries, marks(column));
    let place = industry(Marks::INDUSTRIES) + industry(Marks::INDUSTRIES + 1) + industry(Marks::INDUSTRIES + 2);
    let region = |column: usize| wide(&losses.regions, marks(column));
    let regions = region(Marks::REGIONS).min(region(Marks::REGIONS + 1)).min(region(Marks::REGIONS + 2));
    let one = trades.saturating_add(low(&losses.focus, place));
    let two = regions.saturating_add(wide(&losses.tongues, marks(Marks::TONGUE)));
    let three = low(&losses.sizes, marks(Marks::SIZE)).saturating_add(low(&losses.checked, marks(Marks::CHECKED)));
    one.saturating_add(two).saturating_add(three.saturating_add(wide(&losses.founded, marks(Marks::FOUNDED))))
}
