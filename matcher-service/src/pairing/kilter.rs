//! Makes any start exact: finds what contradicts the prices and mends it along shortest paths (out-of-kilter method).
//!
//! Pairs flow in circles: from the root down to a row, over a pair to a column, and back to the root. Every node has a
//! potential, and the price of a stem is the difference of the potentials at its ends, so a row's potential is the sum of
//! all prices that a pair of it pays on side a. A stem is in kilter if its bounds hold, a price above 0 comes with its
//! maximum and one below 0 with its minimum. Pairs always are in kilter: chosen ones gain 0 or more, others 0 or less.
//! Each search brings one stem nearer to kilter and takes none away from it, so the end is optimal and priced.

use std::ops::ControlFlow;

use fearless_simd::Simd;

use super::links::Links;
use super::open::Open;
use super::problem::Side;
use super::search::{Found, Search};
use super::stems::{ENDLESS, Node, Stem, Stems};

/// Pairs, potentials, and what they contradict.
pub(super) struct Kilter<'p> {
    pub(super) open: &'p Open<'p>,
    pub(super) stems: Stems,
    /// Of rows and columns apart, because searches run along columns; of groups and the root.
    pub(super) row_potentials: Vec<i64>,
    pub(super) column_potentials: Vec<i64>,
    pub(super) inner_potentials: Vec<i64>,
    /// Columns chosen for each row and rows for each column.
    pub(super) chosen: [Links; 2],
    pub(super) count: u64,
}

/// Why there is no end.
pub(super) enum Stopped {
    /// Told to.
    Cancelled,
    /// The bounds of a stem cannot be met; these nodes can be reached from where it lacks or has too much.
    Infeasible(Vec<Node>),
}

/// What a stem needs to be in kilter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// One more pair, or a price lower by this; none: nothing but the pair will do.
    More(Option<i64>),
    /// One pair less, or a price higher by this.
    Less(Option<i64>),
}

impl<'p> Kilter<'p> {
    /// Takes over what is in kilter of the columns `held` by each row at these prices. `levels` are what the best column
    /// that it does not have would leave each row, at least 0.
    pub(super) fn new(open: &'p Open<'p>, stems: Stems, prices: &[i32], levels: &[i32], held: &Links) -> Self {
        let mut kilter = Self::without_pairs(open, stems);
        kilter.row_potentials = levels.iter().map(|&level| i64::from(level)).collect();
        kilter.column_potentials = prices.iter().map(|&price| -i64::from(price)).collect();
        for row in 0..kilter.stems.rows {
            for &column in held.of(row) {
                if kilter.gain(row, column) >= 0 {
                    kilter.start_with(row, column);
                }
            }
        }
        kilter
    }

    /// Nothing is chosen or priced.
    pub(super) fn without_pairs(open: &'p Open<'p>, stems: Stems) -> Self {
        // A path may add a pair before it takes one away, and maximums that may be broken bound nothing.
        let is_bounded = !stems.may_exceed();
        let capacity = |most: usize, across: usize| if is_bounded { most + 1 } else { across + 1 };
        let inner = stems.root() - stems.rows - stems.columns + 1;
        Self {
            row_potentials: vec![0; stems.rows as usize],
            column_potentials: vec![0; stems.columns as usize],
            inner_potentials: vec![0; inner as usize],
            chosen: [
                Links::new(open.row_capacities().map(|most| capacity(most, open.columns.len()))),
                Links::new(open.column_capacities().map(|most| capacity(most, open.rows.len()))),
            ],
            count: 0,
            open,
            stems,
        }
    }

    /// Chooses a pair before anything is mended.
    pub(super) fn start_with(&mut self, row: u32, column: u32) {
        self.choose(row, column);
        self.carry(row, true);
        self.carry(self.stems.column(column), true);
    }

    /// Mends everything.
    #[inline(always)]
    pub(super) fn run<S: Simd>(
        &mut self,
        simd: S,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), Stopped> {
        let mut search = Search::new(&self.stems);
        for node in 0..self.stems.root() {
            while let Some(need) = self.need(node) {
                if progress(self.count).is_break() {
                    return Err(Stopped::Cancelled);
                }
                self.mend(simd, &mut search, node, need)?;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn mend<S: Simd>(&mut self, simd: S, search: &mut Search, node: Node, need: Need) -> Result<(), Stopped> {
        let Stem { parent, side, .. } = self.stems.of[node as usize];
        // One more pair flows down to a row and up from a column; the way back leads from its end to its start.
        let (is_more, bound) = match need {
            Need::More(bound) => (true, bound),
            Need::Less(bound) => (false, bound),
        };
        let (from, to) = if is_more == (side == Side::A) { (node, parent) } else { (parent, node) };
        match search.find(simd, self, from, to, bound) {
            Found::Path(distance) => {
                search.move_potentials(self, distance);
                search.shift(self, from, to);
                self.stems.of[node as usize].used =
                    self.stems.of[node as usize].used.wrapping_add(if is_more { 1 } else { u32::MAX });
            }
            Found::Beyond(bound) => search.move_potentials(self, bound),
            Found::Nothing => return Err(Stopped::Infeasible(search.reached())),
        }
        Ok(())
    }

    fn need(&self, node: Node) -> Option<Need> {
        let stem = &self.stems.of[node as usize];
        let price = self.price(node);
        let bound = |cost: i64, loss: i64| if cost.abs() == ENDLESS { None } else { Some(loss) };
        let next = self.stems.cost_after(stem, stem.used);
        if price > next {
            return Some(Need::More(bound(next, price - next)));
        }
        let last = self.stems.cost_after(stem, stem.used.checked_sub(1)?);
        (price < last).then(|| Need::Less(bound(last, last - price)))
    }

    /// The price of a stem.
    pub(super) fn price(&self, node: Node) -> i64 {
        let stem = &self.stems.of[node as usize];
        let difference = self.potential(node) - self.potential(stem.parent);
        if stem.side == Side::A { difference } else { -difference }
    }

    #[inline(always)]
    pub(super) fn potential(&self, node: Node) -> i64 {
        *match self.place(node) {
            Place::Row(row) => &self.row_potentials[row as usize],
            Place::Column(column) => &self.column_potentials[column as usize],
            Place::Inner(inner) => &self.inner_potentials[inner as usize],
        }
    }

    #[inline(always)]
    pub(super) fn place(&self, node: Node) -> Place {
        let (rows, columns) = (self.stems.rows, self.stems.columns);
        if node < rows {
            Place::Row(node)
        } else if node < rows + columns {
            Place::Column(node - rows)
        } else {
            Place::Inner(node - rows - columns)
        }
    }

    /// What a pair is worth beyond its prices.
    #[inline(always)]
    pub(super) fn gain(&self, row: u32, column: u32) -> i64 {
        i64::from(self.open.weights.get(row, column)) - self.row_potentials[row as usize]
            + self.column_potentials[column as usize]
    }

    pub(super) fn choose(&mut self, row: u32, column: u32) {
        self.chosen[0].add(row, column);
        self.chosen[1].add(column, row);
        self.count += 1;
    }

    pub(super) fn give_up(&mut self, row: u32, column: u32) {
        self.chosen[0].remove(row, column);
        self.chosen[1].remove(column, row);
        self.count -= 1;
    }

    /// The chosen pairs, sorted.
    pub(super) fn pairs(&self) -> Vec<(u32, u32)> {
        let of = |row: u32| self.chosen[0].of(row).iter().map(move |&column| (row, column));
        let mut pairs: Vec<(u32, u32)> = (0..self.stems.rows).flat_map(of).collect();
        pairs.sort_unstable();
        pairs
    }

    /// Gives up pairs worth 0 that no minimum needs. The total stays the same, and so the prices still prove it.
    pub(super) fn drop_worthless(&mut self) {
        for row in 0..self.stems.rows {
            let mut columns = self.chosen[0].of(row).to_vec();
            columns.sort_unstable();
            for column in columns {
                let ends = [row, self.stems.column(column)];
                if self.open.weights.get(row, column) == 0 && ends.iter().all(|&leaf| self.can_do_with_less(leaf)) {
                    self.give_up(row, column);
                    for leaf in ends {
                        self.carry(leaf, false);
                    }
                }
            }
        }
    }

    fn can_do_with_less(&self, leaf: Node) -> bool {
        let mut node = leaf;
        while node != self.stems.root() {
            let stem = &self.stems.of[node as usize];
            if stem.used <= stem.min {
                return false;
            }
            node = stem.parent;
        }
        true
    }

    /// Counts a pair of a row or column on all stems above it.
    pub(super) fn carry(&mut self, leaf: Node, is_more: bool) {
        let mut node = leaf;
        while node != self.stems.root() {
            let stem = &mut self.stems.of[node as usize];
            if is_more {
                stem.used += 1;
            } else {
                stem.used -= 1;
            }
            node = stem.parent;
        }
    }
}

/// A node by what it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Row(u32),
    Column(u32),
    Inner(u32),
}
