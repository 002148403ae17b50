//! Malformed records: the right status, every violation at once, never INTERNAL, and nothing half-written.

use std::collections::BTreeSet;

use e2e::clients::{RegistryClients, enterprise, refused_with, violated_fields};
use e2e::import::import;
use e2e::on_both_engines;
use e2e::services::{Engine, Registry};
use e2e::untouched::Untouched;
use proto::registry::v1::{
    Activity, BatchGetEnterprisesRequest, CreateEnterpriseRequest, CreateOpportunityRequest, Enterprise, ErrorReason,
    GetEnterpriseRequest, Identifier, IdentifierScheme, ImportRow, Opportunity, OtherName, Owner, Product,
};
use tonic::Code;
use uuid::Uuid;

/// Nothing that is refused here may leave a trace.
static SUITE: Untouched = Untouched::new();

on_both_engines!(
    an_empty_request_hears_of_every_required_field,
    a_request_with_many_mistakes_hears_of_all_of_them,
    hidden_characters_are_refused_wherever_text_is_taken,
    over_long_values_and_lists_are_refused,
    identifiers_with_a_wrong_digit_are_refused,
    a_bad_row_of_an_import_is_refused_with_all_its_mistakes_and_holds_up_no_other,
);

async fn an_empty_request_hears_of_every_required_field(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    let created = suite.create(Enterprise::default()).await;
    suite.check_fields(created, &["enterprise.display_name", "enterprise.region_code"]);

    let created = suite.registry.enterprises.create_enterprise(CreateEnterpriseRequest::default()).await;
    suite.check_fields(created.map(drop), &["enterprise"]);

    let request = CreateOpportunityRequest { opportunity: Some(Opportunity::default()), ..Default::default() };
    let created = suite.registry.opportunities.create_opportunity(request).await;
    suite.check_fields(created.map(drop), &["opportunity.kind", "opportunity.title", "parent"]);
    suite.end().await;
}

async fn a_request_with_many_mistakes_hears_of_all_of_them(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    let mistakes = Enterprise {
        display_name: String::new(),
        other_names: vec![OtherName::default()],
        region_code: "Pakistan".to_owned(),
        zone: "zone".to_owned(),
        identifiers: vec![Identifier { value: "1".to_owned(), ..Identifier::default() }],
        activities: vec![Activity { isic_code: "9999".to_owned(), ..Activity::default() }],
        products: vec![Product { hs_code: "84.46".to_owned(), ..Product::default() }],
        industries: vec!["industries/alchemy".to_owned()],
        employee_band: 77,
        revenue_band: 77,
        founded_year: -5,
        language_codes: vec!["not a language".to_owned()],
        certifications: vec![String::new()],
        target_regions: vec!["regionGroups/atlantis".to_owned()],
        presence_region_codes: vec!["pk".to_owned()],
        owners: vec![Owner { share_ppm: -1, ..Owner::default() }],
        website_uri: "ftp://example.org".to_owned(),
        verification_level: 77,
        ..Enterprise::default()
    };
    let created = suite.registry.enterprises.create_enterprise(CreateEnterpriseRequest {
        enterprise: Some(mistakes),
        enterprise_id: "-Bad-".to_owned(),
        request_id: "no uuid".to_owned(),
        ..CreateEnterpriseRequest::default()
    });
    let status = refused_with(created.await, Code::InvalidArgument, ErrorReason::InvalidFields);
    let fields = violated_fields(&status);
    for field in [
        "enterprise_id",
        "request_id",
        "enterprise.display_name",
        "enterprise.other_names[0].value",
        "enterprise.region_code",
        "enterprise.zone",
        "enterprise.identifiers[0].scheme",
        "enterprise.activities[0].isic_code",
        "enterprise.products[0].hs_code",
        "enterprise.industries[0]",
        "enterprise.employee_band",
        "enterprise.revenue_band",
        "enterprise.founded_year",
        "enterprise.language_codes[0]",
        "enterprise.certifications[0]",
        "enterprise.target_regions[0]",
        "enterprise.presence_region_codes[0]",
        "enterprise.website_uri",
        "enterprise.verification_level",
    ] {
        assert!(fields.iter().any(|found| found == field), "`{field}` is not among {fields:?}");
    }
    assert!(fields.iter().any(|found| found.starts_with("enterprise.owners[0]")), "{fields:?}");
    suite.end().await;
}

async fn hidden_characters_are_refused_wherever_text_is_taken(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    for hidden in ["\0", "\u{202e}", "\u{2066}", "\u{9b}"] {
        let text = format!("Mill{hidden}Ltd");
        let created = suite.create(Enterprise {
            display_name: text.clone(),
            other_names: vec![OtherName { value: text.clone(), ..OtherName::default() }],
            city: text.clone(),
            certifications: vec![text.clone()],
            description: text.clone(),
            products: vec![Product { hs_code: "8446".to_owned(), title: text.clone() }],
            ..enterprise("", "PK", "13")
        });
        let fields = [
            "enterprise.certifications[0]",
            "enterprise.city",
            "enterprise.description",
            "enterprise.display_name",
            "enterprise.other_names[0].value",
            "enterprise.products[0].title",
        ];
        let created = created.await;
        suite.check_fields(created, &fields);

        let request = GetEnterpriseRequest { name: format!("enterprises/{text}"), read_mask: None };
        let got = suite.registry.enterprises.get_enterprise(request).await;
        suite.check_fields(got.map(drop), &["name"]);
    }
    suite.end().await;
}

async fn over_long_values_and_lists_are_refused(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    let other_name = OtherName { value: "Mill".to_owned(), ..OtherName::default() };
    let activity = |number: usize| Activity { isic_code: format!("{number}"), ..Activity::default() };
    let created = suite.create(Enterprise {
        display_name: "x".repeat(301),
        other_names: vec![other_name; 21],
        city: "x".repeat(121),
        activities: (10..31).map(activity).collect(),
        certifications: (0..51).map(|number| format!("ISO {number}")).collect(),
        website_uri: format!("https://example.org/{}", "x".repeat(500)),
        description: "x".repeat(5_001),
        ..enterprise("", "PK", "13")
    });
    let fields = [
        "enterprise.activities",
        "enterprise.certifications",
        "enterprise.city",
        "enterprise.description",
        "enterprise.display_name",
        "enterprise.other_names",
        "enterprise.website_uri",
    ];
    let created = created.await;
    suite.check_fields(created, &fields);

    let names = (0..1_001).map(|number| format!("enterprises/e{number}")).collect();
    let got =
        suite.registry.enterprises.batch_get_enterprises(BatchGetEnterprisesRequest { names, read_mask: None }).await;
    suite.check_fields(got.map(drop), &["names"]);
    suite.end().await;
}

async fn identifiers_with_a_wrong_digit_are_refused(engine: Engine) {
    let mut suite = SUITE.begin(engine).await;
    // Each is a valid number with one digit changed.
    let wrong = [
        (IdentifierScheme::CnUscc, "91110000600037341N"),
        (IdentifierScheme::CnUscc, "914403001922038217"),
        (IdentifierScheme::Lei, "213800KUD8LXJWSQ9D15"),
        (IdentifierScheme::Isin, "PK0025701018"),
        (IdentifierScheme::PkCuin, "337422"),
        (IdentifierScheme::PkNtn, "123456"),
    ];
    let identifiers = wrong.map(|(scheme, value)| Identifier {
        scheme: scheme.into(),
        value: value.to_owned(),
        ..Identifier::default()
    });
    let created = suite.create(Enterprise { identifiers: identifiers.to_vec(), ..enterprise("A mill", "PK", "13") });
    let created = created.await;
    let fields = (0..wrong.len()).map(|index| format!("enterprise.identifiers[{index}].value")).collect::<Vec<_>>();
    suite.check_fields(created, &fields.iter().map(String::as_str).collect::<Vec<_>>());
    suite.end().await;
}

async fn a_bad_row_of_an_import_is_refused_with_all_its_mistakes_and_holds_up_no_other(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let good = |row: i64| ImportRow {
        row,
        enterprise_id: format!("good-{row}"),
        enterprise: Some(enterprise("A good row", "PK", "13")),
    };
    let bad = Enterprise { founded_year: -1, ..enterprise("A bad\u{202e} row", "Pakistan", "13") };
    let bad = ImportRow { row: 2, enterprise_id: "bad".to_owned(), enterprise: Some(bad) };
    let empty = ImportRow { row: 3, ..ImportRow::default() };
    let rows = vec![good(1), bad, empty, good(4)];
    let imported = import(&mut clients, &Uuid::now_v7().to_string(), rows).await.expect("the stream ends well");

    assert_eq!(imported.names, ["enterprises/good-1", "enterprises/good-4"]);
    assert_eq!(imported.refused.iter().map(|outcome| outcome.row).collect::<Vec<_>>(), [2, 3]);
    for outcome in &imported.refused {
        assert_eq!(outcome.reason(), ErrorReason::InvalidFields, "{outcome:?}");
    }
    let mistakes = imported.refused[0].violations.iter().map(|found| found.field.as_str()).collect::<BTreeSet<_>>();
    let expected = ["enterprise.display_name", "enterprise.founded_year", "enterprise.region_code"];
    assert_eq!(mistakes, BTreeSet::from(expected));
    let stored = clients.all().await;
    assert_eq!(stored.into_iter().map(|one| one.name).collect::<Vec<_>>(), imported.names);

    let refused = import(&mut clients, "no uuid", vec![good(5)]).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status).len(), 1);
    assert_eq!(clients.all().await.len(), 2);
}
