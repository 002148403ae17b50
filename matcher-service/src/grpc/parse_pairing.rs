//! Requests about whole pairings, from the wire.

use std::collections::HashMap;

use proto::matcher::v1 as pb;
use service_kit::filter::Expr;
use service_kit::{RevisionToken, Violations};
use tonic::Status;

use super::parse::{as_of, filter, id, regions, revision_token, too_many};
use super::parse_certificate::certificate;
use super::parse_policy::policy;
use crate::domain::{Date, EnterpriseId, Region};
use crate::index::Snapshot;
use crate::matcher::{
    NamedCertificate, PairingQuestion, QuotaMembers, QuotaQuestion, RESULT_PAIRS_MAX, SIDE_MAX, SideQuestion,
};
use crate::pairing::{Bounds, Objective, Side};
use crate::scoring::Policy;

/// Must-meets, vetoes and limits: one for every enterprise of both sides.
const DEMANDS_MAX: usize = 10_000;
/// Most pairs of one enterprise.
const PAIRS_MAX: i32 = 5_000;
/// Groups with limits: more than there are delegations, branches and regions in one exhibition hall.
pub(super) const QUOTAS_MAX: usize = 100;
/// Most pairs of a group: as many as a result can have.
const QUOTA_PAIRS_MAX: i32 = RESULT_PAIRS_MAX as i32;
/// Alternates of one enterprise: a shortlist, and all of them share one message.
const ALTERNATES_MAX: i32 = 10;

/// Digits of a digest: SHA-256 has 32 bytes.
const DIGEST_DIGITS: usize = 64;
/// What is told of an enumeration.
const NOT_OF_THE_CONTRACT: &str = "must be one of the values of the contract";

/// A parsed `ComputePairingRequest`; what depends on the snapshot follows in [`Pairing::question`].
pub(super) struct Pairing {
    a: SideQuestion,
    b: SideQuestion,
    policy: Policy,
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

    /// The question to a snapshot.
    pub(super) fn question(self, snapshot: &Snapshot) -> PairingQuestion {
        PairingQuestion {
            a: self.a,
            b: self.b,
            policy: self.policy,
            objective: self.objective,
            max_pairs: self.max_pairs,
            must_meets: self.must_meets,
            vetoes: self.vetoes,
            quotas: self.quotas,
            alternates: self.alternates,
            seed: self.seed,
            as_of: self.as_of.unwrap_or_else(|| snapshot.stamp().committed_on),
        }
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
    let policy = policy(message.policy.as_ref(), "policy", violations);
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
    let pairing =
        Pairing { a, b, policy, objective, max_pairs, must_meets, vetoes, quotas, alternates, seed, as_of, at_least };
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

fn quotas(messages: &[pb::Quota], violations: &mut Violations) -> Vec<QuotaQuestion> {
    if messages.len() > QUOTAS_MAX {
        violations.add("quotas", too_many(QUOTAS_MAX, messages.len()));
        return Vec::new();
    }
    let all = messages.iter().enumerate();
    all.filter_map(|(at, message)| quota(message, &format!("quotas[{at}]"), violations)).collect()
}

fn quota(message: &pb::Quota, path: &str, violations: &mut Violations) -> Option<QuotaQuestion> {
    let side = match pb::PairingSide::try_from(message.side) {
        Ok(pb::PairingSide::A) => Some(Side::A),
        Ok(pb::PairingSide::B) => Some(Side::B),
        Ok(pb::PairingSide::Unspecified) | Err(_) => {
            violations.add(format!("{path}.side"), "must be A or B");
            None
        }
    };
    let named = ids(&message.enterprises, &format!("{path}.enterprises"), violations);
    let filter = filter(&message.filter, &format!("{path}.filter"), violations);
    if message.enterprises.is_empty() == message.filter.is_empty() {
        violations.add(path, "must have either `enterprises` or `filter`");
    }
    let bounds = bounds(message.min_pairs, message.max_pairs, QUOTA_PAIRS_MAX, path, violations);
    let members = filter.map_or(QuotaMembers::Named(named), QuotaMembers::Passing);
    Some(QuotaQuestion { side: side?, members, bounds })
}

fn side(message: Option<&pb::Side>, path: &str, violations: &mut Violations) -> Option<SideQuestion> {
    let Some(message) = message else {
        violations.add(path, "must be given");
        return None;
    };
    let enterprises = ids(&message.enterprises, &format!("{path}.enterprises"), violations);
    let regions: Vec<Region> = regions(&message.regions, &format!("{path}.regions"), violations);
    let filter: Option<Expr> = filter(&message.filter, &format!("{path}.filter"), violations);
    let is_narrowed = !regions.is_empty() || filter.is_some();
    if !message.enterprises.is_empty() && is_narrowed {
        violations.add(path, "must have either `enterprises`, or `regions` and `filter`");
    }
    let usual_max = if message.max_pairs == 0 { 1 } else { message.max_pairs };
    let usual = bounds(message.min_pairs, usual_max, PAIRS_MAX, path, violations);
    let mut limits = HashMap::new();
    if message.limits.len() > DEMANDS_MAX {
        violations.add(format!("{path}.limits"), too_many(DEMANDS_MAX, message.limits.len()));
        return None;
    }
    for (index, limit) in message.limits.iter().enumerate() {
        let path = format!("{path}.limits[{index}]");
        let Some(id) = id(&limit.enterprise, &format!("{path}.enterprise"), violations) else { continue };
        let own = bounds(limit.min_pairs, limit.max_pairs, PAIRS_MAX, &path, violations);
        if limits.insert(id, own).is_some() {
            violations.add(format!("{path}.enterprise"), "has limits already");
        }
    }
    Some(SideQuestion { enterprises, regions, filter, usual, limits })
}

fn bounds(min: i32, max: i32, most: i32, path: &str, violations: &mut Violations) -> Bounds {
    let in_range = |pairs: i32| (0..=most).contains(&pairs);
    if !in_range(min) {
        violations.add(format!("{path}.min_pairs"), format!("must be 0 to {most}"));
    }
    if !in_range(max) {
        violations.add(format!("{path}.max_pairs"), format!("must be 0 to {most}"));
    }
    if in_range(min) && in_range(max) && min > max {
        violations.add(format!("{path}.min_pairs"), format!("must be at most `max_pairs`, which is {max}"));
    }
    Bounds { min: min.unsigned_abs(), max: max.unsigned_abs() }
}

fn ids(names: &[String], path: &str, violations: &mut Violations) -> Vec<EnterpriseId> {
    if names.len() > SIDE_MAX {
        violations.add(path, too_many(SIDE_MAX, names.len()));
        return Vec::new();
    }
    let mut ids = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        ids.extend(id(name, &format!("{path}[{index}]"), violations));
    }
    ids
}

fn pairs(
    messages: &[pb::EnterprisePair],
    path: &str,
    max: usize,
    violations: &mut Violations,
) -> Vec<(EnterpriseId, EnterpriseId)> {
    if messages.len() > max {
        violations.add(path, too_many(max, messages.len()));
        return Vec::new();
    }
    let mut pairs = Vec::with_capacity(messages.len());
    for (index, pair) in messages.iter().enumerate() {
        let a = id(&pair.a, &format!("{path}[{index}].a"), violations);
        let b = id(&pair.b, &format!("{path}[{index}].b"), violations);
        pairs.extend(a.zip(b));
    }
    pairs
}

/// A parsed `VerifyPairingRequest`.
pub(super) struct Verification {
    pub(super) pairing: Pairing,
    pub(super) pairs: Vec<(EnterpriseId, EnterpriseId)>,
    pub(super) certificate: Option<NamedCertificate>,
}

/// Parses a `VerifyPairingRequest`.
pub(super) fn verification(message: &pb::VerifyPairingRequest) -> Result<Verification, Status> {
    let mut violations = Violations::default();
    let pairing = match &message.request {
        Some(request) => below("request", request, &mut violations),
        None => {
            violations.add("request", "must be given");
            None
        }
    };
    let pairs = pairs(&message.pairs, "pairs", RESULT_PAIRS_MAX, &mut violations);
    let certificate = message.certificate.as_ref().map(|message| certificate(message, &mut violations));
    let Some(pairing) = pairing else { return Err(violations.into()) };
    violations.check()?;
    Ok(Verification { pairing, pairs, certificate })
}

/// A parsed `ReplayPairingRequest`.
pub(super) struct Replay {
    pub(super) pairing: Pairing,
    pub(super) revision: u64,
}

/// Parses a `ReplayPairingRequest`.
pub(super) fn replay(message: &pb::ReplayPairingRequest) -> Result<Replay, Status> {
    let mut violations = Violations::default();
    let pairing = match &message.request {
        Some(request) => below("request", request, &mut violations),
        None => {
            violations.add("request", "must be given");
            None
        }
    };
    let is_hexadecimal = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    if message.digest.len() != DIGEST_DIGITS || !message.digest.bytes().all(is_hexadecimal) {
        violations.add("digest", format!("must be {DIGEST_DIGITS} hexadecimal digits in lower case"));
    }
    let revision = u64::try_from(message.revision).map_err(|_| violations.add("revision", "must be 0 or more"));
    let (Some(pairing), Ok(revision)) = (pairing, revision) else { return Err(violations.into()) };
    violations.check()?;
    Ok(Replay { pairing, revision })
}

/// Parses a request that is part of another one, telling what is wrong with it below `field`.
pub(super) fn below(field: &str, message: &pb::ComputePairingRequest, violations: &mut Violations) -> Option<Pairing> {
    let mut inside = Violations::default();
    let pairing = read(message, &mut inside);
    inside.below(field).into_vec().into_iter().for_each(|one| violations.add(one.field, one.description));
    pairing
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    #[test]
    fn everything_wrong_with_a_verification_is_told_at_once_and_by_its_path() {
        let request = pb::ComputePairingRequest {
            a: Some(pb::Side { max_pairs: -1, ..Default::default() }),
            max_pairs: -1,
            as_of: "yesterday".to_owned(),
            at_least_revision: "unreadable".to_owned(),
            ..Default::default()
        };
        let pairs = vec![pb::EnterprisePair::default()];
        let message = pb::VerifyPairingRequest { request: Some(request), pairs, certificate: None };
        let status = verification(&message).err().unwrap();
        let found = status.get_details_bad_request().unwrap().field_violations;
        let fields: Vec<_> = found.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "request.a.max_pairs",
                "request.b",
                "request.max_pairs",
                "request.as_of",
                "request.at_least_revision",
                "pairs[0].a",
                "pairs[0].b"
            ]
        );
        assert_eq!(status.get_details_error_info().unwrap().reason, "INVALID_FIELDS");
    }

    #[test]
    fn an_unreadable_token_alone_has_a_reason_of_its_own() {
        let side = Some(pb::Side::default());
        let at_least_revision = "unreadable".to_owned();
        let message = pb::ComputePairingRequest { a: side.clone(), b: side, at_least_revision, ..Default::default() };
        let status = pairing(&message).err().unwrap();
        assert_eq!(status.get_details_error_info().unwrap().reason, "INVALID_REVISION_TOKEN");
    }

    #[test]
    fn everything_wrong_with_a_replay_is_told_at_once() {
        let digest = "E0".repeat(32);
        let message = pb::ReplayPairingRequest { request: None, digest, revision: -1 };
        let status = replay(&message).err().unwrap();
        let found = status.get_details_bad_request().unwrap().field_violations;
        let fields: Vec<_> = found.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["request", "digest", "revision"]);
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
