//! Answers to protobuf.

use std::time::Duration;

use prost::Message;
use proto::matcher::v1 as pb;
use proto::registry::v1 as registry;
use service_kit::RevisionToken;
use service_kit::page::cut;

use super::digest;
use super::parse::Page;
use crate::domain::{EnterpriseId, Ppm};
use crate::index::{Snapshot, Stamp};
use crate::matcher::{
    Batched, Computed, ComputedPair, Found, Freshness, NamedPrices, Partner, Phase, Progress, UnmatchedReason, Verified,
};
use crate::pairing::Verdict;
use crate::scoring::{Contribution, Criterion, Direction, Evidence, ExclusionRule};

/// What a contribution says whose criterion is not known.
const NOT_KNOWN: &str = "Not known of these two; a neutral value counts.";

/// A message may have 4 MiB; the digest and what wraps the result need far less than the rest.
const RESULT_BYTES_MAX: usize = 4 * 1_024 * 1_024 - 4_096;
/// Tags and lengths of two names, and one more byte for the length of what they stand in.
const NAME_FRAMING_BYTES: usize = 8;

/// A page of partners.
pub(super) fn partners(snapshot: &Snapshot, found: Found, page: &Page) -> pb::FindPartnersResponse {
    let revision = snapshot.stamp().revision;
    let keys: Vec<_> = found.partners.iter().map(|one| (one.score.pair.get(), one.id.clone())).collect();
    let mut partners: Vec<_> = found.partners.into_iter().map(partner).collect();
    // An explained partner can be large, so a page may be short.
    let is_cut = cut(&mut partners, u32::MAX);
    let last = partners.len().checked_sub(1).filter(|_| is_cut || found.more).map(|last| &keys[last]);
    let next = last.map(|(score, id)| page.token(revision, *score, id));
    let exclusion = |(rule, enterprises): (&ExclusionRule, &usize)| pb::ExclusionCount {
        rule: exclusion_rule(*rule).into(),
        enterprises: int(*enterprises),
    };
    pb::FindPartnersResponse {
        partners,
        next_page_token: next.unwrap_or_default(),
        revision: signed(revision),
        revision_token: token(snapshot.stamp()),
        candidates_considered: int(found.considered),
        exclusions: found.exclusions.iter().map(exclusion).collect(),
    }
}

/// The partners of one of many enterprises.
pub(super) fn batch(snapshot: &Snapshot, one: Batched) -> pb::BatchFindPartnersResponse {
    let mut partners: Vec<_> = one.found.partners.into_iter().map(partner).collect();
    cut(&mut partners, u32::MAX);
    pb::BatchFindPartnersResponse {
        enterprise: one.id.name(),
        partners,
        candidates_considered: int(one.found.considered),
        revision: signed(snapshot.stamp().revision),
        revision_token: token(snapshot.stamp()),
    }
}

/// An explained pair, or the rule that keeps the two apart.
pub(super) fn explanation(
    snapshot: &Snapshot,
    explained: Result<Partner, ExclusionRule>,
) -> pb::ExplainPairingResponse {
    let mut response = pb::ExplainPairingResponse {
        revision: signed(snapshot.stamp().revision),
        revision_token: token(snapshot.stamp()),
        ..Default::default()
    };
    match explained {
        Ok(found) => response.partner = Some(partner(found)),
        Err(rule) => {
            response.exclusion = exclusion_rule(rule).into();
            rule.text().clone_into(&mut response.exclusion_text);
        }
    }
    response
}

fn partner(partner: Partner) -> pb::Partner {
    let Partner { id, display_name, country, score, explained } = partner;
    let contributions = explained.map(|explained| explained.contributions).unwrap_or_default();
    pb::Partner {
        enterprise: id.name(),
        display_name,
        region_code: country.to_string(),
        score_ppm: ppm(score.pair),
        forward_score_ppm: ppm(score.forward),
        backward_score_ppm: ppm(score.backward),
        forward_known_weight_ppm: ppm(score.known_forward),
        backward_known_weight_ppm: ppm(score.known_backward),
        contributions: contributions.into_iter().map(contribution).collect(),
    }
}

fn contribution(contribution: Contribution) -> pb::Contribution {
    let direction = match contribution.direction {
        Direction::Forward => pb::Direction::Forward,
        Direction::Backward => pb::Direction::Backward,
    };
    let known = !contribution.evidence.is_empty();
    let mut evidence: Vec<_> = contribution.evidence.into_iter().map(fact).collect();
    if !known {
        let value_ppm = ppm(contribution.value);
        evidence.push(pb::Evidence { text: NOT_KNOWN.to_owned(), value_ppm, ..Default::default() });
    }
    pb::Contribution {
        criterion: criterion(contribution.criterion).into(),
        direction: direction.into(),
        value_ppm: ppm(contribution.value),
        weight_ppm: ppm(contribution.weight),
        points_ppm: ppm(contribution.points),
        evidence,
        known,
    }
}

fn fact(evidence: Evidence) -> pb::Evidence {
    let Evidence { text, receiver, bringer, value } = evidence;
    pb::Evidence { text, receiver, bringer, value_ppm: ppm(value) }
}

fn criterion(criterion: Criterion) -> registry::Criterion {
    match criterion {
        Criterion::RequestsMet => registry::Criterion::RequestsMet,
        Criterion::ValueChain => registry::Criterion::ValueChain,
        Criterion::IndustryFocus => registry::Criterion::IndustryFocus,
        Criterion::Market => registry::Criterion::Market,
        Criterion::Scale => registry::Criterion::Scale,
        Criterion::Language => registry::Criterion::Language,
        Criterion::Assurance => registry::Criterion::Assurance,
    }
}

fn exclusion_rule(rule: ExclusionRule) -> pb::ExclusionRule {
    match rule {
        ExclusionRule::SameEnterprise => pb::ExclusionRule::SameEnterprise,
        ExclusionRule::NotActive => pb::ExclusionRule::NotActive,
        ExclusionRule::SameCountry => pb::ExclusionRule::SameCountry,
        ExclusionRule::Ownership => pb::ExclusionRule::Ownership,
        ExclusionRule::Region => pb::ExclusionRule::Region,
        ExclusionRule::Filter => pb::ExclusionRule::Filter,
        ExclusionRule::Veto => pb::ExclusionRule::Veto,
        ExclusionRule::NothingKnown => pb::ExclusionRule::NothingKnown,
    }
}

/// How far a pairing is.
pub(super) fn progress(step: Progress, elapsed: Duration) -> pb::ComputePairingResponse {
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

/// What came out of a pairing.
pub(super) fn pairing(
    snapshot: &Snapshot,
    request: &pb::ComputePairingRequest,
    computed: Computed,
) -> pb::PairingResult {
    let pair = |pair: &ComputedPair| pb::Pairing {
        a: pair.a.id.name(),
        b: pair.b.id.name(),
        score_ppm: pair.score,
        must_meet: pair.must_meet,
        ..Default::default()
    };
    let mut result = pb::PairingResult {
        pairs: computed.pairs.iter().map(pair).collect(),
        total_ppm: computed.total,
        unmatched: computed.unmatched.iter().map(|(id, reason)| unmatched(id, *reason)).collect(),
        certificate: Some(certificate(&computed.prices)),
        digest: String::new(),
        revision: signed(snapshot.stamp().revision),
        revision_token: token(snapshot.stamp()),
    };
    show_names(&mut result, &computed.pairs);
    result.digest = digest::of(request, &result);
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

fn unmatched(id: &EnterpriseId, reason: UnmatchedReason) -> pb::Unmatched {
    let reason = match reason {
        UnmatchedReason::NoEligiblePartner => pb::UnmatchedReason::NoEligiblePartner,
        UnmatchedReason::Limit => pb::UnmatchedReason::Limit,
        UnmatchedReason::Outbid => pb::UnmatchedReason::Outbid,
    };
    pb::Unmatched { enterprise: id.name(), reason: reason.into() }
}

fn certificate(prices: &NamedPrices) -> pb::Certificate {
    let price = |(id, price): &(EnterpriseId, i64)| pb::Price { enterprise: id.name(), price_ppm: *price };
    pb::Certificate {
        a_prices: prices.a.iter().map(price).collect(),
        b_prices: prices.b.iter().map(price).collect(),
        pair_price_ppm: prices.pair,
    }
}

/// What a check found.
pub(super) fn verification(snapshot: &Snapshot, verified: Verified) -> pb::VerifyPairingResponse {
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
    }
}

/// Where the copy of the registry stands.
pub(super) fn index(snapshot: Option<&Snapshot>, freshness: Freshness) -> pb::Index {
    let mut index =
        pb::Index { lag: duration(freshness.heard.elapsed()), connected: freshness.connected, ..Default::default() };
    if let Some(snapshot) = snapshot {
        index.epoch = snapshot.stamp().epoch.to_string();
        index.revision = signed(snapshot.stamp().revision);
        index.revision_token = token(snapshot.stamp());
        index.enterprises = int(snapshot.len());
        index.opportunities = int(snapshot.opportunities());
        index.bytes = int(snapshot.bytes());
        index.opportunity_bytes = int(snapshot.opportunity_bytes());
        index.quarantined_records = int(snapshot.quarantined().records);
        index.quarantined.clone_from(&snapshot.quarantined().first);
    }
    index
}

fn token(stamp: &Stamp) -> String {
    RevisionToken { epoch: stamp.epoch, revision: signed(stamp.revision) }.to_string()
}

fn ppm(value: Ppm) -> i32 {
    i32::try_from(value.get()).expect("a value is at most a million")
}

fn int(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn duration(duration: Duration) -> Option<prost_types::Duration> {
    prost_types::Duration::try_from(duration).ok()
}

#[cfg(test)]
mod tests;
