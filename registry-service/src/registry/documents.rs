//! Documents: registered, read, changed and removed, whatever their type.

use std::fmt::Display;

use tracing::warn;

use super::{Error, Persisted, Registry, Update, now};
use crate::domain::document::{Body, Document};
use crate::domain::ids::OfficeId;
use crate::store::{self, ChangeKind, Expect, Put, Resource, ResourceType, Written};

/// Most documents of one type: they are read whole, and every process keeps them in memory.
const COLLECTION_MAX: usize = 5_000;

/// What happens to a document that is there.
enum Decision {
    Put(Body),
    Remove,
}

impl Registry {
    /// Registers a document.
    pub async fn create_document<Id: Display>(&self, creation: &Update<Id>, body: Body) -> Result<Document, Error> {
        let document = Document::new(body, now());
        let resource_type = ResourceType::of(&document);
        let is_full = self.store.documents(resource_type).await?.len() >= COLLECTION_MAX;
        if is_full && self.answered(creation.request.as_ref()).await?.is_none() {
            return Err(Error::Full { collection: collection(&document), maximum: COLLECTION_MAX });
        }
        let put = Put::Document(Box::new(document), Expect::Absent);
        self.write_document(creation, put).await
    }

    /// The document of that name.
    pub async fn document(&self, name: &impl Display) -> Result<Document, Error> {
        let name = name.to_string();
        let found = self.store.document(&name).await?;
        found.ok_or_else(|| store::Error::NotFound(name).into())
    }

    /// Every document of a type, in order of name.
    pub async fn documents(&self, resource_type: ResourceType) -> Result<Vec<Document>, Error> {
        Ok(self.store.documents(resource_type).await?)
    }

    /// One version of a document, also of one that was deleted since.
    pub async fn document_version(&self, name: &impl Display, revision: i64) -> Result<Document, Error> {
        let name = name.to_string();
        let version = self.store.version(&name, revision).await?;
        match version.filter(|version| version.kind != ChangeKind::Deleted).map(|version| version.resource) {
            Some(Resource::Document(document)) => Ok(*document),
            _ => Err(store::Error::NotFound(format!("{name}@r{revision}")).into()),
        }
    }

    /// Versions of a document, newest first: those before the revision `before`, if given, at most `limit`.
    pub async fn document_versions(
        &self,
        name: &impl Display,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Document>, Error> {
        // Deletions are no versions to read; of two versions that follow each other at most one is a deletion.
        let versions = self.store.versions(&name.to_string(), before, limit.saturating_mul(2)).await?;
        if versions.is_empty() && before.is_none() {
            return Err(store::Error::NotFound(name.to_string()).into());
        }
        let readable = versions.into_iter().filter(|version| version.kind != ChangeKind::Deleted);
        let documents = readable.filter_map(|version| match version.resource {
            Resource::Document(document) => Some(*document),
            _ => None,
        });
        Ok(documents.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    /// Changes a document to what `change` makes of the present one. A change that changes nothing makes no revision,
    /// unless it has a request id to be remembered.
    pub async fn update_document<Id: Display>(
        &self,
        update: &Update<Id>,
        change: impl Fn(&Document) -> Result<Body, Error>,
    ) -> Result<Document, Error> {
        self.change_document(update, |current| change(current).map(Decision::Put)).await
    }

    /// Removes a document for good; returns its last version.
    pub async fn delete_document<Id: Display>(&self, update: &Update<Id>) -> Result<Document, Error> {
        self.change_document(update, |current| match &current.body {
            Body::Office(office) if office.id == OfficeId::headquarters() => {
                Err(Error::Indispensable(office.id.to_string()))
            }
            _ => Ok(Decision::Remove),
        })
        .await
    }

    /// Reads, decides, and keeps the decision if nobody was faster; otherwise again, unless the caller named a version.
    async fn change_document<Id: Display>(
        &self,
        update: &Update<Id>,
        decide: impl Fn(&Document) -> Result<Decision, Error>,
    ) -> Result<Document, Error> {
        let is_lost = |error: &store::Error| update.expected.is_none() && matches!(error, store::Error::Stale(_));
        let attempt = || self.try_change_document(update, &decide);
        match self.repeat(update.request.as_ref(), is_lost, attempt).await? {
            Persisted::Before(written) => document_of(written),
            Persisted::Now(document) => Ok(document),
        }
    }

    async fn try_change_document<Id: Display>(
        &self,
        update: &Update<Id>,
        decide: impl Fn(&Document) -> Result<Decision, Error>,
    ) -> Result<Document, Error> {
        let current = self.document(&update.id).await?;
        if update.expected.is_some_and(|expected| expected != current.revision) {
            return Err(store::Error::Stale(current.name()).into());
        }
        let expect = Expect::Revision(current.revision);
        let put = match decide(&current)? {
            Decision::Put(body) if body == current.body && update.request.is_none() => return Ok(current),
            Decision::Put(body) => Put::Document(Box::new(current.changed(now(), body)), expect),
            Decision::Remove => Put::RemoveDocument(Box::new(current), expect),
        };
        self.write_document(update, put).await
    }

    async fn write_document<Id: Display>(&self, update: &Update<Id>, put: Put) -> Result<Document, Error> {
        let written = document_of(self.store.write(update.write(vec![put])).await?)?;
        // Whoever was answered may name it at once.
        if let Err(error) = self.vocabulary.refresh(&self.store).await {
            warn!(%error, "the vocabulary cannot be read; the feed will bring the change");
        }
        Ok(written)
    }
}

fn collection(document: &Document) -> &'static str {
    match document.body {
        Body::Industry(_) => "industries",
        Body::RegionGroup(_) => "region_groups",
        Body::Zone(_) => "zones",
        Body::Office(_) => "offices",
        Body::Policy(_) => "policies",
    }
}

fn document_of(written: Written) -> Result<Document, Error> {
    match written.answer {
        Resource::Document(document) => Ok(*document),
        _ => Err(store::Error::Broken("a document was written and something else came back".to_owned()).into()),
    }
}
