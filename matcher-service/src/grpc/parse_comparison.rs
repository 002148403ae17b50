//! Requests to compare two runs, from the wire.

use std::collections::BTreeSet;

use proto::matcher::v1 as pb;
use service_kit::{RevisionToken, Violations};
use tonic::Status;

use super::parse::{as_of, id, revision_token, too_many};
use super::parse_pairing::{Pairing, below};
use super::parse_policy::{WantedPolicy, wanted_policy};
use super::parse_runs::digest_problem;
use crate::domain::{Date, PolicyName};
use crate::matcher::{Pair, RESULT_PAIRS_MAX};

/// A parsed `ComparePairingsRequest`.
pub(super) struct Parsed {
    pub(super) first: ParsedRun,
    pub(super) second: ParsedRun,
    /// How to score both; none: as a run says.
    pub(super) policy: Option<WantedPolicy>,
    pub(super) as_of: Option<Date>,
    pub(super) at_least: Option<RevisionToken>,
}

/// A run: its request, or its result, or both.
pub(super) struct ParsedRun {
    pub(super) request: Option<(Pairing, pb::ComputePairingRequest)>,
    pub(super) result: Option<Given>,
}

impl ParsedRun {
    /// The policy and the day of its request, if it has one; see [`Pairing::wanted`].
    pub(super) fn wanted(&self) -> Option<(&WantedPolicy, Option<Date>)> {
        self.request.as_ref().map(|(pairing, _)| pairing.wanted())
    }
}

/// A result that a caller has.
pub(super) struct Given {
    pub(super) pairs: BTreeSet<Pair>,
    /// None if it does not tell.
    pub(super) revision: Option<i64>,
    pub(super) digest: Option<String>,
    pub(super) policy: Option<PolicyName>,
}

/// Parses a `ComparePairingsRequest`.
pub(super) fn comparison(message: &pb::ComparePairingsRequest) -> Result<Parsed, Status> {
    let mut violations = Violations::default();
    let first = run(message.first.as_ref(), ("first", "first.request"), &mut violations);
    let second = run(message.second.as_ref(), ("second", "second.request"), &mut violations);
    let wanted = wanted_policy(message.policy.as_ref(), "policy", &mut violations);
    let as_of = as_of(&message.as_of, "as_of", &mut violations);
    let at_least = revision_token(&message.at_least_revision, "at_least_revision", &mut violations);
    violations.check()?;
    let policy = wanted.filter(|_| message.policy.is_some());
    Ok(Parsed { first, second, policy, as_of, at_least })
}

fn run(
    message: Option<&pb::ComparedRun>,
    (path, of_request): (&str, &'static str),
    violations: &mut Violations,
) -> ParsedRun {
    let Some(message) = message.filter(|run| run.result.is_some() || run.request.is_some()) else {
        violations.add(path, "must have `result`, or `request` to compute it");
        return ParsedRun { request: None, result: None };
    };
    let request = message.request.as_ref().and_then(|request| {
        // It may say after which write it was first made; this call has such a token of its own.
        let request = pb::ComputePairingRequest { at_least_revision: String::new(), ..request.clone() };
        Some((below(of_request, &request, violations)?, request))
    });
    let result = message.result.as_ref().map(|result| given(result, &format!("{path}.result"), violations));
    ParsedRun { request, result }
}

fn given(message: &pb::PairingResult, path: &str, violations: &mut Violations) -> Given {
    let mut pairs = BTreeSet::new();
    if message.pairs.len() > RESULT_PAIRS_MAX {
        violations.add(format!("{path}.pairs"), too_many(RESULT_PAIRS_MAX, message.pairs.len()));
    } else {
        for (at, pair) in message.pairs.iter().enumerate() {
            let a = id(&pair.a, &format!("{path}.pairs[{at}].a"), violations);
            let b = id(&pair.b, &format!("{path}.pairs[{at}].b"), violations);
            if let Some(pair) = a.zip(b)
                && !pairs.insert(pair)
            {
                violations.add(format!("{path}.pairs[{at}]"), "is listed twice");
            }
        }
    }
    if message.revision < 0 {
        violations.add(format!("{path}.revision"), "must be 0 (not told) or more");
    }
    let digest = Some(message.digest.clone()).filter(|digest| !digest.is_empty());
    if let Some(problem) = digest.as_deref().and_then(digest_problem) {
        violations.add(format!("{path}.digest"), problem);
    }
    let policy = Some(&message.policy).filter(|name| !name.is_empty()).and_then(|name| {
        let version = PolicyName::parse(name).ok().filter(|name| name.version.is_some());
        if version.is_none() {
            violations.add(format!("{path}.policy"), "must be a version like `policies/green@r12`, or empty");
        }
        version
    });
    Given { pairs, revision: Some(message.revision).filter(|revision| *revision > 0), digest, policy }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    #[test]
    fn everything_wrong_with_a_comparison_is_told_at_once() {
        let pair = |a: &str| pb::Pairing { a: a.to_owned(), b: "enterprises/b".to_owned(), ..Default::default() };
        let result = pb::PairingResult {
            pairs: vec![pair("enterprises/a"), pair("a"), pair("enterprises/a")],
            revision: -1,
            digest: "E0".to_owned(),
            policy: "policies/p".to_owned(),
            ..Default::default()
        };
        let request = pb::ComputePairingRequest { max_pairs: -1, ..Default::default() };
        let first = pb::ComparedRun { result: Some(result), request: Some(request) };
        let message = pb::ComparePairingsRequest {
            first: Some(first),
            second: Some(pb::ComparedRun::default()),
            as_of: "yesterday".to_owned(),
            at_least_revision: "unreadable".to_owned(),
            ..Default::default()
        };
        let status = comparison(&message).err().unwrap();
        let found = status.get_details_bad_request().unwrap().field_violations;
        let fields: Vec<_> = found.iter().map(|one| one.field.as_str()).collect();
        let expected = [
            "first.request.a",
            "first.request.b",
            "first.request.max_pairs",
            "first.result.pairs[1].a",
            "first.result.pairs[2]",
            "first.result.revision",
            "first.result.digest",
            "first.result.policy",
            "second",
            "as_of",
            "at_least_revision",
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_result_of_more_pairs_than_any_run_has_is_refused() {
        let pairs = vec![pb::Pairing::default(); RESULT_PAIRS_MAX + 1];
        let mut violations = Violations::default();
        given(&pb::PairingResult { pairs, ..Default::default() }, "first.result", &mut violations);
        let told = violations.into_vec();
        assert_eq!((told.len(), told[0].field.as_str()), (1, "first.result.pairs"));
    }
}
