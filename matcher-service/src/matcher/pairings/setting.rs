//! A question made into a problem, every pair scored, and the solver's answer in the terms of the question.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::demands::Demands;
use super::sides::Sides;
use super::{ComputeError, PairingQuestion, Phase, Progress, UnmatchedReason};
use crate::domain::{EnterpriseId, Profile};
use crate::index::Snapshot;
use crate::matcher::scores::Columns;
use crate::pairing::feasibility::Obstruction;
use crate::pairing::{INELIGIBLE, Problem, Side, Weights};
use crate::scoring::Scorer;

/// A question in the terms of the solver, and back.
pub(super) struct Setting {
    pub(super) problem: Problem,
    pub(super) sides: Sides,
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
        let weights = score(snapshot, question, &sides, &demands.vetoes, progress)?;
        let Demands { a, b, must_meets, .. } = demands;
        let problem = Problem::new(weights, a, b, must_meets, question.max_pairs, question.seed);
        Ok(Self { problem: problem.expect("limits and must-meets were checked before scoring"), sides })
    }

    /// The resource name behind an index.
    pub(super) fn name(&self, side: Side, index: u32) -> String {
        let members = if side == Side::A { &self.sides.a } else { &self.sides.b };
        members.profile(index).id.name()
    }

    /// Obstructions in words.
    pub(super) fn in_words(&self, obstructions: &[Obstruction]) -> Vec<String> {
        let name = |side, index| self.name(side, index);
        obstructions.iter().map(|obstruction| obstruction.in_words(&name)).collect()
    }

    /// Who has no pair, and why.
    pub(super) fn unmatched(&self, pairs: &[(u32, u32)]) -> Vec<(EnterpriseId, UnmatchedReason)> {
        let weights = self.problem.weights();
        let (a, b) = (self.problem.bounds(Side::A), self.problem.bounds(Side::B));
        let mut of_rows = vec![UnmatchedReason::NoEligiblePartner; weights.rows()];
        let mut of_columns = vec![UnmatchedReason::NoEligiblePartner; weights.columns()];
        for (row, of_row) in (0u32..).zip(&mut of_rows) {
            for (column, weight) in weights.row(row).iter().enumerate() {
                if *weight == INELIGIBLE {
                    continue;
                }
                let is_closed = a[row as usize].max == 0 || b[column].max == 0;
                let reason = if is_closed { UnmatchedReason::Limit } else { UnmatchedReason::Outbid };
                *of_row = reason.max(*of_row);
                of_columns[column] = reason.max(of_columns[column]);
            }
        }
        let (rows, columns): (HashSet<u32>, HashSet<u32>) = pairs.iter().copied().unzip();
        let without = |profiles: &[Arc<Profile>], reasons: &[UnmatchedReason], paired: &HashSet<u32>| {
            let all = (0u32..).zip(profiles.iter().zip(reasons)).filter(|(index, _)| !paired.contains(index));
            all.map(|(_, (profile, reason))| (profile.id.clone(), *reason)).collect::<Vec<_>>()
        };
        let mut unmatched = without(self.sides.a.profiles(), &of_rows, &rows);
        unmatched.extend(without(self.sides.b.profiles(), &of_columns, &columns));
        unmatched
    }
}

/// Scores every pair, row by row.
fn score(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    sides: &Sides,
    vetoes: &HashSet<(u32, u32)>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Weights, ComputeError> {
    let (a, b) = (sides.a.members(), sides.b.members());
    let scorer = Scorer::new(snapshot.region_groups(), &question.policy, question.as_of);
    let columns = Columns::new(snapshot, b.iter());
    let mut values = Vec::with_capacity(a.len() * b.len());
    let total = a.len() as u64;
    for (row, member) in (0u32..).zip(a) {
        if progress(Progress { phase: Phase::Scoring, done: u64::from(row), total }).is_break() {
            return Err(ComputeError::Cancelled);
        }
        let mut column = 0_u32;
        columns.row(&scorer, member, |score| {
            let score = score.filter(|_| vetoes.is_empty() || !vetoes.contains(&(row, column)));
            values.push(score.and_then(|score| i32::try_from(score).ok()).unwrap_or(INELIGIBLE));
            column += 1;
        });
    }
    let weights = Weights::new(a.len(), b.len(), values);
    Ok(weights.expect("a weight is a score or ineligible, and there is one for every pair"))
}
