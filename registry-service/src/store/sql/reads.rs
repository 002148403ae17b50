//! Reads of resources; each is one statement, so it sees one revision.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{document, enterprise, identifier, opportunity};
use super::failure::failed;
use super::filter;
use crate::domain::document::Document;
use crate::domain::enterprise::Enterprise;
use crate::domain::identifier::Identifier;
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Opportunity;
use crate::store::{Error, Listing, Resource, ResourceType, codec};

pub(super) async fn enterprises(db: &impl ConnectionTrait, ids: &[EnterpriseId]) -> Result<Vec<Enterprise>, Error> {
    let ids = ids.iter().map(EnterpriseId::as_str);
    let rows = enterprise::Entity::find().filter(enterprise::Column::Id.is_in(ids)).all(db).await.map_err(failed)?;
    rows.iter().map(read_enterprise).collect()
}

pub(super) async fn list_enterprises(
    db: &impl ConnectionTrait,
    listing: &Listing<EnterpriseId>,
) -> Result<Vec<Enterprise>, Error> {
    let mut condition = Condition::all();
    if !listing.show_deleted {
        condition = condition.add(enterprise::Column::Deleted.eq(false));
    }
    if let Some(after) = &listing.after {
        condition = condition.add(enterprise::Column::Id.gt(after.as_str()));
    }
    if let Some(expression) = &listing.filter {
        condition = condition.add(filter::enterprises(expression)?);
    }
    let query = enterprise::Entity::find().filter(condition).order_by_asc(enterprise::Column::Id);
    let rows = query.limit(u64::from(listing.limit)).all(db).await.map_err(failed)?;
    rows.iter().map(read_enterprise).collect()
}

pub(super) async fn holders(
    db: &impl ConnectionTrait,
    identifiers: &[Identifier],
) -> Result<Vec<(Identifier, EnterpriseId)>, Error> {
    let keys: HashMap<String, &Identifier> =
        identifiers.iter().map(|wanted| (identifier_key(wanted), wanted)).collect();
    let query = identifier::Entity::find().filter(identifier::Column::Identifier.is_in(keys.keys()));
    let mut holders = Vec::new();
    for row in query.all(db).await.map_err(failed)? {
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
) -> Result<Vec<Opportunity>, Error> {
    let mut live = Query::select();
    live.expr(Expr::val(1)).from(enterprise::Entity).and_where(
        Expr::col((enterprise::Entity, enterprise::Column::Id))
            .equals((opportunity::Entity, opportunity::Column::EnterpriseId))
            .and(enterprise::Column::Deleted.eq(false)),
    );
    let mut condition = Condition::all().add(Expr::exists(live));
    if let Some(parent) = parent {
        condition = condition.add(opportunity::Column::EnterpriseId.eq(parent.as_str()));
    }
    if let Some(after) = &listing.after {
        condition = condition.add(opportunity::Column::Path.gt(opportunity_path(after)));
    }
    if let Some(expression) = &listing.filter {
        condition = condition.add(filter::opportunities(expression)?);
    }
    let query = opportunity::Entity::find().filter(condition).order_by_asc(opportunity::Column::Path);
    let rows = query.limit(u64::from(listing.limit)).all(db).await.map_err(failed)?;
    rows.iter().map(read_opportunity).collect()
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

fn read_document(row: &document::Model) -> Result<Document, Error> {
    let broken = || Error::Broken(format!("`{}` is not a document", row.name));
    let resource_type = ResourceType::from_number(row.resource_type).ok_or_else(broken)?;
    match codec::decode(resource_type, &row.data, row.revision)? {
        Resource::Document(document) => Ok(*document),
        _ => Err(broken()),
    }
}

fn read_enterprise(row: &enterprise::Model) -> Result<Enterprise, Error> {
    match codec::decode(ResourceType::Enterprise, &row.data, row.revision)? {
        Resource::Enterprise(enterprise) => Ok(*enterprise),
        _ => Err(Error::Broken(format!("`{}` is not an enterprise", row.id))),
    }
}

pub(super) fn read_opportunity(row: &opportunity::Model) -> Result<Opportunity, Error> {
    match codec::decode(ResourceType::Opportunity, &row.data, row.revision)? {
        Resource::Opportunity(opportunity) => Ok(*opportunity),
        _ => Err(Error::Broken(format!("`{}` is not an opportunity", row.path))),
    }
}
