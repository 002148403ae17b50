//! What a pairing shall be the best at, and one call for all of it.

use std::ops::ControlFlow;

use super::blocking::{Blocking, blocking};
use super::fair::{Fair, solve_fair};
use super::feasibility::Obstruction;
use super::problem::{Problem, Side};
use super::stable::{Stable, StableFailure, Views, solve_stable};
use super::total_value::{Failure, Solution, Step, solve};

/// What a pairing shall be the best at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objective {
    /// The scores of the pairs add up to the most.
    TotalValue,
    /// No two enterprises would rather have each other; of all such pairings the best for one side.
    Stable { proposing: Side },
    /// The worst-off are as well off as can be, then the next.
    MaxMinFair,
}

/// The pairing and what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With prices, for [`super::verify`].
    TotalValue(Solution),
    /// With the blocking pairs that somebody else than the solver counted: none.
    Stable(Stable, Blocking),
    /// With stages, for [`super::fair_check`].
    MaxMinFair(Fair),
}

/// Why there is no pairing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsolved {
    /// Limits, must-meets and quotas cannot be met together; at least one obstruction says why.
    #[error("the limits and must-meets cannot be met together")]
    Infeasible(Vec<Obstruction>),
    /// A stable pairing was asked for under limits of groups.
    #[error("a stable pairing allows no quotas and no limit of pairs in all")]
    GroupLimits,
    /// `progress` asked to stop.
    #[error("the work was cancelled")]
    Cancelled,
}

/// Solves `problem` for an objective; only a stable pairing goes by `views`.
pub(crate) fn solve_for(
    problem: &Problem,
    objective: Objective,
    views: Option<&Views>,
    progress: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<Outcome, Unsolved> {
    match objective {
        Objective::TotalValue => Ok(Outcome::TotalValue(solve(problem, progress)?)),
        Objective::Stable { proposing } => {
            let stable = solve_stable(problem, views, proposing, progress)?;
            let blocking = blocking(problem, views, &stable.pairs);
            Ok(Outcome::Stable(stable, blocking))
        }
        Objective::MaxMinFair => Ok(Outcome::MaxMinFair(solve_fair(problem, progress)?)),
    }
}

impl From<Failure> for Unsolved {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Infeasible(obstructions) => Self::Infeasible(obstructions),
            Failure::Cancelled => Self::Cancelled,
        }
    }
}

impl From<StableFailure> for Unsolved {
    fn from(failure: StableFailure) -> Self {
        match failure {
            StableFailure::GroupLimits => Self::GroupLimits,
            StableFailure::Infeasible(obstructions) => Self::Infeasible(obstructions),
            StableFailure::Cancelled => Self::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, Weights};
    use super::*;

    #[test]
    fn two_who_want_each_other_most_stay_together_only_if_stability_is_asked_for() {
        let weights = Weights::new(2, 2, vec![900, 700, 600, 200]).unwrap();
        let once = vec![Bounds { min: 0, max: 1 }; 2];
        let problem = Problem::new(weights, once.clone(), once, vec![], None, 0).unwrap();
        let pairs = |objective| {
            let outcome = solve_for(&problem, objective, None, &mut |_| ControlFlow::Continue(())).unwrap();
            match outcome {
                Outcome::TotalValue(solution) => solution.pairs,
                Outcome::Stable(stable, blocking) => {
                    assert_eq!(blocking.count, 0);
                    stable.pairs
                }
                Outcome::MaxMinFair(fair) => fair.pairs,
            }
        };
        assert_eq!(pairs(Objective::TotalValue), [(0, 1), (1, 0)]);
        assert_eq!(pairs(Objective::Stable { proposing: Side::B }), [(0, 0), (1, 1)]);
        assert_eq!(pairs(Objective::MaxMinFair), [(0, 1), (1, 0)]);
    }
}
