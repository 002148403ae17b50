//! Policies: checked, kept in every version, and streamed like every resource.

use e2e::clients::{RegistryClients, refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::{Engine, Registry};
use e2e::watch::watch;
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use proto::registry::v1::{
    ChangeKind, CreatePolicyRequest, Criterion, CriterionWeight, DeleteIndustryRequest, DeletePolicyRequest,
    ErrorReason, Fusion, GetPolicyRequest, IndustryPriority, ListPoliciesRequest, ListPolicyRevisionsRequest,
    PairingBounds, Policy, UpdatePolicyRequest, change,
};
use tonic::{Code, Status};

on_both_engines!(
    a_policy_reads_back_as_it_was_written,
    every_version_of_a_policy_can_be_read,
    versions_of_a_deleted_policy_stay_readable,
    what_a_policy_may_not_say_is_told_at_once,
    an_update_changes_the_masked_fields_only,
    a_policy_travels_in_the_feed,
    an_industry_with_a_priority_cannot_be_deleted,
);

async fn a_policy_reads_back_as_it_was_written(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let policy = Policy {
        weights: vec![weight(Criterion::ValueChain, 700), weight(Criterion::Market, 300)],
        fusion: Fusion::Min.into(),
        industry_priorities: vec![IndustryPriority { industry: "industries/new-energy".to_owned(), priority: 5 }],
        display_name: "Green industry first".to_owned(),
        description: "For the zone.\nSecond line.".to_owned(),
        bounds: Some(PairingBounds { min_score_ppm: 400_000, min_partners: 1, max_partners: 5 }),
        ..Policy::default()
    };
    let created = clients.created("green", policy.clone()).await;
    assert_eq!(created.name, "policies/green");
    assert_eq!(get(&mut clients, "policies/green").await.expect("it is there"), created);
    let written = Policy {
        name: String::new(),
        etag: String::new(),
        revision_token: String::new(),
        create_time: None,
        update_time: None,
        ..created.clone()
    };
    assert_eq!(written, policy);

    clients.created("another", Policy::default()).await;
    let page = clients.policies.list_policies(ListPoliciesRequest { page_size: 1, ..Default::default() }).await;
    let page = page.expect("lists can be read").into_inner();
    assert_eq!(page.policies[0].name, "policies/another");
    let request = ListPoliciesRequest { page_size: 1, page_token: page.next_page_token };
    let page = clients.policies.list_policies(request).await.expect("lists can be read").into_inner();
    assert_eq!((page.policies, page.next_page_token.as_str()), (vec![created], ""));
}

async fn every_version_of_a_policy_can_be_read(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let mut versions = vec![clients.created("p", Policy::default()).await];
    for round in 1..5 {
        clients.created(&format!("other-{round}"), Policy::default()).await;
        let update = Policy { display_name: format!("Version {round}"), ..named("policies/p") };
        versions.insert(0, clients.updated(update, &["display_name"]).await.expect("the update is valid"));
    }
    for version in &versions {
        let name = format!("policies/p@{}", version.etag);
        assert_eq!(get(&mut clients, &name).await.expect("every version is kept"), *version);
    }
    for page_size in [1, 2, 5, 0] {
        assert_eq!(revisions(&mut clients, "policies/p", page_size).await.expect("they are kept"), versions);
    }
    // A version of another policy is none of this one.
    let other = get(&mut clients, "policies/other-1").await.expect("it is there");
    for unknown in [format!("policies/p@{}", other.etag), "policies/p@r999".to_owned(), "policies/x@r1".to_owned()] {
        refused_with(get(&mut clients, &unknown).await, Code::NotFound, ErrorReason::ResourceNotFound);
    }
    for wrong in
        ["policies/p@", "policies/p@12", "policies/p@r012", "policies/p@r0", "policies/p@r-1", "policies/p@r1@r1"]
    {
        let status = refused_with(get(&mut clients, wrong).await, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&status), ["name"], "{wrong}");
    }
}

async fn versions_of_a_deleted_policy_stay_readable(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let first = clients.created("p", Policy::default()).await;
    let deleted = clients.deleted("policies/p").await;
    refused_with(get(&mut clients, "policies/p").await, Code::NotFound, ErrorReason::ResourceNotFound);
    let name = format!("policies/p@{}", first.etag);
    assert_eq!(get(&mut clients, &name).await.expect("it is kept"), first);
    // A deletion is no version to compute under.
    let name = format!("policies/p@{}", deleted.etag);
    refused_with(get(&mut clients, &name).await, Code::NotFound, ErrorReason::ResourceNotFound);

    let again = clients.created("p", Policy::default()).await;
    for page_size in [1, 0] {
        let versions = revisions(&mut clients, "policies/p", page_size).await.expect("they are kept");
        assert_eq!(versions, [again.clone(), first.clone()]);
    }
    let never = revisions(&mut clients, "policies/never", 0).await;
    refused_with(never, Code::NotFound, ErrorReason::ResourceNotFound);
}

async fn what_a_policy_may_not_say_is_told_at_once(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let wrong = Policy {
        weights: vec![weight(Criterion::Market, 1), weight(Criterion::Market, 1_001)],
        fusion: 99,
        industry_priorities: vec![IndustryPriority { industry: "industries/spice".to_owned(), priority: -1 }],
        bounds: Some(PairingBounds { min_score_ppm: -1, min_partners: 3, max_partners: 2 }),
        ..Policy::default()
    };
    let request = CreatePolicyRequest {
        policy: Some(wrong.clone()),
        policy_id: "Not An Id".to_owned(),
        request_id: "x".to_owned(),
        ..CreatePolicyRequest::default()
    };
    let created = clients.policies.create_policy(request).await;
    let status = refused_with(created, Code::InvalidArgument, ErrorReason::InvalidFields);
    let fields = [
        "policy.bounds.max_partners",
        "policy.bounds.min_score_ppm",
        "policy.fusion",
        "policy.industry_priorities[0].industry",
        "policy.industry_priorities[0].priority",
        "policy.weights[1].criterion",
        "policy.weights[1].weight",
    ];
    let all: Vec<&str> = fields.into_iter().chain(["policy_id", "request_id"]).collect();
    assert_eq!(violated_fields(&status), all);

    // An update hears the same before anything is read, and only of what it changes.
    let wrong = Policy { name: "policies/missing".to_owned(), ..wrong };
    let updated = clients.updated(wrong.clone(), &[]).await;
    let status = refused_with(updated, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), fields);
    let updated = clients.updated(wrong, &["fusion", "etag"]).await;
    let status = refused_with(updated, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["policy.fusion", "update_mask"]);
}

async fn an_update_changes_the_masked_fields_only(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let bounds = PairingBounds { max_partners: 5, ..PairingBounds::default() };
    let policy = Policy { display_name: "P".to_owned(), bounds: Some(bounds), ..Policy::default() };
    let first = clients.created("p", policy).await;

    let update = Policy { description: "Why".to_owned(), display_name: "Q".to_owned(), ..named("policies/p") };
    let second = clients.updated(update.clone(), &["description"]).await.expect("the update is valid");
    assert_eq!((second.display_name.as_str(), second.description.as_str(), second.bounds), ("P", "Why", Some(bounds)));
    let third = clients.updated(update.clone(), &[]).await.expect("the update is valid");
    assert_eq!((third.display_name.as_str(), third.bounds), ("Q", Some(bounds)));
    let fourth = clients.updated(update.clone(), &["*"]).await.expect("the update is valid");
    assert_eq!(fourth.bounds, None);

    let stale = clients.updated(Policy { etag: first.etag, ..update.clone() }, &["*"]).await;
    refused_with(stale, Code::Aborted, ErrorReason::StaleEtag);
    // Nothing changes, so there is no new version.
    let same = clients.updated(Policy { etag: fourth.etag.clone(), ..update }, &["*"]).await;
    assert_eq!(same.expect("the etag is right"), fourth);
}

async fn a_policy_travels_in_the_feed(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let first = clients.created("p", Policy::default()).await;
    let update = Policy { fusion: Fusion::Product.into(), ..named("policies/p") };
    let second = clients.updated(update, &["fusion"]).await.expect("the update is valid");
    let last = clients.deleted("policies/p").await;

    // The revisions before the first belong to the seeds, and a snapshot shows what lives: no policy any more.
    let mut feed = watch(&mut clients, Start::Snapshot(true)).await.expect("the feed can be watched");
    while let Some(Event::SnapshotPart(part)) = feed.message().await.expect("the feed goes on").and_then(|it| it.event)
    {
        assert!(part.changes.iter().all(|change| change.name != "policies/p"));
    }
    let before = token_before(&first.revision_token);
    let mut feed = watch(&mut clients, Start::FromToken(before)).await.expect("the feed can be watched");
    let mut changes = Vec::new();
    while changes.len() < 3 {
        let event = feed.message().await.expect("the feed goes on").and_then(|response| response.event);
        let Some(Event::Revisions(revisions)) = event else { continue };
        changes.extend(revisions.revisions.into_iter().flat_map(|revision| revision.changes));
    }
    let told: Vec<_> = changes.iter().map(|change| (change.name.as_str(), change.kind())).collect();
    let kinds = [ChangeKind::Created, ChangeKind::Updated, ChangeKind::Deleted];
    assert_eq!(told, kinds.map(|kind| ("policies/p", kind)));
    let policies: Vec<_> = changes.into_iter().map(|change| change.resource).collect();
    assert_eq!(policies, [first, second, last].map(|policy| Some(change::Resource::Policy(policy))));
}

async fn an_industry_with_a_priority_cannot_be_deleted(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let industry_priorities = vec![IndustryPriority { industry: "industries/cloud".to_owned(), priority: 1 }];
    clients.created("p", Policy { industry_priorities, ..Policy::default() }).await;
    let request = DeleteIndustryRequest { name: "industries/cloud".to_owned(), ..DeleteIndustryRequest::default() };
    let refused = clients.reference.delete_industry(request.clone()).await;
    refused_with(refused, Code::FailedPrecondition, ErrorReason::HasDependents);
    clients.deleted("policies/p").await;
    clients.reference.delete_industry(request).await.expect("nothing names it any more");
}

async fn start(engine: Engine) -> (Registry, RegistryClients) {
    let registry = Registry::start(engine);
    let clients = RegistryClients::connect(&registry.url()).await;
    (registry, clients)
}

fn weight(criterion: Criterion, weight: i32) -> CriterionWeight {
    CriterionWeight { criterion: criterion.into(), weight }
}

fn named(name: &str) -> Policy {
    Policy { name: name.to_owned(), ..Policy::default() }
}

/// The token of the revision before.
fn token_before(token: &str) -> String {
    let mut token: service_kit::RevisionToken = token.parse().expect("tokens can be read");
    token.revision -= 1;
    token.to_string()
}

async fn get(clients: &mut RegistryClients, name: &str) -> Result<Policy, Status> {
    let answer = clients.policies.get_policy(GetPolicyRequest { name: name.to_owned() }).await;
    answer.map(tonic::Response::into_inner)
}

/// All versions, read page by page.
async fn revisions(clients: &mut RegistryClients, name: &str, page_size: i32) -> Result<Vec<Policy>, Status> {
    let mut request = ListPolicyRevisionsRequest { name: name.to_owned(), page_size, ..Default::default() };
    let mut all = Vec::new();
    loop {
        let page = clients.policies.list_policy_revisions(request.clone()).await?.into_inner();
        all.extend(page.policies);
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        request.page_token = page.next_page_token;
    }
}

/// What the claims do with policies.
trait Policies {
    async fn created(&mut self, id: &str, policy: Policy) -> Policy;
    async fn updated(&mut self, policy: Policy, mask: &[&str]) -> Result<Policy, Status>;
    async fn deleted(&mut self, name: &str) -> Policy;
}

impl Policies for RegistryClients {
    async fn created(&mut self, id: &str, policy: Policy) -> Policy {
        let request =
            CreatePolicyRequest { policy: Some(policy), policy_id: id.to_owned(), ..CreatePolicyRequest::default() };
        self.policies.create_policy(request).await.expect("the policy is valid").into_inner()
    }

    async fn updated(&mut self, policy: Policy, mask: &[&str]) -> Result<Policy, Status> {
        let paths: Vec<String> = mask.iter().map(|path| (*path).to_owned()).collect();
        let update_mask = (!paths.is_empty()).then_some(prost_types::FieldMask { paths });
        let request = UpdatePolicyRequest { policy: Some(policy), update_mask, ..UpdatePolicyRequest::default() };
        self.policies.update_policy(request).await.map(tonic::Response::into_inner)
    }

    async fn deleted(&mut self, name: &str) -> Policy {
        let request = DeletePolicyRequest { name: name.to_owned(), ..DeletePolicyRequest::default() };
        self.policies.delete_policy(request).await.expect("it is there").into_inner()
    }
}
