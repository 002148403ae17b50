//! Requests about whole pairings, from the wire.

use proto::matcher::v1 as pb;
use service_kit::{RevisionToken, Violations};
use tonic::Status;

use super::parse::{as_of, revision_token};
use super::parse_policy::{WantedPolicy, wanted_policy};
use super::parse_sides::{DEMANDS_MAX, ParsedSide, pairs, quotas, side};
use crate::domain::{Date, EnterpriseId};
use crate::index::Snapshot;
use crate::matcher::{PairingQuestion, QuotaQuestion};
use crate::pairing::{Objective, Side};

/// Alternates of one enterprise: a shortlist, and all of them share one message.
const ALTERNATES_MAX: i32 = 10;
/// What is told of an enumeration.
const NOT_OF_THE_CONTRACT: &str = "must be one of the values of the contract";

/// A parsed `ComputePairingRequest`; what depends on the snapshot follows in [`Pairing::question`].
pub(super) struct Pairing {
    /// Where in the request it stands; empty: it is the request.
    path: &'static str,
    a: ParsedSide,
    b: ParsedSide,
    policy: WantedPolicy,
    objective: Objective,
    max_pairs: Option<u32>,
    must_meets: Vec<(EnterpriseId, EnterpriseId)>,
    vetoes: Vec<(EnterpriseId, EnterpriseId)>,
    quotas: Vec<QuotaQuestion>,
    alternates: usize,
    seed: u64,
    as_of: Option<Date>,
    pub(super) at_least: Option<RevisionToken>,
}

impl Pairing {
    /// Whether its result will have prices of enterprises.
    pub(super) fn has_prices(&self) -> bool {
        self.objective == Objective::TotalValue
    }

    /// The policy and the day that it wants; none: the day of the snapshot.
    pub(super) fn wanted(&self) -> (&WantedPolicy, Option<Date>) {
        (&self.policy, self.as_of)
    }

    /// The question to a snapshot, and the name of the version of its policy, if that is a registered one.
    ///
    /// # Errors
    /// If the snapshot does not have the policy, or limits contradict those of the policy.
    pub(super) fn question(self, snapshot: &Snapshot) -> Result<(PairingQuestion, String), Status> {
        let is_whole = self.path.is_empty();
        let field = if is_whole { "policy".to_owned() } else { format!("{}.policy", self.path) };
        let chosen = self.policy.of(snapshot, &field)?;
        let mut violations = Violations::default();
        let bounds = chosen.policy.bounds();
        let a = self.a.under(bounds, "a", &mut violations);
        let b = self.b.under(bounds, "b", &mut violations);
        if is_whole { violations } else { violations.below(self.path) }.check()?;
        let question = PairingQuestion {
            a,
            b,
            policy: chosen.policy,
            objective: self.objective,
            max_pairs: self.max_pairs,
            must_meets: self.must_meets,
            vetoes: self.vetoes,
            quotas: self.quotas,
            alternates: self.alternates,
            seed: self.seed,
            as_of: self.as_of.unwrap_or_else(|| snapshot.stamp().committed_on),
        };
        Ok((question, chosen.name))
    }
}

/// Parses a `ComputePairingRequest`.
pub(super) fn pairing(message: &pb::ComputePairingRequest) -> Result<Pairing, Status> {
    let mut violations = Violations::default();
    let Some(pairing) = read(message, &mut violations) else { return Err(violations.into()) };
    violations.check()?;
    Ok(pairing)
}

fn read(message: &pb::ComputePairingRequest, violations: &mut Violations) -> Option<Pairing> {
    let a = side(message.a.as_ref(), "a", violations);
    let b = side(message.b.as_ref(), "b", violations);
    let policy = wanted_policy(message.policy.as_ref(), "policy", violations);
    let objective = objective(message, violations);
    let max_pairs = u32::try_from(message.max_pairs).map_err(|_| {
        violations.add("max_pairs", "must be 0 (no limit) or more");
    });
    let must_meets = pairs(&message.must_meets, "must_meets", DEMANDS_MAX, violations);
    let vetoes = pairs(&message.vetoes, "vetoes", DEMANDS_MAX, violations);
    let quotas = quotas(&message.quotas, violations);
    let alternates = alternates(message.alternates, objective, violations);
    if matches!(objective, Some(Objective::Stable { .. })) {
        if message.max_pairs > 0 {
            violations
                .add("max_pairs", "must be 0 where `objective` is STABLE: it would break up pairs that both want");
        }
        if !message.quotas.is_empty() {
            violations
                .add("quotas", "must be empty where `objective` is STABLE: they would break up pairs that both want");
        }
    }
    let as_of = as_of(&message.as_of, "as_of", violations);
    let at_least = revision_token(&message.at_least_revision, "at_least_revision", violations);
    let (a, b, policy, objective, max_pairs) = (a?, b?, policy?, objective?, max_pairs.ok()?);
    let max_pairs = Some(max_pairs).filter(|max| *max > 0);
    // The seed only has to tell runs apart, so its sign is of no account.
    let seed = message.seed.cast_unsigned();
    let path = "";
    let pairing = Pairing {
        path,
        a,
        b,
        policy,
        objective,
        max_pairs,
        must_meets,
        vetoes,
        quotas,
        alternates,
        seed,
        as_of,
        at_least,
    };
    Some(pairing)
}

fn objective(message: &pb::ComputePairingRequest, violations: &mut Violations) -> Option<Objective> {
    let objective = pb::Objective::try_from(message.objective);
    let proposing = pb::PairingSide::try_from(message.proposing_side);
    if objective.is_err() {
        violations.add("objective", NOT_OF_THE_CONTRACT);
    }
    if proposing.is_err() {
        violations.add("proposing_side", NOT_OF_THE_CONTRACT);
    }
    let (objective, proposing) = (objective.ok()?, proposing.ok()?);
    if objective != pb::Objective::Stable && proposing != pb::PairingSide::Unspecified {
        violations.add("proposing_side", "must be absent unless `objective` is STABLE");
    }
    Some(match objective {
        pb::Objective::Unspecified | pb::Objective::TotalValue => Objective::TotalValue,
        pb::Objective::Stable if proposing == pb::PairingSide::B => Objective::Stable { proposing: Side::B },
        pb::Objective::Stable => Objective::Stable { proposing: Side::A },
        pb::Objective::MaxMinFair => Objective::MaxMinFair,
    })
}

fn alternates(count: i32, objective: Option<Objective>, violations: &mut Violations) -> usize {
    if !(0..=ALTERNATES_MAX).contains(&count) {
        violations.add("alternates", format!("must be 0 to {ALTERNATES_MAX}"));
    } else if count > 0 && objective.is_some_and(|objective| objective != Objective::TotalValue) {
        violations.add("alternates", "must be 0 unless `objective` is TOTAL_VALUE, which alone has prices");
    }
    usize::try_from(count).unwrap_or_default()
}

/// Parses a request that is part of another one, telling what is wrong with it below `path`.
pub(super) fn below(
    path: &'static str,
    message: &pb::ComputePairingRequest,
    violations: &mut Violations,
) -> Option<Pairing> {
    let mut inside = Violations::default();
    let pairing = read(message, &mut inside);
    inside.below(path).into_vec().into_iter().for_each(|one| violations.add(one.field, one.description));
    pairing.map(|pairing| Pairing { path, ..pairing })
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::super::parse_sides::QUOTAS_MAX;
    use super::*;

    #[test]
    fn an_unreadable_token_alone_has_a_reason_of_its_own() {
        let side = Some(pb::Side::default());
        let at_least_revision = "unreadable".to_owned();
        let message = pb::ComputePairingRequest { a: side.clone(), b: side, at_least_revision, ..Default::default() };
        let status = pairing(&message).err().unwrap();
        assert_eq!(status.get_details_error_info().unwrap().reason, "INVALID_REVISION_TOKEN");
    }

    fn told(message: &pb::ComputePairingRequest) -> Vec<String> {
        let status = pairing(message).err().unwrap();
        let found = status.get_details_bad_request().unwrap().field_violations;
        found.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn a_stable_pairing_with_limits_of_groups_and_a_quota_of_nobody_are_told_at_once() {
        let message = pb::ComputePairingRequest {
            a: Some(pb::Side::default()),
            b: Some(pb::Side::default()),
            objective: pb::Objective::Stable.into(),
            max_pairs: 1,
            alternates: 1,
            quotas: vec![pb::Quota { min_pairs: 2, max_pairs: 1, ..Default::default() }],
            ..Default::default()
        };
        let expected = ["quotas[0].side", "quotas[0]", "quotas[0].min_pairs", "alternates", "max_pairs", "quotas"];
        assert_eq!(told(&message), expected);
    }

    #[test]
    fn what_belongs_to_one_objective_is_refused_with_another() {
        let side = Some(pb::Side::default());
        let message = pb::ComputePairingRequest {
            a: side.clone(),
            b: side,
            proposing_side: pb::PairingSide::B.into(),
            alternates: 11,
            quotas: vec![pb::Quota::default(); QUOTAS_MAX + 1],
            ..Default::default()
        };
        assert_eq!(told(&message), ["proposing_side", "quotas", "alternates"]);
        let message =
            pb::ComputePairingRequest { objective: 4, proposing_side: 3, alternates: 0, quotas: Vec::new(), ..message };
        assert_eq!(told(&message), ["objective", "proposing_side"]);
    }
}
