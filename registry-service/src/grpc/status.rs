//! Errors as statuses: the one map, exhaustive, which also logs what is our fault, once.

#![deny(clippy::wildcard_enum_match_arm)]

use std::time::Duration;

use proto::registry::v1::ErrorReason;
use service_kit::{Refusal, Violations};
use tonic::{Code, Status};
use tracing::{error, warn};

use crate::registry::Error;
use crate::store;

/// When to come back to a database that was not there.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The status of an error of a use case.
pub(super) fn of(problem: Error) -> Status {
    match problem {
        Error::Invalid(violations) => Refusal::from(violations).into(),
        Error::IllegalTransition { ref transition, .. } => {
            let allowed = if transition.allowed.is_empty() { "nothing" } else { transition.allowed };
            let message = format!("{problem}, which allows {allowed}");
            Refusal::new(Code::FailedPrecondition, ErrorReason::IllegalTransition, message)
                .with("state", transition.state)
                .with("allowed", transition.allowed)
                .into()
        }
        Error::Indispensable(_) => {
            Refusal::new(Code::FailedPrecondition, ErrorReason::HasDependents, problem.to_string()).into()
        }
        Error::Full { collection, maximum } => {
            Refusal::new(Code::ResourceExhausted, ErrorReason::LimitExceeded, problem.to_string())
                .with("limit", collection)
                .with("maximum", maximum)
                .into()
        }
        Error::Held { ref closest, .. } => {
            let message = format!("{problem}; merge it, or say with `dismiss_holds` that it is another company");
            Refusal::new(Code::FailedPrecondition, ErrorReason::LookalikeHold, message)
                .with("enterprise", &closest.enterprise)
                .with("score_ppm", closest.score_ppm)
                .into()
        }
        Error::TooMuch { limit, maximum } => {
            Refusal::new(Code::ResourceExhausted, ErrorReason::LimitExceeded, problem.to_string())
                .with("limit", limit)
                .with("maximum", maximum)
                .into()
        }
        Error::BatchTooLarge { maximum, .. } => {
            Refusal::new(Code::ResourceExhausted, ErrorReason::LimitExceeded, problem.to_string())
                .with("limit", "batch_bytes")
                .with("maximum", maximum)
                .into()
        }
        Error::Store(problem) => of_store(&problem),
    }
}

/// A limit that is reached for now.
pub(super) fn full(limit: &str, maximum: usize) -> Status {
    let text = format!("{maximum} {limit} are open already");
    let refusal = Refusal::new(Code::ResourceExhausted, ErrorReason::LimitExceeded, text);
    refusal.with("limit", limit).with("maximum", maximum).retry_after(RETRY_DELAY).into()
}

fn of_store(problem: &store::Error) -> Status {
    let refusal = |code, reason| Refusal::new(code, reason, problem.to_string());
    match problem {
        store::Error::Exists(_) => refusal(Code::AlreadyExists, ErrorReason::ResourceExists).into(),
        store::Error::NotFound(_) => refusal(Code::NotFound, ErrorReason::ResourceNotFound).into(),
        store::Error::Stale(_) => refusal(Code::Aborted, ErrorReason::StaleEtag).into(),
        store::Error::NotCompared(_) => {
            // Others like it kept coming.
            refusal(Code::Aborted, ErrorReason::StaleEtag).retry_after(RETRY_DELAY).into()
        }
        store::Error::IdentifierTaken { identifier, holder } => {
            refusal(Code::AlreadyExists, ErrorReason::IdentifierTaken)
                .with("scheme", identifier.scheme().name())
                .with("value", identifier.value())
                .with("enterprise", holder)
                .into()
        }
        store::Error::TooManyFollow { maximum, .. } => refusal(Code::FailedPrecondition, ErrorReason::HasDependents)
            .with("limit", "opportunities")
            .with("maximum", maximum)
            .into(),
        store::Error::Compacted { earliest } => {
            refusal(Code::OutOfRange, ErrorReason::RevisionCompacted).with("earliest_revision", earliest).into()
        }
        store::Error::HasDependents { dependent, .. } => {
            refusal(Code::FailedPrecondition, ErrorReason::HasDependents).with("dependent", dependent).into()
        }
        store::Error::LeftBehind { opportunity, .. } => {
            refusal(Code::FailedPrecondition, ErrorReason::HasDependents).with("dependent", opportunity).into()
        }
        store::Error::JurisdictionsTaken(taken) => {
            let mut violations = Violations::default();
            for (jurisdiction, office) in taken {
                let problem = format!("has `{}`, which belongs to `{office}`", jurisdiction.code());
                violations.add("office.jurisdictions", problem);
            }
            Refusal::from(violations).into()
        }
        store::Error::RequestReused(_) => refusal(Code::InvalidArgument, ErrorReason::RequestIdReused).into(),
        store::Error::Unavailable(detail) => {
            warn!(error = %detail, "the database is unavailable");
            let message = "the database is unavailable, try again";
            Refusal::new(Code::Unavailable, ErrorReason::StoreUnavailable, message).retry_after(RETRY_DELAY).into()
        }
        store::Error::Broken(detail) => {
            error!(error = %detail, "the database answered what it must not");
            Refusal::new(Code::Internal, ErrorReason::InternalError, "internal error").into()
        }
    }
}
