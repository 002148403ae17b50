//! The enterprises of the columns, taken apart.

use std::collections::HashMap;
use std::ops::Range;

use super::lanes::{Spread, Worths};
use super::numbers::Number;
use crate::domain::{CountryCode, State};
use crate::index::{Head, Member, Snapshot};
use crate::scoring::{Focuses, Scorer, Trade};

/// Columns that are filled together: their lanes stay in the cache while all rows go by.
const TILE: usize = if cfg!(test) { 48 } else { 2_560 };

/// The enterprises of the columns, part by part, as far as rows do not keep lanes of it.
pub(super) struct Columns<'a> {
    /// Their countries, each once.
    pub(super) countries: Vec<CountryCode>,
    /// Place of each column's country among the countries.
    pub(super) country_of: Vec<u32>,
    pub(super) reaches: Spread,
    pub(super) standings: Spread,
    pub(super) active: Vec<bool>,
    pub(super) focuses: Focuses<'a>,
    trades: Trades,
    /// Groups that ownership links, each with a column that belongs to it, in order.
    groups: Vec<(u32, u32)>,
}

/// Parts of the columns of which rows keep lanes.
pub(super) struct Spreads {
    pub(super) works: Spread,
    pub(super) tongues: Spread,
    pub(super) sizes: Spread,
    pub(super) focuses: Spread,
}

/// What the columns do.
struct Trades {
    /// Each once.
    all: Vec<Trade>,
    /// By the number of a work, the places of its trades.
    of_works: Vec<Vec<u32>>,
}

impl<'a> Columns<'a> {
    /// Of these members.
    pub(super) fn new(snapshot: &'a Snapshot, scorer: &'a Scorer<'a>, members: &[Member]) -> (Self, Spreads) {
        let heads: Vec<_> = members.iter().map(|member| snapshot.head(member.slot)).collect();
        let mut groups: Vec<_> = (0..).zip(members).map(|(column, member)| (member.group(), column)).collect();
        groups.sort_unstable();
        let mut countries: Vec<_> = heads.iter().map(|head| head.country).collect();
        countries.sort_unstable();
        countries.dedup();
        let country_of = |head: &Head| countries.partition_point(|country| *country < head.country) as u32;
        let spread = |number: fn(&Head) -> u32| Spread::new(heads.iter().map(number));
        let spreads = Spreads {
            works: spread(|head| head.codes.work),
            tongues: spread(|head| head.codes.tongue),
            sizes: spread(|head| head.codes.size.into()),
            focuses: spread(|head| head.codes.focus),
        };
        let facets = snapshot.facets();
        let focuses = spreads.focuses.numbers.iter().map(|focus| &**facets.focuses.get(*focus));
        let columns = Self {
            country_of: heads.iter().map(country_of).collect(),
            reaches: spread(|head| head.codes.reach),
            standings: spread(|head| head.codes.standing),
            active: heads.iter().map(|head| head.state == State::Active).collect(),
            focuses: Focuses::new(scorer, focuses),
            trades: Trades::new(snapshot, &spreads.works.numbers),
            countries,
            groups,
        };
        (columns, spreads)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.active.len()
    }

    /// All of them, in tiles of about the same width.
    pub(super) fn tiles(&self) -> Vec<Range<usize>> {
        let count = self.count();
        let tiles = count.div_ceil(TILE);
        (0..tiles).map(|at| count * at / tiles..count * (at + 1) / tiles).collect()
    }

    /// What a trade of a row is worth beside what the columns do.
    pub(super) fn chain<T: Number>(&self, scorer: &Scorer<'_>, trade: &Trade) -> Worths<T, 1> {
        let worth = |other| {
            let worth = scorer.trade(trade, other);
            let gain = scorer.chain(worth);
            (if worth.is_some() { T::scaled(gain.products().0) } else { T::UNKNOWN }, gain.is_known())
        };
        let worths: Vec<_> = self.trades.all.iter().map(worth).collect();
        let best = |of_work: &Vec<u32>| {
            let worths = of_work.iter().map(|trade| worths[*trade as usize]);
            worths.fold((T::UNKNOWN, false), |best, one| (best.0.max(one.0), best.1 | one.1))
        };
        let (sums, known) = self.trades.of_works.iter().map(best).unzip();
        Worths { sums: [sums], known }
    }

    /// Where the columns are found that belong to a group which ownership links.
    pub(super) fn linked(&self, group: u32) -> Range<usize> {
        let first = self.groups.partition_point(|(one, _)| *one < group);
        let linked = self.groups[first..].iter().take_while(|(one, _)| *one == group);
        first..first + linked.count()
    }

    /// Those of a tile, from 0.
    pub(super) fn linked_in(&self, linked: &Range<usize>, tile: &Range<usize>) -> impl Iterator<Item = usize> {
        let columns = self.groups[linked.clone()].iter().map(|(_, column)| *column as usize);
        columns.filter(|column| tile.contains(column)).map(|column| column - tile.start)
    }
}

impl Trades {
    /// Of these works.
    fn new(snapshot: &Snapshot, works: &[u32]) -> Self {
        let mut all = Vec::new();
        let mut places = HashMap::new();
        let mut place = |trade| {
            *places.entry(trade).or_insert_with(|| {
                all.push(trade);
                all.len() as u32 - 1
            })
        };
        let of_work = |work: &u32| Trade::all(snapshot.facets().works.get(*work).doing()).map(&mut place).collect();
        let of_works = works.iter().map(of_work).collect();
        Self { all, of_works }
    }
}
