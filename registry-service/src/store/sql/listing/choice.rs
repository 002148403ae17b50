//! Which way to a page is likely to be the shortest, by how many rows each condition holds for.
//!
//! Costs are counted in looks into an index, as if conditions had nothing to do with each other. Where they do, a page
//! takes longer and is right all the same.

use sea_orm::DbBackend;

use super::Wanted;
use super::sizes::Size;
use super::way::{Sieve, Way};
use crate::store::sql::range::Range;

/// What the engines take for what, in looks into an index.
#[derive(Clone, Copy)]
pub(super) struct Costs {
    /// Reading a row, which is in a table many times as large.
    row: f64,
    /// Going on to the next key in an order that is not that of the keys.
    step: f64,
}

impl Costs {
    pub(super) fn of(backend: DbBackend) -> Self {
        match backend {
            DbBackend::Sqlite => Self { row: 12.0, step: 0.3 },
            // It looks at the row of every key that it has not vacuumed yet, too.
            _ => Self { row: 3.0, step: 1.0 },
        }
    }
}

/// Taking a key from a range, in whose order it lies beside the one before.
const KEY: f64 = 0.2;
/// Taking a key from a range and putting it into a set.
const SET_KEY: f64 = 0.5;
/// A look into such a set.
const SET_LOOK: f64 = 0.2;
/// The share of what was not counted, which is somewhere between that and all.
const FREQUENT: f64 = 0.3;

/// Ranges that together hold every row for which a condition is true.
pub(super) struct Candidate {
    pub(super) ranges: Vec<Range>,
    pub(super) size: Size,
}

impl Candidate {
    fn is_single_and_ordered(&self) -> bool {
        matches!(self.ranges.as_slice(), [range] if range.is_ordered())
    }

    /// The share of the table's rows.
    fn share(&self, rows: f64) -> f64 {
        self.size.rows.map_or(FREQUENT, |own| (own as f64 / rows).min(1.0))
    }

    /// The sieve for so many keys, if there is one, and what it costs.
    fn sieve(&self, keys: f64) -> Option<(Sieve, f64)> {
        let is_looked_up = self.ranges.iter().all(Range::is_ordered);
        let looks = is_looked_up.then_some(keys * self.ranges.len() as f64);
        let set = self.size.rows.map(|own| own as f64 * SET_KEY + keys * SET_LOOK);
        match (looks, set) {
            (Some(looks), Some(set)) if set < looks => Some((Sieve::Set(self.ranges.clone()), set)),
            (Some(looks), _) => Some((Sieve::Look(self.ranges.clone()), looks)),
            (None, Some(set)) => Some((Sieve::Set(self.ranges.clone()), set)),
            (None, None) => None,
        }
    }
}

/// Sieves of candidates one after the other, for so many keys; what they and reading the rest costs.
struct Sifted {
    sieves: Vec<Sieve>,
    cost: f64,
    /// Keys that are left.
    left: f64,
}

fn sift<'a>(candidates: impl Iterator<Item = &'a Candidate>, keys: f64, rows: f64, costs: Costs) -> Sifted {
    let mut sifted = Sifted { sieves: Vec::new(), cost: 0.0, left: keys };
    for candidate in candidates {
        let Some((sieve, cost)) = candidate.sieve(sifted.left) else { continue };
        // A row that is read is checked anyway.
        let spared = sifted.left * (1.0 - candidate.share(rows)) * costs.row;
        if cost < spared {
            sifted.sieves.push(sieve);
            sifted.cost += cost;
            sifted.left *= candidate.share(rows);
        }
    }
    sifted
}

/// Chooses among the ways that candidates give. `bound` is what bounds the order, `by_key` whether that is of the keys.
pub(super) fn choose(
    mut candidates: Vec<Candidate>,
    bound: Option<Candidate>,
    rows: i64,
    wanted: &Wanted<'_>,
    by_key: bool,
    costs: Costs,
) -> Way {
    let rows = (rows as f64).max(1.0);
    let page = f64::from(wanted.limit.max(1));
    // The rarest first, those that were not counted last.
    candidates.sort_by_key(|candidate| candidate.size.rows.unwrap_or(i64::MAX));
    let in_order = bound.as_ref().and_then(|bound| bound.size.rows).map_or(rows, |own| own as f64);
    let share: f64 = candidates.iter().map(|candidate| candidate.share(rows)).product();
    let passing = (in_order * share).max(1.0);

    let steps = in_order.min(page * in_order / passing);
    let walked = sift(candidates.iter(), steps, rows, costs);
    let mut least = steps * if by_key { KEY } else { costs.step } + walked.cost + walked.left * costs.row;
    let mut chosen = None;
    let thinnest = if by_key { thinnest(&candidates) } else { None };
    for (at, candidate) in candidates.iter().enumerate() {
        if candidate.size.rows.is_none() && thinnest != Some(at) {
            continue;
        }
        let is_stream = by_key && candidate.is_single_and_ordered();
        let own = candidate.share(rows) * rows;
        // In the order of the keys it ends with the page, and so does the reading of rows that are sorted by them.
        let keys = if is_stream { own.min(page * own / passing) } else { own };
        let others = candidates.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
        let sifted = sift(others, keys, rows, costs);
        let read = if by_key { sifted.left.min(page * (sifted.left / passing).max(1.0)) } else { sifted.left };
        let cost = keys * if is_stream { KEY } else { SET_KEY } + sifted.cost + read * costs.row;
        if cost < least {
            (least, chosen) = (cost, Some((at, is_stream, sifted.sieves)));
        }
    }
    let Some((at, is_stream, sieves)) = chosen else {
        return Way::Walk { bound: bound.and_then(|mut bound| bound.ranges.pop()), sieves: walked.sieves };
    };
    let start = start(&candidates).filter(|_| !wanted.order.descending && candidates.len() > 1);
    let mut ranges = candidates.swap_remove(at).ranges;
    match ranges.pop() {
        Some(range) if is_stream => Way::Stream { range, sieves, start },
        last => Way::Gather { ranges: ranges.into_iter().chain(last).collect(), sieves },
    }
}

/// The range, of those in the order of the keys that are too many to be counted, whose first keys reach the farthest.
fn thinnest(candidates: &[Candidate]) -> Option<usize> {
    let is_frequent = |candidate: &Candidate| candidate.is_single_and_ordered() && candidate.size.rows.is_none();
    let frequent = candidates.iter().enumerate().filter(|(_, candidate)| is_frequent(candidate));
    frequent.max_by(|(_, one), (_, other)| one.size.reaches.cmp(&other.size.reaches)).map(|(at, _)| at)
}

/// The range in the order of the keys that begins last: nothing before passes.
fn start(candidates: &[Candidate]) -> Option<Range> {
    let ordered = candidates.iter().filter(|candidate| candidate.is_single_and_ordered());
    let last = ordered.max_by(|one, other| one.size.begins.cmp(&other.size.begins))?;
    last.ranges.first().cloned()
}
