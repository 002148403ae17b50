//! The best whole set of pairs between two sides, with integer prices that prove it the best.
//!
//! Everything here works on indices and whole numbers: a row of [`Weights`] is an enterprise of side a, a column one of
//! side b, an entry the score of the pair in ppm. Names, policies and requests belong to the caller.
//!
//! - [`problem`] states what is asked, and refuses what makes no sense;
//! - [`total_value`] finds the pairs and their prices ([`augmenting`] grows the pairing, [`prices`] reads the prices off);
//! - [`feasibility`] names who is in the way if minimums, must-meets and maximums cannot be met together;
//! - [`certificate`] checks pairs and prices without a line of the solver.

mod auction;
pub(crate) mod blocking;
pub(crate) mod certificate;
mod face;
pub(crate) mod fair;
pub(crate) mod fair_check;
pub(crate) mod feasibility;
pub(crate) mod finding;
mod flow;
mod kilter;
mod lanes;
mod links;
mod open;
mod prices;
pub(crate) mod problem;
pub(crate) mod quota;
mod relaxation;
mod search;
mod shortage;
pub(crate) mod stable;
mod stems;
pub(crate) mod total_value;
pub(crate) mod why_not;

#[cfg(test)]
mod fair_tests;
#[cfg(test)]
mod feasibility_tests;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod quota_tests;
#[cfg(test)]
mod stable_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod why_not_tests;

pub(crate) use certificate::{Verdict, verify};
pub(crate) use problem::{Bounds, INELIGIBLE, Prices, Problem, Side, Weights};
pub(crate) use quota::Quota;
pub(crate) use total_value::{Failure, solve};
