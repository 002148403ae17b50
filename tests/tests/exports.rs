//! Exports: everything as of one revision, for another registry to take over.

use e2e::clients::{RegistryClients, enterprise};
use e2e::import::Imported;
use e2e::on_both_engines;
use e2e::process::run;
use e2e::services::{Engine, Registry, sample_files};
use e2e::warden::guarded_folder;
use prost::Message;
use proto::registry::v1::import_enterprises_request::Part;
use proto::registry::v1::{
    DeleteEnterpriseRequest, Enterprise, ErrorReason, ExportEnterprisesRequest, GetChangeFeedRequest, Identifier,
    IdentifierScheme, ImportEnterprisesRequest, ImportHeader, ImportRow,
};
use uuid::Uuid;

on_both_engines!(what_one_registry_exports_another_restores_byte_by_byte);

const LEI: &str = "213800KUD8LAJWSQ9D15";

async fn exported(clients: &mut RegistryClients, filter: &str) -> Vec<Enterprise> {
    let request = ExportEnterprisesRequest { filter: filter.to_owned() };
    let mut stream = clients.enterprises.export_enterprises(request).await.expect("it can be exported").into_inner();
    let mut exported = Vec::new();
    let mut tokens = Vec::new();
    while let Some(message) = stream.message().await.expect("the export goes on") {
        exported.extend(message.enterprises);
        tokens.push(message.revision_token);
    }
    tokens.dedup();
    let head = clients.feed.get_change_feed(GetChangeFeedRequest {}).await.expect("the feed stands").into_inner();
    assert_eq!(tokens, [head.head_token], "one revision");
    exported
}

fn bytes(enterprises: &[Enterprise]) -> Vec<Vec<u8>> {
    enterprises.iter().map(Message::encode_to_vec).collect()
}

/// Imports what was exported, and tells how many rows did what.
async fn imported(clients: &mut RegistryClients, records: &[Enterprise], restore: bool) -> Imported {
    let request_id = Uuid::now_v7().to_string();
    let header = Part::Header(ImportHeader { request_id, restore, ..ImportHeader::default() });
    let row = |(row, record): (i64, &Enterprise)| {
        let enterprise_id = record.name.trim_start_matches("enterprises/").to_owned();
        Part::Row(ImportRow { row, enterprise_id, enterprise: Some(record.clone()) })
    };
    let parts = std::iter::once(header).chain((1..).zip(records).map(row));
    let requests = parts.map(|part| ImportEnterprisesRequest { part: Some(part) }).collect::<Vec<_>>();
    let outcomes = clients.enterprises.import_enterprises(tokio_stream::iter(requests)).await;
    let mut outcomes = outcomes.expect("the header is valid").into_inner();
    let mut imported = Imported::default();
    while let Some(response) = outcomes.message().await.expect("the import goes on") {
        imported.add(response);
    }
    imported
}

async fn what_one_registry_exports_another_restores_byte_by_byte(engine: Engine) {
    let registries = [Registry::start(engine), Registry::start(engine)];
    let mut one = RegistryClients::connect(&registries[0].url()).await;
    let mut other = RegistryClients::connect(&registries[1].url()).await;
    let identifier =
        Identifier { scheme: IdentifierScheme::Lei.into(), value: LEI.to_owned(), ..Identifier::default() };
    let full = Enterprise { identifiers: vec![identifier], city: "Lahore".into(), ..enterprise("Full", "PK", "13") };
    one.active("full", full).await;
    one.stored("draft", enterprise("Draft", "CN", "28")).await;
    let gone = one.stored("gone", enterprise("Gone", "CN", "28")).await;
    let request = DeleteEnterpriseRequest { name: gone.name, ..DeleteEnterpriseRequest::default() };
    one.enterprises.delete_enterprise(request).await.expect("it can be deleted");
    let records = exported(&mut one, "").await;
    assert_eq!(
        records.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
        ["enterprises/draft", "enterprises/full"]
    );
    assert!(records.iter().all(|record| record.etag.is_empty() && record.revision_token.is_empty()));

    let first = imported(&mut other, &records, true).await;
    assert_eq!((first.created, first.refused.len()), (2, 0), "{:?}", first.refused);
    assert_eq!(bytes(&exported(&mut other, "").await), bytes(&records));
    let again = imported(&mut other, &records, true).await;
    assert_eq!((again.unchanged, again.rows()), (2, 2));
    assert_eq!(exported(&mut other, "region_code = \"PK\"").await, records[1..]);
    assert_eq!(exported(&mut other, "region_code = \"TR\"").await, []);

    // What would make another record of it, or cannot be kept as it is, is refused and says why.
    let another = Enterprise { uid: Uuid::now_v7().to_string(), ..records[0].clone() };
    let broken = Enterprise { office: "offices/nowhere".into(), uid: "1".into(), state: 99, ..records[1].clone() };
    let refused = imported(&mut other, &[another, broken], true).await.refused;
    let reasons = refused.iter().map(|outcome| outcome.reason()).collect::<Vec<_>>();
    assert_eq!(reasons, [ErrorReason::ResourceExists, ErrorReason::InvalidFields]);
    let fields = refused[1].violations.iter().map(|violation| violation.field.as_str()).collect::<Vec<_>>();
    assert_eq!(fields, ["enterprise.uid", "enterprise.state", "enterprise.office"]);
    // Without `restore` everything is so already, whatever the registry has assigned.
    let plain = imported(&mut other, &records, false).await;
    assert_eq!((plain.unchanged, plain.rows()), (2, 2));
}

#[tokio::test]
async fn an_export_to_a_file_can_be_restored_from_it() {
    let registries = [Registry::start(Engine::Sqlite), Registry::start(Engine::Sqlite)];
    let mut one = RegistryClients::connect(&registries[0].url()).await;
    let mut other = RegistryClients::connect(&registries[1].url()).await;
    for number in 0..700 {
        one.stored(&format!("e{number}"), enterprise("One of many", "PK", "13")).await;
    }
    let folder = guarded_folder("export-");
    let file = folder.join("all.binpb");
    let path = file.to_str().expect("a plain name");
    let told = run("registry-service", &["export", path, "--address", &registries[0].url()]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = run("registry-service", &["import", path, "--restore", "--address", &registries[1].url()]);
    assert_eq!(
        String::from_utf8_lossy(&told.stdout),
        "all.binpb: 700 created, 0 updated, 0 unchanged, 0 refused\n",
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    assert_eq!(bytes(&exported(&mut other, "").await), bytes(&exported(&mut one, "").await));

    // A filter that is wrong leaves no file, and only exports can be restored.
    let none = folder.join("none.binpb");
    let wrong = ["export", none.to_str().expect("a plain name"), "--filter", "no=\"1\"", "--address"];
    assert!(!run("registry-service", &[&wrong[..], &[registries[0].url().as_str()]].concat()).status.success());
    let left = std::fs::read_dir(&folder).expect("it is there").map(|entry| entry.expect("it can be read").file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["all.binpb"]);
    let samples = sample_files();
    let csv = samples[0].to_str().expect("a plain name");
    assert!(
        !run("registry-service", &["import", csv, "--restore", "--address", &registries[1].url()]).status.success()
    );
}
