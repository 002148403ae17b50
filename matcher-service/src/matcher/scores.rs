//! Pair scores of whole sides, row by row: what [`Scorer::judge`] tells of each pair without further conditions.
//!
//! Enterprises share their parts, and a part of the row with the parts of all columns makes a [`Lane`], which other rows
//! with the same part use again. So nearly all that is left to do for a pair is to add up a few numbers.

use std::collections::BTreeMap;

use fearless_simd::Level;

use crate::domain::{CountryCode, Ppm, Size, State};
use crate::index::{Codes, Member, Snapshot};
use crate::scoring::{Scorer, Trade, Valuation};

mod columns;
mod kernel;
mod lanes;
mod voices;

use columns::{Columns, Place};
use kernel::{Summands, fill};
use lanes::{Bits, Kept, Lane, both, each};
use voices::Voices;

pub(crate) use kernel::Row;

/// Scores of rows with the enterprises that stand in the columns.
pub(crate) struct Scores<'a> {
    snapshot: &'a Snapshot,
    scorer: &'a Scorer<'a>,
    level: Level,
    columns: Columns,
    voices: Voices<'a>,
    trades: Kept<Trade, 1>,
    no_trade: Lane<1>,
    tongues: Kept<u32, 1>,
    sizes: Kept<u8, 1>,
    focuses: Kept<u32, 2>,
    /// By where the row wants to do business: of the last row.
    market: Vec<f64>,
    /// By the country of the row.
    places: BTreeMap<CountryCode, Place>,
}

impl<'a> Scores<'a> {
    /// Scores with these members of the snapshot, none of them found yet.
    pub(crate) fn new(snapshot: &'a Snapshot, scorer: &'a Scorer<'a>, members: &[Member]) -> Self {
        let (columns, mut voices) = (Columns::new(snapshot, members), Voices::new());
        for (column, member) in members.iter().enumerate() {
            let country = columns.country_of[column] as usize;
            voices.add(column, country, snapshot.opportunities_of(member.slot));
        }
        let count = columns.count();
        Self {
            snapshot,
            scorer,
            level: Level::new(),
            columns,
            voices,
            trades: Kept::new(count),
            no_trade: Lane::new(count, |_| ([-1.0], false)),
            tongues: Kept::new(count),
            sizes: Kept::new(count),
            focuses: Kept::new(count),
            market: vec![0.0; count],
            places: BTreeMap::new(),
        }
    }

    /// The places of some members in the order in which their rows share most; any other does as well, at some cost.
    pub(crate) fn order(&self, rows: &[Member]) -> Vec<usize> {
        let mut order: Vec<_> = (0..rows.len()).collect();
        order.sort_by_cached_key(|row| self.snapshot.codes(rows[*row].slot).focus);
        order
    }

    /// Scores of a member with each column, [`crate::pairing::INELIGIBLE`] where a rule keeps the two apart.
    pub(crate) fn row(&mut self, member: &Member, row: &mut Row<'_>) {
        let head = self.snapshot.head(member.slot);
        let count = self.columns.count();
        if head.state != State::Active || count == 0 {
            return (0..count).for_each(|column| row.exclude(column));
        }
        let valuation = Valuation::new(self.scorer, &member.profile);
        let trades: Vec<_> = Trade::all(member.profile.doing()).collect();
        let commons: Vec<_> = self.columns.countries.iter().map(|country| valuation.country(*country)).collect();
        self.prepare(&valuation, &head.codes, &trades);
        self.columns.markets(&commons, &mut self.market);

        let place = &self.places[&head.country];
        let spoken = valuation.subject_speaks().then(|| {
            let voices = self.voices.gains(self.scorer, &member.profile, &self.columns.countries);
            self.columns.spoken(&valuation, voices, &place.gains)
        });
        let gains = spoken.as_ref().unwrap_or(&place.silent_gains);
        let trades: Vec<_> = trades.iter().map(|trade| self.trades.get(trade)).collect();
        // Hardly anybody does more than three things.
        let others = (trades.len() > 3).then(|| Lane::greatest(&trades[2..]));
        let trade = |at: usize| trades.get(at).copied().unwrap_or(&self.no_trade);
        let trades = [trade(0), trade(1), others.as_ref().unwrap_or_else(|| trade(2))];
        let (tongue, size) = (self.tongues.get(&head.codes.tongue), self.sizes.get(&head.codes.size));
        let focus = self.focuses.get(&head.codes.focus);
        let summands = Summands {
            trades: trades.map(|lane| &*lane.sums[0]),
            no_trade: self.scorer.chain(None).products().0 as f64,
            both: [tongue, size].map(|lane| &*lane.sums[0]),
            forward: [&gains.sums[0], &focus.sums[0], &self.market],
            backward: [&gains.sums[1], &focus.sums[1]],
            own: commons[0].products().1 as f64,
        };
        fill(self.level, self.scorer.fusion(), &summands, row);

        if commons[0].known().1 == Ppm::ZERO {
            // Of the row itself nothing is known that would count beside every column.
            let market = self.columns.known_markets(&commons);
            let both = [trades[0], trades[1], trades[2], tongue, size].map(|lane| &lane.known);
            let known = both.into_iter().chain([&gains.known, &focus.known, &market]);
            Bits::any(count, known).unset().for_each(|column| row.exclude(column));
        }
        self.columns.linked(member.group()).for_each(|column| row.exclude(column));
    }

    /// Has every lane ready that the row needs.
    fn prepare(&mut self, valuation: &Valuation<'_>, codes: &Codes, trades: &[Trade]) {
        let Self { snapshot, scorer, columns, voices, .. } = self;
        let (snapshot, facets) = (*snapshot, snapshot.facets());
        self.trades.keep(trades, |trade| columns.chain(snapshot, scorer, trade));
        self.tongues.keep(&[codes.tongue], |_| {
            columns.tongues.lane(|tongue| both(valuation.languages(facets.tongues.get(tongue))))
        });
        self.sizes.keep(&[codes.size], |_| columns.sizes.lane(|size| both(valuation.size(Size::numbered(size as u8)))));
        self.focuses.keep(&[codes.focus], |_| {
            columns.focuses.lane(|focus| each(valuation.industries(facets.focuses.get(focus))))
        });
        let country = valuation.country_of_subject();
        self.places.entry(country).or_insert_with(|| Place::new(snapshot, scorer, columns, voices, country));
    }
}
