//! What a failure of the database means: worth repeating, worth waiting, or a fault of ours.

use sea_orm::{DbErr, RuntimeErr};

use crate::store::Error;

/// The store's error for a failure of the database.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(super) fn failed(error: DbErr) -> Error {
    if is_conflict(&error) || is_unavailable(&error) {
        Error::Unavailable(error.to_string())
    } else {
        Error::Broken(error.to_string())
    }
}

/// Whether the transaction was surely rolled back because another one was faster, so that repeating it is safe.
pub(super) fn is_conflict(error: &DbErr) -> bool {
    // Postgres: serialization failure, deadlock. SQLite: busy, busy snapshot.
    matches!(code(error).as_deref(), Some("40001" | "40P01" | "5" | "517"))
}

fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        _ => match sqlx_error(error) {
            Some(sqlx::Error::Database(_)) => {
                let code = code(error).unwrap_or_default();
                // Postgres: connection exceptions, insufficient resources, operator intervention, lock timeout;
                // SQLite: locked, read-only, I/O error, full.
                let postgres = ["08", "53", "57", "55P03", "25P03"].iter().any(|class| code.starts_with(class));
                let sqlite = code.parse::<u32>().is_ok_and(|number| matches!(number & 0xff, 6 | 8 | 10 | 13));
                if code.len() == 5 { postgres } else { sqlite }
            }
            Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) => {
                true
            }
            _ => false,
        },
    }
}

fn code(error: &DbErr) -> Option<String> {
    match sqlx_error(error)? {
        sqlx::Error::Database(database) => database.code().map(std::borrow::Cow::into_owned),
        _ => None,
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => Some(error.as_ref()),
        _ => None,
    }
}
