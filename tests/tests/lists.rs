//! Lists, masks and batches over the wire: pages that fit together, fields that were asked for, all or nothing.

use e2e::clients::{RegistryClients, enterprise, refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::{Engine, Registry};
use prost_types::FieldMask;
use proto::registry::v1::{
    BatchCreateEnterprisesRequest, BatchDeleteEnterprisesRequest, BatchGetEnterprisesRequest,
    BatchUpdateEnterprisesRequest, CreateEnterpriseRequest, CreateOpportunityRequest, DeleteEnterpriseRequest,
    Enterprise, ErrorReason, GetEnterpriseRequest, GetOpportunityRequest, ListEnterprisesRequest,
    ListEnterprisesResponse, ListOpportunitiesRequest, Opportunity, OpportunityKind, UpdateEnterpriseRequest,
};
use tonic::Code;
use uuid::Uuid;

on_both_engines!(
    pages_follow_each_other_in_the_order_asked_for,
    a_page_token_is_good_for_its_arguments_only,
    a_filter_that_is_wrong_is_told_what_is_right,
    a_read_mask_leaves_what_it_names,
    a_batch_of_new_enterprises_is_one_revision_and_one_effect,
    a_batch_is_told_everything_that_is_wrong_with_it,
    a_batch_of_updates_is_all_or_nothing,
    a_batch_of_deletions_is_all_or_nothing,
);

/// A registry of its own, so that lists hold nothing else.
async fn registry(engine: Engine) -> (Registry, RegistryClients) {
    let registry = Registry::start(engine);
    let clients = RegistryClients::connect(&registry.url()).await;
    (registry, clients)
}

async fn pages_follow_each_other_in_the_order_asked_for(engine: Engine) {
    let (_registry, mut clients) = registry(engine).await;
    // The longest name that there is, so that the token holds it.
    let longest = "丝".repeat(300);
    for (id, name) in [("a", "Same"), ("b", longest.as_str()), ("c", "Same"), ("d", "Another"), ("e", "Same")] {
        clients.stored(id, enterprise(name, "PK", "13")).await;
    }
    for (order_by, expected) in [
        ("", ["a", "b", "c", "d", "e"]),
        ("name desc", ["e", "d", "c", "b", "a"]),
        ("display_name", ["d", "a", "c", "e", "b"]),
        ("display_name desc", ["b", "e", "c", "a", "d"]),
        ("create_time", ["a", "b", "c", "d", "e"]),
        ("update_time desc", ["e", "d", "c", "b", "a"]),
    ] {
        let filter = "region_code = PK AND isic:C".to_owned();
        let mut request =
            ListEnterprisesRequest { order_by: order_by.to_owned(), filter, page_size: 2, ..Default::default() };
        let mut ids = Vec::new();
        loop {
            let page = listed(&mut clients, &request).await;
            ids.extend(page.enterprises.iter().map(|one| one.name.replace("enterprises/", "")));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
            // The size of a page may change on the way.
            request.page_size = 1;
        }
        assert_eq!(ids, expected, "{order_by}");
    }
    let wrong = ListEnterprisesRequest { order_by: "colour".to_owned(), ..Default::default() };
    let refused = clients.enterprises.list_enterprises(wrong).await;
    let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&refused), ["order_by"]);
}

async fn a_page_token_is_good_for_its_arguments_only(engine: Engine) {
    let (_registry, mut clients) = registry(engine).await;
    for id in ["a", "b", "c"] {
        clients.stored(id, enterprise(id, "PK", "13")).await;
    }
    let request = ListEnterprisesRequest {
        filter: "region_code = PK".to_owned(),
        order_by: "display_name".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    let page_token = listed(&mut clients, &request).await.next_page_token;
    let next = ListEnterprisesRequest { page_token, ..request };
    for other in [
        ListEnterprisesRequest { filter: "region_code = \"PK\"".to_owned(), ..next.clone() },
        ListEnterprisesRequest { order_by: "display_name desc".to_owned(), ..next.clone() },
        ListEnterprisesRequest { order_by: String::new(), ..next.clone() },
        ListEnterprisesRequest { show_deleted: true, ..next.clone() },
        ListEnterprisesRequest { page_token: format!("{}A", next.page_token), ..next.clone() },
    ] {
        let refused = clients.enterprises.list_enterprises(other).await;
        let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidPageToken);
        assert_eq!(violated_fields(&refused), ["page_token"]);
    }
    assert_eq!(listed(&mut clients, &next).await.enterprises[0].name, "enterprises/b");
}

async fn a_filter_that_is_wrong_is_told_what_is_right(engine: Engine) {
    let (_registry, mut clients) = registry(engine).await;
    for (filter, said) in [
        ("colour = red", "unknown field `colour`; known are name, display_name, region_code"),
        ("create_time > 2026-01-01", "it is an instant like"),
        ("zone = south", "it is a resource name like `zones/my-id`"),
        ("identifiers:VAT", "it can be CN_USCC, LEI, ISIN, PK_CUIN, PK_NTN"),
        ("display_name = '*Silk'", "only be the last character"),
        ("hs = 85", "write `hs:85`"),
    ] {
        let request = ListEnterprisesRequest { filter: filter.to_owned(), ..Default::default() };
        let refused = clients.enterprises.list_enterprises(request).await;
        let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&refused), ["filter"]);
        let details = format!("{:?}", tonic_types::StatusExt::get_error_details(&refused));
        assert!(details.contains(said), "{filter}: {details}");
    }
}

async fn a_read_mask_leaves_what_it_names(engine: Engine) {
    let (_registry, mut clients) = registry(engine).await;
    let stored = clients.stored("masked", enterprise("A mill", "PK", "13")).await;
    let read_mask = mask(&["name", "display_name", "create_time"]);
    let expected = Enterprise {
        name: stored.name.clone(),
        display_name: stored.display_name.clone(),
        create_time: stored.create_time,
        ..Enterprise::default()
    };
    let get = GetEnterpriseRequest { name: stored.name.clone(), read_mask: read_mask.clone() };
    let got = clients.enterprises.get_enterprise(get).await.expect("it is there").into_inner();
    assert_eq!(got, expected);
    let get = BatchGetEnterprisesRequest { names: vec![stored.name.clone()], read_mask: read_mask.clone() };
    let got = clients.enterprises.batch_get_enterprises(get).await.expect("it is there").into_inner();
    assert_eq!(got.enterprises, std::slice::from_ref(&expected));
    let list = ListEnterprisesRequest { read_mask, ..Default::default() };
    assert_eq!(listed(&mut clients, &list).await.enterprises, [expected]);
    let all = GetEnterpriseRequest { name: stored.name.clone(), read_mask: mask(&["*"]) };
    assert_eq!(clients.enterprises.get_enterprise(all).await.expect("it is there").into_inner(), stored);
    let wrong = GetEnterpriseRequest { name: stored.name.clone(), read_mask: mask(&["colour"]) };
    let refused = clients.enterprises.get_enterprise(wrong).await;
    let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&refused), ["read_mask"]);

    let kind = OpportunityKind::BusinessOffer.into();
    let opportunity = Opportunity { kind, title: "Looms".to_owned(), ..Default::default() };
    let create = CreateOpportunityRequest {
        parent: stored.name.clone(),
        opportunity: Some(opportunity),
        opportunity_id: "looms".to_owned(),
        ..Default::default()
    };
    let offer = clients.opportunities.create_opportunity(create).await.expect("it is valid").into_inner();
    let expected = Opportunity { title: offer.title.clone(), etag: offer.etag, ..Default::default() };
    let read_mask = mask(&["title", "etag"]);
    let get = GetOpportunityRequest { name: offer.name, read_mask: read_mask.clone() };
    let got = clients.opportunities.get_opportunity(get).await.expect("it is there").into_inner();
    assert_eq!(got, expected);
    let list = ListOpportunitiesRequest { parent: "enterprises/-".to_owned(), read_mask, ..Default::default() };
    let got = clients.opportunities.list_opportunities(list).await.expect("lists can be read").into_inner();
    assert_eq!(got.opportunities, [expected]);
}

async fn a_batch_of_new_enterprises_is_one_revision_and_one_effect(engine: Engine) {
    let (_registry, mut clients) = registry(engine).await;
    let request = BatchCreateEnterprisesRequest {
        requests: vec![new("b", "Bee"), new("", "Nameless"), new("a", "Ant")],
        request_id: Uuid::now_v7().to_string(),
        validate_only: false,
    };
    let checked = BatchCreateEnterprisesRequest { validate_only: true, request_id: String::new(), ..request.clone() };
    let checked = clients.enterprises.batch_create_enterprises(checked).await.expect("it is valid").into_inner();
    assert_eq!(checked.enterprises.len(), 3);
    assert!(checked.enterprises.iter().all(|one| one.etag.is_empty()));
    assert!(listed(&mut clients, &ListEnterprisesRequest::default()).await.enterprises.is_empty());

    let created = clients.enterprises.batch_create_enterprises(request.clone()).await.expect("it is valid");
    let token = created.metadata().get("x-corridor-revision").expect("there is a header").clone();
    let first = created.into_inner().enterprises;
    let names: Vec<&str> = first.iter().map(|one| one.display_name.as_str()).collect();
    assert_eq!(names, ["Bee", "Nameless", "Ant"]);
    assert!(first.iter().all(|one| one.revision_token.as_bytes() == token.as_bytes()));

    // What happens in between changes nothing in the first answer.
    let delete = DeleteEnterpriseRequest { name: first[2].name.clone(), ..Default::default() };
    clients.enterprises.delete_enterprise(delete).await.expect("it lives");
    let again = clients.enterprises.batch_create_enterprises(request.clone()).await.expect("it is a repetition");
    assert_eq!(again.into_inner().enterprises, first);
    let other = BatchCreateEnterprisesRequest { requests: vec![new("c", "Cat")], ..request };
    let refused = clients.enterprises.batch_create_enterprises(other).await;
    refused_with(refused, Code::InvalidArgument, ErrorReason::RequestIdReused);

    let taken =
        BatchCreateEnterprisesRequest { requests: vec![new("d", "Dog"), new("b", "Bee")], ..Default::default() };
    let refused = clients.enterprises.batch_create_enterprises(taken).await;
    refused_with(refused, Code::AlreadyExists, ErrorReason::ResourceExists);
    let get = GetEnterpriseRequest { name: "enterprises/d".to_owned(), ..Default::default() };
    refused_with(clients.enterprises.get_enterprise(get).await, Code::NotFound, ErrorReason::ResourceNotFound);
}

async fn a_batch_is_told_everything_that_is_wrong_with_it(engine: Engine) {
    let (_registry, mut clients) = registry(engine).await;
    let request_id = Uuid::now_v7().to_string();
    let requests = vec![
        CreateEnterpriseRequest { request_id: request_id.clone(), validate_only: true, ..new("a", "Ant") },
        CreateEnterpriseRequest { enterprise: None, ..new("A", "") },
        new("a", " "),
    ];
    let create = BatchCreateEnterprisesRequest { requests, ..Default::default() };
    let refused = clients.enterprises.batch_create_enterprises(create).await;
    let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(
        violated_fields(&refused),
        [
            "requests[0].request_id",
            "requests[0].validate_only",
            "requests[1].enterprise",
            "requests[1].enterprise_id",
            "requests[2].enterprise.display_name",
            "requests[2].enterprise_id",
        ]
    );

    let known = clients.stored("known", enterprise("A mill", "PK", "13")).await;
    let update = |name: &str, wanted: Enterprise, paths: &[&str]| UpdateEnterpriseRequest {
        enterprise: Some(Enterprise { name: name.to_owned(), ..wanted }),
        update_mask: mask(paths),
        ..Default::default()
    };
    let bare = Enterprise::default;
    let requests = vec![
        update(&known.name, bare(), &["display_name"]),
        update(&known.name, bare(), &["state"]),
        UpdateEnterpriseRequest { allow_missing: true, request_id, ..update("known", bare(), &["city"]) },
    ];
    let request = BatchUpdateEnterprisesRequest { requests, ..Default::default() };
    let refused = clients.enterprises.batch_update_enterprises(request).await;
    let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(
        violated_fields(&refused),
        [
            "requests[0].enterprise.display_name",
            "requests[1].enterprise.name",
            "requests[1].update_mask",
            "requests[2].allow_missing",
            "requests[2].enterprise.name",
            "requests[2].request_id",
        ]
    );

    // What only the record can tell is told of every request, too.
    let other = clients.stored("other", enterprise("A mill", "PK", "13")).await;
    let moved =
        |name: &str| update(name, Enterprise { subdivision_code: "CN-ZJ".to_owned(), ..bare() }, &["subdivision_code"]);
    let requests = vec![moved(&known.name), moved(&other.name)];
    let refused = clients
        .enterprises
        .batch_update_enterprises(BatchUpdateEnterprisesRequest { requests, ..Default::default() })
        .await;
    let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    let fields = ["requests[0].enterprise.subdivision_code", "requests[1].enterprise.subdivision_code"];
    assert_eq!(violated_fields(&refused), fields);

    let requests = vec![DeleteEnterpriseRequest { name: known.name.clone(), ..Default::default() }; 2];
    let refused = clients
        .enterprises
        .batch_delete_enterprises(BatchDeleteEnterprisesRequest { requests, ..Default::default() })
        .await;
    let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&refused), ["requests[1].name"]);
    for requests in [Vec::new(), vec![DeleteEnterpriseRequest::default(); 501]] {
        let request = BatchDeleteEnterprisesRequest { requests, ..Default::default() };
        let refused = clients.enterprises.batch_delete_enterprises(request).await;
        let refused = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&refused), ["requests"]);
    }
}

async fn a_batch_of_updates_is_all_or_nothing(engine: Engine) {
    let (_registry, mut clients) = registry(engine).await;
    let a = clients.stored("a", enterprise("Ant", "PK", "13")).await;
    let b = clients.stored("b", enterprise("Bee", "PK", "13")).await;
    let renamed = |one: &Enterprise, name: &str, etag: &str| UpdateEnterpriseRequest {
        enterprise: Some(Enterprise {
            name: one.name.clone(),
            display_name: name.to_owned(),
            etag: etag.to_owned(),
            ..Enterprise::default()
        }),
        update_mask: mask(&["display_name"]),
        ..Default::default()
    };
    let stale = vec![renamed(&a, "Aunt", &a.etag), renamed(&b, "Beet", "r1")];
    let stale = BatchUpdateEnterprisesRequest { requests: stale, ..Default::default() };
    let refused = clients.enterprises.batch_update_enterprises(stale).await;
    refused_with(refused, Code::Aborted, ErrorReason::StaleEtag);
    assert_eq!(listed(&mut clients, &ListEnterprisesRequest::default()).await.enterprises, [a.clone(), b.clone()]);

    let requests = vec![renamed(&b, "Beet", &b.etag), renamed(&a, "Ant", &a.etag)];
    let request = BatchUpdateEnterprisesRequest { requests, ..Default::default() };
    let updated = clients.enterprises.batch_update_enterprises(request).await.expect("it is valid").into_inner();
    let updated = updated.enterprises;
    assert_eq!(updated[0].display_name, "Beet");
    assert_eq!(updated[1], a, "what does not change is left alone");

    let request_id = Uuid::now_v7().to_string();
    let requests = vec![renamed(&a, "Ant", ""), renamed(&b, "Beetle", "")];
    let request = BatchUpdateEnterprisesRequest { requests, request_id, validate_only: false };
    let first = clients.enterprises.batch_update_enterprises(request.clone()).await.expect("it is valid").into_inner();
    assert_eq!(first.enterprises[0].revision_token, first.enterprises[1].revision_token);
    let last = BatchUpdateEnterprisesRequest { requests: vec![renamed(&b, "Bee", "")], ..Default::default() };
    clients.enterprises.batch_update_enterprises(last).await.expect("it is valid");
    let again = clients.enterprises.batch_update_enterprises(request).await.expect("it is a repetition").into_inner();
    assert_eq!(again, first);
}

async fn a_batch_of_deletions_is_all_or_nothing(engine: Engine) {
    let (_registry, mut clients) = registry(engine).await;
    let a = clients.stored("a", enterprise("Ant", "PK", "13")).await;
    let b = clients.stored("b", enterprise("Bee", "PK", "13")).await;
    let delete = |name: &str| DeleteEnterpriseRequest { name: name.to_owned(), ..Default::default() };
    let request_id = Uuid::now_v7().to_string();
    let missing = vec![delete(&a.name), delete("enterprises/missing")];
    let missing = BatchDeleteEnterprisesRequest { requests: missing, request_id: request_id.clone() };
    let refused = clients.enterprises.batch_delete_enterprises(missing).await;
    refused_with(refused, Code::NotFound, ErrorReason::ResourceNotFound);
    assert_eq!(listed(&mut clients, &ListEnterprisesRequest::default()).await.enterprises, [a.clone(), b.clone()]);

    let request = BatchDeleteEnterprisesRequest { requests: vec![delete(&b.name), delete(&a.name)], request_id };
    let first = clients.enterprises.batch_delete_enterprises(request.clone()).await.expect("both live").into_inner();
    assert_eq!(first.enterprises.iter().map(|one| &one.name).collect::<Vec<_>>(), [&b.name, &a.name]);
    assert!(first.enterprises.iter().all(|one| one.delete_time.is_some()));
    assert!(listed(&mut clients, &ListEnterprisesRequest::default()).await.enterprises.is_empty());
    let again = clients.enterprises.batch_delete_enterprises(request).await.expect("it is a repetition").into_inner();
    assert_eq!(again, first);
}

fn new(id: &str, display_name: &str) -> CreateEnterpriseRequest {
    let enterprise = Some(enterprise(display_name, "PK", "13"));
    CreateEnterpriseRequest { enterprise, enterprise_id: id.to_owned(), ..Default::default() }
}

fn mask(paths: &[&str]) -> Option<FieldMask> {
    Some(FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() })
}

async fn listed(clients: &mut RegistryClients, request: &ListEnterprisesRequest) -> ListEnterprisesResponse {
    clients.enterprises.list_enterprises(request.clone()).await.expect("lists can be read").into_inner()
}
