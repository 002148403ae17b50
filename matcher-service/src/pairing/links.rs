//! Short lists of partners, one for each enterprise of a side, in one piece of memory.

/// Lists of bounded length.
#[derive(Debug, Clone)]
pub(super) struct Links {
    starts: Vec<usize>,
    lengths: Vec<u32>,
    items: Vec<u32>,
}

impl Links {
    /// Empty lists that may become as long as `capacities` say.
    pub(super) fn new(capacities: impl Iterator<Item = usize>) -> Self {
        let mut starts = Vec::with_capacity(capacities.size_hint().0 + 1);
        starts.push(0);
        let mut end = 0;
        for capacity in capacities {
            end += capacity;
            starts.push(end);
        }
        Self { lengths: vec![0; starts.len() - 1], starts, items: vec![0; end] }
    }

    /// One list.
    #[inline]
    pub(super) fn of(&self, at: u32) -> &[u32] {
        let start = self.starts[at as usize];
        &self.items[start..start + self.lengths[at as usize] as usize]
    }

    /// How long one list is.
    pub(super) fn count(&self, at: u32) -> u32 {
        self.lengths[at as usize]
    }

    /// Puts `item` at the end of a list, which must have room.
    pub(super) fn add(&mut self, at: u32, item: u32) {
        let end = self.starts[at as usize] + self.lengths[at as usize] as usize;
        debug_assert!(end < self.starts[at as usize + 1], "the list is full");
        self.items[end] = item;
        self.lengths[at as usize] += 1;
    }

    /// Takes `item` out of a list; its last one takes the place.
    pub(super) fn remove(&mut self, at: u32, item: u32) {
        let start = self.starts[at as usize];
        let last = start + self.lengths[at as usize] as usize - 1;
        let place = self.of(at).iter().position(|&other| other == item).expect("only listed ones are removed");
        self.items[start + place] = self.items[last];
        self.lengths[at as usize] -= 1;
    }

    /// Empties all lists.
    pub(super) fn clear(&mut self) {
        self.lengths.fill(0);
    }
}
