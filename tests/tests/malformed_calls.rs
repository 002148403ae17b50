//! Malformed calls: bytes that are no message, arguments that fit nothing, and what both services say to them.

use e2e::clients::{channel, enterprise, matcher, refused_with, violated_fields};
use e2e::services::Engine;
use e2e::untouched::Untouched;
use e2e::{on_both_engines, raw};
use prost_types::FieldMask;
use proto::matcher::v1::find_partners_request::Subject;
use proto::matcher::v1::{ComputePairingRequest, EnterprisePair, ExplainPairingRequest, FindPartnersRequest, Side};
use proto::registry::v1::{
    Criterion, CriterionWeight, Enterprise, ErrorReason, GetEnterpriseRequest, ListEnterprisesRequest,
    ListOpportunitiesRequest, Policy, UpdateEnterpriseRequest,
};
use tonic::Code;
use tonic_types::StatusExt;

/// Nothing that is refused here may leave a trace.
static SUITE: Untouched = Untouched::new();

on_both_engines!(
    bytes_that_are_no_message_are_an_argument_error,
    a_message_that_is_too_large_is_refused,
    an_unknown_method_is_unimplemented,
    page_sizes_are_bounded_and_page_tokens_belong_to_their_list,
    masks_name_writable_fields_or_are_refused,
    an_update_hears_of_its_mask_its_name_and_its_values_at_once,
    names_that_are_no_names_are_refused_and_unknown_ones_not_found,
    filters_that_cannot_be_read_are_refused,
    the_matcher_refuses_what_it_cannot_read,
);

async fn bytes_that_are_no_message_are_an_argument_error(engine: Engine) {
    let suite = SUITE.begin(engine).await;
    let registry = channel(&suite.pair.registry.url()).await;
    let matcher = channel(&suite.pair.matcher.url()).await;
    let create = "/corridor.registry.v1.EnterpriseService/CreateEnterprise";
    let find = "/corridor.matcher.v1.MatcherService/FindPartners";
    let messages: [&[u8]; 6] = [
        // A field cut off in the middle.
        b"\x0a\x7fabc",
        // Field 2 (`enterprise_id`, a text) as a number; field 1 of FindPartners (a text) as one.
        b"\x08\x01\x10\x01",
        // A text that is not UTF-8, in field 2 of the one and field 1 of the other.
        b"\x12\x02\xff\xfe\x0a\x02\xff\xfe",
        // An end of a group that never began.
        b"\x0c",
        // A length beyond any message.
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        // Noise.
        &[0xff; 64],
    ];
    for message in messages {
        for (channel, path) in [(&registry, create), (&matcher, find)] {
            let refused = raw::call(channel.clone(), path, message).await;
            refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        }
    }
    suite.end().await;
}

async fn a_message_that_is_too_large_is_refused(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    let large = Enterprise { description: "x".repeat(5 * 1024 * 1024), ..enterprise("A mill", "PK", "13") };
    let created = suite.create(large).await;
    let status = refused_with(created, Code::ResourceExhausted, ErrorReason::LimitExceeded);
    let info = status.get_details_error_info().expect("it has one");
    assert_eq!(info.metadata["limit"], "server.max_message_bytes");
    assert!(info.metadata.contains_key("maximum"), "{info:?}");
    suite.end().await;
}

async fn an_unknown_method_is_unimplemented(engine: Engine) {
    let suite = SUITE.begin(engine).await;
    let registry = channel(&suite.pair.registry.url()).await;
    for path in ["/corridor.registry.v1.EnterpriseService/Guess", "/corridor.registry.v1.NoService/Guess"] {
        let refused = raw::call(registry.clone(), path, b"").await;
        refused_with(refused, Code::Unimplemented, ErrorReason::MethodUnknown);
    }
    suite.end().await;
}

async fn page_sizes_are_bounded_and_page_tokens_belong_to_their_list(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    let list = |page_size: i32, page_token: &str, filter: &str| ListEnterprisesRequest {
        page_size,
        page_token: page_token.to_owned(),
        filter: filter.to_owned(),
        ..ListEnterprisesRequest::default()
    };
    let refused = suite.registry.enterprises.list_enterprises(list(-1, "", "")).await;
    suite.check_fields(refused.map(drop), &["page_size"]);

    let everything = suite.registry.enterprises.list_enterprises(list(1_000_000_000, "", "")).await;
    assert_eq!(everything.expect("more than the most counts as the most").into_inner().enterprises.len(), 3);

    let page = suite.registry.enterprises.list_enterprises(list(1, "", "")).await.expect("a page").into_inner();
    let token = page.next_page_token;
    assert!(!token.is_empty());
    let foreign = suite.registry.enterprises.list_enterprises(list(1, &token, "region_code = \"PK\"")).await;
    refused_with(foreign, Code::InvalidArgument, ErrorReason::InvalidPageToken);
    let request = ListOpportunitiesRequest {
        parent: "enterprises/-".to_owned(),
        page_token: token.clone(),
        ..ListOpportunitiesRequest::default()
    };
    let foreign = suite.registry.opportunities.list_opportunities(request).await;
    refused_with(foreign, Code::InvalidArgument, ErrorReason::InvalidPageToken);
    for garbage in ["x", "\u{202e}", &token[1..], &"A".repeat(100_000)] {
        let refused = suite.registry.enterprises.list_enterprises(list(1, garbage, "")).await;
        refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidPageToken);
    }
    suite.end().await;
}

async fn masks_name_writable_fields_or_are_refused(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    for path in ["no_such_field", "state", "uid", "create_time", "identifiers.value", "", "\0", "Display_Name"] {
        let update =
            Enterprise { name: "enterprises/target".to_owned(), city: "Lahore".to_owned(), ..Default::default() };
        let request = UpdateEnterpriseRequest {
            enterprise: Some(update),
            update_mask: Some(FieldMask { paths: vec!["city".to_owned(), path.to_owned()] }),
            ..UpdateEnterpriseRequest::default()
        };
        let refused = suite.registry.enterprises.update_enterprise(request).await;
        let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        let fields = violated_fields(&status);
        assert!(
            fields.iter().all(|field| field.starts_with("update_mask")) && !fields.is_empty(),
            "{path}: {fields:?}"
        );
    }
    // What the mask clears must not be required.
    let request = UpdateEnterpriseRequest {
        enterprise: Some(Enterprise { name: "enterprises/target".to_owned(), ..Enterprise::default() }),
        update_mask: Some(FieldMask { paths: vec!["*".to_owned()] }),
        ..UpdateEnterpriseRequest::default()
    };
    let refused = suite.registry.enterprises.update_enterprise(request).await;
    suite.check_fields(refused.map(drop), &["enterprise.display_name", "enterprise.region_code"]);
    suite.end().await;
}

async fn an_update_hears_of_its_mask_its_name_and_its_values_at_once(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    let update = Enterprise {
        name: "enterprises/Target".to_owned(),
        subdivision_code: "CN-lower".to_owned(),
        founded_year: 3_000,
        ..Enterprise::default()
    };
    let paths = ["subdivision_code", "founded_year", "uid"].map(str::to_owned).to_vec();
    let request = UpdateEnterpriseRequest {
        enterprise: Some(update),
        update_mask: Some(FieldMask { paths }),
        request_id: "not a UUID".to_owned(),
        ..UpdateEnterpriseRequest::default()
    };
    let refused = suite.registry.enterprises.update_enterprise(request).await;
    let expected =
        ["enterprise.founded_year", "enterprise.name", "enterprise.subdivision_code", "request_id", "update_mask"];
    suite.check_fields(refused.map(drop), &expected);
    suite.end().await;
}

async fn names_that_are_no_names_are_refused_and_unknown_ones_not_found(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    let long = format!("enterprises/{}", "x".repeat(64));
    for name in ["", "target", "enterprises/", "enterprises/Target", "enterprises/a/b", "offices/target", &long] {
        let got = suite
            .registry
            .enterprises
            .get_enterprise(GetEnterpriseRequest { name: name.to_owned(), read_mask: None })
            .await;
        suite.check_fields(got.map(drop), &["name"]);
    }
    let unknown = GetEnterpriseRequest { name: "enterprises/nobody".to_owned(), read_mask: None };
    let got = suite.registry.enterprises.get_enterprise(unknown).await;
    refused_with(got, Code::NotFound, ErrorReason::ResourceNotFound);
    suite.end().await;
}

async fn filters_that_cannot_be_read_are_refused(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    let deep = format!("{}region_code = \"PK\"{}", "(".repeat(2_000), ")".repeat(2_000));
    let long = "region_code = \"PK\" OR ".repeat(500);
    let injection = "region_code = \"PK'; DROP TABLE enterprise; --\" AND (";
    for filter in
        ["region_code =", "secret = 1", "state = NOT_A_STATE", "region_code > \"A\"", &deep, &long, injection, "\0"]
    {
        let request = ListEnterprisesRequest { filter: filter.to_owned(), ..ListEnterprisesRequest::default() };
        let refused = suite.registry.enterprises.list_enterprises(request).await;
        suite.check_fields(refused.map(drop), &["filter"]);
    }
    suite.end().await;
}

async fn the_matcher_refuses_what_it_cannot_read(engine: Engine) {
    let suite = SUITE.begin(engine).await;
    let mut matcher = matcher(&suite.pair.matcher.url()).await;
    let target = || Some(Subject::Enterprise("enterprises/target".to_owned()));

    let request = FindPartnersRequest {
        subject: None,
        regions: vec!["Pakistan".to_owned()],
        policy: Some(Policy {
            weights: vec![CriterionWeight { criterion: Criterion::Scale.into(), weight: -1 }],
            ..Policy::default()
        }),
        filter: "(".to_owned(),
        page_size: -1,
        as_of: "2025-13-40".to_owned(),
        ..FindPartnersRequest::default()
    };
    let refused = matcher.find_partners(request).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    let fields = violated_fields(&status);
    for field in ["as_of", "filter", "page_size", "policy.weights[0].weight", "regions[0]"] {
        assert!(fields.iter().any(|found| found == field), "`{field}` is not among {fields:?}");
    }

    let request = FindPartnersRequest {
        subject: target(),
        at_least_revision: "unreadable".to_owned(),
        ..FindPartnersRequest::default()
    };
    let refused = matcher.find_partners(request).await;
    refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidRevisionToken);

    let request =
        FindPartnersRequest { subject: target(), page_token: "x".to_owned(), ..FindPartnersRequest::default() };
    let refused = matcher.find_partners(request).await;
    refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidPageToken);

    let request = FindPartnersRequest { subject: target(), page_size: 1_000_000_000, ..FindPartnersRequest::default() };
    matcher.find_partners(request).await.expect("more than the most counts as the most");

    let (a, b) = ("enterprises/target".to_owned(), "enterprises/nobody".to_owned());
    let refused = matcher.explain_pairing(ExplainPairingRequest { a, b, ..Default::default() }).await;
    refused_with(refused, Code::NotFound, ErrorReason::ResourceNotFound);

    let request = ComputePairingRequest {
        a: Some(Side { regions: vec!["PK".to_owned()], max_pairs: -1, ..Side::default() }),
        b: None,
        max_pairs: -1,
        vetoes: vec![EnterprisePair { a: "target".to_owned(), ..EnterprisePair::default() }],
        ..ComputePairingRequest::default()
    };
    let refused = match matcher.compute_pairing(request).await {
        Ok(answer) => answer.into_inner().message().await.map(drop),
        Err(status) => Err(status),
    };
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    let fields = violated_fields(&status);
    for field in ["a.max_pairs", "b", "max_pairs", "vetoes[0].a", "vetoes[0].b"] {
        assert!(fields.iter().any(|found| found == field), "`{field}` is not among {fields:?}");
    }
    suite.end().await;
}
