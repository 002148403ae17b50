//! Every live enterprise that passes a filter, read in one transaction.

use prost::bytes::Bytes;
use sea_orm::ConnectionTrait;
use service_kit::filter::Expr;
use tokio::sync::mpsc;

use super::listing::Counting;
use super::{feed, reads};
use crate::store::{Error, ExportPart};

/// Rows of one part; at our largest usual record it stays well below 4 MiB.
const PART_ROWS: u32 = 500;

/// Sends the parts. A receiver that went away ends it early.
pub(super) async fn run(
    db: &impl ConnectionTrait,
    expression: Option<&Expr>,
    parts: mpsc::Sender<ExportPart>,
    counting: &Counting,
) -> Result<(), Error> {
    let revision = feed::head(db).await?.revision;
    let mut after: Option<String> = None;
    loop {
        let rows = reads::live_enterprises(db, expression, after.as_deref(), PART_ROWS, counting).await?;
        let last = rows.last().map(|row| row.key.clone());
        let is_first = after.is_none();
        // The first part goes out also if it is empty: it tells the revision.
        if last.is_none() && !is_first {
            return Ok(());
        }
        let enterprises = rows.into_iter().map(|row| Bytes::from(row.data)).collect();
        if parts.send(ExportPart { revision, enterprises }).await.is_err() || last.is_none() {
            return Ok(());
        }
        after = last;
    }
}
