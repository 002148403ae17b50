//! Versions of one resource: each as it was committed, newest first.

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::document::Body;
use registry_service::domain::reference::initial_industries;
use registry_service::store::sql::SqlStore;
use registry_service::store::{Expect, Put, Resource, Store, Version};

use crate::database::empty_store;
use crate::records::{deleted, enterprise, renamed};
use crate::writing::{commit, document, feed, refusal, replaced, stored};

on_both_engines!(
    versions_come_newest_first_each_as_it_was_committed,
    versions_come_page_by_page,
    a_version_is_found_by_its_revision,
    versions_of_a_removed_document_stay_readable,
);

const A: &str = "enterprises/a";

async fn versions_come_newest_first_each_as_it_was_committed(engine: Engine) {
    let store = empty_store(engine).await;
    let first = stored(&store, &enterprise("a")).await;
    stored(&store, &enterprise("ab")).await;
    let second = replaced(&store, &renamed(&first, "later")).await;
    let third = replaced(&store, &deleted(&second)).await;

    let versions = versions(&store, A, None, 10).await;
    let told: Vec<_> = versions.iter().map(|version| (version.revision, version.kind.name())).collect();
    assert_eq!(told, [(4, "DELETED"), (3, "UPDATED"), (1, "CREATED")]);
    let records: Vec<_> = versions.iter().map(|version| version.resource.clone()).collect();
    assert_eq!(records, [third, second, first].map(|record| Resource::Enterprise(Box::new(record))));
    let feed = feed(&store).await;
    for version in &versions {
        let committed = feed.iter().find(|revision| revision.revision == version.revision).expect("it is in the feed");
        assert_eq!(version.commit_time, committed.commit_time);
    }
    assert_eq!(self::versions(&store, "enterprises/b", None, 10).await, []);
}

async fn versions_come_page_by_page(engine: Engine) {
    let store = empty_store(engine).await;
    let mut record = stored(&store, &enterprise("a")).await;
    for round in 0..6 {
        record = replaced(&store, &renamed(&record, &format!("name {round}"))).await;
    }
    let all = versions(&store, A, None, 100).await;
    assert_eq!(all.len(), 7);
    for limit in [1, 2, 3, 7] {
        let mut paged = Vec::new();
        let mut before = None;
        loop {
            let page = versions(&store, A, before, limit).await;
            let Some(last) = page.last() else { break };
            assert!(page.len() <= limit as usize);
            before = Some(last.revision);
            paged.extend(page);
        }
        assert_eq!(paged, all, "{limit} a page");
    }
}

async fn a_version_is_found_by_its_revision(engine: Engine) {
    let store = empty_store(engine).await;
    let first = stored(&store, &enterprise("a")).await;
    stored(&store, &enterprise("b")).await;
    replaced(&store, &renamed(&first, "later")).await;
    for version in versions(&store, A, None, 10).await {
        assert_eq!(self::version(&store, A, version.revision).await, Some(version));
    }
    for (name, revision) in [(A, 2), (A, 0), (A, -1), (A, 4), ("enterprises/c", 1)] {
        assert_eq!(version(&store, name, revision).await, None, "{name} {revision}");
    }
}

async fn versions_of_a_removed_document_stay_readable(engine: Engine) {
    let store = empty_store(engine).await;
    let body = Body::Industry(initial_industries().remove(0));
    let name = body.name();
    let written = commit(&store, vec![document(body)]).await.expect("the write is good");
    let Resource::Document(made) = written.answer.clone() else { panic!("{written:?}") };
    let put = Put::RemoveDocument(made.clone(), Expect::Revision(1));
    commit(&store, vec![put.clone()]).await.expect("nothing names it");
    assert_eq!(refusal(commit(&store, vec![put]).await), format!("NotFound({name:?})"));

    let told: Vec<_> = versions(&store, &name, None, 10).await.into_iter().map(|one| one.kind.name()).collect();
    assert_eq!(told, ["DELETED", "CREATED"]);
    let first = version(&store, &name, 1).await.expect("it is kept");
    assert_eq!(first.resource, Resource::Document(made));
}

async fn versions(store: &SqlStore, name: &str, before: Option<i64>, limit: u32) -> Vec<Version> {
    store.versions(name, before, limit).await.expect("versions can be read")
}

async fn version(store: &SqlStore, name: &str, revision: i64) -> Option<Version> {
    store.version(name, revision).await.expect("versions can be read")
}
