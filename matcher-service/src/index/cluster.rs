//! ACTIVE enterprises of one country, those alike side by side, in blocks that tell what is in them.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::{CountryCode, Published, Size, Summary, Trades, Work};

use super::dictionary::Dictionary;
use super::facets::{Codes, Facets};
use super::record::{Head, SILENT};
use super::records::Records;

/// What the scan reads of one enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// What its opportunities are about, coarsely.
    topic: u8,
    /// Divisions it works in.
    pub(crate) trades: Trades,
    /// Numbers of its parts.
    pub(crate) codes: Codes,
    /// Its slot.
    pub(crate) slot: u32,
}

/// Enterprises of one country that publish something, or that do not.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    /// The country.
    pub(crate) country: CountryCode,
    /// Whether they publish opportunities.
    pub(crate) speaks: bool,
    /// In the order of what they are.
    pub(crate) pages: Vec<Arc<Page>>,
    /// How many enterprises there are.
    pub(crate) length: usize,
}

/// A page: the part of a cluster that is copied when one of its enterprises changes.
#[derive(Debug)]
pub(crate) struct Page {
    /// The rows, in order.
    pub(crate) rows: Box<[Row]>,
    /// What is in each block of [`BLOCK`] rows.
    pub(crate) blocks: Box<[Summary]>,
    /// What each of them publishes; nothing in clusters where nobody does.
    pub(crate) published: Box<[Published]>,
    /// What is in all of them.
    pub(crate) summary: Summary,
}

/// Rows of a block. Fewer bound more tightly, and more need fewer bounds. (In tests there are few, so that small registries
/// go through everything that large ones do.)
pub(crate) const BLOCK: usize = if cfg!(test) { 4 } else { 64 };
/// Most rows of a page.
const PAGE_MAX: usize = BLOCK * if cfg!(test) { 4 } else { 16 };

impl Row {
    /// The row of a record.
    pub(super) fn of(head: &Head, slot: u32, works: &Dictionary<Work>) -> Self {
        let trades = works.get(head.codes.work).doing().trades();
        Self { topic: head.topic, trades, codes: head.codes, slot }
    }

    /// Those alike side by side: first by industries, which tell candidates apart most where they are named, then by what
    /// they do. Equal ones are in the order of ids, so that ties end where one of them is beaten.
    fn order(&self, other: &Self, records: &Records) -> Ordering {
        let key = |row: &Self| (row.topic, row.codes.focus, row.trades, row.codes);
        let by_id = || records.get(self.slot).id().cmp(records.get(other.slot).id());
        key(self).cmp(&key(other)).then_with(|| if self.slot == other.slot { Ordering::Equal } else { by_id() })
    }
}

impl Page {
    fn new(rows: &[Row], facets: &Facets, records: &Records) -> Self {
        let summary = |rows: &[Row]| {
            let mut summary = Summary::default();
            let mut before: Option<Codes> = None;
            for &Row { topic, ref codes, slot, .. } in rows {
                let differs = |of: fn(&Codes) -> u32| before.is_none_or(|before| of(&before) != of(codes));
                if differs(|codes| codes.work) {
                    summary.add_doing(facets.works.get(codes.work).doing());
                }
                if differs(|codes| codes.focus) {
                    summary.add_industries(facets.focuses.get(codes.focus));
                }
                if differs(|codes| codes.reach) {
                    summary.add_reach(facets.reaches.get(codes.reach));
                }
                if differs(|codes| codes.tongue) {
                    summary.add_languages(facets.tongues.get(codes.tongue));
                }
                if differs(|codes| codes.standing) {
                    summary.add_standing(facets.standings.get(codes.standing));
                }
                summary.add_size(Size::numbered(codes.size));
                if topic != SILENT {
                    summary.add_published(&Published::of(records.opportunities(slot)));
                }
                before = Some(*codes);
            }
            summary
        };
        let blocks = rows.chunks(BLOCK).map(summary).collect();
        let speaking = rows.iter().filter(|row| row.topic != SILENT);
        let published = speaking.map(|row| Published::of(records.opportunities(row.slot))).collect();
        Self { rows: rows.into(), blocks, published, summary: summary(rows) }
    }

    /// The rows of a block, and what each of them publishes if they do.
    pub(crate) fn block(&self, at: usize) -> (&[Row], &[Published]) {
        let range = at * BLOCK..self.rows.len().min((at + 1) * BLOCK);
        let published = if self.published.is_empty() { &[] } else { &self.published[range.clone()] };
        (&self.rows[range], published)
    }
}

impl Cluster {
    /// A cluster without enterprises.
    pub(super) fn empty(country: CountryCode, speaks: bool) -> Self {
        Self { country, speaks, pages: Vec::new(), length: 0 }
    }

    /// Takes rows out and in. Those that go out are told as they were.
    pub(super) fn apply(&mut self, mut gone: Vec<Row>, mut come: Vec<Row>, facets: &Facets, records: &Records) {
        gone.sort_unstable_by(|one, other| one.order(other, records));
        come.sort_unstable_by(|one, other| one.order(other, records));
        let (mut gone, mut come) = (gone.as_slice(), come.as_slice());
        let mut pages = Vec::with_capacity(self.pages.len() + come.len() / PAGE_MAX + 1);
        for (at, page) in self.pages.iter().enumerate() {
            let next = self.pages.get(at + 1).map(|next| next.rows[0]);
            let until = |rows: &[Row]| match &next {
                Some(next) => rows.partition_point(|row| row.order(next, records) == Ordering::Less),
                None => rows.len(),
            };
            let (out, later) = gone.split_at(until(gone));
            gone = later;
            let (new, later) = come.split_at(until(come));
            come = later;
            if out.is_empty() && new.is_empty() {
                pages.push(page.clone());
            } else {
                push(&mut pages, merged(&page.rows, out, new, records), facets, records);
            }
        }
        if !come.is_empty() {
            push(&mut pages, come.to_vec(), facets, records);
        }
        self.pages = pages;
        self.length = self.pages.iter().map(|page| page.rows.len()).sum();
    }

    /// Memory in bytes, as counted.
    pub(super) fn bytes(&self) -> usize {
        let of = |page: &Arc<Page>| {
            size_of::<Page>() + size_of_val(&*page.rows) + size_of_val(&*page.blocks) + size_of_val(&*page.published)
        };
        size_of::<Self>() + self.pages.iter().map(of).sum::<usize>()
    }
}

/// The rows of a page without those that go, and with those that come. A row goes by its slot, since its place in the
/// order is that of its old parts.
fn merged(rows: &[Row], gone: &[Row], come: &[Row], records: &Records) -> Vec<Row> {
    let mut slots: Vec<_> = gone.iter().map(|row| row.slot).collect();
    slots.sort_unstable();
    let mut merged = Vec::with_capacity(rows.len() + come.len());
    let mut come = come.iter().copied().peekable();
    for row in rows.iter().filter(|row| slots.binary_search(&row.slot).is_err()) {
        while let Some(new) = come.next_if(|new| new.order(row, records) == Ordering::Less) {
            merged.push(new);
        }
        merged.push(*row);
    }
    merged.extend(come);
    merged
}

/// Pushes rows as pages of equal size; a page that is small takes the one before it in.
fn push(pages: &mut Vec<Arc<Page>>, mut rows: Vec<Row>, facets: &Facets, records: &Records) {
    let is_small = rows.len() < PAGE_MAX / 4;
    if let Some(before) = pages.pop_if(|before| is_small && before.rows.len() <= PAGE_MAX / 2) {
        rows.splice(0..0, before.rows.iter().copied());
    }
    if rows.is_empty() {
        return;
    }
    let size = rows.len().div_ceil(rows.len().div_ceil(PAGE_MAX)).next_multiple_of(BLOCK);
    pages.extend(rows.chunks(size).map(|rows| Arc::new(Page::new(rows, facets, records))));
}
