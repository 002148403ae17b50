//! Stores the rows of a ledger, in chunks that fit the engines' limits on bound values.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::Ledger;
use crate::domain::time::Timestamp;
use crate::store::sql::entity::{enterprise, head, identifier, opportunity, reference, request, term};

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
    let replace = OnConflict::column(enterprise::Column::Id)
        .update_columns([
            enterprise::Column::RegionCode,
            enterprise::Column::State,
            enterprise::Column::Deleted,
            enterprise::Column::Revision,
            enterprise::Column::Data,
        ])
        .to_owned();
    insert(db, rows.enterprises.into_values(), 6, Some(replace)).await?;
    insert(db, rows.terms.into_values().flatten(), 2, None).await?;
    insert(db, rows.identifiers.into_values().flatten(), 2, None).await?;

    let (removed, put): (Vec<_>, Vec<_>) = rows.opportunities.into_iter().partition(|(_, row)| row.is_none());
    let removed: Vec<String> = removed.into_iter().map(|(path, _)| path).collect();
    for paths in removed.chunks(VALUES_MAX) {
        opportunity::Entity::delete_many().filter(opportunity::Column::Path.is_in(paths)).exec(db).await?;
    }
    let replace = OnConflict::column(opportunity::Column::Path)
        .update_columns([
            opportunity::Column::Kind,
            opportunity::Column::State,
            opportunity::Column::Revision,
            opportunity::Column::Data,
        ])
        .to_owned();
    insert(db, put.into_iter().filter_map(|(_, row)| row), 6, Some(replace)).await?;

    let replace = OnConflict::column(reference::Column::Name)
        .update_columns([reference::Column::Revision, reference::Column::Data])
        .to_owned();
    insert(db, rows.references.into_values(), 4, Some(replace)).await?;

    insert(db, rows.changes.into_iter(), 7, None).await?;
    insert(db, rows.requests.into_iter(), 6, None).await?;

    let head = ledger.head.into_active_model().reset_all();
    head::Entity::update(head).exec(db).await?;
    Ok(())
}

async fn insert<M, A>(
    db: &impl ConnectionTrait,
    rows: impl Iterator<Item = M>,
    columns: usize,
    conflict: Option<OnConflict>,
) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
{
    let rows: Vec<A> = rows.map(IntoActiveModel::into_active_model).collect();
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
