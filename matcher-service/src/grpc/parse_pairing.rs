//! Requests about whole pairings, from the wire.

use std::collections::HashMap;

use proto::matcher::v1 as pb;
use service_kit::filter::Expr;
use service_kit::{RevisionToken, Violations};
use tonic::Status;

use super::parse::{as_of, filter, id, regions, revision_token, too_many};
use super::parse_policy::policy;
use crate::domain::{Date, EnterpriseId, Region};
use crate::index::Snapshot;
use crate::matcher::{NamedPrices, PairingQuestion, RESULT_PAIRS_MAX, SIDE_MAX, SideQuestion};
use crate::pairing::Bounds;
use crate::scoring::Policy;

/// Must-meets, vetoes and limits: one for every enterprise of both sides.
const DEMANDS_MAX: usize = 10_000;
/// Most pairs of one enterprise.
const PAIRS_MAX: i32 = 5_000;

/// A parsed `ComputePairingRequest`; what depends on the snapshot follows in [`Pairing::question`].
pub(super) struct Pairing {
    a: SideQuestion,
    b: SideQuestion,
    policy: Policy,
    max_pairs: Option<u32>,
    must_meets: Vec<(EnterpriseId, EnterpriseId)>,
    vetoes: Vec<(EnterpriseId, EnterpriseId)>,
    seed: u64,
    as_of: Option<Date>,
    pub(super) at_least: Option<RevisionToken>,
}

impl Pairing {
    /// The question to a snapshot.
    pub(super) fn question(self, snapshot: &Snapshot) -> PairingQuestion {
        PairingQuestion {
            a: self.a,
            b: self.b,
            policy: self.policy,
            max_pairs: self.max_pairs,
            must_meets: self.must_meets,
            vetoes: self.vetoes,
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
    if pb::Objective::try_from(message.objective).is_err() {
        violations.add("objective", "must be one of the values of the contract");
    }
    let max_pairs = u32::try_from(message.max_pairs).map_err(|_| {
        violations.add("max_pairs", "must be 0 (no limit) or more");
    });
    let must_meets = pairs(&message.must_meets, "must_meets", DEMANDS_MAX, violations);
    let vetoes = pairs(&message.vetoes, "vetoes", DEMANDS_MAX, violations);
    let as_of = as_of(&message.as_of, "as_of", violations);
    let at_least = revision_token(&message.at_least_revision, "at_least_revision", violations);
    let (a, b, policy, max_pairs) = (a?, b?, policy?, max_pairs.ok()?);
    let max_pairs = Some(max_pairs).filter(|max| *max > 0);
    // The seed only has to tell runs apart, so its sign is of no account.
    let seed = message.seed.cast_unsigned();
    Some(Pairing { a, b, policy, max_pairs, must_meets, vetoes, seed, as_of, at_least })
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
    let usual = bounds(message.min_pairs, usual_max, path, violations);
    let mut limits = HashMap::new();
    if message.limits.len() > DEMANDS_MAX {
        violations.add(format!("{path}.limits"), too_many(DEMANDS_MAX, message.limits.len()));
        return None;
    }
    for (index, limit) in message.limits.iter().enumerate() {
        let path = format!("{path}.limits[{index}]");
        let Some(id) = id(&limit.enterprise, &format!("{path}.enterprise"), violations) else { continue };
        let own = bounds(limit.min_pairs, limit.max_pairs, &path, violations);
        if limits.insert(id, own).is_some() {
            violations.add(format!("{path}.enterprise"), "has limits already");
        }
    }
    Some(SideQuestion { enterprises, regions, filter, usual, limits })
}

fn bounds(min: i32, max: i32, path: &str, violations: &mut Violations) -> Bounds {
    let in_range = |pairs: i32| (0..=PAIRS_MAX).contains(&pairs);
    if !in_range(min) {
        violations.add(format!("{path}.min_pairs"), format!("must be 0 to {PAIRS_MAX}"));
    }
    if !in_range(max) {
        violations.add(format!("{path}.max_pairs"), format!("must be 0 to {PAIRS_MAX}"));
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
    pub(super) prices: Option<NamedPrices>,
}

/// Parses a `VerifyPairingRequest`.
pub(super) fn verification(message: &pb::VerifyPairingRequest) -> Result<Verification, Status> {
    let mut violations = Violations::default();
    let pairing = match &message.request {
        Some(request) => {
            let mut inside = Violations::default();
            let pairing = read(request, &mut inside);
            inside.below("request").into_vec().into_iter().for_each(|one| violations.add(one.field, one.description));
            pairing
        }
        None => {
            violations.add("request", "must be given");
            None
        }
    };
    let pairs = pairs(&message.pairs, "pairs", RESULT_PAIRS_MAX, &mut violations);
    let prices = message.certificate.as_ref().map(|certificate| NamedPrices {
        a: prices(&certificate.a_prices, "certificate.a_prices", &mut violations),
        b: prices(&certificate.b_prices, "certificate.b_prices", &mut violations),
        pair: certificate.pair_price_ppm,
    });
    let Some(pairing) = pairing else { return Err(violations.into()) };
    violations.check()?;
    Ok(Verification { pairing, pairs, prices })
}

fn prices(messages: &[pb::Price], path: &str, violations: &mut Violations) -> Vec<(EnterpriseId, i64)> {
    if messages.len() > SIDE_MAX {
        violations.add(path, too_many(SIDE_MAX, messages.len()));
        return Vec::new();
    }
    let mut prices = Vec::with_capacity(messages.len());
    for (index, price) in messages.iter().enumerate() {
        let id = id(&price.enterprise, &format!("{path}[{index}].enterprise"), violations);
        prices.extend(id.map(|id| (id, price.price_ppm)));
    }
    prices
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
}
