//! A score taken apart: what each criterion contributed, and on which facts its value rests.

use std::cmp::Reverse;
use std::fmt::{self, Write};
use std::ops::Range;

use crate::domain::Ppm;

use super::policy::Criterion;
use super::scorer::Score;

/// A score with all its contributions: forward ones first, each direction in the order of the criteria.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explained {
    /// The score.
    pub(crate) score: Score,
    /// Contributions of every criterion that has a weight. The points of one direction add up to its directed score.
    pub(crate) contributions: Vec<Contribution>,
    /// On what their values rest.
    pub(crate) reasons: Reasons,
}

/// What one criterion adds to one directed score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contribution {
    /// The criterion.
    pub(crate) criterion: Criterion,
    /// The direction.
    pub(crate) direction: Direction,
    /// Its value; the neutral one if nothing is known.
    pub(crate) value: Ppm,
    /// Its weight; the weights of one direction add up to 1,000,000.
    pub(crate) weight: Ppm,
    /// Value times weight, rounded so that the points of one direction add up to its directed score.
    pub(crate) points: Ppm,
    /// Places among the reasons of those on which the value rests. Empty exactly if nothing is known, so that the neutral
    /// value counts.
    pub(crate) reasons: Range<usize>,
}

/// Which of the two brings something to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Direction {
    /// What b brings to a.
    Forward,
    /// What a brings to b.
    Backward,
}

/// One fact on which a value rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evidence<'a> {
    /// The fact in words an officer can read.
    pub(crate) text: &'a str,
    /// What of the receiving side it is about: a resource name or a code; may be empty.
    pub(crate) receiver: &'a str,
    /// What of the bringing side it is about: a resource name or a code; may be empty.
    pub(crate) bringer: &'a str,
    /// The value this fact alone has.
    pub(crate) value: Ppm,
}

/// Facts, whose texts follow each other in one: an answer has hundreds of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reasons {
    texts: String,
    facts: Vec<Fact>,
}

/// Where the texts of a fact are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fact {
    begin: usize,
    receiver: usize,
    bringer: usize,
    end: usize,
    value: Ppm,
}

/// Room for what most pairs need: two dozen facts of a hundred letters.
const TEXTS: usize = 4_096;
const FACTS: usize = 32;

impl Reasons {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { texts: String::with_capacity(TEXTS), facts: Vec::with_capacity(FACTS) }
    }

    /// Adds a fact about something of each side.
    pub(crate) fn add(
        &mut self,
        text: fmt::Arguments<'_>,
        receiver: impl fmt::Display,
        bringer: impl fmt::Display,
        value: Ppm,
    ) {
        let texts = &mut self.texts;
        let begin = texts.len();
        let mut told = |text: fmt::Arguments<'_>| {
            texts.write_fmt(text).expect("a text takes every letter");
            texts.len()
        };
        let receiver_begin = told(text);
        let bringer_begin = told(format_args!("{receiver}"));
        let end = told(format_args!("{bringer}"));
        self.facts.push(Fact { begin, receiver: receiver_begin, bringer: bringer_begin, end, value });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    /// Sorts those from a place on, the strongest first.
    pub(super) fn sort(&mut self, from: usize) {
        self.facts[from..].sort_by_key(|fact| Reverse(fact.value));
    }

    /// Drops all but so many.
    pub(super) fn truncate(&mut self, length: usize) {
        self.facts.truncate(length);
    }

    /// Those at some places.
    pub(crate) fn at(&self, places: &Range<usize>) -> impl DoubleEndedIterator<Item = Evidence<'_>> {
        self.facts[places.clone()].iter().map(|fact| Evidence {
            text: &self.texts[fact.begin..fact.receiver],
            receiver: &self.texts[fact.receiver..fact.bringer],
            bringer: &self.texts[fact.bringer..fact.end],
            value: fact.value,
        })
    }
}

/// Where a criterion writes down what its value rests on. Scanning many candidates needs values only, and then no text is
/// made; explaining runs the very same code and keeps them.
#[derive(Debug)]
pub(super) enum Notes<'a> {
    /// Nothing is kept.
    Silent,
    /// Everything is kept.
    Kept(&'a mut Reasons),
}

impl Notes<'_> {
    /// Writes one fact down, if facts are kept.
    pub(super) fn add(
        &mut self,
        text: fmt::Arguments<'_>,
        receiver: impl fmt::Display,
        bringer: impl fmt::Display,
        value: Ppm,
    ) {
        if let Self::Kept(kept) = self {
            kept.add(text, receiver, bringer, value);
        }
    }
}
