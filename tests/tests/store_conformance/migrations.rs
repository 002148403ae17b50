//! A database of the first version is brought up to this one, with what is in it.

use std::fmt::Write as _;
use std::sync::Arc;

use e2e::on_both_engines;
use e2e::services::Engine;
use prost::Message;
use proto::registry::v1 as pb;
use registry_service::domain::codes::{HsCode, IsicCode, IsicRevision};
use registry_service::domain::enterprise::{Activity, Enterprise};
use registry_service::domain::opportunity::Opportunity;
use registry_service::store::sql::SqlStore;
use registry_service::store::{ChangeKind, Listing, Resource, ResourceType, Store, codec, fields};
use service_kit::filter;

use crate::database::Place;
use crate::records::{at, country, deleted, enterprise, enterprise_id, industry_id, opportunity};
use crate::writing::{enterprise_ids, feed, head, listing, opportunity_names, stored};

on_both_engines!(
    a_database_of_the_first_version_is_brought_up_with_its_records,
    more_records_than_are_read_at_a_time_are_all_brought_up,
);

/// Never changes: databases of that version do not either.
const FIRST_TABLES: &str = include_str!("first_tables.sql");

async fn a_database_of_the_first_version_is_brought_up_with_its_records(engine: Engine) {
    let mill = Enterprise { revision: 1, ..mill("mill") };
    let gone = Enterprise { revision: 2, ..deleted(&enterprise("gone")) };
    let offer = Opportunity { revision: 3, ..looms() };
    let place = Place::empty(engine).await;
    let resources = [
        Resource::Enterprise(Box::new(mill.clone())),
        Resource::Enterprise(Box::new(gone.clone())),
        Resource::Opportunity(Box::new(offer.clone())),
    ];
    place.run(&first_version(engine, &resources)).await;
    let store = place.open().await;

    assert_eq!(store.enterprise(&mill.id).await.expect("it can be read"), Some(mill.clone()));
    assert_eq!(store.enterprise(&gone.id).await.expect("it can be read"), Some(gone.clone()));
    assert_eq!(store.opportunity(&offer.id).await.expect("it can be read"), Some(offer.clone()));

    for text in [
        "industries:silk-textile",
        "isic:27",
        "region_code = PK",
        "city = Faisalabad",
        "display_name = 'The mill'",
        "founded_year = 1951",
        "office = 'offices/headquarters' AND city:*",
        "create_time = '2025-06-15T15:06:45.123456Z'",
    ] {
        assert_eq!(found(&store, text).await, ["mill"], "{text}");
    }
    assert!(found(&store, "industries:stale").await.is_empty(), "terms are made anew");
    let all = Listing { show_deleted: true, ..listing() };
    assert_eq!(enterprise_ids(&store, &all).await, ["gone", "mill"]);
    let filter = filter::parse("hs:84 AND title = 'Looms'", fields::OPPORTUNITIES).expect("a filter");
    let looms = Listing { filter, ..listing() };
    assert_eq!(opportunity_names(&store, None, &looms).await, ["enterprises/mill/opportunities/looms"]);
    let keys = registry_service::domain::likeness::search_keys(&mill.profile);
    let (alike, _) = store.lookalikes(keys, 10, 10).await.expect("it can be read");
    assert_eq!(alike, [mill]);

    // The feed and the audit log go on from where they were.
    assert_eq!(head(&store).await.revision, 3);
    let told: Vec<i64> = feed(&store).await.iter().map(|revision| revision.revision).collect();
    assert_eq!(told, [1, 2, 3]);
    let audit = store.audit("enterprises/mill", None, 10).await.expect("it can be read");
    let entries: Vec<_> = audit.iter().map(|entry| (entry.revision, entry.kind, entry.actor.as_str())).collect();
    assert_eq!(entries, [(1, ChangeKind::Created, "unknown")]);
    assert_eq!(audit[0].commit_time, at(1));
    let next = stored(&store, &enterprise("next")).await;
    assert_eq!(next.revision, 4);

    // Nothing said when it is to be purged, so it stays.
    assert!(store.purgeable().await.expect("it can be read").is_empty());
}

async fn more_records_than_are_read_at_a_time_are_all_brought_up(engine: Engine) {
    let place = Place::empty(engine).await;
    let records = (0..1_001).map(|number| Enterprise { revision: number + 1, ..mill(&format!("mill-{number:04}")) });
    let records: Vec<Resource> = records.map(|record| Resource::Enterprise(Box::new(record))).collect();
    place.run(&first_version(engine, &records)).await;
    let store = place.open().await;
    assert_eq!(found(&store, "industries:silk-textile AND city = Faisalabad").await.len(), 1_001);
    assert_eq!(
        store.enterprise(&enterprise_id("mill-1000")).await.expect("it can be read").map(|one| one.revision),
        Some(1_001)
    );
}

fn mill(id: &str) -> Enterprise {
    let mut mill = enterprise(id);
    let profile = &mut mill.profile;
    (profile.display_name, profile.region) = (format!("The {id}"), country("PK"));
    (profile.city, profile.founded_year) = ("Faisalabad".to_owned(), Some(1951));
    profile.industries = vec![industry_id("silk-textile")];
    let revision = IsicRevision::Rev4;
    profile.activities =
        vec![Activity { isic: IsicCode::parse("2710", revision).expect("a code"), revision, primary: true }];
    mill.create_time = at(5);
    mill
}

fn looms() -> Opportunity {
    let mut looms = opportunity("mill", "looms");
    looms.content.title = "Looms".to_owned();
    looms.content.hs_codes = vec![HsCode::parse("8446").expect("a code")];
    looms
}

/// Statements that make a database of the first version in which each of the resources was written in a revision of its
/// own.
fn first_version(engine: Engine, resources: &[Resource]) -> String {
    let (key, bytes, clustered) = match engine {
        Engine::Postgres => ("TEXT COLLATE \"C\"", "BYTEA", ""),
        Engine::Sqlite => ("TEXT", "BLOB", "WITHOUT ROWID"),
    };
    let tables = FIRST_TABLES.replace("{key}", key).replace("{bytes}", bytes).replace("{clustered}", clustered);
    let mut sql = format!("BEGIN;\n{tables}");
    for (number, resource) in (1..).zip(resources) {
        let (resource_type, name, row) = match resource {
            Resource::Enterprise(one) => {
                let (id, region, state) = (one.id.as_str(), &one.profile.region, one.state.number());
                let (live, data) = (one.is_live(), literal(engine, &without_office(&codec::encode(resource))));
                let row = format!(
                    "INSERT INTO enterprises VALUES ('{id}', '{region}', {state}, {}, {number}, {data});
                     INSERT INTO enterprise_terms VALUES ('industry/stale', '{id}');",
                    !live,
                );
                (ResourceType::Enterprise, one.id.to_string(), row)
            }
            Resource::Opportunity(one) => {
                let (parent, id) = (one.id.enterprise.as_str(), one.id.as_str());
                let (kind, state) = (one.content.kind.number(), one.state.number());
                let data = literal(engine, &codec::encode(resource));
                let row = format!(
                    "INSERT INTO opportunities VALUES ('{parent}/{id}', '{parent}', {kind}, {state}, {number}, {data});"
                );
                (ResourceType::Opportunity, one.id.to_string(), row)
            }
            other => panic!("no claim has {other:?}"),
        };
        let (micros, kind) = (at(number).micros(), ChangeKind::Created.number());
        let data = literal(engine, &codec::encode(resource));
        let change = format!("{number}, 0, {micros}, {}, {kind}, '{name}', {data}", resource_type.number());
        writeln!(sql, "{row}\nINSERT INTO changes VALUES ({change});").expect("a text takes what is written");
    }
    let (count, last) = (resources.len(), at(i64::try_from(resources.len()).expect("few")).micros());
    let epoch = "00000000-0000-4000-8000-000000000000";
    format!("{sql}INSERT INTO feed_head VALUES (1, '{epoch}', {count}, 1, {last});\nCOMMIT;")
}

/// The bytes of an enterprise as that version had them: nobody had an office.
fn without_office(data: &[u8]) -> Vec<u8> {
    let message = pb::Enterprise::decode(data).expect("a record is a message");
    pb::Enterprise { office: String::new(), office_assignment: 0, ..message }.encode_to_vec()
}

fn literal(engine: Engine, bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in bytes {
        write!(digits, "{byte:02x}").expect("a text takes what is written");
    }
    match engine {
        Engine::Postgres => format!("'\\x{digits}'::bytea"),
        Engine::Sqlite => format!("X'{digits}'"),
    }
}

async fn found(store: &Arc<SqlStore>, text: &str) -> Vec<String> {
    let filter = filter::parse(text, fields::ENTERPRISES).unwrap_or_else(|error| panic!("`{text}` {error}"));
    enterprise_ids(store, &Listing { filter, ..listing() }).await
}
