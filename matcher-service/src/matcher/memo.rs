//! Gains of the parts that many candidates share, each found once per question.

use crate::domain::{Activity, IsicCode, Ppm, Size};
use crate::index::{Codes, Facets};
use crate::scoring::{Gain, Valuation};

/// The gains found so far, by number of the part.
pub(super) struct Memo<'a> {
    valuation: &'a Valuation<'a>,
    facets: &'a Facets,
    activities: Vec<Worth>,
    works: Found,
    focuses: Found,
    reaches: Found,
    tongues: Found,
    standings: Found,
    sizes: Found,
}

/// What an activity is worth: 0 if that was not looked for yet, 1 if nothing is known, else the value and 2.
type Worth = u32;

impl<'a> Memo<'a> {
    /// Nothing found yet.
    pub(super) fn new(valuation: &'a Valuation<'a>, facets: &'a Facets) -> Self {
        Self {
            valuation,
            facets,
            activities: vec![0; IsicCode::NUMBERS],
            works: Found::new(facets.works.len()),
            focuses: Found::new(facets.focuses.len()),
            reaches: Found::new(facets.reaches.len()),
            tongues: Found::new(facets.tongues.len()),
            standings: Found::new(facets.standings.len()),
            sizes: Found::new(usize::from(Size::COUNT)),
        }
    }

    /// The gain of an enterprise by all of its shared parts.
    pub(super) fn gain(&mut self, codes: &Codes) -> Gain {
        self.work(codes) + self.focus(codes) + self.rest(codes)
    }

    /// The gain by what an enterprise does.
    pub(super) fn work(&mut self, codes: &Codes) -> Gain {
        let (valuation, facets, activities) = (self.valuation, self.facets, &mut self.activities);
        self.works.or_find(codes.work, |work| {
            valuation.doing(facets.works.get(work).doing(), |activity| worth(valuation, activities, activity))
        })
    }

    /// The gain by programme industries.
    pub(super) fn focus(&mut self, codes: &Codes) -> Gain {
        let (valuation, facets) = (self.valuation, self.facets);
        self.focuses.or_find(codes.focus, |focus| valuation.industries(facets.focuses.get(focus)))
    }

    /// The gain by everything else that is shared.
    pub(super) fn rest(&mut self, codes: &Codes) -> Gain {
        let (valuation, facets) = (self.valuation, self.facets);
        self.reaches.or_find(codes.reach, |reach| valuation.reach(facets.reaches.get(reach)))
            + self.tongues.or_find(codes.tongue, |tongue| valuation.languages(facets.tongues.get(tongue)))
            + self.standings.or_find(codes.standing, |standing| valuation.standing(facets.standings.get(standing)))
            + self.sizes.or_find(u32::from(codes.size), |_| valuation.size(Size::numbered(codes.size)))
    }
}

fn worth(valuation: &Valuation<'_>, found: &mut [Worth], activity: &Activity) -> Option<Ppm> {
    let place = &mut found[usize::from(activity.number()?)];
    if *place == 0 {
        *place = valuation.activity(activity).map_or(1, |worth| worth.get() + 2);
    }
    place.checked_sub(2).map(Ppm::new)
}

/// Gains by number, in chunks that are made when they are needed: of a large dictionary a question touches little.
struct Found(Vec<Option<Box<[Gain; CHUNK]>>>);

const CHUNK: usize = 64;

impl Found {
    fn new(length: usize) -> Self {
        Self(vec![None; length.div_ceil(CHUNK)])
    }

    /// The gain of a number. One that is nothing at all (its criterion has no weight) is found again each time, which costs
    /// little.
    fn or_find(&mut self, number: u32, find: impl FnOnce(u32) -> Gain) -> Gain {
        let number_in_list = number as usize;
        let chunk = self.0[number_in_list / CHUNK].get_or_insert_with(|| Box::new([Gain::default(); CHUNK]));
        let place = &mut chunk[number_in_list % CHUNK];
        if *place == Gain::default() {
            *place = find(number);
        }
        *place
    }
}
