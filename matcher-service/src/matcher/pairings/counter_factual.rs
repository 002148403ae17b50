//! Why a run did not set two enterprises together.

use std::ops::ControlFlow;

use service_kit::Violations;

use super::demands::Demands;
use super::setting::Setting;
use super::sides::Sides;
use super::{ComputeError, PairingQuestion, Progress, solve};
use crate::domain::EnterpriseId;
use crate::index::Snapshot;
use crate::pairing::feasibility::Limit;
use crate::pairing::why_not::{WhyNot, why_not};
use crate::pairing::{Objective, Outcome};

/// What a pair lacks to be part of the best pairing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CounterFactual {
    /// Nothing: it is part of it.
    Chosen,
    /// No allowed pairing has it.
    Impossible,
    /// Others are worth more.
    Outbid {
        /// With so many ppm more it would be part of a best pairing.
        missing: i64,
        /// Prices above 0 that it would have to pay.
        priced_out_by: Vec<(Payee, i64)>,
    },
}

/// Whose price it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Payee {
    /// An enterprise's.
    Enterprise(EnterpriseId),
    /// A quota's, by number.
    Quota(usize),
    /// That of one more pair.
    MaxPairs,
}

/// Computes the pairing with the greatest total once more, and tells why `a` and `b` are not a pair of it.
///
/// What is wrong with the question is told below `run`.
pub(crate) fn counter_factual(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    (a, b): (&EnterpriseId, &EnterpriseId),
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<CounterFactual, ComputeError> {
    let inside = |violations: Violations| violations.below("run");
    let sides = Sides::find(snapshot, question).map_err(inside)?;
    let mut violations = Violations::default();
    let demands = Demands::check(snapshot, question, &sides, &mut violations);
    let mut violations = inside(violations);
    let (row, column) = (sides.a.index(a), sides.b.index(b));
    for (field, id, found) in [("a", a, row), ("b", b, column)] {
        if found.is_none() {
            violations.add(field, format!("`{}` is not on side {field} of the run", id.name()));
        }
    }
    violations.check()?;
    let Some(pair) = row.zip(column) else { return Ok(CounterFactual::Impossible) };
    let setting = Setting::new(snapshot, question, sides, demands, progress)?;
    let Outcome::TotalValue(solution) = solve(&setting, Objective::TotalValue, progress)? else {
        return Ok(CounterFactual::Impossible);
    };
    let found = why_not(&setting.problem, &solution.pairs, &solution.prices, pair);
    Ok(match found {
        WhyNot::Chosen => CounterFactual::Chosen,
        WhyNot::Ineligible | WhyNot::Impossible => CounterFactual::Impossible,
        WhyNot::Outbid { missing, priced_out_by } => {
            let payee = |limit: Limit| match limit {
                Limit::Enterprise { side, enterprise } => {
                    Payee::Enterprise(setting.sides.of(side).profile(enterprise).id.clone())
                }
                Limit::Quota(quota) => Payee::Quota(quota),
                Limit::MaxPairs => Payee::MaxPairs,
            };
            let priced_out_by = priced_out_by.into_iter().map(|(limit, price)| (payee(limit), price)).collect();
            CounterFactual::Outbid { missing, priced_out_by }
        }
    })
}
