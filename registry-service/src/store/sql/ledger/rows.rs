//! Stores the rows of a ledger, in chunks that fit the engines' limits on bound values.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
    QuerySelect,
};

use super::Ledger;
use crate::domain::time::Timestamp;
use crate::store::sql::entity::{document, enterprise, head, identifier, opportunity, opportunity_term, request, term};

/// SQLite takes 32,766 values a statement, Postgres 65,535.
pub(super) const VALUES_MAX: usize = 32_000;

pub(super) async fn store(db: &impl ConnectionTrait, ledger: Ledger) -> Result<(), DbErr> {
    let rows = ledger.rows;

    let touched: Vec<&String> = rows.enterprises.keys().filter(|id| ledger.replaced.contains(*id)).collect();
    for ids in touched.chunks(VALUES_MAX) {
        term::Entity::delete_many().filter(term::Column::EnterpriseId.is_in(ids.iter().copied())).exec(db).await?;
        identifier::Entity::delete_many()
            .filter(identifier::Column::EnterpriseId.is_in(ids.iter().copied()))
            .exec(db)
            .await?;
    }
    let (removed, put): (Vec<_>, Vec<_>) = rows.enterprises.into_iter().partition(|(_, row)| row.is_none());
    let removed: Vec<String> = removed.into_iter().map(|(id, _)| id).collect();
    for ids in removed.chunks(VALUES_MAX) {
        enterprise::Entity::delete_many().filter(enterprise::Column::Id.is_in(ids)).exec(db).await?;
    }
    let columns = enterprise::Column::iter().filter(|column| !matches!(column, enterprise::Column::Id));
    let replace = OnConflict::column(enterprise::Column::Id).update_columns(columns).to_owned();
    insert(db, put.into_iter().filter_map(|(_, row)| row), Some(replace)).await?;
    insert(db, rows.terms.into_values().flatten(), None).await?;
    insert(db, rows.identifiers.into_values().flatten(), None).await?;

    // What only moved along with its enterprise keeps its terms.
    let has_new_terms = |path: &String, row: &Option<_>| row.is_none() || rows.opportunity_terms.contains_key(path);
    let touched: Vec<&String> = rows
        .opportunities
        .iter()
        .filter(|(path, row)| ledger.replaced_opportunities.contains(*path) && has_new_terms(path, row))
        .map(|(path, _)| path)
        .collect();
    for paths in touched.chunks(VALUES_MAX) {
        opportunity_term::Entity::delete_many()
            .filter(opportunity_term::Column::Path.is_in(paths.iter().copied()))
            .exec(db)
            .await?;
    }
    let (removed, put): (Vec<_>, Vec<_>) = rows.opportunities.into_iter().partition(|(_, row)| row.is_none());
    let removed: Vec<String> = removed.into_iter().map(|(path, _)| path).collect();
    for paths in removed.chunks(VALUES_MAX) {
        opportunity::Entity::delete_many().filter(opportunity::Column::Path.is_in(paths)).exec(db).await?;
    }
    let columns = opportunity::Column::iter().filter(|column| !matches!(column, opportunity::Column::Path));
    let replace = OnConflict::column(opportunity::Column::Path).update_columns(columns).to_owned();
    insert(db, put.into_iter().filter_map(|(_, row)| row), Some(replace)).await?;
    insert(db, rows.opportunity_terms.into_values().flatten(), None).await?;

    let (removed, put): (Vec<_>, Vec<_>) = rows.documents.into_iter().partition(|(_, row)| row.is_none());
    let removed: Vec<String> = removed.into_iter().map(|(name, _)| name).collect();
    for names in removed.chunks(VALUES_MAX) {
        document::Entity::delete_many().filter(document::Column::Name.is_in(names)).exec(db).await?;
    }
    let replace = OnConflict::column(document::Column::Name)
        .update_columns([document::Column::Revision, document::Column::Data])
        .to_owned();
    insert(db, put.into_iter().filter_map(|(_, row)| row), Some(replace)).await?;

    insert(db, rows.revisions.into_iter(), None).await?;
    insert(db, rows.changes.into_iter(), None).await?;
    insert(db, rows.requests.into_iter(), None).await?;

    let head = ledger.head.into_active_model().reset_all();
    head::Entity::update(head).exec(db).await?;
    Ok(())
}

async fn insert<M, A>(
    db: &impl ConnectionTrait,
    rows: impl Iterator<Item = M>,
    conflict: Option<OnConflict>,
) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
{
    let rows: Vec<A> = rows.map(IntoActiveModel::into_active_model).collect();
    let columns = <A::Entity as EntityTrait>::Column::iter().count();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk = rows.by_ref().take(VALUES_MAX / columns);
        let mut statement = A::Entity::insert_many(chunk);
        if let Some(conflict) = &conflict {
            statement = statement.on_conflict(conflict.clone());
        }
        statement.exec_without_returning(db).await?;
    }
    Ok(())
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
