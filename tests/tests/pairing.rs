//! Whole pairings for every objective, each proved to somebody who knows nothing of the solver.

use e2e::clients::{RegistryClients, enterprise, matcher, refused_with, violated_fields};
use e2e::services::{Engine, Pair};
use proto::matcher::v1::compute_pairing_response::Part;
use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::matcher::v1::{
    ComputePairingRequest, EnterprisePair, ExplainPairingRequest, Objective, PairingResult, PairingSide, Quota,
    ReplayPairingRequest, Side, Verdict, VerifyPairingRequest, VerifyPairingResponse,
};
use proto::registry::v1::{Enterprise, ErrorReason};
use tonic::transport::Channel;
use tonic::{Code, Status};

/// Both services with four enterprises of China and three of Pakistan.
struct Hall {
    _pair: Pair,
    client: MatcherServiceClient<Channel>,
    request: ComputePairingRequest,
    china: Vec<Enterprise>,
}

impl Hall {
    async fn open() -> Self {
        let pair = Pair::start(Engine::Sqlite);
        let mut registry = RegistryClients::connect(&pair.registry.url()).await;
        let mut china = Vec::new();
        for (id, code) in [("looms", "28"), ("solar", "27"), ("yarn", "13"), ("tools", "25")] {
            china.push(registry.active(id, enterprise(id, "CN", code)).await);
        }
        let mut last = String::new();
        for (id, code) in [("mill", "13"), ("power", "35"), ("works", "24")] {
            last = registry.active(id, enterprise(id, "PK", code)).await.revision_token;
        }
        let side = |region: &str| Some(Side { regions: vec![region.to_owned()], ..Side::default() });
        let request = ComputePairingRequest {
            a: side("CN"),
            b: side("PK"),
            at_least_revision: last,
            ..ComputePairingRequest::default()
        };
        let client = matcher(&pair.matcher.url()).await;
        Self { _pair: pair, client, request, china }
    }

    async fn computed(&mut self, request: &ComputePairingRequest) -> Result<PairingResult, Status> {
        let mut answer = self.client.compute_pairing(request.clone()).await?.into_inner();
        while let Some(response) = answer.message().await? {
            if let Some(Part::Result(result)) = response.part {
                return Ok(result);
            }
        }
        panic!("the stream ended without a result");
    }

    async fn verified(
        &mut self,
        request: &ComputePairingRequest,
        pairs: Vec<EnterprisePair>,
        result: &PairingResult,
    ) -> VerifyPairingResponse {
        let certificate = result.certificate.clone();
        let message = VerifyPairingRequest { request: Some(request.clone()), pairs, certificate };
        self.client.verify_pairing(message).await.expect("it can be checked").into_inner()
    }
}

fn pairs(result: &PairingResult) -> Vec<EnterprisePair> {
    result.pairs.iter().map(|pair| EnterprisePair { a: pair.a.clone(), b: pair.b.clone() }).collect()
}

#[tokio::test]
async fn nobody_would_leave_a_stable_pairing_and_everybody_one_that_leaves_them_alone() {
    let mut hall = Hall::open().await;
    for proposing in [PairingSide::A, PairingSide::B] {
        let request = ComputePairingRequest {
            objective: Objective::Stable.into(),
            proposing_side: proposing.into(),
            ..hall.request.clone()
        };
        let result = hall.computed(&request).await.expect("a stable pairing always exists");
        assert_eq!((result.pairs.len(), result.blocking_pairs, result.unmatched.len()), (3, 0, 1));
        let checked = hall.verified(&request, pairs(&result), &result).await;
        assert_eq!(checked.verdict(), Verdict::Optimal, "{:?}", checked.findings);

        let fewer = pairs(&result).split_off(1);
        let checked = hall.verified(&request, fewer, &result).await;
        assert_eq!(checked.verdict(), Verdict::Allowed);
        assert!(checked.blocking_pairs >= 1);
        assert!(checked.findings.iter().any(|finding| finding.contains("would rather have each other")));
    }
}

#[tokio::test]
async fn a_fair_pairing_is_proved_by_its_stages_and_by_nothing_less() {
    let mut hall = Hall::open().await;
    let request = ComputePairingRequest { objective: Objective::MaxMinFair.into(), ..hall.request.clone() };
    let mut result = hall.computed(&request).await.expect("there are no minimums");
    let stuck: i32 = result.fair_levels.iter().map(|level| level.pairs).sum();
    assert_eq!((result.pairs.len(), stuck), (3, 3));
    assert_eq!(hall.verified(&request, pairs(&result), &result).await.verdict(), Verdict::Optimal);

    result.certificate.as_mut().expect("it is proved").stages.pop();
    let checked = hall.verified(&request, pairs(&result), &result).await;
    assert_eq!((checked.verdict(), checked.findings.len()), (Verdict::Allowed, 1));
    result.certificate = None;
    let checked = hall.verified(&request, pairs(&result), &result).await;
    assert_eq!((checked.verdict(), checked.findings.len()), (Verdict::Allowed, 1));
}

#[tokio::test]
async fn a_quota_is_kept_and_its_price_is_part_of_the_proof() {
    let mut hall = Hall::open().await;
    let quota = |enterprises: &[Enterprise], max_pairs: i32| Quota {
        side: PairingSide::A.into(),
        enterprises: enterprises.iter().map(|one| one.name.clone()).collect(),
        max_pairs,
        ..Quota::default()
    };
    let quotas = vec![quota(&hall.china, 2), quota(&hall.china[..2], 1)];
    let request = ComputePairingRequest { quotas, ..hall.request.clone() };
    let mut result = hall.computed(&request).await.expect("the quotas can be kept");
    assert_eq!(result.pairs.len(), 2);
    assert_eq!(hall.verified(&request, pairs(&result), &result).await.verdict(), Verdict::Optimal);

    let certificate = result.certificate.as_mut().expect("it is proved");
    assert!(!certificate.quota_prices.is_empty(), "the outer quota leaves a mill without a pair");
    certificate.quota_prices.clear();
    assert_eq!(hall.verified(&request, pairs(&result), &result).await.verdict(), Verdict::Allowed);

    let quotas = vec![quota(&hall.china[..2], 1), quota(&hall.china[1..3], 1)];
    let request = ComputePairingRequest { quotas, ..hall.request.clone() };
    let status = refused_with(hall.computed(&request).await, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["quotas[1]"]);
    assert!(format!("{status:?}").contains("crosses quotas[0]"), "{status:?}");
}

#[tokio::test]
async fn a_quota_of_none_is_the_reason_of_those_it_leaves_alone() {
    let mut hall = Hall::open().await;
    let nobody = Quota { side: PairingSide::B.into(), filter: "region_code = \"PK\"".to_owned(), ..Quota::default() };
    let request = ComputePairingRequest { quotas: vec![nobody], ..hall.request.clone() };
    let result = hall.computed(&request).await.expect("nothing is demanded");
    assert!(result.pairs.is_empty());
    let reason = proto::matcher::v1::UnmatchedReason::GroupLimit;
    assert_eq!(result.unmatched.len(), 7);
    assert!(result.unmatched.iter().all(|one| one.reason() == reason), "{:?}", result.unmatched);
}

#[tokio::test]
async fn alternates_are_named_nearest_first_and_the_rest_of_the_result_stays_the_same() {
    let mut hall = Hall::open().await;
    let plain = hall.computed(&hall.request.clone()).await.expect("there are no minimums");
    assert!(plain.alternates.is_empty());
    let request = ComputePairingRequest { alternates: 2, ..hall.request.clone() };
    let result = hall.computed(&request).await.expect("there are no minimums");
    assert_eq!((&result.pairs, &result.certificate), (&plain.pairs, &plain.certificate));
    assert_eq!(result.alternates.len(), 14, "two for each of seven");
    for (first, second) in result.alternates.iter().zip(&result.alternates[7..]) {
        assert_eq!(first.enterprise, second.enterprise);
        assert!(first.missing_ppm <= second.missing_ppm);
        let own = |a: &String, b: &String| {
            result.pairs.iter().any(|pair| (&pair.a, &pair.b) == (a, b) || (&pair.b, &pair.a) == (a, b))
        };
        assert!(!own(&first.enterprise, &first.partner), "they are a pair");
    }
}

#[tokio::test]
async fn a_run_is_the_same_when_it_is_replayed_and_another_is_not() {
    let mut hall = Hall::open().await;
    let run = ComputePairingRequest { alternates: 1, ..hall.request.clone() };
    let result = hall.computed(&run).await.expect("there are no minimums");
    let (digest, revision) = (result.digest.clone(), result.revision);
    let replay = ReplayPairingRequest { request: Some(run.clone()), digest, revision };
    let answer = hall.client.replay_pairing(replay.clone()).await.expect("the revision is at hand").into_inner();
    assert!(answer.same);
    assert_eq!(answer.result, Some(result));

    let other = ComputePairingRequest { seed: 1, ..run };
    let other = ReplayPairingRequest { request: Some(other), ..replay.clone() };
    assert!(!hall.client.replay_pairing(other).await.expect("the revision is at hand").into_inner().same);

    let gone = ReplayPairingRequest { revision: revision + 1_000, ..replay };
    let outcome = hall.client.replay_pairing(gone).await;
    refused_with(outcome, Code::FailedPrecondition, ErrorReason::RevisionCompacted);
}

#[tokio::test]
async fn who_was_not_chosen_is_told_what_was_missing() {
    let mut hall = Hall::open().await;
    let run = hall.request.clone();
    let result = hall.computed(&run).await.expect("there are no minimums");
    let question = |a: &str, b: &str| ExplainPairingRequest {
        a: a.to_owned(),
        b: b.to_owned(),
        at_least_revision: result.revision_token.clone(),
        run: Some(run.clone()),
        ..ExplainPairingRequest::default()
    };
    let chosen = &result.pairs[0];
    let answer = hall.client.explain_pairing(question(&chosen.a, &chosen.b)).await.expect("both are there");
    assert!(answer.into_inner().counter_factual.expect("a run was given").chosen);

    let left = &result.unmatched[0].enterprise;
    let answer = hall.client.explain_pairing(question(left, &chosen.b)).await.expect("both are there").into_inner();
    let found = answer.counter_factual.expect("a run was given");
    assert!(!found.chosen && !found.impossible);
    let own = answer.partner.expect("they can be paired").score_ppm;
    let prices: i64 = found.priced_out_by.iter().map(|one| one.price_ppm).sum();
    assert!(found.missing_ppm >= prices - i64::from(own), "prices are what it lacks at least: {found:?}");

    let vetoes = vec![EnterprisePair { a: left.clone(), b: chosen.b.clone() }];
    let vetoed = ComputePairingRequest { vetoes, ..run.clone() };
    let question_of = ExplainPairingRequest { run: Some(vetoed), ..question(left, &chosen.b) };
    let answer = hall.client.explain_pairing(question_of).await.expect("both are there").into_inner();
    assert!(answer.counter_factual.expect("a run was given").impossible);

    let turned = question(&chosen.b, &chosen.a);
    let outcome = hall.client.explain_pairing(turned).await;
    let status = refused_with(outcome, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["a", "b"]);
}
