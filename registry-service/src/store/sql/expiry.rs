//! Which opportunities are overdue, by the clock that all registries of a database share: its own.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

use super::entity::{enterprise, opportunity};
use super::failure::failed;
use super::reads::read_opportunity;
use crate::domain::opportunity::{Opportunity, State};
use crate::domain::time::Timestamp;
use crate::store::{Error, WRITE_BYTES_MAX};

/// Now, in microseconds since 1970. On Postgres by the start of the statement, since an index serves nothing that may
/// change within one.
fn now(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "CAST(unixepoch('subsec') * 1000000 AS BIGINT)",
        _ => "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000000 AS BIGINT)",
    }
}

pub(super) async fn clock(db: &impl ConnectionTrait) -> Result<Timestamp, Error> {
    let backend = db.get_database_backend();
    let statement = Statement::from_string(backend, format!("SELECT {} AS micros", now(backend)));
    let row = db.query_one_raw(statement).await.map_err(failed)?;
    let row = row.ok_or_else(|| Error::Broken("the database has no clock".to_owned()))?;
    row.try_get("", "micros").map(Timestamp::from_micros).map_err(failed)
}

pub(super) async fn expired(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Opportunity>, Error> {
    let mut open = Query::select();
    open.expr(Expr::val(1)).from(enterprise::Entity).and_where(
        Expr::col((enterprise::Entity, enterprise::Column::Id))
            .equals((opportunity::Entity, opportunity::Column::EnterpriseId))
            .and(enterprise::Column::Deleted.eq(false)),
    );
    let is_over = Expr::cust(format!("opportunities.expire_micros <= {}", now(db.get_database_backend())));
    let query = opportunity::Entity::find()
        .filter(opportunity::Column::State.eq(State::Published.number()))
        .filter(Condition::all().add(is_over).add(Expr::exists(open)))
        .order_by_asc(opportunity::Column::ExpireMicros)
        .order_by_asc(opportunity::Column::Path);
    let rows = query.limit(limit).all(db).await.map_err(failed)?;
    let mut bytes = 0;
    let mut expired = Vec::new();
    for row in rows {
        bytes += row.data.len();
        if bytes > WRITE_BYTES_MAX && !expired.is_empty() {
            break;
        }
        expired.push(read_opportunity(&row)?);
    }
    Ok(expired)
}
