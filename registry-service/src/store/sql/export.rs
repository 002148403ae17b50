//! Every live enterprise that passes a filter, read in one transaction.

use prost::bytes::Bytes;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use service_kit::filter::Expr;
use tokio::sync::mpsc;

use super::entity::enterprise;
use super::failure::failed;
use super::{feed, filter};
use crate::store::{Error, ExportPart};

/// Rows of one part; at our largest usual record it stays well below 4 MiB.
const PART_ROWS: u64 = 500;

/// Sends the parts. A receiver that went away ends it early.
pub(super) async fn run(
    db: &impl ConnectionTrait,
    expression: Option<&Expr>,
    parts: mpsc::Sender<ExportPart>,
) -> Result<(), Error> {
    let revision = feed::head(db).await?.revision;
    let mut condition = Condition::all().add(enterprise::Column::Deleted.eq(false));
    if let Some(expression) = expression {
        condition = condition.add(filter::enterprises(expression)?);
    }
    let mut after = String::new();
    loop {
        let query = enterprise::Entity::find()
            .select_only()
            .columns([enterprise::Column::Id, enterprise::Column::Data])
            .filter(condition.clone())
            .filter(enterprise::Column::Id.gt(&after))
            .order_by_asc(enterprise::Column::Id)
            .limit(PART_ROWS);
        let rows: Vec<(String, Vec<u8>)> = query.into_tuple().all(db).await.map_err(failed)?;
        let is_first = after.is_empty();
        let last = rows.last().map(|(id, _)| id.clone());
        if last.is_none() && !is_first {
            return Ok(());
        }
        let enterprises = rows.into_iter().map(|(_, data)| Bytes::from(data)).collect();
        if parts.send(ExportPart { revision, enterprises }).await.is_err() {
            return Ok(());
        }
        let Some(last) = last else { return Ok(()) };
        after = last;
    }
}
