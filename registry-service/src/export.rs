//! `registry-service export FILE`: a client that writes every live enterprise of a running registry to a file, which
//! `registry-service import` takes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use prost::Message;
use proto::registry::v1::ExportEnterprisesRequest;
use proto::registry::v1::enterprise_service_client::EnterpriseServiceClient;
use service_kit::identity::{Bearer, Caller, TokenError};
use tonic::Status;
use tonic::transport::Endpoint;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be written.
    #[error("{} cannot be written", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The registry cannot be reached.
    #[error("the registry at {address} cannot be reached")]
    Unreachable {
        /// Where it should be.
        address: String,
        /// Why.
        source: tonic::transport::Error,
    },
    /// The token cannot be read.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The registry ended the export.
    #[error("the registry ended the export: {}", .0.message())]
    Refused(#[from] Box<Status>),
}

/// Writes the enterprises that pass a filter to a file, as messages each after its length. The file appears when it is
/// whole.
///
/// # Errors
/// [`Error`]; there is no file then.
pub async fn run(file: &Path, filter: String, address: &str, token_file: Option<&Path>) -> Result<(), Error> {
    let unreachable = |source| Error::Unreachable { address: address.to_owned(), source };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(unreachable)?;
    let channel = endpoint.connect().await.map_err(unreachable)?;
    let caller = Bearer::read(token_file)?.over(channel);
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = write(&partial, filter, caller).await;
    let unwritable = |source| Error::Unwritable { file: file.to_owned(), source };
    match written {
        Ok((count, revision_token)) => {
            fs::rename(&partial, file).map_err(unwritable)?;
            tell(file, count, &revision_token);
            Ok(())
        }
        Err(error) => {
            // It may not even have been made.
            let _ = fs::remove_file(&partial);
            Err(error)
        }
    }
}

/// Writes the stream; tells how many records it had, and the token of their revision.
async fn write(file: &Path, filter: String, caller: Caller) -> Result<(u64, String), Error> {
    let unwritable = |source| Error::Unwritable { file: file.to_owned(), source };
    let mut client = EnterpriseServiceClient::new(caller);
    let answered = client.export_enterprises(ExportEnterprisesRequest { filter }).await.map_err(Box::new)?;
    let mut parts = answered.into_inner();
    let mut output = BufWriter::new(File::create(file).map_err(unwritable)?);
    let (mut count, mut revision_token) = (0, String::new());
    while let Some(part) = parts.message().await.map_err(Box::new)? {
        for enterprise in part.enterprises {
            output.write_all(&enterprise.encode_length_delimited_to_vec()).map_err(unwritable)?;
            count += 1;
        }
        revision_token = part.revision_token;
    }
    output.into_inner().map_err(|problem| unwritable(problem.into_error()))?.sync_all().map_err(unwritable)?;
    Ok((count, revision_token))
}

#[expect(clippy::print_stdout, reason = "the summary is what the command is asked for")]
fn tell(file: &Path, count: u64, revision_token: &str) {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    println!("{name}: {count} enterprises as of {revision_token}");
}
