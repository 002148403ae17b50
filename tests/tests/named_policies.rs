//! Registered policies in use: the matcher scores by name, says by which version, and its runs replay.

use e2e::clients::{RegistryClients, enterprise, matcher, refused_with, violated_fields};
use e2e::services::{Engine, Pair};
use proto::matcher::v1::compute_pairing_response::Part;
use proto::matcher::v1::find_partners_request::Subject;
use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::matcher::v1::{
    BatchFindPartnersRequest, ComputePairingRequest, EnterprisePair, ExplainPairingRequest, FindPartnersRequest,
    FindPartnersResponse, PairingResult, ReplayPairingRequest, Side, Verdict, VerifyPairingRequest,
};
use proto::registry::v1::{
    CreatePolicyRequest, Criterion, CriterionWeight, DeletePolicyRequest, ErrorReason, PairingBounds, Policy,
    UpdatePolicyRequest,
};
use tonic::transport::Channel;
use tonic::{Code, Status};

struct Room {
    pair: Pair,
    registry: RegistryClients,
    client: MatcherServiceClient<Channel>,
}

impl Room {
    /// Both services with two enterprises of China and one of Pakistan.
    async fn open() -> Self {
        let pair = Pair::start(Engine::Sqlite);
        let mut registry = RegistryClients::connect(&pair.registry.url()).await;
        for (id, country, code) in [("looms", "CN", "28"), ("solar", "CN", "27"), ("mill", "PK", "13")] {
            registry.active(id, enterprise(id, country, code)).await;
        }
        let client = matcher(&pair.matcher.url()).await;
        Self { pair, registry, client }
    }

    async fn created(&mut self, policy: Policy) -> Policy {
        let policy_id = "green".to_owned();
        let request = CreatePolicyRequest { policy: Some(policy), policy_id, ..Default::default() };
        self.registry.policies.create_policy(request).await.expect("the policy is valid").into_inner()
    }

    async fn updated(&mut self, policy: Policy) -> Policy {
        let request = UpdatePolicyRequest { policy: Some(policy), ..Default::default() };
        self.registry.policies.update_policy(request).await.expect("the policy is valid").into_inner()
    }

    async fn partners(&mut self, policy: Policy, after: &Policy) -> Result<FindPartnersResponse, Status> {
        let request = FindPartnersRequest {
            subject: Some(Subject::Enterprise("enterprises/mill".to_owned())),
            policy: Some(policy),
            at_least_revision: after.revision_token.clone(),
            ..Default::default()
        };
        self.client.find_partners(request).await.map(tonic::Response::into_inner)
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
}

fn named(name: impl Into<String>) -> Policy {
    Policy { name: name.into(), ..Policy::default() }
}

fn by(criterion: Criterion) -> Policy {
    let weights = vec![CriterionWeight { criterion: criterion.into(), weight: 1 }];
    Policy { weights, ..Policy::default() }
}

fn version(policy: &Policy) -> String {
    format!("{}@{}", policy.name, policy.etag)
}

/// Everything of an answer that does not tell when it was made or by which name.
fn found(answer: FindPartnersResponse) -> FindPartnersResponse {
    FindPartnersResponse { revision: 0, revision_token: String::new(), policy: String::new(), ..answer }
}

#[tokio::test]
async fn a_policy_by_name_scores_as_it_says_at_the_revision_of_the_answer() {
    let mut room = Room::open().await;
    let first = room.created(by(Criterion::ValueChain)).await;
    let answer = room.partners(named(&first.name), &first).await.expect("the policy is there");
    assert_eq!(answer.policy, version(&first));
    let inline = room.partners(by(Criterion::ValueChain), &first).await.expect("an inline policy needs no name");
    assert_eq!(inline.policy, "");
    assert_eq!(found(answer.clone()), found(inline));

    let second = room.updated(Policy { name: first.name.clone(), ..by(Criterion::Scale) }).await;
    let later = room.partners(named(&first.name), &second).await;
    // Of two enterprises of unknown size nothing is known by scale alone, so nobody can be told.
    let later = later.expect("the policy is there");
    assert_eq!((later.policy.clone(), later.partners.len()), (version(&second), 0));
    assert_ne!(found(answer), found(later));

    let pinned = room.partners(named(version(&second)), &second).await.expect("it is the present version");
    assert_eq!(pinned.policy, version(&second));
    let gone = refused_with(
        room.partners(named(version(&first)), &second).await,
        Code::NotFound,
        ErrorReason::ResourceNotFound,
    );
    assert_eq!(violated_fields(&gone), ["policy.name"]);
    assert!(gone.message().contains(&version(&second)), "it says which version is there: {}", gone.message());
}

#[tokio::test]
async fn a_policy_that_is_not_there_is_not_found_by_every_method() {
    let mut room = Room::open().await;
    let created = room.created(Policy::default()).await;
    let request = DeletePolicyRequest { name: created.name.clone(), ..Default::default() };
    let deleted = room.registry.policies.delete_policy(request).await.expect("it is there");
    let after = Policy {
        revision_token: deleted.metadata().get("x-corridor-revision").unwrap().to_str().unwrap().to_owned(),
        ..Policy::default()
    };
    let gone = Some(named(&created.name));
    let not_found = |status: Status, field: &str| {
        let status = refused_with::<()>(Err(status), Code::NotFound, ErrorReason::ResourceNotFound);
        assert_eq!(violated_fields(&status), [field]);
    };
    not_found(room.partners(named(&created.name), &after).await.unwrap_err(), "policy.name");

    let batch = BatchFindPartnersRequest { policy: gone.clone(), ..Default::default() };
    not_found(room.client.batch_find_partners(batch).await.map(drop).unwrap_err(), "policy.name");
    let (a, b) = ("enterprises/looms".to_owned(), "enterprises/mill".to_owned());
    let explain = ExplainPairingRequest { a, b, policy: gone.clone(), ..Default::default() };
    not_found(room.client.explain_pairing(explain.clone()).await.unwrap_err(), "policy.name");
    let run = ComputePairingRequest { policy: gone, ..sides() };
    not_found(room.computed(&run).await.unwrap_err(), "policy.name");
    let explain = ExplainPairingRequest { policy: None, run: Some(run.clone()), ..explain };
    not_found(room.client.explain_pairing(explain).await.unwrap_err(), "run.policy.name");
    let verify = VerifyPairingRequest { request: Some(run.clone()), ..Default::default() };
    not_found(room.client.verify_pairing(verify).await.unwrap_err(), "request.policy.name");
    let revision = room.partners(Policy::default(), &after).await.unwrap().revision;
    let replay = ReplayPairingRequest { request: Some(run), digest: "0".repeat(64), revision };
    not_found(room.client.replay_pairing(replay).await.unwrap_err(), "request.policy.name");
}

#[tokio::test]
async fn a_run_by_name_is_verified_and_replayed_and_its_digest_is_that_of_what_the_policy_says() {
    let mut room = Room::open().await;
    let bounds = Some(PairingBounds { max_partners: 2, ..Default::default() });
    let policy = room.created(Policy { bounds, ..by(Criterion::ValueChain) }).await;
    let request = ComputePairingRequest {
        policy: Some(named(&policy.name)),
        at_least_revision: policy.revision_token.clone(),
        ..sides()
    };
    let result = room.computed(&request).await.expect("the policy is there");
    assert_eq!((result.policy.clone(), result.pairs.len()), (version(&policy), 2));

    let pairs = result.pairs.iter().map(|pair| EnterprisePair { a: pair.a.clone(), b: pair.b.clone() }).collect();
    let verify =
        VerifyPairingRequest { request: Some(request.clone()), pairs, certificate: result.certificate.clone() };
    let checked = room.client.verify_pairing(verify).await.expect("the policy is there").into_inner();
    assert_eq!((checked.verdict(), checked.policy), (Verdict::Optimal, version(&policy)));

    let inline =
        ComputePairingRequest { policy: Some(Policy { bounds, ..by(Criterion::ValueChain) }), ..request.clone() };
    let again = room.computed(&inline).await.expect("an inline policy needs no name");
    assert_eq!((again.digest.clone(), again.policy), (result.digest.clone(), String::new()));
    let replay = ReplayPairingRequest { request: Some(request), digest: again.digest, revision: result.revision };
    let replayed = room.client.replay_pairing(replay.clone()).await.expect("the revision is present").into_inner();
    assert!(replayed.same);
    assert_eq!(replayed.result, Some(result));

    // The matcher's copy on disk has the policy too.
    assert!(room.pair.matcher.terminate().success());
    room.pair.registry.kill();
    room.pair.matcher.start_again();
    room.client = matcher(&room.pair.matcher.url()).await;
    assert!(room.client.replay_pairing(replay).await.expect("it serves from disk").into_inner().same);
}

fn sides() -> ComputePairingRequest {
    let side = |region: &str| Some(Side { regions: vec![region.to_owned()], ..Side::default() });
    ComputePairingRequest { a: side("CN"), b: side("PK"), ..Default::default() }
}
