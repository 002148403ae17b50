//! Whole pairings: sides become a problem, the solver's answer becomes pairs with names, and the verifier checks any.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use service_kit::Violations;
use service_kit::filter::Expr;

use crate::domain::{Date, EnterpriseId, Policy, Profile, Region};
use crate::index::Snapshot;
use crate::pairing::fair::{Counted, Level};
use crate::pairing::unmatched::Reason;
use crate::pairing::{self, Bounds, Objective, Outcome, Problem, Side, Unsolved};

mod check;
mod compare;
mod counter_factual;
mod demands;
mod quotas;
mod setting;
mod sides;

#[cfg(test)]
mod tests;

pub(crate) use check::{Verified, verify};
pub(crate) use compare::{Change, ComparedPair, Comparison, Pair, Unscored, compare};
pub(crate) use counter_factual::{CounterFactual, Payee, counter_factual};
pub(crate) use demands::RESULT_PAIRS_MAX;
pub(crate) use quotas::{QuotaMembers, QuotaQuestion};
pub(crate) use sides::SIDE_MAX;

use demands::Demands;
use setting::Setting;
use sides::Sides;

/// What is to be paired, and how.
#[derive(Debug, Clone)]
pub(crate) struct PairingQuestion {
    /// One side.
    pub(crate) a: SideQuestion,
    /// The other side.
    pub(crate) b: SideQuestion,
    /// How to score.
    pub(crate) policy: Policy,
    /// What to make best.
    pub(crate) objective: Objective,
    /// Most pairs in all.
    pub(crate) max_pairs: Option<u32>,
    /// Pairs that must be made.
    pub(crate) must_meets: Vec<(EnterpriseId, EnterpriseId)>,
    /// Pairs that must not be made.
    pub(crate) vetoes: Vec<(EnterpriseId, EnterpriseId)>,
    /// Limits of groups.
    pub(crate) quotas: Vec<QuotaQuestion>,
    /// How many partners to name that each enterprise does not have; only with prices.
    pub(crate) alternates: usize,
    /// Breaks exact ties.
    pub(crate) seed: u64,
    /// Day on which region groups are looked at.
    pub(crate) as_of: Date,
}

/// Who is on a side, and how many pairs each of them has.
#[derive(Debug, Clone)]
pub(crate) struct SideQuestion {
    /// These; empty: all ACTIVE ones of the regions that pass the filter.
    pub(crate) enterprises: Vec<EnterpriseId>,
    /// Where; empty: everywhere.
    pub(crate) regions: Vec<Region>,
    /// What must hold.
    pub(crate) filter: Option<Expr>,
    /// Pairs of each, unless it has limits of its own.
    pub(crate) usual: Bounds,
    /// Limits of single enterprises.
    pub(crate) limits: HashMap<EnterpriseId, Bounds>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Every pair is scored.
    Scoring,
    /// The best pairs are found.
    Solving,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What is being done.
    pub(crate) phase: Phase,
    /// Steps done.
    pub(crate) done: u64,
    /// Steps in all, at most.
    pub(crate) total: u64,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Computed {
    /// The pairs, best first, equal scores by ids.
    pub(crate) pairs: Vec<ComputedPair>,
    /// Sum of their scores in ppm.
    pub(crate) total: i64,
    /// Who has no pair, side a first, by id.
    pub(crate) unmatched: Vec<(EnterpriseId, Reason)>,
    /// What proves the pairs the best, where that takes more than the pairs.
    pub(crate) certificate: Option<NamedCertificate>,
    /// The nearest partner of each that it does not have, side a first, by id; then the second of each, and so on.
    pub(crate) alternates: Vec<ComputedAlternate>,
    /// How many pairs would rather have each other, where stability was asked for.
    pub(crate) blocking: u64,
    /// Who has fewer pairs than its minimum, where minimums cannot be promised.
    pub(crate) below_minimum: Vec<EnterpriseId>,
    /// The scores at which pairs are stuck, where fairness was asked for.
    pub(crate) levels: Vec<Level>,
}

/// A partner that an enterprise does not have.
#[derive(Debug)]
pub(crate) struct ComputedAlternate {
    /// The enterprise.
    pub(crate) enterprise: EnterpriseId,
    /// Who it might have had.
    pub(crate) partner: EnterpriseId,
    /// Score of the two in ppm.
    pub(crate) score: i32,
    /// What the score lacks to the prices.
    pub(crate) missing: i64,
}

/// One pair of a result.
#[derive(Debug)]
pub(crate) struct ComputedPair {
    /// Of side a.
    pub(crate) a: Arc<Profile>,
    /// Of side b.
    pub(crate) b: Arc<Profile>,
    /// Score in ppm.
    pub(crate) score: i32,
    /// Whether it was demanded.
    pub(crate) must_meet: bool,
}

/// Prices by name; whoever is not named has price 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct NamedPrices {
    /// Of side a.
    pub(crate) a: Vec<(EnterpriseId, i64)>,
    /// Of side b.
    pub(crate) b: Vec<(EnterpriseId, i64)>,
    /// Of one more pair.
    pub(crate) pair: i64,
    /// Of quotas, by number.
    pub(crate) quotas: Vec<(u32, i64)>,
}

/// What may prove pairs the best.
#[derive(Debug, Clone, Default)]
pub(crate) struct NamedCertificate {
    /// Of a total: prices that are not 0, by side and id.
    pub(crate) prices: NamedPrices,
    /// Of a fair pairing: the steps of the proof, each with the like prices.
    pub(crate) stages: Vec<(Counted, NamedPrices)>,
}

/// Why nothing came out.
#[derive(Debug)]
pub(crate) enum ComputeError {
    /// The question names what is not there, or contradicts itself.
    Invalid(Violations),
    /// The limits cannot be met together; who is in the way, in words.
    Infeasible(Vec<String>),
    /// It was cancelled.
    Cancelled,
}

impl ComputeError {
    /// The same; what is wrong with the question is told below `path`.
    pub(crate) fn below(self, path: &str) -> Self {
        match self {
            Self::Invalid(violations) => Self::Invalid(violations.below(path)),
            Self::Infeasible(_) | Self::Cancelled => self,
        }
    }
}

impl From<Violations> for ComputeError {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

/// Computes the best pairing. `progress` is told how far it is, and stops the work by breaking.
pub(crate) fn compute(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Computed, ComputeError> {
    let sides = Sides::find(snapshot, question)?;
    let mut violations = Violations::default();
    let demands = Demands::check(snapshot, question, &sides, &mut violations);
    violations.check()?;
    let setting = Setting::new(snapshot, question, sides, demands, progress)?;
    Ok(match solve(&setting, question.objective, progress)? {
        Outcome::TotalValue(solution) => {
            let named = NamedCertificate { prices: setting.named(&solution.prices), stages: Vec::new() };
            let alternates = setting.alternates(&solution, question.alternates);
            let computed = computed(&setting, &solution.pairs, solution.total);
            Computed { certificate: Some(named), alternates, ..computed }
        }
        Outcome::Stable(stable, blocking) => {
            let id = |&(side, index): &(Side, u32)| setting.sides.of(side).profile(index).id.clone();
            let below_minimum = stable.below_minimum.iter().map(id).collect();
            let computed = computed(&setting, &stable.pairs, stable.total);
            Computed { blocking: blocking.count, below_minimum, ..computed }
        }
        Outcome::MaxMinFair(fair) => {
            let stages = fair.stages.iter().map(|stage| (stage.counted, setting.named(&stage.prices))).collect();
            let named = NamedCertificate { prices: NamedPrices::default(), stages };
            let computed = computed(&setting, &fair.pairs, fair.total);
            Computed { certificate: Some(named), levels: fair.levels, ..computed }
        }
    })
}

fn solve(
    setting: &Setting,
    objective: Objective,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, ComputeError> {
    let solved = pairing::solve_for(&setting.problem, objective, setting.views.as_ref(), &mut |step| {
        progress(Progress { phase: Phase::Solving, done: step.pairs, total: step.pairs_max })
    });
    solved.map_err(|unsolved| match unsolved {
        Unsolved::Cancelled => ComputeError::Cancelled,
        Unsolved::Infeasible(obstructions) => ComputeError::Infeasible(setting.in_words(&obstructions)),
        Unsolved::GroupLimits => {
            let mut violations = Violations::default();
            violations.add("objective", unsolved.to_string());
            ComputeError::Invalid(violations)
        }
    })
}

/// What came out, apart from what only one objective has.
fn computed(setting: &Setting, pairs: &[(u32, u32)], total: i64) -> Computed {
    let problem: &Problem = &setting.problem;
    let pair = |&(a, b): &(u32, u32)| ComputedPair {
        a: setting.sides.a.profile(a).clone(),
        b: setting.sides.b.profile(b).clone(),
        score: problem.weights().get(a, b),
        must_meet: problem.must_meets().contains(&(a, b)),
    };
    let mut named: Vec<_> = pairs.iter().map(pair).collect();
    named.sort_by(|one, other| {
        other.score.cmp(&one.score).then_with(|| (&one.a.id, &one.b.id).cmp(&(&other.a.id, &other.b.id)))
    });
    Computed {
        pairs: named,
        total,
        unmatched: setting.unmatched(pairs),
        certificate: None,
        alternates: Vec::new(),
        blocking: 0,
        below_minimum: Vec::new(),
        levels: Vec::new(),
    }
}
