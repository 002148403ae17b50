//! What is demanded of a pairing, checked before anything is scored.

use std::collections::HashSet;

use service_kit::Violations;

use super::PairingQuestion;
use super::quotas::quotas;
use super::sides::Sides;
use crate::domain::EnterpriseId;
use crate::index::Snapshot;
use crate::pairing::{Bounds, Objective, Quota};
use crate::scoring::{Conditions, ExclusionRule, Scorer};

/// Most pairs of a result: with names of full length they and their prices fill most of a message of 4 MiB.
pub(crate) const RESULT_PAIRS_MAX: usize = 10_000;

/// Limits, must-meets and vetoes by index.
pub(super) struct Demands {
    /// Limits of side a.
    pub(super) a: Vec<Bounds>,
    /// Limits of side b.
    pub(super) b: Vec<Bounds>,
    /// Each once, and none that a rule or a veto forbids.
    pub(super) must_meets: Vec<(u32, u32)>,
    /// Limits of groups, nested or apart on each side.
    pub(super) quotas: Vec<Quota>,
    /// Pairs that must not be made.
    pub(super) vetoes: HashSet<(u32, u32)>,
}

impl Demands {
    /// Puts the demands of a question in the terms of its sides. What makes no sense becomes a violation.
    pub(super) fn check(
        snapshot: &Snapshot,
        question: &PairingQuestion,
        sides: &Sides,
        violations: &mut Violations,
    ) -> Self {
        let a = sides.a.bounds(&question.a, violations);
        let b = sides.b.bounds(&question.b, violations);
        let most = most_pairs(&a, &b, question.max_pairs);
        if most > RESULT_PAIRS_MAX as u64 {
            let (field, advice) = match question.objective {
                // A limit of all pairs would break up pairs that both want, so there are only those of the sides.
                Objective::Stable { .. } => ("a.max_pairs", "lower it or `b.max_pairs`, or name fewer enterprises"),
                Objective::TotalValue | Objective::MaxMinFair => ("max_pairs", "set `max_pairs`"),
            };
            violations.add(field, format!("allows {most} pairs; must be at most {RESULT_PAIRS_MAX}: {advice}"));
        }
        let vetoes = indices(&question.vetoes, "vetoes", sides, violations);
        let vetoes = vetoes.into_iter().flatten().collect();
        let must_meets = must_meets(snapshot, question, sides, &vetoes, violations);
        let quotas = quotas(snapshot, &question.quotas, sides, violations);
        Self { a, b, must_meets, quotas, vetoes }
    }
}

/// No pairing has more pairs than this.
fn most_pairs(a: &[Bounds], b: &[Bounds], max_pairs: Option<u32>) -> u64 {
    let sum = |bounds: &[Bounds], partners: usize| -> u64 {
        bounds.iter().map(|bounds| u64::from(bounds.max).min(partners as u64)).sum()
    };
    sum(a, b.len()).min(sum(b, a.len())).min(max_pairs.map_or(u64::MAX, u64::from))
}

fn must_meets(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    sides: &Sides,
    vetoes: &HashSet<(u32, u32)>,
    violations: &mut Violations,
) -> Vec<(u32, u32)> {
    let scorer = Scorer::new(snapshot.region_groups(), &question.policy, question.as_of);
    let least = question.policy.bounds().min_score;
    let mut seen = HashSet::new();
    let mut must_meets = Vec::with_capacity(question.must_meets.len());
    for (at, pair) in indices(&question.must_meets, "must_meets", sides, violations).into_iter().enumerate() {
        let Some((row, column)) = pair else { continue };
        if !seen.insert((row, column)) {
            violations.add(format!("must_meets[{at}]"), "is listed twice");
            continue;
        }
        let judged = scorer.judge(&Conditions::NONE, sides.a.party(row), sides.b.party(column));
        let rule =
            if vetoes.contains(&(row, column)) { Some(ExclusionRule::Veto) } else { judged.as_ref().err().copied() };
        if let Some(rule) = rule {
            let text = format!("names two enterprises that cannot be paired: {}", rule.text());
            violations.add(format!("must_meets[{at}]"), text);
        } else if let Some(score) = judged.ok().map(|score| score.pair).filter(|score| *score < least) {
            let (score, least) = (score.get(), least.get());
            let text =
                format!("names two enterprises with a score of {score}; the policy allows no pair below {least}");
            violations.add(format!("must_meets[{at}]"), text);
        } else {
            must_meets.push((row, column));
        }
    }
    must_meets
}

/// Pairs by index, in their order; none for a pair of which one is not on its side, which is a violation.
pub(super) fn indices(
    named: &[(EnterpriseId, EnterpriseId)],
    path: &str,
    sides: &Sides,
    violations: &mut Violations,
) -> Vec<Option<(u32, u32)>> {
    let mut pairs = Vec::with_capacity(named.len());
    for (at, (one, other)) in named.iter().enumerate() {
        let (row, column) = (sides.a.index(one), sides.b.index(other));
        for (field, id, found) in [("a", one, row), ("b", other, column)] {
            if found.is_none() {
                violations.add(format!("{path}[{at}].{field}"), format!("`{}` is not on side {field}", id.name()));
            }
        }
        pairs.push(row.zip(column));
    }
    pairs
}
