//! A page of ACTIVE enterprises of one country, those alike side by side, with a summary that tells what is in it.

use std::cmp::Ordering;

use crate::domain::{Block, Marks, Published, Size, Summary, Trades, Work};

use super::dictionary::Dictionary;
use super::facets::{Codes, Facets};
use super::record::{Head, SILENT};
use super::records::Records;

/// A page: the part of a cluster that is copied when one of its enterprises changes.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its first row.
    pub(super) first: Row,
    /// Everybody, in order.
    pub(crate) seats: Box<[Seat]>,
    /// The marks of each of them, for [`BLOCK`] of them at a time.
    pub(crate) blocks: Box<[Block]>,
    /// What each of them publishes; nothing in clusters where nobody does.
    pub(crate) published: Box<[Published]>,
    /// What is in all of them.
    pub(crate) summary: Summary,
    /// How many came and went since the summary was made: it still tells of those who went.
    changes: usize,
}

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

/// Seats of a block. (In tests there are few, so that small registries go through everything that large ones do.)
pub(crate) const BLOCK: usize = if cfg!(test) { 4 } else { Block::LANES };
/// Most seats of a page that is made. Fewer bound more tightly, and more need fewer bounds.
pub(super) const PAGE_MAX: usize = BLOCK * if cfg!(test) { 4 } else { 16 };
/// So often a page is copied with a change before it is made anew: that takes far longer, and bounds more closely.
const CHANGES_MAX: usize = PAGE_MAX / 4;

impl Row {
    /// The row of a record.
    pub(super) fn of(head: &Head, slot: u32, works: &Dictionary<Work>) -> Self {
        let trades = works.get(head.codes.work).doing().trades();
        Self { topic: head.topic, trades, codes: head.codes, slot }
    }

    /// Those alike side by side: first by industries, which tell candidates apart most where they are named, then by what
    /// they do. Equal ones are in the order of ids, so that ties end where one of them is beaten.
    pub(super) fn order(&self, other: &Self, records: &Records) -> Ordering {
        let key = |row: &Self| (row.topic, row.codes.focus, row.trades, row.codes);
        let by_id = || records.get(self.slot).id().cmp(records.get(other.slot).id());
        key(self).cmp(&key(other)).then_with(|| if self.slot == other.slot { Ordering::Equal } else { by_id() })
    }

    fn speaks(&self) -> bool {
        self.topic != SILENT
    }
}

/// Where what is known of an enterprise comes from.
#[derive(Clone, Copy)]
enum Lane<'a> {
    /// Its row, which is new.
    New(&'a Row),
    /// Its place on the page before.
    Kept(&'a Page, usize),
}

impl Lane<'_> {
    fn seat(self) -> Seat {
        match self {
            Self::New(row) => Seat { slot: row.slot, focus: row.codes.focus, work: row.codes.work },
            Self::Kept(page, place) => page.seats[place],
        }
    }

    fn marks(self, facets: &Facets) -> Marks {
        match self {
            Self::New(row) => facets.marks(&row.codes),
            Self::Kept(page, place) => page.blocks[place / BLOCK].marks(place % BLOCK),
        }
    }

    fn published(self, records: &Records) -> Option<Published> {
        match self {
            Self::New(row) => row.speaks().then(|| Published::of(records.opportunities(row.slot))),
            Self::Kept(page, place) => page.published.get(place).copied(),
        }
    }

    fn row(self, facets: &Facets, records: &Records) -> Row {
        match self {
            Self::New(row) => *row,
            Self::Kept(page, place) => page.row(place, &facets.works, records),
        }
    }

    /// Whether its parts are the same as those of the one before it.
    fn is_like(self, before: Self, records: &Records) -> bool {
        let codes = |lane: Self| match lane {
            Self::New(row) => row.codes,
            Self::Kept(..) => records.get(lane.seat().slot).codes(),
        };
        match (before, self) {
            // The first one of a block is told to be like nobody.
            (Self::Kept(_, before), Self::Kept(page, place)) if before + 1 == place && place % BLOCK > 0 => {
                page.blocks[place / BLOCK].alike >> (place % BLOCK) & 1 == 1
            }
            _ => codes(before) == codes(self),
        }
    }
}

impl Page {
    /// A page of these rows, at least one.
    pub(super) fn new(rows: &[Row], facets: &Facets, records: &Records) -> Self {
        let lanes: Vec<_> = rows.iter().map(Lane::New).collect();
        let mut page = Self::of(&lanes, Summary::default(), facets, records);
        add(&mut page.summary, rows, facets);
        page.published.iter().for_each(|published| page.summary.add_published(published));
        page
    }

    /// The page without some rows, which are told as they were, and with others; all in order. None if it is to be made
    /// anew, since nobody is left or enough has changed.
    pub(super) fn changed(&self, gone: &[Row], come: &[Row], facets: &Facets, records: &Records) -> Option<Self> {
        let changes = self.changes + gone.len() + come.len();
        if changes > CHANGES_MAX {
            return None;
        }
        let staying = self.staying(gone);
        let mut lanes = Vec::with_capacity(staying.len() + come.len());
        let mut rest = staying.as_slice();
        for new in come {
            let comes_first = |place: &usize| self.row(*place, &facets.works, records).order(new, records).is_lt();
            let (before, after) = rest.split_at(rest.partition_point(comes_first));
            lanes.extend(before.iter().map(|place| Lane::Kept(self, *place)));
            lanes.push(Lane::New(new));
            rest = after;
        }
        lanes.extend(rest.iter().map(|place| Lane::Kept(self, *place)));
        if lanes.is_empty() {
            return None;
        }
        let mut page = Self { changes, ..Self::of(&lanes, self.summary.clone(), facets, records) };
        add(&mut page.summary, come, facets);
        let published = come.iter().filter_map(|row| Lane::New(row).published(records));
        published.for_each(|published| page.summary.add_published(&published));
        Some(page)
    }

    /// Its rows without those in `gone`, which are told as they were.
    pub(super) fn rows(&self, gone: &[Row], works: &Dictionary<Work>, records: &Records) -> Vec<Row> {
        self.staying(gone).into_iter().map(|place| self.row(place, works, records)).collect()
    }

    /// Memory in bytes, as counted.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.seats) + size_of_val(&*self.blocks) + size_of_val(&*self.published)
    }

    fn of(lanes: &[Lane<'_>], summary: Summary, facets: &Facets, records: &Records) -> Self {
        let block = |lanes: &[Lane<'_>]| {
            let alike = |at: usize| at > 0 && lanes[at].is_like(lanes[at - 1], records);
            Block::new(&lanes.iter().map(|lane| lane.marks(facets)).collect::<Vec<_>>(), alike)
        };
        Self {
            first: lanes[0].row(facets, records),
            seats: lanes.iter().map(|lane| lane.seat()).collect(),
            blocks: lanes.chunks(BLOCK).map(block).collect(),
            published: lanes.iter().filter_map(|lane| lane.published(records)).collect(),
            summary,
            changes: 0,
        }
    }

    /// Places of those who are not in `gone`.
    fn staying(&self, gone: &[Row]) -> Vec<usize> {
        let mut slots: Vec<_> = gone.iter().map(|row| row.slot).collect();
        slots.sort_unstable();
        (0..self.seats.len()).filter(|place| slots.binary_search(&self.seats[*place].slot).is_err()).collect()
    }

    /// The row of somebody who has not changed.
    fn row(&self, place: usize, works: &Dictionary<Work>, records: &Records) -> Row {
        let slot = self.seats[place].slot;
        Row::of(&records.get(slot).head(), slot, works)
    }
}

/// Takes rows into a summary, but for what they publish. What a row shares with the one before it is taken in already.
fn add(summary: &mut Summary, rows: &[Row], facets: &Facets) {
    let mut before: Option<Codes> = None;
    for Row { codes, .. } in rows {
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
        before = Some(*codes);
    }
}

#[cfg(test)]
mod tests;
