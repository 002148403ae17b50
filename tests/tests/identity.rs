//! Records that are one company: told apart or held when they come, found when they are looked for, merged and set apart.

use e2e::clients::{RegistryClients, enterprise, matcher, refused_with, violated_fields};
use e2e::on_both_engines;
use e2e::services::Engine;
use e2e::services::Pair;
use e2e::shared::SharedPairs;
use proto::matcher::v1::FindPartnersRequest;
use proto::matcher::v1::find_partners_request::Subject as Partnered;
use proto::registry::v1::find_duplicates_request::Subject;
use proto::registry::v1::import_enterprises_request::Part;
use proto::registry::v1::{
    ActivateEnterpriseRequest, CreateOpportunityRequest, Duplicate, DuplicateAspect, Enterprise, EnterpriseState,
    ErrorReason, FindDuplicatesRequest, FindDuplicatesResponse, GetEnterpriseRequest, Identifier, IdentifierScheme,
    ImportEnterprisesRequest, ImportHeader, ImportRow, ListEnterprisesRequest, LookupEnterpriseRequest,
    MergeEnterprisesRequest, NameKind, Opportunity, OpportunityKind, OtherName, UnmergeEnterpriseRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Both services on both engines; every test has names of its own.
static PAIRS: SharedPairs = SharedPairs::new(|| Pair::start(Engine::Sqlite), || Pair::start(Engine::Postgres));

on_both_engines!(
    a_look_alike_in_another_script_is_held_until_its_hold_is_dismissed,
    an_import_holds_look_alikes_unless_its_header_allows_them,
    duplicates_explain_themselves_and_their_parts_add_up,
    what_is_wrong_with_a_search_is_told_at_once,
    a_merged_record_redirects_and_comes_back,
    a_merged_record_takes_part_no_more,
);

async fn registry(engine: Engine) -> RegistryClients {
    RegistryClients::connect(&PAIRS.on(engine).registry.url()).await
}

fn with_name(original: &str, language_code: &str, enterprise: Enterprise) -> Enterprise {
    let name =
        OtherName { value: original.to_owned(), language_code: language_code.to_owned(), kind: NameKind::Legal.into() };
    Enterprise { other_names: vec![name], ..enterprise }
}

fn cuin(value: &str) -> Identifier {
    Identifier { scheme: IdentifierScheme::PkCuin.into(), value: value.to_owned(), ..Identifier::default() }
}

/// The metadata of a refusal's one `ErrorInfo`.
fn metadata(status: &Status, key: &str) -> String {
    let info = status.get_details_error_info().expect("every refusal has one");
    info.metadata.get(key).cloned().unwrap_or_default()
}

async fn duplicates(registry: &mut RegistryClients, subject: Subject) -> FindDuplicatesResponse {
    let request = FindDuplicatesRequest { subject: Some(subject), ..FindDuplicatesRequest::default() };
    registry.enterprises.find_duplicates(request).await.expect("duplicates can be looked for").into_inner()
}

async fn merge(registry: &mut RegistryClients, from: &Enterprise, into: &Enterprise) -> Enterprise {
    let request = MergeEnterprisesRequest { name: from.name.clone(), into: into.name.clone(), ..Default::default() };
    registry.enterprises.merge_enterprises(request).await.expect("both live").into_inner()
}

async fn read(registry: &mut RegistryClients, name: &str) -> Enterprise {
    let request = GetEnterpriseRequest { name: name.to_owned(), ..GetEnterpriseRequest::default() };
    registry.enterprises.get_enterprise(request).await.expect("it exists").into_inner()
}

async fn a_look_alike_in_another_script_is_held_until_its_hold_is_dismissed(engine: Engine) {
    let mut registry = registry(engine).await;
    let first = registry.stored("held-first", enterprise("Yunus Brothers Cement (Pvt.) Limited", "PK", "23")).await;
    assert_eq!(first.state(), EnterpriseState::Draft);
    let second = with_name("یونس برادرز سیمنٹ لمیٹڈ", "ur", enterprise("Younus Brothers Cement", "PK", "23"));
    let second = registry.stored("held-second", second).await;
    assert_eq!(second.state(), EnterpriseState::InReview);
    assert_eq!(second.holds.len(), 1);
    assert_eq!(second.holds[0].enterprise, first.name);

    let mut request = ActivateEnterpriseRequest { name: second.name.clone(), ..ActivateEnterpriseRequest::default() };
    let refused = registry.enterprises.activate_enterprise(request.clone()).await;
    let status = refused_with(refused, Code::FailedPrecondition, ErrorReason::LookalikeHold);
    assert_eq!(metadata(&status, "enterprise"), first.name);
    assert_eq!(metadata(&status, "score_ppm"), second.holds[0].score_ppm.to_string());

    request.dismiss_holds = true;
    let active = registry.enterprises.activate_enterprise(request).await.expect("its holds are dismissed").into_inner();
    assert_eq!((active.state(), active.holds.len()), (EnterpriseState::Active, 0));
}

async fn an_import_holds_look_alikes_unless_its_header_allows_them(engine: Engine) {
    let mut registry = registry(engine).await;
    let row = |row: i64, id: &str, name: &str| ImportRow {
        row,
        enterprise_id: id.to_owned(),
        enterprise: Some(enterprise(name, "CN", "26")),
    };
    for (allow_lookalikes, ids, second) in [
        (false, ["strict-1", "strict-2"], EnterpriseState::InReview),
        (true, ["lax-1", "lax-2"], EnterpriseState::Active),
    ] {
        let header =
            ImportHeader { request_id: uuid::Uuid::new_v4().to_string(), allow_lookalikes, ..Default::default() };
        let (latin, chinese) =
            (format!("Dahua {} Technology Co., Ltd.", ids[0]), format!("大华 {} 技术有限公司", ids[0]));
        let parts = [Part::Header(header), Part::Row(row(1, ids[0], &latin)), Part::Row(row(2, ids[1], &chinese))];
        let requests = parts.map(|part| ImportEnterprisesRequest { part: Some(part) });
        let answer = registry.enterprises.import_enterprises(tokio_stream::iter(requests)).await;
        let mut outcomes = answer.expect("the import begins").into_inner();
        while outcomes.message().await.expect("the stream ends well").is_some() {}
        assert_eq!(read(&mut registry, &format!("enterprises/{}", ids[0])).await.state(), EnterpriseState::Active);
        assert_eq!(read(&mut registry, &format!("enterprises/{}", ids[1])).await.state(), second, "{ids:?}");
    }
}

async fn duplicates_explain_themselves_and_their_parts_add_up(engine: Engine) {
    let mut registry = registry(engine).await;
    let moutai = Enterprise {
        city: "Zunyi".to_owned(),
        website_uri: "https://www.moutaichina.com".to_owned(),
        ..with_name("贵州茅台酒股份有限公司", "zh", enterprise("Kweichow Moutai Co., Ltd.", "CN", "11"))
    };
    let stored = registry.stored("moutai", moutai.clone()).await;
    let itself = duplicates(&mut registry, Subject::Enterprise(moutai.clone())).await;
    assert_eq!(scores(&itself.duplicates), [(stored.name.as_str(), 1_000_000)]);

    let elsewhere =
        Enterprise { city: "Guiyang".to_owned(), display_name: "Kweichow Moutai Liquor".to_owned(), ..moutai };
    let found = duplicates(&mut registry, Subject::Enterprise(elsewhere)).await;
    assert_eq!(found.candidates_considered, 1);
    let found = &found.duplicates[0];
    assert_eq!(
        (found.enterprise.as_str(), found.display_name.as_str()),
        ("enterprises/moutai", "Kweichow Moutai Co., Ltd.")
    );
    let sum: i32 = found.evidence.iter().map(|one| one.contribution_ppm).sum();
    assert_eq!(sum, found.score_ppm);
    let aspects: Vec<DuplicateAspect> = found.evidence.iter().map(|one| one.aspect()).collect();
    let all = [DuplicateAspect::Name, DuplicateAspect::Region, DuplicateAspect::City, DuplicateAspect::Website];
    assert_eq!(aspects, all);
    assert_eq!((found.evidence[2].similarity_ppm, found.evidence[2].contribution_ppm), (0, 0));
    assert_eq!(found.evidence[3].subject_value, "moutaichina.com");

    // A registered record is not its own duplicate.
    assert_eq!(duplicates(&mut registry, Subject::Name(stored.name)).await.duplicates, []);
}

fn scores(duplicates: &[Duplicate]) -> Vec<(&str, i32)> {
    duplicates.iter().map(|one| (one.enterprise.as_str(), one.score_ppm)).collect()
}

async fn what_is_wrong_with_a_search_is_told_at_once(engine: Engine) {
    let mut registry = registry(engine).await;
    let subject = Some(Subject::Enterprise(Enterprise { region_code: "XX".to_owned(), ..Enterprise::default() }));
    let request = FindDuplicatesRequest { subject, min_score_ppm: 1_000_001, page_size: -1 };
    let refused = registry.enterprises.find_duplicates(request).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(
        violated_fields(&status),
        ["enterprise.display_name", "enterprise.region_code", "min_score_ppm", "page_size"]
    );
    let refused = registry.enterprises.find_duplicates(FindDuplicatesRequest::default()).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["name"]);
    let subject = Some(Subject::Name("enterprises/nobody".to_owned()));
    let refused = registry.enterprises.find_duplicates(FindDuplicatesRequest { subject, ..Default::default() }).await;
    refused_with(refused, Code::NotFound, ErrorReason::ResourceNotFound);
    let request = MergeEnterprisesRequest { name: "x".to_owned(), into: "y".to_owned(), ..Default::default() };
    let refused = registry.enterprises.merge_enterprises(request).await;
    let status = refused_with(refused, Code::InvalidArgument, ErrorReason::InvalidFields);
    assert_eq!(violated_fields(&status), ["into", "name"]);
}

async fn a_merged_record_redirects_and_comes_back(engine: Engine) {
    let mut registry = registry(engine).await;
    let numbered =
        |name: &str, number: &str| Enterprise { identifiers: vec![cuin(number)], ..enterprise(name, "PK", "13") };
    let from = registry.active("merge-from", numbered("Crescent Fibres", "7000001")).await;
    let into = registry.active("merge-into", numbered("Masood Fabrics", "7000002")).await;
    let offer =
        Opportunity { kind: OpportunityKind::BusinessOffer.into(), title: "Yarn".to_owned(), ..Opportunity::default() };
    let request = CreateOpportunityRequest {
        parent: from.name.clone(),
        opportunity: Some(offer.clone()),
        opportunity_id: "yarn".to_owned(),
        ..Default::default()
    };
    registry.opportunities.create_opportunity(request.clone()).await.expect("the opportunity is valid");

    let stays = merge(&mut registry, &from, &into).await;
    assert_eq!((stays.name.as_str(), stays.identifiers.len()), (into.name.as_str(), 2));
    let merged = read(&mut registry, &from.name).await;
    assert_eq!((merged.state(), merged.identifiers.len()), (EnterpriseState::Merged, 0));
    assert_eq!(merged.revision_token, stays.revision_token, "a merge is one revision");
    let redirect = merged.merge.expect("it says where it went");
    assert_eq!((redirect.into.as_str(), redirect.moved_opportunities.len()), (into.name.as_str(), 1));
    assert_eq!(redirect.moved_opportunities[0].to, "enterprises/merge-into/opportunities/yarn");
    let lookup = LookupEnterpriseRequest { scheme: IdentifierScheme::PkCuin.into(), value: "7000001".to_owned() };
    let holder = registry.enterprises.lookup_enterprise(lookup).await.expect("somebody has it").into_inner();
    assert_eq!(holder.name, into.name);
    let list = ListEnterprisesRequest { filter: "state = MERGED".to_owned(), ..Default::default() };
    let listed = registry.enterprises.list_enterprises(list).await.expect("the filter is good").into_inner();
    assert!(listed.enterprises.iter().any(|one| one.name == from.name));

    let refused = registry
        .opportunities
        .create_opportunity(CreateOpportunityRequest { opportunity_id: "cloth".to_owned(), ..request });
    let status = refused_with(refused.await, Code::FailedPrecondition, ErrorReason::IllegalTransition);
    assert_eq!(metadata(&status, "allowed"), "UnmergeEnterprise");

    let request = UnmergeEnterpriseRequest { name: from.name.clone(), ..UnmergeEnterpriseRequest::default() };
    let back = registry.enterprises.unmerge_enterprise(request.clone()).await.expect("it is merged").into_inner();
    assert_eq!((back.state(), &back.identifiers, &back.merge), (EnterpriseState::Active, &from.identifiers, &None));
    assert_eq!(read(&mut registry, &into.name).await.identifiers, into.identifiers);
    let refused = registry.enterprises.unmerge_enterprise(request).await;
    let status = refused_with(refused, Code::FailedPrecondition, ErrorReason::IllegalTransition);
    assert_eq!(
        (metadata(&status, "state"), metadata(&status, "allowed")),
        ("ACTIVE".into(), "SuspendEnterprise".into())
    );
}

async fn a_merged_record_takes_part_no_more(engine: Engine) {
    let pair = PAIRS.on(engine);
    let mut registry = RegistryClients::connect(&pair.registry.url()).await;
    let mut matcher = matcher(&pair.matcher.url()).await;
    let loom = registry.active("part-loom", enterprise("Rifa Looms", "CN", "28")).await;
    let from = registry.active("part-from", enterprise("Sapphire Weavers", "PK", "13")).await;
    let into = registry.active("part-into", enterprise("Kohinoor Weavers", "PK", "13")).await;
    let stays = merge(&mut registry, &from, &into).await;
    let request = FindPartnersRequest {
        subject: Some(Partnered::Enterprise(loom.name)),
        page_size: 1_000,
        at_least_revision: stays.revision_token,
        ..FindPartnersRequest::default()
    };
    let answer = matcher.find_partners(request).await.expect("partners can be found").into_inner();
    let names: Vec<&str> = answer.partners.iter().map(|one| one.enterprise.as_str()).collect();
    assert!(names.contains(&into.name.as_str()) && !names.contains(&from.name.as_str()), "{names:?}");
}
