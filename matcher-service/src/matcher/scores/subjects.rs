//! The rows: where what their parts are worth is found.

use std::ops::Range;

use super::Scores;
use super::lanes::Worths;
use super::numbers::Number;
use crate::domain::{Ppm, Size, State};
use crate::index::Member;
use crate::scoring::{Trade, Valuation};

/// A row, and where its parts are.
pub(super) struct Subject<'m, T> {
    pub(super) member: &'m Member,
    /// Its place in the matrix.
    pub(super) row: usize,
    pub(super) is_active: bool,
    /// Whether it publishes anything.
    pub(super) speaks: bool,
    pub(super) trades: Vec<usize>,
    pub(super) tongue: usize,
    pub(super) size: usize,
    pub(super) focus: usize,
    pub(super) place: usize,
    pub(super) market: usize,
    pub(super) own: T,
    pub(super) linked: Range<usize>,
    /// Whether something is known of itself that counts beside every column.
    pub(super) is_known: bool,
}

/// Numbers that are kept of each part, and as many in its lanes: 16 MiB, or 32 where they have 64 bits. Rows that need more
/// are taken in several goes.
const KEPT_NUMBERS_MAX: usize = if cfg!(test) { 2_000 } else { 4 * 1024 * 1024 };

impl<T: Number> Scores<'_, T> {
    /// The places of the rows in an order in which those that share most stand together.
    pub(super) fn order(&self, rows: &[Member]) -> Vec<usize> {
        let mut order: Vec<_> = (0..rows.len()).collect();
        order.sort_by_cached_key(|row| {
            let head = self.snapshot.head(rows[*row].slot);
            (head.codes.focus, head.country)
        });
        order
    }

    /// The next rows, as many as there is room for what they are worth.
    pub(super) fn take<'m>(&mut self, rows: &'m [Member], order: &[usize]) -> Vec<Subject<'m, T>> {
        self.trades.clear();
        self.tongues.clear();
        self.sizes.clear();
        self.focuses.clear();
        let mut block = Vec::with_capacity(order.len());
        for row in order {
            block.push(self.subject(&rows[*row], *row));
            let columns = self.columns.count();
            let sizes = [self.trades.size(columns), self.tongues.size(columns), self.focuses.size(columns)];
            if sizes.into_iter().any(|size| size > KEPT_NUMBERS_MAX) {
                break;
            }
        }
        block
    }

    /// Finds what the parts of a row are worth.
    fn subject<'m>(&mut self, member: &'m Member, row: usize) -> Subject<'m, T> {
        let Self { snapshot, scorer, columns, .. } = self;
        let (snapshot, scorer, facets) = (*snapshot, *scorer, snapshot.facets());
        let head = snapshot.head(member.slot);
        let valuation = Valuation::new(scorer, &member.profile);
        let own = valuation.standing(facets.standings.get(head.codes.standing));
        let trades = Trade::all(member.profile.doing());
        Subject {
            member,
            row,
            is_active: head.state == State::Active,
            speaks: valuation.subject_speaks(),
            trades: trades.map(|trade| self.trades.place(trade, |_| columns.chain(scorer, &trade))).collect(),
            tongue: self.tongues.place(head.codes.tongue, |tongues| {
                let gains = tongues.iter().map(|tongue| valuation.languages(facets.tongues.get(*tongue)));
                Worths::of_one(gains, |gain| gain.products().0)
            }),
            size: self.sizes.place(head.codes.size, |sizes| {
                let gains = sizes.iter().map(|size| valuation.size(Size::numbered(*size as u8)));
                Worths::of_one(gains, |gain| gain.products().0)
            }),
            focus: self
                .focuses
                .place(head.codes.focus, |_| Worths::of_both(columns.focuses.gains(&member.profile.industries))),
            place: self.places.number(snapshot, scorer, columns, head.country),
            market: self.markets.number(snapshot, scorer, head.codes.reach),
            own: T::scaled(own.products().0),
            linked: columns.linked(member.group()),
            is_known: own.known().0 > Ppm::ZERO,
        }
    }
}
