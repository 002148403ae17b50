//! Requests about runs that were made before, from the wire.

use proto::matcher::v1 as pb;
use service_kit::Violations;
use tonic::Status;

use super::parse_certificate::certificate;
use super::parse_pairing::{Pairing, below};
use super::parse_sides::pairs;
use crate::domain::EnterpriseId;
use crate::matcher::{NamedCertificate, RESULT_PAIRS_MAX};

/// Digits of a digest: SHA-256 has 32 bytes.
const DIGEST_DIGITS: usize = 64;

/// A parsed `VerifyPairingRequest`.
pub(super) struct Verification {
    pub(super) pairing: Pairing,
    pub(super) pairs: Vec<(EnterpriseId, EnterpriseId)>,
    pub(super) certificate: Option<NamedCertificate>,
}

/// Parses a `VerifyPairingRequest`.
pub(super) fn verification(message: &pb::VerifyPairingRequest) -> Result<Verification, Status> {
    let mut violations = Violations::default();
    let pairing = asked(message.request.as_ref(), &mut violations);
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
    let pairing = asked(message.request.as_ref(), &mut violations);
    if let Some(problem) = digest_problem(&message.digest) {
        violations.add("digest", problem);
    }
    let revision = u64::try_from(message.revision).map_err(|_| violations.add("revision", "must be 0 or more"));
    let (Some(pairing), Ok(revision)) = (pairing, revision) else { return Err(violations.into()) };
    violations.check()?;
    Ok(Replay { pairing, revision })
}

/// The request that a run answered, which must be given.
fn asked(request: Option<&pb::ComputePairingRequest>, violations: &mut Violations) -> Option<Pairing> {
    let Some(request) = request else {
        violations.add("request", "must be given");
        return None;
    };
    below("request", request, violations)
}

/// What is wrong with the digest of a run.
pub(super) fn digest_problem(digest: &str) -> Option<String> {
    let is_hexadecimal = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    let is_digest = digest.len() == DIGEST_DIGITS && digest.bytes().all(is_hexadecimal);
    (!is_digest).then(|| format!("must be {DIGEST_DIGITS} hexadecimal digits in lower case"))
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
    fn everything_wrong_with_a_replay_is_told_at_once() {
        let digest = "E0".repeat(32);
        let message = pb::ReplayPairingRequest { request: None, digest, revision: -1 };
        let status = replay(&message).err().unwrap();
        let found = status.get_details_bad_request().unwrap().field_violations;
        let fields: Vec<_> = found.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["request", "digest", "revision"]);
    }
}
