//! The best candidates, without scoring most of them.
//!
//! Pages of the index are visited in the order of what nobody in them exceeds: by their summary first, and then by a scan
//! over the marks of all their candidates, which also tells who is to be scored first. The search ends where nobody can be
//! better than the worst of the best found so far. So the answer is exact, ties included, and what is scored is what might
//! have belonged to it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::domain::{EnterpriseId, Ppm};
use crate::index::{BLOCK, Page, Seat};
use crate::scoring::{Gain, Scan, Spot, Steps};

use super::candidates::{Candidates, Field};
use super::hand::{Contender, Hand};

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

/// Candidates that are looked at together: as many as a processor looks for in memory at the same time, about.
const TURN: usize = 12;

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
    let (mut begun, mut spots) = (Vec::with_capacity(fields.len()), Vec::with_capacity(SPOTS));
    let mut hand = Hand::default();
    while let Some(visit) = visits.pop() {
        if best.is_out_of_reach(visit.at_most) {
            break;
        }
        let field = &fields[visit.field as usize];
        let page: &Page = &field.cluster.pages[visit.page as usize];
        let by_marks = scan.at_most(candidates.common(field, Some(&page.summary.published)));
        let next = match visit.stage {
            Stage::Summary => {
                let at_most = scan.score(by_marks, scan.least_loss(&page.blocks)).min(visit.at_most);
                Some(Visit { at_most, stage: Stage::Marks, ..visit })
            }
            Stage::Marks | Stage::Begun(_) => {
                let at = if let Stage::Begun(at) = visit.stage {
                    at
                } else {
                    begun.push(Begun::new(&mut scan, field, page, by_marks, &best, &mut spots));
                    begun.len() - 1
                };
                // Until there are enough, whoever comes first will do: that tells what to look for.
                let until = visits.peek().filter(|_| best.is_full()).map_or(0, |next| next.at_most);
                // Half way down to what is out of reach, since a page is not looked at for one candidate at a time.
                let until = until.midpoint(best.least().get().min(until));
                let left = begun[at].score(candidates, &mut scan, &mut best, until, &mut spots, &mut hand);
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

    /// How many more there is room for; none if there are enough.
    fn missing(&self) -> Option<usize> {
        Some(self.limit - self.ranked.len()).filter(|missing| *missing > 0)
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
    page: &'a Page,
    /// What nobody of it exceeds.
    at_most: u64,
    steps: Steps,
    /// Places of those that may be among the best, among the spots of all pages: the next one, where those end that are in
    /// order, and where all end.
    next: usize,
    sorted: usize,
    end: usize,
    /// Those of the page that were not looked for yet.
    rest: Option<Rest>,
    /// Whoever was scored last, if it was not good enough.
    beaten: Option<usize>,
}

/// All but some of a page: while nothing is known of what to look for, only the first are found.
struct Rest {
    /// Whom it does not hold, bit by bit for each block.
    taken: Vec<u64>,
    /// What they lose at least.
    loss: u64,
}

impl<'f, 'a> Begun<'f, 'a> {
    fn new(
        scan: &mut Scan,
        field: &'f Field<'a>,
        page: &'a Page,
        at_most: u64,
        best: &Best<'a>,
        spots: &mut Vec<Spot>,
    ) -> Self {
        let next = spots.len();
        let (steps, rest) = match best.missing() {
            Some(missing) => {
                let (steps, taken, loss) = scan.find_first(&page.blocks, missing, spots);
                (steps, Some(Rest { taken, loss }))
            }
            None => (scan.find(&page.blocks, at_most, best.least(), &[], spots), None),
        };
        Self { field, page, at_most, steps, next, sorted: next, end: spots.len(), rest, beaten: None }
    }

    /// What those who come next do not exceed, if nobody is left of those that were found.
    fn rest_at_most(&self, scan: &Scan) -> Option<u32> {
        let rest = self.rest.as_ref().filter(|_| self.next == self.end)?;
        Some(scan.score(self.at_most, rest.loss))
    }

    /// Looks for the rest.
    fn find_rest(&mut self, scan: &mut Scan, least: Ppm, spots: &mut Vec<Spot>) {
        if let Some(rest) = self.rest.take_if(|_| self.next == self.end) {
            self.next = spots.len();
            self.steps = scan.find(&self.page.blocks, self.at_most, least, &rest.taken, spots);
            (self.sorted, self.end) = (self.next, spots.len());
        }
    }

    /// Whoever comes next; those that lose least come first, since they may be best.
    fn peek(&mut self, scan: &Scan, best: &Best<'a>, spots: &mut [Spot]) -> Option<Spot> {
        if self.next == self.sorted {
            let later = &mut spots[self.sorted..self.end];
            let mut left = later.len();
            if best.is_full() {
                // More is out of reach now than when they were found.
                let most = scan.loss_at_most(self.at_most, best.least());
                left = 0;
                for at in 0..later.len() {
                    if most.is_some_and(|most| later[at].loss(self.steps) <= most) {
                        later.swap(left, at);
                        left += 1;
                    }
                }
                self.end = self.sorted + left;
            }
            let later = &mut later[..left];
            let turn = best.limit.min(later.len());
            if turn < later.len() {
                later.select_nth_unstable(turn);
            }
            later[..turn].sort_unstable();
            self.sorted += turn;
        }
        spots[..self.end].get(self.next).copied()
    }

    /// Takes those in hand who come next and may reach `until`, at most so many; what the others do not exceed, if any is
    /// left that may be good enough.
    fn gather(
        &mut self,
        candidates: &mut Candidates<'a>,
        scan: &mut Scan,
        best: &Best<'a>,
        until: u32,
        spots: &mut Vec<Spot>,
        hand: &mut Hand<'a>,
    ) -> Option<u32> {
        let least = best.least();
        self.find_rest(scan, least, spots);
        for _ in 0..best.missing().unwrap_or(TURN) {
            let Some(spot) = self.peek(scan, best, spots) else { break };
            let at_most = scan.score(self.at_most, spot.loss(self.steps));
            if best.is_out_of_reach(at_most) {
                // Those that come later lose as much.
                return None;
            }
            if at_most < until {
                return Some(at_most);
            }
            self.next += 1;
            let (block, lane) = spot.place();
            hand.add(candidates, scan, (self.field, self.page), block * BLOCK + lane, least);
        }
        self.rest_at_most(scan).or_else(|| {
            let next = self.peek(scan, best, spots)?;
            Some(scan.score(self.at_most, next.loss(self.steps)))
        })
    }

    /// Scores whoever may reach `until`, best first; what the others do not exceed, if any is left that may be good enough.
    fn score(
        &mut self,
        candidates: &mut Candidates<'a>,
        scan: &mut Scan,
        best: &mut Best<'a>,
        until: u32,
        spots: &mut Vec<Spot>,
        hand: &mut Hand<'a>,
    ) -> Option<u32> {
        let was_full = best.is_full();
        loop {
            let before = self.next;
            let left = self.gather(candidates, scan, best, until, spots, hand);
            hand.find(candidates, best.least());
            for contender in hand.contenders.drain(..) {
                let place = contender.place;
                let is_alike = self.page.blocks[place / BLOCK].alike >> (place % BLOCK) & 1 == 1;
                // What enterprises publish tells those who are alike apart.
                let is_beaten = is_alike && !self.field.cluster.speaks && self.beaten == Some(place - 1);
                if is_beaten || self.take(candidates, best, &contender) {
                    self.beaten = Some(place);
                }
            }
            let at_most = left?;
            if best.is_out_of_reach(at_most) {
                return None;
            }
            if at_most < until || before == self.next || best.is_full() != was_full {
                return Some(at_most);
            }
        }
    }

    /// Takes a candidate in if it is good enough; whether it is not, so that nobody like it is who comes later by id.
    fn take(&self, candidates: &Candidates<'a>, best: &mut Best<'a>, contender: &Contender<'a>) -> bool {
        let Contender { seat: Seat { slot, .. }, published, shared, .. } = *contender;
        let gain = candidates.gain(self.field, slot, published, shared, best.least());
        let ranked = gain.and_then(|gain| {
            let score = candidates.valuation.score(gain)?.pair.get();
            Some(Ranked { score, id: candidates.snapshot.id(slot), slot, gain })
        });
        ranked.is_none_or(|ranked| best.beats(ranked))
    }
}
