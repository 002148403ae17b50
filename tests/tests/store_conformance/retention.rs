//! What goes after its time: the oldest revisions of the feed, and deleted enterprises.

use std::sync::Arc;
use std::time::Duration;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::enterprise::Enterprise;
use registry_service::domain::reference::initial_industries;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Error, Expect, Put, Resource, Retention, Store, WRITE_MAX, codec};

use crate::database::{Place, empty_store};
use crate::records::{at, cuin, deleted, enterprise, enterprise_id, holding, opportunity, renamed};
use crate::versions::{audit, policy, versions};
use crate::writing::{
    at_once, commit, create, document, feed_after, head, listing, offer, offered, refusal, replaced, stored,
};

on_both_engines!(
    a_feed_keeps_as_many_revisions_as_it_is_told,
    a_feed_keeps_revisions_until_they_are_old_enough,
    the_newest_revision_always_stays,
    what_is_dropped_cannot_be_read_and_is_not_passed_over,
    versions_of_enterprises_and_policies_stay_and_others_go,
    versions_of_a_removed_enterprise_go_with_its_removal,
    a_record_that_has_the_name_of_a_removed_one_keeps_its_own_versions,
    processes_that_compact_at_once_agree,
    writers_and_readers_go_on_while_the_feed_is_compacted,
    what_is_due_comes_with_its_opportunities_first,
    what_is_due_comes_in_writes_that_fit,
    a_removed_enterprise_leaves_its_id_and_its_identifiers_free,
);

/// As many as that, however old.
fn newest(revisions: i64) -> Retention {
    Retention { age: None, revisions: Some(revisions) }
}

async fn compact(store: &SqlStore, retention: Retention) {
    while store.compact(&retention).await.expect("it can be compacted") {}
}

/// So many revisions of an enterprise each.
async fn fill(store: &SqlStore, revisions: usize) {
    for number in 0..revisions {
        stored(store, &enterprise(&format!("e{number}"))).await;
    }
}

fn remove(enterprise: &Enterprise) -> Put {
    Put::RemoveEnterprise(Box::new(enterprise.clone()), Expect::Revision(enterprise.revision))
}

/// The same enterprise, deleted, to be purged at an instant.
fn due(enterprise: &Enterprise, micros: i64) -> Enterprise {
    let mut due = deleted(enterprise);
    due.purge_time = Some(registry_service::domain::time::Timestamp::from_micros(micros));
    due
}

async fn a_feed_keeps_as_many_revisions_as_it_is_told(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 10).await;
    for (kept, earliest) in [(100, 1), (10, 1), (7, 4), (8, 4), (3, 8)] {
        compact(&store, newest(kept)).await;
        assert_eq!(head(&store).await.earliest, earliest, "with {kept}");
        assert_eq!(feed_after(&store, earliest - 1, 1).await.len() as i64, 11 - earliest);
    }
    compact(&store, Retention { age: None, revisions: None }).await;
    assert_eq!(head(&store).await.earliest, 8, "it never goes back");
}

async fn a_feed_keeps_revisions_until_they_are_old_enough(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 5).await;
    compact(&store, Retention { age: Some(Duration::from_secs(3_600)), revisions: None }).await;
    assert_eq!(head(&store).await.earliest, 1);
    // Too many count more than too young.
    compact(&store, Retention { age: Some(Duration::from_secs(3_600)), revisions: Some(4) }).await;
    assert_eq!(head(&store).await.earliest, 2);
    // The clock that ages them is that of the database.
    tokio::time::sleep(Duration::from_millis(50)).await;
    compact(&store, Retention { age: Some(Duration::from_millis(10)), revisions: None }).await;
    assert_eq!(head(&store).await.earliest, 5);
}

async fn the_newest_revision_always_stays(engine: Engine) {
    let store = empty_store(engine).await;
    compact(&store, newest(1)).await;
    assert_eq!((head(&store).await.earliest, head(&store).await.revision), (1, 0), "nothing can be dropped yet");
    fill(&store, 3).await;
    compact(&store, Retention { age: Some(Duration::ZERO), revisions: Some(1) }).await;
    let head = head(&store).await;
    assert_eq!((head.earliest, head.revision), (3, 3));
    let last = feed_after(&store, 2, 1).await.remove(0);
    assert_eq!((last.revision, last.commit_time), (3, head.commit_time));
    assert!(store.revisions(3, 1).await.expect("nothing follows").is_empty());
}

async fn what_is_dropped_cannot_be_read_and_is_not_passed_over(engine: Engine) {
    let store = empty_store(engine).await;
    fill(&store, 6).await;
    compact(&store, newest(3)).await;
    for after in [-1, 0, 1, 2] {
        assert_eq!(refusal(store.revisions(after, 100).await), "Compacted { earliest: 4 }", "after {after}");
    }
    assert_eq!(feed_after(&store, 3, 100).await.iter().map(|one| one.revision).collect::<Vec<_>>(), [4, 5, 6]);
}

async fn versions_of_enterprises_and_policies_stay_and_others_go(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let a = replaced(&store, &renamed(&a, "A")).await;
    offered(&store, &opportunity("a", "x")).await;
    let industry = document(registry_service::domain::document::Body::Industry(initial_industries().remove(0)));
    commit(&store, vec![industry, document(policy("p", "first"))]).await.expect("the write is good");
    replaced(&store, &deleted(&a)).await;
    fill(&store, 1).await;
    let kept = (versions(&store, "enterprises/a").await, versions(&store, "policies/p").await);
    assert_eq!((kept.0.len(), kept.1.len()), (3, 1));

    compact(&store, newest(1)).await;
    assert_eq!((versions(&store, "enterprises/a").await, versions(&store, "policies/p").await), kept);
    assert_eq!(versions(&store, "enterprises/a/opportunities/x").await, []);
    assert_eq!(versions(&store, "industries/ai").await, []);
    let x = store.list_opportunities(None, &listing()).await.expect("lists can be read");
    assert!(x.is_empty(), "its enterprise is deleted");
    assert!(store.document("industries/ai").await.expect("it can be read").is_some(), "the record itself stays");
}

async fn versions_of_a_removed_enterprise_go_with_its_removal(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let a = replaced(&store, &deleted(&a)).await;
    commit(&store, vec![remove(&a)]).await.expect("it can be removed");
    fill(&store, 2).await;
    compact(&store, newest(3)).await;
    assert_eq!(head(&store).await.earliest, 3, "the removal itself is still in the feed");
    let last_words = feed_after(&store, 2, 1).await.remove(0).changes.remove(0);
    codec::decode(last_words.resource_type, &last_words.data, last_words.revision).expect("it is whole");

    compact(&store, newest(2)).await;
    assert_eq!(versions(&store, "enterprises/a").await, []);
    assert_eq!(audit(&store, "enterprises/a").await.len(), 3);
}

async fn a_record_that_has_the_name_of_a_removed_one_keeps_its_own_versions(engine: Engine) {
    let store = empty_store(engine).await;
    let former = replaced(&store, &deleted(&stored(&store, &enterprise("a")).await)).await;
    commit(&store, vec![remove(&former)]).await.expect("it can be removed");
    let a = stored(&store, &enterprise("a")).await;
    let a = replaced(&store, &deleted(&renamed(&a, "A"))).await;
    fill(&store, 1).await;
    compact(&store, newest(1)).await;
    let revisions = versions(&store, "enterprises/a").await.into_iter().map(|version| {
        let Resource::Enterprise(enterprise) = version.resource else { panic!("not an enterprise") };
        assert_eq!(enterprise.uid, a.uid);
        version.revision
    });
    assert_eq!(revisions.collect::<Vec<_>>(), [5, 4]);
}

async fn processes_that_compact_at_once_agree(engine: Engine) {
    let place = Place::empty(engine).await;
    let processes = [place.open().await, place.open().await];
    for number in 0..5 {
        let puts = (0..400).map(|own| create(&enterprise(&format!("e{number}-{own}"))));
        commit(&processes[0], puts.collect()).await.expect("the write is good");
    }
    fill(&processes[1], 20).await;
    at_once((0..4).map(|number| {
        let store = processes[number % 2].clone();
        async move { patiently_compact(&store, newest(2)).await }
    }))
    .await;
    for process in &processes {
        assert_eq!((head(process).await.earliest, head(process).await.revision), (24, 25));
        assert_eq!(feed_after(process, 23, 1).await.len(), 2);
    }
}

/// Tries again where another process had the database just then.
async fn patiently_compact(store: &SqlStore, retention: Retention) {
    loop {
        match store.compact(&retention).await {
            Ok(true) | Err(Error::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
            Ok(false) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn writers_and_readers_go_on_while_the_feed_is_compacted(engine: Engine) {
    const WRITES: i64 = 150;
    let store = empty_store(engine).await;
    let compacting = tokio::spawn({
        let store = store.clone();
        async move {
            while head(&store).await.revision < WRITES {
                patiently_compact(&store, newest(10)).await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    });
    let reading = tokio::spawn(follow(store.clone(), WRITES));
    for number in 1..=WRITES {
        assert_eq!(stored(&store, &enterprise(&format!("e{number}"))).await.revision, number);
    }
    compacting.await.expect("it does not panic");
    reading.await.expect("it does not panic");
    patiently_compact(&store, newest(10)).await;
    assert_eq!(head(&store).await.earliest, WRITES - 9);
}

/// Reads the feed to a revision; where it is told that something is gone, it goes on with what is there.
async fn follow(store: Arc<SqlStore>, goal: i64) {
    let mut seen = 0;
    while seen < goal {
        match store.revisions(seen, 1).await {
            Ok(revisions) => {
                for revision in revisions {
                    assert_eq!(revision.revision, seen + 1, "nothing is passed over");
                    assert!(revision.changes.iter().all(|change| !change.data.is_empty()), "everything is whole");
                    seen = revision.revision;
                }
            }
            Err(Error::Compacted { earliest }) => {
                assert!(earliest > seen + 1);
                seen = earliest - 1;
            }
            Err(error) => panic!("{error}"),
        }
        tokio::task::yield_now().await;
    }
}

async fn what_is_due_comes_with_its_opportunities_first(engine: Engine) {
    let store = empty_store(engine).await;
    let mut records = Vec::new();
    for id in ["live", "later", "first", "second"] {
        let record = stored(&store, &enterprise(id)).await;
        offered(&store, &opportunity(id, "y")).await;
        offered(&store, &opportunity(id, "x")).await;
        records.push(record);
    }
    replaced(&store, &due(&records[1], i64::MAX / 2)).await;
    replaced(&store, &due(&records[2], at(1).micros())).await;
    replaced(&store, &due(&records[3], at(2).micros())).await;
    let names = store.purgeable().await.expect("it can be read").into_iter().map(|resource| match resource {
        Resource::Enterprise(enterprise) => enterprise.id.to_string(),
        Resource::Opportunity(opportunity) => opportunity.id.to_string(),
        Resource::Document(document) => document.name(),
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "enterprises/first/opportunities/x",
            "enterprises/first/opportunities/y",
            "enterprises/first",
            "enterprises/second/opportunities/x",
            "enterprises/second/opportunities/y",
            "enterprises/second",
        ]
    );
}

async fn what_is_due_comes_in_writes_that_fit(engine: Engine) {
    let store = empty_store(engine).await;
    let large = stored(&store, &enterprise("large")).await;
    for part in 0..3 {
        let offers = (0..200).map(|number| offer(&opportunity("large", &format!("x{part}-{number}"))));
        commit(&store, offers.collect()).await.expect("the write is good");
    }
    replaced(&store, &due(&large, at(1).micros())).await;
    let mut removed = Vec::new();
    loop {
        let next = store.purgeable().await.expect("it can be read");
        assert!(next.len() <= WRITE_MAX);
        if next.is_empty() {
            break;
        }
        removed.push(next.len());
        let puts = next.into_iter().map(|resource| match resource {
            Resource::Enterprise(enterprise) => remove(&enterprise),
            Resource::Opportunity(opportunity) => crate::writing::withdraw(&opportunity),
            Resource::Document(document) => panic!("{document:?} is never due"),
        });
        commit(&store, puts.collect()).await.expect("the write is good");
    }
    assert_eq!(removed, [500, 101]);
    assert!(store.enterprise(&enterprise_id("large")).await.expect("it can be asked for").is_none());
}

async fn a_removed_enterprise_leaves_its_id_and_its_identifiers_free(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &holding("a", &[cuin(1)])).await;
    let expect = refusal(commit(&store, vec![remove(&renamed(&enterprise("a"), "A"))]).await);
    assert_eq!(expect, "Stale(\"enterprises/a\")");
    commit(&store, vec![remove(&a)]).await.expect("it is as expected");
    assert_eq!(refusal(commit(&store, vec![remove(&a)]).await), "NotFound(\"enterprises/a\")");
    assert!(store.enterprise(&a.id).await.expect("it can be asked for").is_none());
    assert_eq!(store.holders(&[cuin(1)]).await.expect("they can be read"), []);
    let again = stored(&store, &holding("a", &[cuin(1)])).await;
    assert_eq!(store.enterprise(&a.id).await.expect("it can be read"), Some(again));
}
