//! What rows and columns gain by what both publish: of every request the best answer, as the criterion tells of one pair.
//!
//! How well two opportunities fit is a sum over their parts, and many share a part: each is found once for two different
//! parts, and kept.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::heard::Heard;
use crate::domain::{CountryCode, HsCode, Industry, IsicCode, Opportunity, OpportunityKind, Ppm, Profile, Term};
use crate::scoring::{Scorer, Valuation, keyword_points, partnership_points, subject_points};

/// What the columns publish.
pub(super) struct Voices<'a> {
    speakers: Vec<Speaker>,
    spoken: Vec<Spoken<'a>>,
    subjects: Points<'a, Subject>,
    partnerships: Points<'a, u32>,
    keywords: Points<'a, Vec<Term>>,
    /// By the country of a row, which of what is spoken is meant for it and holds.
    open: BTreeMap<CountryCode, Rc<[bool]>>,
}

/// A column that publishes something.
struct Speaker {
    column: usize,
    /// Place of its country among the countries.
    country: usize,
    /// What it publishes.
    first: usize,
    end: usize,
}

/// One opportunity, and the numbers of its parts.
struct Spoken<'a> {
    opportunity: &'a Opportunity,
    call: Call,
    subject: u32,
    partnership: u32,
    keywords: u32,
}

/// An opportunity of a row beside what is spoken in a tile.
struct Own {
    call: Call,
    /// By place of a country, whether it is meant for it and holds.
    open: Vec<bool>,
    /// How well each fits, in ppm.
    fits: Vec<u32>,
}

/// What is asked of each opportunity for every two.
#[derive(Clone, Copy)]
struct Call {
    kind: OpportunityKind,
    /// What answers it, if it is a request.
    answered_by: Option<OpportunityKind>,
    priority: u8,
}

impl Call {
    fn of(one: &Opportunity) -> Self {
        Self { kind: one.kind, answered_by: one.kind.answered_by(), priority: one.priority }
    }
}

/// What an opportunity is about.
type Subject = (Vec<IsicCode>, Vec<HsCode>, Vec<Industry>);

impl<'a> Voices<'a> {
    /// Nobody speaks yet.
    pub(super) fn new() -> Self {
        Self {
            speakers: Vec::new(),
            spoken: Vec::new(),
            subjects: Points::new(),
            partnerships: Points::new(),
            keywords: Points::new(),
            open: BTreeMap::new(),
        }
    }

    /// Adds what a column publishes; columns come in order. `country` is the place of its country.
    pub(super) fn add(&mut self, column: usize, country: usize, published: &'a [Arc<Opportunity>]) {
        if published.is_empty() {
            return;
        }
        let first = self.spoken.len();
        for one in published {
            self.spoken.push(Spoken {
                opportunity: one,
                call: Call::of(one),
                subject: self.subjects.number(subject(one), one),
                partnership: self.partnerships.number(one.partnership_types.bits(), one),
                keywords: self.keywords.number(one.terms.clone(), one),
            });
        }
        self.speakers.push(Speaker { column, country, first, end: self.spoken.len() });
    }

    /// What a row and the columns of a tile gain by what they publish. `countries` are those of the columns.
    pub(super) fn heard(
        &mut self,
        scorer: &Scorer<'_>,
        row: &Profile,
        countries: &[CountryCode],
        tile: &Range<usize>,
    ) -> Heard {
        let valuation = Valuation::new(scorer, row);
        let silent = countries.iter().map(|country| valuation.opportunities(*country, &[])).collect();
        let first = self.speakers.partition_point(|speaker| speaker.column < tile.start);
        let end = self.speakers.partition_point(|speaker| speaker.column < tile.end);
        let (Some(one), Some(last)) = (self.speakers[first..end].first(), self.speakers[first..end].last()) else {
            return Heard { silent, speakers: Vec::new() };
        };
        let spoken = one.first..last.end;
        let is_open = self.spoken.iter().map(|spoken| scorer.is_open(spoken.opportunity, row.country));
        let open = self.open.entry(row.country).or_insert_with(|| is_open.collect()).clone();
        let own: Vec<_> = row.opportunities.iter().map(|one| self.own(scorer, one, countries, &spoken)).collect();
        let heard = |speaker: &Speaker| {
            let forward = self.forward(&own, speaker, &open, spoken.start);
            let backward = self.backward(&own, speaker, &open, spoken.start);
            (speaker.column, scorer.met(forward, backward))
        };
        Heard { silent, speakers: self.speakers[first..end].iter().map(heard).collect() }
    }

    fn own(&mut self, scorer: &Scorer<'_>, one: &Opportunity, countries: &[CountryCode], spoken: &Range<usize>) -> Own {
        let subjects = self.subjects.of(subject(one), |other| subject_points(one, other));
        let partnerships = self.partnerships.of(one.partnership_types.bits(), |other| {
            partnership_points(one.partnership_types, other.partnership_types)
        });
        let keywords = self.keywords.of(one.terms.clone(), |other| keyword_points(&one.terms, &other.terms));
        let fit = |other: &Spoken<'_>| {
            let Spoken { subject, partnership, keywords: words, .. } = *other;
            subjects[subject as usize] + partnerships[partnership as usize] + keywords[words as usize]
        };
        Own {
            call: Call::of(one),
            open: countries.iter().map(|country| scorer.is_open(one, *country)).collect(),
            fits: self.spoken[spoken.clone()].iter().map(fit).collect(),
        }
    }

    /// How well the requests of a row are met by what a column offers.
    fn forward(&self, own: &[Own], speaker: &Speaker, open: &[bool], from: usize) -> Option<Ppm> {
        let mut mean = Mean::default();
        for request in own.iter().filter(|one| one.open[speaker.country]) {
            let Some(kind) = request.call.answered_by else { continue };
            let answers = |at: &usize| open[*at] && self.spoken[*at].call.kind == kind;
            let fits = (speaker.first..speaker.end).filter(answers).map(|at| request.fits[at - from]);
            mean.add(request.call.priority, fits.max());
        }
        mean.value()
    }

    /// How well the requests of a column are met by what a row offers.
    fn backward(&self, own: &[Own], speaker: &Speaker, open: &[bool], from: usize) -> Option<Ppm> {
        let mut mean = Mean::default();
        for at in (speaker.first..speaker.end).filter(|at| open[*at]) {
            let request = self.spoken[at].call;
            let Some(kind) = request.answered_by else { continue };
            let answers = |one: &&Own| one.open[speaker.country] && one.call.kind == kind;
            mean.add(request.priority, own.iter().filter(answers).map(|offer| offer.fits[at - from]).max());
        }
        mean.value()
    }
}

fn subject(one: &Opportunity) -> Subject {
    (one.isic.clone(), one.hs.clone(), one.industries.clone())
}

/// The mean of the best fits of requests, by their priorities; a request that nothing answers counts 0.
#[derive(Default)]
struct Mean {
    sum: u64,
    priorities: u64,
}

impl Mean {
    fn add(&mut self, priority: u8, best: Option<u32>) {
        self.sum += u64::from(priority) * u64::from(best.unwrap_or(0));
        self.priorities += u64::from(priority);
    }

    fn value(&self) -> Option<Ppm> {
        self.sum.checked_div(self.priorities).map(|mean| Ppm::new(mean as u32))
    }
}

/// One part of what is spoken: each different one once, and what those of rows give to a fit with them.
struct Points<'a, K> {
    numbers: HashMap<K, u32>,
    /// Somebody who has the part, by its number.
    examples: Vec<&'a Opportunity>,
    /// By the part of the row.
    kept: HashMap<K, Rc<[u32]>>,
}

/// Points that are kept for each part: 16 MiB of them. When there would be more, all are dropped.
const KEPT_MAX: usize = 4 * 1024 * 1024;

impl<'a, K: Hash + Eq> Points<'a, K> {
    fn new() -> Self {
        Self { numbers: HashMap::new(), examples: Vec::new(), kept: HashMap::new() }
    }

    /// The number of a part that `example` has.
    fn number(&mut self, part: K, example: &'a Opportunity) -> u32 {
        let next = self.examples.len() as u32;
        *self.numbers.entry(part).or_insert_with(|| {
            self.examples.push(example);
            next
        })
    }

    /// What a part of a row gives to the fit with each.
    fn of(&mut self, part: K, points: impl Fn(&Opportunity) -> u32) -> Rc<[u32]> {
        if (self.kept.len() + 1) * self.examples.len() > KEPT_MAX {
            self.kept.clear();
        }
        let examples = &self.examples;
        self.kept.entry(part).or_insert_with(|| examples.iter().map(|other| points(other)).collect()).clone()
    }
}
