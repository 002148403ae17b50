//! Who is eligible, how many that are, and what each gains.

use std::collections::BTreeMap;
use std::ops::Add;
use std::sync::Arc;

use crate::domain::{CountryCode, Ppm, Published, Size, State};
use crate::index::{Cluster, Codes, Page, Seat, Snapshot};
use crate::scoring::{Bounds, ExclusionRule, Gain, Hearing, Scan, Valuation};

use super::PartnerQuestion;
use super::sieve::Sieve;

/// The eligible candidates of one question.
pub(super) struct Candidates<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) valuation: &'a Valuation<'a>,
    bounds: Bounds<'a>,
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
        // Of those whom ownership links, only the ones that no earlier rule leaves out count as linked.
        let is_candidate = |slot: &u32| {
            let head = snapshot.head(*slot);
            head.state == State::Active && head.country != home
        };
        candidates.linked.retain(is_candidate);
        candidates.exclude(ExclusionRule::Ownership, candidates.linked.len());
        for cluster in snapshot.clusters() {
            candidates.take(cluster, home, own.is_some(), question);
        }
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
            self.snapshot.head(**slot).country == cluster.country
                && self.snapshot.opportunities_of(**slot).is_empty() != cluster.speaks
        };
        self.linked.iter().filter(is_here).count()
    }

    fn exclude(&mut self, rule: ExclusionRule, count: usize) {
        if count > 0 {
            *self.exclusions.entry(rule).or_insert(0) += count;
        }
    }

    /// A scan for all of them.
    pub(super) fn scan(&self, fields: &[Field<'_>]) -> Scan {
        let common = fields.iter().map(|field| field.common).fold(Gain::default(), Gain::best);
        let tongues = self.snapshot.facets().tongues.iter().map(|languages| &**languages);
        Scan::new(&self.bounds, tongues, common)
    }

    /// The score that nobody of a page exceeds.
    pub(super) fn at_most(&self, field: &Field<'_>, page: &Page) -> u32 {
        self.bounds.at_most(field.common, &page.summary, field.hearing.as_ref()).get()
    }

    /// What nobody exceeds who publishes this, by that and its country.
    pub(super) fn common(&self, field: &Field<'_>, published: Option<&Published>) -> Gain {
        let heard =
            field.hearing.as_ref().zip(published).map(|(hearing, published)| self.bounds.heard(hearing, published));
        field.common + heard.unwrap_or_default()
    }

    /// Whether no rule leaves a candidate out.
    pub(super) fn is_eligible(&mut self, field: &Field<'_>, seat: &Seat) -> bool {
        self.linked.binary_search(&seat.slot).is_err() && self.passes(field, seat)
    }

    fn passes(&mut self, field: &Field<'_>, seat: &Seat) -> bool {
        match &mut self.sieve {
            Some(sieve) if field.is_sieved => sieve.passes(field.cluster.country, seat),
            _ => true,
        }
    }

    /// What a candidate gains by what it does.
    pub(super) fn by_work(&self, work: u32) -> Gain {
        let doing = self.snapshot.facets().works.get(work).doing();
        self.valuation.doing(doing, |activity| self.valuation.activity(activity))
    }

    /// What a candidate gains besides `shared`, all together; none if that is known not to reach `least`.
    pub(super) fn gain(
        &self,
        field: &Field<'_>,
        slot: u32,
        published: Option<&Published>,
        shared: Gain,
        least: Ppm,
    ) -> Option<Gain> {
        let mut gain = field.common + shared;
        if let (Some(hearing), Some(published)) = (&field.hearing, published) {
            // Opportunities are costly to compare, and are compared last.
            if !self.valuation.reaches(gain + self.bounds.heard(hearing, published), least) {
                return None;
            }
            let opportunities = self.snapshot.opportunities_of(slot);
            gain = gain + self.valuation.opportunities(field.cluster.country, opportunities);
        }
        self.valuation.reaches(gain, least).then_some(gain)
    }

    /// The gains by everything but work that others may share, each by itself.
    pub(super) const PARTS: [fn(&Self, &Codes) -> Gain; 4] = [
        |this, codes| this.valuation.industries(this.snapshot.facets().focuses.get(codes.focus)),
        |this, codes| this.valuation.reach(this.snapshot.facets().reaches.get(codes.reach)),
        |this, codes| this.valuation.standing(this.snapshot.facets().standings.get(codes.standing)),
        |this, codes| {
            let languages = this.snapshot.facets().tongues.get(codes.tongue);
            this.valuation.languages(languages) + this.valuation.size(Size::numbered(codes.size))
        },
    ];

    /// The gain by all of them.
    fn by_rest(&self, codes: &Codes) -> Gain {
        Self::PARTS.into_iter().map(|part| part(self, codes)).fold(Gain::default(), Gain::add)
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
                for seat in &page.seats {
                    if self.linked.binary_search(&seat.slot).is_ok() {
                        continue;
                    }
                    if !self.passes(field, seat) {
                        filtered += 1;
                    } else if !is_known && !self.is_known(field, seat.slot) {
                        unknown += 1;
                    }
                }
            }
        }
        self.exclude(ExclusionRule::Filter, filtered);
        self.exclude(ExclusionRule::NothingKnown, unknown);
        (self.considered - filtered - unknown, self.exclusions)
    }

    fn is_known(&self, field: &Field<'_>, slot: u32) -> bool {
        let published = || {
            let opportunities = self.snapshot.opportunities_of(slot);
            self.valuation.opportunities(field.cluster.country, opportunities).is_known()
        };
        let codes = self.snapshot.codes(slot);
        (self.by_work(codes.work) + self.by_rest(&codes)).is_known() || (field.cluster.speaks && published())
    }
}
