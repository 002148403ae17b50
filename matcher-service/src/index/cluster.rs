//! ACTIVE enterprises of one country, those alike side by side, in pages that tell what is in them.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::{Block, CountryCode, Published, Size, Summary, Trades, Work};

use super::dictionary::Dictionary;
use super::facets::{Codes, Facets};
use super::record::{Head, SILENT};
use super::records::Records;

/// Where an enterprise stands, by what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// What its opportunities are about, coarsely.
    topic: u8,
    /// Divisions it works in.
    trades: Trades,
    /// Numbers of its parts.
    codes: Codes,
    /// Its slot.
    slot: u32,
}

/// What is kept of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seat {
    /// The slot of the enterprise.
    pub(crate) slot: u32,
    /// Number of its programme industries.
    pub(crate) focus: u32,
    /// Number of what it does.
    pub(crate) work: u32,
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
    /// Its first row.
    first: Row,
    /// Everybody, in order.
    pub(crate) seats: Box<[Seat]>,
    /// The marks of each of them, for [`BLOCK`] of them at a time.
    pub(crate) blocks: Box<[Block]>,
    /// What each of them publishes; nothing in clusters where nobody does.
    pub(crate) published: Box<[Published]>,
    /// What is in all of them.
    pub(crate) summary: Summary,
}

/// Seats of a block. (In tests there are few, so that small registries go through everything that large ones do.)
pub(crate) const BLOCK: usize = if cfg!(test) { 4 } else { Block::LANES };
/// Most seats of a page. Fewer bound more tightly, and more need fewer bounds.
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
        let mut summary = Summary::default();
        let mut before: Option<Codes> = None;
        for Row { codes, slot, topic, .. } in rows {
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
            if *topic != SILENT {
                summary.add_published(&Published::of(records.opportunities(*slot)));
            }
            before = Some(*codes);
        }
        let block = |rows: &[Row]| {
            let alike = |at: usize| at > 0 && rows[at].codes == rows[at - 1].codes;
            Block::new(&rows.iter().map(|row| facets.marks(&row.codes)).collect::<Vec<_>>(), alike)
        };
        let speaking = rows.iter().filter(|row| row.topic != SILENT);
        let seat = |row: &Row| Seat { slot: row.slot, focus: row.codes.focus, work: row.codes.work };
        Self {
            first: rows[0],
            seats: rows.iter().map(seat).collect(),
            blocks: rows.chunks(BLOCK).map(block).collect(),
            published: speaking.map(|row| Published::of(records.opportunities(row.slot))).collect(),
            summary,
        }
    }

    /// Its rows, of which those in `gone` are told as they were.
    fn rows(&self, gone: &[Row], works: &Dictionary<Work>, records: &Records) -> Vec<Row> {
        let mut slots: Vec<_> = gone.iter().map(|row| row.slot).collect();
        slots.sort_unstable();
        let stays = |seat: &&Seat| slots.binary_search(&seat.slot).is_err();
        let row = |seat: &Seat| Row::of(&records.get(seat.slot).head(), seat.slot, works);
        self.seats.iter().filter(stays).map(row).collect()
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
            let next = self.pages.get(at + 1).map(|next| next.first);
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
                let rows = page.rows(out, &facets.works, records);
                push(&mut pages, merged(rows, new, records), facets, records);
            }
        }
        if !come.is_empty() {
            push(&mut pages, come.to_vec(), facets, records);
        }
        self.pages = pages;
        self.length = self.pages.iter().map(|page| page.seats.len()).sum();
    }

    /// Memory in bytes, as counted.
    pub(super) fn bytes(&self) -> usize {
        let of = |page: &Arc<Page>| {
            size_of::<Page>() + size_of_val(&*page.seats) + size_of_val(&*page.blocks) + size_of_val(&*page.published)
        };
        size_of::<Self>() + self.pages.iter().map(of).sum::<usize>()
    }
}

/// Rows in order, and those that come in between.
fn merged(rows: Vec<Row>, come: &[Row], records: &Records) -> Vec<Row> {
    let mut merged = Vec::with_capacity(rows.len() + come.len());
    let mut come = come.iter().copied().peekable();
    for row in rows {
        while let Some(new) = come.next_if(|new| new.order(&row, records) == Ordering::Less) {
            merged.push(new);
        }
        merged.push(row);
    }
    merged.extend(come);
    merged
}

/// Pushes rows as pages of equal size; a page that is small takes the one before it in.
fn push(pages: &mut Vec<Arc<Page>>, mut rows: Vec<Row>, facets: &Facets, records: &Records) {
    let is_small = rows.len() < PAGE_MAX / 4;
    if let Some(before) = pages.pop_if(|before| is_small && before.seats.len() <= PAGE_MAX / 2) {
        rows.splice(0..0, before.rows(&[], &facets.works, records));
    }
    if rows.is_empty() {
        return;
    }
    let size = rows.len().div_ceil(rows.len().div_ceil(PAGE_MAX)).next_multiple_of(BLOCK);
    pages.extend(rows.chunks(size).map(|rows| Arc::new(Page::new(rows, facets, records))));
}
