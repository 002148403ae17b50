//! Writes in the words of the claims, and what they left behind.

use crate::records::at;
use std::collections::BTreeMap;

use registry_service::domain::document::{Body, Document};
use registry_service::domain::enterprise::Enterprise;
use registry_service::domain::identifier::Identifier;
use registry_service::domain::ids::{EnterpriseId, OpportunityId};
use registry_service::domain::opportunity::Opportunity;
use registry_service::store::sql::SqlStore;
use registry_service::store::{
    Change, ChangeKind, Error, Expect, Head, Listing, Origin, Put, Resource, ResourceType, Revision, Store, Write,
    Written, fields,
};

/// More rows than any claim stores.
pub(crate) const ALL: u32 = 100_000;

pub(crate) fn create(enterprise: &Enterprise) -> Put {
    Put::Enterprise(Box::new(enterprise.clone()), Expect::Absent)
}

/// Stores it over the version that it was read as.
pub(crate) fn replace(enterprise: &Enterprise) -> Put {
    Put::Enterprise(Box::new(enterprise.clone()), Expect::Revision(enterprise.revision))
}

pub(crate) fn offer(opportunity: &Opportunity) -> Put {
    Put::Opportunity(Box::new(opportunity.clone()), Expect::Absent)
}

pub(crate) fn offer_anew(opportunity: &Opportunity) -> Put {
    Put::Opportunity(Box::new(opportunity.clone()), Expect::Revision(opportunity.revision))
}

pub(crate) fn withdraw(opportunity: &Opportunity) -> Put {
    Put::RemoveOpportunity(Box::new(opportunity.clone()), Expect::Revision(opportunity.revision))
}

/// A new document that says that.
pub(crate) fn document(body: Body) -> Put {
    Put::Document(Box::new(Document::new(body, at(0))), Expect::Absent)
}

/// The document that a write of it is answered with.
pub(crate) fn answered_document(body: Body, revision: i64) -> Resource {
    Resource::Document(Box::new(Document { revision, ..Document::new(body, at(0)) }))
}

/// What every document of a type says.
pub(crate) async fn bodies(store: &SqlStore, resource_type: ResourceType) -> Vec<Body> {
    let documents = store.documents(resource_type).await.expect("the list can be read");
    documents.into_iter().map(|document| document.body).collect()
}

/// Whoever makes the claims.
pub(crate) fn origin() -> Origin {
    Origin::registry("Claim")
}

pub(crate) async fn commit(store: &SqlStore, puts: Vec<Put>) -> Result<Written, Error> {
    store.write(Write { request: None, puts, validate_only: false, origin: origin(), compared: None }).await
}

/// Creates an enterprise; returns it as it was answered.
pub(crate) async fn stored(store: &SqlStore, enterprise: &Enterprise) -> Enterprise {
    answered_enterprise(commit(store, vec![create(enterprise)]).await)
}

/// Replaces an enterprise; returns it as it was answered.
pub(crate) async fn replaced(store: &SqlStore, enterprise: &Enterprise) -> Enterprise {
    answered_enterprise(commit(store, vec![replace(enterprise)]).await)
}

/// Creates an opportunity; returns it as it was answered.
pub(crate) async fn offered(store: &SqlStore, opportunity: &Opportunity) -> Opportunity {
    answered_opportunity(commit(store, vec![offer(opportunity)]).await)
}

/// Replaces an opportunity; returns it as it was answered.
pub(crate) async fn offered_anew(store: &SqlStore, opportunity: &Opportunity) -> Opportunity {
    answered_opportunity(commit(store, vec![offer_anew(opportunity)]).await)
}

pub(crate) fn answered_enterprise(outcome: Result<Written, Error>) -> Enterprise {
    match outcome.expect("the write is good").answer {
        Resource::Enterprise(enterprise) => *enterprise,
        other => panic!("not an enterprise: {other:?}"),
    }
}

pub(crate) fn answered_opportunity(outcome: Result<Written, Error>) -> Opportunity {
    match outcome.expect("the write is good").answer {
        Resource::Opportunity(opportunity) => *opportunity,
        other => panic!("not an opportunity: {other:?}"),
    }
}

/// The refusal as text, like `NotFound("enterprises/a")`.
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    format!("{:?}", outcome.expect_err("this is refused"))
}

pub(crate) fn taken(identifier: &Identifier, holder: &str) -> String {
    let holder = EnterpriseId::new(holder).expect("an id");
    format!("{:?}", Error::IdentifierTaken { identifier: identifier.clone(), holder })
}

/// Runs everything at once. Writes among it reach the writer before it looks, so they share a transaction.
pub(crate) async fn at_once<F>(work: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let started = work.into_iter().map(tokio::spawn).collect::<Vec<_>>();
    let mut outcomes = Vec::with_capacity(started.len());
    for one in started {
        outcomes.push(one.await.expect("none of them panics"));
    }
    outcomes
}

/// Where a list begins and ends when nothing is asked for.
pub(crate) fn listing<Id>() -> Listing<Id> {
    Listing { filter: None, order: fields::BY_NAME, after: None, limit: ALL, show_deleted: false }
}

pub(crate) async fn enterprise_ids(store: &SqlStore, listing: &Listing<EnterpriseId>) -> Vec<String> {
    let listed = store.list_enterprises(listing).await.expect("the list can be read");
    listed.iter().map(|enterprise| enterprise.id.as_str().to_owned()).collect()
}

pub(crate) async fn opportunity_names(
    store: &SqlStore,
    parent: Option<&EnterpriseId>,
    listing: &Listing<OpportunityId>,
) -> Vec<String> {
    let listed = store.list_opportunities(parent, listing).await.expect("the list can be read");
    listed.iter().map(|opportunity| opportunity.id.to_string()).collect()
}

pub(crate) async fn head(store: &SqlStore) -> Head {
    store.head().await.expect("the head can be read")
}

/// The whole feed after a revision, read as a watcher reads it.
pub(crate) async fn feed_after(store: &SqlStore, mut after: i64, limit: u64) -> Vec<Revision> {
    let mut feed: Vec<Revision> = Vec::new();
    loop {
        let revisions = store.revisions(after, limit).await.expect("the feed can be read");
        let Some(last) = revisions.last() else { return feed };
        after = last.revision;
        feed.extend(revisions);
    }
}

pub(crate) async fn feed(store: &SqlStore) -> Vec<Revision> {
    feed_after(store, 0, 1).await
}

/// What happened in one revision, like `["CREATED enterprises/a"]`.
pub(crate) async fn happened(store: &SqlStore, revision: i64) -> Vec<String> {
    let feed = feed(store).await;
    let found = feed.iter().find(|one| one.revision == revision).expect("the revision is in the feed");
    found.changes.iter().map(|change| format!("{} {}", change.kind.name(), change.name)).collect()
}

/// What lives by name, each with its type, revision and bytes.
pub(crate) type Living = BTreeMap<String, (ResourceType, i64, Vec<u8>)>;

/// What a watcher knows who has applied those changes in order.
pub(crate) fn folded<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Living {
    let mut living = Living::new();
    for change in changes {
        match change.kind {
            ChangeKind::Deleted => living.remove(&change.name),
            ChangeKind::Created | ChangeKind::Updated => {
                living.insert(change.name.clone(), (change.resource_type, change.revision, change.data.to_vec()))
            }
        };
    }
    living
}

/// Everything that a store answers with.
#[derive(Debug, PartialEq)]
pub(crate) struct Contents {
    head: Head,
    enterprises: Vec<Enterprise>,
    opportunities: Vec<Opportunity>,
    documents: Vec<Document>,
    feed: Vec<String>,
}

pub(crate) async fn contents(store: &SqlStore) -> Contents {
    let every_enterprise = Listing { show_deleted: true, ..listing() };
    let mut documents = Vec::new();
    for resource_type in ResourceType::ALL {
        documents.extend(store.documents(*resource_type).await.expect("the list can be read"));
    }
    Contents {
        head: head(store).await,
        enterprises: store.list_enterprises(&every_enterprise).await.expect("the list can be read"),
        opportunities: store.list_opportunities(None, &listing()).await.expect("the list can be read"),
        documents,
        feed: feed(store).await.iter().map(|revision| format!("{revision:?}")).collect(),
    }
}
