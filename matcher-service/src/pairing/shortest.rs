//! Solves small one-to-one pairings by shortest augmenting paths after reductions (Jonker and Volgenant).
//!
//! Both sides are filled up to the same number, and pairs that must not be made count as worth nothing, as does having no
//! pair: then everybody gets a partner, and the best of such pairings is the best of all. What it does not know (minimums,
//! quotas, the number of pairs) is left to [`super::kilter`], which starts from its pairs and prices.
//!
//! Rows are scanned in 16 fixed lanes, so the same pairing is found on every processor.

use fearless_simd::{i32x16, prelude::*};

use super::links::Links;
use super::open::Open;

/// Numbers that are compared at a time.
const WIDTH: usize = 16;

/// Farther than any path: those are at most some times as long as the largest weight.
const FAR: i32 = 1 << 29;

/// The price of a column that is not looked at: no scan finds it nearer than [`FAR`].
const PASSED: i32 = FAR / 2 * 3;

/// The weight of columns that only fill the last lanes of a row: nobody gets them.
const FILLING: i32 = -PASSED;

/// Bids for each row without a column before paths are sought. Later ones seldom save what they cost.
const BIDS: usize = 2;

/// Nobody.
const NONE: u32 = u32::MAX;

/// Pairs and prices under way. All values are doubled, so that the last bit can tell which of equal columns are free.
pub(super) struct Shortest {
    size: usize,
    /// Length of a row: the size, rounded up to whole registers.
    stride: usize,
    /// Row by row.
    weights: Vec<i32>,
    prices: Vec<i32>,
    /// 0 where a column is free, 1 where it is not.
    taken: Vec<i32>,
    partners: Vec<u32>,
    owners: Vec<u32>,
}

/// Where it ends, as an auction does.
pub(super) struct Ended {
    /// Price of each column.
    pub(super) prices: Vec<i32>,
    /// What the column of a row leaves it.
    pub(super) levels: Vec<i32>,
    /// The column of each row.
    pub(super) held: Links,
}

/// Whether everybody has room for one pair.
pub(super) fn is_one_to_one(open: &Open<'_>) -> bool {
    open.rows.iter().chain(&open.columns).all(|bounds| bounds.max == 1)
}

/// Pairs everybody.
#[inline(always)]
pub(super) fn paired<S: Simd>(simd: S, open: &Open<'_>) -> Ended {
    let mut shortest = Shortest::new(open);
    shortest.reduce_columns(simd);
    shortest.reduce_pairs(simd);
    let waiting = shortest.bid(simd);
    let mut search = Search::new(&shortest);
    for row in waiting {
        shortest.augment(simd, &mut search, row);
    }
    shortest.ended(open)
}

impl Shortest {
    #[inline(always)]
    fn new(open: &Open<'_>) -> Self {
        let size = open.rows.len().max(open.columns.len());
        let stride = size.next_multiple_of(WIDTH);
        let mut weights = Vec::with_capacity(size * stride);
        for row in 0..open.rows.len() as u32 {
            weights.extend(open.weights.row(row).iter().map(|weight| weight.max(&0) * 2));
            weights.resize(row as usize * stride + size, 0);
            weights.resize((row as usize + 1) * stride, FILLING);
        }
        for row in open.rows.len()..size {
            weights.resize(row * stride + size, 0);
            weights.resize((row + 1) * stride, FILLING);
        }
        Self {
            size,
            stride,
            weights,
            prices: vec![0; stride],
            taken: vec![0; stride],
            partners: vec![NONE; size],
            owners: vec![NONE; stride],
        }
    }

    fn row(&self, row: u32) -> &[i32] {
        &self.weights[row as usize * self.stride..(row as usize + 1) * self.stride]
    }

    fn pair(&mut self, row: u32, column: usize) {
        self.partners[row as usize] = column as u32;
        self.owners[column] = row;
        self.taken[column] = 1;
    }

    /// Each column costs what it is worth to whoever wants it most, who gets it if nothing better came before.
    #[inline(always)]
    fn reduce_columns<S: Simd>(&mut self, simd: S) {
        let mut wanting = vec![0; self.stride];
        for (part, wanting) in wanting.chunks_exact_mut(WIDTH).enumerate() {
            let mut best = i32x16::splat(simd, i32::MIN);
            let mut by = i32x16::splat(simd, 0);
            for row in 0..self.size {
                let values = i32x16::from_slice(simd, &self.row(row as u32)[part * WIDTH..(part + 1) * WIDTH]);
                by = values.simd_gt(best).select(i32x16::splat(simd, row as i32), by);
                best = best.max(values);
            }
            best.store_slice(&mut self.prices[part * WIDTH..(part + 1) * WIDTH]);
            by.store_slice(wanting);
        }
        self.prices[self.size..].fill(0);
        for column in (0..self.size).rev() {
            let row = wanting[column] as u32;
            if self.partners[row as usize] == NONE {
                self.pair(row, column);
            }
        }
    }

    /// Whoever has a column pays for it what leaves as much as the next best would.
    #[inline(always)]
    fn reduce_pairs<S: Simd>(&mut self, simd: S) {
        for row in 0..self.size as u32 {
            let column = self.partners[row as usize] as usize;
            if column < self.size {
                let price = std::mem::replace(&mut self.prices[column], PASSED);
                let next = best_two(simd, self.row(row), &self.prices, &self.taken).0 & !1;
                // One alone has no next best.
                self.prices[column] = if next > FILLING / 2 { price - next } else { price };
            }
        }
    }

    /// Whoever has no column outbids others; those for whom a search is better are told.
    #[inline(always)]
    fn bid<S: Simd>(&mut self, simd: S) -> Vec<u32> {
        let mut waiting: Vec<u32> =
            (0..self.size as u32).rev().filter(|row| self.partners[*row as usize] == NONE).collect();
        let (mut bids, mut left) = (waiting.len() * BIDS, Vec::with_capacity(waiting.len()));
        while let Some(row) = waiting.pop() {
            if bids == 0 {
                left.push(row);
                continue;
            }
            bids -= 1;
            let (best, next, column) = best_two(simd, self.row(row), &self.prices, &self.taken);
            let gap = (best & !1) - (next & !1);
            let owner = self.owners[column];
            if owner != NONE && gap == 0 {
                // Taking it would cost nobody anything.
                left.push(row);
                continue;
            }
            self.prices[column] += gap;
            self.pair(row, column);
            if owner != NONE {
                self.partners[owner as usize] = NONE;
                waiting.push(owner);
            }
        }
        left
    }

    /// Gives a row a column along the shortest path of changes.
    #[inline(always)]
    fn augment<S: Simd>(&mut self, simd: S, search: &mut Search, row: u32) {
        for ((reached, price), taken) in search.prices.iter_mut().zip(&self.prices).zip(&self.taken) {
            *reached = price + taken;
        }
        search.keys.fill(FAR);
        search.settled.clear();
        search.scanned.clear();
        let (mut from, mut base) = (row, 0);
        let (end, length) = loop {
            search.scanned.push((from, base));
            let (key, column) = search.scan(simd, self.row(from), base);
            let distance = key & !1;
            if key & 1 == 0 {
                break (column, distance);
            }
            search.settled.push((column, distance));
            search.keys[column] = FAR;
            search.prices[column] = PASSED;
            from = self.owners[column];
            base = distance - (self.prices[column] - self.row(from)[column]);
        };
        let (mut column, mut distance) = (end, length);
        loop {
            // Whoever reached it first at that distance.
            let reaches = |(via, base): &&(u32, i32)| base + self.prices[column] - self.row(*via)[column] == distance;
            let (via, base) = *search.scanned.iter().find(reaches).expect("a column is reached from a row");
            let before = self.partners[via as usize] as usize;
            self.pair(via, column);
            if via == row {
                break;
            }
            column = before;
            distance = base + self.prices[column] - self.row(via)[column];
        }
        for &(column, distance) in &search.settled {
            self.prices[column] += length - distance;
        }
    }

    /// What each row is left with, where no price and no such value is below 0.
    fn ended(self, open: &Open<'_>) -> Ended {
        let (rows, columns) = (open.rows.len(), open.columns.len());
        let level = |row: u32| {
            let column = self.partners[row as usize] as usize;
            self.row(row)[column] - self.prices[column]
        };
        // All pairs are worth 0 or more, so what is added to the one can be taken from the other.
        let shift = self.prices[..self.size].iter().copied().min().unwrap_or(0);
        let mut held = Links::new(open.row_capacities());
        for row in 0..rows as u32 {
            let column = self.partners[row as usize];
            if (column as usize) < columns && open.weights.get(row, column) >= 0 {
                held.add(row, column);
            }
        }
        Ended {
            prices: self.prices[..columns].iter().map(|price| (price - shift) / 2).collect(),
            levels: (0..rows as u32).map(|row| (level(row) + shift) / 2).collect(),
            held,
        }
    }
}

/// Working memory of searches.
struct Search {
    /// Distances of columns that are not settled, and in the last bit whether they are taken.
    keys: Vec<i32>,
    /// Prices of those, with the same bit.
    prices: Vec<i32>,
    /// Columns whose distance is known, and that.
    settled: Vec<(usize, i32)>,
    /// Rows that were scanned, and what is added to what a column costs them.
    scanned: Vec<(u32, i32)>,
}

impl Search {
    fn new(shortest: &Shortest) -> Self {
        let (size, stride) = (shortest.size, shortest.stride);
        let (settled, scanned) = (Vec::with_capacity(size), Vec::with_capacity(size));
        Self { keys: vec![FAR; stride], prices: vec![0; stride], settled, scanned }
    }

    /// Reaches columns from a row, and tells which is nearest.
    #[inline(always)]
    fn scan<S: Simd>(&mut self, simd: S, weights: &[i32], base: i32) -> (i32, usize) {
        let base = i32x16::splat(simd, base);
        let mut nearest = i32x16::splat(simd, i32::MAX);
        let mut part_of = i32x16::splat(simd, 0);
        let costs = self.prices.chunks_exact(WIDTH).zip(weights.chunks_exact(WIDTH));
        for (part, (keys, (prices, weights))) in (0i32..).zip(self.keys.chunks_exact_mut(WIDTH).zip(costs)) {
            let through = base + i32x16::from_slice(simd, prices) - i32x16::from_slice(simd, weights);
            let key = through.min(i32x16::from_slice(simd, keys));
            key.store_slice(keys);
            part_of = key.simd_lt(nearest).select(i32x16::splat(simd, part), part_of);
            nearest = nearest.min(key);
        }
        let (mut keys, mut parts) = ([0; WIDTH], [0; WIDTH]);
        nearest.store_slice(&mut keys);
        part_of.store_slice(&mut parts);
        let least = keys.iter().copied().fold(i32::MAX, i32::min);
        let lane = nearest.simd_eq(i32x16::splat(simd, least)).to_bitmask().trailing_zeros() as usize;
        (least, parts[lane] as usize * WIDTH + lane)
    }
}

/// What the best column would leave a row, the next best, and which is the best: free ones before others. The last bit tells
/// whether a column is free.
#[inline(always)]
fn best_two<S: Simd>(simd: S, weights: &[i32], prices: &[i32], taken: &[i32]) -> (i32, i32, usize) {
    let low = i32x16::splat(simd, i32::MIN);
    let one = i32x16::splat(simd, 1);
    let (mut best, mut second, mut part_of) = (low, low, i32x16::splat(simd, 0));
    let costs = prices.chunks_exact(WIDTH).zip(taken.chunks_exact(WIDTH));
    for (part, (weights, (prices, taken))) in (0i32..).zip(weights.chunks_exact(WIDTH).zip(costs)) {
        let left = i32x16::from_slice(simd, weights) - i32x16::from_slice(simd, prices);
        let value = left + one - i32x16::from_slice(simd, taken);
        second = second.max(value.min(best));
        part_of = value.simd_gt(best).select(i32x16::splat(simd, part), part_of);
        best = best.max(value);
    }
    let (mut values, mut parts) = ([0; WIDTH], [0; WIDTH]);
    best.store_slice(&mut values);
    part_of.store_slice(&mut parts);
    let most = values.iter().copied().fold(i32::MIN, i32::max);
    let mut reaching = best.simd_eq(i32x16::splat(simd, most)).to_bitmask();
    let lane = reaching.trailing_zeros() as usize;
    reaching &= reaching - 1;
    values[lane] = i32::MIN;
    let mut seconds = [0; WIDTH];
    second.store_slice(&mut seconds);
    let next = values.iter().zip(&seconds).map(|(one, other)| (*one).max(*other)).fold(i32::MIN, i32::max);
    let next = if reaching == 0 { next } else { most };
    (most, next, parts[lane] as usize * WIDTH + lane)
}
