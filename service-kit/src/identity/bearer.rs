//! The other side: a client that proves who it is.

use std::fmt;
use std::io;
use std::path::Path;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

/// A connection whose calls carry credentials, if there are any.
pub type Caller = InterceptedService<Channel, Bearer>;

/// Puts a token on every call, or nothing.
#[derive(Clone, Default)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

/// Why a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Its file cannot be read.
    #[error("the file of the token cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// A header cannot hold it.
    #[error("the token is not one line of visible ASCII characters")]
    Malformed,
}

impl Bearer {
    /// Carries a token; an empty one is none.
    pub fn new(token: &str) -> Result<Self, TokenError> {
        let token = token.trim();
        if token.is_empty() {
            return Ok(Self::default());
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Malformed);
        }
        let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().map_err(|_| TokenError::Malformed)?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }

    /// Carries the token in a file, as it is now.
    pub fn read(file: Option<&Path>) -> Result<Self, TokenError> {
        match file {
            Some(file) => Self::new(&std::fs::read_to_string(file)?),
            None => Ok(Self::default()),
        }
    }

    /// A connection whose calls carry it.
    pub fn over(self, channel: Channel) -> Caller {
        InterceptedService::new(channel, self)
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

impl fmt::Debug for Bearer {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Bearer(…)" } else { "Bearer(none)" })
    }
}
