//! Look-alikes: records are found by the keys that they have in common, few of each key, and only those that count.

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::enterprise::{Enterprise, State};
use registry_service::store::Store;
use registry_service::store::sql::SqlStore;

use crate::database::empty_store;
use crate::records::{deleted, enterprise, undeleted};
use crate::writing::{commit, create, replace, replaced, stored};

on_both_engines!(
    records_are_found_by_any_key_each_once,
    of_a_common_key_only_some_are_read,
    records_of_rare_keys_come_before_others,
    deleted_and_merged_records_are_not_found,
    a_record_is_found_by_its_present_keys_only,
    thousands_of_keys_are_one_question,
);

/// A record whose keys are `name/mill+nSt` and `name/nSt`, or those of another name.
fn named(id: &str, display_name: &str) -> Enterprise {
    let mut enterprise = enterprise(id);
    enterprise.profile.display_name = display_name.to_owned();
    enterprise
}

const MILLS: &str = "name/mill+nSt";
const NISHAT: &str = "name/nSt";

async fn found(store: &SqlStore, keys: &[&str], each: usize, limit: usize) -> Vec<String> {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let found = store.lookalikes(keys, each, limit).await.expect("they can be read").0;
    let mut ids: Vec<String> = found.iter().map(|one| one.id.as_str().to_owned()).collect();
    ids.sort();
    ids
}

async fn records_are_found_by_any_key_each_once(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &named("a", "Nishat Mills")).await;
    stored(&store, &named("b", "Nishat Power")).await;
    stored(&store, &named("c", "Engro Foods")).await;
    assert_eq!(found(&store, &[MILLS, NISHAT], 10, 10).await, ["a", "b"]);
    assert_eq!(found(&store, &["name/unheard-of"], 10, 10).await, [""; 0]);
    assert_eq!(found(&store, &[], 10, 10).await, [""; 0]);
}

async fn of_a_common_key_only_some_are_read(engine: Engine) {
    let store = empty_store(engine).await;
    let puts = (10..40).map(|number| create(&named(&format!("a-{number}"), "Nishat Mills"))).collect();
    commit(&store, puts).await.expect("they are new");
    assert_eq!(found(&store, &[MILLS], 3, 10).await, ["a-10", "a-11", "a-12"]);
    assert_eq!(found(&store, &[MILLS], 30, 100).await.len(), 30);
    assert_eq!(found(&store, &[MILLS], 100, 7).await.len(), 7);
}

async fn records_of_rare_keys_come_before_others(engine: Engine) {
    let store = empty_store(engine).await;
    for number in 1..5 {
        stored(&store, &named(&format!("a-{number}"), "Nishat Power")).await;
    }
    stored(&store, &named("z", "Nishat Mills")).await;
    assert_eq!(found(&store, &[NISHAT, MILLS], 4, 1).await, ["z"]);
}

async fn deleted_and_merged_records_are_not_found(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &named("a", "Nishat Mills")).await;
    let b = stored(&store, &named("b", "Nishat Mills")).await;
    let a = replaced(&store, &deleted(&a)).await;
    let mut merged = b.clone();
    merged.state = State::Merged;
    let b = replaced(&store, &merged).await;
    assert_eq!(found(&store, &[MILLS, NISHAT], 10, 10).await, [""; 0]);

    replaced(&store, &undeleted(&a)).await;
    let mut apart = b;
    apart.state = State::Active;
    replaced(&store, &apart).await;
    assert_eq!(found(&store, &[MILLS], 10, 10).await, ["a", "b"]);
}

async fn a_record_is_found_by_its_present_keys_only(engine: Engine) {
    let store = empty_store(engine).await;
    let mut record = stored(&store, &named("a", "Nishat Mills")).await;
    record.profile.display_name = "Engro Foods".to_owned();
    commit(&store, vec![replace(&record)]).await.expect("it is as expected");
    assert_eq!(found(&store, &[MILLS, NISHAT], 10, 10).await, [""; 0]);
    assert_eq!(found(&store, &["name/angr+food"], 10, 10).await, ["a"]);
}

async fn thousands_of_keys_are_one_question(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &named("a", "Nishat Mills")).await;
    let mut keys: Vec<String> = (0..5_000).map(|number| format!("name/{number}")).collect();
    keys.push(MILLS.to_owned());
    assert_eq!(store.lookalikes(keys, 8, 2_000).await.expect("they can be read").0.len(), 1);
}
