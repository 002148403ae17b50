//! What one part of a row's enterprise adds to its scores with every column, as numbers side by side.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::{Deref, Range};

use super::numbers::Number;
use crate::scoring::Gain;

/// What something adds to the score with each column of a tile: one number where both directions gain the same (`N` = 1),
/// or one for each direction.
#[derive(Debug)]
pub(super) struct Lane<T, const N: usize> {
    pub(super) sums: [Numbers<T>; N],
    /// Columns of which it tells something, once somebody asked.
    known: OnceCell<Bits>,
    /// Whether it is of the tile that is being filled.
    is_ready: bool,
}

/// Numbers that begin where a line of the cache does: reading them across two lines takes twice as long.
#[derive(Debug)]
pub(super) struct Numbers<T> {
    numbers: Vec<T>,
    first: usize,
}

/// Bytes of a line of the cache.
const LINE: usize = 64;

impl<T: Number> Numbers<T> {
    /// None yet, with room for so many.
    fn with_room(count: usize) -> Self {
        let room = LINE / size_of::<T>();
        let mut numbers = Vec::<T>::with_capacity(count + room);
        let first = numbers.as_ptr().align_offset(LINE).min(room);
        numbers.resize(first, T::default());
        Self { numbers, first }
    }

    /// So many.
    pub(super) fn new(count: usize, all: impl Iterator<Item = T>) -> Self {
        let mut numbers = Self::with_room(count);
        numbers.fill(all);
        numbers
    }

    /// Others, in the same room.
    fn fill(&mut self, all: impl Iterator<Item = T>) {
        self.numbers.truncate(self.first);
        self.numbers.extend(all);
    }

    /// To change some of them.
    pub(super) fn get_mut(&mut self, at: usize) -> &mut T {
        &mut self.numbers[self.first + at]
    }
}

impl<T> Deref for Numbers<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.numbers[self.first..]
    }
}

/// A bit for each column of a tile.
#[derive(Debug)]
pub(super) struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    /// By what is told of each place, of which each column has one.
    fn new(places: &[u32], told: &[bool]) -> Self {
        let bits = |places: &[u32]| {
            (0..).zip(places).fold(0, |word, (at, place)| word | u64::from(told[*place as usize]) << at)
        };
        Self { words: places.chunks(64).map(bits).collect(), count: places.len() }
    }

    /// Those that are set in none of these.
    pub(super) fn in_none(all: &[&Self]) -> impl Iterator<Item = usize> + use<> {
        let count = all.first().map_or(0, |bits| bits.count);
        let word = |at: usize| all.iter().fold(0, |word, bits| word | bits.words[at]);
        let words: Vec<_> = (0..count.div_ceil(64)).map(word).collect();
        (0..count).filter(move |at| words[at / 64] >> (at % 64) & 1 == 0)
    }
}

/// What a part of a row is worth beside each different part of the columns, and whether anything is known by that.
#[derive(Debug)]
pub(super) struct Worths<T, const N: usize> {
    pub(super) sums: [Vec<T>; N],
    pub(super) known: Vec<bool>,
}

impl<T: Number> Worths<T, 1> {
    /// By gains that are the same in both directions, or of which the chosen one counts.
    pub(super) fn of_one(gains: impl Iterator<Item = Gain>, product: fn(Gain) -> u64) -> Self {
        let (sums, known) = gains.map(|gain| (T::scaled(product(gain)), gain.is_known())).unzip();
        Self { sums: [sums], known }
    }
}

impl<T: Number> Worths<T, 2> {
    /// By gains of both directions.
    pub(super) fn of_both(gains: impl Iterator<Item = Gain>) -> Self {
        let mut worths = Self { sums: [Vec::new(), Vec::new()], known: Vec::new() };
        for gain in gains {
            let (forward, backward) = gain.products();
            worths.sums[0].push(T::scaled(forward));
            worths.sums[1].push(T::scaled(backward));
            worths.known.push(gain.is_known());
        }
        worths
    }
}

/// One part of the columns: its numbers, each once, and which of them each column has. What a part is worth is found once
/// for all columns that share it.
#[derive(Debug)]
pub(super) struct Spread {
    pub(super) numbers: Vec<u32>,
    pub(super) places: Vec<u32>,
}

impl Spread {
    /// Of the columns' numbers, in order.
    pub(super) fn new(of_columns: impl Iterator<Item = u32>) -> Self {
        let mut known = HashMap::new();
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
}

/// What parts of rows are worth: each different one once, and its lane in the tile that is being filled, once it is needed.
#[derive(Debug)]
pub(super) struct Part<K, T, const N: usize> {
    spread: Spread,
    places: HashMap<K, usize>,
    worths: Vec<Worths<T, N>>,
    lanes: Vec<Option<Lane<T, N>>>,
}

impl<K: Hash + Eq, T: Number, const N: usize> Part<K, T, N> {
    /// No row is known yet.
    pub(super) fn new(spread: Spread) -> Self {
        Self { spread, places: HashMap::new(), worths: Vec::new(), lanes: Vec::new() }
    }

    /// The place of a row's part, whose worths are made if it is new.
    pub(super) fn place(&mut self, part: K, make: impl FnOnce(&[u32]) -> Worths<T, N>) -> usize {
        *self.places.entry(part).or_insert_with(|| {
            self.worths.push(make(&self.spread.numbers));
            self.lanes.push(None);
            self.worths.len() - 1
        })
    }

    /// Numbers that are kept, or will be in a tile of so many columns.
    pub(super) fn size(&self, columns: usize) -> usize {
        self.worths.len() * N * columns.max(self.spread.numbers.len())
    }

    /// Forgets all rows.
    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.worths.clear();
        self.lanes.clear();
    }

    /// Turns to another tile.
    pub(super) fn turn(&mut self) {
        self.lanes.iter_mut().flatten().for_each(|lane| lane.is_ready = false);
    }

    /// Has the lane of a place ready.
    pub(super) fn prepare(&mut self, place: usize, tile: &Range<usize>) {
        let places = &self.spread.places[tile.clone()];
        // No tile is wider by more than a column than another.
        let empty = || std::array::from_fn(|_| Numbers::with_room(places.len() + 1));
        let lane =
            self.lanes[place].get_or_insert_with(|| Lane { sums: empty(), known: OnceCell::new(), is_ready: false });
        if lane.is_ready {
            return;
        }
        for (sums, worths) in lane.sums.iter_mut().zip(&self.worths[place].sums) {
            sums.fill(places.iter().map(|place| worths[*place as usize]));
        }
        lane.known.take();
        lane.is_ready = true;
    }

    /// A lane that is ready.
    pub(super) fn lane(&self, place: usize) -> &Lane<T, N> {
        self.lanes[place].as_ref().expect("lanes are prepared before they are used")
    }

    /// Columns of the tile of which a lane that is ready tells something.
    pub(super) fn known(&self, place: usize, tile: &Range<usize>) -> &Bits {
        let places = &self.spread.places[tile.clone()];
        self.lane(place).known.get_or_init(|| Bits::new(places, &self.worths[place].known))
    }
}
