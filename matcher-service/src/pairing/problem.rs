//! What a pairing is asked for: scores, limits and demands, checked once and valid ever after.

use std::collections::BTreeSet;
use std::fmt;

use super::quota::{self, Quota};
use super::sheet::Sheet;

/// The weight of a pair that must not be made.
pub(crate) const INELIGIBLE: i32 = -1;

/// The largest weight, 1 in ppm.
pub(crate) const WEIGHT_MAX: i32 = 1_000_000;

/// Sums of prices along the longest possible path must stay far below `i64::MAX` with this many enterprises a side.
const SIDE_MAX: usize = 1 << 20;

/// More flaws than this help nobody.
const FLAWS_MAX: usize = 100;

/// A whole pairing task: who may be paired at what weight, how often, and what is demanded.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    weights: Weights,
    a: Vec<Bounds>,
    b: Vec<Bounds>,
    must_meets: Vec<(u32, u32)>,
    max_pairs: Option<u32>,
    quotas: Vec<Quota>,
    seed: u64,
}

impl Problem {
    /// Takes the parts of a problem, or returns every flaw in them (at most 100).
    ///
    /// `a` holds the limits of the rows of `weights`, `b` those of its columns. `must_meets` are (row, column). `seed`
    /// decides between pairings of exactly the same total and nothing else; 0 prefers lower indices.
    pub(crate) fn new(
        weights: Weights,
        a: Vec<Bounds>,
        b: Vec<Bounds>,
        mut must_meets: Vec<(u32, u32)>,
        max_pairs: Option<u32>,
        seed: u64,
    ) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Vec::new();
        for (side, bounds, expected) in [(Side::A, &a, weights.rows()), (Side::B, &b, weights.columns())] {
            if bounds.len() != expected {
                flaws.push(Flaw::BoundsCount { side, given: bounds.len(), expected });
            }
            for (enterprise, bounds) in (0u32..).zip(bounds) {
                if bounds.min > bounds.max {
                    flaws.push(Flaw::MinAboveMax { side, enterprise, bounds: *bounds });
                }
            }
        }
        let mut seen = BTreeSet::new();
        for &(a, b) in &must_meets {
            if a as usize >= weights.rows() || b as usize >= weights.columns() {
                flaws.push(Flaw::MustMeetUnknown { a, b });
            } else if weights.get(a, b) == INELIGIBLE {
                flaws.push(Flaw::MustMeetIneligible { a, b });
            } else if !seen.insert((a, b)) {
                flaws.push(Flaw::MustMeetTwice { a, b });
            }
        }
        if !flaws.is_empty() {
            flaws.truncate(FLAWS_MAX);
            return Err(flaws);
        }
        must_meets.sort_unstable();
        Ok(Self { weights, a, b, must_meets, max_pairs, quotas: Vec::new(), seed })
    }

    /// The same with quotas, nested or apart on each side, or every flaw in them (at most 100).
    pub(crate) fn with_quotas(mut self, quotas: Vec<Quota>) -> Result<Self, Vec<Flaw>> {
        let mut flaws = quota::flaws(&quotas, [self.a.len(), self.b.len()]);
        if !flaws.is_empty() {
            flaws.truncate(FLAWS_MAX);
            return Err(flaws);
        }
        self.quotas = quotas;
        Ok(self)
    }

    /// The weights.
    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The limits of one side, by index.
    pub(crate) fn bounds(&self, side: Side) -> &[Bounds] {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    /// The pairs that must be made, sorted; each is eligible and listed once.
    pub(crate) fn must_meets(&self) -> &[(u32, u32)] {
        &self.must_meets
    }

    /// Most pairs in all, must-meets included.
    pub(crate) fn max_pairs(&self) -> Option<u32> {
        self.max_pairs
    }

    /// A number of pairs that is never exceeded.
    pub(super) fn pairs_max(&self) -> u64 {
        let most = |side: Side| -> u64 {
            let across = self.bounds(side.other()).len() as u32;
            self.bounds(side).iter().map(|bounds| u64::from(bounds.max.min(across))).sum()
        };
        most(Side::A).min(most(Side::B)).min(self.max_pairs.map_or(u64::MAX, u64::from))
    }

    /// Limits of groups.
    pub(crate) fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// What decides between pairings of the same total.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }
}

/// One score a pair, row by row: rows are side a, columns side b.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    rows: usize,
    columns: usize,
    values: Sheet,
}

impl Weights {
    /// Takes `rows * columns` values, each [`INELIGIBLE`] or from 0 to [`WEIGHT_MAX`], or returns every flaw (at most 100).
    pub(crate) fn new(rows: usize, columns: usize, values: impl Into<Sheet>) -> Result<Self, Vec<Flaw>> {
        let values = values.into();
        if rows > SIDE_MAX || columns > SIDE_MAX {
            return Err(vec![Flaw::TooLarge { rows, columns }]);
        }
        if values.len() != rows * columns {
            return Err(vec![Flaw::WeightCount { given: values.len(), expected: rows * columns }]);
        }
        let wrong = values.iter().enumerate().filter(|(_, weight)| !(INELIGIBLE..=WEIGHT_MAX).contains(*weight));
        let flaws: Vec<Flaw> = wrong
            .take(FLAWS_MAX)
            .map(|(at, &weight)| Flaw::WeightRange { a: index(at / columns), b: index(at % columns), weight })
            .collect();
        if flaws.is_empty() { Ok(Self { rows, columns, values }) } else { Err(flaws) }
    }

    /// How many enterprises side a has.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// How many enterprises side b has.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The weights of one enterprise of side a with every one of side b.
    pub(crate) fn row(&self, a: u32) -> &[i32] {
        let start = a as usize * self.columns;
        &self.values[start..start + self.columns]
    }

    /// The same weights with rows and columns in another order.
    pub(super) fn in_order(&self, rows: &[u32], columns: &[u32]) -> Self {
        let mut values = Sheet::new(rows.len() * columns.len());
        for (to, &row) in values.chunks_exact_mut(columns.len().max(1)).zip(rows) {
            let weights = self.row(row);
            to.iter_mut().zip(columns).for_each(|(value, &column)| *value = weights[column as usize]);
        }
        Self { rows: rows.len(), columns: columns.len(), values }
    }

    /// The same with the sides exchanged.
    pub(crate) fn transposed(&self) -> Self {
        /// A square of this many values a side fits the fastest cache.
        const BLOCK: usize = 64;
        let (rows, columns) = (self.columns, self.rows);
        let (mut values, all) = (Sheet::new(self.values.len()), self.values());
        let to = &mut *values;
        for first in (0..rows).step_by(BLOCK) {
            for column in 0..columns {
                let from = &all[column * rows..(column + 1) * rows];
                for row in first..(first + BLOCK).min(rows) {
                    to[row * columns + column] = from[row];
                }
            }
        }
        Self { rows, columns, values }
    }

    /// The same pairs, each worth 0.
    pub(super) fn worthless(&self) -> Self {
        self.mapped(|weight| weight.min(0))
    }

    /// The same pairs with other weights.
    pub(super) fn mapped(&self, weight: impl Fn(i32) -> i32) -> Self {
        let mut values = Sheet::new(self.values.len());
        values.iter_mut().zip(&*self.values).for_each(|(new, &old)| *new = weight(old));
        Self { rows: self.rows, columns: self.columns, values }
    }

    /// All weights, row by row.
    pub(super) fn values(&self) -> &[i32] {
        &self.values
    }

    /// Changes the weight of one pair.
    pub(super) fn set(&mut self, a: u32, b: u32, weight: i32) {
        self.values[a as usize * self.columns + b as usize] = weight;
    }

    /// The weight of one pair.
    pub(crate) fn get(&self, a: u32, b: u32) -> i32 {
        self.row(a)[b as usize]
    }
}

/// Fewest and most pairs of one enterprise, must-meets included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Fewest.
    pub(crate) min: u32,
    /// Most.
    pub(crate) max: u32,
}

/// One of the two sides of a pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    /// The rows.
    A,
    /// The columns.
    B,
}

impl Side {
    /// The side across.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "side a",
            Self::B => "side b",
        })
    }
}

/// Prices in ppm that may prove a pairing optimal; what makes them a proof is written at message `Certificate` of the
/// contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prices {
    /// One price for each enterprise of side a.
    pub(crate) a: Vec<i64>,
    /// One price for each enterprise of side b.
    pub(crate) b: Vec<i64>,
    /// Price of one more pair when the number of pairs in all is what binds.
    pub(crate) pair: i64,
    /// One price for each quota, paid by every pair of a member.
    pub(crate) quotas: Vec<i64>,
}

/// Something in the input that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    /// A side beyond what the arithmetic is made for.
    #[error("{rows} by {columns} enterprises are more than {SIDE_MAX} on a side")]
    TooLarge { rows: usize, columns: usize },
    /// The weights do not fill the rows and columns.
    #[error("{given} weights were given where {expected} are needed")]
    WeightCount { given: usize, expected: usize },
    /// A weight that is neither -1 nor from 0 to 1,000,000.
    #[error("the weight {weight} of row {a} and column {b} must be -1 or from 0 to {WEIGHT_MAX}")]
    WeightRange { a: u32, b: u32, weight: i32 },
    /// Limits for more or fewer enterprises than there are.
    #[error("{given} limits were given for the {expected} enterprises of {side}")]
    BoundsCount { side: Side, given: usize, expected: usize },
    /// A minimum above the maximum.
    #[error("enterprise {enterprise} of {side} has the minimum {} above its maximum {}", bounds.min, bounds.max)]
    MinAboveMax { side: Side, enterprise: u32, bounds: Bounds },
    /// A must-meet of an enterprise that does not exist.
    #[error("the must-meet of row {a} and column {b} is outside the problem")]
    MustMeetUnknown { a: u32, b: u32 },
    /// A must-meet of two enterprises that must not be paired.
    #[error("the must-meet of row {a} and column {b} is not eligible")]
    MustMeetIneligible { a: u32, b: u32 },
    /// A must-meet that is listed more than once.
    #[error("the must-meet of row {a} and column {b} is listed twice")]
    MustMeetTwice { a: u32, b: u32 },
    /// A quota whose minimum is above its maximum.
    #[error("quota {quota} has the minimum {min} above its maximum {max}")]
    QuotaMinAboveMax { quota: usize, min: u32, max: u32 },
    /// A quota with a member that does not exist.
    #[error("member {member} of quota {quota} is outside the problem")]
    QuotaUnknown { quota: usize, member: u32 },
    /// A quota that lists a member more than once.
    #[error("member {member} of quota {quota} is listed twice")]
    QuotaTwice { quota: usize, member: u32 },
    /// Two quotas of one side that share members, but neither holds all of the other.
    #[error("quotas {quota} and {other} cross: they share members, but neither holds all of the other")]
    QuotasCross { quota: usize, other: usize },
}

/// An index of a side as it is stored.
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).expect("sides are no larger than SIDE_MAX")
}
