//! Pair scores of whole sides: what [`Scorer::judge`] tells of each pair without further conditions.
//!
//! Enterprises share their parts, and a part of the row with the parts of all columns makes a lane, which other rows with
//! the same part use again. So nearly all that is left to do for a pair is to add up a few numbers. The columns are taken
//! some at a time, so that the lanes stay near while all rows go by.

use std::ops::{ControlFlow, Range};

use fearless_simd::Level;

use crate::index::{Member, Snapshot};
use crate::scoring::{Scorer, Trade};

mod columns;
mod heard;
mod kernel;
mod lanes;
mod numbers;
mod places;
mod subjects;
mod voices;

use columns::{Columns, Spreads};
use kernel::{Row, Summands, fill};
use lanes::{Bits, Numbers, Part};
use numbers::Number;
use places::{Markets, Places};
use subjects::Subject;
use voices::Voices;

/// Scores in ppm of some rows with some columns, row by row, [`crate::pairing::INELIGIBLE`] where a rule keeps two apart.
#[derive(Debug)]
pub(crate) struct Matrix<'a> {
    /// The pair scores.
    pub(crate) pair: &'a mut [i32],
    /// What the column brings to the row, and what the row brings to the column, if asked for.
    pub(crate) directed: Option<[&'a mut [i32]; 2]>,
    /// Pairs that score less are kept apart.
    pub(crate) least: i32,
}

/// Scores every row with every column. `step` is told how many steps of how many are done, and stops the work by breaking.
pub(crate) fn score(
    snapshot: &Snapshot,
    scorer: &Scorer<'_>,
    [rows, columns]: [&[Member]; 2],
    matrix: &mut Matrix<'_>,
    step: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if i32::is_exact(scorer.divisor()) {
        Scores::<i32>::new(snapshot, scorer, columns).fill(rows, matrix, step)
    } else {
        Scores::<i64>::new(snapshot, scorer, columns).fill(rows, matrix, step)
    }
}

/// Scores of rows with the enterprises that stand in the columns.
struct Scores<'a, T> {
    snapshot: &'a Snapshot,
    scorer: &'a Scorer<'a>,
    level: Level,
    columns: Columns<'a>,
    voices: Voices<'a>,
    trades: Part<Trade, T, 1>,
    tongues: Part<u32, T, 1>,
    sizes: Part<u8, T, 1>,
    focuses: Part<u32, T, 2>,
    places: Places<T>,
    markets: Markets<T>,
    /// Of rows that do nothing.
    no_trades: Numbers<T>,
    /// The bit of each column's country in the tile, or of whether the row wants to do business there.
    countries: Vec<u32>,
}

/// Countries that have a bit of their own.
const COUNTRY_BITS: usize = if cfg!(test) { 3 } else { 32 };

impl<'a, T: Number> Scores<'a, T> {
    /// Scores with these members of the snapshot, none of them found yet.
    fn new(snapshot: &'a Snapshot, scorer: &'a Scorer<'a>, members: &[Member]) -> Self {
        let (columns, Spreads { works, tongues, sizes, focuses }) = Columns::new(snapshot, scorer, members);
        let mut voices = Voices::new();
        for (column, member) in members.iter().enumerate() {
            let country = columns.country_of[column] as usize;
            voices.add(column, country, snapshot.opportunities_of(member.slot));
        }
        Self {
            snapshot,
            scorer,
            level: Level::new(),
            places: Places::new(snapshot, scorer, &columns),
            markets: Markets::new(&columns),
            columns,
            voices,
            trades: Part::new(works),
            tongues: Part::new(tongues),
            sizes: Part::new(sizes),
            focuses: Part::new(focuses),
            no_trades: Numbers::new(0, std::iter::empty()),
            countries: Vec::new(),
        }
    }

    fn fill(
        &mut self,
        rows: &[Member],
        matrix: &mut Matrix<'_>,
        step: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let tiles = self.columns.tiles();
        let total = (rows.len() * tiles.len()) as u64;
        let mut done = 0;
        let order = self.order(rows);
        let mut left = &*order;
        while !left.is_empty() {
            let block = self.take(rows, left);
            for tile in &tiles {
                self.turn(tile);
                for subject in &block {
                    step(done, total)?;
                    self.score(subject, tile, matrix);
                    done += 1;
                }
            }
            left = &left[block.len()..];
        }
        ControlFlow::Continue(())
    }

    /// Turns to another tile.
    fn turn(&mut self, tile: &Range<usize>) {
        self.trades.turn();
        self.tongues.turn();
        self.sizes.turn();
        self.focuses.turn();
        self.places.turn();
        self.no_trades = Numbers::new(tile.len(), std::iter::repeat_n(T::UNKNOWN, tile.len()));
        let bit = |country: &u32| 1_u32.checked_shl(*country).unwrap_or_default();
        self.countries = self.columns.country_of[tile.clone()].iter().map(bit).collect();
    }

    /// Scores a row with the columns of a tile.
    fn score(&mut self, subject: &Subject<'_, T>, tile: &Range<usize>, matrix: &mut Matrix<'_>) {
        let from = subject.row * self.columns.count();
        let cells = from + tile.start..from + tile.end;
        let directed = matrix.directed.as_mut().map(|scores| scores.each_mut().map(|all| &mut all[cells.clone()]));
        let mut row = Row { pair: &mut matrix.pair[cells], directed };
        if !subject.is_active {
            return (0..tile.len()).for_each(|column| row.exclude(column));
        }
        self.prepare(subject, tile);

        let market = self.markets.get(subject.market);
        let wanted = if self.columns.countries.len() <= COUNTRY_BITS {
            market.bits
        } else {
            let of_columns = self.columns.country_of[tile.clone()].iter();
            self.countries.clear();
            self.countries.extend(of_columns.map(|country| u32::from(market.wanted[*country as usize])));
            1
        };
        let heard = subject
            .speaks
            .then(|| self.voices.heard(self.scorer, &subject.member.profile, &self.columns.countries, tile));
        let spoken = heard.as_ref().map(|heard| {
            let country_of = &self.columns.country_of[tile.clone()];
            heard.beside(self.places.gains(subject.place), country_of, tile.start)
        });
        let gains = spoken.as_ref().unwrap_or_else(|| self.places.silent_gains(subject.place));
        let lane = |trade: &usize| &*self.trades.lane(*trade).sums[0];
        let first = subject.trades.first().map_or(&*self.no_trades, lane);
        let trade = |at: usize| subject.trades.get(at).map_or(first, lane);
        // Hardly anybody does more than three things.
        let others = (subject.trades.len() > 3).then(|| greatest(subject.trades[2..].iter().map(lane)));
        let focus = self.focuses.lane(subject.focus);
        let summands = Summands {
            trades: [first, trade(1), others.as_deref().unwrap_or_else(|| trade(2))],
            no_trade: T::scaled(self.scorer.chain(None).products().0),
            both: [&self.tongues.lane(subject.tongue).sums[0], &self.sizes.lane(subject.size).sums[0]],
            forward: [&gains[0], &focus.sums[0]],
            backward: [&gains[1], &focus.sums[1]],
            countries: &self.countries,
            wanted,
            market: market.worths,
            own: subject.own,
            least: matrix.least,
        };
        fill(self.level, self.scorer.fusion(), &summands, &mut row);

        if !subject.is_known {
            let heard = heard.as_ref().unwrap_or_else(|| self.places.silent(subject.place));
            self.unknown(subject, tile).for_each(|at| {
                let column = tile.start + at;
                let country = self.columns.country_of[column];
                let is_known = market.known[usize::from(market.wanted[country as usize])]
                    || self.places.is_known(subject.place, &self.columns, column)
                    || heard.is_known(column, country);
                if !is_known {
                    row.exclude(at);
                }
            });
        }
        self.columns.linked_in(&subject.linked, tile).for_each(|column| row.exclude(column));
    }

    /// Has every lane ready that the row needs.
    fn prepare(&mut self, subject: &Subject<'_, T>, tile: &Range<usize>) {
        subject.trades.iter().for_each(|trade| self.trades.prepare(*trade, tile));
        self.tongues.prepare(subject.tongue, tile);
        self.sizes.prepare(subject.size, tile);
        self.focuses.prepare(subject.focus, tile);
        self.places.prepare(subject.place, self.scorer, &self.columns, &mut self.voices, tile);
    }

    /// Columns of the tile, from 0, of which no lane of the row tells anything.
    fn unknown(&self, subject: &Subject<'_, T>, tile: &Range<usize>) -> impl Iterator<Item = usize> {
        let mut known: Vec<&Bits> = subject.trades.iter().map(|trade| self.trades.known(*trade, tile)).collect();
        known.push(self.tongues.known(subject.tongue, tile));
        known.push(self.sizes.known(subject.size, tile));
        known.push(self.focuses.known(subject.focus, tile));
        Bits::in_none(&known)
    }
}

/// The greatest of some lanes, column by column.
fn greatest<'l, T: Number + 'l>(mut lanes: impl Iterator<Item = &'l [T]>) -> Vec<T> {
    let mut greatest = lanes.next().unwrap_or_default().to_vec();
    for lane in lanes {
        greatest.iter_mut().zip(lane).for_each(|(one, other)| *one = (*one).max(*other));
    }
    greatest
}
