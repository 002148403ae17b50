//! Streams rows into `ImportEnterprises` and counts what became of them.

use proto::registry::v1::import_enterprises_request::Part;
use proto::registry::v1::{
    ImportAction, ImportEnterprisesRequest, ImportEnterprisesResponse, ImportHeader, ImportOutcome, ImportRow,
};
use tonic::{Response, Status, Streaming};

use crate::clients::RegistryClients;

/// What became of the rows of an import.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    /// Outcomes of the rows that were refused.
    pub refused: Vec<ImportOutcome>,
    /// Names of the enterprises, in the order of the rows that were not refused.
    pub names: Vec<String>,
    /// Token of the last revision that the import made; empty if it changed nothing.
    pub revision_token: String,
}

/// Begins an import and answers with the stream of outcomes.
///
/// # Errors
///
/// If the registry refuses it at once.
pub async fn begin(
    clients: &mut RegistryClients,
    request_id: &str,
    rows: Vec<ImportRow>,
) -> Result<Response<Streaming<ImportEnterprisesResponse>>, Status> {
    // Rows that are made for a test are often alike; what is held, and why, is the subject of others.
    let header = ImportHeader { request_id: request_id.to_owned(), allow_lookalikes: true, ..ImportHeader::default() };
    let rows = rows.into_iter().map(Part::Row);
    let parts = std::iter::once(Part::Header(header)).chain(rows);
    let requests = parts.map(|part| ImportEnterprisesRequest { part: Some(part) }).collect::<Vec<_>>();
    clients.enterprises.import_enterprises(tokio_stream::iter(requests)).await
}

/// Imports all rows and waits for all outcomes.
///
/// # Errors
///
/// If the stream breaks off.
pub async fn import(clients: &mut RegistryClients, request_id: &str, rows: Vec<ImportRow>) -> Result<Imported, Status> {
    let mut outcomes = begin(clients, request_id, rows).await?.into_inner();
    let mut imported = Imported::default();
    while let Some(response) = outcomes.message().await? {
        imported.add(response);
    }
    Ok(imported)
}

impl Imported {
    /// Counts one message of outcomes.
    pub fn add(&mut self, response: ImportEnterprisesResponse) {
        if !response.revision_token.is_empty() {
            self.revision_token = response.revision_token;
        }
        for outcome in response.outcomes {
            match outcome.action() {
                ImportAction::Created => self.created += 1,
                ImportAction::Updated => self.updated += 1,
                ImportAction::Unchanged => self.unchanged += 1,
                ImportAction::Refused | ImportAction::Unspecified => {
                    self.refused.push(outcome);
                    continue;
                }
            }
            self.names.push(outcome.enterprise);
        }
    }

    /// All rows that were answered.
    pub fn rows(&self) -> usize {
        self.created + self.updated + self.unchanged + self.refused.len()
    }
}
