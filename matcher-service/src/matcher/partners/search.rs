//! The best candidates, without scoring most of them.
//!
//! Pages of the index are visited in the order of what nobody in them exceeds, and the search ends where that falls below
//! the worst of the best found so far. On a page, a scan over the marks of all its candidates leaves few to be scored, and
//! those best first. So the answer is exact, ties included, and what is scored is what might have belonged to it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::domain::{Block, EnterpriseId, Ppm};
use crate::index::{BLOCK, Page};
use crate::scoring::{Gain, Scan, Spot};

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

/// A page to visit. What may hold more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Visit {
    at_most: u32,
    field: u32,
    page: u32,
}

/// The best candidates that come after `after`, at most so many, best first.
pub(super) fn best<'a>(
    candidates: &mut Candidates<'a>,
    after: Option<&'a (u32, EnterpriseId)>,
    limit: usize,
) -> Vec<Ranked<'a>> {
    let fields = std::mem::take(&mut candidates.fields);
    let mut best = Best { ranked: BinaryHeap::with_capacity(limit.min(1_024)), limit, after };
    let mut visits = Vec::new();
    for (at, field) in (0..).zip(&fields) {
        for (page, content) in (0..).zip(&field.cluster.pages) {
            visits.push(Visit { at_most: candidates.at_most(field, content), field: at, page });
        }
    }
    let mut visits = BinaryHeap::from(visits);
    let mut scan = candidates.scan(&fields);
    let mut found = Vec::new();
    while let Some(visit) = visits.pop() {
        if best.is_out_of_reach(visit.at_most) {
            break;
        }
        let field = &fields[visit.field as usize];
        look_at(candidates, &mut scan, &mut found, field, &field.cluster.pages[visit.page as usize], &mut best);
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

/// Scores those of a page that may be among the best.
fn look_at<'a>(
    candidates: &mut Candidates<'a>,
    scan: &mut Scan,
    found: &mut Vec<Spot>,
    field: &Field<'a>,
    page: &Page,
    best: &mut Best<'a>,
) {
    let at_most = scan.at_most(candidates.common(field, &page.summary.published));
    scan.focus(at_most, best.least());
    let Some(limit) = scan.limit(at_most, best.least()) else { return };
    found.clear();
    scan.find(&page.blocks, limit, found);
    let mut beaten = None;
    let mut later = found.as_mut_slice();
    while !later.is_empty() {
        let turn = later.len().min(2 * best.limit);
        if turn < later.len() {
            later.select_nth_unstable(turn);
        }
        let (now, rest) = later.split_at_mut(turn);
        now.sort_unstable();
        later = rest;
        for spot in now {
            let least = best.least();
            if scan.limit(at_most, least).is_none_or(|limit| spot.loss() > limit) {
                // Those that come later lose as much.
                return;
            }
            let (block, lane) = (spot.place() / Block::LANES, spot.place() % Block::LANES);
            let place = block * BLOCK + lane;
            let is_alike = page.blocks[block].alike >> lane & 1 == 1;
            // What enterprises publish tells those who are alike apart.
            if is_alike && !field.cluster.speaks && beaten == Some(place - 1) {
                beaten = Some(place);
                continue;
            }
            let (seat, published) = (page.seats[place], page.published.get(place));
            if !candidates.is_eligible(field, &seat) {
                continue;
            }
            if let Some(published) = published {
                let at_most = scan.at_most(candidates.common(field, published));
                if scan.limit(at_most, least).is_none_or(|limit| spot.loss() > limit) {
                    continue;
                }
            }
            let gain = candidates.gain(field, seat.slot, published, least);
            let ranked = gain.and_then(|gain| {
                let score = candidates.valuation.score(gain)?.pair.get();
                Some(Ranked { score, id: candidates.snapshot.id(seat.slot), slot: seat.slot, gain })
            });
            if ranked.is_none_or(|ranked| best.beats(ranked)) {
                beaten = Some(place);
            }
        }
    }
}
