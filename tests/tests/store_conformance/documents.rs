//! Documents: what is named stays, what was removed is named no more, and no two offices share a jurisdiction.

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::document::{Body, Document};
use registry_service::domain::enterprise::Enterprise;
use registry_service::domain::ids::{OfficeId, PolicyId, RegionGroupId, ZoneId};
use registry_service::domain::office::{Jurisdiction, Office};
use registry_service::domain::opportunity::Opportunity;
use registry_service::domain::places::Region;
use registry_service::domain::policy::Policy;
use registry_service::domain::reference::{Industry, RegionGroup, Zone};
use registry_service::store::sql::SqlStore;
use registry_service::store::{Error, Expect, Put, Resource, ResourceType, Store, Written};

use crate::database::{Place, empty_store};
use crate::records::{country, deleted, enterprise, industry_id, opportunity, undeleted};
use crate::writing::{
    at_once, bodies, commit, create, document, happened, offer, offered, refusal, replace, replaced, stored, withdraw,
};

on_both_engines!(
    a_document_is_replaced_and_removed_in_the_version_that_was_read,
    what_is_named_is_not_removed,
    an_opportunity_of_a_deleted_enterprise_still_names_its_industry,
    what_was_removed_is_not_named_again,
    a_removal_and_a_new_name_for_it_never_both_succeed,
    a_removed_document_can_be_made_again,
    no_two_offices_have_the_same_jurisdiction,
    offices_of_two_processes_never_share_a_jurisdiction,
    jurisdictions_change_hands_within_one_write,
);

async fn a_document_is_replaced_and_removed_in_the_version_that_was_read(engine: Engine) {
    let store = empty_store(engine).await;
    let first = made(&store, industry("i")).await;
    assert_eq!(refusal(commit(&store, vec![document(industry("i"))]).await), "Exists(\"industries/i\")");

    let second = answered(commit(&store, vec![put(&first)]).await);
    assert_eq!(second.revision, 2);
    assert_eq!(refusal(commit(&store, vec![put(&first)]).await), "Stale(\"industries/i\")");
    assert_eq!(refusal(commit(&store, vec![remove(&first)]).await), "Stale(\"industries/i\")");

    let last = answered(commit(&store, vec![remove(&second)]).await);
    assert_eq!((last.revision, &last.body), (3, &second.body));
    assert_eq!(happened(&store, 3).await, ["DELETED industries/i"]);
    assert_eq!(store.document("industries/i").await.expect("it can be read"), None);
    assert_eq!(refusal(commit(&store, vec![remove(&last)]).await), "NotFound(\"industries/i\")");
}

async fn what_is_named_is_not_removed(engine: Engine) {
    let store = empty_store(engine).await;
    let industry = made(&store, industry("i")).await;
    let group = made(&store, group("g")).await;
    let zone = made(&store, zone("z", &[])).await;
    let office = made(&store, office("o", &[])).await;
    let target = |group: &Document| Region::Group(RegionGroupId::parse(&group.name()).expect("a group"));

    let mut naming = enterprise("a");
    naming.profile.industries = vec![industry_id("i")];
    naming.profile.target_regions = vec![target(&group)];
    naming.profile.zone = Some(ZoneId::new("z").expect("an id"));
    naming.office = OfficeId::new("o").expect("an id");
    let naming = stored(&store, &naming).await;
    for named in [&industry, &group, &zone, &office] {
        assert_eq!(dependent(&store, named).await, "enterprises/a");
    }
    // A soft-deleted enterprise does not count.
    replaced(&store, &deleted(&naming)).await;
    for named in [&zone, &office] {
        commit(&store, vec![remove(named)]).await.expect("nothing names it any more");
    }

    stored(&store, &enterprise("b")).await;
    let mut offering = opportunity("b", "x");
    offering.content.industries = vec![industry_id("i")];
    offering.content.target_regions = vec![target(&group)];
    let offering = offered(&store, &offering).await;
    for named in [&industry, &group] {
        assert_eq!(dependent(&store, named).await, "enterprises/b/opportunities/x");
    }
    commit(&store, vec![withdraw(&offering)]).await.expect("it is there");
    commit(&store, vec![remove(&group)]).await.expect("nothing names it any more");

    let zone = made(&store, self::zone("y", &["i"])).await;
    assert_eq!(dependent(&store, &industry).await, "zones/y");
    commit(&store, vec![remove(&zone)]).await.expect("nothing names it");
    let policy = made(&store, policy("p", &["i"])).await;
    assert_eq!(dependent(&store, &industry).await, "policies/p");
    commit(&store, vec![remove(&policy)]).await.expect("nothing depends on a policy");
    commit(&store, vec![remove(&industry)]).await.expect("nothing names it any more");
}

async fn an_opportunity_of_a_deleted_enterprise_still_names_its_industry(engine: Engine) {
    let store = empty_store(engine).await;
    let industry = made(&store, industry("i")).await;
    let a = stored(&store, &enterprise("a")).await;
    offered(&store, &offering("a", "i")).await;
    // It comes back with the enterprise.
    replaced(&store, &deleted(&a)).await;
    assert_eq!(dependent(&store, &industry).await, "enterprises/a/opportunities/x");
}

async fn what_was_removed_is_not_named_again(engine: Engine) {
    let store = empty_store(engine).await;
    let industry = made(&store, industry("i")).await;
    let gone = deleted(&stored(&store, &of_industry("gone", "i")).await);
    let gone = replaced(&store, &gone).await;
    stored(&store, &enterprise("a")).await;
    commit(&store, vec![remove(&industry)]).await.expect("nothing that lives names it");

    let writes = [
        create(&of_industry("b", "i")),
        offer(&offering("a", "i")),
        document(zone("z", &["i"])),
        document(policy("p", &["i"])),
        replace(&undeleted(&gone)),
    ];
    for write in writes {
        assert_eq!(refusal(commit(&store, vec![write]).await), "NotFound(\"industries/i\")");
    }
    // Whoever stays deleted may name what is gone.
    replaced(&store, &gone).await;
}

async fn a_removal_and_a_new_name_for_it_never_both_succeed(engine: Engine) {
    let place = Place::empty(engine).await;
    let processes = [place.open().await, place.open().await];
    let (mut removed, mut named) = (0, 0);
    for round in 0..20 {
        let id = format!("i{round}");
        let industry = made(&processes[0], industry(&id)).await;
        let writes = [create(&of_industry(&format!("e{round}"), &id)), remove(&industry)];
        // Together in one transaction, and apart in those of two processes, one first and the other first.
        let at = [(0, 0), (0, 1), (1, 0)][round % 3];
        let stores = [processes[at.0].clone(), processes[at.1].clone()];
        let writes = writes.into_iter().zip(stores).map(|(put, store)| async move { commit(&store, vec![put]).await });
        let outcomes = at_once(writes).await;
        let [naming, removal] = outcomes.try_into().expect("two outcomes");
        match (naming, removal) {
            (Ok(_), Err(Error::HasDependents { .. })) => named += 1,
            (Err(Error::NotFound(_)), Ok(_)) => removed += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(removed + named, 20);
}

async fn a_removed_document_can_be_made_again(engine: Engine) {
    let store = empty_store(engine).await;
    let first = made(&store, industry("i")).await;
    commit(&store, vec![remove(&first)]).await.expect("nothing names it");
    made(&store, industry("i")).await;
    stored(&store, &of_industry("a", "i")).await;
}

async fn no_two_offices_have_the_same_jurisdiction(engine: Engine) {
    let store = empty_store(engine).await;
    made(&store, office("a", &["CN-ZJ", "PK"])).await;
    let mut b = made(&store, office("b", &["CN-GD", "CN"])).await;
    let taken = refusal(commit(&store, vec![document(office("c", &["PK", "SA", "CN-GD"]))]).await);
    // All of them are told at once.
    assert!(taken.starts_with("JurisdictionsTaken("), "{taken}");
    assert!(taken.contains("OfficeId(\"a\")") && taken.contains("OfficeId(\"b\")"), "{taken}");

    b.body = office("b", &["CN-GD", "CN-ZJ"]);
    let taken = refusal(commit(&store, vec![put(&b)]).await);
    assert!(taken.starts_with("JurisdictionsTaken(") && taken.contains("OfficeId(\"a\")"), "{taken}");
    // Its own it keeps.
    b.body = office("b", &["CN-GD"]);
    commit(&store, vec![put(&b)]).await.expect("nobody else has it");
    made(&store, office("c", &["CN"])).await;
    assert_eq!(bodies(&store, ResourceType::Office).await.len(), 3);
}

async fn offices_of_two_processes_never_share_a_jurisdiction(engine: Engine) {
    let place = Place::empty(engine).await;
    let processes = [place.open().await, place.open().await];
    let writes = (0..16).map(|number: usize| {
        let store = processes[number % 2].clone();
        async move { commit(&store, vec![document(office(&format!("o{number}"), &["CN-ZJ"]))]).await }
    });
    let outcomes = at_once(writes).await;
    let refused = |outcome: &Result<Written, Error>| matches!(outcome, Err(Error::JurisdictionsTaken(_)));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| refused(outcome)).count(), 15);
    assert_eq!(bodies(&processes[0], ResourceType::Office).await.len(), 1);
}

async fn jurisdictions_change_hands_within_one_write(engine: Engine) {
    let store = empty_store(engine).await;
    let mut a = made(&store, office("a", &["CN-ZJ"])).await;
    let mut b = made(&store, office("b", &["CN-GD"])).await;
    (a.body, b.body) = (office("a", &["CN-GD"]), office("b", &["CN-ZJ"]));
    commit(&store, vec![put(&a), put(&b)]).await.expect("each has one afterwards");
}

/// Stores a new document; returns it as it was answered.
async fn made(store: &SqlStore, body: Body) -> Document {
    answered(commit(store, vec![document(body)]).await)
}

fn answered(outcome: Result<Written, Error>) -> Document {
    match outcome.expect("the write is good").answer {
        Resource::Document(document) => *document,
        other => panic!("not a document: {other:?}"),
    }
}

/// Who is told to name a document that was to be removed.
async fn dependent(store: &SqlStore, named: &Document) -> String {
    match commit(store, vec![remove(named)]).await {
        Err(Error::HasDependents { name, dependent }) if name == named.name() => dependent,
        other => panic!("{other:?}"),
    }
}

fn put(document: &Document) -> Put {
    Put::Document(Box::new(document.clone()), Expect::Revision(document.revision))
}

fn remove(document: &Document) -> Put {
    Put::RemoveDocument(Box::new(document.clone()), Expect::Revision(document.revision))
}

fn of_industry(id: &str, industry: &str) -> Enterprise {
    let mut enterprise = enterprise(id);
    enterprise.profile.industries = vec![industry_id(industry)];
    enterprise
}

fn offering(parent: &str, industry: &str) -> Opportunity {
    let mut opportunity = opportunity(parent, "x");
    opportunity.content.industries = vec![industry_id(industry)];
    opportunity
}

fn industry(id: &str) -> Body {
    let display_name = format!("The industry {id}");
    Body::Industry(Industry { id: industry_id(id), display_name, isic_codes: Vec::new(), hs_codes: Vec::new() })
}

fn group(id: &str) -> Body {
    let id = RegionGroupId::new(id).expect("an id");
    Body::RegionGroup(RegionGroup { id, display_name: "A group".to_owned(), memberships: Vec::new() })
}

fn zone(id: &str, industries: &[&str]) -> Body {
    Body::Zone(Zone {
        id: ZoneId::new(id).expect("an id"),
        display_name: format!("The zone {id}"),
        region: country("CN"),
        subdivision: None,
        city: String::new(),
        focus_industries: industries.iter().map(|id| industry_id(id)).collect(),
    })
}

fn office(id: &str, jurisdictions: &[&str]) -> Body {
    Body::Office(Office {
        id: OfficeId::new(id).expect("an id"),
        display_name: format!("The office {id}"),
        jurisdictions: jurisdictions.iter().map(|code| Jurisdiction::parse(code).expect("a place")).collect(),
        city: String::new(),
    })
}

fn policy(id: &str, industries: &[&str]) -> Body {
    Body::Policy(Policy {
        id: PolicyId::new(id).expect("an id"),
        display_name: String::new(),
        description: String::new(),
        weights: Vec::new(),
        fusion: None,
        industry_priorities: industries.iter().map(|id| (industry_id(id), 1)).collect(),
        bounds: None,
    })
}
