//! Reads what a group of writes touches, under the lock of the head.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::references::{self, References};
use super::rows::VALUES_MAX;
use super::{Holders, Known, Ledger, Rows, followers};
use crate::domain::enterprise::State;
use crate::domain::time::Timestamp;
use crate::store::sql::entity::{document, enterprise, head, identifier, opportunity, request};
use crate::store::sql::failure::failed;
use crate::store::sql::reads::{identifier_key, opportunity_path};
use crate::store::{Error, Put, Request, ResourceType, Write, Written, codec};

/// Names and keys that a group of writes touches.
#[derive(Default)]
struct Touched {
    /// Those that are put or removed.
    enterprises: BTreeSet<String>,
    /// Those whose opportunities are.
    parents: BTreeSet<String>,
    opportunities: Vec<String>,
    /// Those that are put, and those that the others name.
    documents: BTreeSet<String>,
    identifiers: Vec<String>,
    requests: Vec<String>,
}

impl Touched {
    fn by(writes: &[Write]) -> Self {
        let mut touched = Self::default();
        for write in writes {
            touched.requests.extend(write.request.iter().map(|request| request.id.to_string()));
            for put in &write.puts {
                touched.documents.extend(references::named(put));
                match put {
                    Put::Enterprise(enterprise, _) | Put::RemoveEnterprise(enterprise, _) => {
                        touched.enterprises.insert(enterprise.id.as_str().to_owned());
                        touched.identifiers.extend(enterprise.profile.identifiers.iter().map(identifier_key));
                    }
                    Put::Opportunity(opportunity, _) | Put::RemoveOpportunity(opportunity, _) => {
                        touched.opportunities.push(opportunity_path(&opportunity.id));
                        touched.parents.insert(opportunity.id.enterprise.as_str().to_owned());
                    }
                    Put::Document(document, _) | Put::RemoveDocument(document, _) => {
                        touched.documents.insert(document.name());
                    }
                }
            }
        }
        touched
    }
}

pub(super) async fn open(db: &impl ConnectionTrait, writes: &[Write], now: Timestamp) -> Result<Ledger, DbErr> {
    let head = head::Entity::find().lock_exclusive().one(db).await?;
    let head = head.ok_or_else(|| DbErr::RecordNotFound("the head of the feed".to_owned()))?;
    let touched = Touched::by(writes);
    let enterprises = enterprises(db, &touched).await?;
    let opportunities = opportunities(db, &touched).await?;
    let documents = documents(db, &touched).await?;
    Ok(Ledger {
        head,
        now,
        replaced: enterprises.keys().cloned().collect(),
        replaced_opportunities: opportunities.keys().cloned().collect(),
        followers: followers::open(db, writes, &enterprises).await?,
        enterprises,
        opportunities,
        references: References::open(db, writes, &touched.documents, &documents).await?,
        documents,
        holders: holders(db, &touched).await?,
        requests: requests(db, &touched.requests).await?,
        rows: Rows::default(),
    })
}

async fn enterprises(db: &impl ConnectionTrait, touched: &Touched) -> Result<HashMap<String, Known>, DbErr> {
    let ids: BTreeSet<&String> = touched.enterprises.union(&touched.parents).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = enterprise::Entity::find()
        .select_only()
        .columns([
            enterprise::Column::Id,
            enterprise::Column::Revision,
            enterprise::Column::Deleted,
            enterprise::Column::State,
            enterprise::Column::RegionCode,
        ])
        .filter(enterprise::Column::Id.is_in(ids));
    let rows: Vec<(String, i64, bool, i32, String)> = query.into_tuple().all(db).await?;
    let known = |(id, revision, deleted, state, region_code): (_, _, bool, _, _)| {
        let is_open = !deleted && state != State::Merged.number();
        (id, Known { revision, is_live: !deleted, is_open, region_code })
    };
    Ok(rows.into_iter().map(known).collect())
}

async fn opportunities(db: &impl ConnectionTrait, touched: &Touched) -> Result<HashMap<String, i64>, DbErr> {
    if touched.opportunities.is_empty() {
        return Ok(HashMap::new());
    }
    let query = opportunity::Entity::find()
        .select_only()
        .columns([opportunity::Column::Path, opportunity::Column::Revision])
        .filter(opportunity::Column::Path.is_in(&touched.opportunities));
    let rows: Vec<(String, i64)> = query.into_tuple().all(db).await?;
    Ok(rows.into_iter().collect())
}

async fn documents(db: &impl ConnectionTrait, touched: &Touched) -> Result<HashMap<String, i64>, DbErr> {
    let names: Vec<&String> = touched.documents.iter().collect();
    let mut documents = HashMap::new();
    for names in names.chunks(VALUES_MAX) {
        let query = document::Entity::find()
            .select_only()
            .columns([document::Column::Name, document::Column::Revision])
            .filter(document::Column::Name.is_in(names.iter().copied()));
        let rows: Vec<(String, i64)> = query.into_tuple().all(db).await?;
        documents.extend(rows);
    }
    Ok(documents)
}

/// What the touched enterprises hold, and who holds the touched identifiers.
async fn holders(db: &impl ConnectionTrait, touched: &Touched) -> Result<Holders, DbErr> {
    let mut by_key = HashMap::new();
    let columns = [
        (identifier::Column::EnterpriseId, touched.enterprises.iter().collect::<Vec<_>>()),
        (identifier::Column::Identifier, touched.identifiers.iter().collect()),
    ];
    for (column, values) in columns {
        for values in values.chunks(VALUES_MAX) {
            let rows = identifier::Entity::find().filter(column.is_in(values.iter().copied())).all(db).await?;
            by_key.extend(rows.into_iter().map(|row| (row.identifier, row.enterprise_id)));
        }
    }
    let mut holders = Holders::default();
    by_key.into_iter().for_each(|(key, enterprise)| holders.insert(key, enterprise));
    Ok(holders)
}

async fn requests(db: &impl ConnectionTrait, ids: &[String]) -> Result<HashMap<Uuid, (Vec<u8>, Written)>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = request::Entity::find().filter(request::Column::Id.is_in(ids));
    let mut requests = HashMap::new();
    for row in query.all(db).await? {
        let broken = |what: &str| DbErr::Custom(format!("request {} {what}", row.id));
        let id = Uuid::parse_str(&row.id).map_err(|_| broken("has no UUID"))?;
        let resource_type = ResourceType::from_number(row.resource_type).ok_or_else(|| broken("has no type"))?;
        let answer = codec::decode(resource_type, &row.data, row.revision).map_err(|_| broken("has no answer"))?;
        requests.insert(id, (row.digest.clone(), Written { revision: row.revision, answer }));
    }
    Ok(requests)
}

/// What a request was answered, if it was.
pub(in crate::store::sql) async fn answered(
    db: &impl ConnectionTrait,
    request: &Request,
) -> Result<Option<Written>, Error> {
    let mut known = requests(db, &[request.id.to_string()]).await.map_err(failed)?;
    let answered = known.remove(&request.id);
    answered.map(|(digest, written)| super::repetition(request, &digest, &written)).transpose()
}
