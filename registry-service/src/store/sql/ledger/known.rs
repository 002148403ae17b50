//! Reads what a group of writes touches, under the lock of the head.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::newcomers::Newcomers;
use super::references::References;
use super::{Holders, Known, Ledger, Prepared, Rows, followers};
use crate::domain::enterprise::State;
use crate::domain::time::Timestamp;
use crate::store::sql::bulk;
use crate::store::sql::entity::{document, enterprise, head, identifier, opportunity, request};
use crate::store::sql::failure::failed;
use crate::store::sql::projection::{self, Entries};
use crate::store::sql::reads::{enterprise_of, identifier_key, opportunity_path};
use crate::store::{Error, Put, Request, ResourceType, Written, codec};

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
    fn by(writes: &[Prepared]) -> Self {
        let mut touched = Self::default();
        for write in writes {
            touched.requests.extend(write.write.request.iter().map(|request| request.id.to_string()));
            for (put, projected) in write.each() {
                for name in &projected.documents {
                    if !touched.documents.contains(name) {
                        touched.documents.insert(name.clone());
                    }
                }
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

pub(super) async fn open(db: &impl ConnectionTrait, writes: &[Prepared], now: Timestamp) -> Result<Ledger, DbErr> {
    let head = head::Entity::find().lock_exclusive().one(db).await?;
    let head = head.ok_or_else(|| DbErr::RecordNotFound("the head of the feed".to_owned()))?;
    let touched = Touched::by(writes);
    let (enterprises, stored) = enterprises(db, &touched).await?;
    let opportunities = opportunities(db, &touched).await?;
    let documents = documents(db, &touched).await?;
    let newcomers = Newcomers::open(db, writes, head.revision).await?;
    Ok(Ledger {
        head,
        newcomers,
        now,
        replaced_opportunities: opportunities.keys().cloned().collect(),
        followers: followers::open(db, writes, &enterprises).await?,
        enterprises,
        opportunities,
        references: References::open(db, writes, &touched.documents, &documents).await?,
        documents,
        holders: holders(db, &touched, &stored).await?,
        stored,
        requests: requests(db, &touched.requests).await?,
        rows: Rows::default(),
    })
}

/// The enterprises that exist, and what the other tables have of those that are put or removed.
async fn enterprises(
    db: &impl ConnectionTrait,
    touched: &Touched,
) -> Result<(HashMap<String, Known>, HashMap<String, Entries>), DbErr> {
    let (mut known, mut stored) = (HashMap::new(), HashMap::new());
    for ids in bulk::parts(touched.enterprises.union(&touched.parents).collect()) {
        for row in enterprise::Entity::find().filter(enterprise::Column::Id.is_in(ids)).all(db).await? {
            if touched.enterprises.contains(&row.id) {
                let before = enterprise_of(&row.id, &row.data, row.revision);
                let before = before.map_err(|problem| DbErr::Custom(problem.to_string()))?;
                stored.insert(row.id.clone(), projection::enterprise_entries(&before));
            }
            let is_open = !row.deleted && row.state != State::Merged.number();
            let (revision, region_code) = (row.revision, row.region_code);
            known.insert(row.id, Known { revision, is_live: !row.deleted, is_open, region_code });
        }
    }
    Ok((known, stored))
}

async fn opportunities(db: &impl ConnectionTrait, touched: &Touched) -> Result<HashMap<String, i64>, DbErr> {
    let mut opportunities = HashMap::new();
    for paths in bulk::parts(touched.opportunities.iter().collect()) {
        let query = opportunity::Entity::find()
            .select_only()
            .columns([opportunity::Column::Path, opportunity::Column::Revision])
            .filter(opportunity::Column::Path.is_in(paths));
        let rows: Vec<(String, i64)> = query.into_tuple().all(db).await?;
        opportunities.extend(rows);
    }
    Ok(opportunities)
}

async fn documents(db: &impl ConnectionTrait, touched: &Touched) -> Result<HashMap<String, i64>, DbErr> {
    let mut documents = HashMap::new();
    for names in bulk::parts(touched.documents.iter().collect()) {
        let query = document::Entity::find()
            .select_only()
            .columns([document::Column::Name, document::Column::Revision])
            .filter(document::Column::Name.is_in(names));
        let rows: Vec<(String, i64)> = query.into_tuple().all(db).await?;
        documents.extend(rows);
    }
    Ok(documents)
}

/// What the touched enterprises hold, and who holds the touched identifiers.
async fn holders(
    db: &impl ConnectionTrait,
    touched: &Touched,
    stored: &HashMap<String, Entries>,
) -> Result<Holders, DbErr> {
    let mut by_key = HashMap::new();
    for (id, entries) in stored {
        by_key.extend(entries.identifiers.iter().map(|key| (key.clone(), id.clone())));
    }
    for keys in bulk::parts(touched.identifiers.iter().collect()) {
        let rows = identifier::Entity::find().filter(identifier::Column::Identifier.is_in(keys)).all(db).await?;
        by_key.extend(rows.into_iter().map(|row| (row.identifier, row.enterprise_id)));
    }
    let mut holders = Holders::default();
    by_key.into_iter().for_each(|(key, enterprise)| holders.insert(key, enterprise));
    Ok(holders)
}

async fn requests(db: &impl ConnectionTrait, ids: &[String]) -> Result<HashMap<Uuid, (Vec<u8>, Written)>, DbErr> {
    let mut rows = Vec::new();
    for ids in bulk::parts(ids.iter().collect()) {
        rows.extend(request::Entity::find().filter(request::Column::Id.is_in(ids)).all(db).await?);
    }
    let mut requests = HashMap::new();
    for row in rows {
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
