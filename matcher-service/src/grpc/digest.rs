//! The digest of a run: two runs with the same digest are the same run.

use prost::Message;
use proto::matcher::v1 as pb;
use sha2::{Digest, Sha256};

/// Changes when what is hashed does, so that digests of different rules are never equal by accident.
const DOMAIN: &[u8] = b"corridor pairing run, version 1";

/// SHA-256, in lower-case hexadecimal, over the revision, the request without `at_least_revision`, and the result without
/// its digest and tokens.
///
/// The epoch is left out on purpose: it is drawn at random for every database, and a run over the same records must have
/// the same digest wherever it is repeated.
pub(super) fn of(request: &pb::ComputePairingRequest, result: &pb::PairingResult) -> String {
    let mut request = request.clone();
    request.at_least_revision.clear();
    let mut result = result.clone();
    result.digest.clear();
    result.revision_token.clear();

    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    // Messages without maps have one encoding only: fields in order of number.
    for part in [request.encode_to_vec(), result.encode_to_vec()] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
