//! Comes near the best pairing by an auction: enterprises of side a outbid each other for those of side b.
//!
//! A row bids for the column worth most to it after its price, and raises the price to where the next best would do as
//! well, plus a step. Large steps come first, so that no two rows raise a price by one ppm at a time; every round keeps
//! the prices of the one before. What is left is small and belongs to [`super::kilter`], so the auction may stop anywhere,
//! knows no minimums and no quotas, and never has to be exact.
//!
//! A row is scanned as a whole only now and then: it keeps the few best columns and a bound of all others. Prices only
//! rise, so the bound stays true until the row has no listed column that reaches it.

use std::ops::ControlFlow;

use fearless_simd::Simd;

use super::lanes::{Listed, best_columns};
use super::links::Links;
use super::open::Open;
use super::problem::WEIGHT_MAX;

/// Columns that a row remembers. More are seldom used before prices have changed too much.
const LIST_MAX: usize = 16;

/// The price of a column that may have no pair: nobody bids for it.
const CLOSED: i32 = 1 << 29;

/// Bids between two questions whether to go on; at most some milliseconds.
const BIDS_A_STEP: u64 = 1 << 10;

/// Where an auction ended.
pub(super) struct Auction<'p> {
    open: &'p Open<'p>,
    /// Price of each column.
    pub(super) prices: Vec<i32>,
    /// What the best column that a row does not have would leave it, or 0.
    pub(super) levels: Vec<i32>,
    /// Columns of each row.
    pub(super) held: Links,
    seats: Seats,
    lists: Vec<Listed>,
    counts: Vec<u8>,
    /// No column that is neither held nor listed leaves the row more than this.
    bounds: Vec<i32>,
    bids: u64,
    pairs: u64,
}

/// Who has the pairs of each column, and up to which price each would keep its own.
struct Seats {
    starts: Vec<usize>,
    counts: Vec<u32>,
    taken: Vec<Seat>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seat {
    row: u32,
    worth: i32,
}

impl<'p> Auction<'p> {
    /// Nobody has bid yet.
    pub(super) fn new(open: &'p Open<'p>) -> Self {
        let (rows, columns) = (open.rows.len(), open.columns.len());
        let closed = |bounds: &super::problem::Bounds| if bounds.max == 0 { CLOSED } else { 0 };
        let mut starts = vec![0];
        let mut end = 0;
        for capacity in open.column_capacities() {
            end += capacity;
            starts.push(end);
        }
        Self {
            open,
            prices: open.columns.iter().map(closed).collect(),
            levels: vec![0; rows],
            held: Links::new(open.row_capacities()),
            seats: Seats { starts, counts: vec![0; columns], taken: vec![Seat::default(); end] },
            lists: vec![Listed::default(); rows * LIST_MAX],
            counts: vec![0; rows],
            bounds: vec![i32::MAX; rows],
            bids: 0,
            pairs: 0,
        }
    }

    /// Bids with each of `steps` in turn, then once more with whatever is missing and no step at all.
    #[inline(always)]
    pub(super) fn run<S: Simd>(
        &mut self,
        simd: S,
        steps: &[i32],
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let rows = self.open.rows.len() as u32;
        let mut waiting: Vec<u32> = Vec::with_capacity(rows as usize);
        for (round, &step) in steps.iter().enumerate() {
            if round > 0 {
                self.start_over();
            }
            waiting.extend((0..rows).rev());
            self.bid_all(simd, step, &mut waiting, u64::MAX, progress)?;
        }
        for row in (0..rows).rev() {
            self.give_up_poor_pairs(simd, row);
            waiting.push(row);
        }
        // Without a step two rows may raise a price by little for long; what they do not settle costs a search each.
        let bids_max = self.bids + 2 * u64::from(rows);
        self.bid_all(simd, 0, &mut waiting, bids_max, progress)?;
        for row in 0..rows {
            self.levels[row as usize] = self.best_two(simd, row).map_or(0, |best| best.value.max(0));
        }
        ControlFlow::Continue(())
    }

    #[inline(always)]
    fn bid_all<S: Simd>(
        &mut self,
        simd: S,
        step: i32,
        waiting: &mut Vec<u32>,
        bids_max: u64,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        while let Some(row) = waiting.pop() {
            let most = self.open.rows[row as usize].max.min(self.open.columns.len() as u32);
            while self.held.count(row) < most && self.bids < bids_max {
                let Some(best) = self.best_two(simd, row) else { break };
                if best.value <= 0 {
                    break;
                }
                if self.bids.is_multiple_of(BIDS_A_STEP) {
                    progress(self.pairs)?;
                }
                self.bids += 1;
                let worth = self.prices[best.column as usize] + best.value - best.next.max(0) + step;
                match self.take(row, best, worth) {
                    Taken::Free => self.pairs += 1,
                    Taken::From(other) => waiting.push(other),
                    Taken::No => break,
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// The best column that the row does not have, and what the next best would leave it.
    #[inline(always)]
    fn best_two<S: Simd>(&mut self, simd: S, row: u32) -> Option<Best> {
        let at = row as usize;
        if self.open.columns.is_empty() {
            return None;
        }
        loop {
            let list = &self.lists[at * LIST_MAX..at * LIST_MAX + usize::from(self.counts[at])];
            let mut best = Best { column: 0, place: 0, value: i32::MIN, next: i32::MIN };
            for (place, listed) in list.iter().enumerate() {
                let value = listed.weight - self.prices[listed.column as usize];
                best.next = best.next.max(value.min(best.value));
                if value > best.value {
                    (best.value, best.column, best.place) = (value, listed.column, place);
                }
            }
            if best.value >= self.bounds[at] || self.bounds[at] <= 0 {
                best.next = best.next.max(self.bounds[at]);
                return Some(best);
            }
            self.scan(simd, row);
        }
    }

    #[inline(always)]
    fn scan<S: Simd>(&mut self, simd: S, row: u32) {
        let at = row as usize;
        // What the row has is not to be listed.
        for &column in self.held.of(row) {
            self.prices[column as usize] += CLOSED;
        }
        let list = &mut self.lists[at * LIST_MAX..(at + 1) * LIST_MAX];
        let (count, bound) = best_columns(simd, self.open.weights.row(row), &self.prices, list);
        (self.counts[at], self.bounds[at]) = (count as u8, bound);
        for &column in self.held.of(row) {
            self.prices[column as usize] -= CLOSED;
        }
    }

    #[inline(always)]
    fn take(&mut self, row: u32, best: Best, worth: i32) -> Taken {
        let column = best.column as usize;
        let (start, end) = (self.seats.starts[column], self.seats.starts[column + 1]);
        let count = self.seats.counts[column] as usize;
        let seat = Seat { row, worth };
        let taken = if start + count < end {
            self.seats.taken[start + count] = seat;
            self.seats.counts[column] += 1;
            Taken::Free
        } else if worth > self.prices[column] {
            let seats = &mut self.seats.taken[start..end];
            let least = seats.iter_mut().min_by_key(|seat| seat.worth).expect("a column that is bid for has seats");
            Taken::From(std::mem::replace(least, seat).row)
        } else {
            return Taken::No;
        };
        if start + self.seats.counts[column] as usize == end {
            let worths = self.seats.taken[start..end].iter().map(|seat| seat.worth);
            self.prices[column] = worths.min().unwrap_or(0).max(self.prices[column]);
        }
        // The column that is taken leaves the list.
        self.held.add(row, best.column);
        let last = usize::from(self.counts[row as usize]) - 1;
        let list = row as usize * LIST_MAX;
        self.lists.swap(list + best.place, list + last);
        self.counts[row as usize] -= 1;
        if let Taken::From(other) = taken {
            self.held.remove(other, best.column);
            self.relist(other, best.column);
        }
        taken
    }

    /// Puts a column that the row no longer has back where it will be looked at.
    #[inline(always)]
    fn relist(&mut self, row: u32, column: u32) {
        let at = row as usize;
        let weight = self.open.weights.get(row, column);
        if usize::from(self.counts[at]) < LIST_MAX {
            self.lists[at * LIST_MAX + usize::from(self.counts[at])] = Listed { column, weight };
            self.counts[at] += 1;
        } else {
            self.bounds[at] = self.bounds[at].max(weight - self.prices[column as usize]);
        }
    }

    /// Frees every pair and keeps the prices, the least of them at 0.
    fn start_over(&mut self) {
        let is_open = |price: &i32| *price < CLOSED / 2;
        let least = self.prices.iter().copied().filter(is_open).min().unwrap_or(0);
        for price in self.prices.iter_mut().filter(|price| is_open(price)) {
            *price -= least;
        }
        for bound in &mut self.bounds {
            *bound = bound.saturating_add(least);
        }
        for row in 0..self.open.rows.len() as u32 {
            for at in 0..self.held.of(row).len() {
                self.relist(row, self.held.of(row)[at]);
            }
        }
        self.held.clear();
        self.pairs = 0;
        self.seats.counts.fill(0);
    }

    #[inline(always)]
    fn give_up_poor_pairs<S: Simd>(&mut self, simd: S, row: u32) {
        let level = self.best_two(simd, row).map_or(0, |best| best.value.max(0));
        let mut at = 0;
        while at < self.held.of(row).len() {
            let column = self.held.of(row)[at];
            if self.open.weights.get(row, column) - self.prices[column as usize] >= level {
                at += 1;
                continue;
            }
            self.held.remove(row, column);
            self.pairs -= 1;
            self.relist(row, column);
            let (start, count) = (self.seats.starts[column as usize], &mut self.seats.counts[column as usize]);
            let seats = &mut self.seats.taken[start..start + *count as usize];
            let place = seats.iter().position(|seat| seat.row == row).expect("who holds a pair has its seat");
            seats.swap(place, *count as usize - 1);
            *count -= 1;
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Best {
    column: u32,
    place: usize,
    value: i32,
    next: i32,
}

enum Taken {
    Free,
    From(u32),
    No,
}

/// Steps from a hundredth of the largest weight down to `last`, each a tenth of the one before.
pub(super) fn steps(last: i32) -> Vec<i32> {
    let mut steps = vec![WEIGHT_MAX / 100];
    while steps[steps.len() - 1] > last {
        steps.push((steps[steps.len() - 1] / 10).max(last));
    }
    steps
}
