//! Those who are looked at next, together: what has to be looked for is far apart in memory, and for several of them it is
//! fetched at the same time.

use crate::domain::{Ppm, Published};
use crate::index::{BLOCK, Codes, Page, Seat};
use crate::scoring::{Gain, Scan};

use super::candidates::{Candidates, Field};

/// Candidates of one page, in the order in which they are to be taken.
#[derive(Debug, Default)]
pub(super) struct Hand<'a> {
    pub(super) contenders: Vec<Contender<'a>>,
}

/// A candidate that may be among the best, by as much as is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contender<'a> {
    /// Its place on the page.
    pub(super) place: usize,
    pub(super) seat: Seat,
    pub(super) published: Option<&'a Published>,
    /// What it gains at most by its country, by what it publishes and by its marks, but for what it does.
    rest: Gain,
    /// What it gains by what it does.
    by_work: Gain,
    codes: Option<Codes>,
    /// What it gains by all that others may share.
    pub(super) shared: Gain,
}

impl<'a> Hand<'a> {
    /// Takes the candidate at a place in, if its marks allow that it reaches `least`.
    pub(super) fn add(
        &mut self,
        candidates: &mut Candidates<'a>,
        scan: &Scan,
        (field, page): (&Field<'a>, &'a Page),
        place: usize,
        least: Ppm,
    ) {
        let (seat, published) = (page.seats[place], page.published.get(place));
        let (by_trades, rest) = scan.gains(&page.blocks[place / BLOCK], place % BLOCK);
        let rest = rest + candidates.common(field, published);
        if candidates.valuation.reaches(rest + by_trades, least) && candidates.is_eligible(field, &seat) {
            let unknown = Gain::default();
            let contender = Contender { place, seat, published, rest, by_work: unknown, codes: None, shared: unknown };
            self.contenders.push(contender);
        }
    }

    /// Finds what they gain by all that others may share, and leaves out who is known not to reach `least`.
    pub(super) fn find(&mut self, candidates: &Candidates<'a>, least: Ppm) {
        let valuation = candidates.valuation;
        for one in &mut self.contenders {
            one.codes = Some(candidates.snapshot.codes(one.seat.slot));
        }
        for one in &mut self.contenders {
            one.by_work = candidates.by_work(one.seat.work);
        }
        self.contenders.retain(|one| valuation.reaches(one.rest + one.by_work, least));

        for part in Candidates::PARTS {
            for one in &mut self.contenders {
                let codes = one.codes.as_ref().expect("codes were found for all of them");
                one.shared = one.shared + part(candidates, codes);
            }
        }
        for one in &mut self.contenders {
            one.shared = one.shared + one.by_work;
        }
    }
}
