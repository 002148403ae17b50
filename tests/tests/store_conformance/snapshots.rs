//! Snapshots: everything that lives, as of one revision, while writers and watchers go on.

use crate::writing::document;
use registry_service::domain::document::Body;
use std::sync::Arc;
use std::time::Duration;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::reference::{initial_industries, initial_region_groups};
use registry_service::store::sql::SqlStore;
use registry_service::store::{Change, ChangeKind, Head, Store};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::database::empty_store;
use crate::records::{deleted, enterprise, opportunity, renamed, undeleted};
use crate::writing::{
    Living, at_once, commit, create, feed, folded, head, offer, offered, refusal, replace, replaced, stored, withdraw,
};

on_both_engines!(
    a_snapshot_of_an_empty_store_is_empty,
    a_snapshot_is_what_the_feed_adds_up_to,
    a_snapshot_leaves_out_soft_deleted_enterprises_but_not_their_opportunities,
    a_snapshot_is_of_one_revision_while_writers_go_on,
    a_snapshot_that_nobody_reads_holds_up_no_write,
    a_snapshot_ends_early_when_its_receiver_is_gone,
    snapshots_that_are_given_up_leave_nothing_behind,
    several_snapshots_at_once_agree,
    snapshots_that_nobody_reads_leave_room_for_other_reads,
);

/// No claim takes so long unless something hangs.
const PATIENCE: Duration = Duration::from_secs(20);

async fn a_snapshot_of_an_empty_store_is_empty(engine: Engine) {
    let store = empty_store(engine).await;
    let (snapshot_head, changes) = snapshot(&store).await;
    assert_eq!(snapshot_head, head(&store).await);
    assert!(changes.is_empty());
}

async fn a_snapshot_is_what_the_feed_adds_up_to(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 1_100).await;
    let a = stored(&store, &enterprise("a")).await;
    let a = replaced(&store, &renamed(&a, "A")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    offered(&store, &opportunity("a", "y")).await;
    commit(&store, vec![withdraw(&x)]).await.expect("it can be removed");
    let gone = replaced(&store, &deleted(&a)).await;
    replaced(&store, &undeleted(&gone)).await;
    let puts = initial_industries().into_iter().map(|one| document(Body::Industry(one)));
    let puts = puts.chain(initial_region_groups().into_iter().map(|one| document(Body::RegionGroup(one)))).collect();
    commit(&store, puts).await.expect("the write is good");

    let (snapshot_head, changes) = snapshot(&store).await;
    assert_eq!(snapshot_head, head(&store).await);
    assert!(changes.iter().all(|change| change.kind == ChangeKind::Created));
    assert_eq!(folded(&changes).len(), changes.len(), "each once");
    assert_eq!(folded(&changes), up_to(&store, snapshot_head).await);
}

async fn a_snapshot_leaves_out_soft_deleted_enterprises_but_not_their_opportunities(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    stored(&store, &enterprise("b")).await;
    offered(&store, &opportunity("a", "x")).await;
    replaced(&store, &deleted(&a)).await;
    let (_, changes) = snapshot(&store).await;
    let names = changes.iter().map(|change| change.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["enterprises/b", "enterprises/a/opportunities/x"]);
}

async fn a_snapshot_is_of_one_revision_while_writers_go_on(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 1_600).await;
    let writer = tokio::spawn(write_on(store.clone()));

    let (parts, mut received) = mpsc::channel::<Vec<Change>>(1);
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.snapshot(parts).await.expect("the snapshot can be read") }
    });
    let (mut changes, mut seen) = (Vec::new(), 0);
    while let Some(part) = timeout(PATIENCE, received.recv()).await.expect("it goes on") {
        changes.extend(part);
        seen += 1;
        // So much is written between two parts that any mixture of revisions would show.
        let at_the_part = head(&store).await.revision;
        while head(&store).await.revision < at_the_part + 3 {
            tokio::task::yield_now().await;
        }
    }
    let snapshot_head = reading.await.expect("it does not panic");
    writer.abort();

    assert!(seen >= 4, "{seen} parts are too few to be torn");
    assert!(head(&store).await.revision > snapshot_head.revision + 3, "writers went on");
    assert_eq!(folded(&changes).len(), changes.len(), "each once");
    let expected = up_to(&store, snapshot_head).await;
    assert!(folded(&changes) == expected, "the snapshot is not what the feed adds up to at its revision");
}

/// Writes of every kind, one after the other, until aborted.
async fn write_on(store: Arc<SqlStore>) {
    for round in 0.. {
        let id = format!("w{round}");
        let new = stored(&store, &enterprise(&id)).await;
        let puts = vec![replace(&renamed(&new, "again")), offer(&opportunity(&id, "x"))];
        let written = commit(&store, puts).await.expect("nobody else writes it");
        let (mut new, mut x) = (renamed(&new, "again"), opportunity(&id, "x"));
        (new.revision, x.revision) = (written.revision, written.revision);
        match round % 3 {
            0 => drop(replaced(&store, &deleted(&new)).await),
            1 => drop(commit(&store, vec![withdraw(&x)]).await.expect("nobody else writes it")),
            _ => {}
        }
    }
}

async fn a_snapshot_that_nobody_reads_holds_up_no_write(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 1_600).await;
    let (parts, mut received) = mpsc::channel(1);
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.snapshot(parts).await }
    });
    received.recv().await.expect("the first part comes");

    for number in 0..20 {
        let id = format!("later-{number}");
        timeout(PATIENCE, stored(&store, &enterprise(&id))).await.expect("no write waits for the snapshot");
    }
    assert!(!reading.is_finished(), "it waits for its receiver");
    while received.recv().await.is_some() {}
    let snapshot_head = reading.await.expect("it does not panic").expect("the snapshot can be read");
    assert_eq!(head(&store).await.revision, snapshot_head.revision + 20);
}

async fn a_snapshot_ends_early_when_its_receiver_is_gone(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 1_600).await;
    // More often than there are readers, so that one that stays open would be missed.
    for round in 0..20 {
        let (parts, mut received) = mpsc::channel(1);
        let reading = tokio::spawn({
            let store = store.clone();
            async move { store.snapshot(parts).await }
        });
        for _ in 0..round % 4 {
            received.recv().await.expect("a part comes");
        }
        drop(received);
        let ended = timeout(PATIENCE, reading).await.expect("it ends").expect("it does not panic");
        assert_eq!(ended.expect("that is no failure").revision, head(&store).await.revision);
        timeout(PATIENCE, stored(&store, &enterprise(&format!("r{round}")))).await.expect("writes go on");
    }
}

async fn snapshots_that_are_given_up_leave_nothing_behind(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 1_100).await;
    for round in 0..20 {
        let (parts, mut received) = mpsc::channel(1);
        let reading = tokio::spawn({
            let store = store.clone();
            async move { store.snapshot(parts).await }
        });
        received.recv().await.expect("the first part comes");
        reading.abort();
        assert!(reading.await.expect_err("it was given up").is_cancelled());
        timeout(PATIENCE, stored(&store, &enterprise(&format!("r{round}")))).await.expect("writes go on");
    }
    let (snapshot_head, changes) = timeout(PATIENCE, snapshot(&store)).await.expect("readers are free");
    assert_eq!(changes.len(), 1_100 + 110 + 20, "enterprises, opportunities, and what was written since");
    assert_eq!(snapshot_head, head(&store).await);
}

async fn several_snapshots_at_once_agree(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 600).await;
    let reading = (0..6).map(|_| {
        let store = store.clone();
        async move { snapshot(&store).await }
    });
    let snapshots = timeout(PATIENCE, at_once(reading)).await.expect("all of them end");
    let expected = up_to(&store, head(&store).await).await;
    assert!(snapshots.iter().all(|(snapshot_head, _)| snapshot_head.revision == snapshots[0].0.revision));
    assert!(snapshots.iter().all(|(_, changes)| folded(changes) == expected));
}

async fn snapshots_that_nobody_reads_leave_room_for_other_reads(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 1_600).await;
    let mut stalled = Vec::new();
    for _ in 0..4 {
        let (parts, mut received) = mpsc::channel::<Vec<Change>>(1);
        let reading = tokio::spawn({
            let store = store.clone();
            async move { store.snapshot(parts).await }
        });
        received.recv().await.expect("the first part comes");
        stalled.push((reading, received));
    }
    let one_too_many = timeout(PATIENCE, store.snapshot(mpsc::channel(1).0)).await.expect("it is told in time");
    assert!(refusal(one_too_many).starts_with("Unavailable"));
    timeout(PATIENCE, feed(&store)).await.expect("other reads go on");

    for (reading, received) in stalled {
        drop(received);
        reading.await.expect("it does not panic").expect("it ends early");
    }
    timeout(PATIENCE, snapshot(&store)).await.expect("there is room again");
}

/// Stores so many enterprises, each tenth with an opportunity.
async fn fill(store: &SqlStore, enterprises: usize) {
    let ids = (0..enterprises).map(|number| format!("e{number}")).collect::<Vec<_>>();
    for ids in ids.chunks(400) {
        let puts = ids.iter().map(|id| create(&enterprise(id)));
        let offers = ids.iter().step_by(10).map(|id| offer(&opportunity(id, "x")));
        commit(store, puts.chain(offers).collect()).await.expect("the write is good");
    }
}

async fn snapshot(store: &Arc<SqlStore>) -> (Head, Vec<Change>) {
    let (parts, mut received) = mpsc::channel::<Vec<Change>>(1);
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.snapshot(parts).await.expect("the snapshot can be read") }
    });
    let mut changes = Vec::new();
    while let Some(part) = received.recv().await {
        changes.extend(part);
    }
    (reading.await.expect("it does not panic"), changes)
}

/// What the feed adds up to at a head.
async fn up_to(store: &SqlStore, head: Head) -> Living {
    let feed = feed(store).await;
    let revisions = feed.iter().filter(|revision| revision.revision <= head.revision);
    folded(revisions.flat_map(|revision| &revision.changes))
}
