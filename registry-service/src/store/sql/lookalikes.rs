//! Finds records by the keys that look-alikes have in common, without reading all that have a common key.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{Alias, Expr, Func, Order, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, ExprTrait, FromQueryResult, JoinType};

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

#[derive(FromQueryResult)]
struct Hit {
    key: i64,
    enterprise_id: String,
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    keys: &[String],
    each: u32,
    limit: usize,
) -> Result<Vec<Enterprise>, Error> {
    let mut hits: Vec<Hit> = Vec::new();
    for keys in bulk::parts(keys.iter().map(|key| key_number(key)).collect()) {
        let query = db.get_database_backend().build(&hits_of(keys, each));
        hits.extend(Hit::find_by_statement(query).all(db).await.map_err(failed)?);
    }
    // A key may have been looked for twice.
    let mut once = HashSet::new();
    hits.retain(|hit| once.insert((hit.key, hit.enterprise_id.clone())));
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for hit in &hits {
        *counts.entry(hit.key).or_default() += 1;
    }
    let mut by_rarity: Vec<&Hit> = hits.iter().collect();
    by_rarity.sort_by_key(|hit| (counts[&hit.key], &hit.enterprise_id));
    let mut met = HashSet::new();
    by_rarity.retain(|hit| met.insert(&hit.enterprise_id));
    by_rarity.truncate(limit);
    if by_rarity.is_empty() {
        return Ok(Vec::new());
    }
    let ids = by_rarity.iter().map(|hit| EnterpriseId::new(&hit.enterprise_id).map_err(Error::Broken));
    let mut found = reads::enterprises(db, &ids.collect::<Result<Vec<_>, _>>()?).await?;
    // They may have changed since the keys were read.
    found.retain(|enterprise| enterprise.is_open());
    Ok(found)
}

/// The first `each` records of every key. The bound is sought for each key by itself, so a key of a million records
/// costs no more than one of a hundred.
fn hits_of(keys: Vec<i64>, each: u32) -> SelectStatement {
    let (wanted, key, bound) = (Alias::new("wanted"), Alias::new("column1"), Alias::new("bound"));
    let mut beyond = Query::select();
    beyond
        .column((bound.clone(), likeness_key::Column::EnterpriseId))
        .from_as(likeness_key::Entity, bound.clone())
        .and_where(Expr::col((bound.clone(), likeness_key::Column::Key)).equals((wanted.clone(), key.clone())))
        .order_by((bound, likeness_key::Column::EnterpriseId), Order::Asc)
        .limit(1)
        .offset(u64::from(each));
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
