//! The score of a pair taken apart by what it depends on: each part of a candidate adds its own gain, and the sum is the
//! score that the criteria give, to the last ppm. A scan finds the gain of a part once for all who share it.

use std::cell::{Cell, OnceCell};
use std::ops::Add;
use std::sync::Arc;

use crate::domain::{
    Activity, CountryCode, DIVISION_COUNT, Division, Doing, Industry, IsicCode, Language, Opportunity, Ppm, Profile,
    Reach, Size, Standing,
};

use super::context::Context;
use super::criteria::assurance::Parts;
use super::criteria::requests_met::{Voice, met};
use super::criteria::value_chain::{Weight, strength};
use super::criteria::{industry_focus, language, market, scale};
use super::policy::{Criterion, NEUTRAL};
use super::scorer::{Score, Scorer};

/// What parts of a candidate add to both directed scores, and how much of the weight is known by them.
///
/// Each direction is one number: value times weight in the low 40 bits, which hold at most 10^12 since weights add up to
/// a million, and above them the weight that is known. So two additions add everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Gain {
    forward: u64,
    backward: u64,
}

const PRODUCT_BITS: u32 = 40;
const PRODUCT: u64 = (1 << PRODUCT_BITS) - 1;

impl Add for Gain {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { forward: self.forward + other.forward, backward: self.backward + other.backward }
    }
}

impl Gain {
    /// Both directed scores in ppm.
    pub(super) fn directed(self) -> (Ppm, Ppm) {
        let directed = |sum: u64| Ppm::new(((sum & PRODUCT) / 1_000_000) as u32);
        (directed(self.forward), directed(self.backward))
    }

    /// The weight that is known, by direction.
    pub(crate) fn known(self) -> (Ppm, Ppm) {
        let known = |sum: u64| Ppm::new((sum >> PRODUCT_BITS) as u32);
        (known(self.forward), known(self.backward))
    }

    /// The sums of value times weight, by direction; at most 10^12.
    pub(crate) fn products(self) -> (u64, u64) {
        (self.forward & PRODUCT, self.backward & PRODUCT)
    }

    /// Whether anything is known.
    pub(crate) fn is_known(self) -> bool {
        (self.forward | self.backward) >> PRODUCT_BITS > 0
    }

    /// The greater of each direction; what is known is not told.
    pub(crate) fn best(self, other: Self) -> Self {
        let ((one, back), (another, another_back)) = (self.products(), other.products());
        Self::of_products(one.max(another), back.max(another_back))
    }

    pub(super) fn of_products(forward: u64, backward: u64) -> Self {
        Self { forward, backward }
    }
}

/// One subject under one scorer, ready to value candidates part by part.
#[derive(Debug)]
pub(crate) struct Valuation<'a> {
    pub(super) scorer: &'a Scorer<'a>,
    pub(super) subject: &'a Profile,
    /// By division of the candidate's activity: what it is worth to the subject, undiscounted. Found when it is first asked
    /// for.
    chains: OnceCell<Box<[Chain; DIVISION_COUNT]>>,
    /// Activities that machines were looked up for, and what they are worth, each at the place that its code leads to.
    made: [Cell<Option<Made>>; MADE],
    /// What any candidate gains by how far the subject can be relied on.
    own: u64,
}

/// A code, and what an activity of it is worth, undiscounted.
type Made = (IsicCode, Option<Ppm>);

/// Places for codes: some more than there are codes of those who make machines or are named as working with them.
const MADE: usize = 64;

/// What an activity of a division is worth.
#[derive(Debug, Clone, Copy, Default)]
struct Chain {
    /// By the inter-industry table alone; none if it does not tell.
    traded: Option<Ppm>,
    /// At most, with the list of machines; none if neither tells.
    at_most: Option<Ppm>,
    /// Whether the list of machines may say more, so that the code itself must be looked at.
    has_machines: bool,
}

impl<'a> Valuation<'a> {
    /// Nothing is found yet.
    pub(crate) fn new(scorer: &'a Scorer<'a>, subject: &'a Profile) -> Self {
        let own = Parts::of(&subject.standing(), scorer.context.as_of).value();
        Self {
            scorer,
            subject,
            chains: OnceCell::new(),
            made: [const { Cell::new(None) }; MADE],
            own: scorer.product(Criterion::Assurance, own),
        }
    }

    fn chains(&self) -> &[Chain; DIVISION_COUNT] {
        self.chains.get_or_init(|| Box::new(chains(&self.scorer.context, self.subject.doing())))
    }

    /// Country of the subject.
    pub(crate) fn country_of_subject(&self) -> CountryCode {
        self.subject.country
    }

    /// Whether the subject publishes opportunities.
    pub(crate) fn subject_speaks(&self) -> bool {
        !self.subject.opportunities.is_empty()
    }

    /// Whether the value of every activity of a division is known.
    pub(super) fn is_chain_known(&self, division: usize) -> bool {
        self.chains()[division].traded.is_some()
    }

    /// What an activity of a division is worth at most, undiscounted; none if nothing is known.
    pub(super) fn chain_at_most(&self, division: usize) -> Option<Ppm> {
        self.chains()[division].at_most
    }

    /// By what the candidate does, where `worth` tells what each of its activities is worth undiscounted.
    pub(crate) fn doing(&self, doing: Doing<'_>, mut worth: impl FnMut(&Activity) -> Option<Ppm>) -> Gain {
        let weight = Weight::of(doing);
        let worth = doing.activities.iter().filter_map(|other| Some(worth(other)?.of(weight.get(other))));
        self.both(Criterion::ValueChain, worth.max())
    }

    /// What an activity is worth to the subject, undiscounted; none if nothing is known.
    pub(crate) fn activity(&self, other: &Activity) -> Option<Ppm> {
        let chain = &self.chains()[other.division()?.index()];
        if !chain.has_machines {
            return chain.traded;
        }
        let code = other.code();
        let place = &self.made[code.bytes().iter().fold(0, |place, digit| place * 7 + usize::from(*digit)) % MADE];
        if let Some((_, worth)) = place.get().filter(|(made, _)| *made == code) {
            return worth;
        }
        let doing = self.subject.doing();
        let weight = Weight::of(doing);
        let links = doing.activities.iter();
        let worth = links.filter_map(|one| Some(strength(&self.scorer.context, one, other)?.of(weight.get(one)))).max();
        place.set(Some((code, worth)));
        worth
    }

    /// By the candidate's programme industries.
    pub(crate) fn industries(&self, industries: &[Industry]) -> Gain {
        let policy = self.scorer.context.policy;
        self.each(
            Criterion::IndustryFocus,
            industry_focus::share(policy, &self.subject.industries, industries),
            industry_focus::share(policy, industries, &self.subject.industries),
        )
    }

    /// By where the candidate wants to do business.
    pub(crate) fn reach(&self, reach: &Reach) -> Gain {
        let (context, country) = (&self.scorer.context, self.subject.country);
        let wanted = market::wanted(context, &reach.target_regions, &reach.presence, country);
        Gain::of_products(0, self.product(Criterion::Market, wanted))
    }

    /// By the candidate's working languages.
    pub(crate) fn languages(&self, languages: &[Language]) -> Gain {
        self.both(Criterion::Language, language::shared(&self.subject.languages, languages))
    }

    /// By the candidate's size.
    pub(crate) fn size(&self, size: Size) -> Gain {
        self.both(Criterion::Scale, scale::closeness(self.subject.size(), size))
    }

    /// By how far the candidate's record can be relied on.
    pub(crate) fn standing(&self, standing: &Standing) -> Gain {
        let value = Parts::of(standing, self.scorer.context.as_of).value();
        Gain::of_products(self.product(Criterion::Assurance, value), 0)
    }

    /// What all candidates of a country have in common: that they sit there, and how far the subject can be relied on.
    pub(crate) fn country(&self, country: CountryCode) -> Gain {
        let (context, subject) = (&self.scorer.context, self.subject);
        let wanted = market::wanted(context, &subject.target_regions, &subject.presence, country);
        Gain::of_products(self.product(Criterion::Market, wanted), self.own)
    }

    /// By what the candidate publishes.
    pub(crate) fn opportunities(&self, country: CountryCode, opportunities: &[Arc<Opportunity>]) -> Gain {
        let (context, own) = (&self.scorer.context, Voice::of(self.subject));
        if self.scorer.weight(Criterion::RequestsMet) == Ppm::ZERO {
            return Gain::default();
        }
        let other = Voice { opportunities, country };
        let forward = met(context, own, other, |_, _| {});
        let backward = met(context, other, own, |_, _| {});
        self.each(Criterion::RequestsMet, forward, backward)
    }

    /// The score of a pair by the sum of all its gains; none if nothing is known.
    pub(crate) fn score(&self, gain: Gain) -> Option<Score> {
        let (known_forward, known_backward) = gain.known();
        if !gain.is_known() {
            return None;
        }
        let (forward, backward) = gain.directed();
        let pair = self.scorer.context.policy.fusion().fuse(forward, backward);
        Some(Score { pair, forward, backward, known_forward, known_backward })
    }

    /// Whether the pair score of a sum of gains is at least so much. Cheaper than the score itself: nothing is divided.
    pub(crate) fn reaches(&self, gain: Gain, least: Ppm) -> bool {
        // However directed scores are fused, the result is at most their mean.
        let (forward, backward) = gain.products();
        if forward + backward < 2 * 1_000_000 * u64::from(least.get()) {
            return false;
        }
        let (forward, backward) = gain.directed();
        self.scorer.context.policy.fusion().reaches(forward, backward, least)
    }

    fn both(&self, criterion: Criterion, value: Option<Ppm>) -> Gain {
        let product = self.product(criterion, value);
        Gain::of_products(product, product)
    }

    fn each(&self, criterion: Criterion, forward: Option<Ppm>, backward: Option<Ppm>) -> Gain {
        Gain::of_products(self.product(criterion, forward), self.product(criterion, backward))
    }

    fn product(&self, criterion: Criterion, value: Option<Ppm>) -> u64 {
        self.scorer.product(criterion, value)
    }
}

impl Scorer<'_> {
    /// One direction of a gain.
    pub(super) fn product(&self, criterion: Criterion, value: Option<Ppm>) -> u64 {
        let weight = u64::from(self.weight(criterion).get());
        let known = if value.is_some() { weight << PRODUCT_BITS } else { 0 };
        known | (u64::from(value.unwrap_or(NEUTRAL).get()) * weight)
    }
}

/// What activities are worth to somebody who does this, by division.
fn chains(context: &Context<'_>, doing: Doing<'_>) -> [Chain; DIVISION_COUNT] {
    let mut chains = [Chain::default(); DIVISION_COUNT];
    let weight = Weight::of(doing);
    for one in doing.activities {
        let Some(division) = one.division() else { continue };
        let weight = weight.get(one);
        for other in Division::all() {
            let chain = &mut chains[other.index()];
            let traded = context.inter_industry.strength(division, other).map(|strength| strength.of(weight));
            let machines = context.capital_goods.at_most(division, other).map(|strength| strength.of(weight));
            chain.traded = chain.traded.max(traded);
            chain.at_most = chain.at_most.max(traded).max(machines);
            chain.has_machines |= machines.is_some();
        }
    }
    chains
}
