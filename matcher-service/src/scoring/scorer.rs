//! Scores of pairs under one policy on one day: fast for scanning, with reasons for explaining, and both the same.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::{Date, Fusion, Industry, IndustryDefinition, Party, Ppm, Profile, RegionGroups};

use super::context::Context;
use super::criteria::CRITERIA;
use super::eligibility::{Conditions, ExclusionRule, exclusion};
use super::explanation::{Contribution, Direction, Explained, Notes, Reasons};
use super::policy::{Criterion, NEUTRAL, Policy, apportion};

/// Scores pairs under one policy on one day. Made once per question; scoring a pair allocates nothing.
#[derive(Debug)]
pub(crate) struct Scorer<'a> {
    pub(super) context: Context<'a>,
    weights: [Ppm; Criterion::COUNT],
}

/// Facts told of one contribution: an enterprise can have any number of requests, and an explained pair must fit into a
/// message.
const EVIDENCE_MAX: usize = 20;

/// The score of a pair, with what it was fused from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Score {
    /// Both directed scores, fused as the policy says.
    pub(crate) pair: Ppm,
    /// What b brings to a.
    pub(crate) forward: Ppm,
    /// What a brings to b.
    pub(crate) backward: Ppm,
    /// Share of the policy's weight whose criteria are known, forward.
    pub(crate) known_forward: Ppm,
    /// The same, backward.
    pub(crate) known_backward: Ppm,
}

impl<'a> Scorer<'a> {
    /// A scorer for one policy; region groups are looked at as of the day.
    pub(crate) fn new(groups: &RegionGroups, policy: &'a Policy, as_of: Date) -> Self {
        Self { context: Context::new(policy, groups, as_of), weights: policy.weights() }
    }

    /// Explains with the names of these industries instead of their ids.
    pub(crate) fn naming(mut self, industries: &'a BTreeMap<Industry, IndustryDefinition>) -> Self {
        self.context.industries = Some(industries);
        self
    }

    /// How both directions are fused.
    pub(crate) fn fusion(&self) -> Fusion {
        self.context.policy.fusion()
    }

    /// Weight of a criterion.
    pub(super) fn weight(&self, criterion: Criterion) -> Ppm {
        self.weights[criterion.index()]
    }

    /// The greatest number of ppm of which every weight is a multiple; it divides a million.
    pub(crate) fn divisor(&self) -> u32 {
        fn greatest(one: u32, other: u32) -> u32 {
            if other == 0 { one } else { greatest(other, one % other) }
        }
        self.weights.iter().fold(0, |divisor, weight| greatest(divisor, weight.get()))
    }

    /// The score of a pair, or the first rule that keeps the two apart.
    ///
    /// # Errors
    /// The first [`ExclusionRule`] that holds, in the order of the contract.
    pub(crate) fn judge(
        &self,
        conditions: &Conditions<'_>,
        a: Party<'_>,
        b: Party<'_>,
    ) -> Result<Score, ExclusionRule> {
        match exclusion(conditions, a, b) {
            Some(rule) => Err(rule),
            None => self.pair_score(a.profile, b.profile).ok_or(ExclusionRule::NothingKnown),
        }
    }

    /// The score of a pair; none if no criterion that has a weight is known in either direction.
    pub(crate) fn pair_score(&self, a: &Profile, b: &Profile) -> Option<Score> {
        let values =
            |receiver, bringer| std::array::from_fn(|at| self.value(at, receiver, bringer, &mut Notes::Silent));
        self.fuse(&values(a, b), &values(b, a))
    }

    /// The same score with every contribution and its evidence.
    pub(crate) fn explain(&self, a: &Profile, b: &Profile) -> Option<Explained> {
        let mut reasons = Reasons::new();
        let (forward, forward_reasons) = self.values_with_reasons(a, b, &mut reasons);
        let (backward, backward_reasons) = self.values_with_reasons(b, a, &mut reasons);
        let score = self.fuse(&forward, &backward)?;
        let mut contributions = Vec::with_capacity(2 * Criterion::COUNT);
        contributions.extend(self.contributions(Direction::Forward, &forward, forward_reasons));
        contributions.extend(self.contributions(Direction::Backward, &backward, backward_reasons));
        Some(Explained { score, contributions, reasons })
    }

    /// Values, and the places of the reasons of each.
    fn values_with_reasons(&self, receiver: &Profile, bringer: &Profile, reasons: &mut Reasons) -> (Values, Places) {
        let mut values = [None; Criterion::COUNT];
        let places = std::array::from_fn(|at| {
            let before = reasons.len();
            values[at] = self.value(at, receiver, bringer, &mut Notes::Kept(reasons));
            let most = if values[at].is_some() { EVIDENCE_MAX } else { 0 };
            if reasons.len() > before + most {
                reasons.sort(before);
                reasons.truncate(before + most);
            }
            before..reasons.len()
        });
        (values, places)
    }

    /// Value of one criterion; none if nothing is known or the criterion has no weight.
    fn value(&self, at: usize, receiver: &Profile, bringer: &Profile, notes: &mut Notes<'_>) -> Option<Ppm> {
        if self.weights[at] == Ppm::ZERO {
            return None;
        }
        CRITERIA[at](&self.context, receiver, bringer, notes)
    }

    fn fuse(&self, forward: &Values, backward: &Values) -> Option<Score> {
        let (known_forward, known_backward) = (self.known(forward), self.known(backward));
        if known_forward == Ppm::ZERO && known_backward == Ppm::ZERO {
            return None;
        }
        let (forward, backward) = (self.directed(forward), self.directed(backward));
        let pair = self.context.policy.fusion().fuse(forward, backward);
        Some(Score { pair, forward, backward, known_forward, known_backward })
    }

    /// Sum of value times weight, rounded down once.
    fn directed(&self, values: &Values) -> Ppm {
        let sum: u64 = self.products(values).into_iter().sum();
        Ppm::new((sum / 1_000_000) as u32)
    }

    fn products(&self, values: &Values) -> [u64; Criterion::COUNT] {
        std::array::from_fn(|at| u64::from(values[at].unwrap_or(NEUTRAL).get()) * u64::from(self.weights[at].get()))
    }

    fn known(&self, values: &Values) -> Ppm {
        let known = self.weights.iter().zip(values).filter(|(_, value)| value.is_some());
        Ppm::new(known.map(|(weight, _)| weight.get()).sum())
    }

    fn contributions(
        &self,
        direction: Direction,
        values: &Values,
        reasons: Places,
    ) -> impl Iterator<Item = Contribution> {
        let points = apportion(self.products(values), 1_000_000, self.directed(values).get());
        let all = reasons.into_iter().enumerate().map(move |(at, reasons)| Contribution {
            criterion: Criterion::ALL[at],
            direction,
            value: values[at].unwrap_or(NEUTRAL),
            weight: self.weights[at],
            points: Ppm::new(points[at]),
            reasons,
        });
        all.filter(|contribution| contribution.weight > Ppm::ZERO)
    }
}

/// Value of each criterion, in their order; none where nothing is known.
type Values = [Option<Ppm>; Criterion::COUNT];

/// Places of the reasons of each criterion: as they come, or if there are more than [`EVIDENCE_MAX`], the strongest ones.
type Places = [Range<usize>; Criterion::COUNT];

#[cfg(test)]
mod tests;
