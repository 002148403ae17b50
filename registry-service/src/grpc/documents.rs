//! What the RPCs of every collection of documents do.

use std::sync::Arc;

use service_kit::door::Door;
use service_kit::page::cut;
use tonic::{Request, Response, Status};

use super::convert::{
    Collection, Creation, NamedChange, Page, Revision, change_of, expected_revision, origin_of, request_of,
};
use super::{render, status};
use crate::domain::document::Document;
use crate::registry::{Error, Registry, Update};
use crate::store;
use crate::store::codec::document_message;

/// Documents over the registry.
pub(super) struct Documents {
    pub(super) registry: Arc<Registry>,
}

impl Documents {
    pub(super) async fn create<R: Creation>(&self, request: Request<R>) -> Result<Response<R::Document>, Status> {
        let origin = origin_of(&request, R::METHOD);
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, R::METHOD, message.request_id(), &message);
        let id = door.take(format_args!("{}_id", R::Document::FIELD), R::Document::new_id(message.id()));
        let Some(wanted) = message.document() else {
            door.refuse(R::Document::FIELD, "must be given");
            return Err(door.refused());
        };
        let parsed = wanted.parse(id_or_stand_in::<R::Document>(message.id()), self.registry.vocabulary());
        let body = parsed.map_err(|violations| door.absorb(violations)).ok();
        let (Some(id), Some(body)) = (id, body) else { return Err(door.refused()) };
        door.close()?;
        let creation = Update { id, expected: None, request, validate_only: message.validate_only(), origin };
        let created = self.registry.create_document(&creation, body).await.map_err(status::of)?;
        self.written(&created)
    }

    pub(super) async fn get<C: Collection>(&self, name: &str) -> Result<Response<C>, Status> {
        let mut door = Door::default();
        let Some(id) = door.take("name", C::parse_name(name)) else { return Err(door.refused()) };
        let document = self.registry.document(&id).await.map_err(status::of)?;
        self.rendered(&document).map(Response::new)
    }

    /// One page, and the token of the next.
    pub(super) async fn list<C: Collection>(&self, size: i32, token: &str) -> Result<(Vec<C>, String), Status> {
        let mut door = Door::default();
        let page = Page::parse(&mut door, C::LIST_METHOD, (size, token), ("", &[]), "");
        door.close()?;
        let mut found = self.registry.documents(C::RESOURCE_TYPE).await.map_err(status::of)?;
        if let Some(after) = &page.after {
            found.retain(|document| document.name() > *after);
        }
        found.truncate(page.limit() as usize);
        self.page(&page, &found, Document::name)
    }

    /// The page that begins with what was found, and the token of the next; `key` says where that begins.
    pub(super) fn page<C: Collection>(
        &self,
        page: &Page,
        found: &[Document],
        key: impl Fn(&Document) -> String,
    ) -> Result<(Vec<C>, String), Status> {
        let mut messages = Vec::with_capacity(found.len());
        for document in found {
            messages.push(self.rendered(document)?);
        }
        let more = cut(&mut messages, page.size);
        let last = messages.len().checked_sub(1).filter(|_| more);
        let next_page_token = last.map(|last| page.token(&key(&found[last]))).unwrap_or_default();
        Ok((messages, next_page_token))
    }

    pub(super) async fn update<R: Revision>(&self, request: Request<R>) -> Result<Response<R::Document>, Status> {
        let origin = origin_of(&request, R::METHOD);
        let message = request.into_inner();
        let mut door = Door::default();
        let request = request_of(&mut door, R::METHOD, message.request_id(), &message);
        let mask = R::Document::mask(message.update_mask(), &mut door);
        let field = R::Document::FIELD;
        let Some(wanted) = message.document() else {
            door.refuse(field, "must be given");
            return Err(door.refused());
        };
        let id = door.take(format_args!("{field}.name"), R::Document::parse_name(wanted.name()));
        // What is wrong whatever the record says is told with all the rest.
        let vocabulary = self.registry.vocabulary();
        let bare_id = wanted.name().rsplit('/').next().unwrap_or_default();
        let foreseen = wanted.stand_in().merged(wanted, &mask);
        if let Err(violations) = foreseen.parse(id_or_stand_in::<R::Document>(bare_id), vocabulary) {
            door.absorb(violations);
        }
        let Some(id) = id else { return Err(door.refused()) };
        door.close()?;

        let expected = expected_revision(wanted.etag());
        let update = Update { id, expected, request, validate_only: message.validate_only(), origin };
        let change = |current: &Document| {
            let message = R::Document::of(document_message(current)).ok_or_else(|| foreign(current))?;
            let id = R::Document::parse_name(&current.name()).map_err(|_| foreign(current))?;
            message.merged(wanted, &mask).parse(id, vocabulary).map_err(Error::Invalid)
        };
        let updated = self.registry.update_document(&update, change).await.map_err(status::of)?;
        self.written(&updated)
    }

    pub(super) async fn delete<C: Collection>(
        &self,
        request: Request<impl NamedChange>,
    ) -> Result<Response<C>, Status> {
        let update = change_of(&request, C::parse_name)?;
        let deleted = self.registry.delete_document(&update).await.map_err(status::of)?;
        self.written(&deleted)
    }

    pub(super) fn rendered<C: Collection>(&self, document: &Document) -> Result<C, Status> {
        let message = C::of(render::document(document, self.registry.epoch()));
        message.ok_or_else(|| status::of(foreign(document)))
    }

    fn written<C: Collection>(&self, document: &Document) -> Result<Response<C>, Status> {
        let token = if document.revision == 0 {
            String::new()
        } else {
            render::token(self.registry.epoch(), document.revision)
        };
        Ok(render::written(self.rendered(document)?, &token))
    }
}

/// The id, or one that stands in for it where it is wrong, so that the rest can be judged.
fn id_or_stand_in<C: Collection>(id: &str) -> C::Id {
    C::new_id(id).unwrap_or_else(|_| C::new_id("stand-in").expect("an id"))
}

/// The name of a document decides its type, so one of another type under it is a fault of ours.
fn foreign(document: &Document) -> Error {
    store::Error::Broken(format!("`{}` is of another type", document.name())).into()
}
