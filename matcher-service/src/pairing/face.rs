//! What all optimal pairings of the stages so far have in common, as a smaller problem.

use super::open::{Open, Ordered};
use super::problem::{Bounds, INELIGIBLE, Prices, Problem, Side, Weights};
use super::quota::{self, Meaning};
use super::stems::{Group, Stem};

/// The pairings that are still in question, in the order of the solver.
pub(super) struct Face {
    /// Weights of pairs that some of them have and some do not.
    pub(super) weights: Weights,
    rows: Vec<Bounds>,
    columns: Vec<Bounds>,
    /// The first holds all pairs.
    pub(super) groups: Vec<Group>,
    pub(super) meanings: Vec<Meaning>,
    /// Pairs that all of them have, without must-meets, and their scores.
    pub(super) kept: Vec<(u32, u32)>,
    pub(super) kept_scores: Vec<i32>,
    /// Whether a row or, behind the rows, a column has a pair in all of them.
    pub(super) is_served: Vec<bool>,
}

impl Face {
    /// All allowed pairings.
    pub(super) fn new(problem: &Problem, ordered: &Ordered) -> Self {
        let weights = ordered.weights_of(problem).clone();
        let Open { rows, columns, .. } = ordered.open(problem, &weights);
        let groups = quota::groups(problem, [&ordered.row_places, &ordered.column_places], true);
        let (groups, meanings) = groups.into_iter().unzip();
        let mut is_served = vec![false; rows.len() + columns.len()];
        for &(a, b) in problem.must_meets() {
            is_served[ordered.row_places[a as usize] as usize] = true;
            is_served[rows.len() + ordered.column_places[b as usize] as usize] = true;
        }
        Self { weights, rows, columns, groups, meanings, kept: Vec::new(), kept_scores: Vec::new(), is_served }
    }

    /// The problem that is left.
    pub(super) fn open(&self) -> Open<'_> {
        Open { weights: &self.weights, rows: self.rows.clone(), columns: self.columns.clone() }
    }

    /// Leaves out pairs by weight.
    pub(super) fn exclude(&mut self, is_out: impl Fn(i32) -> bool) {
        self.weights = self.weights.mapped(|weight| if is_out(weight) { INELIGIBLE } else { weight });
    }

    /// Keeps the pairings that are optimal for `gains`, as `prices` and the limits `used` by one of them show: by
    /// complementary slackness with prices of one optimal pairing, no other is. `pairs` loses those that all have.
    pub(super) fn restrict(&mut self, gains: &Weights, prices: &Prices, used: &[Stem], pairs: &mut Vec<(u32, u32)>) {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        let costs = self.costs(prices);
        let price_of = |node: usize| {
            if node < rows {
                prices.a[node]
            } else if node < rows + columns {
                prices.b[node - rows]
            } else {
                match self.meanings[node - rows - columns] {
                    Meaning::MaxPairs => prices.pair,
                    Meaning::Quota(quota) => prices.quotas[quota],
                }
            }
        };
        let bounds: Vec<Bounds> = used.iter().enumerate().map(|(node, stem)| settled(stem, price_of(node))).collect();
        for (node, new) in bounds.into_iter().enumerate() {
            if node < rows {
                self.rows[node] = new;
            } else if node < rows + columns {
                self.columns[node - rows] = new;
            } else {
                self.groups[node - rows - columns].bounds = new;
            }
        }

        let mut weights = self.weights.clone();
        let mut kept = Vec::new();
        for row in 0..rows as u32 {
            for (column, &gain) in (0u32..).zip(gains.row(row)) {
                let surplus = i64::from(gain) - costs[0][row as usize] - costs[1][column as usize];
                if gain >= 0 && surplus > 0 {
                    kept.push((row, column));
                }
                if gain >= 0 && surplus != 0 {
                    weights.set(row, column, INELIGIBLE);
                }
            }
        }
        for &(row, column) in &kept {
            self.keep(row, column, used);
        }
        self.weights = weights;
        pairs.retain(|pair| kept.binary_search(pair).is_err());
    }

    /// Makes a pair a part of every pairing in question.
    fn keep(&mut self, row: u32, column: u32, used: &[Stem]) {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        self.kept.push((row, column));
        self.kept_scores.push(self.weights.get(row, column));
        for leaf in [row as usize, rows + column as usize] {
            self.is_served[leaf] = true;
            let mut node = leaf;
            while node < used.len() {
                let bounds = if node < rows {
                    &mut self.rows[node]
                } else if node < rows + columns {
                    &mut self.columns[node - rows]
                } else {
                    &mut self.groups[node - rows - columns].bounds
                };
                bounds.min = bounds.min.saturating_sub(1);
                bounds.max = bounds.max.saturating_sub(1);
                node = used[node].parent as usize;
            }
        }
    }

    /// What a pair costs each row and each column.
    fn costs(&self, prices: &Prices) -> [Vec<i64>; 2] {
        let mut costs = [prices.a.clone(), prices.b.clone()];
        for (group, meaning) in self.groups.iter().zip(&self.meanings) {
            let price = match meaning {
                Meaning::MaxPairs => prices.pair,
                Meaning::Quota(quota) => prices.quotas[*quota],
            };
            let side = if group.side == Side::A { &mut costs[0] } else { &mut costs[1] };
            for &member in &group.members {
                side[member as usize] += price;
            }
        }
        costs
    }
}

/// The bounds that all optimal pairings keep, if a stem has this price in one of them.
fn settled(stem: &Stem, price: i64) -> Bounds {
    // A stem that asks for one pair without needing it pays at most 1 to get it.
    let is_asking = stem.is_asking();
    let (min, max) = if is_asking { (0, stem.max) } else { (stem.min, stem.max) };
    if price > 0 {
        return Bounds { min: max, max };
    }
    if price == 0 {
        let min = if is_asking { 1 } else { min };
        return Bounds { min, max };
    }
    if !is_asking {
        return Bounds { min, max: min };
    }
    Bounds { min: 0, max: i64::from(price == -1) as u32 }
}
