//! Reads the prices of a finished pairing off the solver, as small as their structure allows.

use super::augmenting::Growing;
use super::problem::Prices;

/// A price as the solver holds it: some multiple of the bonus for minimums, plus an amount of the size of weights.
#[derive(Debug, Clone, Copy, Default)]
struct Split {
    bonuses: i64,
    amount: i64,
}

impl Split {
    fn of(price: i64, bonus: i64) -> Self {
        let bonuses = (price + bonus / 2).div_euclid(bonus);
        Self { bonuses, amount: price - bonuses * bonus }
    }

    fn with(self, bonus: i64) -> i64 {
        self.bonuses * bonus + self.amount
    }

    fn plus(self, other: Self) -> Self {
        Self { bonuses: self.bonuses + other.bonuses, amount: self.amount + other.amount }
    }

    fn minus(self, other: Self) -> Self {
        Self { bonuses: self.bonuses - other.bonuses, amount: self.amount - other.amount }
    }
}

/// The prices that prove the pairs of `growing`, which has found no further path.
///
/// While it works the solver pays a bonus beyond all weights for serving a minimum, and prices made with it are right
/// but of no use to a reader. Every condition on the prices is linear in the bonus, so the smallest bonus that keeps all
/// of them is found in one pass.
pub(super) fn settle(growing: &Growing<'_>) -> Prices {
    let split = |price: i64| Split::of(price, growing.bonus);
    let pair = split(growing.pair_price);
    let rows: Vec<Split> = growing.row_levels.iter().map(|level| split(level - growing.pair_price)).collect();
    let columns: Vec<Split> = growing.column_prices.iter().map(|&price| split(price)).collect();

    let bonus = smallest_bonus(growing, pair, &rows, &columns);
    let mut prices = Prices {
        a: rows.iter().map(|price| price.with(bonus)).collect(),
        b: columns.iter().map(|price| price.with(bonus)).collect(),
        pair: pair.with(bonus),
    };
    for (a, quota) in (0u32..).zip(&growing.rows) {
        if quota.max == 0 {
            prices.a[a as usize] = closed_row_price(growing, a, &prices);
        }
    }
    prices
}

fn smallest_bonus(growing: &Growing<'_>, pair: Split, rows: &[Split], columns: &[Split]) -> i64 {
    if growing.rows.iter().chain(&growing.columns).all(|quota| quota.min == 0) {
        return 0;
    }

    let mut bonus = 0;
    let mut keep_positive = |kept: Split| {
        if kept.bonuses > 0 {
            // Rounded up: -amount / bonuses.
            bonus = bonus.max(-kept.amount.div_euclid(kept.bonuses));
        } else {
            debug_assert!(kept.bonuses == 0 && kept.amount >= 0, "the solver left a path that gains: {kept:?}");
        }
    };

    keep_positive(pair);
    if !growing.is_full() {
        keep_positive(Split::default().minus(pair));
    }
    for (quota, price) in growing.rows.iter().zip(rows).chain(growing.columns.iter().zip(columns)) {
        if quota.has_room() {
            keep_positive(Split::default().minus(*price));
        }
        if quota.used > quota.min {
            keep_positive(*price);
        }
    }
    for (a, quota) in (0u32..).zip(&growing.rows) {
        if quota.max == 0 {
            continue; // Its price is made last, to fit the others.
        }
        let level = rows[a as usize].plus(pair);
        let chosen = is_in(&growing.chosen[0][a as usize], columns.len());
        let fixed = is_in(&growing.fixed[a as usize], columns.len());
        for (b, &weight) in growing.problem.weights().row(a).iter().enumerate() {
            let loss = level.plus(columns[b]).minus(Split { bonuses: 0, amount: i64::from(weight) });
            if chosen[b] {
                keep_positive(Split::default().minus(loss));
            } else if weight >= 0 && !fixed[b] {
                keep_positive(loss);
            }
        }
    }
    bonus
}

/// The least price that keeps every pair unattractive for a row that may have no pair beyond its must-meets.
fn closed_row_price(growing: &Growing<'_>, a: u32, prices: &Prices) -> i64 {
    let fixed = is_in(&growing.fixed[a as usize], prices.b.len());
    let weights = growing.problem.weights().row(a).iter().enumerate();
    let open = weights.filter(|(b, weight)| **weight >= 0 && !fixed[*b]);
    open.map(|(b, &weight)| i64::from(weight) - prices.b[b] - prices.pair).fold(0, i64::max)
}

fn is_in(members: &[u32], count: usize) -> Vec<bool> {
    let mut is_in = vec![false; count];
    for &member in members {
        is_in[member as usize] = true;
    }
    is_in
}
