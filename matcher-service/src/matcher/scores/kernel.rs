//! Adds up what the parts of a row add, column by column, and fuses both directions, as wide as the processor can.
//!
//! In floating point, and exact all the same: every number is an integer below 2^53 or the quotient of two, and a quotient
//! is rounded by far less than what parts it from the next integer.

use fearless_simd::{Level, dispatch, prelude::*};

use crate::domain::Fusion;
use crate::pairing::INELIGIBLE;

/// What is added for each column, see [`super::lanes::Lane`].
#[derive(Debug)]
pub(super) struct Summands<'a> {
    /// By what each of the row's trades is worth, negative where nothing is known: the largest counts.
    pub(super) trades: [&'a [f64]; 3],
    /// By the trades, if nothing is known.
    pub(super) no_trade: f64,
    /// To both directions.
    pub(super) both: [&'a [f64]; 2],
    /// To what the column brings to the row; a sum below 0 tells that a rule keeps the two apart.
    pub(super) forward: [&'a [f64]; 3],
    /// To what the row brings to the column.
    pub(super) backward: [&'a [f64]; 2],
    /// The same for every column.
    pub(super) own: f64,
}

/// Scores of a row in ppm, a number for each column.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// The pair scores.
    pub(crate) pair: &'a mut [i32],
    /// What the column brings to the row, and what the row brings to the column, if asked for.
    pub(crate) directed: Option<[&'a mut [i32]; 2]>,
}

impl Row<'_> {
    /// Tells of a column that the two are kept apart.
    pub(super) fn exclude(&mut self, column: usize) {
        self.pair[column] = INELIGIBLE;
        self.directed.iter_mut().flatten().for_each(|scores| scores[column] = INELIGIBLE);
    }

    /// The same of every column whose pair score is less than that.
    pub(crate) fn exclude_below(&mut self, least: i32) {
        if least == 0 {
            return;
        }
        for column in 0..self.pair.len() {
            if self.pair[column] < least {
                self.exclude(column);
            }
        }
    }
}

/// Fills a row.
pub(super) fn fill(level: Level, fusion: Fusion, summands: &Summands<'_>, row: &mut Row<'_>) {
    match fusion {
        Fusion::Harmonic => {
            fill_by(level, summands, row, |one, other| whole(2.0 * one * other / (one + other).max(1.0)))
        }
        Fusion::Min => fill_by(level, summands, row, f64::min),
        Fusion::Product => fill_by(level, summands, row, |one, other| millionth(one * other)),
    }
}

fn fill_by(level: Level, summands: &Summands<'_>, row: &mut Row<'_>, fuse: impl Fn(f64, f64) -> f64 + Copy) {
    match &mut row.directed {
        None => {
            dispatch!(level, simd => each(simd, summands, row.pair.len(), fuse, |at, pair, _, _| row.pair[at] = pair))
        }
        Some([forward, backward]) => {
            dispatch!(level, simd => each(simd, summands, row.pair.len(), fuse, |at, pair, one, other| {
                row.pair[at] = pair;
                forward[at] = one;
                backward[at] = other;
            }));
        }
    }
}

#[inline(always)]
fn each<S: Simd>(
    simd: S,
    summands: &Summands<'_>,
    count: usize,
    fuse: impl Fn(f64, f64) -> f64,
    mut put: impl FnMut(usize, i32, i32, i32),
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let Summands { trades, no_trade, both, forward, backward, own } = summands;
            let ([a, b, c], [d, e]) = (trades.map(|lane| &lane[..count]), both.map(|lane| &lane[..count]));
            let ([f, g, h], [i, j]) = (forward.map(|lane| &lane[..count]), backward.map(|lane| &lane[..count]));
            for at in 0..count {
                let trade = a[at].max(b[at]).max(c[at]);
                let trade = if trade < 0.0 { *no_trade } else { trade };
                let shared = trade + d[at] + e[at];
                let one = millionth(shared + f[at] + g[at] + h[at]);
                let other = millionth(shared + i[at] + j[at] + own);
                let told = |score: f64| integer(if one < 0.0 { APART } else { score });
                put(at, told(fuse(one, other)), told(one), told(other));
            }
        },
    );
}

/// [`INELIGIBLE`], which no arithmetic leads to.
const APART: f64 = INELIGIBLE as f64;

/// What a lane holds where the two are kept apart: no sum makes up for it.
pub(super) const FAR_BELOW: f64 = -1e15;

/// A millionth of an integer of at most 10^12, rounded down. Half of the last digit is added first, so that no rounding of
/// the product reaches an integer from either side.
#[inline(always)]
fn millionth(product: f64) -> f64 {
    whole((product + 0.5) * 1e-6)
}

/// Rounded down.
#[inline(always)]
fn whole(quotient: f64) -> f64 {
    quotient.floor()
}

/// An integer of 32 bits as one: added to 1.5 times 2^52, it fills the low bits.
#[inline(always)]
fn integer(value: f64) -> i32 {
    (value + 6_755_399_441_055_744.0).to_bits() as i32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Ppm;

    proptest! {
        #[test]
        fn a_millionth_is_what_integers_tell(product in prop_oneof![0..=1_000_000_000_000_u64, (0..=1_000_000_u64).prop_map(|one| one * 1_000_000)]) {
            for product in [product, product.saturating_sub(1)] {
                prop_assert_eq!(integer(millionth(product as f64)) as u64, product / 1_000_000);
            }
        }

        #[test]
        fn directed_scores_are_fused_as_one_pair_is(
            one in 0..=1_000_000_u32, other in 0..=1_000_000_u32, fusion in prop::sample::select(vec![Fusion::Harmonic, Fusion::Min, Fusion::Product]),
        ) {
            let lane = |score: u32| vec![f64::from(score) * 1e6; 3];
            let (forward, backward, nothing) = (lane(one), lane(other), lane(0));
            let summands = Summands {
                trades: [&nothing; 3],
                no_trade: 0.0,
                both: [&nothing; 2],
                forward: [&forward, &nothing, &nothing],
                backward: [&backward, &nothing],
                own: 0.0,
            };
            let mut pair = [0; 3];
            fill(Level::new(), fusion, &summands, &mut Row { pair: &mut pair, directed: None });
            let expected = fusion.fuse(Ppm::new(one), Ppm::new(other)).get() as i32;
            prop_assert_eq!(pair, [expected; 3]);
        }
    }
}
