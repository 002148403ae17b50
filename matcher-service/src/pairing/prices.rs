//! Reads the prices of a finished pairing off the potentials of the solver.

use super::kilter::Kilter;
use super::problem::Side;
use super::quota::Meaning;

/// Prices in the order of the solver.
pub(super) struct Settled {
    pub(super) rows: Vec<i64>,
    pub(super) columns: Vec<i64>,
    pub(super) quotas: Vec<i64>,
    pub(super) pair: i64,
}

/// The prices that prove the pairs of `kilter`, which has nothing left to mend.
///
/// Who may have no pair beyond must-meets has no price of its own in the solver. It costs the least that keeps every pair
/// unattractive.
pub(super) fn settle(kilter: &Kilter<'_>, meanings: &[Meaning]) -> Settled {
    let (rows, columns) = (kilter.stems.rows, kilter.stems.columns);
    let potentials = potentials(kilter);
    let parent = |node: u32| potentials[kilter.stems.of[node as usize].parent as usize];

    // What a pair with each row costs on side a, and with each column on side b.
    let mut row_costs = potentials[..rows as usize].to_vec();
    let mut column_costs: Vec<i64> = potentials[rows as usize..][..columns as usize].iter().map(|it| -it).collect();
    let closed_columns: Vec<u32> =
        (0..columns).filter(|&column| kilter.open.columns[column as usize].max == 0).collect();
    if !closed_columns.is_empty() {
        for &column in &closed_columns {
            column_costs[column as usize] = -parent(kilter.stems.column(column));
        }
        for row in (0..rows).filter(|&row| kilter.open.rows[row as usize].max > 0) {
            let weights = kilter.open.weights.row(row);
            for &column in &closed_columns {
                let weight = weights[column as usize];
                let cost = &mut column_costs[column as usize];
                if weight >= 0 {
                    *cost = (*cost).max(i64::from(weight) - row_costs[row as usize]);
                }
            }
        }
    }
    for row in (0..rows).filter(|&row| kilter.open.rows[row as usize].max == 0) {
        let open = kilter.open.weights.row(row).iter().zip(&column_costs).filter(|(weight, _)| **weight >= 0);
        let cost = open.map(|(&weight, cost)| i64::from(weight) - cost);
        row_costs[row as usize] = cost.fold(parent(row), i64::max);
    }

    let mut settled = Settled {
        rows: (0..rows).map(|row| row_costs[row as usize] - parent(row)).collect(),
        columns: (0..columns).map(|it| column_costs[it as usize] + parent(kilter.stems.column(it))).collect(),
        quotas: vec![0; meanings.len()],
        pair: 0,
    };
    for (number, meaning) in (0u32..).zip(meanings) {
        let node = rows + columns + number;
        let difference = potentials[node as usize] - parent(node);
        let price = if kilter.stems.of[node as usize].side == Side::A { difference } else { -difference };
        match meaning {
            Meaning::MaxPairs => settled.pair = price,
            Meaning::Quota(quota) => settled.quotas[*quota] = price,
        }
    }
    settled.quotas.truncate(meanings.iter().filter(|meaning| **meaning != Meaning::MaxPairs).count());
    settled
}

/// The potentials of all nodes, without discounts for those who have no pair and need none.
fn potentials(kilter: &Kilter<'_>) -> Vec<i64> {
    let mut potentials: Vec<i64> = (0..=kilter.stems.root()).map(|node| kilter.potential(node)).collect();
    let inner = kilter.stems.rows + kilter.stems.columns..kilter.stems.root();
    // Outer groups come first, and the leaves last, so that a parent is settled before what is below it.
    for node in inner.chain(0..kilter.stems.rows + kilter.stems.columns) {
        let stem = &kilter.stems.of[node as usize];
        if stem.used == 0 && stem.min == 0 {
            let (own, parent) = (potentials[node as usize], potentials[stem.parent as usize]);
            potentials[node as usize] = if stem.side == Side::A { own.max(parent) } else { own.min(parent) };
        }
    }
    potentials
}
