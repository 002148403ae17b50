//! ACTIVE enterprises of one country, in pages.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::CountryCode;

use super::facets::Facets;
use super::page::{BLOCK, PAGE_MAX, Page, Row};
use super::records::Records;

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

impl Cluster {
    /// A cluster without enterprises.
    pub(super) fn empty(country: CountryCode, speaks: bool) -> Self {
        Self { country, speaks, pages: Vec::new(), length: 0 }
    }

    /// The cluster without some rows, which are told as they were, and with others.
    pub(super) fn changed(&self, mut gone: Vec<Row>, mut come: Vec<Row>, facets: &Facets, records: &Records) -> Self {
        gone.sort_unstable_by(|one, other| one.order(other, records));
        come.sort_unstable_by(|one, other| one.order(other, records));
        let length = self.length + come.len() - gone.len();
        let (mut gone, mut come) = (gone.as_slice(), come.as_slice());
        let mut pages = Vec::with_capacity(self.pages.len() + come.len() / PAGE_MAX + 1);
        let mut rest = self.pages.as_slice();
        while let Some(first) = earlier(gone.first(), come.first(), records) {
            let after = rest.partition_point(|page| page.first.order(first, records).is_le());
            pages.extend_from_slice(&rest[..after.saturating_sub(1)]);
            let Some((page, later)) = rest[after.saturating_sub(1)..].split_first() else { break };
            rest = later;
            let until = |rows: &[Row]| match later.first() {
                Some(next) => rows.partition_point(|row| row.order(&next.first, records).is_lt()),
                None => rows.len(),
            };
            let (out, new);
            (out, gone) = gone.split_at(until(gone));
            (new, come) = come.split_at(until(come));
            match page.changed(out, new, facets, records) {
                Some(changed) => pages.push(Arc::new(changed)),
                None => {
                    let rows = page.rows(out, &facets.works, records);
                    push(&mut pages, merged(rows, new, records), facets, records);
                }
            }
        }
        pages.extend_from_slice(rest);
        if !come.is_empty() {
            push(&mut pages, come.to_vec(), facets, records);
        }
        Self { pages, length, ..*self }
    }

    /// Memory in bytes, as counted.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.pages.iter().map(|page| page.bytes()).sum::<usize>()
    }
}

fn earlier<'a>(one: Option<&'a Row>, other: Option<&'a Row>, records: &Records) -> Option<&'a Row> {
    match (one, other) {
        (Some(one), Some(other)) if other.order(one, records).is_lt() => Some(other),
        (one, other) => one.or(other),
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
