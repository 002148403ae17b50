//! A score taken apart: what each criterion contributed, and on which facts its value rests.

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
    /// On what the value rests. Empty exactly if nothing is known, so that the neutral value counts.
    pub(crate) evidence: Vec<Evidence>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The fact in words an officer can read.
    pub(crate) text: String,
    /// What of the receiving side it is about: a resource name or a code; may be empty.
    pub(crate) receiver: String,
    /// What of the bringing side it is about: a resource name or a code; may be empty.
    pub(crate) bringer: String,
    /// The value this fact alone has.
    pub(crate) value: Ppm,
}

impl Evidence {
    /// A fact about something of each side.
    pub(super) fn new(text: String, receiver: impl Into<String>, bringer: impl Into<String>, value: Ppm) -> Self {
        Self { text, receiver: receiver.into(), bringer: bringer.into(), value }
    }
}
