//! Revisions: dense, in commit order, one a write, over all processes that share the database.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Error, Resource, Store};

use crate::database::{Place, empty_store};
use crate::records::{at, deleted, enterprise, enterprise_id, opportunity, renamed};
use crate::writing::{
    answered_enterprise, at_once, commit, create, enterprise_ids, feed, head, listing, offer, refusal, replace,
    replaced, stored,
};

on_both_engines!(
    revisions_count_up_from_1,
    all_puts_of_a_write_have_its_revision,
    a_revision_gives_back_what_it_left,
    a_refused_write_uses_up_no_revision,
    writes_that_share_a_transaction_have_revisions_of_their_own,
    sixty_four_writers_of_two_processes_make_one_dense_order,
    no_update_is_lost_between_two_processes,
    of_two_processes_that_create_one_enterprise_one_is_refused,
    what_one_process_wrote_the_other_reads_at_once,
    a_commit_wakes_who_waits_for_it,
);

async fn revisions_count_up_from_1(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let b = stored(&store, &enterprise("b")).await;
    let a_again = replaced(&store, &renamed(&a, "A")).await;
    let a_gone = replaced(&store, &deleted(&a_again)).await;
    assert_eq!([a.revision, b.revision, a_again.revision, a_gone.revision], [1, 2, 3, 4]);
    assert_eq!(head(&store).await.revision, 4);
}

async fn all_puts_of_a_write_have_its_revision(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("z")).await;
    let puts = vec![create(&enterprise("a")), create(&enterprise("b")), offer(&opportunity("z", "x"))];
    assert_eq!(commit(&store, puts).await.expect("the write is good").revision, 2);

    assert_eq!(head(&store).await.revision, 2);
    let listed = store.list_enterprises(&listing()).await.expect("the list can be read");
    assert_eq!(listed.iter().map(|enterprise| enterprise.revision).collect::<Vec<_>>(), [2, 2, 1]);
    let offers = store.list_opportunities(None, &listing()).await.expect("the list can be read");
    assert_eq!(offers.iter().map(|offer| offer.revision).collect::<Vec<_>>(), [2]);
}

async fn a_revision_gives_back_what_it_left(engine: Engine) {
    let store = empty_store(engine).await;
    let puts = vec![create(&enterprise("b")), offer(&opportunity("b", "x")), create(&enterprise("a"))];
    let revision = commit(&store, puts).await.expect("the write is good").revision;
    let b = store.enterprise(&enterprise_id("b")).await.expect("it can be read").expect("it is there");
    replaced(&store, &renamed(&b, "B")).await;

    let left = store.resources_of(revision).await.expect("it can be read");
    let x = store.opportunity(&opportunity("b", "x").id).await.expect("it can be read").expect("it is there");
    let a = store.enterprise(&enterprise_id("a")).await.expect("it can be read").expect("it is there");
    let expected =
        [Resource::Enterprise(Box::new(b)), Resource::Opportunity(Box::new(x)), Resource::Enterprise(Box::new(a))];
    assert_eq!(left, expected, "in the order of the write, as it was then");
    assert_eq!(store.resources_of(99).await.expect("it can be read"), []);
}

async fn a_refused_write_uses_up_no_revision(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    assert_eq!(refusal(commit(&store, vec![create(&a)]).await), "Exists(\"enterprises/a\")");
    assert_eq!(stored(&store, &enterprise("b")).await.revision, 2);
}

async fn writes_that_share_a_transaction_have_revisions_of_their_own(engine: Engine) {
    let store = empty_store(engine).await;
    let writes = (0..100).map(|number| {
        let store = store.clone();
        async move { stored(&store, &enterprise(&format!("e{number}"))).await.revision }
    });
    let revisions = at_once(writes).await;
    assert_eq!(revisions, (1..=100).collect::<Vec<_>>(), "in the order in which they came");
    assert!(feed(&store).await.iter().all(|revision| revision.changes.len() == 1));
}

async fn sixty_four_writers_of_two_processes_make_one_dense_order(engine: Engine) {
    const WRITERS: i64 = 64;
    const WRITES: i64 = 4;
    let place = Place::empty(engine).await;
    let processes = [place.open().await, place.open().await];

    let writers = (0..WRITERS).map(|number| {
        let store = processes[usize::try_from(number % 2).expect("0 or 1")].clone();
        async move {
            let mut record = stored(&store, &enterprise(&format!("e{number}"))).await;
            let mut revisions = vec![record.revision];
            for name in 1..WRITES {
                record = replaced(&store, &renamed(&record, &name.to_string())).await;
                revisions.push(record.revision);
            }
            revisions
        }
    });
    let by_writer = at_once(writers).await;

    assert!(by_writer.iter().all(|own| own.is_sorted()), "a later write has a later revision");
    let acknowledged = by_writer.into_iter().flatten().collect::<BTreeSet<_>>();
    let dense = (1..=WRITERS * WRITES).collect::<BTreeSet<_>>();
    assert_eq!(acknowledged, dense, "each revision is one writer's");
    for process in &processes {
        let in_the_feed = feed(process).await.iter().map(|revision| revision.revision).collect::<Vec<_>>();
        assert_eq!(in_the_feed, dense.iter().copied().collect::<Vec<_>>(), "in order, none missing or twice");
        assert_eq!(head(process).await.revision, WRITERS * WRITES);
    }
}

async fn no_update_is_lost_between_two_processes(engine: Engine) {
    const WRITERS: usize = 12;
    const INCREMENTS: usize = 4;
    let place = Place::empty(engine).await;
    let processes = [place.open().await, place.open().await];
    stored(&processes[0], &enterprise("counter")).await;

    at_once((0..WRITERS).map(|number| count_up(processes[number % 2].clone(), INCREMENTS))).await;
    let counter = read(&processes[0], "counter").await;
    assert_eq!(counter.profile.founded_year, Some((WRITERS * INCREMENTS) as i32));
}

/// Adds 1 so many times, reading anew whenever somebody else was faster.
async fn count_up(store: Arc<SqlStore>, times: usize) {
    for _ in 0..times {
        loop {
            let increment = read(&store, "counter").await.changed(at(1), |counter| {
                counter.profile.founded_year = Some(counter.profile.founded_year.unwrap_or_default() + 1);
            });
            match commit(&store, vec![replace(&increment)]).await {
                Ok(_) => break,
                Err(Error::Stale(_)) => {}
                Err(error) => panic!("neither counted nor stale: {error}"),
            }
        }
    }
}

async fn of_two_processes_that_create_one_enterprise_one_is_refused(engine: Engine) {
    let place = Place::empty(engine).await;
    let processes = [place.open().await, place.open().await];
    let outcomes =
        at_once(processes.clone().map(|store| async move { commit(&store, vec![create(&enterprise("a"))]).await }))
            .await;
    let (good, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), refused.len()), (1, 1));
    assert_eq!(refused.into_iter().map(refusal).collect::<Vec<_>>(), ["Exists(\"enterprises/a\")"]);

    let winner = answered_enterprise(good.into_iter().next().expect("there is one"));
    assert_eq!(read(&processes[0], "a").await, winner);
}

async fn what_one_process_wrote_the_other_reads_at_once(engine: Engine) {
    let place = Place::empty(engine).await;
    let [one, other] = [place.open().await, place.open().await];
    for number in 0..10 {
        let id = format!("e{number}");
        let written = stored(&one, &enterprise(&id)).await;
        assert_eq!(read(&other, &id).await, written);
        assert_eq!(head(&other).await.revision, written.revision);
    }
    assert_eq!(enterprise_ids(&other, &listing()).await.len(), 10);
}

async fn a_commit_wakes_who_waits_for_it(engine: Engine) {
    let store = empty_store(engine).await;
    for id in ["a", "b", "c"] {
        let waiting = tokio::spawn({
            let store = store.clone();
            async move { store.committed().await }
        });
        stored(&store, &enterprise(id)).await;
        let woken = tokio::time::timeout(Duration::from_secs(5), waiting).await;
        woken.expect("it is woken").expect("it does not panic");
    }
}

async fn read(store: &SqlStore, id: &str) -> registry_service::domain::enterprise::Enterprise {
    store.enterprise(&enterprise_id(id)).await.expect("it can be read").expect("it is there")
}
