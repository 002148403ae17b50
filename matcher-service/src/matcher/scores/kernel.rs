//! Adds up what the parts of a row add, column by column, and fuses both directions, as wide as the processor can.

use fearless_simd::{Level, dispatch, prelude::*};

use super::numbers::Number;
use crate::domain::Fusion;
use crate::pairing::INELIGIBLE;

/// What is added for each column, see [`Number`].
#[derive(Debug)]
pub(super) struct Summands<'a, T> {
    /// By what each of the row's trades is worth, negative where nothing is known: the largest counts.
    pub(super) trades: [&'a [T]; 3],
    /// By the trades, if nothing is known.
    pub(super) no_trade: T,
    /// To both directions.
    pub(super) both: [&'a [T]; 2],
    /// To what the column brings to the row; a sum below 0 tells that a rule keeps the two apart.
    pub(super) forward: [&'a [T]; 2],
    /// To what the row brings to the column.
    pub(super) backward: [&'a [T]; 2],
    /// The bit of each column's country.
    pub(super) countries: &'a [u32],
    /// Bits of the countries where the row wants to do business.
    pub(super) wanted: u32,
    /// To what the column brings by sitting in another country, and in one of those.
    pub(super) market: [T; 2],
    /// To what the row brings to every column.
    pub(super) own: T,
    /// Pairs that score less are kept apart.
    pub(super) least: i32,
}

/// Scores of a row in ppm, a number for each column.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// The pair scores.
    pub(super) pair: &'a mut [i32],
    /// What the column brings to the row, and what the row brings to the column, if asked for.
    pub(super) directed: Option<[&'a mut [i32]; 2]>,
}

impl Row<'_> {
    /// Tells of a column that the two are kept apart.
    pub(super) fn exclude(&mut self, column: usize) {
        self.pair[column] = INELIGIBLE;
        self.directed.iter_mut().flatten().for_each(|scores| scores[column] = INELIGIBLE);
    }
}

/// Fills a row.
pub(super) fn fill<T: Number>(level: Level, fusion: Fusion, summands: &Summands<'_, T>, row: &mut Row<'_>) {
    match fusion {
        Fusion::Harmonic => fill_by(level, summands, row, harmonic),
        Fusion::Min => fill_by(level, summands, row, i32::min),
        Fusion::Product => fill_by(level, summands, row, product),
    }
}

fn fill_by<T: Number>(
    level: Level,
    summands: &Summands<'_, T>,
    row: &mut Row<'_>,
    fuse: impl Fn(i32, i32) -> i32 + Copy,
) {
    let pairs = &mut *row.pair;
    let count = pairs.len();
    match &mut row.directed {
        None => dispatch!(level, simd => each(simd, summands, count, fuse, |at, pair, _, _| pairs[at] = pair)),
        Some([forward, backward]) => {
            let (forward, backward) = (&mut forward[..count], &mut backward[..count]);
            dispatch!(level, simd => each(simd, summands, count, fuse, |at, pair, one, other| {
                pairs[at] = pair;
                forward[at] = one;
                backward[at] = other;
            }));
        }
    }
}

#[inline(always)]
fn each<S: Simd, T: Number>(
    simd: S,
    summands: &Summands<'_, T>,
    count: usize,
    fuse: impl Fn(i32, i32) -> i32,
    mut put: impl FnMut(usize, i32, i32, i32),
) {
    simd.vectorize(
        #[inline(always)]
        || {
            // Copies, since what is read through a reference is gathered from memory, column by column.
            let Summands { no_trade, wanted, market: [elsewhere, there], own, least, .. } = *summands;
            let [a, b, c] = summands.trades.map(|lane| &lane[..count]);
            let [d, e] = summands.both.map(|lane| &lane[..count]);
            let [f, g] = summands.forward.map(|lane| &lane[..count]);
            let [h, i] = summands.backward.map(|lane| &lane[..count]);
            let countries = &summands.countries[..count];
            for at in 0..count {
                let trade = a[at].max(b[at]).max(c[at]);
                let trade = if trade < T::default() { no_trade } else { trade };
                let shared = trade + d[at] + e[at];
                let market = if countries[at] & wanted == 0 { elsewhere } else { there };
                let one = (shared + f[at] + g[at] + market).whole();
                let other = (shared + h[at] + i[at] + own).whole();
                let pair = fuse(one, other);
                let is_apart = (one < 0) | (pair < least);
                let told = |score: i32| if is_apart { INELIGIBLE } else { score };
                put(at, told(pair), told(one), told(other));
            }
        },
    );
}

/// The harmonic mean, rounded down. In 32 bits it comes out within .62 of the quotient as the nearest whole number: both
/// scores and their sum are exact, and the two roundings of a number of at most a million add less than .12 to one half. So
/// it is right or one too large, and what is left of the division, which is small enough for 32 bits even though its terms
/// are not, tells which.
#[inline(always)]
fn harmonic(one: i32, other: i32) -> i32 {
    /// From here to twice as much, numbers of 32 bits are whole.
    const WHOLE: f32 = 8_388_608.0;
    let sum = one.wrapping_add(other);
    let quotient = 2.0 * (one as f32) * (other as f32) / sum.max(1) as f32;
    let nearest = ((quotient + WHOLE).to_bits() & 0x7F_FFFF) as i32;
    let rest = one.wrapping_mul(2).wrapping_mul(other).wrapping_sub(nearest.wrapping_mul(sum));
    nearest + (rest >> 31)
}

/// The product of two shares, rounded down. Half of the last digit is added first, so that no rounding of the product
/// reaches a whole number from either side.
#[inline(always)]
fn product(one: i32, other: i32) -> i32 {
    /// 1.5 times 2^52: a whole number of 32 bits that is added to it fills the low bits.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    let product = ((f64::from(one) * f64::from(other) + 0.5) * 1e-6).floor();
    (product + WHOLE).to_bits() as i32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Ppm;

    fn check(one: i32, other: i32) {
        for fusion in Fusion::ALL {
            let (forward, backward, nothing) = ([one << 11; 3], [other << 11; 3], [0; 3]);
            let summands = Summands {
                trades: [&nothing; 3],
                no_trade: 0,
                both: [&nothing; 2],
                forward: [&forward, &nothing],
                backward: [&backward, &nothing],
                countries: &[0; 3],
                wanted: 1,
                market: [0, 1],
                own: 0,
                least: 0,
            };
            let mut pair = [0; 3];
            fill(Level::new(), fusion, &summands, &mut Row { pair: &mut pair, directed: None });
            let expected = fusion.fuse(Ppm::new(one as u32), Ppm::new(other as u32)).get() as i32;
            assert_eq!(pair, [expected; 3], "{fusion:?} of {one} and {other}");
        }
    }

    #[test]
    fn the_ends_are_fused_as_one_pair_is() {
        for one in [0, 1, 2, 3, 499_999, 500_000, 999_998, 999_999, 1_000_000] {
            check(one, 499_999);
            check(one, 1_000_000 - one);
            check(one, one);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn directed_scores_are_fused_as_one_pair_is(one in 0..=1_000_000, other in 0..=1_000_000) {
            check(one, other);
            // The mean of a number and its third is whole, or just short of it.
            check(one / 3 * 3, one / 3);
            check(one, one - one.min(1));
        }
    }
}
