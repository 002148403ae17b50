//! The shortest path from one node to another over everything that could change.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fearless_simd::Simd;

use super::kilter::{Kilter, Place};
use super::problem::Side;
use super::stems::{ENDLESS, Node, Stems};

/// Farther than any path.
const UNREACHED: i64 = 1 << 60;

/// The potential of a column that a scan passes over: it makes every distance larger than [`UNREACHED`].
const PASSED: i64 = -(1 << 61);

/// What a search came to.
pub(super) enum Found {
    /// A path of this length.
    Path(i64),
    /// Everything nearer than the bound was seen, and the end was not.
    Beyond(i64),
    /// The end cannot be reached.
    Nothing,
}

/// Working memory of searches.
pub(super) struct Search {
    /// Distances of columns that are not settled.
    keys: Vec<i64>,
    /// Potentials of columns as a scan sees them.
    scanned: Vec<i64>,
    distances: Vec<i64>,
    via: Vec<Node>,
    is_settled: Vec<bool>,
    settled: Vec<Node>,
    touched: Vec<Node>,
    queue: BinaryHeap<Reverse<(i64, Node)>>,
}

impl Search {
    pub(super) fn new(stems: &Stems) -> Self {
        let nodes = stems.root() as usize + 1;
        Self {
            keys: vec![UNREACHED; stems.columns as usize],
            scanned: vec![0; stems.columns as usize],
            distances: vec![UNREACHED; nodes],
            via: vec![0; nodes],
            is_settled: vec![false; nodes],
            settled: Vec::new(),
            touched: Vec::new(),
            queue: BinaryHeap::new(),
        }
    }

    /// Seeks a shortest path over changes that the bounds allow, no longer than `bound`.
    #[inline(always)]
    pub(super) fn find<S: Simd>(
        &mut self,
        simd: S,
        kilter: &Kilter<'_>,
        from: Node,
        to: Node,
        bound: Option<i64>,
    ) -> Found {
        self.forget(kilter);
        let bound = bound.unwrap_or(UNREACHED);
        self.reach(kilter, from, 0, from);
        // The nearest column changes only when a row is scanned or the column is settled.
        let mut nearest = None;
        loop {
            let (column_distance, column) = *nearest.get_or_insert_with(|| nearest_of(simd, &self.keys));
            let other = self.queue.peek().map_or((UNREACHED, 0), |&Reverse(other)| other);
            // Rows and inner nodes first: giving up a pair beats handing it on to one that is worth nothing.
            let is_other = other.0 <= column_distance;
            let (distance, node) = if is_other { other } else { (column_distance, kilter.stems.column(column)) };
            if distance >= bound {
                return if bound == UNREACHED { Found::Nothing } else { Found::Beyond(bound) };
            }
            if is_other {
                self.queue.pop();
                if self.is_settled[node as usize] {
                    continue;
                }
            }
            self.settled.push(node);
            self.is_settled[node as usize] = true;
            if node == to {
                self.distances[node as usize] = distance;
                return Found::Path(distance);
            }
            match kilter.place(node) {
                Place::Row(row) => {
                    self.scan_row(simd, kilter, row, distance);
                    nearest = None;
                }
                Place::Column(column) => {
                    self.distances[node as usize] = distance;
                    self.keys[column as usize] = UNREACHED;
                    self.scanned[column as usize] = PASSED;
                    nearest = None;
                    for &row in kilter.chosen[1].of(column) {
                        self.reach(kilter, row, distance + kilter.gain(row, column), node);
                    }
                }
                Place::Inner(_) => {
                    for &child in kilter.stems.children(node) {
                        self.follow(kilter, node, child, distance, true);
                    }
                    nearest = None;
                }
            }
            if node != kilter.stems.root() {
                self.follow(kilter, node, node, distance, false);
            }
        }
    }

    /// Follows the stem of `owner`, away from `node`, which is its upper end or its lower end.
    #[inline(always)]
    fn follow(&mut self, kilter: &Kilter<'_>, node: Node, owner: Node, distance: i64, is_down: bool) {
        let stem = &kilter.stems.of[owner as usize];
        let next = if is_down { owner } else { stem.parent };
        if self.is_settled[next as usize] {
            return;
        }
        let price = kilter.price(owner);
        // A stem that is out of kilter already would gain by the change, but no path is shorter than 0.
        let length = if is_down == (stem.side == Side::A) {
            let cost = kilter.stems.cost_after(stem, stem.used);
            if cost == ENDLESS { return } else { (cost - price).max(0) }
        } else {
            let Some(before) = stem.used.checked_sub(1) else { return };
            let saved = kilter.stems.cost_after(stem, before);
            if saved == -ENDLESS { return } else { (price - saved).max(0) }
        };
        self.reach(kilter, next, distance + length, node);
    }

    #[inline(always)]
    fn reach(&mut self, kilter: &Kilter<'_>, node: Node, distance: i64, via: Node) {
        if self.is_settled[node as usize] {
            return;
        }
        if let Place::Column(column) = kilter.place(node) {
            if distance < self.keys[column as usize] {
                self.keys[column as usize] = distance;
                self.via[node as usize] = via;
            }
        } else if distance < self.distances[node as usize] {
            self.distances[node as usize] = distance;
            self.via[node as usize] = via;
            self.touched.push(node);
            self.queue.push(Reverse((distance, node)));
        }
    }

    #[inline(always)]
    fn scan_row<S: Simd>(&mut self, simd: S, kilter: &Kilter<'_>, row: u32, distance: i64) {
        for &column in kilter.chosen[0].of(row) {
            self.scanned[column as usize] = PASSED;
        }
        let base = distance + kilter.row_potentials[row as usize];
        let weights = kilter.open.weights.row(row);
        let rows = kilter.stems.rows as usize;
        let via = &mut self.via[rows..rows + weights.len()];
        let (keys, scanned) = (&mut self.keys[..weights.len()], &self.scanned[..weights.len()]);
        simd.vectorize(
            #[inline(always)]
            || {
                for at in 0..weights.len() {
                    let through = base - scanned[at] - i64::from(weights[at]);
                    let is_nearer = (through < keys[at]) & (weights[at] >= 0);
                    keys[at] = if is_nearer { through } else { keys[at] };
                    via[at] = if is_nearer { row } else { via[at] };
                }
            },
        );
        for &column in kilter.chosen[0].of(row) {
            if !self.is_settled[rows + column as usize] {
                self.scanned[column as usize] = kilter.column_potentials[column as usize];
            }
        }
    }

    /// Moves the potentials of everything nearer than `length`, so that the path found has length 0.
    pub(super) fn move_potentials(&self, kilter: &mut Kilter<'_>, length: i64) {
        for &node in &self.settled {
            let by = length - self.distances[node as usize];
            let potential = match kilter.place(node) {
                Place::Row(row) => &mut kilter.row_potentials[row as usize],
                Place::Column(column) => &mut kilter.column_potentials[column as usize],
                Place::Inner(inner) => &mut kilter.inner_potentials[inner as usize],
            };
            *potential -= by;
        }
    }

    /// Changes everything along the path found.
    pub(super) fn shift(&self, kilter: &mut Kilter<'_>, from: Node, to: Node) {
        let mut node = to;
        while node != from {
            let before = self.via[node as usize];
            match (kilter.place(before), kilter.place(node)) {
                (Place::Row(row), Place::Column(column)) => kilter.choose(row, column),
                (Place::Column(column), Place::Row(row)) => kilter.give_up(row, column),
                _ => {
                    let root = kilter.stems.root();
                    let is_down = node != root && kilter.stems.of[node as usize].parent == before;
                    let stem = &mut kilter.stems.of[if is_down { node } else { before } as usize];
                    let grows = is_down == (stem.side == Side::A);
                    stem.used = stem.used.wrapping_add(if grows { 1 } else { u32::MAX });
                }
            }
            node = before;
        }
    }

    /// The nodes that the last search settled, in order.
    pub(super) fn reached(&self) -> Vec<Node> {
        let mut reached = self.settled.clone();
        reached.sort_unstable();
        reached
    }

    fn forget(&mut self, kilter: &Kilter<'_>) {
        for node in self.touched.drain(..).chain(self.settled.drain(..)) {
            self.distances[node as usize] = UNREACHED;
            self.is_settled[node as usize] = false;
        }
        self.queue.clear();
        self.keys.fill(UNREACHED);
        self.scanned.copy_from_slice(&kilter.column_potentials);
    }
}

/// The least key and the first place where it is.
#[inline(always)]
fn nearest_of<S: Simd>(simd: S, keys: &[i64]) -> (i64, u32) {
    simd.vectorize(
        #[inline(always)]
        || {
            let least = keys.iter().copied().fold(UNREACHED, i64::min);
            if least == UNREACHED {
                return (UNREACHED, 0);
            }
            let at = keys.iter().position(|&key| key == least).unwrap_or(0);
            (least, at as u32)
        },
    )
}
