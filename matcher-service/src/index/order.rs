//! All enterprises in the order of their ids.

use std::cmp::Ordering;
use std::sync::Arc;

use super::records::Records;

/// Slots in the order of ids. Cloning copies pointers only, and what a clone shows never changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    pages: Arc<Vec<Arc<[u32]>>>,
    length: usize,
}

/// Most slots of a page: it is copied when an enterprise comes or goes. (Few in tests, so that there are several.)
const PAGE_MAX: usize = if cfg!(test) { 16 } else { 1_024 };

/// An enterprise that comes or goes, by id.
pub(super) type Move = (Arc<str>, Option<u32>);

impl Order {
    /// An order of slots that are in order.
    pub(super) fn restored(slots: &[u32]) -> Self {
        Self { pages: Arc::new(slots.chunks(PAGE_MAX).map(Arc::from).collect()), length: slots.len() }
    }

    /// How many enterprises there are.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// All slots, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.pages.iter().flat_map(|page| page.iter().copied())
    }

    /// Slots of ids after `id`, by id.
    pub(crate) fn after(&self, records: &Records, id: &str) -> impl Iterator<Item = u32> {
        let page = self.page(records, id);
        let skipped = self.pages.get(page).map_or(0, |page| page.partition_point(|slot| records.get(*slot).id() <= id));
        self.pages[page.min(self.pages.len())..].iter().flat_map(|page| page.iter().copied()).skip(skipped)
    }

    /// The slot of an id.
    pub(crate) fn find(&self, records: &Records, id: &str) -> Option<u32> {
        let page = self.pages.get(self.page(records, id))?;
        let at = page.binary_search_by(|slot| records.get(*slot).id().cmp(id)).ok()?;
        Some(page[at])
    }

    /// The page on which an id is or would be.
    fn page(&self, records: &Records, id: &str) -> usize {
        self.pages.partition_point(|page| records.get(page[0]).id() <= id).saturating_sub(1)
    }

    /// Takes enterprises in and out; `moves` are in the order of ids, each once. Those that come are in `records` already,
    /// and those that go still are.
    pub(super) fn apply(&mut self, records: &Records, moves: &[Move]) {
        if moves.is_empty() {
            return;
        }
        let mut pages: Vec<Arc<[u32]>> = Vec::with_capacity(self.pages.len() + moves.len() / PAGE_MAX + 1);
        let mut moves = moves;
        for (at, page) in self.pages.iter().enumerate() {
            let next = self.pages.get(at + 1).map(|next| records.get(next[0]).id());
            let count = next.map_or(moves.len(), |next| moves.partition_point(|(id, _)| &**id < next));
            let (here, later) = moves.split_at(count);
            moves = later;
            match here {
                [] => pages.push(page.clone()),
                here => push(&mut pages, merged(records, page, here)),
            }
        }
        if !moves.is_empty() {
            push(&mut pages, merged(records, &[], moves));
        }
        self.pages = Arc::new(pages);
        self.length = self.pages.iter().map(|page| page.len()).sum();
    }

    /// Memory in bytes, as counted.
    pub(super) fn bytes(&self) -> usize {
        self.pages.iter().map(|page| size_of_val(page) + size_of_val(&**page)).sum()
    }
}

fn merged(records: &Records, page: &[u32], moves: &[Move]) -> Vec<u32> {
    let mut merged = Vec::with_capacity(page.len() + moves.len());
    let mut page = page.iter().copied().peekable();
    for (id, slot) in moves {
        while let Some(before) = page.next_if(|slot| records.get(*slot).id().cmp(id) == Ordering::Less) {
            merged.push(before);
        }
        page.next_if(|slot| records.get(*slot).id() == &**id);
        merged.extend(slot);
    }
    merged.extend(page);
    merged
}

/// Pushes slots as pages of equal size; a page that is small takes the one before it in.
fn push(pages: &mut Vec<Arc<[u32]>>, mut slots: Vec<u32>) {
    let is_small = slots.len() < PAGE_MAX / 4;
    if let Some(before) = pages.pop_if(|before| is_small && before.len() <= PAGE_MAX / 2) {
        slots.splice(0..0, before.iter().copied());
    }
    if slots.is_empty() {
        return;
    }
    let size = slots.len().div_ceil(slots.len().div_ceil(PAGE_MAX));
    pages.extend(slots.chunks(size).map(Arc::from));
}
