//! Finds records by the keys that look-alikes have in common, without reading all that have a common key.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::sea_query::{Alias, Expr, Func, Order, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, DbErr, ExprTrait, JoinType};

use super::bulk;
use super::entity::likeness_key;
use super::failure::failed;
use super::projection::key_number;
use super::reads;
use crate::domain::enterprise::Enterprise;
use crate::domain::ids::EnterpriseId;
use crate::store::Error;

/// Comes after every id in the byte order of both engines.
const AFTER_EVERY_ID: &str = "~";

/// Who was found by each key.
type ByKey = HashMap<String, Vec<EnterpriseId>>;

pub(super) async fn find(
    db: &impl ConnectionTrait,
    keys: Vec<String>,
    each: usize,
    limit: usize,
) -> Result<(Vec<Enterprise>, ByKey), Error> {
    let numbers = keys.iter().map(|key| key_number(key)).collect();
    let mut hits: BTreeMap<i64, Vec<EnterpriseId>> = BTreeMap::new();
    for (key, id) in self::hits(db, numbers, each).await.map_err(failed)? {
        hits.entry(key).or_default().push(EnterpriseId::new(&id).map_err(Error::Broken)?);
    }
    let mut by_rarity: Vec<&Vec<EnterpriseId>> = hits.values().collect();
    by_rarity.sort_by_key(|ids| ids.len());
    let mut met = HashSet::new();
    let mut ids: Vec<EnterpriseId> = Vec::new();
    ids.extend(by_rarity.into_iter().flatten().filter(|id| met.insert(*id)).take(limit).cloned());
    let mut found = if ids.is_empty() { Vec::new() } else { reads::enterprises(db, &ids).await? };
    // They may have changed since the keys were read.
    found.retain(|enterprise| enterprise.is_open());
    let by_key = keys.into_iter().map(|key| {
        let met = hits.get(&key_number(&key)).cloned().unwrap_or_default();
        (key, met)
    });
    Ok((found, by_key.collect()))
}

/// Keys, each with the first `each` records that have it, every pair once.
pub(super) async fn hits(
    db: &impl ConnectionTrait,
    keys: Vec<i64>,
    each: usize,
) -> Result<impl Iterator<Item = (i64, String)>, DbErr> {
    let mut hits: HashSet<(i64, String)> = HashSet::new();
    for keys in bulk::parts(keys) {
        let query = db.get_database_backend().build(&hits_of(keys, each));
        for row in db.query_all_raw(query).await? {
            // A key may have been looked for twice.
            hits.insert(row.try_get_many("", &["key".to_owned(), "enterprise_id".to_owned()])?);
        }
    }
    let mut hits: Vec<_> = hits.into_iter().collect();
    hits.sort_unstable();
    Ok(hits.into_iter())
}

/// The first `each` records of every key. The bound is sought for each key by itself, so a key of a million records
/// costs no more than one of a hundred.
fn hits_of(keys: Vec<i64>, each: usize) -> SelectStatement {
    let (wanted, key, bound) = (Alias::new("wanted"), Alias::new("column1"), Alias::new("bound"));
    let mut beyond = Query::select();
    beyond
        .column((bound.clone(), likeness_key::Column::EnterpriseId))
        .from_as(likeness_key::Entity, bound.clone())
        .and_where(Expr::col((bound.clone(), likeness_key::Column::Key)).equals((wanted.clone(), key.clone())))
        .order_by((bound, likeness_key::Column::EnterpriseId), Order::Asc)
        .limit(1)
        .offset(each as u64);
    let beyond = Func::coalesce([beyond.into(), Expr::val(AFTER_EVERY_ID)]);
    let in_reach = Condition::all()
        .add(Expr::col((likeness_key::Entity, likeness_key::Column::Key)).equals((wanted.clone(), key)))
        .add(Expr::col((likeness_key::Entity, likeness_key::Column::EnterpriseId)).lt(beyond));
    Query::select()
        .columns([
            (likeness_key::Entity, likeness_key::Column::Key),
            (likeness_key::Entity, likeness_key::Column::EnterpriseId),
        ])
        .from_values(keys, wanted)
        .join(JoinType::InnerJoin, likeness_key::Entity, in_reach)
        .to_owned()
}
