//! Two runs side by side: what a new policy or a veto changes, and what it costs.

use e2e::clients::{RegistryClients, enterprise, matcher, refused_with, violated_fields};
use e2e::services::{Engine, Pair};
use proto::matcher::v1::compute_pairing_response::Part;
use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::matcher::v1::{
    ComparePairingsRequest, ComparePairingsResponse, ComparedRun, ComputePairingRequest, EnterprisePair, PairingResult,
    RunPart, Side,
};
use proto::registry::v1::{Criterion, CriterionWeight, ErrorReason, Policy};
use tonic::Code;
use tonic::transport::Channel;

struct Hall {
    _pair: Pair,
    client: MatcherServiceClient<Channel>,
    request: ComputePairingRequest,
}

impl Hall {
    /// Both services with three enterprises of China and three of Pakistan.
    async fn open() -> Self {
        let pair = Pair::start(Engine::Sqlite);
        let mut registry = RegistryClients::connect(&pair.registry.url()).await;
        let mut last = String::new();
        let all = [("looms", "CN", "28"), ("solar", "CN", "27"), ("yarn", "CN", "13")];
        let others = [("mill", "PK", "13"), ("power", "PK", "35"), ("works", "PK", "24")];
        for (id, country, code) in all.into_iter().chain(others) {
            last = registry.active(id, enterprise(id, country, code)).await.revision_token;
        }
        let side = |region: &str| Some(Side { regions: vec![region.to_owned()], ..Side::default() });
        let request =
            ComputePairingRequest { a: side("CN"), b: side("PK"), at_least_revision: last, ..Default::default() };
        Self { client: matcher(&pair.matcher.url()).await, _pair: pair, request }
    }

    async fn computed(&mut self, request: &ComputePairingRequest) -> PairingResult {
        let mut answer = self.client.compute_pairing(request.clone()).await.expect("it can be computed").into_inner();
        while let Some(response) = answer.message().await.expect("it can be computed") {
            if let Some(Part::Result(result)) = response.part {
                return result;
            }
        }
        panic!("the stream ended without a result");
    }

    async fn compared(&mut self, first: ComparedRun, second: ComparedRun) -> ComparePairingsResponse {
        let request = ComparePairingsRequest { first: Some(first), second: Some(second), ..Default::default() };
        self.client.compare_pairings(request).await.expect("they can be compared").into_inner()
    }
}

fn both(request: &ComputePairingRequest, result: &PairingResult) -> ComparedRun {
    ComparedRun { request: Some(request.clone()), result: Some(result.clone()) }
}

fn alone(request: &ComputePairingRequest) -> ComparedRun {
    ComparedRun { request: Some(request.clone()), result: None }
}

#[tokio::test]
async fn a_run_compared_with_itself_keeps_everything_and_differs_in_nothing() {
    let mut hall = Hall::open().await;
    let request = hall.request.clone();
    let result = hall.computed(&request).await;
    for second in [both(&request, &result), alone(&request)] {
        let compared = hall.compared(both(&request, &result), second).await;
        assert_eq!((compared.kept_count, compared.kept.len(), compared.change_count), (3, 3, 0));
        assert_eq!((compared.first_total_ppm, compared.difference_ppm), (result.total_ppm, 0));
        assert!(compared.differing.is_empty() && compared.not_told.is_empty(), "{compared:?}");
        assert_eq!(compared.revision, result.revision);
    }
}

#[tokio::test]
async fn a_veto_is_weighed_before_it_is_decided() {
    let mut hall = Hall::open().await;
    let request = hall.request.clone();
    let decided = hall.computed(&request).await;
    let best = &decided.pairs[0];
    let vetoes = vec![EnterprisePair { a: best.a.clone(), b: best.b.clone() }];
    let wish = ComputePairingRequest { vetoes, seed: 7, ..request.clone() };
    let compared = hall.compared(both(&request, &decided), alone(&wish)).await;

    assert_eq!(compared.only_first_count + compared.kept_count, 3);
    assert!(compared.only_first.iter().any(|pair| pair.a == best.a && pair.b == best.b));
    let now = hall.computed(&wish).await;
    assert_eq!((compared.first_total_ppm, compared.second_total_ppm), (decided.total_ppm, now.total_ppm));
    assert!(compared.difference_ppm <= 0, "a limit never raises the best total");
    let loser = compared.changes.iter().find(|change| change.enterprise == best.a).expect("it has another partner");
    assert_eq!((loser.lost.as_slice(), loser.first_pairs), ([best.b.clone()].as_slice(), 1));
    assert_eq!(compared.differing, [RunPart::Digest, RunPart::Seed, RunPart::Demands].map(i32::from));
}

#[tokio::test]
async fn what_only_a_request_tells_is_not_guessed_from_a_result() {
    let mut hall = Hall::open().await;
    let request = hall.request.clone();
    let result = hall.computed(&request).await;
    let bare = ComparedRun { request: None, result: Some(PairingResult { pairs: result.pairs, ..Default::default() }) };
    let weights = vec![CriterionWeight { criterion: Criterion::ValueChain.into(), weight: 1 }];
    let other = ComputePairingRequest { policy: Some(Policy { weights, ..Default::default() }), ..request };
    let compared = hall.compared(bare, alone(&other)).await;
    assert!(compared.differing.is_empty());
    assert_eq!(compared.not_told.len(), 8);
    let best = hall.computed(&other).await;
    assert_eq!(compared.second_total_ppm, best.total_ppm, "both are scored as the second request says");
}

#[tokio::test]
async fn a_comparison_of_nothing_and_a_request_that_makes_no_sense_are_refused() {
    let mut hall = Hall::open().await;
    let empty = ComparePairingsRequest { second: Some(ComparedRun::default()), ..Default::default() };
    let outcome = hall.client.compare_pairings(empty).await;
    let status = refused_with(outcome, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["first", "second"]);

    let pair = |a: &str| EnterprisePair { a: a.to_owned(), b: "enterprises/mill".to_owned() };
    let wish = ComputePairingRequest { must_meets: vec![pair("enterprises/nobody")], ..hall.request.clone() };
    let runs = (alone(&wish), alone(&hall.request));
    let request = ComparePairingsRequest { first: Some(runs.0), second: Some(runs.1), ..Default::default() };
    let outcome = hall.client.compare_pairings(request).await;
    let status = refused_with(outcome, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["first.request.must_meets[0].a"]);
}
