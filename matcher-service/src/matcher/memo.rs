//! Gains of the parts that many candidates share, each found once per question.

use crate::domain::Size;
use crate::index::{Codes, Facets};
use crate::scoring::{Gain, Valuation};

/// The gains found so far, by number of the part.
pub(super) struct Memo<'a> {
    valuation: &'a Valuation<'a>,
    facets: &'a Facets,
    works: Vec<Gain>,
    focuses: Vec<Gain>,
    reaches: Vec<Gain>,
    tongues: Vec<Gain>,
    standings: Vec<Gain>,
    sizes: Vec<Gain>,
}

impl<'a> Memo<'a> {
    /// Nothing found yet. The lists are zeroed by the system, and pages of them that nobody touches cost nothing.
    pub(super) fn new(valuation: &'a Valuation<'a>, facets: &'a Facets) -> Self {
        let empty = |length| vec![Gain::default(); length];
        Self {
            valuation,
            facets,
            works: empty(facets.works.len()),
            focuses: empty(facets.focuses.len()),
            reaches: empty(facets.reaches.len()),
            tongues: empty(facets.tongues.len()),
            standings: empty(facets.standings.len()),
            sizes: empty(usize::from(Size::COUNT)),
        }
    }

    /// The gain of an enterprise by all of its shared parts.
    pub(super) fn gain(&mut self, codes: &Codes) -> Gain {
        let (valuation, facets) = (self.valuation, self.facets);
        self.work(codes.work)
            + of(&mut self.focuses, codes.focus, |focus| valuation.industries(facets.focuses.get(focus)))
            + of(&mut self.reaches, codes.reach, |reach| valuation.reach(facets.reaches.get(reach)))
            + of(&mut self.tongues, codes.tongue, |tongue| valuation.languages(facets.tongues.get(tongue)))
            + of(&mut self.standings, codes.standing, |standing| valuation.standing(facets.standings.get(standing)))
            + of(&mut self.sizes, u32::from(codes.size), |_| valuation.size(Size::numbered(codes.size)))
    }

    /// The gain by what an enterprise does.
    pub(super) fn work(&mut self, work: u32) -> Gain {
        let (valuation, facets) = (self.valuation, self.facets);
        of(&mut self.works, work, |work| valuation.doing(facets.works.get(work).doing()))
    }
}

/// A gain that is nothing at all (the criterion has no weight) is found again each time, which costs little.
fn of(found: &mut [Gain], number: u32, find: impl FnOnce(u32) -> Gain) -> Gain {
    let place = &mut found[number as usize];
    if *place == Gain::default() {
        *place = find(number);
    }
    *place
}
