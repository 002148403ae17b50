//! Finds records by the keys that look-alikes have in common, without reading all that have a common key.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::sea_query::{Alias, Expr, Func, Order, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, DbErr, ExprTrait, JoinType};

use super::bulk;
use super::entity::likeness_key;
use super::failure::failed;
use super::projection::key_number;
use super::reads::{self, Stored};
use crate::domain::enterprise::Enterprise;
use crate::domain::ids::EnterpriseId;
use crate::store::Error;

/// Comes after every id in the byte order of both engines.
const AFTER_EVERY_ID: &str = "~";

/// Whom to look for: of each key at most `each`, in all at most `limit`.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) keys: Vec<String>,
    pub(super) each: usize,
    pub(super) limit: usize,
}

/// Who was found by each key, and their records as they are stored, those of rare keys first.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) by_key: HashMap<String, Vec<EnterpriseId>>,
    records: Vec<(EnterpriseId, Stored)>,
}

impl Seen {
    /// The records.
    pub(super) fn enterprises(&self) -> Result<Vec<Enterprise>, Error> {
        let read = |(id, stored): &(EnterpriseId, Stored)| stored.enterprise(id.as_str());
        let mut found = self.records.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        // They may have changed since the keys were read.
        found.retain(Enterprise::is_open);
        Ok(found)
    }
}

/// What several looks find, in two statements for all of them.
pub(super) async fn find(db: &impl ConnectionTrait, looks: Vec<Look>) -> Result<Vec<Seen>, Error> {
    let numbers: BTreeSet<i64> = looks.iter().flat_map(|look| &look.keys).map(|key| key_number(key)).collect();
    let each = looks.iter().map(|look| look.each).max().unwrap_or_default();
    let mut hits: HashMap<i64, Vec<EnterpriseId>> = HashMap::new();
    for (key, id) in self::hits(db, numbers.into_iter().collect(), each).await.map_err(failed)? {
        hits.entry(key).or_default().push(EnterpriseId::new(&id).map_err(Error::Broken)?);
    }
    let mut wanted = BTreeSet::new();
    let mut found = Vec::with_capacity(looks.len());
    for look in looks {
        let by_key: HashMap<String, Vec<EnterpriseId>> = look
            .keys
            .into_iter()
            .map(|key| {
                let there = hits.get(&key_number(&key)).into_iter().flatten();
                let there = there.take(look.each).cloned().collect();
                (key, there)
            })
            .collect();
        let ids = rarest(&by_key, look.limit);
        wanted.extend(ids.iter().cloned());
        found.push((by_key, ids));
    }
    let wanted: Vec<&str> = wanted.iter().map(EnterpriseId::as_str).collect();
    let stored = if wanted.is_empty() { HashMap::new() } else { reads::stored(db, wanted).await? };
    let records = |ids: Vec<EnterpriseId>| {
        let record = |id: EnterpriseId| stored.get(id.as_str()).cloned().map(|stored| (id, stored));
        ids.into_iter().filter_map(record).collect()
    };
    Ok(found.into_iter().map(|(by_key, ids)| Seen { by_key, records: records(ids) }).collect())
}

/// At most `limit` of those who were found, each once, those of rare keys first.
fn rarest(by_key: &HashMap<String, Vec<EnterpriseId>>, limit: usize) -> Vec<EnterpriseId> {
    let found: BTreeMap<(usize, &String), &Vec<EnterpriseId>> =
        by_key.iter().map(|(key, ids)| ((ids.len(), key), ids)).collect();
    let mut met = HashSet::new();
    found.into_values().flatten().filter(|id| met.insert(*id)).take(limit).cloned().collect()
}

/// Keys, each with the first `each` records that have it, every pair once, in order.
pub(super) async fn hits(
    db: &impl ConnectionTrait,
    keys: Vec<i64>,
    each: usize,
) -> Result<BTreeSet<(i64, String)>, DbErr> {
    let mut hits = BTreeSet::new();
    for keys in bulk::parts(keys) {
        let query = db.get_database_backend().build(&hits_of(keys, each));
        for row in db.query_all_raw(query).await? {
            // A key may have been looked for twice.
            hits.insert((row.try_get("", "key")?, row.try_get("", "enterprise_id")?));
        }
    }
    Ok(hits)
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
