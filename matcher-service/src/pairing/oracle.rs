//! Slow and simple second opinions for the tests, and the random problems they are asked about.

use proptest::prelude::*;

use super::problem::WEIGHT_MAX;
use super::{Bounds, INELIGIBLE, Problem, Quota, Side, Weights};

/// The best total of all allowed pairings by trying every one, or none if nothing is allowed.
pub(super) fn best_by_trying_all(problem: &Problem) -> Option<i64> {
    let mut best = None;
    for_every_pairing(problem, &mut |pairs| {
        best = best.max(Some(pairs.iter().map(|&(a, b)| i64::from(problem.weights().get(a, b))).sum()));
    });
    best
}

/// Is shown pairings.
pub(super) type See<'s> = dyn FnMut(&[(u32, u32)]) + 's;

/// Shows every allowed pairing to `see`.
pub(super) fn for_every_pairing(problem: &Problem, see: &mut See<'_>) {
    fn fits_quotas(problem: &Problem, pairs: &[(u32, u32)]) -> bool {
        problem.quotas().iter().all(|quota| {
            let own = |&&(a, b): &&(u32, u32)| quota.members.contains(if quota.side == Side::A { &a } else { &b });
            (quota.min..=quota.max).contains(&(pairs.iter().filter(own).count() as u32))
        })
    }
    fn from_row(problem: &Problem, a: u32, column_pairs: &mut [u32], pairs: &mut Vec<(u32, u32)>, see: &mut See<'_>) {
        let columns = problem.weights().columns() as u32;
        if a as usize == problem.weights().rows() {
            let fits = column_pairs.iter().zip(problem.bounds(Side::B)).all(|(pairs, it)| it.min <= *pairs);
            if fits && fits_quotas(problem, pairs) {
                see(pairs);
            }
            return;
        }
        let bounds = problem.bounds(Side::A)[a as usize];
        for subset in 0u32..1 << columns {
            let members = || (0..columns).filter(|b| subset >> b & 1 == 1);
            let size = subset.count_ones();
            let has_must_meets = problem.must_meets().iter().all(|&(x, b)| x != a || subset >> b & 1 == 1);
            let is_eligible = members().all(|b| problem.weights().get(a, b) != INELIGIBLE);
            let fits_columns = members().all(|b| column_pairs[b as usize] < problem.bounds(Side::B)[b as usize].max);
            let fits_row = bounds.min <= size && size <= bounds.max;
            let fits_all = problem.max_pairs().is_none_or(|max| pairs.len() as u32 + size <= max);
            if !(has_must_meets && is_eligible && fits_columns && fits_row && fits_all) {
                continue;
            }
            members().for_each(|b| column_pairs[b as usize] += 1);
            pairs.extend(members().map(|b| (a, b)));
            from_row(problem, a + 1, column_pairs, pairs, see);
            pairs.truncate(pairs.len() - size as usize);
            members().for_each(|b| column_pairs[b as usize] -= 1);
        }
    }
    from_row(problem, 0, &mut vec![0; problem.weights().columns()], &mut Vec::new(), see);
}

/// The best total if everybody has at most one pair, by the textbook Hungarian method. A pair that must not be made is
/// worth as little as none.
pub(super) fn best_one_to_one(weights: &Weights) -> i64 {
    let is_wide = weights.rows() <= weights.columns();
    let (rows, columns) =
        if is_wide { (weights.rows(), weights.columns()) } else { (weights.columns(), weights.rows()) };
    let cost = |row: usize, column: usize| {
        let (a, b) = if is_wide { (row, column) } else { (column, row) };
        -i64::from(weights.get(a as u32, b as u32).max(0))
    };
    // Rows and columns count from 1; column 0 holds the row that is being placed.
    let (mut row_dual, mut column_dual) = (vec![0; rows + 1], vec![0; columns + 1]);
    let (mut row_at, mut way) = (vec![0; columns + 1], vec![0; columns + 1]);
    for row in 1..=rows {
        row_at[0] = row;
        let mut at = 0;
        let (mut least, mut is_used) = (vec![i64::MAX; columns + 1], vec![false; columns + 1]);
        while row_at[at] != 0 {
            is_used[at] = true;
            let (here, mut delta, mut next) = (row_at[at], i64::MAX, 0);
            for column in 1..=columns {
                if is_used[column] {
                    continue;
                }
                let reduced = cost(here - 1, column - 1) - row_dual[here] - column_dual[column];
                if reduced < least[column] {
                    (least[column], way[column]) = (reduced, at);
                }
                if least[column] < delta {
                    (delta, next) = (least[column], column);
                }
            }
            for column in 0..=columns {
                if is_used[column] {
                    row_dual[row_at[column]] += delta;
                    column_dual[column] -= delta;
                } else if column > 0 {
                    least[column] -= delta;
                }
            }
            at = next;
        }
        while at != 0 {
            row_at[at] = row_at[way[at]];
            at = way[at];
        }
    }
    (1..=columns).filter(|&column| row_at[column] != 0).map(|column| -cost(row_at[column] - 1, column - 1)).sum()
}

/// Problems with limits, must-meets, ineligible pairs and many ties; most have no more than a few solutions, many none.
pub(super) fn any_problem(side_max: usize) -> impl Strategy<Value = Problem> {
    any_weights(side_max).prop_flat_map(|weights| {
        let (rows, columns) = (weights.rows(), weights.columns());
        let must_meets = prop_oneof![
            2 => Just(Vec::new()),
            1 => prop::collection::vec((0..rows.max(1), 0..columns.max(1)), 0..=3),
        ];
        let max_pairs = prop::option::of(0..=(rows.max(columns) as u32 + 3));
        let limits = (any_bounds(rows), any_bounds(columns), must_meets, max_pairs, any::<u64>());
        limits.prop_map(move |(a, b, mut must_meets, max_pairs, seed)| {
            must_meets.sort_unstable();
            must_meets.dedup();
            let must_meets = must_meets.into_iter().map(|(a, b)| (a as u32, b as u32));
            let is_inside = |&(a, b): &(u32, u32)| (a as usize) < rows && (b as usize) < columns;
            let must_meets = must_meets.filter(is_inside).filter(|&(a, b)| weights.get(a, b) >= 0).collect();
            Problem::new(weights.clone(), a, b, must_meets, max_pairs, seed).unwrap()
        })
    })
}

/// The same with quotas, of which those of a side are nested or apart: pieces of a row of enterprises, halved at will.
pub(super) fn any_problem_with_quotas(side_max: usize) -> impl Strategy<Value = Problem> {
    let cuts = prop::collection::vec((any::<bool>(), 0..=side_max, 0..=side_max, 0..=3u32, 0..=4u32), 1..=4);
    (any_problem(side_max), cuts).prop_map(|(problem, cuts)| {
        let mut quotas: Vec<Quota> = Vec::new();
        for (is_a, from, to, min, more) in cuts {
            let side = if is_a { Side::A } else { Side::B };
            let members = (from.min(to)..from.max(to)).filter(|&at| at < problem.bounds(side).len());
            let quota = Quota {
                side,
                members: members.map(|at| at as u32).collect(),
                min: min.saturating_sub(1),
                max: min + more,
            };
            quotas.push(quota);
            if problem.clone().with_quotas(quotas.clone()).is_err() {
                quotas.pop();
            }
        }
        problem.with_quotas(quotas).unwrap()
    })
}

/// Weights of up to `side_max` enterprises a side: few distinct values, or values from the whole range.
pub(super) fn any_weights(side_max: usize) -> impl Strategy<Value = Weights> {
    let sizes = (0..=side_max, 0..=side_max, any::<bool>());
    sizes.prop_flat_map(|(rows, columns, has_ties)| {
        let score = if has_ties { 0..=3 } else { 0..=WEIGHT_MAX };
        let weight = prop_oneof![1 => Just(INELIGIBLE), 3 => score];
        prop::collection::vec(weight, rows * columns)
            .prop_map(move |values| Weights::new(rows, columns, values).unwrap())
    })
}

fn any_bounds(count: usize) -> impl Strategy<Value = Vec<Bounds>> {
    let min = prop_oneof![4 => Just(0), 1 => 0..=2u32];
    let bounds = (min, 0..=3u32).prop_map(|(min, more)| Bounds { min, max: min + more });
    prop::collection::vec(bounds, count)
}
