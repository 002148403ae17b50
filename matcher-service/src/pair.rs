//! `matcher-service pair`: a client that asks for the best whole pairing and prints it so that an officer can read it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use proto::matcher::v1 as pb;
use proto::matcher::v1::compute_pairing_response::Part;
use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::registry::v1 as registry;
use service_kit::identity::{Bearer, Caller, TokenError};
use tonic::Status;
use tonic::transport::Endpoint;

mod table;

/// What to pair, and how to show it.
#[derive(Args)]
pub(crate) struct Options {
    /// Where the matcher listens.
    #[arg(long, default_value = "http://127.0.0.1:50052")]
    pub(crate) address: String,
    /// File with the token to show the matcher.
    #[arg(long, env = "CORRIDOR_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Countries or region groups of side a, like `CN`.
    #[arg(long, required = true)]
    pub(crate) a_regions: Vec<String>,
    /// Countries or region groups of side b, like `PK` or `regionGroups/oic`.
    #[arg(long, required = true)]
    pub(crate) b_regions: Vec<String>,
    /// AIP-160 filter of side a.
    #[arg(long, default_value = "")]
    pub(crate) a_filter: String,
    /// AIP-160 filter of side b.
    #[arg(long, default_value = "")]
    pub(crate) b_filter: String,
    /// Most pairs in all; 0: no limit.
    #[arg(long, default_value_t = 100)]
    pub(crate) max_pairs: i32,
    /// Most pairs of each enterprise.
    #[arg(long, default_value_t = 1)]
    pub(crate) each: i32,
    /// Registered policy to score by, like `policies/green`; empty: the default policy.
    #[arg(long, default_value = "")]
    pub(crate) policy: String,
    /// Breaks ties between pairings of exactly equal total.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: i64,
    /// Rows to print.
    #[arg(long, default_value_t = 100)]
    pub(crate) rows: usize,
    /// Token of a revision that the answer must include.
    #[arg(long, default_value = "")]
    pub(crate) at_least_revision: String,
}

/// Why there is no pairing to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The matcher cannot be reached.
    #[error("the matcher at {address} cannot be reached")]
    Unreachable {
        /// Where it should be.
        address: String,
        /// Why.
        source: tonic::transport::Error,
    },
    /// There is no token to show.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The matcher refused.
    #[error("the matcher answered: {}", .0.message())]
    Refused(#[from] Box<Status>),
    /// The registry changed all the time, so that pairs, reasons and proof were never of one revision.
    #[error("the registry changes too fast to show one revision; try again when it is quieter")]
    Restless,
    /// The proof failed.
    #[error("the pairing is not proved to be the best: {0}")]
    NotOptimal(String),
    /// The stream ended without a result.
    #[error("the matcher ended the call without a result")]
    NoResult,
}

/// Largest answer: thousands of pairs and prices.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Beginnings, if the registry changes in between.
const ATTEMPTS_MAX: u32 = 3;

/// Computes, verifies and prints.
pub(crate) async fn run(options: &Options) -> Result<(), Error> {
    let mut client = connect(&options.address, options.token_file.as_deref()).await?;
    let side = |regions: &[String], filter: &str| pb::Side {
        regions: regions.to_vec(),
        filter: filter.to_owned(),
        max_pairs: options.each,
        ..Default::default()
    };
    let request = pb::ComputePairingRequest {
        a: Some(side(&options.a_regions, &options.a_filter)),
        b: Some(side(&options.b_regions, &options.b_filter)),
        max_pairs: options.max_pairs,
        policy: named(&options.policy),
        seed: options.seed,
        at_least_revision: options.at_least_revision.clone(),
        ..Default::default()
    };

    for _ in 0..ATTEMPTS_MAX {
        if let Some((rows, result)) = attempt(&mut client, &request, options.rows).await? {
            let (a, b) = (options.a_regions.join(", "), options.b_regions.join(", "));
            table::print([&a, &b], &rows, &result);
            return Ok(());
        }
    }
    Err(Error::Restless)
}

/// A registered policy; none without a name.
fn named(name: &str) -> Option<registry::Policy> {
    (!name.is_empty()).then(|| registry::Policy { name: name.to_owned(), ..Default::default() })
}

/// Pairs, reasons and proof; `None` if they are not all of one revision.
async fn attempt(
    client: &mut MatcherServiceClient<Caller>,
    request: &pb::ComputePairingRequest,
    rows_max: usize,
) -> Result<Option<(Vec<table::Row>, pb::PairingResult)>, Error> {
    let result = compute(client, request).await?;
    let mut rows = Vec::new();
    for pair in result.pairs.iter().take(rows_max) {
        let (a, b, at_least_revision) = (pair.a.clone(), pair.b.clone(), result.revision_token.clone());
        let policy = request.policy.clone();
        let question = pb::ExplainPairingRequest { a, b, policy, at_least_revision, ..Default::default() };
        let explained = client.explain_pairing(question).await.map_err(Box::new)?.into_inner();
        if explained.revision != result.revision {
            return Ok(None);
        }
        rows.push(table::Row::new(pair, &explained.partner.unwrap_or_default()));
    }
    let verified = verify(client, request, &result).await?;
    if verified.revision != result.revision {
        return Ok(None);
    }
    if verified.verdict() != pb::Verdict::Optimal {
        return Err(Error::NotOptimal(verified.findings.join("; ")));
    }
    Ok(Some((rows, result)))
}

/// Connects to a matcher.
pub(crate) async fn connect(address: &str, token_file: Option<&Path>) -> Result<MatcherServiceClient<Caller>, Error> {
    let unreachable = |source| Error::Unreachable { address: address.to_owned(), source };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(unreachable)?;
    let channel = endpoint.connect_timeout(CONNECT_TIMEOUT).connect().await.map_err(unreachable)?;
    let caller = Bearer::read(token_file)?.over(channel);
    Ok(MatcherServiceClient::new(caller).max_decoding_message_size(MESSAGE_BYTES_MAX))
}

async fn compute(
    client: &mut MatcherServiceClient<Caller>,
    request: &pb::ComputePairingRequest,
) -> Result<pb::PairingResult, Error> {
    let mut answers = client.compute_pairing(request.clone()).await.map_err(Box::new)?.into_inner();
    while let Some(answer) = answers.message().await.map_err(Box::new)? {
        if let Some(Part::Result(result)) = answer.part {
            return Ok(result);
        }
    }
    Err(Error::NoResult)
}

async fn verify(
    client: &mut MatcherServiceClient<Caller>,
    request: &pb::ComputePairingRequest,
    result: &pb::PairingResult,
) -> Result<pb::VerifyPairingResponse, Error> {
    // Another replica may answer, which must have come as far.
    let request = pb::ComputePairingRequest { at_least_revision: result.revision_token.clone(), ..request.clone() };
    let pair = |pair: &pb::Pairing| pb::EnterprisePair { a: pair.a.clone(), b: pair.b.clone() };
    let question = pb::VerifyPairingRequest {
        request: Some(request),
        pairs: result.pairs.iter().map(pair).collect(),
        certificate: result.certificate.clone(),
    };
    Ok(client.verify_pairing(question).await.map_err(Box::new)?.into_inner())
}

/// Name of a criterion as an officer says it.
pub(crate) fn criterion(criterion: registry::Criterion) -> &'static str {
    match criterion {
        registry::Criterion::Unspecified => "unknown",
        registry::Criterion::RequestsMet => "requests met",
        registry::Criterion::ValueChain => "value chain",
        registry::Criterion::IndustryFocus => "industry focus",
        registry::Criterion::Market => "market",
        registry::Criterion::Scale => "scale",
        registry::Criterion::Language => "language",
        registry::Criterion::Assurance => "assurance",
    }
}
