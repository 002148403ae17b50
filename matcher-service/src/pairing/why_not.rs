//! Says by how much a pair misses an optimal pairing, what priced it out, and who comes next for each enterprise.

use fearless_simd::dispatch;

use super::feasibility::Limit;
use super::kilter::Kilter;
use super::lanes;
use super::open::{Open, Ordered};
use super::problem::{Prices, Problem, Side};
use super::quota::{self, Meaning};
use super::search::{Found, Search};
use super::stems::{Group, Stems};

/// Why a pair is not part of an optimal pairing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhyNot {
    /// It is.
    Chosen,
    /// It must not be made.
    Ineligible,
    /// No allowed pairing has it: the limits are taken by must-meets, or are 0.
    Impossible,
    /// Others are worth more.
    Outbid {
        /// With so many ppm more it would be part of an optimal pairing, and with one more of every one.
        missing: i64,
        /// Prices above 0 that the pair would have to pay.
        priced_out_by: Vec<(Limit, i64)>,
    },
}

/// A partner that an enterprise does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Alternate {
    /// What the pair lacks to its prices, in ppm. It misses the pairing by at least as much.
    pub(crate) missing: i64,
    /// Index of the partner.
    pub(crate) partner: u32,
}

/// Why the pair of row `a` and column `b` is not among `pairs`, which `prices` prove optimal.
///
/// What the pair lacks to its prices is what it misses at least. To be exact, one search looks for the cheapest way to
/// make room for it.
pub(crate) fn why_not(problem: &Problem, pairs: &[(u32, u32)], prices: &Prices, (a, b): (u32, u32)) -> WhyNot {
    if pairs.contains(&(a, b)) {
        return WhyNot::Chosen;
    }
    let weight = problem.weights().get(a, b);
    if weight < 0 {
        return WhyNot::Ineligible;
    }
    let ordered = Ordered::by_index(problem);
    let open = ordered.open(problem, ordered.weights_of(problem));
    let groups = quota::groups(problem, [&ordered.row_places, &ordered.column_places], false);
    let (groups, meanings): (Vec<Group>, Vec<Meaning>) = groups.into_iter().unzip();
    let stems = Stems::new(&open, groups.iter(), Stems::HARD);
    let kilter = kilter(problem, &open, stems, &meanings, pairs, prices);

    let mut search = Search::new(&kilter.stems);
    let (from, to) = (kilter.stems.column(b), a);
    let level = lanes::level();
    match dispatch!(level, simd => search.find(simd, &kilter, from, to, None)) {
        Found::Path(distance) => WhyNot::Outbid {
            missing: distance - kilter.gain(a, b),
            priced_out_by: paid(problem, prices, a, b).into_iter().filter(|(_, price)| *price > 0).collect(),
        },
        Found::Beyond(_) | Found::Nothing => WhyNot::Impossible,
    }
}

/// The solver's state at the end, from the outcome alone.
fn kilter<'p>(
    problem: &Problem,
    open: &'p Open<'p>,
    stems: Stems,
    meanings: &[Meaning],
    pairs: &[(u32, u32)],
    prices: &Prices,
) -> Kilter<'p> {
    let mut kilter = Kilter::without_pairs(open, stems);
    let first = kilter.stems.rows + kilter.stems.columns;
    // Outer groups come first, so that the potential of a parent is known.
    for (number, meaning) in meanings.iter().enumerate() {
        let stem = kilter.stems.of[first as usize + number];
        let price = match meaning {
            Meaning::MaxPairs => prices.pair,
            Meaning::Quota(quota) => prices.quotas[*quota],
        };
        let signed = if stem.side == Side::A { price } else { -price };
        kilter.inner_potentials[number] = kilter.potential(stem.parent) + signed;
    }
    for row in 0..kilter.stems.rows {
        let parent = kilter.stems.of[row as usize].parent;
        kilter.row_potentials[row as usize] = kilter.potential(parent) + prices.a[row as usize];
    }
    for column in 0..kilter.stems.columns {
        let parent = kilter.stems.of[kilter.stems.column(column) as usize].parent;
        kilter.column_potentials[column as usize] = kilter.potential(parent) - prices.b[column as usize];
    }
    for &(a, b) in pairs {
        if problem.must_meets().binary_search(&(a, b)).is_err() {
            kilter.start_with(a, b);
        }
    }
    kilter
}

/// Every price that a pair pays.
fn paid(problem: &Problem, prices: &Prices, a: u32, b: u32) -> Vec<(Limit, i64)> {
    let mut paid = vec![
        (Limit::Enterprise { side: Side::A, enterprise: a }, prices.a[a as usize]),
        (Limit::Enterprise { side: Side::B, enterprise: b }, prices.b[b as usize]),
    ];
    for (number, (quota, &price)) in problem.quotas().iter().zip(&prices.quotas).enumerate() {
        if quota.members.contains(if quota.side == Side::A { &a } else { &b }) {
            paid.push((Limit::Quota(number), price));
        }
    }
    paid.push((Limit::MaxPairs, prices.pair));
    paid
}

/// For each enterprise of side a and of side b, the `count` partners it does not have that miss their prices by least.
pub(crate) fn alternates(
    problem: &Problem,
    pairs: &[(u32, u32)],
    prices: &Prices,
    count: usize,
) -> [Vec<Vec<Alternate>>; 2] {
    let mut costs = [prices.a.clone(), prices.b.clone()];
    for cost in &mut costs[0] {
        *cost += prices.pair;
    }
    for (quota, &price) in problem.quotas().iter().zip(&prices.quotas) {
        for &member in &quota.members {
            costs[quota.side as usize][member as usize] += price;
        }
    }
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    let mut chosen = sorted.into_iter().peekable();
    let mut alternates = [Side::A, Side::B].map(|side| vec![Vec::new(); problem.bounds(side).len()]);
    for (a, row_cost) in (0u32..).zip(&costs[0]) {
        for (b, (&weight, column_cost)) in (0u32..).zip(problem.weights().row(a).iter().zip(&costs[1])) {
            if chosen.next_if_eq(&(a, b)).is_some() || weight < 0 {
                continue;
            }
            let missing = row_cost + column_cost - i64::from(weight);
            insert(&mut alternates[0][a as usize], Alternate { missing, partner: b }, count);
            insert(&mut alternates[1][b as usize], Alternate { missing, partner: a }, count);
        }
    }
    alternates
}

/// Keeps the `count` least in order.
fn insert(kept: &mut Vec<Alternate>, new: Alternate, count: usize) {
    if kept.len() == count && kept.last().is_none_or(|last| *last <= new) {
        return;
    }
    let place = kept.partition_point(|other| *other < new);
    kept.truncate(count - 1);
    kept.insert(place, new);
}
