//! Numbers that are added up for a pair, and why what is left of their sum is exact.
//!
//! A directed score is a sum of products of value and weight, at most 10^12, divided by a million and rounded down. Here
//! every product is divided first, and rounded up to a binary fraction. All products are multiples of the weights' greatest
//! common divisor, which divides a million, since the weights add up to it; so the exact quotient of a sum is a multiple of
//! `1 / d`, where `d` is a million by that divisor, and is at least `1 / d` short of the next whole number. While all that
//! is rounded up stays below that, the whole part of the sum is the directed score, and taking it is a shift of bits.

use std::fmt::Debug;
use std::ops::Add;

/// Most numbers that are added up for one direction of a pair: chain, size, language, record, opportunities, industries and
/// market.
const SUMMANDS_MAX: u64 = 7;

/// A number with a binary fraction, up to a million and a bit.
pub(super) trait Number: Copy + Debug + Default + Ord + Add<Output = Self> + TryFrom<u64, Error: Debug> {
    /// Bits of the fraction.
    const FRACTION: u32;
    /// Holds a place where nothing is known.
    const UNKNOWN: Self;
    /// No sum makes up for it.
    const APART: Self;

    /// The whole part, negative if the number is.
    fn whole(self) -> i32;

    /// A product of value and weight, in ppm times ppm, as ppm; rounded up.
    fn scaled(product: u64) -> Self {
        let (whole, rest) = (product / 1_000_000, product % 1_000_000);
        let number = (whole << Self::FRACTION) + (rest << Self::FRACTION).div_ceil(1_000_000);
        Self::try_from(number).expect("there is room for a million and its fraction")
    }

    /// Whether sums are exact where products are multiples of `divisor`, a divisor of a million.
    fn is_exact(divisor: u32) -> bool {
        SUMMANDS_MAX * (1_000_000 / u64::from(divisor)) <= 1 << Self::FRACTION
    }
}

/// Exact for weights in percent or in steps of a half or a third of one.
impl Number for i32 {
    const FRACTION: u32 = 11;
    const UNKNOWN: Self = -1;
    const APART: Self = Self::MIN;

    #[inline(always)]
    fn whole(self) -> i32 {
        self >> Self::FRACTION
    }
}

/// Exact for all weights.
impl Number for i64 {
    const FRACTION: u32 = 43;
    const UNKNOWN: Self = -1;
    const APART: Self = Self::MIN;

    #[inline(always)]
    fn whole(self) -> i32 {
        (self >> Self::FRACTION) as i32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn any_weights_are_exact_in_64_bits_and_percents_in_32() {
        assert!(i64::is_exact(1));
        assert!(i32::is_exact(10_000) && i32::is_exact(5_000));
        assert!(!i32::is_exact(1_000));
    }

    /// The whole part of a sum of numbers, where the products are multiples of a divisor.
    fn whole<T: Number>(products: &[u64]) -> i32 {
        products.iter().fold(T::default(), |sum, product| sum + T::scaled(*product)).whole()
    }

    proptest! {
        #[test]
        fn the_whole_part_of_a_sum_is_the_sum_rounded_down(
            percents in prop::array::uniform7(0..15_u64), values in prop::array::uniform7(0..=1_000_000_u64), less in 0..3_u64,
        ) {
            // Weights of 200 half percents at most; the sum is put next to a whole number.
            let steps: u64 = percents.iter().sum();
            let mut products: Vec<_> = percents.iter().zip(values).map(|(weight, value)| weight * value * 5_000).collect();
            let short = products.iter().sum::<u64>() % 1_000_000;
            products[0] = (products[0] + 1_000_000 - short).saturating_sub(less * 5_000);
            let sum: u64 = products.iter().sum();
            prop_assume!(steps < 150 && sum <= 1_000_000_000_000);
            prop_assert_eq!(whole::<i32>(&products) as u64, sum / 1_000_000);
            let odd: Vec<_> = products.iter().map(|product| product.saturating_sub(less)).collect();
            prop_assert_eq!(whole::<i64>(&odd) as u64, odd.iter().sum::<u64>() / 1_000_000);
        }
    }
}
