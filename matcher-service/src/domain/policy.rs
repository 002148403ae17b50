//! How pairs are scored: weights of the criteria, fusion of the two directions, priorities of industries.

use super::{Industry, Ppm};

/// How pairs are scored, and which pairings are allowed. Its weights are shares: they add up to 1,000,000 exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    weights: [Ppm; Criterion::COUNT],
    fusion: Fusion,
    industry_priorities: Vec<(Industry, u32)>,
    bounds: PairingBounds,
}

/// Which pairings are allowed, where the request does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PairingBounds {
    /// Pairs below this score are not allowed.
    pub(crate) min_score: Ppm,
    /// Fewest partners of an enterprise.
    pub(crate) min_partners: u32,
    /// Most partners of an enterprise; 0: not said.
    pub(crate) max_partners: u32,
}

/// Value at which a criterion counts as long as nothing is known of it.
///
/// Scores of different pairs are compared with each other, in a ranking and still more in a whole set of pairs. If
/// unknown criteria dropped out instead and left their weight to the known ones, two records of which nothing is known
/// but that they were verified would make a perfect pair, and would displace pairs that are known to be good. So every
/// pair is measured with the same weights, and what is unknown counts as a little less than an average pair has (the
/// inter-industry table gives .35 to an average pair of divisions): silence neither looks bad nor pays. How much of a
/// score rests on knowledge is told beside it.
pub(crate) const NEUTRAL: Ppm = Ppm::new(300_000);

/// Weights when a policy names none, by what each criterion can tell about a cooperation that is yet to come.
///
/// What an enterprise itself asks for is the best witness (300). Where nobody has asked, who buys from whom is the best
/// that can be known (250); a shared industry of the programme comes next, since it says what both work on, but not that
/// they need each other (200). Wanting that market decides whether an introduction leads anywhere (100). A similar size
/// and a shared language make it easier, and both can be bridged; a record that can be relied on says nothing of fit, and
/// decides among those that fit alike (50 each).
///
/// `make quality` shows where true partners stand without each and with it alone, of 14 known partnerships of companies
/// without opportunities, as median percentile (0 is best, .500 chance) and mean reciprocal rank:
///
/// | criterion | without it | only it |
/// |---|---|---|
/// | value chain | .497, .064 | .043, .027 |
/// | industry focus | .046, .067 | .500, .060 |
/// | assurance | .039, .054 | .500, .007 |
/// | the others, of which those records tell nothing | .031, .094 | .500, .000 |
///
/// That was with 250 for the value chain, 150 for the focus and 100 for assurance, and .031 with all. With 175 or 200 for
/// the focus and 50 to 100 for assurance it is .024 to .027: too few links to choose within that, so these are round.
pub(crate) const DEFAULT_WEIGHTS: [(Criterion, u32); Criterion::COUNT] = [
    (Criterion::RequestsMet, 300),
    (Criterion::ValueChain, 250),
    (Criterion::IndustryFocus, 200),
    (Criterion::Market, 100),
    (Criterion::Scale, 50),
    (Criterion::Language, 50),
    (Criterion::Assurance, 50),
];

impl Policy {
    /// A policy without bounds; no weights means the default ones, no priorities means that all industries count the same.
    /// Shares given as weights stay what they are.
    ///
    /// # Errors
    /// [`PolicyError`] if weights are given and all are 0, or a criterion or an industry is named twice.
    pub(crate) fn new(
        weights: &[(Criterion, u32)],
        fusion: Fusion,
        mut industry_priorities: Vec<(Industry, u32)>,
    ) -> Result<Self, PolicyError> {
        let named = if weights.is_empty() { DEFAULT_WEIGHTS.as_slice() } else { weights };
        let mut raw = [None; Criterion::COUNT];
        for (criterion, weight) in named {
            if raw[criterion.index()].replace(*weight).is_some() {
                return Err(PolicyError::CriterionTwice(*criterion));
            }
        }
        let raw = raw.map(Option::unwrap_or_default);
        if raw.iter().all(|weight| *weight == 0) {
            return Err(PolicyError::NoWeight);
        }
        // Their order says nothing, and two policies that say the same are the same.
        industry_priorities.sort_unstable();
        if let Some(twice) = industry_priorities.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(PolicyError::IndustryTwice(twice[0].0.clone()));
        }
        Ok(Self { weights: shares(raw), fusion, industry_priorities, bounds: PairingBounds::default() })
    }

    /// The same with bounds of pairings.
    pub(crate) fn with_bounds(self, bounds: PairingBounds) -> Self {
        Self { bounds, ..self }
    }

    /// Share of each criterion, in the order of [`Criterion::ALL`]; together 1,000,000.
    pub(crate) fn weights(&self) -> [Ppm; Criterion::COUNT] {
        self.weights
    }

    /// How the two directed scores become one.
    pub(crate) fn fusion(&self) -> Fusion {
        self.fusion
    }

    /// Whether industries have priorities of their own.
    pub(crate) fn has_priorities(&self) -> bool {
        !self.industry_priorities.is_empty()
    }

    /// Priority of an industry; without any named, all have the same.
    pub(crate) fn priority(&self, industry: &Industry) -> u32 {
        if self.industry_priorities.is_empty() {
            return 1;
        }
        let named = self.industry_priorities.iter().find(|(one, _)| one == industry);
        named.map_or(0, |(_, priority)| *priority)
    }

    /// Industries by priority, in their order; empty: all have the same.
    pub(crate) fn industry_priorities(&self) -> &[(Industry, u32)] {
        &self.industry_priorities
    }

    /// Which pairings are allowed.
    pub(crate) fn bounds(&self) -> PairingBounds {
        self.bounds
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new(&[], Fusion::Harmonic, Vec::new()).expect("the default weights are not all 0")
    }
}

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PolicyError {
    /// Weights are given, and all are 0.
    #[error("at least one weight must be above 0")]
    NoWeight,
    /// A criterion has two weights.
    #[error("criterion {0:?} is named twice")]
    CriterionTwice(Criterion),
    /// An industry has two priorities.
    #[error("industry `{0}` is named twice")]
    IndustryTwice(Industry),
}

/// What a pair is judged by, in the order in which contributions are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Criterion {
    /// How well the partner's offers answer one's requests.
    RequestsMet,
    /// How much one's industry buys from and sells to the partner's.
    ValueChain,
    /// Programme industries both share.
    IndustryFocus,
    /// Whether the partner's country is one that one wants to do business in.
    Market,
    /// How close the two are in size.
    Scale,
    /// Whether they share a working language.
    Language,
    /// How far the partner's record is checked, certified and proved by years in business.
    Assurance,
}

impl Criterion {
    /// How many there are.
    pub(crate) const COUNT: usize = 7;

    /// All of them, in their order.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::RequestsMet,
        Self::ValueChain,
        Self::IndustryFocus,
        Self::Market,
        Self::Scale,
        Self::Language,
        Self::Assurance,
    ];

    /// Its place in [`Criterion::ALL`].
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// How the two directed scores become the score of the pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fusion {
    /// Harmonic mean: a pair is nearly as weak as its less willing side.
    Harmonic,
    /// The smaller one.
    Min,
    /// Their product.
    Product,
}

impl Fusion {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 3] = [Self::Harmonic, Self::Min, Self::Product];

    /// Fuses two directed scores; rounded down, so a pair never looks better than it is.
    pub(crate) fn fuse(self, forward: Ppm, backward: Ppm) -> Ppm {
        match self {
            Self::Harmonic => {
                let (one, other) = (u64::from(forward.get()), u64::from(backward.get()));
                let sum = (one + other).max(1);
                // At most 1,000,000, since the harmonic mean lies between the two.
                Ppm::new((2 * one * other / sum) as u32)
            }
            Self::Min => forward.min(backward),
            Self::Product => forward.of(backward),
        }
    }

    /// Whether two directed scores fuse to at least so much; the same as comparing, without dividing.
    pub(crate) fn reaches(self, forward: Ppm, backward: Ppm, least: Ppm) -> bool {
        let (one, other, least) = (u64::from(forward.get()), u64::from(backward.get()), u64::from(least.get()));
        match self {
            Self::Harmonic => 2 * one * other >= least * (one + other).max(1),
            Self::Min => one.min(other) >= least,
            Self::Product => one * other >= least * 1_000_000,
        }
    }
}

/// Shares of a million in proportion to the weights, by largest remainder, ties in order.
fn shares(raw: [u32; Criterion::COUNT]) -> [Ppm; Criterion::COUNT] {
    let total: u64 = raw.iter().copied().map(u64::from).sum();
    let products = raw.map(|weight| u64::from(weight) * 1_000_000);
    apportion(products, total, 1_000_000).map(Ppm::new)
}

/// Divides each product by `divisor`, rounding so that the quotients add up to `total`: largest remainders are rounded up
/// first, equal ones in order.
///
/// `total` must be the sum of the exact quotients, rounded down.
pub(crate) fn apportion<const N: usize>(products: [u64; N], divisor: u64, total: u32) -> [u32; N] {
    let mut quotients = products.map(|product| (product / divisor) as u32);
    let missing = total - quotients.iter().sum::<u32>();
    let mut order: [usize; N] = std::array::from_fn(|at| at);
    order.sort_by_key(|at| std::cmp::Reverse(products[*at] % divisor));
    for at in order.into_iter().take(missing as usize) {
        quotients[at] += 1;
    }
    quotients
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_criteria_know_their_places() {
        for (at, criterion) in Criterion::ALL.into_iter().enumerate() {
            assert_eq!(criterion.index(), at);
        }
    }

    #[test]
    fn thirds_add_up_and_the_first_gets_the_rest() {
        let thirds = [(Criterion::ValueChain, 7), (Criterion::Market, 7), (Criterion::Scale, 7)];
        let policy = Policy::new(&thirds, Fusion::Min, Vec::new()).unwrap();
        let weights = policy.weights().map(Ppm::get);
        assert_eq!(weights, [0, 333_334, 0, 333_333, 333_333, 0, 0]);
    }

    #[test]
    fn a_policy_that_weighs_nothing_or_twice_is_refused() {
        let refused = |weights: &[(Criterion, u32)]| Policy::new(weights, Fusion::Min, Vec::new()).unwrap_err();
        assert_eq!(refused(&[(Criterion::Scale, 0)]), PolicyError::NoWeight);
        let twice = [(Criterion::Scale, 1), (Criterion::Scale, 1)];
        assert_eq!(refused(&twice), PolicyError::CriterionTwice(Criterion::Scale));
    }

    #[test]
    fn fusion_of_known_numbers() {
        let (one, other) = (Ppm::new(900_000), Ppm::new(300_000));
        assert_eq!(Fusion::Harmonic.fuse(one, other).get(), 450_000);
        assert_eq!(Fusion::Min.fuse(one, other).get(), 300_000);
        assert_eq!(Fusion::Product.fuse(one, other).get(), 270_000);
        assert_eq!(Fusion::Harmonic.fuse(Ppm::ZERO, Ppm::ZERO), Ppm::ZERO);
        assert_eq!(Fusion::Harmonic.fuse(Ppm::ONE, Ppm::ONE), Ppm::ONE);
    }

    proptest! {
        #[test]
        fn fusion_is_symmetric_and_rises_with_either_side(a in 0..=1_000_000_u32, b in 0..=1_000_000_u32, more in 0..1_000_000_u32) {
            for fusion in Fusion::ALL {
                let fuse = |a, b| fusion.fuse(Ppm::new(a), Ppm::new(b));
                prop_assert_eq!(fuse(a, b), fuse(b, a));
                prop_assert!(fuse(a.saturating_add(more), b) >= fuse(a, b));
                prop_assert!(fuse(a, b).get() <= a.max(b));
            }
        }

        #[test]
        fn weights_add_up_to_a_million(raw in prop::array::uniform7(0..=1_000_u32)) {
            prop_assume!(raw.iter().any(|weight| *weight > 0));
            let total: u32 = shares(raw).iter().map(|share| share.get()).sum();
            prop_assert_eq!(total, 1_000_000);
            prop_assert_eq!(shares(shares(raw).map(Ppm::get)), shares(raw), "shares are weights that stay what they are");
        }
    }
}
