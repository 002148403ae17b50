//! The main lists are read through an index on both engines, never from end to end.

use std::sync::Arc;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::codes::{IsicCode, IsicRevision};
use registry_service::domain::enterprise::{Activity, Enterprise, State};
use registry_service::store::sql::{Gathering, SqlStore};
use registry_service::store::{Listing, fields};
use service_kit::{filter, order_by};

use crate::database::Place;
use crate::records::{at, country, enterprise, industry_id, opportunity};
use crate::writing::{commit, create, listing, offer};

on_both_engines!(the_main_lists_are_read_through_an_index, opportunities_are_read_through_an_index);

/// Far more than are sorted for a page.
const ENTERPRISES: usize = 6_000;

/// Filters, orders, and the index that each list is read through; two where the engines differ.
const LISTS: [(&str, &str, &[&str]); 27] = [
    ("", "", &["enterprises_pkey", "sqlite_autoindex_enterprises_1"]),
    ("", "name desc", &["enterprises_pkey", "sqlite_autoindex_enterprises_1"]),
    ("", "display_name", &["enterprises_by_display_name"]),
    ("", "create_time desc", &["enterprises_by_create"]),
    ("", "update_time", &["enterprises_by_update"]),
    ("industries:silk-textile", "", &["enterprise_terms_pkey", "PRIMARY KEY"]),
    ("industries:silk-textile", "create_time", &["enterprise_terms_pkey", "PRIMARY KEY"]),
    ("industries:new-energy", "", &["enterprise_terms_pkey", "PRIMARY KEY"]),
    ("industries:new-energy", "display_name", &["enterprises_by_display_name"]),
    ("isic:27 OR industries:silk-textile", "", &["enterprise_terms_pkey", "PRIMARY KEY"]),
    ("region_code = PK", "", &["enterprises_by_region"]),
    ("region_code = AE", "display_name", &["enterprises_by_region"]),
    ("region_code = PK AND industries:silk-textile", "", &["enterprise_terms_pkey", "PRIMARY KEY"]),
    ("region_code = AE AND industries:new-energy", "", &["enterprises_by_region"]),
    ("region_code = PK AND industries:new-energy", "", &["enterprise_terms_pkey", "enterprises_by_region"]),
    ("region_code = PK AND industries:new-energy", "display_name", &["enterprises_by_display_name"]),
    ("display_name = 'Usual*' AND isic:62", "display_name desc", &["enterprises_by_display_name"]),
    ("state = DRAFT", "", &["enterprises_by_state"]),
    ("state = DRAFT AND region_code = PK", "update_time", &["enterprises_by_state"]),
    ("city = Huzhou", "", &["enterprises_by_city"]),
    ("city = 'Hu*'", "display_name", &["enterprises_by_city"]),
    ("display_name = 'Rare*'", "", &["enterprises_by_display_name"]),
    ("display_name = 'Usual*'", "display_name", &["enterprises_by_display_name"]),
    ("founded_year < 1900", "", &["enterprises_by_founded_year"]),
    ("create_time > '2025-06-15T16:46:39Z'", "create_time", &["enterprises_by_create"]),
    ("create_time > '2025-06-15T16:46:39Z' AND create_time < '2025-06-15T16:46:45Z'", "", &["enterprises_by_create"]),
    ("update_time < '2025-06-15T15:06:42Z'", "", &["enterprises_by_update"]),
];

async fn the_main_lists_are_read_through_an_index(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open_gathering(Gathering { rows: 100, keys: 100 }).await;
    let records: Vec<Enterprise> = (0..ENTERPRISES).map(record).collect();
    for part in records.chunks(500) {
        commit(&store, part.iter().map(create).collect()).await.expect("the write is good");
    }
    place.run("ANALYZE").await;
    for (text, order, indexes) in LISTS {
        let plan = plan(&store, text, order).await;
        let what = format!("`{text}` ordered by `{order}`:\n{plan}");
        assert!(indexes.iter().any(|index| plan.contains(index)), "no {indexes:?} for {what}");
        // SQLite says SCAN of what is read in the order of an index, too, and then names the index.
        assert!(!plan.contains("Seq Scan on enterprises"), "{what}");
        assert!(!plan.lines().any(|line| line == "SCAN e" || line == "SCAN t"), "{what}");
    }
}

async fn opportunities_are_read_through_an_index(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    for part in 0..6 {
        let parent = format!("e{part}");
        let offers = (0..499).map(|number| offer(&opportunity(&parent, &format!("o{number}"))));
        let puts = std::iter::once(create(&enterprise(&parent))).chain(offers).collect();
        commit(&store, puts).await.expect("the write is good");
    }
    place.run("ANALYZE").await;
    for (order, index) in [
        ("create_time", "opportunities_by_create"),
        ("update_time desc", "opportunities_by_update"),
        ("expire_time", "opportunities_by_expire_or_never"),
        ("expire_time desc", "opportunities_by_expire_or_never"),
    ] {
        let order_by = order_by::parse(order, fields::OPPORTUNITY_ORDERS).expect("an order");
        let page = Listing { order: order_by, limit: 51, ..listing() };
        let plan = store.explain_opportunities(None, &page).await.expect("it can be explained").join("\n");
        assert!(plan.contains(index), "no {index} for {order}:\n{plan}");
        assert!(!plan.contains("Seq Scan on opportunities"), "{order}:\n{plan}");
    }
}

/// Mostly usual enterprises, and some of each rare kind.
fn record(number: usize) -> Enterprise {
    let is_rare = number % 500 == 7;
    let mut record = enterprise(&format!("e{}", number * 7_919 % ENTERPRISES));
    let profile = &mut record.profile;
    profile.display_name = format!("{} {number}", if is_rare { "Rare" } else { "Usual" });
    profile.region = country(if is_rare { "AE" } else { ["CN", "PK"][number % 2] });
    profile.city = if is_rare { "Huzhou".to_owned() } else { format!("Town {}", number % 50) };
    profile.founded_year = Some(if is_rare { 1878 } else { 1978 });
    profile.industries = vec![industry_id(if is_rare { "silk-textile" } else { "new-energy" })];
    let revision = IsicRevision::Rev4;
    let isic = IsicCode::parse(if is_rare { "2710" } else { "6201" }, revision).expect("a code");
    profile.activities = vec![Activity { isic, revision, primary: true }];
    record.state = if is_rare { State::Draft } else { State::Active };
    record.create_time = at(i64::try_from(number).expect("few"));
    record.update_time = at(i64::try_from(number).expect("few"));
    record
}

async fn plan(store: &Arc<SqlStore>, text: &str, order: &str) -> String {
    let filter = filter::parse(text, fields::ENTERPRISES).expect("a filter");
    let order = order_by::parse(order, fields::ENTERPRISE_ORDERS).expect("an order");
    let page = Listing { filter, order, limit: 51, ..listing() };
    store.explain_enterprises(&page).await.expect("it can be explained").join("\n")
}
