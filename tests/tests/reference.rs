//! Reference data: what every registry begins with, and how it is kept.

use e2e::clients::{RegistryClients, refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::{Engine, Registry};
use e2e::watch::watch;
use prost_types::FieldMask;
use proto::registry::v1::watch_changes_request::Start;
use proto::registry::v1::watch_changes_response::Event;
use proto::registry::v1::{
    Change, ChangeKind, CreateIndustryRequest, CreateRegionGroupRequest, CreateZoneRequest, DeleteZoneRequest,
    ErrorReason, EvaluateMembershipRequest, GetIndustryRequest, GetRegionGroupRequest, GetZoneRequest, Industry,
    ListIndustriesRequest, ListOfficesRequest, ListRegionGroupsRequest, ListZonesRequest, Membership, RegionGroup,
    UpdateIndustryRequest, UpdateRegionGroupRequest, UpdateZoneRequest, Zone, change,
};
use tonic::{Code, Response, Status};
use uuid::Uuid;

on_both_engines!(
    a_new_registry_has_the_reference_data_of_the_programme,
    membership_of_a_region_group_depends_on_the_day,
    a_document_is_created_read_changed_and_deleted,
    every_violation_is_told_at_once,
    a_stale_etag_changes_nothing,
    a_repeated_request_has_one_effect_and_the_first_answer,
    validate_only_judges_and_changes_nothing,
    lists_come_page_by_page_in_order_of_name,
    every_type_travels_in_the_feed,
);

async fn a_new_registry_has_the_reference_data_of_the_programme(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let industries = clients.reference.list_industries(ListIndustriesRequest::default()).await;
    let industries = industries.expect("lists can be read").into_inner().industries;
    assert_eq!(industries.len(), 11);
    assert!(industries.iter().all(|one| !one.etag.is_empty() && !one.revision_token.is_empty()));

    let groups = clients.reference.list_region_groups(ListRegionGroupsRequest::default()).await;
    let groups = groups.expect("lists can be read").into_inner().region_groups;
    assert_eq!((groups.len(), groups[0].name.as_str(), groups[0].memberships.len()), (1, "regionGroups/oic", 58));

    let zones = clients.reference.list_zones(ListZonesRequest::default()).await;
    let zones = zones.expect("lists can be read").into_inner().zones;
    let zone = &zones[0];
    assert_eq!((zones.len(), zone.name.as_str(), zone.city.as_str()), (1, "zones/south-taihu-lake", "Huzhou"));
    assert_eq!(zone.subdivision_code, "CN-ZJ");

    let offices = clients.reference.list_offices(ListOfficesRequest::default()).await;
    let offices = offices.expect("lists can be read").into_inner().offices;
    let names: Vec<&str> = offices.iter().map(|office| office.name.as_str()).collect();
    assert_eq!(names, ["offices/headquarters", "offices/yangtze-river-delta"]);
    assert!(offices[0].jurisdictions.is_empty());
    assert_eq!(offices[1].jurisdictions, ["CN-ZJ", "CN-JS", "CN-SH", "CN-AH"]);
}

async fn membership_of_a_region_group_depends_on_the_day(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    for (code, day, member) in [
        ("SY", "2012-08-14", true),
        ("SY", "2015-01-01", false),
        ("SY", "2026-01-01", true),
        ("PK", "2015-01-01", true),
        ("CN", "2026-01-01", false),
    ] {
        assert_eq!(is_member(&mut clients, "regionGroups/oic", code, day).await.ok(), Some(member), "{code} {day}");
    }
    let missing = is_member(&mut clients, "regionGroups/none", "PK", "2026-01-01").await;
    refused_with(missing, Code::NotFound, ErrorReason::ResourceNotFound);
    let wrong = is_member(&mut clients, "oic", "XX", "2026-13-01").await;
    let status = refused_with(wrong, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["as_of", "region_code", "region_group"]);

    // A change of the memberships is heard at once.
    let span = Membership { region_code: "CN".to_owned(), start_date: "2030-01-01".to_owned(), ..Default::default() };
    let group = RegionGroup { name: "regionGroups/oic".to_owned(), memberships: vec![span], ..RegionGroup::default() };
    let request = UpdateRegionGroupRequest { region_group: Some(group), ..UpdateRegionGroupRequest::default() };
    let updated = clients.reference.update_region_group(request).await.expect("the update is valid").into_inner();
    assert_eq!(updated.display_name, "Organisation of Islamic Cooperation");
    assert_eq!(is_member(&mut clients, "regionGroups/oic", "CN", "2030-01-01").await.ok(), Some(true));
    assert_eq!(is_member(&mut clients, "regionGroups/oic", "PK", "2030-01-01").await.ok(), Some(false));
}

async fn a_document_is_created_read_changed_and_deleted(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let answer = clients.made_zone("lingang", zone("Lin-gang")).await.expect("the zone is valid");
    let header = answer.metadata().get("x-corridor-revision").cloned().expect("a write tells its revision");
    let created = answer.into_inner();
    assert_eq!(header.to_str().ok(), Some(created.revision_token.as_str()));
    assert_eq!((created.name.as_str(), created.create_time), ("zones/lingang", created.update_time));
    let request = GetZoneRequest { name: created.name.clone() };
    let read = clients.reference.get_zone(request.clone()).await.expect("it is there").into_inner();
    assert_eq!(read, created);

    let again = clients.made_zone("lingang", zone("Another")).await;
    refused_with(again, Code::AlreadyExists, ErrorReason::ResourceExists);

    let wanted = Zone { city: "Shanghai".to_owned(), focus_industries: Vec::new(), ..created.clone() };
    let updated = clients.changed_zone(wanted, &["city"]).await.expect("the update is valid").into_inner();
    assert_eq!((updated.city.as_str(), &updated.focus_industries), ("Shanghai", &created.focus_industries));
    assert_ne!(updated.etag, created.etag);
    assert_eq!(updated.create_time, created.create_time);
    // Nothing changes, so there is no new version.
    let same = clients.changed_zone(updated.clone(), &["*"]).await.expect("the update is valid").into_inner();
    assert_eq!(same, updated);

    let delete = DeleteZoneRequest { name: created.name, ..DeleteZoneRequest::default() };
    let deleted = clients.reference.delete_zone(delete.clone()).await.expect("nothing names it").into_inner();
    assert_eq!(deleted.city, "Shanghai");
    let gone = clients.reference.get_zone(request).await;
    refused_with(gone, Code::NotFound, ErrorReason::ResourceNotFound);
    let gone = clients.reference.delete_zone(delete).await;
    refused_with(gone, Code::NotFound, ErrorReason::ResourceNotFound);
    let missing = Zone { name: "zones/lingang".to_owned(), ..zone("X") };
    let gone = clients.changed_zone(missing, &[]).await;
    refused_with(gone, Code::NotFound, ErrorReason::ResourceNotFound);
}

async fn every_violation_is_told_at_once(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let wrong = Zone {
        display_name: String::new(),
        region_code: "XX".to_owned(),
        city: "\0".to_owned(),
        focus_industries: vec!["industries/spice".to_owned(), "ai".to_owned()],
        ..Zone::default()
    };
    let request = CreateZoneRequest { zone: Some(wrong), zone_id: "-".to_owned(), ..CreateZoneRequest::default() };
    let refused = clients.reference.create_zone(request).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    let fields = [
        "zone.city",
        "zone.display_name",
        "zone.focus_industries[0]",
        "zone.focus_industries[1]",
        "zone.region_code",
        "zone_id",
    ];
    assert_eq!(violated_fields(&status), fields);

    // What the record says decides the rest: the zone lies in China.
    let moved = Zone { name: "zones/south-taihu-lake".to_owned(), subdivision_code: "PK-SD".to_owned(), ..zone("X") };
    let refused = clients.changed_zone(moved, &["subdivision_code"]).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["zone.subdivision_code"]);

    for request in [CreateZoneRequest::default(), CreateZoneRequest { zone_id: "z".to_owned(), ..Default::default() }] {
        let refused = clients.reference.create_zone(request).await;
        refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    }
    let read = clients.reference.get_industry(GetIndustryRequest { name: "zones/ai".to_owned() }).await;
    refused_with(read, Code::InvalidArgument, ErrorReason::InvalidFields);
}

async fn a_stale_etag_changes_nothing(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let first = clients.made_zone("z", zone("Z")).await.expect("the zone is valid").into_inner();
    let second = Zone { city: "Xi'an".to_owned(), ..first.clone() };
    let second = clients.changed_zone(second, &["city"]).await.expect("the etag is right").into_inner();

    let update = clients.changed_zone(Zone { city: "Wuhan".to_owned(), ..first.clone() }, &["city"]).await;
    refused_with(update, Code::Aborted, ErrorReason::StaleEtag);
    for etag in [first.etag.as_str(), "r0", "nonsense"] {
        let delete = DeleteZoneRequest { name: first.name.clone(), etag: etag.to_owned(), ..Default::default() };
        refused_with(clients.reference.delete_zone(delete).await, Code::Aborted, ErrorReason::StaleEtag);
    }
    let read = clients.reference.get_zone(GetZoneRequest { name: first.name.clone() }).await.expect("it is there");
    assert_eq!(read.into_inner(), second);
    let delete = DeleteZoneRequest { name: first.name, etag: second.etag, ..Default::default() };
    clients.reference.delete_zone(delete).await.expect("the etag is right");
}

async fn a_repeated_request_has_one_effect_and_the_first_answer(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let create = CreateZoneRequest {
        zone: Some(zone("Z")),
        zone_id: "z".to_owned(),
        request_id: Uuid::now_v7().to_string(),
        validate_only: false,
    };
    let first = clients.reference.create_zone(create.clone()).await.expect("the zone is valid").into_inner();
    let delete = DeleteZoneRequest {
        name: first.name.clone(),
        request_id: Uuid::now_v7().to_string(),
        ..DeleteZoneRequest::default()
    };
    let deleted = clients.reference.delete_zone(delete.clone()).await.expect("nothing names it").into_inner();
    // Whatever became of it, each request is answered as it was.
    let again = clients.reference.create_zone(create.clone()).await.expect("it is remembered").into_inner();
    assert_eq!(again, first);
    let again = clients.reference.delete_zone(delete).await.expect("it is remembered").into_inner();
    assert_eq!(again, deleted);

    let other = CreateZoneRequest { zone_id: "y".to_owned(), ..create };
    let refused = clients.reference.create_zone(other).await;
    refused_with(refused, Code::InvalidArgument, ErrorReason::RequestIdReused);
}

async fn validate_only_judges_and_changes_nothing(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let create = |id: &str| CreateZoneRequest {
        zone: Some(zone("Z")),
        zone_id: id.to_owned(),
        validate_only: true,
        ..CreateZoneRequest::default()
    };
    let judged = clients.reference.create_zone(create("z")).await.expect("the zone is valid").into_inner();
    assert_eq!((judged.name.as_str(), judged.etag.as_str(), judged.revision_token.as_str()), ("zones/z", "", ""));
    let read = clients.reference.get_zone(GetZoneRequest { name: judged.name }).await;
    refused_with(read, Code::NotFound, ErrorReason::ResourceNotFound);
    let exists = clients.reference.create_zone(create("south-taihu-lake")).await;
    refused_with(exists, Code::AlreadyExists, ErrorReason::ResourceExists);
}

async fn lists_come_page_by_page_in_order_of_name(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let whole = clients.reference.list_industries(ListIndustriesRequest::default()).await;
    let whole = whole.expect("lists can be read").into_inner().industries;
    assert!(whole.is_sorted_by_key(|industry| industry.name.clone()));
    for page_size in [1, 3, 11, 12] {
        let mut paged = Vec::new();
        let mut request = ListIndustriesRequest { page_size, ..ListIndustriesRequest::default() };
        loop {
            let page = clients.reference.list_industries(request.clone()).await.expect("pages can be read");
            let page = page.into_inner();
            assert!(page.industries.len() <= usize::try_from(page_size).expect("it is positive"));
            paged.extend(page.industries);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(paged, whole, "{page_size} a page");
    }
    // A token of one list is none of another.
    let page = clients.reference.list_industries(ListIndustriesRequest { page_size: 1, ..Default::default() }).await;
    let page_token = page.expect("pages can be read").into_inner().next_page_token;
    let foreign = clients.reference.list_zones(ListZonesRequest { page_token, ..ListZonesRequest::default() }).await;
    refused_with(foreign, Code::InvalidArgument, ErrorReason::InvalidPageToken);
}

async fn every_type_travels_in_the_feed(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let request = GetRegionGroupRequest { name: "regionGroups/oic".to_owned() };
    let seeds = clients.reference.get_region_group(request).await.expect("it is there").into_inner().revision_token;
    let industry = clients.made_industry("i").await;
    let zone = clients.made_zone("z", zone("Z")).await.expect("the zone is valid").into_inner();
    let update = Industry { display_name: "Renamed".to_owned(), name: industry.name.clone(), ..Industry::default() };
    let request = UpdateIndustryRequest { industry: Some(update), ..UpdateIndustryRequest::default() };
    let renamed = clients.reference.update_industry(request).await.expect("the update is valid").into_inner();
    let request = CreateRegionGroupRequest {
        region_group: Some(RegionGroup { display_name: "Neighbors".to_owned(), ..RegionGroup::default() }),
        region_group_id: "neighbors".to_owned(),
        ..CreateRegionGroupRequest::default()
    };
    let group = clients.reference.create_region_group(request).await.expect("the group is valid").into_inner();
    let delete = DeleteZoneRequest { name: zone.name.clone(), ..DeleteZoneRequest::default() };
    let gone = clients.reference.delete_zone(delete).await.expect("nothing names it").into_inner();

    let expected = [
        (ChangeKind::Created, change::Resource::Industry(industry)),
        (ChangeKind::Created, change::Resource::Zone(zone)),
        (ChangeKind::Updated, change::Resource::Industry(renamed)),
        (ChangeKind::Created, change::Resource::RegionGroup(group)),
        (ChangeKind::Deleted, change::Resource::Zone(gone)),
    ];
    let changes = clients.changes_after(seeds, expected.len()).await;
    let told: Vec<_> = changes.into_iter().map(|one| (one.kind(), one.resource.expect("it is whole"))).collect();
    assert_eq!(told, expected);
}

async fn start(engine: Engine) -> (Registry, RegistryClients) {
    let registry = Registry::start(engine);
    let clients = RegistryClients::connect(&registry.url()).await;
    (registry, clients)
}

fn zone(display_name: &str) -> Zone {
    Zone {
        display_name: display_name.to_owned(),
        region_code: "CN".to_owned(),
        focus_industries: vec!["industries/ai".to_owned()],
        ..Zone::default()
    }
}

async fn is_member(clients: &mut RegistryClients, group: &str, code: &str, day: &str) -> Result<bool, Status> {
    let request = EvaluateMembershipRequest {
        region_group: group.to_owned(),
        region_code: code.to_owned(),
        as_of: day.to_owned(),
    };
    clients.reference.evaluate_membership(request).await.map(|answer| answer.into_inner().member)
}

/// What the claims do with reference data.
trait Reference {
    async fn made_zone(&mut self, id: &str, zone: Zone) -> Result<Response<Zone>, Status>;
    async fn changed_zone(&mut self, zone: Zone, mask: &[&str]) -> Result<Response<Zone>, Status>;
    async fn made_industry(&mut self, id: &str) -> Industry;
    async fn changes_after(&mut self, token: String, count: usize) -> Vec<Change>;
}

impl Reference for RegistryClients {
    async fn made_zone(&mut self, id: &str, zone: Zone) -> Result<Response<Zone>, Status> {
        let request = CreateZoneRequest { zone: Some(zone), zone_id: id.to_owned(), ..CreateZoneRequest::default() };
        self.reference.create_zone(request).await
    }

    async fn changed_zone(&mut self, zone: Zone, mask: &[&str]) -> Result<Response<Zone>, Status> {
        let paths: Vec<String> = mask.iter().map(|path| (*path).to_owned()).collect();
        let update_mask = (!paths.is_empty()).then_some(FieldMask { paths });
        let request = UpdateZoneRequest { zone: Some(zone), update_mask, ..UpdateZoneRequest::default() };
        self.reference.update_zone(request).await
    }

    async fn made_industry(&mut self, id: &str) -> Industry {
        let industry = Industry { display_name: format!("The industry {id}"), ..Industry::default() };
        let request = CreateIndustryRequest {
            industry: Some(industry),
            industry_id: id.to_owned(),
            ..CreateIndustryRequest::default()
        };
        self.reference.create_industry(request).await.expect("the industry is valid").into_inner()
    }

    async fn changes_after(&mut self, token: String, count: usize) -> Vec<Change> {
        let mut feed = watch(self, Start::FromToken(token)).await.expect("the feed can be watched");
        let mut changes = Vec::new();
        while changes.len() < count {
            let event = feed.message().await.expect("the feed goes on").and_then(|response| response.event);
            let Some(Event::Revisions(revisions)) = event else { continue };
            changes.extend(revisions.revisions.into_iter().flat_map(|revision| revision.changes));
        }
        changes
    }
}
