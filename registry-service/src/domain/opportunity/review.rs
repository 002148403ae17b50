//! Reviews of opportunities: four scores, and what follows from them.

use super::State;
use crate::domain::time::Timestamp;

/// A total from here on publishes.
const PUBLISHED_FROM: u8 = 10;
/// A total up to here rejects.
const REJECTED_UP_TO: u8 = 4;

/// A review that took place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// What the reviewer found.
    pub assessment: Assessment,
    /// When it was reviewed.
    pub review_time: Timestamp,
}

/// What a reviewer finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// How clear it is what is offered or asked.
    pub clarity: Score,
    /// How new or distinctive it is.
    pub innovation: Score,
    /// How ready its enterprise is to cooperate.
    pub readiness: Score,
    /// How well it serves the programme.
    pub relevance: Score,
    /// What the reviewer has to say; may be empty.
    pub comment: String,
}

/// One score, 0 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(u8);

impl Assessment {
    /// What becomes of the opportunity. A total that rejects comes first: below 5 there is a 0 nearly always, so if a 0
    /// came first, next to nothing would ever be rejected.
    pub fn verdict(&self) -> State {
        let scores = [self.clarity, self.innovation, self.readiness, self.relevance];
        let total: u8 = scores.iter().map(|score| score.0).sum();
        let has_zero = scores.contains(&Score(0));
        if total <= REJECTED_UP_TO {
            State::Rejected
        } else if has_zero || total < PUBLISHED_FROM {
            State::OnHold
        } else {
            State::Published
        }
    }
}

impl Score {
    /// The highest.
    const MAX: u8 = 5;

    /// Reads a score.
    pub fn parse(number: i32) -> Result<Self, String> {
        let score = u8::try_from(number).ok().filter(|score| *score <= Self::MAX);
        score.map(Self).ok_or_else(|| format!("must be 0 to {}, is {number}", Self::MAX))
    }

    /// The number.
    pub fn number(self) -> i32 {
        self.0.into()
    }
}
