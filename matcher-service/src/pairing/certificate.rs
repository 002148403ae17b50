//! Checks a pairing and its prices without a line of the solver.

use super::problem::{Prices, Problem, Side};

/// More findings than this help nobody.
const FINDINGS_MAX: usize = 100;

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// The outcome.
    pub(crate) verdict: Verdict,
    /// What is against it, at most 100; empty exactly if the verdict is `Optimal`.
    pub(crate) findings: Vec<Finding>,
    /// Sum of the weights of the pairs in ppm, those that must not or cannot be made left out.
    pub(crate) total: i64,
    /// No allowed pairing has a total above this, whatever the prices are worth; none without prices. Bounds beyond
    /// 64 bits are given as the nearest number that fits.
    pub(crate) bound: Option<i64>,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The pairs break a limit or a demand.
    NotAllowed,
    /// The pairs are allowed; the prices do not prove them the best, or there are none.
    Allowed,
    /// The pairs are allowed and proved to be the best.
    Optimal,
}

/// One thing that is wrong with a pairing or its prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// A pair of an enterprise that does not exist.
    Unknown { a: u32, b: u32 },
    /// A pair listed more than once.
    Repeated { a: u32, b: u32 },
    /// A pair that must not be made.
    Ineligible { a: u32, b: u32 },
    /// A must-meet that is not among the pairs.
    MustMeetMissing { a: u32, b: u32 },
    /// An enterprise with fewer pairs than its minimum.
    BelowMinimum { side: Side, enterprise: u32, pairs: u32, min: u32 },
    /// An enterprise with more pairs than its maximum.
    AboveMaximum { side: Side, enterprise: u32, pairs: u32, max: u32 },
    /// More pairs in all than allowed.
    TooManyPairs { pairs: u64, max_pairs: u32 },
    /// No prices: nothing is proved.
    NoPrices,
    /// Not one price for each enterprise.
    PriceCount { side: Side, given: usize, expected: usize },
    /// A chosen pair is worth less than its prices.
    ChosenBelowPrice { a: u32, b: u32, surplus: i64 },
    /// A pair that is not chosen is worth more than its prices.
    UnchosenAbovePrice { a: u32, b: u32, surplus: i64 },
    /// An enterprise has a positive price, but not as many pairs as it may.
    PricedWithRoom { side: Side, enterprise: u32, price: i64, pairs: u32, max: u32 },
    /// An enterprise has a negative price, but more pairs than it must.
    NegativeAboveMinimum { side: Side, enterprise: u32, price: i64, pairs: u32, least: u32 },
    /// The price of a pair is negative.
    NegativePairPrice { price: i64 },
    /// The price of a pair is positive, but not as many pairs are made as may be.
    PairPricedWithRoom { price: i64, pairs: u64, max_pairs: Option<u32> },
}

impl Finding {
    /// The finding as a sentence, with names from `name`.
    pub(crate) fn in_words(&self, name: &dyn Fn(Side, u32) -> String) -> String {
        let pair = |a: &u32, b: &u32| format!("{} with {}", name(Side::A, *a), name(Side::B, *b));
        match self {
            Self::Unknown { a, b } => format!("pair ({a}, {b}) is outside the problem"),
            Self::Repeated { a, b } => format!("{} is listed more than once", pair(a, b)),
            Self::Ineligible { a, b } => format!("{} is not eligible", pair(a, b)),
            Self::MustMeetMissing { a, b } => format!("{} is a must-meet and is missing", pair(a, b)),
            Self::BelowMinimum { side, enterprise, pairs, min } => {
                format!("{} of {side} has {pairs} pairs, fewer than its minimum {min}", name(*side, *enterprise))
            }
            Self::AboveMaximum { side, enterprise, pairs, max } => {
                format!("{} of {side} has {pairs} pairs, more than its maximum {max}", name(*side, *enterprise))
            }
            Self::TooManyPairs { pairs, max_pairs } => format!("{pairs} pairs are more than the {max_pairs} allowed"),
            Self::NoPrices => String::from("there are no prices, so nothing shows whether the pairs are the best"),
            Self::PriceCount { side, given, expected } => {
                format!("{given} prices were given for the {expected} enterprises of {side}")
            }
            Self::ChosenBelowPrice { a, b, surplus } => {
                format!("{} is chosen with a surplus of {surplus} ppm, which must be 0 or more", pair(a, b))
            }
            Self::UnchosenAbovePrice { a, b, surplus } => {
                format!("{} is not chosen with a surplus of {surplus} ppm, which must be 0 or less", pair(a, b))
            }
            Self::PricedWithRoom { side, enterprise, price, pairs, max } => format!(
                "{} of {side} has the positive price {price} ppm, but only {pairs} of {max} pairs",
                name(*side, *enterprise)
            ),
            Self::NegativeAboveMinimum { side, enterprise, price, pairs, least } => format!(
                "{} of {side} has the negative price {price} ppm, but {pairs} pairs where {least} would do",
                name(*side, *enterprise)
            ),
            Self::NegativePairPrice { price } => format!("the price of a pair is negative: {price} ppm"),
            Self::PairPricedWithRoom { price, pairs, max_pairs: Some(max) } => {
                format!("the price of a pair is {price} ppm, but only {pairs} of {max} pairs are made")
            }
            Self::PairPricedWithRoom { price, max_pairs: None, .. } => {
                format!("the price of a pair is {price} ppm, but the number of pairs is not limited")
            }
        }
    }
}

/// Checks `pairs` against `problem`, and whether `prices` prove them optimal.
///
/// The proof is weak duality: whatever the prices are, no allowed pairing is worth more than the bound made of them, so a
/// pairing that is worth as much is the best. Nothing about the prices is trusted, and no size of price overflows.
pub(crate) fn verify(problem: &Problem, pairs: &[(u32, u32)], prices: Option<&Prices>) -> Report {
    let mut check = Check::new(problem, pairs);
    check.limits();
    let is_allowed = check.findings.is_empty();

    let mut bound = None;
    match prices {
        None => check.find(Finding::NoPrices),
        Some(prices) => {
            if check.price_counts(prices) {
                bound = Some(check.bound(prices));
            }
        }
    }
    let is_optimal = is_allowed && check.findings.is_empty() && bound == Some(check.total);
    let verdict = match (is_allowed, is_optimal) {
        (false, _) => Verdict::NotAllowed,
        (true, false) => Verdict::Allowed,
        (true, true) => Verdict::Optimal,
    };
    Report { verdict, findings: check.findings, total: clamped(check.total), bound: bound.map(clamped) }
}

struct Check<'p> {
    problem: &'p Problem,
    /// The columns of each row that are chosen, eligible or not, each once, in order; and how many rows each column has.
    chosen: Vec<Vec<u32>>,
    column_pairs: Vec<u32>,
    /// The columns of the must-meets of each row, in order, and how many each column has.
    must_meets: Vec<Vec<u32>>,
    column_must_meets: Vec<u32>,
    pairs: u64,
    total: i128,
    findings: Vec<Finding>,
}

impl<'p> Check<'p> {
    fn new(problem: &'p Problem, pairs: &[(u32, u32)]) -> Self {
        let (rows, columns) = (problem.weights().rows(), problem.weights().columns());
        let mut check = Self {
            problem,
            chosen: vec![Vec::new(); rows],
            column_pairs: vec![0; columns],
            must_meets: vec![Vec::new(); rows],
            column_must_meets: vec![0; columns],
            pairs: 0,
            total: 0,
            findings: Vec::new(),
        };
        for &(a, b) in problem.must_meets() {
            check.must_meets[a as usize].push(b);
            check.column_must_meets[b as usize] += 1;
        }
        let mut sorted = pairs.to_vec();
        sorted.sort_unstable();
        for (at, &(a, b)) in sorted.iter().enumerate() {
            if a as usize >= rows || b as usize >= columns {
                check.find(Finding::Unknown { a, b });
                continue;
            }
            if at > 0 && sorted[at - 1] == (a, b) {
                check.find(Finding::Repeated { a, b });
                continue;
            }
            check.chosen[a as usize].push(b);
            check.column_pairs[b as usize] += 1;
            check.pairs += 1;
            let weight = problem.weights().get(a, b);
            if weight < 0 {
                check.find(Finding::Ineligible { a, b });
            } else {
                check.total += i128::from(weight);
            }
        }
        check
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }

    /// How many pairs and how many must-meets one enterprise has.
    fn counts(&self, side: Side, enterprise: u32) -> (u32, u32) {
        let at = enterprise as usize;
        match side {
            Side::A => (self.chosen[at].len() as u32, self.must_meets[at].len() as u32),
            Side::B => (self.column_pairs[at], self.column_must_meets[at]),
        }
    }

    /// Everything that needs no prices.
    fn limits(&mut self) {
        for &(a, b) in self.problem.must_meets() {
            if self.chosen[a as usize].binary_search(&b).is_err() {
                self.find(Finding::MustMeetMissing { a, b });
            }
        }
        for side in [Side::A, Side::B] {
            for (enterprise, bounds) in (0u32..).zip(self.problem.bounds(side)) {
                let (pairs, _) = self.counts(side, enterprise);
                if pairs < bounds.min {
                    self.find(Finding::BelowMinimum { side, enterprise, pairs, min: bounds.min });
                }
                if pairs > bounds.max {
                    self.find(Finding::AboveMaximum { side, enterprise, pairs, max: bounds.max });
                }
            }
        }
        if let Some(max_pairs) = self.problem.max_pairs()
            && self.pairs > u64::from(max_pairs)
        {
            self.find(Finding::TooManyPairs { pairs: self.pairs, max_pairs });
        }
    }

    fn price_counts(&mut self, prices: &Prices) -> bool {
        let mut fits = true;
        for (side, given) in [(Side::A, prices.a.len()), (Side::B, prices.b.len())] {
            let expected = self.problem.bounds(side).len();
            if given != expected {
                self.find(Finding::PriceCount { side, given, expected });
                fits = false;
            }
        }
        fits
    }

    /// The most that an allowed pairing can be worth by these prices; finds where the pairs fall short of it.
    ///
    /// With surplus = weight - prices, the worth of a pairing is the sum of its surpluses plus each price times the pairs
    /// it is paid for. Each part is taken at its largest.
    fn bound(&mut self, prices: &Prices) -> i128 {
        let mut bound = self.bound_of_pair_price(prices.pair);
        for (side, prices) in [(Side::A, &prices.a), (Side::B, &prices.b)] {
            for (enterprise, &price) in (0u32..).zip(prices) {
                bound += self.bound_of_price(side, enterprise, price);
            }
        }
        for a in 0..self.chosen.len() as u32 {
            bound += self.bound_of_row(a, prices);
        }
        bound
    }

    fn bound_of_pair_price(&mut self, price: i64) -> i128 {
        let max_pairs = self.problem.max_pairs();
        if price < 0 {
            self.find(Finding::NegativePairPrice { price });
            // Even then the bound holds: at least the must-meets are made.
            return i128::from(price) * self.problem.must_meets().len() as i128;
        }
        if price > 0 && max_pairs.is_none_or(|max| u64::from(max) != self.pairs) {
            self.find(Finding::PairPricedWithRoom { price, pairs: self.pairs, max_pairs });
        }
        let most_of =
            |side: Side| -> i128 { self.problem.bounds(side).iter().map(|bounds| i128::from(bounds.max)).sum() };
        let most = most_of(Side::A).min(most_of(Side::B));
        i128::from(price) * max_pairs.map_or(most, i128::from)
    }

    fn bound_of_price(&mut self, side: Side, enterprise: u32, price: i64) -> i128 {
        let bounds = self.problem.bounds(side)[enterprise as usize];
        let (pairs, must_meets) = self.counts(side, enterprise);
        let least = bounds.min.max(must_meets);
        if price > 0 && pairs != bounds.max {
            self.find(Finding::PricedWithRoom { side, enterprise, price, pairs, max: bounds.max });
        }
        if price < 0 && pairs != least {
            self.find(Finding::NegativeAboveMinimum { side, enterprise, price, pairs, least });
        }
        i128::from(price) * i128::from(if price > 0 { bounds.max } else { least })
    }

    fn bound_of_row(&mut self, a: u32, prices: &Prices) -> i128 {
        let mut bound = 0;
        let chosen = std::mem::take(&mut self.chosen[a as usize]);
        let must_meets = std::mem::take(&mut self.must_meets[a as usize]);
        let row_price = i128::from(prices.a[a as usize]) + i128::from(prices.pair);
        let (mut next_chosen, mut next_must_meet) = (chosen.iter().peekable(), must_meets.iter().peekable());
        for (b, &weight) in (0u32..).zip(self.problem.weights().row(a)) {
            let is_chosen = next_chosen.next_if_eq(&&b).is_some();
            let is_must_meet = next_must_meet.next_if_eq(&&b).is_some();
            if weight < 0 {
                continue;
            }
            let surplus = i128::from(weight) - row_price - i128::from(prices.b[b as usize]);
            if is_must_meet {
                bound += surplus;
                continue;
            }
            bound += surplus.max(0);
            if is_chosen && surplus < 0 {
                self.find(Finding::ChosenBelowPrice { a, b, surplus: clamped(surplus) });
            }
            if !is_chosen && surplus > 0 {
                self.find(Finding::UnchosenAbovePrice { a, b, surplus: clamped(surplus) });
            }
        }
        self.chosen[a as usize] = chosen;
        self.must_meets[a as usize] = must_meets;
        bound
    }
}

/// The nearest number of 64 bits.
fn clamped(wide: i128) -> i64 {
    wide.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}
