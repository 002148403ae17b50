//! Claims about the feed inside the process, over real SQLite stores: what watchers share, and what they are told when
//! the feed is compacted under them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use registry_service::domain::document::{Body, Document};
use registry_service::domain::ids::IndustryId;
use registry_service::domain::reference::Industry;
use registry_service::domain::time::Timestamp;
use registry_service::registry::{Error, Keeping, Registry};
use registry_service::store::sql::{Options, SqlStore};
use registry_service::store::{self, Expect, Origin, Put, Retention, Store, Write};

async fn open(folder: &Path, kept: i64) -> (Arc<SqlStore>, Registry) {
    let url = format!("sqlite://{}", folder.join("registry.db").display());
    let store = Arc::new(SqlStore::open(&Options { url, max_connections: 4 }).await.unwrap());
    let feed = Retention { age: None, revisions: Some(kept) };
    let registry = Registry::open(store.clone()).await.unwrap().keeping(Keeping { feed, ..Keeping::default() });
    (store, registry)
}

async fn write(store: &SqlStore, revisions: usize) {
    for number in 0..revisions {
        let id = IndustryId::new(&format!("i{}-{number}", store.head().await.unwrap().revision)).unwrap();
        let industry =
            Industry { id, display_name: "An industry".to_owned(), isic_codes: Vec::new(), hs_codes: Vec::new() };
        let document = Document::new(Body::Industry(industry), Timestamp::from_micros(0));
        let puts = vec![Put::Document(Box::new(document), Expect::Absent)];
        let origin = Origin::registry("Test");
        store.write(Write { request: None, puts, validate_only: false, origin, compared: None }).await.unwrap();
    }
}

/// Waits until the poller has come so far.
async fn followed(registry: &Registry, revision: i64) {
    let waiting = registry.feed().wait_after(revision - 1);
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the poller goes on");
}

fn told_of_compaction<T: std::fmt::Debug>(outcome: Result<T, Error>) -> i64 {
    match outcome.unwrap_err() {
        Error::Store(store::Error::Compacted { earliest }) => earliest,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn watchers_share_what_was_read_and_encoded_in_the_ring_and_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let (store, registry) = open(folder.path(), 100).await;
    write(&store, 3).await;
    let begin = registry.feed().head().revision;
    // Those that follow from here have all in the ring; revision 0 is behind it.
    let poller = registry.feed().follow();
    write(&store, 3).await;
    followed(&registry, begin + 6).await;
    for after in [begin, 0] {
        let one = registry.feed().after(after).await.unwrap();
        let other = registry.feed().after(after).await.unwrap();
        assert!(one.iter().zip(&other).all(|(one, other)| Arc::ptr_eq(one, other)));
        assert_eq!(one[0].revision.revision, after + 1);
        let first = one[0].encoded(|revision| vec![revision.changes[0].data.clone()]).to_vec();
        assert_eq!(other[0].encoded(|_| panic!("it is encoded already")), first);
    }
    poller.abort();
}

#[tokio::test]
async fn a_watcher_that_compaction_overtakes_is_told_and_passes_over_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, registry) = open(folder.path(), 2).await;
    write(&store, 10).await;
    let poller = registry.feed().follow();
    let head = store.head().await.unwrap().revision;
    followed(&registry, head).await;
    let seen = registry.feed().after(head - 6).await.unwrap();
    assert_eq!(seen.last().unwrap().revision.revision, head);
    poller.abort();

    // A process that has none of it in its ring.
    let (_, other) = open(folder.path(), 2).await;
    while other.compact().await.unwrap() {}
    assert_eq!(told_of_compaction(other.feed().after(head - 5).await), head - 1);
    let retained = other.feed().after(head - 2).await.unwrap();
    assert_eq!(retained.iter().map(|one| one.revision.revision).collect::<Vec<_>>(), [head - 1, head]);
}

#[tokio::test]
async fn a_poller_that_compaction_overtakes_goes_on_at_the_head() {
    let folder = tempfile::tempdir().unwrap();
    let (_, slow) = open(folder.path(), 2).await;
    let begin = slow.feed().head().revision;
    let (store, fast) = open(folder.path(), 2).await;
    write(&store, 10).await;
    while fast.compact().await.unwrap() {}

    let poller = slow.feed().follow();
    followed(&slow, begin + 10).await;
    assert_eq!(told_of_compaction(slow.feed().after(begin).await), begin + 9);
    write(&store, 1).await;
    followed(&slow, begin + 11).await;
    let next = slow.feed().after(begin + 10).await.unwrap();
    assert_eq!(next.iter().map(|one| one.revision.revision).collect::<Vec<_>>(), [begin + 11]);
    poller.abort();
}
