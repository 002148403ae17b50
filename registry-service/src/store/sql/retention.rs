//! What goes after its time: the oldest revisions of the feed, and soft-deleted enterprises.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait,
};
use uuid::Uuid;

use super::connect::Pools;
use super::entity::{change, enterprise, head, opportunity, revision};
use super::failure::failed;
use super::{expiry, feed};
use crate::store::{ChangeKind, Error, Resource, ResourceType, Retention, WRITE_BYTES_MAX, WRITE_MAX, codec};

/// Changes dropped at a time (and the rest of the last revision): a few milliseconds, and the head is locked for the last
/// of them only.
const STEP_CHANGES: u64 = 1_000;

/// Types of which every version is kept until it is removed for good.
const KEPT_WHOLE: [ResourceType; 2] = [ResourceType::Enterprise, ResourceType::Policy];

/// Drops some of the oldest revisions; whether there may be more.
pub(super) async fn compact(pools: &Pools, retention: &Retention) -> Result<bool, Error> {
    let head = feed::head(&pools.read).await?;
    let mut keep_from = head.earliest;
    if let Some(revisions) = retention.revisions {
        keep_from = keep_from.max(head.revision.saturating_sub(revisions).saturating_add(1));
    }
    let oldest = match retention.age {
        Some(age) => {
            let now = expiry::clock(&pools.read).await?.micros();
            Some(now.saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX)))
        }
        None => None,
    };
    // Commit times never step back, so the first revision tells whether any is outdated.
    let is_outdated = match oldest {
        Some(oldest) => {
            let first = revision::Entity::find_by_id(head.earliest).one(&pools.read).await.map_err(failed)?;
            first.is_some_and(|first| first.commit_micros < oldest)
        }
        None => false,
    };
    if keep_from == head.earliest && !is_outdated {
        return Ok(false);
    }
    let step = change::Entity::find()
        .select_only()
        .column(change::Column::Revision)
        .filter(change::Column::Revision.gte(head.earliest))
        .order_by_asc(change::Column::Revision)
        .order_by_asc(change::Column::Position)
        .limit(STEP_CHANGES);
    let step: Vec<i64> = step.into_tuple().all(&pools.read).await.map_err(failed)?;
    let Some(last) = step.last().copied() else { return Ok(false) };
    if let Some(oldest) = oldest.filter(|_| is_outdated) {
        let outdated = revision::Entity::find()
            .select_only()
            .column(revision::Column::Revision)
            .filter(revision::Column::Revision.between(head.earliest, last))
            .filter(revision::Column::CommitMicros.lt(oldest))
            .order_by_desc(revision::Column::Revision)
            .limit(1);
        let outdated: Option<i64> = outdated.into_tuple().one(&pools.read).await.map_err(failed)?;
        keep_from = keep_from.max(outdated.map_or(head.earliest, |outdated| outdated + 1));
    }
    // The newest revision stays, so that whoever has it can go on.
    let earliest = keep_from.min(last + 1).min(head.revision);
    if earliest <= head.earliest {
        return Ok(false);
    }
    let transaction = pools.read.begin_with_options(pools.writing()).await.map_err(failed)?;
    drop_data(&transaction, head.earliest, earliest).await?;
    // Last, so that writers wait for no more than this; whoever was faster has dropped the same.
    let moved = head::Entity::update_many()
        .col_expr(head::Column::Earliest, Expr::value(earliest))
        .filter(head::Column::Earliest.eq(head.earliest))
        .exec(&transaction)
        .await
        .map_err(failed)?;
    if moved.rows_affected == 0 {
        transaction.rollback().await.map_err(failed)?;
        return Ok(true);
    }
    transaction.commit().await.map_err(failed)?;
    Ok(earliest == last + 1)
}

/// Empties the changes from `first` up to `end` whose versions are not kept.
async fn drop_data(transaction: &DatabaseTransaction, first: i64, end: i64) -> Result<(), Error> {
    let in_step = Condition::all().add(change::Column::Revision.gte(first)).add(change::Column::Revision.lt(end));
    let present = change::Column::Data.ne(Vec::<u8>::new());
    let kept = KEPT_WHOLE.map(ResourceType::number);
    let empty = || change::Entity::update_many().col_expr(change::Column::Data, Expr::value(Vec::<u8>::new()));
    empty()
        .filter(in_step.clone())
        .filter(change::Column::ResourceType.is_not_in(kept))
        .filter(present.clone())
        .exec(transaction)
        .await
        .map_err(failed)?;

    let deleted = change::Entity::find()
        .filter(in_step)
        .filter(change::Column::ResourceType.eq(ResourceType::Enterprise.number()))
        .filter(change::Column::Kind.eq(ChangeKind::Deleted.number()))
        .filter(present.clone())
        .order_by_asc(change::Column::Revision);
    let deleted = deleted.all(transaction).await.map_err(failed)?;
    let present_uids = uids(transaction, deleted.iter().map(|row| &row.name)).await?;
    let mut last_words: BTreeMap<&String, i64> = BTreeMap::new();
    for row in &deleted {
        // Soft-deleted, and there all the same, perhaps alive again; the same name may also be another record's by now.
        let is_there = present_uids.get(&row.name) == Some(&uid(&row.data, row.revision)?);
        if !is_there {
            last_words.insert(&row.name, row.revision);
        }
    }
    for (name, last) in last_words {
        empty()
            .filter(change::Column::Name.eq(name))
            .filter(change::Column::Revision.lte(last))
            .filter(present.clone())
            .exec(transaction)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// Uids of the enterprises of those names that are there, soft-deleted or not.
async fn uids(db: &impl ConnectionTrait, names: impl Iterator<Item = &String>) -> Result<HashMap<String, Uuid>, Error> {
    let ids: Vec<&str> = names.filter_map(|name| name.strip_prefix("enterprises/")).collect();
    let rows = enterprise::Entity::find().filter(enterprise::Column::Id.is_in(ids)).all(db).await.map_err(failed)?;
    let named = |row: enterprise::Model| Ok((format!("enterprises/{}", row.id), uid(&row.data, row.revision)?));
    rows.into_iter().map(named).collect()
}

fn uid(data: &[u8], revision: i64) -> Result<Uuid, Error> {
    match codec::decode(ResourceType::Enterprise, data, revision)? {
        Resource::Enterprise(enterprise) => Ok(enterprise.uid),
        _ => Err(Error::Broken(format!("a change of revision {revision} is not of an enterprise"))),
    }
}

/// What is to be purged next: enterprises whose time has come, each after its opportunities.
pub(super) async fn purgeable(db: &impl ConnectionTrait) -> Result<Vec<Resource>, Error> {
    let now = expiry::clock(db).await?.micros();
    let due = enterprise::Entity::find()
        .filter(enterprise::Column::PurgeMicros.lte(now))
        .filter(enterprise::Column::Deleted.eq(true))
        .order_by_asc(enterprise::Column::PurgeMicros)
        .order_by_asc(enterprise::Column::Id)
        .limit(WRITE_MAX as u64);
    let mut next = Next::default();
    for row in due.all(db).await.map_err(failed)? {
        let own = opportunity::Entity::find()
            .filter(opportunity::Column::EnterpriseId.eq(&row.id))
            .order_by_asc(opportunity::Column::Path)
            .limit(WRITE_MAX as u64);
        for own in own.all(db).await.map_err(failed)? {
            next.add(ResourceType::Opportunity, &own.data, own.revision)?;
        }
        next.add(ResourceType::Enterprise, &row.data, row.revision)?;
        if next.is_full() {
            break;
        }
    }
    Ok(next.resources)
}

/// What fits into one write; the rest comes with the next.
#[derive(Default)]
struct Next {
    resources: Vec<Resource>,
    bytes: usize,
}

impl Next {
    fn is_full(&self) -> bool {
        self.resources.len() >= WRITE_MAX || self.bytes >= WRITE_BYTES_MAX
    }

    fn add(&mut self, resource_type: ResourceType, data: &[u8], revision: i64) -> Result<(), Error> {
        if !self.is_full() {
            self.resources.push(codec::decode(resource_type, data, revision)?);
            self.bytes += data.len();
        }
        Ok(())
    }
}
