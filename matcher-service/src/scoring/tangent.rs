//! Fusion made linear: what a weighted sum of both directed scores tells at most of the score that they fuse to.

use crate::domain::Ppm;

use super::policy::Fusion;
use super::valuation::Gain;

/// Weights of both directions in parts of [`Tangent::ONE`], with which a weighted sum is never below the fused score.
///
/// The harmonic mean is concave, so each of its tangent planes lies above it; the smaller of two numbers is below their
/// mean; and so is the root of their product. What is linear can be added up part by part, and each part can be rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tangent {
    fusion: Fusion,
    pub(super) forward: u64,
    pub(super) backward: u64,
}

/// Steps of the ratio of both directions.
const STEPS: u64 = 1_024;

impl Tangent {
    /// The whole.
    pub(super) const ONE: u64 = STEPS * STEPS;

    /// The tangent that is closest where the two directions are as in this gain.
    pub(super) fn at(fusion: Fusion, gain: Gain) -> Self {
        let (forward, backward) = gain.products();
        match fusion {
            Fusion::Harmonic => {
                let share = (forward * STEPS).checked_div(forward + backward).unwrap_or(STEPS / 2);
                let rest = STEPS - share;
                Self { fusion, forward: 2 * rest * rest, backward: 2 * share * share }
            }
            Fusion::Min | Fusion::Product => Self { fusion, forward: Self::ONE / 2, backward: Self::ONE / 2 },
        }
    }

    /// The weighted sum of a gain: ppm of value times ppm of weight times [`Tangent::ONE`], which is at most 2^61.
    pub(super) fn of(self, gain: Gain) -> u64 {
        let (forward, backward) = gain.products();
        forward * self.forward + backward * self.backward
    }

    /// What the weighted sum of a gain is at least if its score is at least so much.
    pub(super) fn least(self, score: Ppm) -> u64 {
        let least = u64::from(score.get());
        let directed = match self.fusion {
            Fusion::Harmonic | Fusion::Min => least,
            Fusion::Product => (least * 1_000_000).isqrt(),
        };
        directed * 1_000_000 * Self::ONE
    }

    /// The score that no gain with such a weighted sum exceeds.
    pub(super) fn score(self, sum: u64) -> u32 {
        let directed = sum / (1_000_000 * Self::ONE);
        match self.fusion {
            Fusion::Harmonic | Fusion::Min => directed as u32,
            Fusion::Product => ((directed + 1) * (directed + 1) / 1_000_000) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_score_is_above_what_a_tangent_tells(
            at in (0..=1_000_000_u64, 0..=1_000_000_u64), one in (0..=1_000_000_u64, 0..=1_000_000_u64),
        ) {
            let gain = |(forward, backward)| Gain::of_products(forward * 1_000_000, backward * 1_000_000);
            for fusion in [Fusion::Harmonic, Fusion::Min, Fusion::Product] {
                let tangent = Tangent::at(fusion, gain(at));
                let score = fusion.fuse(Ppm::new(one.0 as u32), Ppm::new(one.1 as u32));
                prop_assert!(tangent.of(gain(one)) >= tangent.least(score));
                prop_assert!(tangent.score(tangent.of(gain(one))) >= score.get());
            }
        }

        #[test]
        fn where_it_touches_it_tells_the_harmonic_mean(forward in 1..=1_000_000_u64, backward in 1..=1_000_000_u64) {
            let gain = Gain::of_products(forward * 1_000_000, backward * 1_000_000);
            let told = Tangent::at(Fusion::Harmonic, gain).of(gain) / Tangent::ONE / 1_000_000;
            let score = Fusion::Harmonic.fuse(Ppm::new(forward as u32), Ppm::new(backward as u32));
            prop_assert!(told <= u64::from(score.get()) + 10);
        }
    }
}
