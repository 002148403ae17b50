//! The best whole set of pairs between two sides, with integer prices that prove it the best.
//!
//! Everything here works on indices and whole numbers: a row of [`Weights`] is an enterprise of side a, a column one of
//! side b, an entry the score of the pair in ppm, kept in a [`Sheet`]. Names, policies and requests belong to the caller.
//!
//! - [`problem`] states what is asked, with [`quota`] for groups, and refuses what makes no sense;
//! - [`objective`] is the one call for what a pairing shall be the best at: [`total_value`], [`stable`] or [`fair`];
//! - [`feasibility`] and, with quotas, [`shortage`] name who is in the way of limits that cannot be met together;
//! - [`why_not`] and [`unmatched`] explain what was not chosen;
//! - [`certificate`], [`blocking`] and [`fair_check`] check pairs and proofs without a line of the solver.
//!
//! The solver comes near by [`auction`], or by [`shortest`] where there are few pairs, and makes exact by [`kilter`], which
//! mends along the paths of [`search`].

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
pub(crate) mod objective;
mod open;
mod opinions;
mod prices;
pub(crate) mod problem;
pub(crate) mod quota;
mod relaxation;
mod search;
mod sheet;
mod shortage;
mod shortest;
pub(crate) mod stable;
mod stems;
pub(crate) mod total_value;
pub(crate) mod unmatched;
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
pub(crate) use objective::{Objective, Outcome, Unsolved, solve_for};
pub(crate) use problem::{Bounds, INELIGIBLE, Prices, Problem, Side, Weights};
pub(crate) use quota::Quota;
pub(crate) use sheet::Sheet;
