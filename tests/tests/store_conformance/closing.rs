//! From opening to closing: what a database keeps, whoever opens it, how often and with how many others.

use crate::writing::document;
use registry_service::domain::document::Body;
use std::sync::Arc;
use std::time::Duration;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::reference::{initial_industries, initial_region_groups};
use registry_service::store::sql::{Options, SqlStore};
use registry_service::store::{Error, Store};

use crate::database::Place;
use crate::records::{cuin, deleted, enterprise, enterprise_id, holding, opportunity};
use crate::writing::{
    at_once, commit, contents, create, enterprise_ids, head, listing, offered, refusal, replaced, stored,
};

on_both_engines!(
    the_epoch_stays_over_a_restart_and_differs_between_databases,
    a_reopened_database_keeps_everything,
    what_is_written_after_a_restart_goes_on_from_there,
    what_was_accepted_before_closing_is_committed,
    a_closed_store_is_unavailable,
    stores_that_open_an_empty_database_at_once_all_succeed,
    a_start_that_failed_leaves_nothing_half_made,
    a_store_that_is_dropped_without_closing_keeps_what_it_acknowledged,
);

async fn the_epoch_stays_over_a_restart_and_differs_between_databases(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    let epoch = head(&store).await.epoch;
    stored(&store, &enterprise("a")).await;
    assert_eq!(head(&store).await.epoch, epoch);
    assert_eq!(head(&*place.open().await).await.epoch, epoch, "another process");
    store.close().await;
    assert_eq!(head(&*place.open().await).await.epoch, epoch, "a restart");

    assert_ne!(head(&*Place::empty(engine).await.open().await).await.epoch, epoch, "another database");
}

async fn a_reopened_database_keeps_everything(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    stored(&store, &holding("b", &[cuin(2)])).await;
    offered(&store, &opportunity("b", "x")).await;
    replaced(&store, &deleted(&a)).await;
    let puts = initial_industries().into_iter().map(|one| document(Body::Industry(one)));
    let puts = puts.chain(initial_region_groups().into_iter().map(|one| document(Body::RegionGroup(one)))).collect();
    commit(&store, puts).await.expect("the write is good");
    let before = contents(&store).await;
    store.close().await;

    let store = place.open().await;
    assert_eq!(contents(&store).await, before);
    let holders = store.holders(&[cuin(1), cuin(2)]).await.expect("they can be read");
    assert_eq!(holders, [(cuin(2), enterprise_id("b"))]);
}

async fn what_is_written_after_a_restart_goes_on_from_there(engine: Engine) {
    let place = Place::empty(engine).await;
    for revision in 1..=3 {
        let store = place.open().await;
        assert_eq!(stored(&store, &enterprise(&format!("e{revision}"))).await.revision, revision);
        store.close().await;
    }
}

async fn what_was_accepted_before_closing_is_committed(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    let writes = (0..50).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { commit(&store, vec![create(&enterprise(&format!("e{number:02}")))]).await })
    });
    let writes = writes.collect::<Vec<_>>();
    // Each has its turn to hand in its write.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    store.close().await;
    for write in writes {
        write.await.expect("it does not panic").expect("it was accepted");
    }

    let store = place.open().await;
    assert_eq!(enterprise_ids(&store, &listing()).await, (0..50).map(|n| format!("e{n:02}")).collect::<Vec<_>>());
}

async fn a_closed_store_is_unavailable(engine: Engine) {
    let store = Place::empty(engine).await.open().await;
    store.close().await;
    let unavailable = |problem: String| assert!(problem.starts_with("Unavailable"), "{problem}");
    unavailable(refusal(commit(&store, vec![create(&enterprise("a"))]).await));
    unavailable(refusal(store.head().await));
    unavailable(refusal(store.enterprise(&enterprise_id("a")).await));
    unavailable(refusal(store.snapshot(tokio::sync::mpsc::channel(1).0).await));
    tokio::time::timeout(Duration::from_secs(5), store.close()).await.expect("closing twice is harmless");
}

async fn stores_that_open_an_empty_database_at_once_all_succeed(engine: Engine) {
    let place = Arc::new(Place::empty(engine).await);
    let opening = (0..4).map(|_| {
        let place = place.clone();
        async move { place.try_open().await }
    });
    let stores = at_once(opening).await.into_iter().collect::<Result<Vec<_>, _>>().expect("all of them open");
    let epoch = head(&stores[0]).await.epoch;
    for (number, store) in stores.iter().enumerate() {
        assert_eq!(head(store).await.epoch, epoch, "they made the tables once");
        assert_eq!(stored(store, &enterprise(&format!("e{number}"))).await.revision, number as i64 + 1);
    }
}

async fn a_start_that_failed_leaves_nothing_half_made(engine: Engine) {
    let place = Place::empty(engine).await;
    // In the way of the last table, so that all others come before the failure.
    let mut raw = place.run("CREATE TABLE feed_head (in_the_way INTEGER)").await;
    assert!(place.try_open().await.is_err());
    raw.run("DROP TABLE feed_head").await;
    let store = place.open().await;
    assert_eq!(stored(&store, &enterprise("a")).await.revision, 1);
}

async fn a_store_that_is_dropped_without_closing_keeps_what_it_acknowledged(engine: Engine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    stored(&store, &enterprise("a")).await;
    drop(store);
    assert_eq!(enterprise_ids(&*place.open().await, &listing()).await, ["a"]);
}

#[tokio::test]
async fn a_database_in_memory_is_refused() {
    for url in ["sqlite::memory:", "sqlite://file?mode=memory"] {
        let opened = SqlStore::open(&Options { url: url.to_owned(), max_connections: 2 }).await;
        assert!(matches!(opened.map(drop), Err(Error::Broken(_))), "{url}");
    }
}
