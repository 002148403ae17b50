//! Whole pairings to protobuf.

use std::time::Duration;

use prost::Message;
use proto::matcher::v1 as pb;

use super::super::digest;
use super::{duration, signed, token};
use crate::domain::{EnterpriseId, Policy};
use crate::index::Snapshot;
use crate::matcher::{
    Computed, ComputedAlternate, ComputedPair, NamedCertificate, NamedPrices, Phase, Progress, Verified,
};
use crate::pairing::Verdict;
use crate::pairing::fair::{Counted, Level};
use crate::pairing::unmatched::Reason;

/// A message may have 4 MiB; the digest and what wraps the result need far less than the rest.
pub(super) const RESULT_BYTES_MAX: usize = 4 * 1_024 * 1_024 - 4_096;
/// Tags and lengths of two names, and one more byte for the length of what they stand in.
const NAME_FRAMING_BYTES: usize = 8;
/// Tag and length of an alternate, which is far shorter than 16 KiB.
const ALTERNATE_FRAMING_BYTES: usize = 3;

/// How far a pairing is.
pub(in crate::grpc) fn progress(step: Progress, elapsed: Duration) -> pb::ComputePairingResponse {
    let phase = match step.phase {
        Phase::Scoring => "scoring",
        Phase::Solving => "solving",
    };
    let progress = pb::PairingProgress {
        phase: phase.to_owned(),
        done: signed(step.done),
        total: signed(step.total),
        elapsed: duration(elapsed),
    };
    pb::ComputePairingResponse { part: Some(pb::compute_pairing_response::Part::Progress(progress)) }
}

/// What came out of a pairing under a policy, which is told by its name if it has one.
pub(in crate::grpc) fn pairing(
    snapshot: &Snapshot,
    request: &pb::ComputePairingRequest,
    (policy, policy_name): (&Policy, String),
    computed: Computed,
) -> pb::PairingResult {
    let pair = |pair: &ComputedPair| pb::Pairing {
        a: pair.a.id.name(),
        b: pair.b.id.name(),
        score_ppm: pair.score,
        must_meet: pair.must_meet,
        ..Default::default()
    };
    let level =
        |level: &Level| pb::FairLevel { score_ppm: level.score, pairs: i32::try_from(level.pairs).unwrap_or(i32::MAX) };
    let mut result = pb::PairingResult {
        pairs: computed.pairs.iter().map(pair).collect(),
        total_ppm: computed.total,
        unmatched: computed.unmatched.iter().map(|(id, reason)| unmatched(id, *reason)).collect(),
        certificate: computed.certificate.as_ref().map(certificate),
        digest: String::new(),
        revision: signed(snapshot.stamp().revision),
        revision_token: token(snapshot.stamp()),
        alternates: Vec::new(),
        blocking_pairs: signed(computed.blocking),
        below_minimum: computed.below_minimum.iter().map(EnterpriseId::name).collect(),
        fair_levels: computed.levels.iter().map(level).collect(),
        policy: policy_name,
    };
    if result.encoded_len() > RESULT_BYTES_MAX
        && let Some(certificate) = &mut result.certificate
    {
        certificate.stages.clear();
    }
    show_names(&mut result, &computed.pairs);
    add_alternates(&mut result, &computed.alternates);
    result.digest = digest::of(request, policy, &result);
    result
}

/// Adds the names to show, best pairs first, until the message is full. Without them every result fits, since the number
/// of its pairs is limited.
fn show_names(result: &mut pb::PairingResult, pairs: &[ComputedPair]) {
    let mut bytes = result.encoded_len();
    for (shown, pair) in result.pairs.iter_mut().zip(pairs) {
        let (a, b) = (&pair.a.display_name, &pair.b.display_name);
        bytes += a.len() + b.len() + NAME_FRAMING_BYTES;
        if bytes > RESULT_BYTES_MAX {
            break;
        }
        shown.a_display_name.clone_from(a);
        shown.b_display_name.clone_from(b);
    }
}

/// Adds alternates, nearest first, until the message is full.
fn add_alternates(result: &mut pb::PairingResult, alternates: &[ComputedAlternate]) {
    let mut bytes = result.encoded_len();
    for alternate in alternates {
        let alternate = pb::Alternate {
            enterprise: alternate.enterprise.name(),
            partner: alternate.partner.name(),
            score_ppm: alternate.score,
            missing_ppm: alternate.missing,
        };
        bytes += alternate.encoded_len() + ALTERNATE_FRAMING_BYTES;
        if bytes > RESULT_BYTES_MAX {
            break;
        }
        result.alternates.push(alternate);
    }
}

fn unmatched(id: &EnterpriseId, reason: Reason) -> pb::Unmatched {
    let reason = match reason {
        Reason::NoEligiblePartner => pb::UnmatchedReason::NoEligiblePartner,
        Reason::Limit => pb::UnmatchedReason::Limit,
        Reason::GroupLimit => pb::UnmatchedReason::GroupLimit,
        Reason::Outbid => pb::UnmatchedReason::Outbid,
    };
    pb::Unmatched { enterprise: id.name(), reason: reason.into() }
}

fn certificate(certificate: &NamedCertificate) -> pb::Certificate {
    let NamedCertificate { prices, stages } = certificate;
    pb::Certificate {
        a_prices: named(&prices.a),
        b_prices: named(&prices.b),
        pair_price_ppm: prices.pair,
        quota_prices: of_quotas(prices),
        stages: stages.iter().map(|(counted, prices)| stage(*counted, prices)).collect(),
    }
}

fn stage(counted: Counted, prices: &NamedPrices) -> pb::FairStage {
    let (counted, above_ppm) = match counted {
        Counted::Served => (pb::StageCount::Served, 0),
        Counted::Pairs => (pb::StageCount::Pairs, 0),
        Counted::Above(score) => (pb::StageCount::Above, score),
    };
    pb::FairStage {
        counted: counted.into(),
        above_ppm,
        a_prices: named(&prices.a),
        b_prices: named(&prices.b),
        pair_price_ppm: prices.pair,
        quota_prices: of_quotas(prices),
    }
}

fn named(prices: &[(EnterpriseId, i64)]) -> Vec<pb::Price> {
    prices.iter().map(|(id, price)| pb::Price { enterprise: id.name(), price_ppm: *price }).collect()
}

fn of_quotas(prices: &NamedPrices) -> Vec<pb::QuotaPrice> {
    let price = |(quota, price): &(u32, i64)| pb::QuotaPrice { quota: quota.cast_signed(), price_ppm: *price };
    prices.quotas.iter().map(price).collect()
}

/// What a check found.
pub(in crate::grpc) fn verification(
    snapshot: &Snapshot,
    verified: Verified,
    policy: String,
) -> pb::VerifyPairingResponse {
    let verdict = match verified.verdict {
        Verdict::NotAllowed => pb::Verdict::NotAllowed,
        Verdict::Allowed => pb::Verdict::Allowed,
        Verdict::Optimal => pb::Verdict::Optimal,
    };
    pb::VerifyPairingResponse {
        verdict: verdict.into(),
        findings: verified.findings,
        total_ppm: verified.total,
        bound_ppm: verified.bound.unwrap_or_default(),
        revision: signed(snapshot.stamp().revision),
        revision_token: token(snapshot.stamp()),
        blocking_pairs: signed(verified.blocking),
        policy,
    }
}
