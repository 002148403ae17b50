//! Everything at once, for another registry.

use service_kit::filter::Expr;
use tokio::sync::mpsc;

use super::{Error, Registry};
use crate::store::ExportPart;

impl Registry {
    /// Sends every live enterprise that passes a filter, in order of name, all as of one revision.
    pub async fn export(&self, filter: Option<&Expr>, parts: mpsc::Sender<ExportPart>) -> Result<(), Error> {
        Ok(self.store.export(filter, parts).await?)
    }
}
