//! What the registry remembers and for how long: versions, who changed what, the feed of one country, retention.

use std::time::Duration;

use e2e::clients::{RegistryClients, channel, enterprise, refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::{Engine, Registry};
use e2e::watch::{refusal, watch};
use proto::registry::v1::audit_service_client::AuditServiceClient;
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use proto::registry::v1::{
    AuditEntry, ChangeKind, CreateEnterpriseRequest, CreateOpportunityRequest, DeleteEnterpriseRequest, Enterprise,
    ErrorReason, GetChangeFeedRequest, GetEnterpriseRequest, Identifier, IdentifierScheme, ListAuditEntriesRequest,
    ListEnterpriseRevisionsRequest, Opportunity, OpportunityKind, RollbackEnterpriseRequest, UndeleteEnterpriseRequest,
    UpdateEnterpriseRequest, WatchChangesRequest,
};
use tokio::time::timeout;
use tonic::Code;
use uuid::Uuid;

on_both_engines!(
    every_version_can_be_listed_read_and_brought_back,
    a_version_that_no_longer_holds_is_not_brought_back,
    the_audit_log_tells_who_changed_what,
    a_watcher_of_one_country_sees_moves_as_births_and_ends,
    a_feed_that_is_compacted_says_so,
    a_deleted_enterprise_is_purged_and_its_id_is_free_again,
);

/// Nothing that is waited for takes so long.
const PATIENCE: Duration = Duration::from_secs(20);
const LEI: &str = "213800KUD8LAJWSQ9D15";

async fn renamed(clients: &mut RegistryClients, enterprise: &Enterprise, name: &str) -> Enterprise {
    let update = Enterprise { name: enterprise.name.clone(), display_name: name.to_owned(), ..Enterprise::default() };
    let request = UpdateEnterpriseRequest { enterprise: Some(update), ..UpdateEnterpriseRequest::default() };
    clients.enterprises.update_enterprise(request).await.expect("it can be changed").into_inner()
}

async fn moved(clients: &mut RegistryClients, enterprise: &Enterprise, region_code: &str) -> Enterprise {
    let region_code = region_code.to_owned();
    let update = Enterprise { name: enterprise.name.clone(), region_code, ..Enterprise::default() };
    let request = UpdateEnterpriseRequest { enterprise: Some(update), ..UpdateEnterpriseRequest::default() };
    clients.enterprises.update_enterprise(request).await.expect("it can move").into_inner()
}

async fn offered(clients: &mut RegistryClients, parent: &Enterprise, id: &str) -> Opportunity {
    let kind = OpportunityKind::BusinessOffer.into();
    let opportunity = Opportunity { kind, title: "Looms".to_owned(), ..Opportunity::default() };
    let request = CreateOpportunityRequest {
        parent: parent.name.clone(),
        opportunity: Some(opportunity),
        opportunity_id: id.to_owned(),
        ..CreateOpportunityRequest::default()
    };
    clients.opportunities.create_opportunity(request).await.expect("it is valid").into_inner()
}

async fn deleted(clients: &mut RegistryClients, enterprise: &Enterprise) -> Enterprise {
    let request = DeleteEnterpriseRequest { name: enterprise.name.clone(), ..DeleteEnterpriseRequest::default() };
    clients.enterprises.delete_enterprise(request).await.expect("it can be deleted").into_inner()
}

async fn read(clients: &mut RegistryClients, name: &str) -> Result<Enterprise, tonic::Status> {
    let request = GetEnterpriseRequest { name: name.to_owned(), ..GetEnterpriseRequest::default() };
    Ok(clients.enterprises.get_enterprise(request).await?.into_inner())
}

async fn every_version_can_be_listed_read_and_brought_back(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let first = clients.stored("mill", enterprise("First", "PK", "13")).await;
    let second = renamed(&mut clients, &first, "Second").await;
    clients.stored("other", enterprise("Other", "PK", "13")).await;
    let third = clients.activated(&second).await;

    let mut listed = Vec::new();
    let mut request = ListEnterpriseRevisionsRequest { name: first.name.clone(), page_size: 2, ..Default::default() };
    loop {
        let page = clients.enterprises.list_enterprise_revisions(request.clone()).await.expect("it can be listed");
        let page = page.into_inner();
        assert!(page.enterprises.len() <= 2);
        listed.extend(page.enterprises);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(listed, [third.clone(), second.clone(), first.clone()]);
    request.name = "enterprises/other".to_owned();
    let foreign = clients.enterprises.list_enterprise_revisions(request).await;
    refused_with(foreign, Code::InvalidArgument, ErrorReason::InvalidPageToken);

    for version in [&first, &second, &third] {
        let name = format!("{}@{}", version.name, version.etag);
        assert_eq!(read(&mut clients, &name).await.expect("it is kept"), *version);
    }
    let never = read(&mut clients, &format!("{}@r1", first.name)).await;
    refused_with(never, Code::NotFound, ErrorReason::ResourceNotFound);
    for wrong in ["@", "@12", "@r", "@r0", "@r-1", "@r01", "@r1@r2"] {
        let refused = read(&mut clients, &format!("{}{wrong}", first.name)).await;
        let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&status), ["name"], "{wrong}");
    }

    let request_id = Uuid::now_v7().to_string();
    let rollback =
        RollbackEnterpriseRequest { name: first.name.clone(), revision_id: first.etag, etag: third.etag, request_id };
    let back = clients.enterprises.rollback_enterprise(rollback.clone()).await.expect("it can be brought back");
    let back = back.into_inner();
    assert_eq!((back.display_name.as_str(), back.state), ("First", third.state), "the state stays");
    let again = clients.enterprises.rollback_enterprise(rollback.clone()).await.expect("it is the same request");
    assert_eq!(again.into_inner(), back);
    let late = RollbackEnterpriseRequest { request_id: String::new(), ..rollback };
    refused_with(clients.enterprises.rollback_enterprise(late.clone()).await, Code::Aborted, ErrorReason::StaleEtag);
    let unknown = RollbackEnterpriseRequest { revision_id: "r1".to_owned(), etag: String::new(), ..late };
    let unknown = clients.enterprises.rollback_enterprise(unknown).await;
    refused_with(unknown, Code::NotFound, ErrorReason::ResourceNotFound);
}

async fn a_version_that_no_longer_holds_is_not_brought_back(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let identifier =
        Identifier { scheme: IdentifierScheme::Lei.into(), value: LEI.to_owned(), ..Identifier::default() };
    let holder = Enterprise { identifiers: vec![identifier.clone()], ..enterprise("Holder", "PK", "13") };
    let first = clients.stored("holder", holder).await;
    let without = Enterprise { name: first.name.clone(), ..Enterprise::default() };
    let mask = prost_types::FieldMask { paths: vec!["identifiers".to_owned()] };
    let request = UpdateEnterpriseRequest {
        enterprise: Some(without),
        update_mask: Some(mask),
        ..UpdateEnterpriseRequest::default()
    };
    let second = clients.enterprises.update_enterprise(request).await.expect("it can be changed").into_inner();
    clients.stored("heir", Enterprise { identifiers: vec![identifier], ..enterprise("Heir", "PK", "13") }).await;

    let rollback =
        RollbackEnterpriseRequest { name: first.name.clone(), revision_id: first.etag, ..Default::default() };
    let refused = clients.enterprises.rollback_enterprise(rollback).await;
    refused_with(refused, Code::AlreadyExists, ErrorReason::IdentifierTaken);
    assert_eq!(read(&mut clients, &first.name).await.expect("it is there"), second);
}

async fn the_audit_log_tells_who_changed_what(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let mut audit = AuditServiceClient::new(channel(&registry.url()).await);
    let request_id = Uuid::now_v7().to_string();
    let request = CreateEnterpriseRequest {
        enterprise: Some(enterprise("Mill", "PK", "13")),
        enterprise_id: "mill".to_owned(),
        request_id: request_id.clone(),
        ..CreateEnterpriseRequest::default()
    };
    let mill = clients.enterprises.create_enterprise(request).await.expect("it is valid").into_inner();
    let offer = offered(&mut clients, &mill, "looms").await;
    let gone = deleted(&mut clients, &mill).await;

    let request = ListAuditEntriesRequest { resource_name: mill.name.clone(), ..Default::default() };
    let entries = audit.list_audit_entries(request.clone()).await.expect("it can be listed").into_inner();
    let told = |entry: &AuditEntry| {
        assert_eq!((entry.resource_name.as_str(), entry.actor.as_str()), (mill.name.as_str(), "anonymous"));
        (entry.method.clone(), entry.change_kind(), entry.request_id.clone(), entry.revision_token.clone())
    };
    let create = ("CreateEnterprise".to_owned(), ChangeKind::Created, request_id, mill.revision_token.clone());
    let delete = ("DeleteEnterprise".to_owned(), ChangeKind::Deleted, String::new(), gone.revision_token);
    assert_eq!(entries.audit_entries.iter().map(told).collect::<Vec<_>>(), [delete.clone(), create.clone()]);
    assert!(entries.next_page_token.is_empty());

    let page = ListAuditEntriesRequest { page_size: 1, ..request.clone() };
    let first = audit.list_audit_entries(page.clone()).await.expect("it can be listed").into_inner();
    assert_eq!(first.audit_entries.iter().map(told).collect::<Vec<_>>(), [delete]);
    let page = ListAuditEntriesRequest { page_token: first.next_page_token, ..page };
    let second = audit.list_audit_entries(page.clone()).await.expect("it can be listed").into_inner();
    assert_eq!(second.audit_entries.iter().map(told).collect::<Vec<_>>(), [create]);
    assert!(second.next_page_token.is_empty());
    let foreign = ListAuditEntriesRequest { resource_name: offer.name.clone(), ..page };
    let foreign = audit.list_audit_entries(foreign).await;
    refused_with(foreign, Code::InvalidArgument, ErrorReason::InvalidPageToken);

    for (resource_name, method) in [(offer.name.as_str(), "CreateOpportunity"), ("offices/headquarters", "Seed")] {
        let request = ListAuditEntriesRequest { resource_name: resource_name.to_owned(), ..Default::default() };
        let entries = audit.list_audit_entries(request).await.expect("it can be listed").into_inner().audit_entries;
        assert_eq!(entries.iter().map(|entry| entry.method.as_str()).collect::<Vec<_>>(), [method]);
    }
    let never = ListAuditEntriesRequest { resource_name: "enterprises/never".to_owned(), ..Default::default() };
    refused_with(audit.list_audit_entries(never).await, Code::NotFound, ErrorReason::ResourceNotFound);
    for wrong in ["", "mill", "enterprises/", "enterprises/mill@r1", "users/a", "enterprises/%"] {
        let request = ListAuditEntriesRequest { resource_name: wrong.to_owned(), ..Default::default() };
        let refused = audit.list_audit_entries(request).await;
        let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&status), ["resource_name"], "{wrong}");
    }
}

/// What a watcher of Pakistan hears, like `CREATED enterprises/a`, until a revision; the chain of events is checked.
async fn heard(clients: &mut RegistryClients, start: Start, until: &str) -> Vec<String> {
    let request = WatchChangesRequest {
        start: Some(start),
        region_codes: vec!["PK".to_owned()],
        ..WatchChangesRequest::default()
    };
    let mut stream = clients.feed.watch_changes(request).await.expect("the request is valid").into_inner();
    let mut heard = Vec::new();
    let mut before = None;
    let mut reached = String::new();
    while reached != until {
        let message = timeout(PATIENCE, stream.message()).await.expect("the feed goes on").expect("without a fault");
        let (follows, changes) = match message.expect("the stream goes on").event.expect("an event") {
            Event::SnapshotPart(part) => (before, part.changes),
            Event::SnapshotComplete(complete) => {
                (before, reached) = (Some(complete.revision), complete.revision_token);
                continue;
            }
            Event::Revisions(revisions) => {
                let mut changes = Vec::new();
                for revision in revisions.revisions {
                    assert!(before.is_none_or(|before| before == revision.previous_revision));
                    (before, reached) = (Some(revision.revision), revision.revision_token);
                    changes.extend(revision.changes);
                }
                (before, changes)
            }
            Event::Checkpoint(checkpoint) => {
                assert!(before.is_none_or(|before| before == checkpoint.previous_revision));
                reached = checkpoint.revision_token;
                (Some(checkpoint.revision), Vec::new())
            }
        };
        before = follows;
        let belongs = |name: &str| name.starts_with("enterprises/");
        let told = changes.into_iter().filter(|change| belongs(&change.name)).map(|change| {
            let kind = change.kind().as_str_name().trim_start_matches("CHANGE_KIND_").to_owned();
            format!("{kind} {}", change.name)
        });
        heard.extend(told);
    }
    heard
}

async fn a_watcher_of_one_country_sees_moves_as_births_and_ends(engine: Engine) {
    let registry = Registry::start(engine);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let start = clients.feed.get_change_feed(GetChangeFeedRequest {}).await.expect("the feed stands").into_inner();
    let chinese = clients.stored("chinese", enterprise("Chinese", "CN", "13")).await;
    offered(&mut clients, &chinese, "looms").await;
    let pakistani = clients.stored("pakistani", enterprise("Pakistani", "PK", "13")).await;
    offered(&mut clients, &pakistani, "yarn").await;
    moved(&mut clients, &chinese, "PK").await;
    renamed(&mut clients, &chinese, "Now Pakistani").await;
    moved(&mut clients, &pakistani, "TR").await;
    renamed(&mut clients, &pakistani, "Turkish").await;
    let last = clients.stored("last", enterprise("Last", "PK", "13")).await;

    let changes = heard(&mut clients, Start::FromToken(start.head_token), &last.revision_token).await;
    assert_eq!(
        changes,
        [
            "CREATED enterprises/pakistani",
            "CREATED enterprises/pakistani/opportunities/yarn",
            "CREATED enterprises/chinese",
            "CREATED enterprises/chinese/opportunities/looms",
            "UPDATED enterprises/chinese",
            "DELETED enterprises/pakistani",
            "DELETED enterprises/pakistani/opportunities/yarn",
            "CREATED enterprises/last",
        ]
    );
    let snapshot = heard(&mut clients, Start::Snapshot(true), &last.revision_token).await;
    assert_eq!(
        snapshot,
        ["CREATED enterprises/chinese", "CREATED enterprises/last", "CREATED enterprises/chinese/opportunities/looms"]
    );

    let request = WatchChangesRequest { region_codes: vec!["PK".into(), "Pakistan".into()], ..Default::default() };
    let refused = clients.feed.watch_changes(request).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["region_codes[1]"]);
}

async fn a_feed_that_is_compacted_says_so(engine: Engine) {
    let registry = Registry::start_with(engine, vec![("REGISTRY__FEED__RETENTION_REVISIONS", "3".to_owned())]);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let first = clients.stored("mill", enterprise("First", "PK", "13")).await;
    let mut last = first.clone();
    for number in 0..6 {
        last = renamed(&mut clients, &last, &format!("Name {number}")).await;
    }
    let mut feed = clients.feed.get_change_feed(GetChangeFeedRequest {}).await.expect("it stands").into_inner();
    assert_eq!(feed.retention_revisions, 3);
    assert_eq!(feed.retention_age.as_ref().map(|age| age.seconds), Some(7 * 24 * 60 * 60));
    // Compaction runs by itself, once a second.
    let compacted = async {
        while feed.earliest_revision != feed.head_revision - 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            feed = clients.feed.get_change_feed(GetChangeFeedRequest {}).await.expect("it stands").into_inner();
        }
    };
    timeout(PATIENCE, compacted).await.expect("the feed is compacted");

    let refused = refusal(&mut clients, Start::FromToken(first.revision_token.clone())).await;
    let status = refused_with(refused, Code::OutOfRange, ErrorReason::RevisionCompacted);
    assert!(status.message().contains(&feed.earliest_revision.to_string()), "{}", status.message());
    // What is still there can be resumed from, and whoever begins anew has everything.
    let mut stream = watch(&mut clients, Start::FromToken(last.revision_token.clone())).await.expect("it is retained");
    let message = timeout(PATIENCE, stream.message()).await.expect("a checkpoint comes").expect("without a fault");
    assert!(matches!(message.and_then(|message| message.event), Some(Event::Checkpoint(_))));
    let snapshot = heard(&mut clients, Start::Snapshot(true), &last.revision_token).await;
    assert_eq!(snapshot, ["CREATED enterprises/mill"]);
    // Versions stay.
    let name = format!("{}@{}", first.name, first.etag);
    assert_eq!(read(&mut clients, &name).await.expect("it is kept"), first);
}

async fn a_deleted_enterprise_is_purged_and_its_id_is_free_again(engine: Engine) {
    let registry = Registry::start_with(engine, vec![("REGISTRY__RETENTION__DELETED_SECONDS", "0".to_owned())]);
    let mut clients = RegistryClients::connect(&registry.url()).await;
    let mill = clients.stored("mill", enterprise("Mill", "PK", "13")).await;
    let offer = offered(&mut clients, &mill, "looms").await;
    let gone = deleted(&mut clients, &mill).await;
    assert_eq!(gone.purge_time, gone.delete_time);
    let undelete = UndeleteEnterpriseRequest { name: mill.name.clone(), ..Default::default() };
    let late = clients.enterprises.undelete_enterprise(undelete).await;
    refused_with(late, Code::NotFound, ErrorReason::ResourceNotFound);

    let mut stream = watch(&mut clients, Start::FromToken(gone.revision_token.clone())).await.expect("the token fits");
    let purge = loop {
        let message = timeout(PATIENCE, stream.message()).await.expect("it is purged").expect("without a fault");
        match message.expect("the stream goes on").event.expect("an event") {
            Event::Revisions(revisions) => break revisions.revisions.into_iter().next().expect("one"),
            _ => continue,
        }
    };
    let told = purge.changes.iter().map(|change| (change.kind(), change.name.as_str())).collect::<Vec<_>>();
    assert_eq!(told, [(ChangeKind::Deleted, offer.name.as_str()), (ChangeKind::Deleted, mill.name.as_str())]);
    refused_with(read(&mut clients, &mill.name).await, Code::NotFound, ErrorReason::ResourceNotFound);
    let version = read(&mut clients, &format!("{}@{}", mill.name, mill.etag)).await;
    refused_with(version, Code::NotFound, ErrorReason::ResourceNotFound);

    let again = clients.stored("mill", enterprise("Mill", "PK", "13")).await;
    assert_ne!(again.uid, mill.uid);
    let request = ListEnterpriseRevisionsRequest { name: mill.name.clone(), ..Default::default() };
    let versions = clients.enterprises.list_enterprise_revisions(request).await.expect("it can be listed");
    assert_eq!(versions.into_inner().enterprises, [again]);
    let mut audit = AuditServiceClient::new(channel(&registry.url()).await);
    let request = ListAuditEntriesRequest { resource_name: mill.name.clone(), ..Default::default() };
    let entries = audit.list_audit_entries(request).await.expect("it can be listed").into_inner().audit_entries;
    let told = entries.iter().map(|entry| (entry.actor.as_str(), entry.method.as_str())).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            ("anonymous", "CreateEnterprise"),
            ("registry", "PurgeEnterprises"),
            ("anonymous", "DeleteEnterprise"),
            ("anonymous", "CreateEnterprise"),
        ]
    );
}
