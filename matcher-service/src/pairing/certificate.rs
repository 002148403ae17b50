//! Checks a pairing and its prices without a line of the solver.

use super::finding::Finding;
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
    /// How many pairs and how many must-meets the members of each quota have.
    quota_pairs: Vec<(u64, u32)>,
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
            quota_pairs: Vec::new(),
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
        for quota in problem.quotas() {
            let counts = quota.members.iter().map(|&member| check.counts(quota.side, member));
            let sum = counts.fold((0, 0), |sum, (pairs, fixed)| (sum.0 + u64::from(pairs), sum.1 + fixed));
            check.quota_pairs.push(sum);
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
        for (number, quota) in self.problem.quotas().iter().enumerate() {
            let (pairs, _) = self.quota_pairs[number];
            if pairs < u64::from(quota.min) {
                self.find(Finding::BelowQuota { quota: number, pairs, min: quota.min });
            }
            if pairs > u64::from(quota.max) {
                self.find(Finding::AboveQuota { quota: number, pairs, max: quota.max });
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
        let (given, expected) = (prices.quotas.len(), self.problem.quotas().len());
        if given != expected {
            self.find(Finding::QuotaPriceCount { given, expected });
            fits = false;
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
        let (mut row_costs, mut column_costs) = (wide(&prices.a), wide(&prices.b));
        for row_cost in &mut row_costs {
            *row_cost += i128::from(prices.pair);
        }
        for (number, &price) in prices.quotas.iter().enumerate() {
            bound += self.bound_of_quota(number, price);
            let quota = &self.problem.quotas()[number];
            let costs = if quota.side == Side::A { &mut row_costs } else { &mut column_costs };
            for &member in &quota.members {
                costs[member as usize] += i128::from(price);
            }
        }
        for a in 0..self.chosen.len() as u32 {
            bound += self.bound_of_row(a, row_costs[a as usize], &column_costs);
        }
        bound
    }

    fn bound_of_quota(&mut self, number: usize, price: i64) -> i128 {
        let max = self.problem.quotas()[number].max;
        let (pairs, must_meets) = self.quota_pairs[number];
        let least = self.problem.quotas()[number].min.max(must_meets);
        if price > 0 && pairs != u64::from(max) {
            self.find(Finding::QuotaPricedWithRoom { quota: number, price, pairs, max });
        }
        if price < 0 && pairs != u64::from(least) {
            self.find(Finding::QuotaNegativeAboveMinimum { quota: number, price, pairs, least });
        }
        i128::from(price) * i128::from(if price > 0 { max } else { least })
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

    fn bound_of_row(&mut self, a: u32, row_cost: i128, column_costs: &[i128]) -> i128 {
        let mut bound = 0;
        let chosen = std::mem::take(&mut self.chosen[a as usize]);
        let must_meets = std::mem::take(&mut self.must_meets[a as usize]);
        let (mut next_chosen, mut next_must_meet) = (chosen.iter().peekable(), must_meets.iter().peekable());
        for (b, &weight) in (0u32..).zip(self.problem.weights().row(a)) {
            let is_chosen = next_chosen.next_if_eq(&&b).is_some();
            let is_must_meet = next_must_meet.next_if_eq(&&b).is_some();
            if weight < 0 {
                continue;
            }
            let surplus = i128::from(weight) - row_cost - column_costs[b as usize];
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

fn wide(prices: &[i64]) -> Vec<i128> {
    prices.iter().map(|&price| price.into()).collect()
}

/// The nearest number of 64 bits.
fn clamped(wide: i128) -> i64 {
    wide.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}
