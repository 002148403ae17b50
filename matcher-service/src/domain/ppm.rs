//! Parts per million: the only unit of values, weights and scores, so that every answer compares and replays exactly.

use std::fmt;

/// A share of the whole in parts per million, 0 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Ppm(u32);

impl Ppm {
    /// Nothing of it.
    pub(crate) const ZERO: Self = Self(0);
    /// All of it.
    pub(crate) const ONE: Self = Self(1_000_000);

    /// `parts` per million; more than a million counts as a million.
    pub(crate) const fn new(parts: u32) -> Self {
        if parts > 1_000_000 { Self::ONE } else { Self(parts) }
    }

    /// `part / whole`, rounded down; a part above the whole counts as the whole, and of an empty whole there is nothing.
    pub(crate) fn ratio(part: u64, whole: u64) -> Self {
        if whole == 0 {
            return Self::ZERO;
        }
        // Parts this small are all there is in practice, and dividing 64 bits is several times cheaper than 128.
        if part.min(whole) <= u64::MAX / 1_000_000 {
            return Self((part.min(whole) * 1_000_000 / whole) as u32);
        }
        let parts = u128::from(part.min(whole)) * 1_000_000 / u128::from(whole);
        Self(u32::try_from(parts).expect("a part is at most its whole"))
    }

    /// Parts per million as a number, 0 to 1,000,000.
    pub(crate) const fn get(self) -> u32 {
        self.0
    }

    /// `self` of `other`, rounded down.
    pub(crate) const fn of(self, other: Self) -> Self {
        Self((self.0 as u64 * other.0 as u64 / 1_000_000) as u32)
    }

    /// As a percentage with one digit after the point, rounded to the nearest, like `8.1 %`.
    pub(crate) fn percent(self) -> impl fmt::Display {
        let tenths = (self.0 + 500) / 1_000;
        fmt::from_fn(move |formatter| write!(formatter, "{}.{} %", tenths / 10, tenths % 10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_rounded_down_and_never_above_one() {
        assert_eq!(Ppm::ratio(1, 3).get(), 333_333);
        assert_eq!(Ppm::ratio(2, 3).get(), 666_666);
        assert_eq!(Ppm::ratio(5, 3), Ppm::ONE);
        assert_eq!(Ppm::ratio(u64::MAX, u64::MAX), Ppm::ONE);
        assert_eq!(Ppm::ratio(1, 0), Ppm::ZERO);
    }

    #[test]
    fn percentages_read_well() {
        assert_eq!(Ppm::new(81_499).percent().to_string(), "8.1 %");
        assert_eq!(Ppm::new(400).percent().to_string(), "0.0 %");
        assert_eq!(Ppm::ONE.percent().to_string(), "100.0 %");
    }
}
