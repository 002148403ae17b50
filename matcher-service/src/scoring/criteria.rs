//! The criteria: each tells what a bringer brings to a receiver, or that nothing is known.

pub(super) mod assurance;
pub(super) mod industry_focus;
pub(super) mod language;
pub(super) mod market;
pub(super) mod opportunity_fit;
pub(super) mod requests_met;
pub(super) mod scale;
pub(super) mod value_chain;

#[cfg(test)]
mod tests;

use crate::domain::{Ppm, Profile};

use super::context::Context;
use super::explanation::Notes;
use super::policy::Criterion;

/// A criterion: value of what the bringer brings to the receiver, or none if the two records do not tell. A value comes
/// with at least one note. Pure: equal arguments give equal answers.
pub(super) type CriterionFn = fn(&Context<'_>, receiver: &Profile, bringer: &Profile, &mut Notes<'_>) -> Option<Ppm>;

/// The criteria in the order of [`Criterion::ALL`].
pub(super) const CRITERIA: [CriterionFn; Criterion::COUNT] = [
    requests_met::value,
    value_chain::value,
    industry_focus::value,
    market::value,
    scale::value,
    language::value,
    assurance::value,
];
