//! Lists select and order what they are asked for: random filters and orders, pages that fit together.

use std::cmp::Ordering;
use std::sync::Arc;

use e2e::on_both_engines;
use e2e::services::Engine;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use registry_service::domain::enterprise::Enterprise;
use registry_service::domain::opportunity::Opportunity;
use registry_service::store::sql::{Counting, SqlStore};
use registry_service::store::{Listing, Store, fields};
use service_kit::filter;
use service_kit::order_by::OrderBy;
use tokio::runtime::Handle;

use crate::database::{Place, empty_store};
use crate::records::{at, deleted, enterprise, opportunity};
use crate::wishes::{Wish, records, wishes};
use crate::writing::{commit, create, enterprise_ids, listing, offer, stored};

on_both_engines!(
    random_filters_in_random_orders_select_what_they_say,
    frequent_values_are_selected_as_rare_ones_are,
    pages_in_every_order_hold_each_enterprise_once,
    pages_in_every_order_hold_each_opportunity_once,
    what_never_expires_comes_last_upwards_and_first_downwards,
    a_field_that_a_record_lacks_is_equal_to_nothing,
    opportunities_are_filtered_by_every_field,
);

const ORDERS: [&str; 4] = ["name", "display_name", "create_time", "update_time"];

/// Everything is counted, so that what is rare among the records is gathered.
async fn random_filters_in_random_orders_select_what_they_say(engine: Engine) {
    check_selections(engine, Counting::up_to_one_in(1)).await;
}

/// Nearly nothing is counted, so that lists are read in the order of indexes.
async fn frequent_values_are_selected_as_rare_ones_are(engine: Engine) {
    check_selections(engine, Counting::up_to_one_in(1_000)).await;
}

async fn check_selections(engine: Engine, counting: Counting) {
    let store = Place::empty(engine).await.open_counting(counting).await;
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let records = records(300).new_tree(&mut runner).expect("records can be drawn").current();
    for part in records.chunks(500) {
        commit(&store, part.iter().map(create).collect()).await.expect("the write is good");
    }
    // Properties are checked on a thread of their own; the queries run where the store was opened.
    let here = Handle::current();
    let checked = tokio::task::spawn_blocking(move || {
        let order = (prop::sample::select(&ORDERS), any::<bool>());
        let order = order.prop_map(|(field, descending)| OrderBy { field, descending });
        let mark = prop::option::of(any::<prop::sample::Index>());
        let listings = (wishes(), order, any::<bool>(), mark, 0..60_u32);
        let outcome = runner.run(&listings, |(wish, order, show_deleted, mark, limit)| {
            let after = mark.map(|index| index.get(&records));
            let listing = Listing {
                order,
                show_deleted,
                after: after.map(|record| fields::enterprise_mark(record, order)),
                limit,
                ..listing()
            };
            let expected = expected(&records, &wish, &listing, after);
            let found = here.block_on(found(&store, &wish.text(), listing));
            prop_assert_eq!(found, expected, "{} ordered by {:?}", wish.text(), order);
            Ok(())
        });
        outcome.map_err(|failure| failure.to_string())
    });
    if let Err(failure) = checked.await.expect("the check does not panic") {
        panic!("{failure}");
    }
}

fn expected(
    records: &[Enterprise],
    wish: &Wish,
    listing: &Listing<registry_service::domain::ids::EnterpriseId>,
    after: Option<&Enterprise>,
) -> Vec<String> {
    let order = listing.order;
    let mut selected: Vec<&Enterprise> = records
        .iter()
        .filter(|record| listing.show_deleted || record.is_live())
        .filter(|record| after.is_none_or(|after| compared(after, record, order) == Ordering::Less))
        .filter(|record| wish.holds(record))
        .collect();
    selected.sort_by(|one, other| compared(one, other, order));
    selected.iter().take(listing.limit as usize).map(|record| record.id.as_str().to_owned()).collect()
}

/// Which of two records comes first in a list.
fn compared(one: &Enterprise, other: &Enterprise, order: OrderBy) -> Ordering {
    let by_value = match order.field {
        "name" => Ordering::Equal,
        "display_name" => one.profile.display_name.as_bytes().cmp(other.profile.display_name.as_bytes()),
        "create_time" => one.create_time.cmp(&other.create_time),
        "update_time" => one.update_time.cmp(&other.update_time),
        field => panic!("no order: {field}"),
    };
    let upwards = by_value.then_with(|| one.id.as_str().as_bytes().cmp(other.id.as_str().as_bytes()));
    if order.descending { upwards.reverse() } else { upwards }
}

async fn pages_in_every_order_hold_each_enterprise_once(engine: Engine) {
    let store = empty_store(engine).await;
    // Few values, so that most pages end between equal ones.
    let mut records: Vec<Enterprise> = (0..40).map(|number| enterprise(&format!("e{number}"))).collect();
    for (number, record) in records.iter_mut().enumerate() {
        record.profile.display_name = ["b", "a", "丝", "ab"][number % 4].to_owned();
        record.create_time = at(i64::try_from(number / 15).expect("few"));
    }
    commit(&store, records.iter().map(create).collect()).await.expect("the write is good");

    for (field, descending) in ORDERS.iter().flat_map(|field| [(field, false), (field, true)]) {
        let order = OrderBy { field, descending };
        records.sort_by(|one, other| compared(one, other, order));
        let whole: Vec<String> = records.iter().map(|record| record.id.as_str().to_owned()).collect();
        for limit in [1, 2, 7, 39, 40, 41] {
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let listing = Listing { order, after, limit, ..listing() };
                let page = store.list_enterprises(&listing).await.expect("the list can be read");
                paged.extend(page.iter().map(|record| record.id.as_str().to_owned()));
                let Some(last) = page.last() else { break };
                after = Some(fields::enterprise_mark(last, order));
            }
            assert_eq!(paged, whole, "{order:?}, {limit} a page");
        }
    }
}

async fn pages_in_every_order_hold_each_opportunity_once(engine: Engine) {
    let (store, offers) = offers_that_expire(engine).await;
    for field in ["name", "create_time", "update_time", "expire_time"] {
        for descending in [false, true] {
            let order = OrderBy { field, descending };
            for parent in [None, Some(&offers[0].id.enterprise)] {
                let wanted = Listing { order, ..listing() };
                let whole = store.list_opportunities(parent, &wanted).await.expect("the list can be read");
                assert_eq!(whole.len(), if parent.is_some() { offers.len() / 2 } else { offers.len() });
                let (mut paged, mut after): (Vec<Opportunity>, _) = (Vec::new(), None);
                loop {
                    let listing = Listing { order, after, limit: 3, ..listing() };
                    let page = store.list_opportunities(parent, &listing).await.expect("the list can be read");
                    let Some(last) = page.last() else { break };
                    after = Some(fields::opportunity_mark(last, order));
                    paged.extend(page);
                }
                assert_eq!(paged, whole, "{order:?}");
            }
        }
    }
}

async fn what_never_expires_comes_last_upwards_and_first_downwards(engine: Engine) {
    let (store, mut offers) = offers_that_expire(engine).await;
    let key = |one: &Opportunity| (one.content.expire_time.is_none(), one.content.expire_time, one.id.to_string());
    offers.sort_by_key(key);
    for descending in [false, true] {
        let wanted = Listing { order: OrderBy { field: "expire_time", descending }, ..listing() };
        let listed = store.list_opportunities(None, &wanted).await.expect("the list can be read");
        let names: Vec<String> = listed.iter().map(|one| one.id.to_string()).collect();
        assert_eq!(names, offers.iter().map(|one| one.id.to_string()).collect::<Vec<_>>());
        offers.reverse();
    }
}

/// Offers of two enterprises, a third of which never expire.
async fn offers_that_expire(engine: Engine) -> (Arc<SqlStore>, Vec<Opportunity>) {
    let store = empty_store(engine).await;
    let mut offers = Vec::new();
    for number in 0..12 {
        for parent in ["a", "b"] {
            let mut offer = opportunity(parent, &format!("o{number}"));
            offer.content.expire_time = [Some(at(9)), Some(at(7)), None][usize::try_from(number).expect("few") % 3];
            offer.create_time = at(number % 2);
            offers.push(offer);
        }
    }
    offers.sort_by_key(|offer| offer.id.clone());
    let parents = ["a", "b"].map(|parent| create(&enterprise(parent)));
    commit(&store, parents.into_iter().chain(offers.iter().map(offer)).collect()).await.expect("the write is good");
    (store, offers)
}

async fn a_field_that_a_record_lacks_is_equal_to_nothing(engine: Engine) {
    let store = empty_store(engine).await;
    let mut with = enterprise("with");
    (with.profile.city, with.profile.founded_year) = ("Huzhou".to_owned(), Some(1978));
    stored(&store, &with).await;
    stored(&store, &enterprise("without")).await;
    let both = ["with", "without"];
    for (text, ids) in [
        ("city = Huzhou", &both[..1]),
        ("city != Huzhou", &both[1..]),
        ("city != Hunan", &both[..]),
        ("city = ''", &[]),
        ("city != ''", &both[..]),
        ("NOT city = Huzhou", &both[1..]),
        ("NOT city != Huzhou", &both[..1]),
        ("city = '*'", &both[..1]),
        ("city:*", &both[..1]),
        ("NOT city:*", &both[1..]),
        ("founded_year < 2000", &both[..1]),
        ("founded_year = 0", &[]),
        ("NOT founded_year < 2000", &both[1..]),
        ("NOT founded_year >= 2000", &both[..]),
        ("employee_band != FROM_1", &both[..]),
        ("NOT employee_band:*", &both[..]),
    ] {
        assert_eq!(found(&store, text, listing()).await, ids, "{text}");
    }
    let gone = stored(&store, &enterprise("gone")).await;
    commit(&store, vec![crate::writing::replace(&deleted(&gone))]).await.expect("it can be deleted");
    let all = || Listing { show_deleted: true, ..listing() };
    assert_eq!(found(&store, "delete_time:*", all()).await, ["gone"]);
    assert_eq!(found(&store, "NOT delete_time > \"2000-01-01T00:00:00Z\"", all()).await, both);
}

async fn opportunities_are_filtered_by_every_field(engine: Engine) {
    use registry_service::domain::codes::{HsCode, IsicCode, IsicRevision};
    use registry_service::domain::opportunity::{DevelopmentStage, PartnershipType, State};
    use registry_service::domain::places::Region;

    let store = empty_store(engine).await;
    let mut full = opportunity("a", "full");
    full.content.industries = vec![crate::records::industry_id("ai")];
    full.content.isic_codes = vec![IsicCode::parse("2710", IsicRevision::Rev4).expect("a code")];
    full.content.hs_codes = vec![HsCode::parse("854143").expect("a code")];
    full.content.keywords = vec!["air jet".to_owned()];
    full.content.partnership_types = vec![PartnershipType::License];
    full.content.target_regions = vec![Region::Country(crate::records::country("PK"))];
    full.content.development_stage = Some(DevelopmentStage::Prototype);
    (full.content.priority, full.content.expire_time) = (Some(5), Some(at(9)));
    (full.state, full.update_time) = (State::Published, at(3));
    let puts = vec![create(&enterprise("a")), offer(&full), offer(&opportunity("a", "bare"))];
    commit(&store, puts).await.expect("the write is good");

    for text in [
        "name = \"enterprises/a/opportunities/full\"",
        "name = \"enterprises/a/opportunities/f*\"",
        "title = \"*\" AND title = \"What a offers as f*\"",
        "state = PUBLISHED",
        "development_stage = PROTOTYPE",
        "development_stage:*",
        "priority = 5",
        "priority > 0",
        "NOT priority != 5",
        "expire_time > \"2020-01-01T00:00:00Z\"",
        "expire_time:*",
        "update_time > create_time_stand_in",
        "industries:ai",
        "isic:27",
        "hs:85",
        "keywords:\"air jet\"",
        "partnership_types:LICENSE",
        "partnership_types:PARTNERSHIP_TYPE_LICENSE",
        "target_regions:PK",
        "kind = BUSINESS_OFFER AND hs:8541 AND isic:C",
    ] {
        // The instant at which all of them were created.
        let text = text.replace("create_time_stand_in", "\"2025-06-15T15:06:40.123456Z\"");
        let filter = filter::parse(&text, fields::OPPORTUNITIES).unwrap_or_else(|error| panic!("`{text}` {error}"));
        let selected = crate::writing::opportunity_names(&store, None, &Listing { filter, ..listing() }).await;
        assert_eq!(selected, ["enterprises/a/opportunities/full"], "{text}");
        let text = format!("NOT ({text})");
        let filter = filter::parse(&text, fields::OPPORTUNITIES).unwrap_or_else(|error| panic!("`{text}` {error}"));
        let others = crate::writing::opportunity_names(&store, None, &Listing { filter, ..listing() }).await;
        assert_eq!(others, ["enterprises/a/opportunities/bare"], "{text}");
    }
}

/// Ids of the enterprises for which a filter holds.
async fn found(
    store: &SqlStore,
    text: &str,
    listing: Listing<registry_service::domain::ids::EnterpriseId>,
) -> Vec<String> {
    let filter = filter::parse(text, fields::ENTERPRISES).unwrap_or_else(|error| panic!("`{text}` {error}"));
    assert!(filter.is_some(), "`{text}` says something");
    enterprise_ids(store, &Listing { filter, ..listing }).await
}
