//! What a page of candidates can score at most, by its summary.

use crate::domain::{
    BestStanding, CountryCode, DIVISION_COUNT, Marks, Opportunity, Ppm, Published, Region, SECTION_BIT, Size, Standing,
    Subjects, Summary, Trades, industry_bit, kind_bit, language_bit, region_bit, section_bit,
};

use super::criteria::assurance::Parts;
use super::criteria::opportunity_fit;
use super::criteria::requests_met::{Voice, is_open};
use super::criteria::scale;
use super::criteria::value_chain::SIDE_ACTIVITY;
use super::policy::{Criterion, Fusion, NEUTRAL};
use super::valuation::{Gain, Valuation};

/// The bounds of one subject. They are never below the score of any candidate of the page, and are found in a fraction
/// of the time that scoring one of them takes.
#[derive(Debug)]
pub(crate) struct Bounds<'a> {
    pub(super) valuation: &'a Valuation<'a>,
    weights: [u64; Criterion::COUNT],
    /// Priorities and bits of the subject's industries, the highest first.
    industries: Vec<(u64, u64)>,
    priorities: u64,
    languages: u64,
    /// Bits of whatever covers the subject's country.
    home: u64,
    /// Its marks.
    pub(super) home_marks: Vec<u8>,
    /// Closeness and the sizes that have it, closest first.
    sizes: Vec<(u32, u64)>,
    /// What each of [`Trades`] is worth at most.
    pub(super) worths: [u32; 256],
    /// What activities are worth at most by division, best first.
    mains: Worths,
    /// The same of discounted ones.
    sides: Worths,
}

/// What divisions are worth, and in the low bits which they are, best first.
type Worths = [u32; DIVISION_COUNT];

/// Bits that tell a division.
const DIVISION_BITS: u32 = 7;

/// What a candidate of a country can gain by opportunities at most.
#[derive(Debug)]
pub(crate) struct Hearing {
    /// The subject's open requests.
    requests: Vec<Probe>,
    priorities: u64,
    /// The subject's open answers.
    answers: Vec<Probe>,
}

/// One opportunity of the subject against the subjects of a page.
#[derive(Debug)]
struct Probe {
    /// The kinds that it goes with.
    kinds: u16,
    same: u128,
    near: u128,
    hs: u128,
    has_industries: bool,
    /// What form and keywords give at most.
    rest: u32,
    priority: u64,
}

impl<'a> Bounds<'a> {
    /// Bounds for what a valuation values.
    pub(crate) fn new(valuation: &'a Valuation<'a>) -> Self {
        let (subject, scorer) = (valuation.subject, valuation.scorer);
        let weights = Criterion::ALL.map(|criterion| u64::from(scorer.weight(criterion).get()));
        let priority = |industry| u64::from(scorer.context.policy.priority(industry));
        let mut industries: Vec<_> =
            subject.industries.iter().map(|industry| (priority(industry), industry_bit(industry))).collect();
        industries.sort_unstable_by(|one, other| other.cmp(one));
        let mut sizes: Vec<(u32, u64)> = Vec::new();
        for number in 0..Size::COUNT {
            let value = scale::closeness(subject.size(), Size::numbered(number)).unwrap_or(NEUTRAL).get();
            match sizes.iter_mut().find(|(known, _)| *known == value) {
                Some((_, bits)) => *bits |= 1 << number,
                None => sizes.push((value, 1 << number)),
            }
        }
        sizes.sort_unstable_by(|one, other| other.cmp(one));
        let home: Vec<_> =
            scorer.context.groups_of(subject.country).chain([Region::Country(subject.country)]).collect();
        let worths = worths(valuation);
        let best_first = |from: usize| {
            let mut all: Worths =
                std::array::from_fn(|division| worths[from + division] << DIVISION_BITS | division as u32);
            all.sort_unstable_by(|one, other| other.cmp(one));
            all
        };
        Self {
            worths,
            mains: best_first(0),
            sides: best_first(Trades::DISCOUNTED.into()),
            valuation,
            weights,
            priorities: industries.iter().map(|(priority, _)| priority).sum(),
            industries,
            languages: subject.languages.iter().map(language_bit).fold(0, |bits, bit| bits | bit),
            home: home.iter().map(region_bit).fold(0, |bits, bit| bits | bit),
            home_marks: home.iter().map(Marks::region).collect(),
            sizes,
        }
    }

    /// What opportunities of a country's candidates are held against.
    pub(crate) fn hearing(&self, country: CountryCode) -> Hearing {
        let context = &self.valuation.scorer.context;
        let voice = Voice::of(self.valuation.subject);
        let requests: Vec<_> =
            voice.requests(context, country).filter_map(|one| Probe::of(one, one.kind.answered_by()?)).collect();
        let offers = voice.opportunities.iter().filter(|one| is_open(context, one, country));
        let answers = offers.filter_map(|one| Probe::answering(one)).collect();
        Hearing { priorities: requests.iter().map(|one| one.priority).sum(), requests, answers }
    }

    /// The pair score that nobody of the page exceeds. `common` is what they have in common by their country;
    /// `hearing` is none for candidates that publish nothing, whose gain by opportunities is part of `common`.
    pub(crate) fn at_most(&self, common: Gain, summary: &Summary, hearing: Option<&Hearing>) -> Ppm {
        let chain = self.weights[Criterion::ValueChain.index()] * u64::from(self.chain(summary));
        let (focus, focus_back) = self.focus(summary);
        let focus_weight = self.weights[Criterion::IndustryFocus.index()];
        let focus = Gain::of_products(focus_weight * u64::from(focus), focus_weight * u64::from(focus_back));
        let gain = self.rest_at_most(common, summary, hearing) + Gain::of_products(chain, chain) + focus;
        let (forward, backward) = gain.directed();
        self.fusion().fuse(forward, backward)
    }

    /// The gain that nobody of the page exceeds by anything but what it does and its industries.
    fn rest_at_most(&self, common: Gain, summary: &Summary, hearing: Option<&Hearing>) -> Gain {
        let (mut forward, mut backward) = common.products();
        let both = self.weights[Criterion::Scale.index()] * u64::from(self.scale(summary.sizes))
            + self.weights[Criterion::Language.index()] * u64::from(self.language(summary));
        forward += both + self.weights[Criterion::Assurance.index()] * u64::from(self.assurance(&summary.standing));
        backward += both + self.weights[Criterion::Market.index()] * u64::from(self.market(summary));
        if let Some(hearing) = hearing {
            let gain = self.heard(hearing, &summary.published).products();
            forward += gain.0;
            backward += gain.1;
        }
        Gain::of_products(forward, backward)
    }

    /// How the two directions are fused.
    pub(super) fn fusion(&self) -> Fusion {
        self.valuation.scorer.context.policy.fusion()
    }

    /// What a standing says on the day.
    pub(super) fn parts(&self, standing: &Standing) -> Parts {
        Parts::of(standing, self.valuation.scorer.context.as_of)
    }

    /// What candidates are worth at most, in both directions, that share so many industries of those they name; none: it
    /// is not known how many they name.
    pub(super) fn focus_of(&self, shared: u8, named: Option<u8>) -> (u32, u32) {
        if self.industries.is_empty() || named == Some(0) {
            return (NEUTRAL.get(), NEUTRAL.get());
        }
        if shared == 0 {
            return (0, 0);
        }
        let highest: u64 = self.industries.iter().take(shared.into()).map(|(priority, _)| priority).sum();
        let counts_alone = !self.valuation.scorer.context.policy.has_priorities();
        let backward = named.filter(|_| counts_alone).map_or(Ppm::ONE, |named| Ppm::ratio(shared.into(), named.into()));
        (Ppm::ratio(highest, self.priorities).get(), backward.get())
    }

    /// What opportunities can give at most.
    pub(crate) fn heard(&self, hearing: &Hearing, published: &Published) -> Gain {
        let weight = self.weights[Criterion::RequestsMet.index()];
        let fits = hearing.requests.iter().map(|one| one.priority * u64::from(one.fit(&published.answers)));
        let mean = fits.sum::<u64>().checked_div(hearing.priorities);
        let forward = mean.map_or(NEUTRAL.get(), |mean| mean as u32);
        let answered = hearing.answers.iter().map(|one| one.fit(&published.requests)).max().unwrap_or(0);
        // One of them may ask for nothing.
        let backward = answered.max(NEUTRAL.get());
        Gain::of_products(weight * u64::from(forward), weight * u64::from(backward))
    }

    /// Whether something is surely known of each of the page, without looking at them.
    pub(crate) fn all_known(&self, summary: &Summary) -> bool {
        let subject = self.valuation.subject;
        let has_weight = |criterion: Criterion| self.weights[criterion.index()] > 0;
        let divisions =
            || bits(summary.main | summary.side).all(|division| self.valuation.is_chain_known(division as usize));
        (has_weight(Criterion::ValueChain) && !summary.has_idle && divisions())
            || (has_weight(Criterion::IndustryFocus) && !subject.industries.is_empty() && !summary.has_unfocused)
            || (has_weight(Criterion::Market) && !summary.has_open)
            || (has_weight(Criterion::Language) && !subject.languages.is_empty() && !summary.has_speechless)
    }

    fn chain(&self, summary: &Summary) -> u32 {
        let idle = if summary.has_idle { NEUTRAL.get() } else { 0 };
        // There are many of these, and one of the best among them.
        let best = |worths: &Worths, of: u128| {
            let is_there = |worth: &&u32| of >> (**worth & ((1 << DIVISION_BITS) - 1)) & 1 == 1;
            worths.iter().find(is_there).map(|worth| worth >> DIVISION_BITS)
        };
        let (main, side) = (best(&self.mains, summary.main), best(&self.sides, summary.side));
        idle.max(main.unwrap_or(0)).max(side.unwrap_or(0))
    }

    fn focus(&self, summary: &Summary) -> (u32, u32) {
        if self.industries.is_empty() || summary.industries == 0 {
            return (NEUTRAL.get(), NEUTRAL.get());
        }
        let unknown = if summary.has_unfocused { NEUTRAL.get() } else { 0 };
        let shared = self.industries.iter().filter(|(_, bit)| summary.industries & bit != 0);
        let shared: u64 = shared.map(|(priority, _)| priority).sum();
        let forward = Ppm::ratio(shared, self.priorities).get();
        let backward = if shared > 0 { Ppm::ONE.get() } else { 0 };
        (forward.max(unknown), backward.max(unknown))
    }

    fn market(&self, summary: &Summary) -> u32 {
        match () {
            () if summary.regions & self.home != 0 => Ppm::ONE.get(),
            () if summary.has_open => NEUTRAL.get(),
            () => 0,
        }
    }

    fn scale(&self, sizes: u64) -> u32 {
        self.sizes.iter().find(|(_, bits)| bits & sizes != 0).map_or(0, |(value, _)| *value)
    }

    fn language(&self, summary: &Summary) -> u32 {
        match () {
            () if self.languages == 0 => NEUTRAL.get(),
            () if summary.languages & self.languages != 0 => Ppm::ONE.get(),
            () if summary.has_speechless => NEUTRAL.get(),
            () => 0,
        }
    }

    fn assurance(&self, best: &BestStanding) -> u32 {
        // A number with right check digits counts more than level 2 and less than level 3.
        let is_number_best = best.has_checked_identifier && best.verification <= 2;
        let standing = Standing {
            verification: Some(best.verification).filter(|_| !is_number_best),
            has_checked_identifier: is_number_best,
            founded_year: best.founded_year,
            certificates: best.certificates,
        };
        let mut parts = self.parts(&standing);
        // Somebody else of the page may have been founded before a day at which the first was not.
        parts.years = parts.years.max(Some(NEUTRAL));
        parts.certificates = parts.certificates.max(Some(NEUTRAL));
        parts.value().unwrap_or(NEUTRAL).get()
    }
}

/// What each of [`Trades`] is worth at most. What is not known counts as neutral, discounted or not.
fn worths(valuation: &Valuation<'_>) -> [u32; 256] {
    let mut worths = [0; 256];
    for division in 0..DIVISION_COUNT {
        let worth = valuation.chain_at_most(division);
        worths[division] = worth.unwrap_or(NEUTRAL).get();
        let discounted = worth.map_or(NEUTRAL, |worth| worth.of(SIDE_ACTIVITY));
        worths[division + usize::from(Trades::DISCOUNTED)] = discounted.get();
    }
    worths[usize::from(Trades::IDLE)] = NEUTRAL.get();
    worths[usize::from(Trades::MANY)] = worths.iter().copied().max().unwrap_or_default();
    worths
}

impl Probe {
    fn of(one: &Opportunity, counterpart: crate::domain::OpportunityKind) -> Option<Self> {
        Some(Self::against(one, kind_bit(counterpart)))
    }

    /// As an answer to whatever asks for its kind; none for a request that nothing of its own kind answers.
    fn answering(one: &Opportunity) -> Option<Self> {
        let kinds = one.kind.asked_by()?;
        Some(Self::against(one, kind_bit(kinds)))
    }

    fn against(one: &Opportunity, kinds: u16) -> Self {
        let (mut same, mut near) = (0, 0);
        for code in &one.isic {
            let Some(section) = code.section() else { continue };
            near |= section_bit(section) | divisions_of(section);
            if let Some(division) = code.division() {
                same |= 1 << division.index();
            }
        }
        let hs = one.hs.iter().map(|code| 1 << code.chapter()).fold(0, |bits: u128, bit: u128| bits | bit);
        let rest = opportunity_fit::rest_at_most(one);
        let has_industries = !one.industries.is_empty();
        Self { kinds, same, near, hs, has_industries, rest, priority: u64::from(one.priority) }
    }

    /// The fit that none of the page's opportunities of the right kind exceeds.
    fn fit(&self, subjects: &Subjects) -> u32 {
        if self.kinds & subjects.kinds == 0 {
            return 0;
        }
        let by_isic = match () {
            () if self.same & subjects.isic != 0 => Ppm::ONE,
            () if self.near & subjects.isic != 0 => Ppm::new(200_000),
            () => Ppm::ZERO,
        };
        let by_hs = if self.hs & subjects.hs != 0 { Ppm::ONE } else { Ppm::ZERO };
        let both_name_industries = self.has_industries && subjects.has_industries;
        let by_industry = if both_name_industries { opportunity_fit::SAME_INDUSTRY } else { Ppm::ZERO };
        // What one of them does not tell counts as neutral.
        let subject = by_isic.max(by_hs).max(by_industry).max(NEUTRAL);
        opportunity_fit::SUBJECT.of(subject).get() + self.rest
    }
}

fn divisions_of(section: u8) -> u128 {
    let inside = crate::domain::Division::all().filter(|division| division.section() == section);
    let bits = inside.map(|division| 1 << division.index()).fold(0, |bits: u128, bit: u128| bits | bit);
    debug_assert!(bits < 1 << SECTION_BIT, "divisions and sections have bits of their own");
    bits
}

/// Places of the bits that are set.
fn bits(mut set: u128) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let lowest = (set != 0).then(|| set.trailing_zeros())?;
        set &= set - 1;
        Some(lowest)
    })
}
