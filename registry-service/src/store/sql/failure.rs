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
    let Some(code) = code(error) else { return false };
    // Postgres: serialization failure, deadlock. SQLite: busy, for whatever reason.
    matches!(code.as_str(), "40001" | "40P01") || sqlite_code(&code) == Some(5)
}

fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        _ => match sqlx_error(error) {
            Some(sqlx::Error::Database(_)) => {
                let code = code(error).unwrap_or_default();
                // Postgres: connection exceptions, insufficient resources, operator intervention, lock timeout,
                // a standby; SQLite: locked, read-only, I/O error, full, cannot be opened.
                let postgres =
                    ["08", "53", "57", "55P03", "25006", "25P03"].iter().any(|class| code.starts_with(class));
                match sqlite_code(&code) {
                    Some(number) => matches!(number, 6 | 8 | 10 | 13 | 14),
                    None => postgres,
                }
            }
            Some(
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed,
            ) => true,
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

/// The primary code of `SQLite`, without the byte that tells the reason; codes of Postgres have five characters.
fn sqlite_code(code: &str) -> Option<u32> {
    if code.len() == 5 { None } else { code.parse::<u32>().ok().map(|number| number & 0xff) }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => Some(error.as_ref()),
        _ => None,
    }
}
