//! The best candidates, without scoring most of them.
//!
//! Pages and blocks of the index are visited in the order of what nobody in them exceeds, and the search ends where that
//! falls below the worst of the best found so far. So the answer is exact, ties included, and what is visited is what
//! might have belonged to it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::domain::{EnterpriseId, Ppm, Published};
use crate::index::{Codes, Row};
use crate::scoring::Gain;

use super::candidates::{Candidates, Field};

/// A candidate that is among the best so far. What is better is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ranked<'a> {
    pub(super) score: u32,
    pub(super) id: &'a str,
    pub(super) slot: u32,
    pub(super) gain: Gain,
}

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.cmp(&self.score).then_with(|| self.id.cmp(other.id))
    }
}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Something to visit: a page, or a block of one. What may hold more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Visit {
    at_most: u32,
    field: u32,
    page: u32,
    block: Option<u32>,
}

/// The best candidates that come after `after`, at most so many, best first.
pub(super) fn best<'a>(
    candidates: &mut Candidates<'a>,
    after: Option<&'a (u32, EnterpriseId)>,
    limit: usize,
) -> Vec<Ranked<'a>> {
    let fields = std::mem::take(&mut candidates.fields);
    let mut best = Best { ranked: BinaryHeap::with_capacity(limit.min(1_024)), limit, after };
    let mut visits = BinaryHeap::new();
    for (at, field) in (0..).zip(&fields) {
        for (page, content) in (0..).zip(&field.cluster.pages) {
            let at_most = candidates.page_at_most(field, content);
            visits.push(Visit { at_most, field: at, page, block: None });
        }
    }
    while let Some(visit) = visits.pop() {
        if best.is_out_of_reach(visit.at_most) {
            break;
        }
        let field = &fields[visit.field as usize];
        let page = &field.cluster.pages[visit.page as usize];
        match visit.block {
            Some(block) => {
                let rest = candidates.rest_at_most(field, page, block as usize);
                score(candidates, field, page.block(block as usize), rest, &mut best);
            }
            None => {
                for block in 0..page.blocks.len() {
                    let at_most = candidates.block_at_most(field, page, block).min(visit.at_most);
                    if !best.is_out_of_reach(at_most) {
                        let block = u32::try_from(block).ok();
                        visits.push(Visit { at_most, block, ..visit });
                    }
                }
            }
        }
    }
    candidates.fields = fields;
    best.ranked.into_sorted_vec()
}

/// The best so far.
struct Best<'a> {
    ranked: BinaryHeap<Ranked<'a>>,
    limit: usize,
    after: Option<&'a (u32, EnterpriseId)>,
}

impl<'a> Best<'a> {
    /// What a candidate must reach to be among them.
    fn least(&self) -> Ppm {
        match self.ranked.peek() {
            Some(worst) if self.ranked.len() == self.limit => Ppm::new(worst.score),
            _ => Ppm::ZERO,
        }
    }

    fn is_out_of_reach(&self, at_most: u32) -> bool {
        self.ranked.len() == self.limit && at_most < self.least().get()
    }

    /// Takes a candidate in if it is good enough; whether it is not, so that whoever is like it and comes later by id is
    /// not either.
    fn beats(&mut self, candidate: Ranked<'a>) -> bool {
        if let Some((score, id)) = self.after
            && (candidate.score > *score || (candidate.score == *score && candidate.id <= id.as_str()))
        {
            return false;
        }
        if self.ranked.len() < self.limit {
            self.ranked.push(candidate);
            return false;
        }
        match self.ranked.peek_mut() {
            Some(mut worst) if candidate < *worst => {
                *worst = candidate;
                false
            }
            _ => true,
        }
    }
}

/// Scores the rows of a block.
fn score<'a>(
    candidates: &mut Candidates<'a>,
    field: &Field<'a>,
    (rows, published): (&[Row], &[Published]),
    rest: Gain,
    best: &mut Best<'a>,
) {
    let snapshot = candidates.snapshot;
    let mut beaten: Option<Codes> = None;
    for (at, row) in rows.iter().enumerate() {
        if beaten.as_ref() == Some(&row.codes) || !candidates.is_eligible(field, row) {
            continue;
        }
        let least = best.least();
        let Some(gain) = candidates.gain(field, row, published.get(at), rest, least) else { continue };
        let Some(score) = candidates.valuation.score(gain) else { continue };
        let ranked = Ranked { score: score.pair.get(), id: snapshot.id(row.slot), slot: row.slot, gain };
        // What enterprises publish tells those who are alike apart.
        if best.beats(ranked) && !field.cluster.speaks {
            beaten = Some(row.codes);
        }
    }
}
