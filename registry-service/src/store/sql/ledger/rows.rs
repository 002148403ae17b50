//! Stores the rows of a ledger.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable,
    QueryFilter, QuerySelect,
};

use super::Ledger;
use crate::domain::time::Timestamp;
use crate::store::sql::bulk;
use crate::store::sql::entity::{
    document, enterprise, head, identifier, likeness_key, opportunity, opportunity_term, request, term,
};
use crate::store::sql::projection::Entries;

pub(super) async fn store(db: &impl ConnectionTrait, ledger: Ledger) -> Result<(), DbErr> {
    let rows = ledger.rows;
    store_entries(db, &ledger.stored, rows.enterprises.keys(), &rows.entries).await?;
    store_enterprises(db, &ledger.stored, rows.enterprises).await?;

    // What only moved along with its enterprise keeps its terms.
    let has_new_terms = |path: &String, row: &Option<_>| row.is_none() || rows.opportunity_terms.contains_key(path);
    let touched = rows
        .opportunities
        .iter()
        .filter(|(path, row)| ledger.replaced_opportunities.contains(*path) && has_new_terms(path, row))
        .map(|(path, _)| path);
    for paths in bulk::parts(touched.collect()) {
        opportunity_term::Entity::delete_many().filter(opportunity_term::Column::Path.is_in(paths)).exec(db).await?;
    }
    let (removed, put) = parted(rows.opportunities);
    for paths in bulk::parts(removed) {
        opportunity::Entity::delete_many().filter(opportunity::Column::Path.is_in(paths)).exec(db).await?;
    }
    bulk::insert(db, put, &replacing::<opportunity::Column>("path")).await?;
    bulk::insert(db, active(rows.opportunity_terms.into_values().flatten()), "").await?;

    let (removed, put) = parted(rows.documents);
    for names in bulk::parts(removed) {
        document::Entity::delete_many().filter(document::Column::Name.is_in(names)).exec(db).await?;
    }
    bulk::insert(db, put, &replacing::<document::Column>("name")).await?;

    bulk::insert(db, active(rows.revisions), "").await?;
    bulk::insert(db, active(rows.changes), "").await?;
    bulk::insert(db, active(rows.requests), "").await?;

    let head = ledger.head.into_active_model().reset_all();
    head::Entity::update(head).exec(db).await?;
    Ok(())
}

async fn store_enterprises(
    db: &impl ConnectionTrait,
    stored: &HashMap<String, Entries>,
    rows: BTreeMap<String, Option<enterprise::Model>>,
) -> Result<(), DbErr> {
    let (removed, put) = parted(rows);
    for ids in bulk::parts(removed) {
        enterprise::Entity::delete_many().filter(enterprise::Column::Id.is_in(ids)).exec(db).await?;
    }
    let is_stored = |row: &enterprise::ActiveModel| stored.contains_key(row.id.as_ref());
    let (replaced, new): (Vec<_>, Vec<_>) = put.into_iter().partition(is_stored);
    bulk::insert(db, new, "").await?;
    bulk::insert(db, replaced, &replacing::<enterprise::Column>("id")).await
}

/// Brings the tables beside that of the enterprises from what they have of each to what they shall have: only what
/// differs is touched, by its whole key.
async fn store_entries(
    db: &impl ConnectionTrait,
    stored: &HashMap<String, Entries>,
    touched: impl Iterator<Item = &String>,
    wanted: &HashMap<String, Entries>,
) -> Result<(), DbErr> {
    let nothing = Entries::default();
    let (mut old_terms, mut old_keys, mut old_identifiers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut terms, mut keys, mut identifiers) = (Vec::new(), Vec::new(), Vec::new());
    for id in touched {
        let (before, after) = (stored.get(id).unwrap_or(&nothing), wanted.get(id).unwrap_or(&nothing));
        old_terms.extend(without(&before.terms, &after.terms).map(|term| (term.clone(), id.clone())));
        old_keys.extend(without(&before.keys, &after.keys).map(|key| (*key, id.clone())));
        old_identifiers.extend(without(&before.identifiers, &after.identifiers));
        terms.extend(without(&after.terms, &before.terms).map(|term| (term, id)));
        keys.extend(without(&after.keys, &before.keys).map(|key| (*key, id)));
        identifiers.extend(without(&after.identifiers, &before.identifiers).map(|identifier| (identifier, id)));
    }
    bulk::delete_pairs(db, ("enterprise_terms", "term", "enterprise_id"), old_terms).await?;
    bulk::delete_pairs(db, ("enterprise_keys", "key", "enterprise_id"), old_keys).await?;
    for old in bulk::parts(old_identifiers) {
        identifier::Entity::delete_many().filter(identifier::Column::Identifier.is_in(old)).exec(db).await?;
    }

    // In the order of their index, neighbors find each other's pages at hand.
    terms.sort_unstable();
    keys.sort_unstable();
    identifiers.sort_unstable();
    let term_row = |(term, id): (&String, &String)| term::Model { term: term.clone(), enterprise_id: id.clone() };
    bulk::insert(db, active(terms.into_iter().map(term_row)), "").await?;
    let key_row = |(key, id): (i64, &String)| likeness_key::Model { key, enterprise_id: id.clone() };
    bulk::insert(db, active(keys.into_iter().map(key_row)), "").await?;
    let identifier_row = |(identifier, id): (&String, &String)| identifier::Model {
        identifier: identifier.clone(),
        enterprise_id: id.clone(),
    };
    bulk::insert(db, active(identifiers.into_iter().map(identifier_row)), "").await
}

/// What one list in order has and the other has not.
fn without<'a, T: Ord>(these: &'a [T], those: &'a [T]) -> impl Iterator<Item = &'a T> {
    these.iter().filter(|one| those.binary_search(one).is_err())
}

/// Keys of the rows to remove, and the rows to put.
fn parted<M: IntoActiveModel<A>, A: ActiveModelTrait>(rows: BTreeMap<String, Option<M>>) -> (Vec<String>, Vec<A>) {
    let (mut removed, mut put) = (Vec::new(), Vec::new());
    for (key, row) in rows {
        match row {
            Some(row) => put.push(row.into_active_model()),
            None => removed.push(key),
        }
    }
    (removed, put)
}

fn active<M: IntoActiveModel<A>, A: ActiveModelTrait>(rows: impl IntoIterator<Item = M>) -> Vec<A> {
    rows.into_iter().map(IntoActiveModel::into_active_model).collect()
}

/// What becomes of a row that is there already: all of its columns but the key are those of the new one.
fn replacing<C: Iterable + IdenStatic>(key: &str) -> String {
    let columns = C::iter().map(|column| column.as_str().to_owned()).filter(|column| column != key);
    let columns: Vec<String> = columns.map(|column| format!("{column} = excluded.{column}")).collect();
    format!(" ON CONFLICT ({key}) DO UPDATE SET {}", columns.join(", "))
}

/// Requests forgotten at a time, so that forgetting never holds up writing for long.
const PURGED_MAX: u64 = 5_000;

/// Forgets some of the requests that were answered before `oldest`; whether there may be more.
pub(in crate::store::sql) async fn purge_requests(db: &impl ConnectionTrait, oldest: Timestamp) -> Result<bool, DbErr> {
    let old = request::Entity::find()
        .select_only()
        .column(request::Column::Id)
        .filter(request::Column::CommitMicros.lt(oldest.micros()))
        .limit(PURGED_MAX);
    let ids: Vec<String> = old.into_tuple().all(db).await?;
    request::Entity::delete_many().filter(request::Column::Id.is_in(&ids)).exec(db).await?;
    Ok(ids.len() as u64 == PURGED_MAX)
}
