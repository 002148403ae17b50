//! What one part of a row's enterprise adds to its scores with every column, as numbers side by side.

use std::collections::BTreeMap;

use crate::scoring::Gain;

/// What something adds to the score with each column, in ppm times ppm: one number where both directions gain the same
/// (`N` = 1), or one for each direction. At most 10^12, so that a sum of them is exact.
#[derive(Debug)]
pub(super) struct Lane<const N: usize> {
    pub(super) sums: [Vec<f64>; N],
    /// Columns of which it tells something.
    pub(super) known: Bits,
}

/// A bit for each column.
#[derive(Debug, Clone)]
pub(super) struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    /// None is set.
    pub(super) fn none(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(64)], count }
    }

    /// What is set in any of these.
    pub(super) fn any<'a>(count: usize, all: impl Iterator<Item = &'a Self>) -> Self {
        let mut any = Self::none(count);
        for bits in all {
            any.words.iter_mut().zip(&bits.words).for_each(|(one, other)| *one |= other);
        }
        any
    }

    pub(super) fn get(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    pub(super) fn set(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    /// Those that are not set.
    pub(super) fn unset(&self) -> impl Iterator<Item = usize> {
        (0..self.count).filter(|at| !self.get(*at))
    }
}

impl<const N: usize> Lane<N> {
    /// A lane of `count` columns.
    pub(super) fn new(count: usize, mut column: impl FnMut(usize) -> ([f64; N], bool)) -> Self {
        let mut lane = Self { sums: std::array::from_fn(|_| Vec::with_capacity(count)), known: Bits::none(count) };
        for at in 0..count {
            let (sums, is_known) = column(at);
            lane.sums.iter_mut().zip(sums).for_each(|(all, sum)| all.push(sum));
            if is_known {
                lane.known.set(at);
            }
        }
        lane
    }

    /// Both together.
    pub(super) fn and(&self, other: &Self) -> Self {
        let sum = |at: usize, column: usize| self.sums[at][column] + other.sums[at][column];
        let is_known = |column| self.known.get(column) || other.known.get(column);
        Self::new(self.sums[0].len(), |column| (std::array::from_fn(|at| sum(at, column)), is_known(column)))
    }

    /// The greatest of some lanes, column by column.
    pub(super) fn greatest(lanes: &[&Self]) -> Self {
        let known = Bits::any(lanes[0].known.count, lanes.iter().map(|lane| &lane.known));
        let mut greatest = Self { sums: lanes[0].sums.clone(), known };
        for lane in &lanes[1..] {
            for (all, others) in greatest.sums.iter_mut().zip(&lane.sums) {
                all.iter_mut().zip(others).for_each(|(one, other)| *one = one.max(*other));
            }
        }
        greatest
    }
}

/// What a gain adds in each direction, and whether anything is known by it.
pub(super) fn each(gain: Gain) -> ([f64; 2], bool) {
    let (forward, backward) = gain.products();
    ([forward as f64, backward as f64], gain.is_known())
}

/// What a gain adds that is the same in both directions.
pub(super) fn both(gain: Gain) -> ([f64; 1], bool) {
    ([gain.products().0 as f64], gain.is_known())
}

/// One part of the columns: its numbers, each once, and which of them each column has. What a part is worth is found once
/// for all columns that share it.
#[derive(Debug)]
pub(super) struct Spread {
    numbers: Vec<u32>,
    places: Vec<u32>,
}

impl Spread {
    /// Of the columns' numbers, in order.
    pub(super) fn new(of_columns: impl Iterator<Item = u32>) -> Self {
        let mut known = BTreeMap::new();
        let mut numbers = Vec::new();
        let place = |number| {
            *known.entry(number).or_insert_with(|| {
                numbers.push(number);
                numbers.len() as u32 - 1
            })
        };
        let places = of_columns.map(place).collect();
        Self { numbers, places }
    }

    /// The lane in which each column has what is found for its number.
    pub(super) fn lane<const N: usize>(&self, find: impl FnMut(u32) -> ([f64; N], bool)) -> Lane<N> {
        let found: Vec<_> = self.numbers.iter().copied().map(find).collect();
        let sum = |at: usize| self.places.iter().map(|place| found[*place as usize].0[at]).collect();
        let mut known = Bits::none(self.places.len());
        if found.iter().any(|(_, is_known)| *is_known) {
            let is_known = |place: &u32| found[*place as usize].1;
            known.words.iter_mut().zip(self.places.chunks(64)).for_each(|(word, places)| {
                *word = (0..).zip(places).fold(0, |word, (at, place)| word | u64::from(is_known(place)) << at);
            });
        }
        Lane { sums: std::array::from_fn(sum), known }
    }
}

/// Lanes that other rows may use again, by what they depend on of the row.
#[derive(Debug)]
pub(super) struct Kept<K, const N: usize> {
    lanes: BTreeMap<K, Lane<N>>,
    most: usize,
}

/// Numbers that are kept for each part: 32 MiB of them. When there would be more, all are dropped and made anew when they
/// are needed, which takes a few nanoseconds a column.
const KEPT_NUMBERS_MAX: usize = 4 * 1024 * 1024;

impl<K: Clone + Ord, const N: usize> Kept<K, N> {
    /// None yet; each will have so many columns.
    pub(super) fn new(columns: usize) -> Self {
        Self { lanes: BTreeMap::new(), most: KEPT_NUMBERS_MAX / (columns * N).max(1) }
    }

    /// Has the lanes of one row ready.
    pub(super) fn keep(&mut self, keys: &[K], mut make: impl FnMut(&K) -> Lane<N>) {
        if self.lanes.len() + keys.len() > self.most {
            self.lanes.clear();
        }
        for key in keys {
            self.lanes.entry(key.clone()).or_insert_with(|| make(key));
        }
    }

    /// A lane of the row for which lanes were kept last.
    pub(super) fn get(&self, key: &K) -> &Lane<N> {
        self.lanes.get(key).expect("the lanes of a row are kept before they are used")
    }
}
