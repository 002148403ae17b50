//! Asks a running server whether it serves: the health check of containers, whose images have no shell.

use std::time::Duration;

use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// A server that does not answer for so long does not serve.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be reached.
    #[error("{address} cannot be reached")]
    Unreachable {
        /// The address asked.
        address: String,
        /// What the transport said.
        source: tonic::transport::Error,
    },
    /// It answered with an error.
    #[error("{address} answered: {}", status.message())]
    Refused {
        /// The address asked.
        address: String,
        /// What it answered.
        status: Box<tonic::Status>,
    },
    /// It says that it does not serve.
    #[error("{0} does not serve")]
    NotServing(String),
}

/// Succeeds if the server at `address`, like `http://127.0.0.1:50051`, says that all of it serves.
///
/// # Errors
/// [`Error`] if it does not, or does not answer within 3 seconds.
pub async fn check(address: &str) -> Result<(), Error> {
    let unreachable = |source| Error::Unreachable { address: address.to_owned(), source };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(unreachable)?;
    let channel = endpoint.connect_timeout(PATIENCE).timeout(PATIENCE).connect().await.map_err(unreachable)?;
    let answer = HealthClient::new(channel).check(HealthCheckRequest { service: String::new() }).await;
    let answer = answer.map_err(|status| Error::Refused { address: address.to_owned(), status: Box::new(status) })?;
    match answer.into_inner().status() {
        ServingStatus::Serving => Ok(()),
        ServingStatus::Unknown | ServingStatus::NotServing | ServingStatus::ServiceUnknown => {
            Err(Error::NotServing(address.to_owned()))
        }
    }
}
