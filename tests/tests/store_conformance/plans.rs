//! The main lists are read through an index on both engines, never from end to end.

use std::sync::Arc;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::codes::{IsicCode, IsicRevision};
use registry_service::domain::enterprise::{Activity, Enterprise, State};
use registry_service::store::sql::SqlStore;
use registry_service::store::{Listing, fields};
use service_kit::{filter, order_by};

use crate::database::Place;
use crate::records::{at, country, enterprise, industry_id, opportunity};
use crate::writing::{commit, create, listing, offer};

on_both_engines!(the_main_lists_are_read_through_an_index, opportunities_are_read_through_an_index);

/// One in ten of them is many more than a page has.
const ENTERPRISES: usize = 6_000;

/// Filters, orders, and the index that each list is read through first; two where the engines differ.
const LISTS: [(&str, &str, &[&str]); 42] = [
    ("", "", KEYS),
    ("", "name desc", KEYS),
    ("", "display_name", &["enterprises_by_display_name"]),
    ("", "create_time desc", &["enterprises_by_create"]),
    ("", "update_time", &["enterprises_by_update"]),
    // Rare values are gathered and sorted; frequent ones are met soon enough in the order that is wanted.
    ("industries:silk-textile", "", TERMS),
    ("industries:silk-textile", "create_time", TERMS),
    ("industries:new-energy", "", TERMS),
    ("industries:new-energy", "display_name", &["enterprises_by_display_name"]),
    ("NOT industries:new-energy", "display_name", &["enterprises_by_display_name"]),
    ("industries:ship", "display_name", TERMS),
    ("region_code = PK", "", &["enterprises_by_region"]),
    ("region_code = PK", "update_time desc", &["enterprises_by_update"]),
    ("region_code = AE", "display_name", &["enterprises_by_region"]),
    ("NOT region_code = CN", "create_time", &["enterprises_by_create"]),
    // Of two, the rarer leads the way, and where both are frequent the order does.
    ("region_code = PK AND industries:silk-textile", "", TERMS),
    ("region_code = PK AND industries:silk-textile", "update_time desc", TERMS),
    ("region_code = AE AND industries:new-energy", "", &["enterprises_by_region"]),
    ("region_code = AE AND industries:new-energy", "update_time desc", &["enterprises_by_region"]),
    ("region_code = PK AND industries:new-energy", "", EITHER),
    ("region_code = PK AND industries:new-energy", "display_name", &["enterprises_by_display_name"]),
    ("region_code = PK AND industries:new-energy AND NOT isic:27", "display_name", &["enterprises_by_display_name"]),
    ("region_code = PK AND industries:new-energy AND NOT isic:62", "display_name", &["enterprises_by_display_name"]),
    ("isic:27 OR industries:silk-textile", "", TERMS),
    ("isic:27 OR region_code = AE", "display_name", EITHER),
    ("isic:62 OR region_code = PK", "display_name", &["enterprises_by_display_name"]),
    ("(isic:27 OR industries:silk-textile) AND region_code = CN", "update_time", TERMS),
    ("display_name = 'Usual*' AND isic:62", "display_name desc", &["enterprises_by_display_name"]),
    ("display_name = 'Rare*'", "", &["enterprises_by_display_name"]),
    ("display_name = 'Usual*'", "display_name", &["enterprises_by_display_name"]),
    ("state = DRAFT", "", &["enterprises_by_state"]),
    ("state = DRAFT AND region_code = PK", "update_time", &["enterprises_by_state"]),
    ("state != ACTIVE", "display_name", &["enterprises_by_state"]),
    ("NOT state = ACTIVE", "", &["enterprises_by_state"]),
    ("city = Huzhou", "", &["enterprises_by_city"]),
    ("city = 'Hu*'", "display_name", &["enterprises_by_city"]),
    ("founded_year < 1900", "", &["enterprises_by_founded_year"]),
    (
        "founded_year < 1900 AND isic:27",
        "display_name",
        &["enterprises_by_founded_year", "enterprise_terms_pkey", "PRIMARY KEY"],
    ),
    ("create_time > '2025-06-15T16:46:39Z'", "create_time", &["enterprises_by_create"]),
    ("create_time > '2025-06-15T16:46:39Z' AND create_time < '2025-06-15T16:46:45Z'", "", &["enterprises_by_create"]),
    ("update_time < '2025-06-15T15:06:42Z'", "", &["enterprises_by_update"]),
    ("update_time > '2025-06-15T15:06:42Z' AND isic:62", "update_time", &["enterprises_by_update"]),
];

const KEYS: &[&str] = &["enterprises_pkey", "sqlite_autoindex_enterprises_1"];
const TERMS: &[&str] = &["enterprise_terms_pkey", "PRIMARY KEY"];
const EITHER: &[&str] = &["enterprises_by_region", "enterprise_terms_pkey", "PRIMARY KEY"];

async fn the_main_lists_are_read_through_an_index(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    let records: Vec<Enterprise> = (0..ENTERPRISES).map(record).collect();
    for part in records.chunks(500) {
        commit(&store, part.iter().map(create).collect()).await.expect("the write is good");
    }
    // A minute after an import Postgres has no statistics yet.
    check_plans(&store, "before ANALYZE").await;
    place.run("ANALYZE enterprises; ANALYZE enterprise_terms").await;
    check_plans(&store, "after ANALYZE").await;
}

async fn check_plans(store: &Arc<SqlStore>, when: &str) {
    let mut wrong = Vec::new();
    for (text, order, indexes) in LISTS {
        let plan = plan(store, text, order).await;
        let is_in_order = order.split(' ').next().is_some_and(|field| {
            !field.is_empty() && indexes.iter().any(|index| index.ends_with(field.trim_end_matches("_time")))
        });
        // SQLite says SCAN of what is read in the order of an index, too, and then names the index.
        let reads_all = plan.contains("Seq Scan on enterprise")
            || plan.lines().any(|line| ["SCAN e", "SCAN k", "SCAN r", "SCAN s", "SCAN t"].contains(&line));
        let sorts = plan.contains("Sort") || plan.contains("TEMP B-TREE FOR ORDER BY");
        if !indexes.iter().any(|index| leading(&plan).contains(index)) || reads_all || (is_in_order && sorts) {
            wrong.push(format!("`{text}` ordered by `{order}` does not begin with {indexes:?}:\n{plan}"));
        }
    }
    assert!(wrong.is_empty(), "{when}\n{}", wrong.join("\n\n"));
}

/// The line of a plan that tells where the engine begins.
fn leading(plan: &str) -> &str {
    let is_read = |line: &&str| line.contains(" USING ") || line.contains(" using ");
    let mut lines = plan.lines().peekable();
    // Of rows whose keys SQLite puts together first it tells where these come from behind them.
    if lines.peek().is_some_and(|line| line.starts_with("SEARCH e") && line.contains("(id=?)")) {
        lines.next();
    }
    lines.find(is_read).unwrap_or_default()
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
    place.run("ANALYZE opportunities").await;
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
