//! Offices: exactly one is responsible for an enterprise at any time, by its place or by a transfer.

use e2e::clients::{RegistryClients, enterprise, refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::{Engine, Registry, sample_files};
use e2e::watch::watch;
use prost_types::FieldMask;
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use proto::registry::v1::{
    CreateOfficeRequest, DeleteEnterpriseRequest, DeleteOfficeRequest, Enterprise, ErrorReason, GetEnterpriseRequest,
    Office, OfficeAssignment, TransferEnterpriseRequest, UndeleteEnterpriseRequest, UpdateEnterpriseRequest,
    UpdateOfficeRequest, change,
};
use tonic::{Code, Status};
use uuid::Uuid;

on_both_engines!(
    an_enterprise_belongs_to_the_office_of_its_place,
    an_enterprise_that_moves_changes_its_office_unless_it_was_transferred,
    an_imported_enterprise_belongs_to_the_office_of_its_place,
    a_transfer_is_one_revision_and_is_taken_back_by_an_empty_office,
    a_transfer_names_a_known_office_and_a_reason,
    jurisdictions_that_change_move_nobody,
    no_two_offices_have_the_same_jurisdiction,
    the_headquarters_stay,
    an_office_that_is_responsible_cannot_be_deleted,
    an_undeleted_enterprise_has_an_office_that_is_there,
    offices_travel_in_the_feed,
);

const HEADQUARTERS: &str = "offices/headquarters";
const DELTA: &str = "offices/yangtze-river-delta";

async fn an_enterprise_belongs_to_the_office_of_its_place(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    clients.made_office("punjab", &["PK-PB"]).await.expect("nobody has it");
    clients.made_office("pakistan", &["PK"]).await.expect("nobody has it");
    let places = [
        ("a", "CN-ZJ", DELTA),
        ("b", "CN-GD", HEADQUARTERS),
        ("c", "CN", HEADQUARTERS),
        ("d", "PK-PB", "offices/punjab"),
        ("e", "PK-SD", "offices/pakistan"),
        ("f", "PK", "offices/pakistan"),
        ("g", "SA", HEADQUARTERS),
    ];
    for (id, place, office) in places {
        let stored = clients.stored(id, at(place)).await;
        assert_eq!((stored.office.as_str(), stored.office_assignment()), (office, OfficeAssignment::Jurisdiction));
        assert_eq!(clients.read(&stored.name).await, stored, "{place}");
    }
}

async fn an_enterprise_that_moves_changes_its_office_unless_it_was_transferred(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let stored = clients.stored("a", at("CN-ZJ")).await;
    let moved = clients.moved(&stored, "CN-GD").await;
    assert_eq!((moved.office.as_str(), moved.office_assignment()), (HEADQUARTERS, OfficeAssignment::Jurisdiction));
    let back = clients.moved(&moved, "CN-SH").await;
    assert_eq!(back.office, DELTA);

    let kept = clients.transferred(&back.name, HEADQUARTERS).await.expect("both are there");
    let moved = clients.moved(&kept, "CN-AH").await;
    assert_eq!((moved.office.as_str(), moved.office_assignment()), (HEADQUARTERS, OfficeAssignment::Transfer));
}

async fn an_imported_enterprise_belongs_to_the_office_of_its_place(engine: Engine) {
    let (registry, mut clients) = start(engine).await;
    for file in sample_files() {
        if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("enterprises")) {
            registry.import(&file);
        }
    }
    let all = clients.all().await;
    let delta = ["CN-ZJ", "CN-JS", "CN-SH", "CN-AH"];
    let mut of_the_delta = 0;
    for enterprise in &all {
        let expected = if delta.contains(&enterprise.subdivision_code.as_str()) { DELTA } else { HEADQUARTERS };
        assert_eq!(enterprise.office, expected, "{}", enterprise.name);
        of_the_delta += usize::from(expected == DELTA);
    }
    assert!(of_the_delta > 0 && of_the_delta < all.len(), "{of_the_delta} of {}", all.len());
}

async fn a_transfer_is_one_revision_and_is_taken_back_by_an_empty_office(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let first = clients.stored("a", at("CN-ZJ")).await;
    let request = TransferEnterpriseRequest {
        name: first.name.clone(),
        etag: first.etag.clone(),
        request_id: Uuid::now_v7().to_string(),
        office: HEADQUARTERS.to_owned(),
        reason: "It asked for it".to_owned(),
    };
    let second = clients.enterprises.transfer_enterprise(request.clone()).await.expect("the etag is right");
    let second = second.into_inner();
    assert_eq!((second.office.as_str(), second.office_assignment()), (HEADQUARTERS, OfficeAssignment::Transfer));
    let again = clients.enterprises.transfer_enterprise(request.clone()).await.expect("it is remembered");
    assert_eq!(again.into_inner(), second);
    let other = TransferEnterpriseRequest { reason: "Another".to_owned(), ..request.clone() };
    let refused = clients.enterprises.transfer_enterprise(other).await;
    refused_with(refused, Code::InvalidArgument, ErrorReason::RequestIdReused);
    let stale = TransferEnterpriseRequest { request_id: String::new(), ..request };
    refused_with(clients.enterprises.transfer_enterprise(stale).await, Code::Aborted, ErrorReason::StaleEtag);

    // It is there already, so there is no new version.
    let same = clients.transferred(&first.name, HEADQUARTERS).await.expect("it is there");
    assert_eq!(same, second);
    let back = clients.transferred(&first.name, "").await.expect("some office is responsible");
    assert_eq!((back.office.as_str(), back.office_assignment()), (DELTA, OfficeAssignment::Jurisdiction));
    assert_ne!(back.etag, second.etag);
}

async fn a_transfer_names_a_known_office_and_a_reason(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let stored = clients.stored("a", at("CN-ZJ")).await;
    let unknown = clients.transferred(&stored.name, "offices/nowhere").await;
    let status = refused_with(unknown, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["office"]);
    for reason in [String::new(), " ".to_owned(), "x".repeat(501)] {
        let request = TransferEnterpriseRequest {
            name: "a".to_owned(),
            office: "delta".to_owned(),
            reason,
            ..TransferEnterpriseRequest::default()
        };
        let refused = clients.enterprises.transfer_enterprise(request).await;
        let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&status), ["name", "office", "reason"]);
    }
    let missing = clients.transferred("enterprises/missing", HEADQUARTERS).await;
    refused_with(missing, Code::NotFound, ErrorReason::ResourceNotFound);
    let delete = DeleteEnterpriseRequest { name: stored.name.clone(), ..DeleteEnterpriseRequest::default() };
    clients.enterprises.delete_enterprise(delete).await.expect("it lives");
    let deleted = clients.transferred(&stored.name, HEADQUARTERS).await;
    refused_with(deleted, Code::FailedPrecondition, ErrorReason::IllegalTransition);
    assert_eq!(clients.read(&stored.name).await.office, DELTA);
}

async fn jurisdictions_that_change_move_nobody(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let stored = clients.stored("a", at("CN-ZJ")).await;
    clients.changed_office(DELTA, &["CN-JS", "CN-SH", "CN-AH"]).await.expect("it had them");
    clients.made_office("zhejiang", &["CN-ZJ"]).await.expect("nobody has it any more");
    assert_eq!(clients.read(&stored.name).await, stored);
    // Whoever comes now goes by the new order, and so does whoever is handed over by it.
    assert_eq!(clients.stored("b", at("CN-ZJ")).await.office, "offices/zhejiang");
    let handed_over = clients.transferred(&stored.name, "").await.expect("some office is responsible");
    assert_eq!(handed_over.office, "offices/zhejiang");
}

async fn no_two_offices_have_the_same_jurisdiction(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let taken = clients.made_office("second", &["CN-GD", "CN-ZJ", "CN-SH"]).await;
    let status = refused_with(taken, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["office.jurisdictions", "office.jurisdictions"]);
    clients.made_office("second", &["CN-GD"]).await.expect("nobody has it");
    let taken = clients.changed_office("offices/second", &["CN-GD", "CN-AH"]).await;
    let status = refused_with(taken, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["office.jurisdictions"]);
}

async fn the_headquarters_stay(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let refused = clients.changed_office(HEADQUARTERS, &["SA"]).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["office.jurisdictions"]);
    let refused = clients.deleted_office(HEADQUARTERS).await;
    refused_with(refused, Code::FailedPrecondition, ErrorReason::HasDependents);
}

async fn an_office_that_is_responsible_cannot_be_deleted(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let stored = clients.stored("a", at("CN-ZJ")).await;
    refused_with(clients.deleted_office(DELTA).await, Code::FailedPrecondition, ErrorReason::HasDependents);
    clients.transferred(&stored.name, HEADQUARTERS).await.expect("both are there");
    let deleted = clients.deleted_office(DELTA).await.expect("nobody belongs to it");
    assert_eq!(deleted.jurisdictions.len(), 4);
    assert_eq!(clients.stored("b", at("CN-ZJ")).await.office, HEADQUARTERS);
}

async fn an_undeleted_enterprise_has_an_office_that_is_there(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let stored = clients.stored("a", at("CN-ZJ")).await;
    let delete = DeleteEnterpriseRequest { name: stored.name.clone(), ..DeleteEnterpriseRequest::default() };
    clients.enterprises.delete_enterprise(delete).await.expect("it lives");
    clients.deleted_office(DELTA).await.expect("nobody that lives belongs to it");
    let undelete = UndeleteEnterpriseRequest { name: stored.name, ..UndeleteEnterpriseRequest::default() };
    let back = clients.enterprises.undelete_enterprise(undelete).await.expect("it was deleted").into_inner();
    assert_eq!(back.office, HEADQUARTERS);
}

async fn offices_travel_in_the_feed(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let before = clients.stored("a", at("CN-GD")).await;
    let office = clients.made_office("guangdong", &["CN-GD"]).await.expect("nobody has it");
    let moved = clients.transferred(&before.name, "").await.expect("some office is responsible");
    let mut feed = watch(&mut clients, Start::FromToken(before.revision_token)).await.expect("it can be watched");
    let mut resources = Vec::new();
    while resources.len() < 2 {
        let event = feed.message().await.expect("the feed goes on").and_then(|response| response.event);
        let Some(Event::Revisions(revisions)) = event else { continue };
        let changes = revisions.revisions.into_iter().flat_map(|revision| revision.changes);
        resources.extend(changes.filter_map(|change| change.resource));
    }
    assert_eq!(resources, [change::Resource::Office(office), change::Resource::Enterprise(moved)]);
}

async fn start(engine: Engine) -> (Registry, RegistryClients) {
    let registry = Registry::start(engine);
    let clients = RegistryClients::connect(&registry.url()).await;
    (registry, clients)
}

/// An enterprise in a country, `PK`, or in a subdivision, `PK-SD`.
fn at(place: &str) -> Enterprise {
    let subdivision_code = if place.len() > 2 { place.to_owned() } else { String::new() };
    Enterprise { subdivision_code, ..enterprise("An enterprise", &place[..2], "13") }
}

fn office(jurisdictions: &[&str]) -> Office {
    let jurisdictions = jurisdictions.iter().map(|code| (*code).to_owned()).collect();
    Office { display_name: "An office".to_owned(), jurisdictions, ..Office::default() }
}

/// What the claims do with offices.
trait Offices {
    async fn made_office(&mut self, id: &str, jurisdictions: &[&str]) -> Result<Office, Status>;
    async fn changed_office(&mut self, name: &str, jurisdictions: &[&str]) -> Result<Office, Status>;
    async fn deleted_office(&mut self, name: &str) -> Result<Office, Status>;
    async fn transferred(&mut self, enterprise: &str, office: &str) -> Result<Enterprise, Status>;
    async fn moved(&mut self, enterprise: &Enterprise, place: &str) -> Enterprise;
    async fn read(&mut self, enterprise: &str) -> Enterprise;
}

impl Offices for RegistryClients {
    async fn made_office(&mut self, id: &str, jurisdictions: &[&str]) -> Result<Office, Status> {
        let (office, office_id) = (Some(office(jurisdictions)), id.to_owned());
        let request = CreateOfficeRequest { office, office_id, ..CreateOfficeRequest::default() };
        self.reference.create_office(request).await.map(tonic::Response::into_inner)
    }

    async fn changed_office(&mut self, name: &str, jurisdictions: &[&str]) -> Result<Office, Status> {
        let office = Office { name: name.to_owned(), ..office(jurisdictions) };
        let update_mask = Some(FieldMask { paths: vec!["jurisdictions".to_owned()] });
        let request = UpdateOfficeRequest { office: Some(office), update_mask, ..UpdateOfficeRequest::default() };
        self.reference.update_office(request).await.map(tonic::Response::into_inner)
    }

    async fn deleted_office(&mut self, name: &str) -> Result<Office, Status> {
        let request = DeleteOfficeRequest { name: name.to_owned(), ..DeleteOfficeRequest::default() };
        self.reference.delete_office(request).await.map(tonic::Response::into_inner)
    }

    async fn transferred(&mut self, enterprise: &str, office: &str) -> Result<Enterprise, Status> {
        let request = TransferEnterpriseRequest {
            name: enterprise.to_owned(),
            office: office.to_owned(),
            reason: "A claim".to_owned(),
            ..TransferEnterpriseRequest::default()
        };
        self.enterprises.transfer_enterprise(request).await.map(tonic::Response::into_inner)
    }

    async fn moved(&mut self, enterprise: &Enterprise, place: &str) -> Enterprise {
        let moved = Enterprise { name: enterprise.name.clone(), ..at(place) };
        let update_mask = Some(FieldMask { paths: vec!["region_code".to_owned(), "subdivision_code".to_owned()] });
        let request = UpdateEnterpriseRequest { enterprise: Some(moved), update_mask, ..Default::default() };
        self.enterprises.update_enterprise(request).await.expect("the update is valid").into_inner()
    }

    async fn read(&mut self, enterprise: &str) -> Enterprise {
        let request = GetEnterpriseRequest { name: enterprise.to_owned(), ..GetEnterpriseRequest::default() };
        self.enterprises.get_enterprise(request).await.expect("it is there").into_inner()
    }
}
