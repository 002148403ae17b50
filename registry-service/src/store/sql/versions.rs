//! Versions of one resource, and who made them.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::entity::{change, revision};
use super::failure::failed;
use crate::domain::time::Timestamp;
use crate::store::{AuditEntry, ChangeKind, Error, ResourceType, Version, codec};

pub(super) async fn version(db: &impl ConnectionTrait, name: &str, revision: i64) -> Result<Option<Version>, Error> {
    let query = change::Entity::find()
        .filter(change::Column::Name.eq(name))
        .filter(change::Column::Revision.eq(revision))
        .filter(kept());
    let rows = query.all(db).await.map_err(failed)?;
    Ok(read(db, rows).await?.pop())
}

pub(super) async fn versions(
    db: &impl ConnectionTrait,
    name: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Version>, Error> {
    let query = newest_first(change::Entity::find(), name, before).filter(kept()).limit(u64::from(limit));
    let rows = query.all(db).await.map_err(failed)?;
    read(db, rows).await
}

pub(super) async fn audit(
    db: &impl ConnectionTrait,
    name: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<AuditEntry>, Error> {
    // Without the data, which is not asked for and may be gone.
    let query = change::Entity::find().select_only().columns([change::Column::Revision, change::Column::Kind]);
    let query = newest_first(query, name, before).limit(u64::from(limit));
    let rows: Vec<(i64, i32)> = query.into_tuple().all(db).await.map_err(failed)?;
    let mut origins = origins(db, rows.iter().map(|(revision, _)| *revision)).await?;
    let entry = |(revision, kind): (i64, i32)| {
        let origin = origins.remove(&revision).ok_or_else(|| nobody_noted(revision))?;
        Ok(AuditEntry {
            revision,
            commit_time: Timestamp::from_micros(origin.commit_micros),
            kind: read_kind(revision, kind)?,
            actor: origin.actor,
            method: origin.method,
            request_id: origin.request_id.unwrap_or_default(),
            reason: origin.reason,
        })
    };
    rows.into_iter().map(entry).collect()
}

/// The data of a version that was dropped is empty; a resource never is.
fn kept() -> sea_orm::sea_query::SimpleExpr {
    change::Column::Data.ne(Vec::<u8>::new())
}

fn newest_first(query: Select<change::Entity>, name: &str, before: Option<i64>) -> Select<change::Entity> {
    let query = query.filter(change::Column::Name.eq(name)).order_by_desc(change::Column::Revision);
    match before {
        Some(before) => query.filter(change::Column::Revision.lt(before)),
        None => query,
    }
}

async fn read(db: &impl ConnectionTrait, rows: Vec<change::Model>) -> Result<Vec<Version>, Error> {
    let origins = origins(db, rows.iter().map(|row| row.revision)).await?;
    let version = |row: change::Model| {
        let unknown = || Error::Broken(format!("a change of revision {} has an unknown type", row.revision));
        let resource_type = ResourceType::from_number(row.resource_type).ok_or_else(unknown)?;
        let origin = origins.get(&row.revision).ok_or_else(|| nobody_noted(row.revision))?;
        Ok(Version {
            revision: row.revision,
            commit_time: Timestamp::from_micros(origin.commit_micros),
            kind: read_kind(row.revision, row.kind)?,
            resource: codec::decode(resource_type, &row.data, row.revision)?,
        })
    };
    rows.into_iter().map(version).collect()
}

async fn origins(
    db: &impl ConnectionTrait,
    revisions: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, revision::Model>, Error> {
    let query = revision::Entity::find().filter(revision::Column::Revision.is_in(revisions));
    let rows = query.all(db).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.revision, row)).collect())
}

fn read_kind(revision: i64, number: i32) -> Result<ChangeKind, Error> {
    let unknown = || Error::Broken(format!("a change of revision {revision} has an unknown kind"));
    ChangeKind::from_number(number).ok_or_else(unknown)
}

fn nobody_noted(revision: i64) -> Error {
    Error::Broken(format!("revision {revision} has no origin"))
}
