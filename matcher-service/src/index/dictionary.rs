//! Values by number, and those that many enterprises share, each kept once under a number.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Values by number. Cloning copies one pointer, and what a clone shows never changes.
#[derive(Debug)]
pub(crate) struct Dictionary<T> {
    chunks: Arc<Vec<Arc<Vec<Arc<T>>>>>,
}

/// Values that are copied when one of them is new: few enough to cost nothing beside the rest of a change.
const CHUNK: usize = 256;

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { chunks: Arc::default() }
    }
}

impl<T> Clone for Dictionary<T> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone() }
    }
}

impl<T> Dictionary<T> {
    /// The value with a number. Panics if there is none.
    pub(crate) fn get(&self, number: u32) -> &T {
        let at = number as usize;
        &self.chunks[at / CHUNK][at % CHUNK]
    }

    /// All numbers are below this.
    pub(crate) fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, |chunk| chunk.len());
        self.chunks.len().saturating_sub(1) * CHUNK + last
    }

    /// All values by number, those that nobody uses any more among them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().map(|value| &**value))
    }

    /// Puts a value under a number: one of those there are, or the next one.
    pub(super) fn set(&mut self, number: u32, value: Arc<T>) {
        let at = number as usize;
        let chunks = Arc::make_mut(&mut self.chunks);
        if at / CHUNK == chunks.len() {
            chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
        }
        let chunk = Arc::make_mut(&mut chunks[at / CHUNK]);
        match chunk.get_mut(at % CHUNK) {
            Some(place) => *place = value,
            None => chunk.push(value),
        }
    }
}

/// The writer of a dictionary: numbers that nobody uses any more are given to the values that come next.
#[derive(Debug)]
pub(super) struct Interner<T> {
    dictionary: Dictionary<T>,
    numbers: BTreeMap<Arc<T>, u32>,
    uses: Vec<u32>,
    free: Vec<u32>,
    bytes: usize,
    bytes_of: fn(&T) -> usize,
}

/// What a value costs besides itself: its places in the chunk, in the tree of numbers and in the count of uses.
const OVERHEAD: usize = 48;

impl<T: Ord> Interner<T> {
    /// An empty dictionary; `bytes_of` counts what a value occupies on the heap.
    pub(super) fn new(bytes_of: fn(&T) -> usize) -> Self {
        let dictionary = Dictionary::default();
        Self { dictionary, numbers: BTreeMap::new(), uses: Vec::new(), free: Vec::new(), bytes: 0, bytes_of }
    }

    /// A dictionary with these values under their places, each with so many uses.
    pub(super) fn restored(bytes_of: fn(&T) -> usize, values: Vec<T>, uses: Vec<u32>) -> Self {
        let mut interner = Self { uses, ..Self::new(bytes_of) };
        for (value, number) in values.into_iter().zip(0..) {
            let value = Arc::new(value);
            interner.dictionary.set(number, value.clone());
            if interner.uses[number as usize] == 0 {
                interner.free.push(number);
            } else {
                interner.bytes += bytes_of(&value) + size_of::<T>() + OVERHEAD;
                interner.numbers.insert(value, number);
            }
        }
        interner
    }

    /// What readers get.
    pub(super) fn dictionary(&self) -> &Dictionary<T> {
        &self.dictionary
    }

    /// Memory in bytes, as counted.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of a value, which has one more user now.
    pub(super) fn intern(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            self.uses[*number as usize] += 1;
            return *number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.uses.push(0);
            u32::try_from(self.uses.len() - 1).expect("there are fewer values than enterprises, and those have numbers")
        });
        self.bytes += (self.bytes_of)(&value) + size_of::<T>() + OVERHEAD;
        let value = Arc::new(value);
        self.dictionary.set(number, value.clone());
        self.numbers.insert(value, number);
        self.uses[number as usize] = 1;
        number
    }

    /// Gives one use of a number back. Snapshots made before go on showing its value.
    pub(super) fn release(&mut self, number: u32) {
        let uses = &mut self.uses[number as usize];
        *uses -= 1;
        if *uses == 0 {
            let value = self.dictionary.get(number);
            self.bytes -= (self.bytes_of)(value) + size_of::<T>() + OVERHEAD;
            self.numbers.remove(value);
            self.free.push(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interner() -> Interner<String> {
        Interner::new(String::len)
    }

    #[test]
    fn equal_values_have_one_number() {
        let mut interner = interner();
        let numbers = ["a", "b", "a"].map(|text| interner.intern(text.to_owned()));
        assert_eq!(numbers, [0, 1, 0]);
        assert_eq!(interner.dictionary().len(), 2);
        assert_eq!(interner.dictionary().get(1), "b");
    }

    #[test]
    fn a_number_is_given_away_only_after_its_last_use_and_old_readers_keep_its_value() {
        let mut interner = interner();
        interner.intern("a".to_owned());
        interner.intern("a".to_owned());
        let before = interner.dictionary().clone();
        interner.release(0);
        assert_eq!(interner.intern("b".to_owned()), 1);
        interner.release(0);
        assert_eq!(interner.intern("c".to_owned()), 0);
        assert_eq!((before.get(0).as_str(), interner.dictionary().get(0).as_str()), ("a", "c"));
    }

    #[test]
    fn bytes_return_to_nothing() {
        let mut interner = interner();
        let number = interner.intern("abc".to_owned());
        assert!(interner.bytes() > 3);
        interner.release(number);
        assert_eq!(interner.bytes(), 0);
    }
}
