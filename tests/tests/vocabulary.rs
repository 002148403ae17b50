//! The vocabulary: what can be named follows the documents, and what is named stays.

use std::time::Duration;

use e2e::clients::{RegistryClients, enterprise, refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::{Engine, Registry};
use proto::registry::v1::{
    CreateEnterpriseRequest, CreateIndustryRequest, CreateZoneRequest, DeleteEnterpriseRequest, DeleteIndustryRequest,
    DeleteRegionGroupRequest, DeleteZoneRequest, Enterprise, ErrorReason, Industry, UndeleteEnterpriseRequest, Zone,
};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

on_both_engines!(
    what_is_named_cannot_be_deleted,
    what_was_made_can_be_named_at_once_and_what_was_deleted_no_more,
    another_process_knows_soon_what_can_be_named,
    an_enterprise_that_names_what_is_gone_stays_deleted_until_it_is_back,
);

async fn what_is_named_cannot_be_deleted(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let zone = clients.made_zone("z").await;
    let naming = Enterprise {
        zone: zone.name.clone(),
        target_regions: vec!["regionGroups/oic".to_owned()],
        industries: vec!["industries/blockchain".to_owned()],
        ..enterprise("Names all of them", "CN", "62")
    };
    let naming = clients.stored("naming", naming).await;

    let industry = DeleteIndustryRequest { name: "industries/blockchain".to_owned(), ..Default::default() };
    let group = DeleteRegionGroupRequest { name: "regionGroups/oic".to_owned(), ..Default::default() };
    let delete_zone = DeleteZoneRequest { name: zone.name, ..Default::default() };
    let refused = [
        clients.reference.delete_industry(industry.clone()).await.map(drop),
        clients.reference.delete_region_group(group.clone()).await.map(drop),
        clients.reference.delete_zone(delete_zone.clone()).await.map(drop),
    ];
    for outcome in refused {
        let status = refused_with(outcome, Code::FailedPrecondition, ErrorReason::HasDependents);
        let info = status.get_details_error_info().expect("every error has one");
        assert_eq!(info.metadata.get("dependent").map(String::as_str), Some("enterprises/naming"));
    }

    let request = DeleteEnterpriseRequest { name: naming.name, ..DeleteEnterpriseRequest::default() };
    clients.enterprises.delete_enterprise(request).await.expect("it lives");
    clients.reference.delete_industry(industry).await.expect("nothing names it any more");
    clients.reference.delete_region_group(group).await.expect("nothing names it any more");
    clients.reference.delete_zone(delete_zone).await.expect("nothing names it any more");
}

async fn what_was_made_can_be_named_at_once_and_what_was_deleted_no_more(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    for round in 0..10 {
        let id = format!("i{round}");
        let name = clients.made_industry(&id).await.name;
        let naming = Enterprise { industries: vec![name.clone()], ..enterprise("E", "PK", "13") };
        let naming = clients.stored(&format!("e{round}"), naming).await;
        let request = DeleteEnterpriseRequest { name: naming.name, ..DeleteEnterpriseRequest::default() };
        clients.enterprises.delete_enterprise(request).await.expect("it lives");
        let request = DeleteIndustryRequest { name: name.clone(), ..DeleteIndustryRequest::default() };
        clients.reference.delete_industry(request).await.expect("nothing names it any more");
        let refused = clients.named("late", &name).await;
        let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&status), ["enterprise.industries[0]"]);
    }
    let unknown = Enterprise { zone: "zones/nowhere".to_owned(), ..enterprise("E", "PK", "13") };
    let request = CreateEnterpriseRequest { enterprise: Some(unknown), ..CreateEnterpriseRequest::default() };
    let refused = clients.enterprises.create_enterprise(request).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["enterprise.zone"]);
}

async fn another_process_knows_soon_what_can_be_named(engine: Engine) {
    let (registry, mut clients) = start(engine).await;
    let beside = registry.start_beside();
    let mut others = RegistryClients::connect(&beside.url()).await;
    let industry = clients.made_industry("fresh").await;
    let mut outcome = others.named("named", &industry.name).await;
    // It is told by the feed, which is polled many times a second.
    for _ in 0..500 {
        if outcome.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        outcome = others.named("named", &industry.name).await;
    }
    let named = outcome.expect("the industry became known");
    let request = DeleteIndustryRequest { name: industry.name, ..DeleteIndustryRequest::default() };
    let refused = clients.reference.delete_industry(request).await;
    let status = refused_with(refused, Code::FailedPrecondition, ErrorReason::HasDependents);
    assert!(status.message().contains(&named.name), "{status:?}");
}

async fn an_enterprise_that_names_what_is_gone_stays_deleted_until_it_is_back(engine: Engine) {
    let (_registry, mut clients) = start(engine).await;
    let industry = clients.made_industry("i").await;
    let naming = clients.named("naming", &industry.name).await.expect("the industry is known");
    let delete = DeleteEnterpriseRequest { name: naming.name.clone(), ..DeleteEnterpriseRequest::default() };
    clients.enterprises.delete_enterprise(delete).await.expect("it lives");
    let delete = DeleteIndustryRequest { name: industry.name, ..DeleteIndustryRequest::default() };
    clients.reference.delete_industry(delete).await.expect("nothing that lives names it");

    let undelete = UndeleteEnterpriseRequest { name: naming.name, ..UndeleteEnterpriseRequest::default() };
    let refused = clients.enterprises.undelete_enterprise(undelete.clone()).await;
    let status = refused_with(refused, Code::NotFound, ErrorReason::ResourceNotFound);
    assert!(status.message().contains("industries/i"), "{status:?}");
    clients.made_industry("i").await;
    clients.enterprises.undelete_enterprise(undelete).await.expect("what it names is there again");
}

async fn start(engine: Engine) -> (Registry, RegistryClients) {
    let registry = Registry::start(engine);
    let clients = RegistryClients::connect(&registry.url()).await;
    (registry, clients)
}

/// What the claims make, and name.
trait Vocabulary {
    async fn made_zone(&mut self, id: &str) -> Zone;
    async fn made_industry(&mut self, id: &str) -> Industry;
    /// An enterprise that names an industry.
    async fn named(&mut self, id: &str, industry: &str) -> Result<Enterprise, Status>;
}

impl Vocabulary for RegistryClients {
    async fn made_zone(&mut self, id: &str) -> Zone {
        let zone = Zone { display_name: "Z".to_owned(), region_code: "CN".to_owned(), ..Zone::default() };
        let request = CreateZoneRequest { zone: Some(zone), zone_id: id.to_owned(), ..CreateZoneRequest::default() };
        self.reference.create_zone(request).await.expect("the zone is valid").into_inner()
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

    async fn named(&mut self, id: &str, industry: &str) -> Result<Enterprise, Status> {
        let naming = Enterprise { industries: vec![industry.to_owned()], ..enterprise("Names it", "PK", "13") };
        let request = CreateEnterpriseRequest {
            enterprise: Some(naming),
            enterprise_id: id.to_owned(),
            ..CreateEnterpriseRequest::default()
        };
        self.enterprises.create_enterprise(request).await.map(Response::into_inner)
    }
}
