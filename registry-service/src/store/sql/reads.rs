//! Reads of resources; each is one statement, so it sees one revision.

use std::collections::HashMap;

use prost::bytes::Bytes;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use service_kit::filter::Expr;

use super::bulk;
use super::entity::{document, enterprise, identifier, opportunity};
use super::failure::failed;
use super::listing::{self, Counting, Wanted};
use super::range::Range;
use super::table;
use super::text::Bind;
use crate::domain::document::Document;
use crate::domain::enterprise::Enterprise;
use crate::domain::identifier::Identifier;
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Opportunity;
use crate::store::{Error, Listing, OrderValue, Resource, ResourceType, codec, fields};

/// The record of an enterprise as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    revision: i64,
    data: Bytes,
}

impl Stored {
    /// The enterprise, whose id that is.
    pub(super) fn enterprise(&self, id: &str) -> Result<Enterprise, Error> {
        enterprise_of(id, &self.data, self.revision)
    }
}

/// The records of those ids that exist.
pub(super) async fn stored(db: &impl ConnectionTrait, ids: Vec<&str>) -> Result<HashMap<String, Stored>, Error> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in bulk::parts(ids) {
        let query = enterprise::Entity::find()
            .select_only()
            .columns([enterprise::Column::Id, enterprise::Column::Revision, enterprise::Column::Data])
            .filter(enterprise::Column::Id.is_in(ids));
        let rows: Vec<(String, i64, Vec<u8>)> = query.into_tuple().all(db).await.map_err(failed)?;
        found.extend(rows.into_iter().map(|(id, revision, data)| (id, Stored { revision, data: Bytes::from(data) })));
    }
    Ok(found)
}

/// The record of each of those ids, in their order.
pub(super) async fn stored_each(
    db: &impl ConnectionTrait,
    ids: Vec<EnterpriseId>,
) -> Result<Vec<Option<Stored>>, Error> {
    let found = stored(db, ids.iter().map(EnterpriseId::as_str).collect()).await?;
    Ok(ids.iter().map(|id| found.get(id.as_str()).cloned()).collect())
}

pub(super) async fn enterprises(db: &impl ConnectionTrait, ids: &[EnterpriseId]) -> Result<Vec<Enterprise>, Error> {
    // One statement, so that all are of one revision: nobody who minds asks for more than fits.
    let found = stored(db, ids.iter().map(EnterpriseId::as_str).collect()).await?;
    found.iter().map(|(id, stored)| stored.enterprise(id)).collect()
}

pub(super) async fn list_enterprises(
    db: &impl ConnectionTrait,
    listing: &Listing<EnterpriseId>,
    counting: &Counting,
) -> Result<Vec<Enterprise>, Error> {
    let rows = listing::page(db, &wanted_enterprises(listing, counting)).await?;
    rows.iter().map(|row| enterprise_of(&row.key, &row.data, row.revision)).collect()
}

/// How the engine would read a list of enterprises.
pub(super) async fn explain_enterprises(
    db: &impl ConnectionTrait,
    listing: &Listing<EnterpriseId>,
    counting: &Counting,
) -> Result<Vec<String>, Error> {
    listing::explained(db, &wanted_enterprises(listing, counting)).await
}

fn wanted_enterprises<'a>(listing: &'a Listing<EnterpriseId>, counting: &'a Counting) -> Wanted<'a> {
    Wanted {
        table: &table::ENTERPRISES,
        filter: listing.filter.as_ref(),
        always: if listing.show_deleted { Vec::new() } else { vec!["NOT e.deleted"] },
        within: None,
        order: listing.order,
        after: listing.after.as_ref().map(|after| (bound(&after.value), after.id.as_str().to_owned())),
        limit: listing.limit,
        counting,
    }
}

/// Live enterprises that pass a filter, after a key, in order of key.
pub(super) async fn live_enterprises(
    db: &impl ConnectionTrait,
    filter: Option<&Expr>,
    after: Option<&str>,
    limit: u32,
    counting: &Counting,
) -> Result<Vec<listing::Row>, Error> {
    let wanted = Wanted {
        table: &table::ENTERPRISES,
        filter,
        always: vec!["NOT e.deleted"],
        within: None,
        order: fields::BY_NAME,
        after: after.map(|key| (Bind::Number(0), key.to_owned())),
        limit,
        counting,
    };
    listing::page(db, &wanted).await
}

fn bound(value: &OrderValue) -> Bind {
    match value {
        OrderValue::Text(text) => Bind::Text(text.clone()),
        OrderValue::Number(number) => Bind::Number(*number),
        // As the index has it; without a value there is nothing to compare.
        OrderValue::Absent | OrderValue::Id => Bind::Number(i64::MAX),
    }
}

pub(super) async fn holders(
    db: &impl ConnectionTrait,
    identifiers: &[Identifier],
) -> Result<Vec<(Identifier, EnterpriseId)>, Error> {
    let keys: HashMap<String, &Identifier> =
        identifiers.iter().map(|wanted| (identifier_key(wanted), wanted)).collect();
    let mut rows = Vec::new();
    for keys in bulk::parts(keys.keys().collect()) {
        let query = identifier::Entity::find().filter(identifier::Column::Identifier.is_in(keys));
        rows.extend(query.all(db).await.map_err(failed)?);
    }
    let mut holders = Vec::new();
    for row in rows {
        if let Some(wanted) = keys.get(&row.identifier) {
            let holder = EnterpriseId::new(&row.enterprise_id).map_err(Error::Broken)?;
            holders.push(((*wanted).clone(), holder));
        }
    }
    Ok(holders)
}

/// The key that makes an identifier unique.
pub(super) fn identifier_key(identifier: &Identifier) -> String {
    format!("{}/{}", identifier.scheme().name(), identifier.number())
}

pub(super) async fn opportunity(db: &impl ConnectionTrait, id: &OpportunityId) -> Result<Option<Opportunity>, Error> {
    let row = opportunity::Entity::find_by_id(opportunity_path(id)).one(db).await.map_err(failed)?;
    row.as_ref().map(read_opportunity).transpose()
}

pub(super) async fn opportunities(db: &impl ConnectionTrait, ids: &[OpportunityId]) -> Result<Vec<Opportunity>, Error> {
    let paths = ids.iter().map(opportunity_path);
    let rows = opportunity::Entity::find().filter(opportunity::Column::Path.is_in(paths)).all(db).await;
    rows.map_err(failed)?.iter().map(read_opportunity).collect()
}

pub(super) async fn list_opportunities(
    db: &impl ConnectionTrait,
    parent: Option<&EnterpriseId>,
    listing: &Listing<OpportunityId>,
    counting: &Counting,
) -> Result<Vec<Opportunity>, Error> {
    let rows = listing::page(db, &wanted_opportunities(parent, listing, counting)).await?;
    rows.iter().map(|row| opportunity_of(&row.key, &row.data, row.revision)).collect()
}

/// How the engine would read a list of opportunities.
pub(super) async fn explain_opportunities(
    db: &impl ConnectionTrait,
    parent: Option<&EnterpriseId>,
    listing: &Listing<OpportunityId>,
    counting: &Counting,
) -> Result<Vec<String>, Error> {
    listing::explained(db, &wanted_opportunities(parent, listing, counting)).await
}

/// The enterprise of a row lives.
const OF_LIVE_ENTERPRISE: &str = "EXISTS (SELECT 1 FROM enterprises p WHERE p.id = e.enterprise_id AND NOT p.deleted)";

fn wanted_opportunities<'a>(
    parent: Option<&EnterpriseId>,
    listing: &'a Listing<OpportunityId>,
    counting: &'a Counting,
) -> Wanted<'a> {
    Wanted {
        table: &table::OPPORTUNITIES,
        filter: listing.filter.as_ref(),
        always: vec![OF_LIVE_ENTERPRISE],
        within: parent.and_then(|parent| Range::equal(&table::PARENT, Bind::Text(parent.as_str().to_owned()))),
        order: listing.order,
        after: listing.after.as_ref().map(|after| (bound(&after.value), opportunity_path(&after.id))),
        limit: listing.limit,
        counting,
    }
}

/// The key of an opportunity; its byte order is that of the names.
pub(super) fn opportunity_path(id: &OpportunityId) -> String {
    format!("{}/{}", id.enterprise.as_str(), id.as_str())
}

pub(super) async fn document(db: &impl ConnectionTrait, name: &str) -> Result<Option<Document>, Error> {
    let row = document::Entity::find_by_id(name).one(db).await.map_err(failed)?;
    row.as_ref().map(read_document).transpose()
}

pub(super) async fn documents(db: &impl ConnectionTrait, resource_type: ResourceType) -> Result<Vec<Document>, Error> {
    let query = document::Entity::find().filter(document::Column::ResourceType.eq(resource_type.number()));
    let rows = query.order_by_asc(document::Column::Name).all(db).await.map_err(failed)?;
    rows.iter().map(read_document).collect()
}

pub(super) fn read_document(row: &document::Model) -> Result<Document, Error> {
    let broken = || Error::Broken(format!("`{}` is not a document", row.name));
    let resource_type = ResourceType::from_number(row.resource_type).ok_or_else(broken)?;
    match codec::decode(resource_type, &row.data, row.revision)? {
        Resource::Document(document) => Ok(*document),
        _ => Err(broken()),
    }
}

pub(super) fn enterprise_of(key: &str, data: &[u8], revision: i64) -> Result<Enterprise, Error> {
    match codec::decode(ResourceType::Enterprise, data, revision)? {
        Resource::Enterprise(enterprise) => Ok(*enterprise),
        _ => Err(Error::Broken(format!("`{key}` is not an enterprise"))),
    }
}

pub(super) fn read_opportunity(row: &opportunity::Model) -> Result<Opportunity, Error> {
    opportunity_of(&row.path, &row.data, row.revision)
}

fn opportunity_of(key: &str, data: &[u8], revision: i64) -> Result<Opportunity, Error> {
    match codec::decode(ResourceType::Opportunity, data, revision)? {
        Resource::Opportunity(opportunity) => Ok(*opportunity),
        _ => Err(Error::Broken(format!("`{key}` is not an opportunity"))),
    }
}
