//! The digest of a run: two runs with the same digest are the same run.

use prost::Message;
use proto::matcher::v1 as pb;
use proto::registry::v1 as registry;
use sha2::{Digest, Sha256};

use super::render::criterion;
use crate::domain::{Criterion, Fusion, Policy};

/// Changes when what is hashed does, so that digests of different rules are never equal by accident.
const DOMAIN: &[u8] = b"corridor pairing run, version 2";

/// SHA-256, in lower-case hexadecimal, over the revision, the request without `at_least_revision`, what its policy says,
/// and the result without its digest and tokens.
///
/// The epoch is left out on purpose: it is drawn at random for every database, and a run over the same records must have
/// the same digest wherever it is repeated. So are the names of policies: a name says nothing without its registry, and
/// whoever repeats a run after its policy changed sends what the policy said.
pub(super) fn of(request: &pb::ComputePairingRequest, policy: &Policy, result: &pb::PairingResult) -> String {
    let mut request = request.clone();
    request.at_least_revision.clear();
    request.policy = Some(content(policy));
    let mut result = result.clone();
    result.digest.clear();
    result.revision_token.clear();
    result.policy.clear();

    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    // Messages without maps have one encoding only: fields in order of number.
    for part in [request.encode_to_vec(), result.encode_to_vec()] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a policy says, in the one form that policies have which say the same: shares instead of weights, industries in
/// order.
fn content(policy: &Policy) -> registry::Policy {
    let weight = |(of, share): (Criterion, _)| registry::CriterionWeight {
        criterion: criterion(of).into(),
        weight: super::render::ppm(share),
    };
    let fusion = match policy.fusion() {
        Fusion::Harmonic => registry::Fusion::Harmonic,
        Fusion::Min => registry::Fusion::Min,
        Fusion::Product => registry::Fusion::Product,
    };
    let bounds = policy.bounds();
    let bounds = registry::PairingBounds {
        min_score_ppm: super::render::ppm(bounds.min_score),
        min_partners: bounds.min_partners.cast_signed(),
        max_partners: bounds.max_partners.cast_signed(),
    };
    let priority = |(industry, priority): &(_, u32)| registry::IndustryPriority {
        industry: format!("industries/{industry}"),
        priority: priority.cast_signed(),
    };
    registry::Policy {
        weights: Criterion::ALL.into_iter().zip(policy.weights()).map(weight).collect(),
        fusion: fusion.into(),
        industry_priorities: policy.industry_priorities().iter().map(priority).collect(),
        bounds: Some(bounds),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Industry, PairingBounds, Ppm};

    fn digest(policy: &Policy) -> String {
        of(&pb::ComputePairingRequest::default(), policy, &pb::PairingResult::default())
    }

    #[test]
    fn what_a_policy_says_counts_and_how_it_is_written_does_not() {
        let policy = |weight, ids: [&str; 2]| {
            let weights = [(Criterion::Market, weight), (Criterion::Scale, 2 * weight)];
            Policy::new(&weights, Fusion::Min, ids.iter().map(|id| (Industry::from_id(id), 1)).collect()).unwrap()
        };
        let said = digest(&policy(1, ["a", "b"]));
        assert_eq!(said, digest(&policy(3, ["b", "a"])));
        assert_ne!(said, digest(&policy(1, ["a", "c"])));
        assert_ne!(digest(&Policy::default()), said);
        let bounds = PairingBounds { min_score: Ppm::new(1), ..Default::default() };
        assert_ne!(said, digest(&policy(1, ["a", "b"]).with_bounds(bounds)));
    }

    #[test]
    fn names_and_tokens_do_not_count() {
        let named = registry::Policy { name: "policies/p".to_owned(), ..Default::default() };
        let request = pb::ComputePairingRequest {
            policy: Some(named),
            at_least_revision: "a token".to_owned(),
            ..Default::default()
        };
        let result = pb::PairingResult {
            policy: "policies/p@r1".to_owned(),
            revision_token: "a token".to_owned(),
            digest: "an old one".to_owned(),
            ..Default::default()
        };
        assert_eq!(of(&request, &Policy::default(), &result), digest(&Policy::default()));
    }
}
