//! Who is eligible, how many that are, and what each gains.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{CountryCode, Ppm, Published, State};
use crate::index::{Cluster, Page, Row, Snapshot};
use crate::scoring::{Bounds, ExclusionRule, Gain, Hearing, Valuation};

use super::super::memo::Memo;
use super::PartnerQuestion;
use super::sieve::Sieve;

/// The eligible candidates of one question.
pub(super) struct Candidates<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) valuation: &'a Valuation<'a>,
    bounds: Bounds<'a>,
    memo: Memo<'a>,
    sieve: Option<Sieve<'a>>,
    /// Clusters with candidates.
    pub(super) fields: Vec<Field<'a>>,
    /// Slots of those whom ownership links with the subject, itself among them.
    linked: Vec<u32>,
    considered: usize,
    exclusions: BTreeMap<ExclusionRule, usize>,
}

/// A cluster with candidates.
pub(super) struct Field<'a> {
    pub(super) cluster: &'a Arc<Cluster>,
    /// What all of them gain by their country, and those that publish nothing by that.
    common: Gain,
    /// What the opportunities of those who publish are held against.
    hearing: Option<Hearing>,
    /// Whether the filter must be asked about each.
    is_sieved: bool,
}

impl<'a> Candidates<'a> {
    /// Decides what can be decided by country, and counts those who are out by it.
    pub(super) fn new(
        snapshot: &'a Snapshot,
        valuation: &'a Valuation<'a>,
        own: Option<u32>,
        ownership: &[u32],
        question: &'a PartnerQuestion,
    ) -> Self {
        let sieve = question.filter.as_ref().map(|filter| Sieve::new(filter, snapshot.facets()));
        let mut candidates = Self {
            snapshot,
            valuation,
            bounds: Bounds::new(valuation),
            memo: Memo::new(valuation, snapshot.facets()),
            sieve,
            fields: Vec::new(),
            linked: snapshot.linked(ownership),
            considered: 0,
            exclusions: BTreeMap::new(),
        };
        let head = own.map(|slot| snapshot.head(slot));
        let others = snapshot.len() - usize::from(own.is_some());
        candidates.exclude(ExclusionRule::SameEnterprise, usize::from(own.is_some()));
        if head.is_some_and(|head| head.state != State::Active) {
            candidates.exclude(ExclusionRule::NotActive, others);
            return candidates;
        }
        let active: usize = snapshot.clusters().iter().map(|cluster| cluster.length).sum();
        candidates.exclude(ExclusionRule::NotActive, snapshot.len() - active);
        let home = valuation.country_of_subject();
        for cluster in snapshot.clusters() {
            candidates.take(cluster, home, own.is_some(), question);
        }
        // Of those whom ownership links, only the ones that no earlier rule leaves out count as linked.
        let is_candidate = |slot: &u32| {
            let head = snapshot.head(*slot);
            head.state == State::Active && head.country != home
        };
        candidates.linked.retain(is_candidate);
        candidates.exclude(ExclusionRule::Ownership, candidates.linked.len());
        candidates
    }

    fn take(&mut self, cluster: &'a Arc<Cluster>, home: CountryCode, is_registered: bool, question: &PartnerQuestion) {
        if cluster.country == home {
            self.same_country(cluster, is_registered);
            return;
        }
        let is_outside =
            question.countries.as_ref().is_some_and(|within| within.binary_search(&cluster.country).is_err());
        let passes = self.sieve.as_ref().map_or(Some(true), |sieve| sieve.for_country(cluster.country));
        let unlinked = cluster.length - self.linked_in(cluster);
        match () {
            () if is_outside => self.exclude(ExclusionRule::Region, unlinked),
            () if passes == Some(false) => self.exclude(ExclusionRule::Filter, unlinked),
            () => {
                let country = cluster.country;
                let mut common = self.valuation.country(country);
                if !cluster.speaks {
                    common = common + self.valuation.opportunities(country, &[]);
                }
                let hearing = cluster.speaks.then(|| self.bounds.hearing(country));
                self.considered += unlinked;
                self.fields.push(Field { cluster, common, hearing, is_sieved: passes.is_none() });
            }
        }
    }

    /// All of the subject's own country are out but itself, which is out before.
    fn same_country(&mut self, cluster: &Cluster, is_registered: bool) {
        let speaks = self.valuation.subject_speaks();
        let itself = usize::from(is_registered && cluster.speaks == speaks);
        self.exclude(ExclusionRule::SameCountry, cluster.length - itself);
    }

    fn linked_in(&self, cluster: &Cluster) -> usize {
        let is_here = |slot: &&u32| {
            let head = self.snapshot.head(**slot);
            head.state == State::Active
                && head.country == cluster.country
                && self.snapshot.opportunities_of(**slot).is_empty() != cluster.speaks
        };
        self.linked.iter().filter(is_here).count()
    }

    fn exclude(&mut self, rule: ExclusionRule, count: usize) {
        if count > 0 {
            *self.exclusions.entry(rule).or_insert(0) += count;
        }
    }

    /// The gain that nobody of a block exceeds by anything but what it does and its industries.
    pub(super) fn rest_at_most(&self, field: &Field<'_>, page: &Page, block: usize) -> Gain {
        self.bounds.rest_at_most(field.common, &page.blocks[block], field.hearing.as_ref())
    }

    /// The score that nobody of a page exceeds.
    pub(super) fn page_at_most(&self, field: &Field<'_>, page: &Page) -> u32 {
        self.bounds.at_most(field.common, &page.summary, field.hearing.as_ref()).get()
    }

    /// The score that nobody of a block exceeds.
    pub(super) fn block_at_most(&self, field: &Field<'_>, page: &Page, block: usize) -> u32 {
        self.bounds.at_most(field.common, &page.blocks[block], field.hearing.as_ref()).get()
    }

    /// Whether no rule leaves a candidate out.
    pub(super) fn is_eligible(&mut self, field: &Field<'_>, row: &Row) -> bool {
        self.linked.binary_search(&row.slot).is_err() && self.passes(field, row)
    }

    fn passes(&mut self, field: &Field<'_>, row: &Row) -> bool {
        match &mut self.sieve {
            Some(sieve) if field.is_sieved => sieve.passes(field.cluster.country, &row.codes),
            _ => true,
        }
    }

    /// What a candidate gains; none if it is known not to reach `least`.
    /// `rest` is what nobody of its block exceeds by anything but what it does and its industries.
    pub(super) fn gain(
        &mut self,
        field: &Field<'_>,
        row: &Row,
        published: Option<&Published>,
        rest: Gain,
        least: Ppm,
    ) -> Option<Gain> {
        // What is at hand first, and what has to be looked for last: most candidates are left out before that.
        let focus = self.memo.focus(&row.codes);
        let trades = self.bounds.trades(row.trades);
        if !self.valuation.reaches(rest + focus + trades, least) {
            return None;
        }
        let others = field.common + focus + self.memo.rest(&row.codes);
        let heard = match (&field.hearing, published) {
            (Some(hearing), Some(published)) => self.bounds.heard(hearing, published),
            _ => Gain::default(),
        };
        if !self.valuation.reaches(others + trades + heard, least) {
            return None;
        }
        let shared = others + self.memo.work(&row.codes);
        if !self.valuation.reaches(shared + heard, least) {
            return None;
        }
        if field.hearing.is_none() {
            return Some(shared);
        }
        // Opportunities are costly to compare, and are compared last.
        let opportunities = self.snapshot.opportunities_of(row.slot);
        let gain = shared + self.valuation.opportunities(field.cluster.country, opportunities);
        self.valuation.reaches(gain, least).then_some(gain)
    }

    /// How many candidates are eligible, and how many enterprises each rule leaves out. Only what cannot be told of a whole
    /// page is counted one by one.
    pub(super) fn count(mut self) -> (usize, BTreeMap<ExclusionRule, usize>) {
        let (mut filtered, mut unknown) = (0, 0);
        let fields = std::mem::take(&mut self.fields);
        for field in &fields {
            let is_known = field.common.is_known();
            if is_known && !field.is_sieved {
                continue;
            }
            for page in &field.cluster.pages {
                if !field.is_sieved && self.bounds.all_known(&page.summary) {
                    continue;
                }
                for row in &page.rows {
                    if self.linked.binary_search(&row.slot).is_ok() {
                        continue;
                    }
                    if !self.passes(field, row) {
                        filtered += 1;
                    } else if !is_known && !self.is_known(field, row) {
                        unknown += 1;
                    }
                }
            }
        }
        self.exclude(ExclusionRule::Filter, filtered);
        self.exclude(ExclusionRule::NothingKnown, unknown);
        (self.considered - filtered - unknown, self.exclusions)
    }

    fn is_known(&mut self, field: &Field<'_>, row: &Row) -> bool {
        let published = || {
            let opportunities = self.snapshot.opportunities_of(row.slot);
            self.valuation.opportunities(field.cluster.country, opportunities).is_known()
        };
        self.memo.gain(&row.codes).is_known() || (field.cluster.speaks && published())
    }
}
