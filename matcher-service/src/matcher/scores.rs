//! Pair scores of whole sides, row by row.

use crate::domain::{CountryCode, State};
use crate::index::{Codes, Member, Snapshot};
use crate::scoring::{Score, Scorer, Valuation};

use super::memo::Memo;

/// The enterprises that stand in the columns.
pub(crate) struct Columns<'a> {
    snapshot: &'a Snapshot,
    columns: Vec<Column>,
    countries: Vec<CountryCode>,
}

/// What a row reads of one candidate.
struct Column {
    slot: u32,
    codes: Codes,
    /// Place of its country among the countries.
    country: usize,
    group: u32,
    is_active: bool,
    speaks: bool,
}

impl<'a> Columns<'a> {
    /// Columns of these members of the snapshot.
    pub(crate) fn new<'b>(snapshot: &'a Snapshot, members: impl Iterator<Item = &'b Member>) -> Self {
        let mut columns = Vec::new();
        let mut countries = Vec::new();
        for member in members {
            let head = snapshot.head(member.slot);
            let country = countries.iter().position(|one| *one == head.country).unwrap_or_else(|| {
                countries.push(head.country);
                countries.len() - 1
            });
            columns.push(Column {
                slot: member.slot,
                codes: head.codes,
                country,
                group: member.group(),
                is_active: head.state == State::Active,
                speaks: !member.profile.opportunities.is_empty(),
            });
        }
        Self { snapshot, columns, countries }
    }

    /// Pair score of a member with each column, none where a rule keeps the two apart: what [`Scorer::judge`] tells of
    /// each pair without further conditions. Whatever many columns share is found once for the whole row.
    pub(crate) fn row(&self, scorer: &Scorer<'_>, member: &Member, mut put: impl FnMut(Option<u32>)) {
        self.row_both_ways(scorer, member, |score| put(score.map(|score| score.pair.get())));
    }

    /// The same with what each brings to the other.
    pub(crate) fn row_both_ways(&self, scorer: &Scorer<'_>, member: &Member, mut put: impl FnMut(Option<Score>)) {
        let subject = &*member.profile;
        let valuation = Valuation::new(scorer, subject);
        let mut memo = Memo::new(&valuation, self.snapshot.facets());
        let of_country = |country: &CountryCode| {
            let common = valuation.country(*country);
            (common, common + valuation.opportunities(*country, &[]))
        };
        let commons: Vec<_> = self.countries.iter().map(of_country).collect();
        let is_active = subject.state == State::Active;
        for column in &self.columns {
            let country = self.countries[column.country];
            let is_apart = column.slot == member.slot
                || !(is_active && column.is_active)
                || country == subject.country
                || column.group == member.group();
            if is_apart {
                put(None);
                continue;
            }
            let shared = memo.gain(&column.codes);
            let (common, silent) = commons[column.country];
            let gain = if column.speaks {
                common + shared + valuation.opportunities(country, self.snapshot.opportunities_of(column.slot))
            } else {
                silent + shared
            };
            put(valuation.score(gain));
        }
    }
}
