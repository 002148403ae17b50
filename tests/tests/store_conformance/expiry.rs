//! What is overdue, by the clock of the database.

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::opportunity::{Opportunity, State};
use registry_service::domain::time::Timestamp;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Store, WRITE_BYTES_MAX};

use crate::database::empty_store;
use crate::records::{deleted, enterprise, opportunity, undeleted};
use crate::writing::{commit, create, offer, offer_anew, offered, replaced, stored};

on_both_engines!(
    the_clock_goes_forward_and_decides_what_is_overdue,
    only_what_is_published_with_a_time_becomes_overdue,
    what_nobody_could_write_is_not_overdue,
    the_longest_overdue_come_first_and_no_more_than_asked_for,
    no_more_come_than_fit_into_one_write,
);

async fn the_clock_goes_forward_and_decides_what_is_overdue(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let now = clock(&store).await;
    let over = offered(&store, &published("over", Some(now))).await;
    offered(&store, &published("in-an-hour", Some(later(now, 3_600)))).await;
    assert!(clock(&store).await >= now);
    assert_eq!(store.expired(10).await.expect("they can be read"), [over]);
}

async fn only_what_is_published_with_a_time_becomes_overdue(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let now = clock(&store).await;
    for state in State::ALL {
        let record = Opportunity { state: *state, ..published(&state.number().to_string(), Some(now)) };
        offered(&store, &record).await;
    }
    offered(&store, &published("always", None)).await;
    assert_eq!(overdue(&store, 10).await, [State::Published.number().to_string()]);
}

async fn what_nobody_could_write_is_not_overdue(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    offered(&store, &published("x", Some(clock(&store).await))).await;
    let gone = replaced(&store, &deleted(&a)).await;
    assert_eq!(overdue(&store, 10).await, [] as [&str; 0]);

    replaced(&store, &undeleted(&gone)).await;
    assert_eq!(overdue(&store, 10).await, ["x"]);
}

async fn the_longest_overdue_come_first_and_no_more_than_asked_for(engine: Engine) {
    let store = empty_store(engine).await;
    let now = clock(&store).await;
    let times = [("a", 0), ("b", -5), ("c", 0), ("d", -60), ("e", -1)];
    let puts = times.map(|(id, seconds)| offer(&published(id, Some(later(now, seconds)))));
    commit(&store, std::iter::once(create(&enterprise("a"))).chain(puts).collect()).await.expect("the write is good");
    assert_eq!(overdue(&store, 10).await, ["d", "b", "e", "a", "c"]);
    assert_eq!(overdue(&store, 2).await, ["d", "b"]);

    // What was expired is not overdue any more.
    let first = store.expired(2).await.expect("they can be read");
    let expired = first.iter().map(|one| offer_anew(&Opportunity { state: State::Expired, ..one.clone() }));
    commit(&store, expired.collect()).await.expect("nobody was faster");
    assert_eq!(overdue(&store, 2).await, ["e", "a"]);
}

async fn no_more_come_than_fit_into_one_write(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let now = clock(&store).await;
    for (id, seconds, bytes) in [
        ("huge", -9, WRITE_BYTES_MAX + 1),
        ("a", -8, WRITE_BYTES_MAX / 2),
        ("b", -7, 100),
        ("c", -6, WRITE_BYTES_MAX / 2),
    ] {
        let mut record = published(id, Some(later(now, seconds)));
        record.content.summary = "x".repeat(bytes);
        offered(&store, &record).await;
    }
    assert_eq!(overdue(&store, 10).await, ["huge"]);
    let huge = store.expired(1).await.expect("they can be read").remove(0);
    let expired = Opportunity { state: State::Expired, ..huge };
    commit(&store, vec![offer_anew(&expired)]).await.expect("nobody was faster");
    assert_eq!(overdue(&store, 10).await, ["a", "b"]);
}

async fn clock(store: &SqlStore) -> Timestamp {
    store.clock().await.expect("the database has a clock")
}

/// Ids of what is overdue.
async fn overdue(store: &SqlStore, limit: u64) -> Vec<String> {
    let expired = store.expired(limit).await.expect("they can be read");
    expired.iter().map(|opportunity| opportunity.id.as_str().to_owned()).collect()
}

fn published(id: &str, expire_time: Option<Timestamp>) -> Opportunity {
    let mut record = Opportunity { state: State::Published, ..opportunity("a", id) };
    record.content.expire_time = expire_time;
    record
}

fn later(instant: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_micros(instant.micros() + seconds * 1_000_000)
}
