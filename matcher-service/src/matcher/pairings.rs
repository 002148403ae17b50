//! Whole pairings: sides become a problem, the solver's answer becomes pairs with names, and the verifier checks any.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use service_kit::Violations;
use service_kit::filter::Expr;

use crate::domain::{Date, EnterpriseId, Profile, Region};
use crate::index::Snapshot;
use crate::pairing::certificate::Report;
use crate::pairing::{self, Bounds, Failure, Prices};
use crate::scoring::Policy;

mod demands;
mod setting;
mod sides;

#[cfg(test)]
mod tests;

pub(crate) use demands::RESULT_PAIRS_MAX;
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
    /// Most pairs in all.
    pub(crate) max_pairs: Option<u32>,
    /// Pairs that must be made.
    pub(crate) must_meets: Vec<(EnterpriseId, EnterpriseId)>,
    /// Pairs that must not be made.
    pub(crate) vetoes: Vec<(EnterpriseId, EnterpriseId)>,
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
    pub(crate) unmatched: Vec<(EnterpriseId, UnmatchedReason)>,
    /// Prices that are not 0, by side and id.
    pub(crate) prices: NamedPrices,
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
}

/// Why an enterprise has no pair; the later, the nearer it was to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UnmatchedReason {
    /// Nobody of the other side can be paired with it.
    NoEligiblePartner,
    /// Its own limits, or those of every possible partner, are 0.
    Limit,
    /// Other pairs are worth more.
    Outbid,
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

impl From<Violations> for ComputeError {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

/// What a check found.
#[derive(Debug)]
pub(crate) struct Verified {
    /// Allowed, optimal, or neither.
    pub(crate) verdict: pairing::Verdict,
    /// What breaks it, in words.
    pub(crate) findings: Vec<String>,
    /// Sum of the scores of the pairs.
    pub(crate) total: i64,
    /// No pairing has a total above this.
    pub(crate) bound: Option<i64>,
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
    let solved = pairing::solve(&setting.problem, &mut |step| {
        progress(Progress { phase: Phase::Solving, done: step.pairs, total: step.pairs_max })
    });
    let solution = solved.map_err(|failure| match failure {
        Failure::Cancelled => ComputeError::Cancelled,
        Failure::Infeasible(obstructions) => ComputeError::Infeasible(setting.in_words(&obstructions)),
    })?;

    let weights = setting.problem.weights();
    let pair = |&(a, b): &(u32, u32)| ComputedPair {
        a: setting.sides.a.profile(a).clone(),
        b: setting.sides.b.profile(b).clone(),
        score: weights.get(a, b),
        must_meet: setting.problem.must_meets().contains(&(a, b)),
    };
    let mut pairs: Vec<_> = solution.pairs.iter().map(pair).collect();
    pairs.sort_by(|one, other| {
        other.score.cmp(&one.score).then_with(|| (&one.a.id, &one.b.id).cmp(&(&other.a.id, &other.b.id)))
    });
    let unmatched = setting.unmatched(&solution.pairs);
    let prices = NamedPrices {
        a: setting.sides.a.priced(&solution.prices.a),
        b: setting.sides.b.priced(&solution.prices.b),
        pair: solution.prices.pair,
    };
    Ok(Computed { pairs, total: solution.total, unmatched, prices })
}

/// Checks pairs and prices against the question, with nothing of the solver. `progress` can stop the work as in
/// [`compute`].
pub(crate) fn verify(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    pairs: &[(EnterpriseId, EnterpriseId)],
    prices: Option<&NamedPrices>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Verified, ComputeError> {
    let inside = |violations: Violations| violations.below("request");
    let sides = Sides::find(snapshot, question).map_err(inside)?;
    let mut violations = Violations::default();
    let demands = Demands::check(snapshot, question, &sides, &mut violations);
    let mut violations = inside(violations);
    let indices = demands::indices(pairs, "pairs", &sides, &mut violations);
    let prices = prices.map(|named| Prices {
        a: sides.a.prices(&named.a, "certificate.a_prices", &mut violations),
        b: sides.b.prices(&named.b, "certificate.b_prices", &mut violations),
        pair: named.pair,
        quotas: Vec::new(),
    });
    violations.check()?;
    let indices: Vec<_> = indices.into_iter().flatten().collect();
    let setting = Setting::new(snapshot, question, sides, demands, progress)?;

    let Report { verdict, findings, total, bound } = pairing::verify(&setting.problem, &indices, prices.as_ref());
    let name = |side, index| setting.name(side, index);
    let findings = findings.iter().map(|finding| finding.in_words(&name)).collect();
    Ok(Verified { verdict, findings, total, bound })
}
