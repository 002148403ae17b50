//! From the registry to the matcher and back: what is written is seen, what is lost comes back, and answers stay the same.

use std::time::Duration;

use e2e::clients::{RegistryClients, enterprise, matcher, refused_with};
use e2e::on_both_engines;
use e2e::services::{Engine, Matcher, Pair};
use e2e::shared::SharedPairs;
use prost::Message;
use proto::matcher::v1::compute_pairing_response::Part;
use proto::matcher::v1::find_partners_request::Subject;
use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::matcher::v1::{
    ComputePairingRequest, ExplainPairingRequest, ExplainPairingResponse, FindPartnersRequest, GetIndexRequest, Index,
    PairingResult, Side,
};
use proto::registry::v1::{
    CloseOpportunityRequest, Criterion, DeleteEnterpriseRequest, Enterprise, ErrorReason, GetChangeFeedRequest,
    Opportunity, OpportunityKind, PartnershipType, UndeleteEnterpriseRequest, UpdateEnterpriseRequest,
};
use service_kit::RevisionToken;
use tonic::Code;
use tonic::transport::Channel;
use tonic_types::StatusExt;

/// Both services on both engines, for the journeys that leave them running.
static PAIRS: SharedPairs = SharedPairs::new(|| Pair::start(Engine::Sqlite), || Pair::start(Engine::Postgres));

on_both_engines!(
    what_was_registered_is_found_by_its_token,
    a_draft_is_not_found_before_it_is_activated,
    an_update_changes_the_score,
    an_offer_that_answers_a_request_is_named_until_it_is_closed,
    what_was_deleted_is_gone_until_it_is_undeleted,
    a_restarted_matcher_and_a_second_one_give_the_same_bytes,
    a_restarted_registry_gives_the_same_records_and_is_followed_again,
    without_the_registry_the_matcher_answers_and_tells_its_lag,
);

async fn what_was_registered_is_found_by_its_token(engine: Engine) {
    let pair = PAIRS.on(engine);
    let (mut registry, mut matcher) = connect(&pair).await;
    let mill = registry.active("found-mill", enterprise("A spinning mill", "PK", "13")).await;
    let maker = registry.active("found-maker", enterprise("A maker of looms", "CN", "28")).await;

    assert!(partners(&mut matcher, &mill, &maker).await.contains(&maker.name));
    assert!(partners(&mut matcher, &maker, &maker).await.contains(&mill.name));
}

async fn a_draft_is_not_found_before_it_is_activated(engine: Engine) {
    let pair = PAIRS.on(engine);
    let (mut registry, mut matcher) = connect(&pair).await;
    let mill = registry.active("draft-mill", enterprise("A spinning mill", "PK", "13")).await;
    let draft = registry.stored("draft-maker", enterprise("A maker of looms", "CN", "28")).await;
    assert!(!partners(&mut matcher, &mill, &draft).await.contains(&draft.name));

    let maker = registry.activated(&draft).await;
    assert!(partners(&mut matcher, &mill, &maker).await.contains(&maker.name));
}

async fn an_update_changes_the_score(engine: Engine) {
    let pair = PAIRS.on(engine);
    let (mut registry, mut matcher) = connect(&pair).await;
    let solar = Enterprise { industries: industries(&["new-energy"]), ..enterprise("A solar park", "PK", "35") };
    let solar = registry.active("update-solar", solar).await;
    let maker = Enterprise { industries: industries(&["silk-textile"]), ..enterprise("A maker of cells", "CN", "27") };
    let maker = registry.active("update-maker", maker).await;
    let before = explained(&mut matcher, &solar, &maker).await.partner.expect("they can be paired");

    let update = Enterprise { industries: industries(&["new-energy"]), name: maker.name, ..Enterprise::default() };
    let request = UpdateEnterpriseRequest { enterprise: Some(update), ..UpdateEnterpriseRequest::default() };
    let maker = registry.enterprises.update_enterprise(request).await.expect("the update is valid").into_inner();

    let after = explained(&mut matcher, &solar, &maker).await.partner.expect("they can be paired");
    assert!(after.score_ppm > before.score_ppm, "{} is not above {}", after.score_ppm, before.score_ppm);
}

async fn an_offer_that_answers_a_request_is_named_until_it_is_closed(engine: Engine) {
    let pair = PAIRS.on(engine);
    let (mut registry, mut matcher) = connect(&pair).await;
    let mill = registry.active("offer-mill", enterprise("A spinning mill", "PK", "13")).await;
    let maker = registry.active("offer-maker", enterprise("A maker of looms", "CN", "28")).await;
    let looms = |kind: OpportunityKind, title: &str| Opportunity {
        kind: kind.into(),
        title: title.to_owned(),
        isic_codes: vec!["2826".to_owned()],
        hs_codes: vec!["8446".to_owned()],
        partnership_types: vec![PartnershipType::Distribution.into()],
        ..Opportunity::default()
    };
    let request = registry.published(&mill, "looms", looms(OpportunityKind::BusinessRequest, "Looms wanted")).await;
    let offer = registry.published(&maker, "looms", looms(OpportunityKind::BusinessOffer, "Looms for sale")).await;

    let seen = Enterprise { revision_token: offer.revision_token.clone(), ..maker.clone() };
    let partner = explained(&mut matcher, &mill, &seen).await.partner.expect("they can be paired");
    let met = partner.contributions.iter().find(|found| found.criterion() == Criterion::RequestsMet);
    let evidence = &met.expect("a request is met").evidence;
    assert!(evidence.iter().any(|fact| fact.receiver == request.name && fact.bringer == offer.name), "{evidence:?}");

    let close = CloseOpportunityRequest { name: offer.name.clone(), ..CloseOpportunityRequest::default() };
    let closed = registry.opportunities.close_opportunity(close).await.expect("it is published").into_inner();
    let seen = Enterprise { revision_token: closed.revision_token, ..maker };
    let partner = explained(&mut matcher, &mill, &seen).await.partner.expect("they can be paired");
    let evidence = partner.contributions.iter().flat_map(|contribution| &contribution.evidence);
    assert!(evidence.clone().all(|fact| fact.bringer != offer.name), "{evidence:?}");
}

async fn what_was_deleted_is_gone_until_it_is_undeleted(engine: Engine) {
    let pair = PAIRS.on(engine);
    let (mut registry, mut matcher) = connect(&pair).await;
    let mill = registry.active("gone-mill", enterprise("A spinning mill", "PK", "13")).await;
    let maker = registry.active("gone-maker", enterprise("A maker of looms", "CN", "28")).await;

    let request = DeleteEnterpriseRequest { name: maker.name.clone(), ..DeleteEnterpriseRequest::default() };
    let deleted = registry.enterprises.delete_enterprise(request).await.expect("it lives").into_inner();
    assert!(!partners(&mut matcher, &mill, &deleted).await.contains(&maker.name));
    let question = question(&mill, &deleted);
    refused_with(matcher.explain_pairing(question).await, Code::NotFound, ErrorReason::ResourceNotFound);

    let request = UndeleteEnterpriseRequest { name: maker.name.clone(), ..UndeleteEnterpriseRequest::default() };
    let back = registry.enterprises.undelete_enterprise(request).await.expect("it was deleted").into_inner();
    assert!(partners(&mut matcher, &mill, &back).await.contains(&maker.name));
}

async fn a_restarted_matcher_and_a_second_one_give_the_same_bytes(engine: Engine) {
    let mut pair = Pair::start_with_samples(engine);
    let (mut registry, mut client) = connect(&pair).await;
    let subjects = registry.all().await;
    let first = answers(&mut client, &subjects).await;

    pair.matcher.kill();
    pair.matcher.start_again();
    let mut client = matcher(&pair.matcher.url()).await;
    assert!(answers(&mut client, &subjects).await == first, "the restarted matcher answers differently");

    let second = Matcher::start(&pair.registry.url());
    let mut client = matcher(&second.url()).await;
    assert!(answers(&mut client, &subjects).await == first, "the second matcher answers differently");
}

async fn a_restarted_registry_gives_the_same_records_and_is_followed_again(engine: Engine) {
    let mut pair = Pair::start(engine);
    let (mut registry, mut client) = connect(&pair).await;
    let mill = registry.active("mill", enterprise("A spinning mill", "PK", "13")).await;
    let records = registry.all().await;
    let head = registry.feed.get_change_feed(GetChangeFeedRequest {}).await.expect("the feed stands").into_inner();

    let status = pair.registry.terminate();
    assert!(status.success(), "the registry ended with {status}");
    pair.registry.start_again();

    let mut registry = RegistryClients::connect(&pair.registry.url()).await;
    assert_eq!(registry.all().await, records);
    let again = registry.feed.get_change_feed(GetChangeFeedRequest {}).await.expect("the feed stands").into_inner();
    assert_eq!(again, head);

    until(&mut client, |index| index.connected).await;
    let maker = registry.active("maker", enterprise("A maker of looms", "CN", "28")).await;
    assert!(partners(&mut client, &mill, &maker).await.contains(&maker.name));
}

async fn without_the_registry_the_matcher_answers_and_tells_its_lag(engine: Engine) {
    let mut pair = Pair::start(engine);
    let (mut registry, mut client) = connect(&pair).await;
    let mill = registry.active("mill", enterprise("A spinning mill", "PK", "13")).await;
    let maker = registry.active("maker", enterprise("A maker of looms", "CN", "28")).await;
    let answer = explained(&mut client, &mill, &maker).await;

    pair.registry.kill();
    let cut_off = until(&mut client, |index| !index.connected).await;
    assert_eq!(explained(&mut client, &mill, &maker).await, answer);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let later = index(&mut client).await;
    assert!(lag(&later) >= lag(&cut_off) + Duration::from_secs(1), "{cut_off:?} {later:?}");

    // What it cannot have yet it says so, and when to come again.
    let mut token = maker.revision_token.parse::<RevisionToken>().expect("tokens can be read");
    token.revision += 1;
    let ahead = Enterprise { revision_token: token.to_string(), ..maker.clone() };
    let refused = client.explain_pairing(question(&mill, &ahead)).await;
    let status = refused_with(refused, Code::Unavailable, ErrorReason::ReplicaLagging);
    assert!(status.get_details_retry_info().is_some(), "{status:?}");

    pair.registry.start_again();
    until(&mut client, |index| index.connected && lag(index) < Duration::from_secs(2)).await;
    let mut registry = RegistryClients::connect(&pair.registry.url()).await;
    let newcomer = registry.active("newcomer", enterprise("Another maker of looms", "CN", "28")).await;
    assert!(partners(&mut client, &mill, &newcomer).await.contains(&newcomer.name));
}

async fn connect(pair: &Pair) -> (RegistryClients, MatcherServiceClient<Channel>) {
    (RegistryClients::connect(&pair.registry.url()).await, matcher(&pair.matcher.url()).await)
}

fn industries(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| format!("industries/{id}")).collect()
}

/// Names of all partners of `subject`, once the matcher has seen `seen`.
async fn partners(client: &mut MatcherServiceClient<Channel>, subject: &Enterprise, seen: &Enterprise) -> Vec<String> {
    let request = FindPartnersRequest {
        subject: Some(Subject::Enterprise(subject.name.clone())),
        page_size: 1_000,
        at_least_revision: seen.revision_token.clone(),
        ..FindPartnersRequest::default()
    };
    let answer = client.find_partners(request).await.expect("partners can be found").into_inner();
    answer.partners.into_iter().map(|partner| partner.enterprise).collect()
}

/// Why `a` and `b` fit, once the matcher has seen this version of `b`.
async fn explained(
    client: &mut MatcherServiceClient<Channel>,
    a: &Enterprise,
    b: &Enterprise,
) -> ExplainPairingResponse {
    client.explain_pairing(question(a, b)).await.expect("pairings can be explained").into_inner()
}

fn question(a: &Enterprise, b: &Enterprise) -> ExplainPairingRequest {
    ExplainPairingRequest {
        a: a.name.clone(),
        b: b.name.clone(),
        at_least_revision: b.revision_token.clone(),
        ..ExplainPairingRequest::default()
    }
}

/// The bytes of many answers: the partners of every 25th enterprise and the whole pairing.
async fn answers(client: &mut MatcherServiceClient<Channel>, subjects: &[Enterprise]) -> Vec<Vec<u8>> {
    let mut answers = vec![whole_pairing(client).await.encode_to_vec()];
    for subject in subjects.iter().step_by(25) {
        let subject = Some(Subject::Enterprise(subject.name.clone()));
        let request = FindPartnersRequest { subject, page_size: 50, ..FindPartnersRequest::default() };
        let answer = client.find_partners(request).await.expect("partners can be found").into_inner();
        assert!(!answer.partners.is_empty(), "the samples have partners for each other");
        answers.push(answer.encode_to_vec());
    }
    answers
}

async fn whole_pairing(client: &mut MatcherServiceClient<Channel>) -> PairingResult {
    let side = |region: &str| Some(Side { regions: vec![region.to_owned()], ..Side::default() });
    let request =
        ComputePairingRequest { a: side("CN"), b: side("PK"), max_pairs: 100, ..ComputePairingRequest::default() };
    let mut answer = client.compute_pairing(request).await.expect("a pairing can be computed").into_inner();
    while let Some(response) = answer.message().await.expect("the stream ends well") {
        if let Some(Part::Result(result)) = response.part {
            assert_eq!(result.pairs.len(), 100);
            return result;
        }
    }
    panic!("the stream ended without a result");
}

async fn index(client: &mut MatcherServiceClient<Channel>) -> Index {
    client.get_index(GetIndexRequest {}).await.expect("the index can be described").into_inner()
}

/// Waits until the matcher's copy is as it should be.
async fn until(client: &mut MatcherServiceClient<Channel>, holds: impl Fn(&Index) -> bool) -> Index {
    for _ in 0..1_500 {
        let index = index(client).await;
        if holds(&index) {
            return index;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the matcher's copy never came to be so: {:?}", index(client).await);
}

fn lag(index: &Index) -> Duration {
    index.lag.expect("a lag is told").try_into().expect("a lag is not negative")
}
