//! Versions of one resource, from the feed.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{change, revision};
use super::failure::failed;
use crate::domain::time::Timestamp;
use crate::store::{ChangeKind, Error, ResourceType, Version, codec};

pub(super) async fn version(db: &impl ConnectionTrait, name: &str, revision: i64) -> Result<Option<Version>, Error> {
    let condition = Condition::all().add(change::Column::Revision.eq(revision));
    Ok(read(db, name, condition, 1).await?.pop())
}

pub(super) async fn versions(
    db: &impl ConnectionTrait,
    name: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Version>, Error> {
    let before = before.map(|before| change::Column::Revision.lt(before));
    read(db, name, Condition::all().add_option(before), limit).await
}

async fn read(db: &impl ConnectionTrait, name: &str, condition: Condition, limit: u32) -> Result<Vec<Version>, Error> {
    let query = change::Entity::find()
        .filter(change::Column::Name.eq(name))
        .filter(condition)
        .order_by_desc(change::Column::Revision)
        .limit(u64::from(limit));
    let rows = query.all(db).await.map_err(failed)?;
    let commits = commit_times(db, rows.iter().map(|row| row.revision)).await?;
    let mut versions = Vec::with_capacity(rows.len());
    for row in rows {
        let broken = |what: &str| Error::Broken(format!("version {} of `{}` has no {what}", row.revision, row.name));
        let resource_type = ResourceType::from_number(row.resource_type).ok_or_else(|| broken("type"))?;
        versions.push(Version {
            revision: row.revision,
            commit_time: commits.get(&row.revision).copied().ok_or_else(|| broken("commit time"))?,
            kind: ChangeKind::from_number(row.kind).ok_or_else(|| broken("kind"))?,
            resource: codec::decode(resource_type, &row.data, row.revision)?,
        });
    }
    Ok(versions)
}

async fn commit_times(
    db: &impl ConnectionTrait,
    revisions: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, Timestamp>, Error> {
    let query = revision::Entity::find()
        .select_only()
        .columns([revision::Column::Revision, revision::Column::CommitMicros])
        .filter(revision::Column::Revision.is_in(revisions));
    let rows: Vec<(i64, i64)> = query.into_tuple().all(db).await.map_err(failed)?;
    Ok(rows.into_iter().map(|(revision, micros)| (revision, Timestamp::from_micros(micros))).collect())
}
