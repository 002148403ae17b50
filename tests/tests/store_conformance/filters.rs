//! Filters of enterprises agree with what they say.

use std::sync::Arc;

use e2e::on_both_engines;
use e2e::services::Engine;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use registry_service::domain::codes::{IsicCode, IsicRevision};
use registry_service::domain::enterprise::{Activity, Enterprise, State};
use registry_service::domain::ids::EnterpriseId;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Listing, fields};
use service_kit::filter;
use tokio::runtime::Handle;

use crate::database::empty_store;
use crate::records::{at, country, deleted, enterprise, enterprise_id, industry_id};
use crate::writing::{commit, create, enterprise_ids, listing, replace, replaced, stored};

on_both_engines!(
    random_filters_over_random_records_select_what_they_say,
    an_isic_filter_holds_at_each_level_of_the_tree,
    an_isic_filter_speaks_of_revision_4_only,
    an_industry_is_named_with_or_without_its_collection,
    filters_follow_updates,
    what_looks_like_sql_is_a_value,
);

const REGIONS: [&str; 4] = ["CN", "PK", "AE", "SA"];
const INDUSTRIES: [&str; 4] = ["ai", "new-energy", "new", "biotech"];
/// Codes of every level.
const ACTIVITIES: [&str; 14] =
    ["2710", "2720", "271", "27", "2610", "26", "C", "6201", "620", "62", "J", "0111", "A", "1311"];
/// What filters ask for: the same, what is above it, and what nobody has.
const ISIC: [&str; 20] = [
    "2710", "2720", "271", "272", "27", "2610", "26", "C", "6201", "6202", "620", "62", "J", "0111", "01", "A", "1311",
    "D", "2", "9999",
];

/// A filter as the test understands it.
#[derive(Clone, Debug)]
enum Wish {
    Region { code: &'static str, equal: bool },
    State { state: State, equal: bool },
    Industry { id: &'static str, prefix: bool },
    Isic(&'static str),
    Not(Box<Wish>),
    All(Vec<Wish>),
    Any(Vec<Wish>),
}

impl Wish {
    fn text(&self) -> String {
        let operator = |equal: bool| if equal { "=" } else { "!=" };
        let joined = |parts: &[Self], word| parts.iter().map(Self::text).collect::<Vec<_>>().join(word);
        match self {
            Self::Region { code, equal } => format!("region_code {} \"{code}\"", operator(*equal)),
            Self::State { state, equal } => format!("state {} {}", operator(*equal), state.name()),
            Self::Industry { id, prefix: true } => format!("industries:\"industries/{id}\""),
            Self::Industry { id, prefix: false } => format!("industries:\"{id}\""),
            Self::Isic(code) => format!("isic:\"{code}\""),
            Self::Not(wish) => format!("NOT ({})", wish.text()),
            Self::All(wishes) => format!("({})", joined(wishes, " AND ")),
            Self::Any(wishes) => format!("({})", joined(wishes, " OR ")),
        }
    }

    fn holds(&self, record: &Enterprise) -> bool {
        let profile = &record.profile;
        match self {
            Self::Region { code, equal } => (profile.region.as_str() == *code) == *equal,
            Self::State { state, equal } => (record.state == *state) == *equal,
            Self::Industry { id, .. } => profile.industries.iter().any(|industry| industry.as_str() == *id),
            Self::Isic(wanted) => profile.activities.iter().any(|activity| lies_in(activity.isic.as_str(), wanted)),
            Self::Not(wish) => !wish.holds(record),
            Self::All(wishes) => wishes.iter().all(|wish| wish.holds(record)),
            Self::Any(wishes) => wishes.iter().any(|wish| wish.holds(record)),
        }
    }
}

/// Whether a code is `wanted` or lies below it; one digit is no code.
fn lies_in(code: &str, wanted: &str) -> bool {
    let section = match code.get(..2) {
        Some("01") => "A",
        Some("13" | "26" | "27") => "C",
        Some("62") => "J",
        _ => code,
    };
    section == wanted || (wanted.len() >= 2 && code.starts_with(wanted))
}

fn wishes() -> impl Strategy<Value = Wish> {
    let one = prop_oneof![
        (prop::sample::select(&REGIONS), any::<bool>()).prop_map(|(code, equal)| Wish::Region { code, equal }),
        (prop::sample::select(State::ALL), any::<bool>()).prop_map(|(state, equal)| Wish::State { state, equal }),
        (prop::sample::select(&INDUSTRIES), any::<bool>()).prop_map(|(id, prefix)| Wish::Industry { id, prefix }),
        prop::sample::select(&ISIC).prop_map(Wish::Isic),
    ];
    one.prop_recursive(3, 20, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|wish| Wish::Not(Box::new(wish))),
            prop::collection::vec(inner.clone(), 2..=3).prop_map(Wish::All),
            prop::collection::vec(inner, 2..=3).prop_map(Wish::Any),
        ]
    })
}

fn record() -> impl Strategy<Value = Enterprise> {
    let industries = prop::sample::subsequence(&INDUSTRIES, 0..=3);
    let activities = prop::sample::subsequence(&ACTIVITIES, 0..=3);
    let gone = prop::bool::weighted(0.2);
    let drawn = (prop::sample::select(&REGIONS), prop::sample::select(State::ALL), industries, activities, gone);
    drawn.prop_map(|(region, state, industries, activities, gone)| {
        let mut record = in_industries("a", &industries);
        record.profile.region = country(region);
        record.profile.activities = activities.iter().map(|code| activity(code)).collect();
        record.state = state;
        if gone { deleted(&record) } else { record }
    })
}

/// So many random records with ids of their own.
fn drawn(count: usize, runner: &mut TestRunner) -> Vec<Enterprise> {
    let records = prop::collection::vec(record(), count).new_tree(runner).expect("records can be drawn").current();
    let with_id = |(number, record)| Enterprise { id: enterprise_id(&format!("e-{number}")), ..record };
    records.into_iter().enumerate().map(with_id).collect()
}

async fn random_filters_over_random_records_select_what_they_say(engine: Engine) {
    let store = empty_store(engine).await;
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let mut records = drawn(200, &mut runner);
    commit(&store, records.iter().map(create).collect()).await.expect("the write is good");
    records.sort_by(|one, other| one.id.as_str().as_bytes().cmp(other.id.as_str().as_bytes()));

    // Properties are checked on a thread of their own; the queries run where the store was opened.
    let here = Handle::current();
    let checked = tokio::task::spawn_blocking(move || {
        let listings = (wishes(), any::<bool>(), prop::option::of(0..200_usize), 0..250_u32);
        runner.run(&listings, |(wish, show_deleted, after, limit)| {
            let after = after.map(|number| enterprise_id(&format!("e-{number}")));
            let selected = records.iter().filter(|record| {
                let is_behind = after.as_ref().is_none_or(|after| record.id.as_str() > after.as_str());
                is_behind && (show_deleted || record.is_live()) && wish.holds(record)
            });
            let expected = selected.take(limit as usize).map(|record| record.id.as_str().to_owned());
            let expected = expected.collect::<Vec<_>>();
            let found = here.block_on(found(
                &store,
                &wish.text(),
                Listing { show_deleted, after: after.map(Into::into), limit, ..listing() },
            ));
            prop_assert_eq!(found, expected, "{}", wish.text());
            Ok(())
        })
    });
    if let Err(failure) = checked.await.expect("the check does not panic") {
        panic!("{failure}");
    }
}

async fn an_isic_filter_holds_at_each_level_of_the_tree(engine: Engine) {
    let store = empty_store(engine).await;
    for (id, code) in [("class", "2710"), ("group", "271"), ("division", "27"), ("section", "C"), ("other", "6201")] {
        let mut record = enterprise(id);
        record.profile.activities = vec![activity(code)];
        stored(&store, &record).await;
    }
    assert_eq!(found(&store, "isic:2710", listing()).await, ["class"]);
    assert_eq!(found(&store, "isic:271", listing()).await, ["class", "group"]);
    assert_eq!(found(&store, "isic:27", listing()).await, ["class", "division", "group"]);
    assert_eq!(found(&store, "isic:C", listing()).await, ["class", "division", "group", "section"]);
    assert_eq!(found(&store, "NOT isic:C", listing()).await, ["other"]);
}

async fn an_isic_filter_speaks_of_revision_4_only(engine: Engine) {
    let store = empty_store(engine).await;
    let mut record = enterprise("a");
    record.profile.activities = vec![activity("2710"), in_revision_5("6210"), in_revision_5("V")];
    stored(&store, &record).await;
    assert_eq!(found(&store, "isic:C", listing()).await, ["a"]);
    // Division 62 lies in section J of Rev. 4 and in K of Rev. 5.
    for foreign in ["isic:6210", "isic:62", "isic:J", "isic:K", "isic:V"] {
        assert_eq!(found(&store, foreign, listing()).await, [] as [&str; 0], "{foreign}");
    }
}

async fn an_industry_is_named_with_or_without_its_collection(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &in_industries("a", &["new-energy"])).await;
    stored(&store, &in_industries("b", &["new"])).await;
    assert_eq!(found(&store, "industries:\"new-energy\"", listing()).await, ["a"]);
    assert_eq!(found(&store, "industries:\"industries/new-energy\"", listing()).await, ["a"]);
    assert_eq!(found(&store, "industries:new", listing()).await, ["b"]);
    assert_eq!(found(&store, "industries:\"isic/27\"", listing()).await, [] as [&str; 0]);
}

async fn filters_follow_updates(engine: Engine) {
    let store = empty_store(engine).await;
    let mut a = in_industries("a", &["ai"]);
    a.profile.activities = vec![activity("2710")];
    let a = stored(&store, &a).await;
    let moved = a.changed(at(1), |changed| {
        changed.profile.industries = vec![industry_id("biotech")];
        changed.profile.activities = vec![activity("6201")];
        changed.profile.region = country("PK");
        changed.state = State::Suspended;
    });
    let moved = replaced(&store, &moved).await;

    for old in ["industries:ai", "isic:2710", "isic:27", "isic:C", "region_code = CN", "state = ACTIVE"] {
        assert_eq!(found(&store, old, listing()).await, [] as [&str; 0], "{old}");
    }
    let present = ["industries:biotech", "isic:6201", "isic:J", "region_code = PK", "state = SUSPENDED"];
    for new in present {
        assert_eq!(found(&store, new, listing()).await, ["a"], "{new}");
    }
    commit(&store, vec![replace(&deleted(&moved))]).await.expect("it can be deleted");
    for new in present {
        assert_eq!(found(&store, new, Listing { show_deleted: true, ..listing() }).await, ["a"], "{new}");
    }
}

async fn what_looks_like_sql_is_a_value(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &in_industries("a", &["ai"])).await;
    let values = ["' OR '1'='1", "CN' --", "%", "_N", "$1", "?", "CN\\\\", "'; DROP TABLE enterprises; --"];
    for value in values {
        assert_eq!(found(&store, &format!("region_code = \"{value}\""), listing()).await, [] as [&str; 0], "{value}");
        assert_eq!(found(&store, &format!("region_code != \"{value}\""), listing()).await, ["a"], "{value}");
        assert_eq!(found(&store, &format!("industries:\"{value}\""), listing()).await, [] as [&str; 0], "{value}");
    }
}

fn in_industries(id: &str, industries: &[&str]) -> Enterprise {
    let mut record = enterprise(id);
    record.profile.industries = industries.iter().map(|industry| industry_id(industry)).collect();
    record
}

fn activity(code: &str) -> Activity {
    let revision = IsicRevision::Rev4;
    Activity { isic: IsicCode::parse(code, revision).expect("a code"), revision, primary: false }
}

fn in_revision_5(code: &str) -> Activity {
    let revision = IsicRevision::Rev5;
    Activity { isic: IsicCode::parse(code, revision).expect("a code"), revision, primary: false }
}

/// Ids of the enterprises for which a filter holds.
async fn found(store: &Arc<SqlStore>, text: &str, listing: Listing<EnterpriseId>) -> Vec<String> {
    let parsed = filter::parse(text, fields::ENTERPRISES).unwrap_or_else(|error| panic!("`{text}` {error}"));
    assert!(parsed.is_some(), "`{text}` says something");
    enterprise_ids(store, &Listing { filter: parsed, ..listing }).await
}
