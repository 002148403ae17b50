//! A question made into a problem: who is on which side, every pair scored, every demand checked.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use service_kit::Violations;

use super::{ComputeError, PairingQuestion, Phase, Progress, SideQuestion, UnmatchedReason};
use crate::domain::{Date, EnterpriseId, Profile, State};
use crate::index::{Snapshot, holds};
use crate::pairing::feasibility::Obstruction;
use crate::pairing::{Bounds, INELIGIBLE, Problem, Side, Weights};
use crate::scoring::{Conditions, Scorer};

/// Most enterprises of a side: their scores fill a matrix of four bytes a pair, 100 MB at most.
pub(crate) const SIDE_MAX: usize = 5_000;

/// A question in the terms of the solver, and back.
pub(super) struct Setting {
    pub(super) problem: Problem,
    pub(super) a: SideMembers,
    pub(super) b: SideMembers,
}

/// The enterprises of a side in the order of their ids; their indices are those of the problem.
pub(super) struct SideMembers {
    side: Side,
    profiles: Vec<Arc<Profile>>,
}

impl Setting {
    /// Finds the sides, checks the demands and scores every pair.
    pub(super) fn new(
        snapshot: &Snapshot,
        question: &PairingQuestion,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, ComputeError> {
        let mut violations = Violations::default();
        let a = SideMembers::find(snapshot, Side::A, &question.a, question.as_of, &mut violations);
        let b = SideMembers::find(snapshot, Side::B, &question.b, question.as_of, &mut violations);
        for profile in &a.profiles {
            if b.index(&profile.id).is_some() {
                violations.add("b", format!("`{}` is on both sides", profile.id.name()));
            }
        }
        let bounds_a = a.bounds(&question.a, &mut violations);
        let bounds_b = b.bounds(&question.b, &mut violations);
        let vetoes = pairs(&question.vetoes, "vetoes", &a, &b, &mut violations);
        let must_meets = pairs(&question.must_meets, "must_meets", &a, &b, &mut violations);
        violations.check().map_err(ComputeError::Invalid)?;

        let weights = score(snapshot, question, &a, &b, &vetoes.iter().copied().collect(), progress)?;
        let mut violations = Violations::default();
        for (at, &(row, column)) in must_meets.iter().enumerate() {
            if weights.get(row, column) == INELIGIBLE {
                violations.add(format!("must_meets[{at}]"), "names two enterprises that cannot be paired");
            }
        }
        violations.check().map_err(ComputeError::Invalid)?;
        let problem = Problem::new(weights, bounds_a, bounds_b, must_meets, question.max_pairs, question.seed);
        let problem = problem.map_err(|flaws| {
            let mut violations = Violations::default();
            flaws.iter().for_each(|flaw| violations.add("request", flaw.to_string()));
            ComputeError::Invalid(violations)
        })?;
        Ok(Self { problem, a, b })
    }

    /// The resource name behind an index.
    pub(super) fn name(&self, side: Side, index: u32) -> String {
        let members = if side == Side::A { &self.a } else { &self.b };
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
        let (rows, columns): (HashSet<u32>, HashSet<u32>) = pairs.iter().copied().unzip();
        let reason =
            |any_partner| if any_partner { UnmatchedReason::Outbid } else { UnmatchedReason::NoEligiblePartner };

        let mut has_partner = vec![false; weights.columns()];
        let mut unmatched = Vec::new();
        for (row, profile) in (0u32..).zip(&self.a.profiles) {
            let mut any_partner = false;
            for (column, weight) in weights.row(row).iter().enumerate() {
                any_partner |= *weight != INELIGIBLE;
                has_partner[column] |= *weight != INELIGIBLE;
            }
            if !rows.contains(&row) {
                unmatched.push((profile.id.clone(), reason(any_partner)));
            }
        }
        for (column, profile) in (0u32..).zip(&self.b.profiles) {
            if !columns.contains(&column) {
                unmatched.push((profile.id.clone(), reason(has_partner[column as usize])));
            }
        }
        unmatched
    }
}

impl SideMembers {
    fn find(
        snapshot: &Snapshot,
        side: Side,
        question: &SideQuestion,
        as_of: Date,
        violations: &mut Violations,
    ) -> Self {
        let path = side_path(side);
        let mut profiles: Vec<Arc<Profile>> = Vec::new();
        if question.enterprises.is_empty() {
            let countries = snapshot.region_groups().countries(&question.regions, as_of);
            let takes_part = |profile: &&Arc<Profile>| {
                profile.state == State::Active
                    && (question.regions.is_empty() || countries.binary_search(&profile.country).is_ok())
                    && question.filter.as_ref().is_none_or(|filter| holds(filter, profile))
            };
            profiles.extend(snapshot.profiles().iter().filter(takes_part).cloned());
        } else {
            for (at, id) in question.enterprises.iter().enumerate() {
                match snapshot.find(id) {
                    Some(place) => profiles.push(snapshot.profiles()[place].clone()),
                    None => {
                        violations.add(format!("{path}.enterprises[{at}]"), format!("`{}` does not exist", id.name()))
                    }
                }
            }
            profiles.sort_by(|one, other| one.id.cmp(&other.id));
            profiles.dedup_by(|one, other| one.id == other.id);
        }
        if profiles.len() > SIDE_MAX {
            violations.add(path, format!("has {} enterprises, and must have at most {SIDE_MAX}", profiles.len()));
            profiles.clear();
        }
        Self { side, profiles }
    }

    /// The enterprise behind an index.
    pub(super) fn profile(&self, index: u32) -> &Arc<Profile> {
        &self.profiles[index as usize]
    }

    /// The index of an enterprise.
    pub(super) fn index(&self, id: &EnterpriseId) -> Option<u32> {
        let place = self.profiles.binary_search_by(|profile| profile.id.cmp(id)).ok()?;
        u32::try_from(place).ok()
    }

    fn bounds(&self, question: &SideQuestion, violations: &mut Violations) -> Vec<Bounds> {
        let mut bounds = vec![question.usual; self.profiles.len()];
        let mut limits: Vec<_> = question.limits.iter().collect();
        limits.sort_by(|one, other| one.0.cmp(other.0));
        for (id, own) in limits {
            match self.index(id) {
                Some(index) => bounds[index as usize] = *own,
                None => {
                    let field = format!("{}.limits", side_path(self.side));
                    violations.add(field, format!("names `{}`, which is not on this side", id.name()));
                }
            }
        }
        bounds
    }

    /// Prices that are not 0, by name.
    pub(super) fn priced(&self, prices: &[i64]) -> Vec<(EnterpriseId, i64)> {
        let priced = self.profiles.iter().zip(prices).filter(|(_, price)| **price != 0);
        priced.map(|(profile, price)| (profile.id.clone(), *price)).collect()
    }

    /// Prices by index.
    pub(super) fn prices(&self, named: &[(EnterpriseId, i64)], path: &str, violations: &mut Violations) -> Vec<i64> {
        let mut prices = vec![0; self.profiles.len()];
        for (at, (id, price)) in named.iter().enumerate() {
            match self.index(id) {
                Some(index) => prices[index as usize] = *price,
                None => violations.add(format!("{path}[{at}]"), format!("`{}` is not on this side", id.name())),
            }
        }
        prices
    }
}

fn side_path(side: Side) -> &'static str {
    if side == Side::A { "a" } else { "b" }
}

/// Pairs by index; whoever is not on a side is a violation.
fn pairs(
    named: &[(EnterpriseId, EnterpriseId)],
    path: &str,
    a: &SideMembers,
    b: &SideMembers,
    violations: &mut Violations,
) -> Vec<(u32, u32)> {
    let mut pairs = Vec::with_capacity(named.len());
    for (at, (one, other)) in named.iter().enumerate() {
        let (row, column) = (a.index(one), b.index(other));
        for (field, id, found) in [("a", one, row), ("b", other, column)] {
            if found.is_none() {
                violations.add(format!("{path}[{at}].{field}"), format!("`{}` is not on side {field}", id.name()));
            }
        }
        pairs.extend(row.zip(column));
    }
    pairs
}

/// Scores every pair, row by row.
fn score(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    a: &SideMembers,
    b: &SideMembers,
    vetoes: &HashSet<(u32, u32)>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Weights, ComputeError> {
    let scorer = Scorer::new(snapshot.region_groups(), &question.policy, question.as_of);
    let place = |profile: &Arc<Profile>| snapshot.find(&profile.id).expect("the sides were found in this snapshot");
    let columns: Vec<usize> = b.profiles.iter().map(place).collect();
    let mut values = Vec::with_capacity(a.profiles.len() * b.profiles.len());
    let total = a.profiles.len() as u64;
    for (row, profile) in (0u32..).zip(&a.profiles) {
        if progress(Progress { phase: Phase::Scoring, done: u64::from(row), total }).is_break() {
            return Err(ComputeError::Cancelled);
        }
        let subject = snapshot.party(place(profile));
        for (column, candidate) in (0u32..).zip(&columns) {
            let judged = scorer.judge(&Conditions::NONE, subject, snapshot.party(*candidate));
            let weight = match judged {
                Ok(score) if !vetoes.contains(&(row, column)) => i32::try_from(score.pair.get()).unwrap_or(INELIGIBLE),
                _ => INELIGIBLE,
            };
            values.push(weight);
        }
    }
    let weights = Weights::new(a.profiles.len(), b.profiles.len(), values);
    Ok(weights.expect("a weight is a score or ineligible, and there is one for every pair"))
}
