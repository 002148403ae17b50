//! The best candidates, without scoring most of them.
//!
//! Pages of the index are visited in the order of what nobody in them exceeds: by their summary first, and then by a scan
//! over the marks of all their candidates, which also tells who is to be scored first. The search ends where nobody can be
//! better than the worst of the best found so far. So the answer is exact, ties included, and what is scored is what might
//! have belonged to it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::domain::{EnterpriseId, Ppm};
use crate::index::{BLOCK, Page};
use crate::scoring::{Gain, Scan, Spot, Steps};

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
    stage: Stage,
}

/// How far a page was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// By its summary.
    Summary,
    /// By the best of all marks.
    Marks,
    /// Some were scored already; the number of what is left.
    Begun(usize),
}

/// Room for the spots of most questions.
const SPOTS: usize = 4_096;

/// The best candidates that come after `after`, at most so many, best first.
pub(super) fn best<'a>(
    candidates: &mut Candidates<'a>,
    after: Option<&'a (u32, EnterpriseId)>,
    limit: usize,
) -> Vec<Ranked<'a>> {
    let fields = std::mem::take(&mut candidates.fields);
    let mut best = Best { ranked: BinaryHeap::with_capacity(limit.min(1_024)), limit, after };
    let pages = fields.iter().map(|field| field.cluster.pages.len()).sum();
    let mut visits = Vec::with_capacity(pages);
    for (at, field) in (0..).zip(&fields) {
        for (page, content) in (0..).zip(&field.cluster.pages) {
            let at_most = candidates.at_most(field, content);
            visits.push(Visit { at_most, field: at, page, stage: Stage::Summary });
        }
    }
    let mut visits = BinaryHeap::from(visits);
    let mut scan = candidates.scan(&fields);
    let (mut begun, mut spots) = (Vec::new(), Vec::with_capacity(SPOTS));
    while let Some(visit) = visits.pop() {
        if best.is_out_of_reach(visit.at_most) {
            break;
        }
        let field = &fields[visit.field as usize];
        let page = &field.cluster.pages[visit.page as usize];
        let by_marks = scan.at_most(candidates.common(field, &page.summary.published));
        let next = match visit.stage {
            Stage::Summary => {
                let at_most = scan.score(by_marks, scan.least_loss(&page.blocks)).min(visit.at_most);
                Some(Visit { at_most, stage: Stage::Marks, ..visit })
            }
            Stage::Marks | Stage::Begun(_) => {
                let at = if let Stage::Begun(at) = visit.stage {
                    at
                } else {
                    begun.push(Begun::new(&mut scan, field, page, by_marks, best.least(), &mut spots));
                    begun.len() - 1
                };
                // Until there are enough, whoever comes first will do: that tells what to look for.
                let until = visits.peek().filter(|_| best.is_full()).map_or(0, |next| next.at_most);
                let left = begun[at].score(candidates, &scan, &mut best, until, &mut spots);
                left.map(|at_most| Visit { at_most, stage: Stage::Begun(at), ..visit })
            }
        };
        visits.extend(next.filter(|next| !best.is_out_of_reach(next.at_most)));
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
    fn is_full(&self) -> bool {
        self.ranked.len() == self.limit
    }

    /// What a candidate must reach to be among them.
    fn least(&self) -> Ppm {
        match self.ranked.peek() {
            Some(worst) if self.is_full() => Ppm::new(worst.score),
            _ => Ppm::ZERO,
        }
    }

    fn is_out_of_reach(&self, at_most: u32) -> bool {
        self.is_full() && at_most < self.least().get()
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

/// A page of which some were scored.
struct Begun<'f, 'a> {
    field: &'f Field<'a>,
    page: &'f Page,
    /// What nobody of it exceeds.
    at_most: u64,
    steps: Steps,
    /// Places of those that may be among the best, among the spots of all pages: the next one, where those end that are in
    /// order, and where all end.
    next: usize,
    sorted: usize,
    end: usize,
    /// Whoever was scored last, if it was not good enough.
    beaten: Option<usize>,
}

impl<'f, 'a> Begun<'f, 'a> {
    fn new(
        scan: &mut Scan,
        field: &'f Field<'a>,
        page: &'f Page,
        at_most: u64,
        least: Ppm,
        spots: &mut Vec<Spot>,
    ) -> Self {
        let next = spots.len();
        let steps = scan.find(&page.blocks, at_most, least, spots);
        Self { field, page, at_most, steps, next, sorted: next, end: spots.len(), beaten: None }
    }

    /// Whoever comes next; those that lose least come first, since they may be best.
    fn peek(&mut self, turn: usize, spots: &mut [Spot]) -> Option<Spot> {
        let spots = &mut spots[..self.end];
        if self.next == self.sorted {
            let later = &mut spots[self.sorted..];
            let turn = turn.min(later.len());
            if turn < later.len() {
                later.select_nth_unstable(turn);
            }
            later[..turn].sort_unstable();
            self.sorted += turn;
        }
        spots.get(self.next).copied()
    }

    /// Scores whoever may reach `until`, best first; what the others do not exceed, if any is left that may be good enough.
    fn score(
        &mut self,
        candidates: &mut Candidates<'a>,
        scan: &Scan,
        best: &mut Best<'a>,
        until: u32,
        spots: &mut [Spot],
    ) -> Option<u32> {
        let was_full = best.is_full();
        while let Some(spot) = self.peek(best.limit, spots) {
            let loss = spot.loss(self.steps);
            let at_most = scan.score(self.at_most, loss);
            if best.is_out_of_reach(at_most) {
                // Those that come later lose as much.
                return None;
            }
            if at_most < until || best.is_full() != was_full {
                return Some(at_most);
            }
            self.next += 1;
            let (block, lane) = spot.place();
            let place = block * BLOCK + lane;
            let is_alike = self.page.blocks[block].alike >> lane & 1 == 1;
            // What enterprises publish tells those who are alike apart.
            let is_beaten = is_alike && !self.field.cluster.speaks && self.beaten == Some(place - 1);
            if is_beaten || self.take(candidates, scan, best, place, loss) {
                self.beaten = Some(place);
            }
        }
        None
    }

    /// Takes a candidate in if it is good enough; whether it is not, so that nobody like it is who comes later by id.
    fn take(&self, candidates: &mut Candidates<'a>, scan: &Scan, best: &mut Best<'a>, place: usize, loss: u64) -> bool {
        let (seat, published) = (self.page.seats[place], self.page.published.get(place));
        if !candidates.is_eligible(self.field, &seat) {
            return false;
        }
        // What is at hand first, and what has to be looked for last: many are left out before that.
        let at_most = match published {
            Some(published) => scan.at_most(candidates.common(self.field, published)),
            None => self.at_most,
        };
        let by_work = candidates.by_work(seat.work);
        let (block, lane) = (&self.page.blocks[place / BLOCK], place % BLOCK);
        let loss = loss + scan.lost_more(block, lane, by_work, self.steps);
        if best.is_out_of_reach(scan.score(at_most, loss)) {
            return true;
        }
        let gain = candidates.gain(self.field, seat.slot, published, by_work, best.least());
        let ranked = gain.and_then(|gain| {
            let score = candidates.valuation.score(gain)?.pair.get();
            Some(Ranked { score, id: candidates.snapshot.id(seat.slot), slot: seat.slot, gain })
        });
        ranked.is_none_or(|ranked| best.beats(ranked))
    }
}
