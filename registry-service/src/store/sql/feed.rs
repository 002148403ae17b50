//! Reads of the feed: its head, its revisions, and everything that lives as of one revision.

use std::collections::HashMap;

use prost::bytes::Bytes;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::entity::{change, document, enterprise, head, opportunity, revision};
use super::failure::failed;
use crate::domain::time::Timestamp;
use crate::store::{Change, ChangeKind, Error, Head, Resource, ResourceType, Revision, WRITE_MAX, codec};

/// Rows of one part of a snapshot: at our largest usual record a part stays well below 4 MiB.
const SNAPSHOT_PART_ROWS: u64 = 500;

pub(super) async fn head(db: &impl ConnectionTrait) -> Result<Head, Error> {
    let row = head::Entity::find().one(db).await.map_err(failed)?;
    read_head(&row.ok_or_else(|| Error::Broken("the feed has no head".to_owned()))?)
}

pub(super) fn read_head(row: &head::Model) -> Result<Head, Error> {
    let epoch = Uuid::parse_str(&row.epoch).map_err(|problem| Error::Broken(problem.to_string()))?;
    let commit_time = Timestamp::from_micros(row.commit_micros);
    Ok(Head { epoch, revision: row.revision, earliest: row.earliest, commit_time })
}

pub(super) async fn revisions(db: &impl ConnectionTrait, after: i64, limit: u64) -> Result<Vec<Revision>, Error> {
    // Two whole writes at least, so that cutting off the last one never leaves nothing.
    let limit = limit.max(2 * WRITE_MAX as u64);
    let query = change::Entity::find()
        .select_only()
        .columns([change::Column::Revision, change::Column::ResourceType, change::Column::Kind])
        .columns([change::Column::Name, change::Column::RegionCode, change::Column::LeftRegionCode])
        .column(change::Column::Data)
        .filter(change::Column::Revision.gt(after))
        .order_by_asc(change::Column::Revision)
        .order_by_asc(change::Column::Position)
        .limit(limit);
    // Tuples are read by place; finding columns by name takes longer than all the rest of a row.
    let rows: Vec<Row> = query.into_tuple().all(db).await.map_err(failed)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    // Afterwards: a compaction that emptied what was read has moved the head in the same transaction.
    let earliest = head(db).await?.earliest;
    if after.max(0) + 1 < earliest {
        return Err(Error::Compacted { earliest });
    }

    let is_cut = rows.len() as u64 == limit;
    let commits = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => commit_times(db, first.0, last.0).await?,
        _ => return Ok(Vec::new()),
    };
    let mut revisions: Vec<Revision> = Vec::new();
    for row in rows {
        let revision = row.0;
        if revisions.last().is_none_or(|last| last.revision != revision) {
            let commit_time = commits.get(&revision).copied();
            let commit_time =
                commit_time.ok_or_else(|| Error::Broken(format!("revision {revision} has no commit time")))?;
            revisions.push(Revision { revision, commit_time, changes: Vec::new() });
        }
        let current = revisions.last_mut().expect("one was pushed if there was none");
        current.changes.push(read_change(row)?);
    }
    if is_cut {
        revisions.pop();
    }
    Ok(revisions)
}

/// The resources that a revision changed, in the order of the write.
pub(super) async fn resources_of(db: &impl ConnectionTrait, revision: i64) -> Result<Vec<Resource>, Error> {
    let query =
        change::Entity::find().filter(change::Column::Revision.eq(revision)).order_by_asc(change::Column::Position);
    let mut resources = Vec::new();
    for row in query.all(db).await.map_err(failed)? {
        let unknown = || Error::Broken(format!("a change of revision {revision} has an unknown type"));
        let resource_type = ResourceType::from_number(row.resource_type).ok_or_else(unknown)?;
        resources.push(codec::decode(resource_type, &row.data, revision)?);
    }
    Ok(resources)
}

async fn commit_times(db: &impl ConnectionTrait, first: i64, last: i64) -> Result<HashMap<i64, Timestamp>, Error> {
    let query = revision::Entity::find()
        .select_only()
        .columns([revision::Column::Revision, revision::Column::CommitMicros])
        .filter(revision::Column::Revision.between(first, last));
    let rows: Vec<(i64, i64)> = query.into_tuple().all(db).await.map_err(failed)?;
    Ok(rows.into_iter().map(|(revision, micros)| (revision, Timestamp::from_micros(micros))).collect())
}

/// Revision, type, kind, name, country, country left, data.
type Row = (i64, i32, i32, String, String, String, Vec<u8>);

fn read_change(
    (revision, resource_type, kind, name, region_code, left_region_code, data): Row,
) -> Result<Change, Error> {
    let unknown = |what: &str| Error::Broken(format!("a change of revision {revision} has an unknown {what}"));
    Ok(Change {
        resource_type: ResourceType::from_number(resource_type).ok_or_else(|| unknown("type"))?,
        kind: ChangeKind::from_number(kind).ok_or_else(|| unknown("kind"))?,
        revision,
        name,
        region_code,
        left_region_code,
        data: Bytes::from(data),
    })
}

/// Sends everything that lives, reading in one transaction. A receiver that went away ends it early.
pub(super) async fn snapshot(db: &impl ConnectionTrait, parts: mpsc::Sender<Vec<Change>>) -> Result<Head, Error> {
    let head = head(db).await?;

    let mut part = Vec::new();
    for row in document::Entity::find().order_by_asc(document::Column::Name).all(db).await.map_err(failed)? {
        let resource_type = ResourceType::from_number(row.resource_type);
        let resource_type =
            resource_type.ok_or_else(|| Error::Broken(format!("`{}` has an unknown type", row.name)))?;
        part.push(living(resource_type, row.name, String::new(), row.revision, row.data));
    }
    if parts.send(part).await.is_err() {
        return Ok(head);
    }

    let mut after = String::new();
    loop {
        let query = enterprise::Entity::find()
            .filter(enterprise::Column::Id.gt(&after))
            .filter(enterprise::Column::Deleted.eq(false))
            .order_by_asc(enterprise::Column::Id);
        let rows = query.limit(SNAPSHOT_PART_ROWS).all(db).await.map_err(failed)?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.id);
        let name = |id: &str| format!("enterprises/{id}");
        let living = |row: enterprise::Model| {
            living(ResourceType::Enterprise, name(&row.id), row.region_code, row.revision, row.data)
        };
        if parts.send(rows.into_iter().map(living).collect()).await.is_err() {
            return Ok(head);
        }
    }

    let mut after = String::new();
    loop {
        let query = opportunity::Entity::find()
            .filter(opportunity::Column::Path.gt(&after))
            .order_by_asc(opportunity::Column::Path);
        let rows = query.limit(SNAPSHOT_PART_ROWS).all(db).await.map_err(failed)?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.path);
        let regions = regions(db, rows.iter().map(|row| row.enterprise_id.as_str())).await?;
        let living = |row: opportunity::Model| {
            let region_code = regions.get(&row.enterprise_id).cloned().unwrap_or_default();
            living(ResourceType::Opportunity, opportunity_name(&row.path), region_code, row.revision, row.data)
        };
        if parts.send(rows.into_iter().map(living).collect()).await.is_err() {
            return Ok(head);
        }
    }
    Ok(head)
}

/// The resource name of the opportunity with that key.
pub(super) fn opportunity_name(path: &str) -> String {
    format!("enterprises/{}", path.replacen('/', "/opportunities/", 1))
}

/// The countries of those enterprises.
async fn regions(db: &impl ConnectionTrait, ids: impl Iterator<Item = &str>) -> Result<HashMap<String, String>, Error> {
    let query = enterprise::Entity::find()
        .select_only()
        .columns([enterprise::Column::Id, enterprise::Column::RegionCode])
        .filter(enterprise::Column::Id.is_in(ids));
    let rows: Vec<(String, String)> = query.into_tuple().all(db).await.map_err(failed)?;
    Ok(rows.into_iter().collect())
}

fn living(resource_type: ResourceType, name: String, region_code: String, revision: i64, data: Vec<u8>) -> Change {
    let left_region_code = String::new();
    let kind = ChangeKind::Created;
    Change { resource_type, name, region_code, left_region_code, kind, revision, data: Bytes::from(data) }
}
