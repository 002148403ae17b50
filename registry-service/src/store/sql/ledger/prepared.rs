//! A write with all that can be told of it before its turn comes: under the lock of the head everybody waits.

use super::references::named;
use crate::store::sql::entity::{enterprise, opportunity};
use crate::store::sql::projection::{self, Entries};
use crate::store::{Put, Write, codec};

/// A write, and what it will leave in the tables but for its revision.
pub(in crate::store::sql) struct Prepared {
    pub(super) write: Write,
    /// One for each put.
    pub(super) puts: Vec<Projected>,
}

/// What a put will leave.
pub(super) struct Projected {
    /// The resource as bytes.
    pub(super) data: Vec<u8>,
    /// Names of the documents that the resource will name.
    pub(super) documents: Vec<String>,
    pub(super) rows: ProjectedRows,
}

/// The rows of a put, as of revision 0 and without the bytes.
pub(super) enum ProjectedRows {
    Enterprise(Box<enterprise::Model>, Entries),
    Opportunity(Box<opportunity::Model>, Vec<String>),
    /// It removes something, or puts a document.
    Few,
}

impl Prepared {
    /// Computes what the write will leave.
    pub(in crate::store::sql) fn of(write: Write) -> Self {
        let puts = write.puts.iter().map(projected).collect();
        Self { write, puts }
    }

    /// How many resources it is about.
    pub(in crate::store::sql) fn puts(&self) -> usize {
        self.puts.len()
    }

    /// The puts, each with what it will leave.
    pub(super) fn each(&self) -> impl Iterator<Item = (&Put, &Projected)> {
        self.write.puts.iter().zip(&self.puts)
    }
}

fn projected(put: &Put) -> Projected {
    let (data, rows) = match put {
        Put::Enterprise(enterprise, _) => {
            let row = projection::enterprise(enterprise, 0, Vec::new());
            let rows = ProjectedRows::Enterprise(Box::new(row), projection::enterprise_entries(enterprise));
            (codec::encode_enterprise(enterprise), rows)
        }
        Put::RemoveEnterprise(enterprise, _) => (codec::encode_enterprise(enterprise), ProjectedRows::Few),
        Put::Opportunity(opportunity, _) => {
            let row = projection::opportunity(opportunity, 0, Vec::new());
            let rows = ProjectedRows::Opportunity(Box::new(row), projection::opportunity_terms(opportunity));
            (codec::encode_opportunity(opportunity), rows)
        }
        Put::RemoveOpportunity(opportunity, _) => (codec::encode_opportunity(opportunity), ProjectedRows::Few),
        Put::Document(document, _) | Put::RemoveDocument(document, _) => {
            (codec::encode_document(document), ProjectedRows::Few)
        }
    };
    Projected { data, documents: named(put), rows }
}
