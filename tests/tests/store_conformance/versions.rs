//! Versions and the audit log: what every name stood for, and who wanted it.

use std::sync::Arc;

use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::document::{Body, Document};
use registry_service::domain::ids::PolicyId;
use registry_service::domain::policy::Policy;
use registry_service::store::sql::SqlStore;
use registry_service::store::{
    AuditEntry, ChangeKind, Expect, Origin, Put, Request, Resource, Retention, Store, Version, Write,
};
use uuid::Uuid;

use crate::database::empty_store;
use crate::records::{at, deleted, enterprise, opportunity, renamed, retitled, undeleted};
use crate::writing::{commit, create, feed, offer, offer_anew, offered, replace, replaced, stored, withdraw};

on_both_engines!(
    every_version_can_be_read_as_it_was_written,
    versions_come_newest_first_and_from_any_revision_on,
    what_never_was_has_neither_versions_nor_entries,
    documents_and_opportunities_have_versions_too,
    an_audit_entry_says_who_wanted_what_and_when,
    audit_entries_outlive_the_resource_and_the_feed,
    a_refused_write_leaves_no_entry,
);

pub(crate) async fn versions(store: &SqlStore, name: &str) -> Vec<Version> {
    store.versions(name, None, 100).await.expect("versions can be read")
}

pub(crate) async fn audit(store: &SqlStore, name: &str) -> Vec<AuditEntry> {
    store.audit(name, None, 100).await.expect("the log can be read")
}

pub(crate) fn policy(id: &str, description: &str) -> Body {
    Body::Policy(Policy {
        id: PolicyId::new(id).expect("an id"),
        display_name: String::new(),
        description: description.to_owned(),
        weights: Vec::new(),
        fusion: None,
        industry_priorities: Vec::new(),
        bounds: None,
    })
}

async fn every_version_can_be_read_as_it_was_written(engine: Engine) {
    let store = empty_store(engine).await;
    let first = stored(&store, &enterprise("a")).await;
    let second = replaced(&store, &renamed(&first, "A")).await;
    stored(&store, &enterprise("b")).await;
    let third = replaced(&store, &deleted(&second)).await;
    let fourth = replaced(&store, &undeleted(&third)).await;

    let commits = feed(&store).await;
    for (version, kind) in [
        (&first, ChangeKind::Created),
        (&second, ChangeKind::Updated),
        (&third, ChangeKind::Deleted),
        (&fourth, ChangeKind::Created),
    ] {
        let read = store.version("enterprises/a", version.revision).await.expect("it can be read").expect("it is kept");
        let commit = commits.iter().find(|commit| commit.revision == version.revision).expect("it is in the feed");
        let (revision, commit_time) = (version.revision, commit.commit_time);
        let resource = Resource::Enterprise(Box::new(version.clone()));
        assert_eq!(read, Version { revision, commit_time, kind, resource });
    }
    // Revision 3 is about another enterprise.
    assert_eq!(store.version("enterprises/a", 3).await.expect("it can be asked for"), None);
    assert_eq!(store.version("enterprises/a", 6).await.expect("it can be asked for"), None);
}

async fn versions_come_newest_first_and_from_any_revision_on(engine: Engine) {
    let store = empty_store(engine).await;
    let mut a = stored(&store, &enterprise("a")).await;
    for number in 2..=6 {
        a = replaced(&store, &renamed(&a, &number.to_string())).await;
    }
    let revisions = async |before, limit| {
        let versions = store.versions("enterprises/a", before, limit).await.expect("versions can be read");
        versions.into_iter().map(|version| version.revision).collect::<Vec<_>>()
    };
    assert_eq!(revisions(None, 100).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(revisions(None, 2).await, [6, 5]);
    assert_eq!(revisions(Some(5), 2).await, [4, 3]);
    assert_eq!(revisions(Some(2), 2).await, [1]);
    assert_eq!(revisions(Some(1), 2).await, [0; 0]);
}

async fn what_never_was_has_neither_versions_nor_entries(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    for name in ["enterprises/b", "enterprises", "enterprises/%", ""] {
        assert_eq!(versions(&store, name).await, []);
        assert_eq!(audit(&store, name).await, []);
    }
}

async fn documents_and_opportunities_have_versions_too(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    commit(&store, vec![offer_anew(&retitled(&x, "X"))]).await.expect("it is as expected");
    let document = Document::new(policy("p", "first"), at(0));
    let put = |document: &Document, expect| vec![Put::Document(Box::new(document.clone()), expect)];
    let first = commit(&store, put(&document, Expect::Absent)).await.expect("it is new").revision;
    let second = document.changed(at(1), policy("p", "second"));
    commit(&store, put(&second, Expect::Revision(first))).await.expect("it is as expected");

    let titles = versions(&store, "enterprises/a/opportunities/x").await.into_iter().map(|version| {
        let Resource::Opportunity(opportunity) = version.resource else { panic!("not an opportunity") };
        opportunity.content.title
    });
    assert_eq!(titles.collect::<Vec<_>>(), ["X", "What a offers as x"]);
    let said = versions(&store, "policies/p").await.into_iter().map(|version| {
        let Resource::Document(document) = version.resource else { panic!("not a document") };
        let Body::Policy(policy) = document.body else { panic!("not a policy") };
        (version.revision, policy.description)
    });
    assert_eq!(said.collect::<Vec<_>>(), [(first + 1, "second".to_owned()), (first, "first".to_owned())]);
}

async fn an_audit_entry_says_who_wanted_what_and_when(engine: Engine) {
    let store = empty_store(engine).await;
    let id = Uuid::now_v7();
    let origin = Origin { actor: Arc::from("CN=clerk"), method: "CreateEnterprise", reason: "a reason".to_owned() };
    let puts = vec![create(&enterprise("a")), offer(&opportunity("a", "x"))];
    let request = Some(Request { id, digest: [7; 32] });
    store
        .write(Write { request, puts, validate_only: false, origin, compared: None })
        .await
        .expect("the write is good");
    let a = store.enterprises(&[crate::records::enterprise_id("a")]).await.expect("it can be read").remove(0);
    commit(&store, vec![replace(&renamed(&a, "A"))]).await.expect("it is as expected");

    let commits = feed(&store).await;
    let first = AuditEntry {
        revision: 1,
        commit_time: commits[0].commit_time,
        kind: ChangeKind::Created,
        actor: "CN=clerk".to_owned(),
        method: "CreateEnterprise".to_owned(),
        request_id: id.to_string(),
        reason: "a reason".to_owned(),
    };
    let second = AuditEntry {
        revision: 2,
        commit_time: commits[1].commit_time,
        kind: ChangeKind::Updated,
        actor: "registry".to_owned(),
        method: "Claim".to_owned(),
        request_id: String::new(),
        reason: String::new(),
    };
    assert_eq!(audit(&store, "enterprises/a").await, [second, first.clone()]);
    assert_eq!(audit(&store, "enterprises/a/opportunities/x").await, [first]);
    let page = store.audit("enterprises/a", Some(2), 1).await.expect("the log can be read");
    assert_eq!(page.iter().map(|entry| entry.revision).collect::<Vec<_>>(), [1]);
}

async fn audit_entries_outlive_the_resource_and_the_feed(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    let x = offered(&store, &opportunity("a", "x")).await;
    commit(&store, vec![withdraw(&x)]).await.expect("it can be removed");
    let a = replaced(&store, &deleted(&a)).await;
    let remove = Put::RemoveEnterprise(Box::new(a.clone()), Expect::Revision(a.revision));
    commit(&store, vec![remove]).await.expect("it can be removed");
    stored(&store, &enterprise("b")).await;
    let before = (audit(&store, "enterprises/a").await, audit(&store, "enterprises/a/opportunities/x").await);
    assert_eq!((before.0.len(), before.1.len()), (3, 2));

    while store.compact(&Retention { age: None, revisions: Some(1) }).await.expect("it can be compacted") {}
    let after = (audit(&store, "enterprises/a").await, audit(&store, "enterprises/a/opportunities/x").await);
    assert_eq!(after, before);
}

async fn a_refused_write_leaves_no_entry(engine: Engine) {
    let store = empty_store(engine).await;
    let a = stored(&store, &enterprise("a")).await;
    commit(&store, vec![create(&a)]).await.expect_err("it exists");
    assert_eq!(audit(&store, "enterprises/a").await.len(), 1);
}
