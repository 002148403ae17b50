//! Answers to protobuf.

use std::time::Duration;

use prost::Message;
use prost::bytes::Bytes;
use proto::matcher::v1 as pb;
use proto::registry::v1 as registry;
use service_kit::RevisionToken;
use service_kit::page::{cut, fitting};

use super::parse::Page;
use crate::domain::{Criterion, Ppm};
use crate::index::{Snapshot, Stamp};
use crate::matcher::{Batched, CounterFactual, Found, Freshness, Partner, Payee};
use crate::scoring::{Contribution, Direction, Evidence, ExclusionRule, Explained};

mod comparison;
mod encoded;
mod pairing;

pub(super) use comparison::comparison;
pub(super) use pairing::{pairing, progress, verification};

/// What a contribution says whose criterion is not known.
const NOT_KNOWN: &str = "Not known of these two; a neutral value counts.";

/// A page of partners.
pub(super) struct Partners {
    /// The bytes of a `FindPartnersResponse`.
    pub(super) answer: Bytes,
    /// Whether there are more.
    pub(super) more: bool,
}

/// A page of partners.
pub(super) fn partners(snapshot: &Snapshot, found: &Found, page: &Page, policy: String) -> Partners {
    let revision = snapshot.stamp().revision;
    let mut partners = encoded::partners(&found.partners);
    // An explained partner can be large, so a page may be short.
    let kept = fitting(partners.lengths());
    let more = found.more || kept < found.partners.len();
    let last = found.partners[..kept].last().filter(|_| more);
    let next = last.map(|last| page.token(revision, last.score.pair.get(), &last.id));
    let exclusion = |(rule, enterprises): (&ExclusionRule, &usize)| pb::ExclusionCount {
        rule: exclusion_rule(*rule).into(),
        enterprises: int(*enterprises),
    };
    let rest = pb::FindPartnersResponse {
        partners: Vec::new(),
        next_page_token: next.unwrap_or_default(),
        revision: signed(revision),
        revision_token: token(snapshot.stamp()),
        candidates_considered: int(found.considered),
        exclusions: found.exclusions.iter().map(exclusion).collect(),
        policy,
    };
    partners.truncate(kept);
    Partners { answer: partners.followed_by(&rest.encode_to_vec()), more }
}

/// The partners of one of many enterprises.
pub(super) fn batch(snapshot: &Snapshot, one: Batched, policy: &str) -> pb::BatchFindPartnersResponse {
    let mut partners: Vec<_> = one.found.partners.iter().map(partner).collect();
    cut(&mut partners, u32::MAX);
    pb::BatchFindPartnersResponse {
        enterprise: one.id.name(),
        partners,
        candidates_considered: int(one.found.considered),
        revision: signed(snapshot.stamp().revision),
        revision_token: token(snapshot.stamp()),
        policy: policy.to_owned(),
    }
}

/// An explained pair, or the rule that keeps the two apart.
pub(super) fn explanation(
    snapshot: &Snapshot,
    explained: Result<Partner, ExclusionRule>,
    counter: Option<CounterFactual>,
    policy: String,
) -> pb::ExplainPairingResponse {
    let mut response = pb::ExplainPairingResponse {
        revision: signed(snapshot.stamp().revision),
        revision_token: token(snapshot.stamp()),
        counter_factual: counter.map(counter_factual),
        policy,
        ..Default::default()
    };
    match explained {
        Ok(found) => response.partner = Some(partner(&found)),
        Err(rule) => {
            response.exclusion = exclusion_rule(rule).into();
            rule.text().clone_into(&mut response.exclusion_text);
        }
    }
    response
}

fn counter_factual(found: CounterFactual) -> pb::CounterFactual {
    match found {
        CounterFactual::Chosen => pb::CounterFactual { chosen: true, ..Default::default() },
        CounterFactual::Impossible => pb::CounterFactual { impossible: true, ..Default::default() },
        CounterFactual::Outbid { missing, priced_out_by } => pb::CounterFactual {
            missing_ppm: missing,
            priced_out_by: priced_out_by.into_iter().map(priced_out).collect(),
            ..Default::default()
        },
    }
}

fn priced_out((payee, price_ppm): (Payee, i64)) -> pb::PricedOut {
    use pb::priced_out::Limit;
    let limit = match payee {
        Payee::Enterprise(id) => Limit::Enterprise(id.name()),
        Payee::Quota(quota) => Limit::Quota(i32::try_from(quota).unwrap_or(i32::MAX)),
        Payee::MaxPairs => Limit::MaxPairs(true),
    };
    pb::PricedOut { limit: Some(limit), price_ppm }
}

fn partner(partner: &Partner) -> pb::Partner {
    let Partner { id, display_name, country, score, explained } = partner;
    let contributions = explained.iter().flat_map(|explained| {
        explained.contributions.iter().map(|contribution| self::contribution(explained, contribution))
    });
    pb::Partner {
        enterprise: id.name(),
        display_name: display_name.clone(),
        region_code: country.to_string(),
        score_ppm: ppm(score.pair),
        forward_score_ppm: ppm(score.forward),
        backward_score_ppm: ppm(score.backward),
        forward_known_weight_ppm: ppm(score.known_forward),
        backward_known_weight_ppm: ppm(score.known_backward),
        contributions: contributions.collect(),
    }
}

fn contribution(explained: &Explained, contribution: &Contribution) -> pb::Contribution {
    let known = !contribution.reasons.is_empty();
    let mut evidence: Vec<_> = explained.reasons.at(&contribution.reasons).map(fact).collect();
    if !known {
        let value_ppm = ppm(contribution.value);
        evidence.push(pb::Evidence { text: NOT_KNOWN.to_owned(), value_ppm, ..Default::default() });
    }
    pb::Contribution {
        criterion: criterion(contribution.criterion).into(),
        direction: direction(contribution.direction).into(),
        value_ppm: ppm(contribution.value),
        weight_ppm: ppm(contribution.weight),
        points_ppm: ppm(contribution.points),
        evidence,
        known,
    }
}

fn fact(evidence: Evidence<'_>) -> pb::Evidence {
    let Evidence { text, receiver, bringer, value } = evidence;
    pb::Evidence {
        text: text.to_owned(),
        receiver: receiver.to_owned(),
        bringer: bringer.to_owned(),
        value_ppm: ppm(value),
    }
}

fn direction(direction: Direction) -> pb::Direction {
    match direction {
        Direction::Forward => pb::Direction::Forward,
        Direction::Backward => pb::Direction::Backward,
    }
}

pub(in crate::grpc) fn criterion(criterion: Criterion) -> registry::Criterion {
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

pub(in crate::grpc) fn ppm(value: Ppm) -> i32 {
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
