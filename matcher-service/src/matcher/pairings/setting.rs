//! A question made into a problem, every pair scored, and the solver's answer in the terms of the question.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::demands::Demands;
use super::sides::Sides;
use super::{ComputeError, ComputedAlternate, NamedPrices, PairingQuestion, Phase, Progress};
use crate::domain::EnterpriseId;
use crate::index::Snapshot;
use crate::matcher::scores::{self, Matrix};
use crate::pairing::feasibility::Obstruction;
use crate::pairing::stable::Views;
use crate::pairing::total_value::Solution;
use crate::pairing::unmatched::{Reason, unmatched};
use crate::pairing::why_not::{Alternate, alternates};
use crate::pairing::{INELIGIBLE, Objective, Prices, Problem, Sheet, Side, Weights};
use crate::scoring::Scorer;

/// A question in the terms of the solver, and back.
pub(super) struct Setting {
    pub(super) problem: Problem,
    pub(super) sides: Sides,
    /// What each thinks of each, if the objective goes by that.
    pub(super) views: Option<Views>,
}

impl Setting {
    /// Scores every pair.
    pub(super) fn new(
        snapshot: &Snapshot,
        question: &PairingQuestion,
        sides: Sides,
        demands: Demands,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, ComputeError> {
        let (weights, views) = score(snapshot, question, &sides, &demands.vetoes, progress)?;
        let Demands { a, b, must_meets, quotas, .. } = demands;
        let problem = Problem::new(weights, a, b, must_meets, question.max_pairs, question.seed)
            .and_then(|problem| problem.with_quotas(quotas));
        Ok(Self { problem: problem.expect("limits and must-meets were checked before scoring"), sides, views })
    }

    /// The resource name behind an index.
    pub(super) fn name(&self, side: Side, index: u32) -> String {
        self.sides.of(side).profile(index).id.name()
    }

    /// Obstructions in words.
    pub(super) fn in_words(&self, obstructions: &[Obstruction]) -> Vec<String> {
        let name = |side, index| self.name(side, index);
        obstructions.iter().map(|obstruction| obstruction.in_words(&name)).collect()
    }

    /// Who has no pair, and why.
    pub(super) fn unmatched(&self, pairs: &[(u32, u32)]) -> Vec<(EnterpriseId, Reason)> {
        let unmatched = unmatched(&self.problem, pairs).into_iter();
        unmatched.map(|(side, index, reason)| (self.sides.of(side).profile(index).id.clone(), reason)).collect()
    }

    /// Prices that are not 0, by name.
    pub(super) fn named(&self, prices: &Prices) -> NamedPrices {
        let quotas = (0u32..).zip(&prices.quotas).filter(|(_, price)| **price != 0);
        NamedPrices {
            a: self.sides.a.priced(&prices.a),
            b: self.sides.b.priced(&prices.b),
            pair: prices.pair,
            quotas: quotas.map(|(quota, price)| (quota, *price)).collect(),
        }
    }

    /// The nearest partners that each enterprise does not have: the first of everybody, then the second, and so on.
    pub(super) fn alternates(&self, solution: &Solution, count: usize) -> Vec<ComputedAlternate> {
        if count == 0 {
            return Vec::new();
        }
        let of_sides = alternates(&self.problem, &solution.pairs, &solution.prices, count);
        let mut named = Vec::new();
        for rank in 0..count {
            for (side, of_side) in [Side::A, Side::B].into_iter().zip(&of_sides) {
                for (own, nearest) in (0u32..).zip(of_side) {
                    let Some(&Alternate { missing, partner }) = nearest.get(rank) else { continue };
                    let (a, b) = if side == Side::A { (own, partner) } else { (partner, own) };
                    named.push(ComputedAlternate {
                        enterprise: self.sides.of(side).profile(own).id.clone(),
                        partner: self.sides.of(side.other()).profile(partner).id.clone(),
                        score: self.problem.weights().get(a, b),
                        missing,
                    });
                }
            }
        }
        named
    }
}

/// Scores every pair; where the objective goes by what each thinks of each, that as well.
fn score(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    sides: &Sides,
    vetoes: &HashSet<(u32, u32)>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<(Weights, Option<Views>), ComputeError> {
    let (a, b) = (sides.a.members(), sides.b.members());
    let scorer = Scorer::new(snapshot.region_groups(), &question.policy, question.as_of);
    let least = i32::try_from(question.policy.bounds().min_score.get()).expect("a score is at most a million");
    let has_views = matches!(question.objective, Objective::Stable { .. });
    let count = a.len() * b.len();
    let of_views = || Sheet::new(if has_views { count } else { 0 });
    let (mut values, mut forward, mut backward) = (Sheet::new(count), of_views(), of_views());
    let directed = has_views.then(|| [&mut *forward, &mut *backward]);
    let mut matrix = Matrix { pair: &mut values, directed, least };
    let scored = scores::score(snapshot, &scorer, [a, b], &mut matrix, &mut |done, total| {
        progress(Progress { phase: Phase::Scoring, done, total })
    });
    if scored.is_break() {
        return Err(ComputeError::Cancelled);
    }
    for (a, column) in vetoes {
        let place = *a as usize * b.len() + *column as usize;
        for scores in [&mut values, &mut forward, &mut backward] {
            // There are no views where nobody asked for them.
            scores.get_mut(place).into_iter().for_each(|score| *score = INELIGIBLE);
        }
    }
    let weights = |values| {
        let weights = Weights::new(a.len(), b.len(), values);
        weights.expect("a weight is a score or ineligible, and there is one for every pair")
    };
    // What the column brings to the row is what the row goes by, and the other way round.
    let views = has_views.then(|| Views { a: weights(forward), b: weights(backward).transposed() });
    Ok((weights(values), views))
}
