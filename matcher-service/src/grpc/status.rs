//! Errors as statuses: the one map, exhaustive.

#![deny(clippy::wildcard_enum_match_arm)]

use std::time::Duration;

use proto::registry::v1::ErrorReason;
use service_kit::stream::SendError;
use service_kit::{Refusal, Violation};
use tonic::{Code, Status};

use crate::domain::EnterpriseId;
use crate::matcher::{Behind, Busy, ComputeError, Subject};

/// When to come back to a replica that lags: the feed usually needs less.
const LAG_RETRY: Duration = Duration::from_millis(500);
/// When to come back to a pool that is full.
const BUSY_RETRY: Duration = Duration::from_secs(1);

/// A snapshot that is not new enough.
pub(super) fn of_behind(problem: Behind) -> Status {
    match problem {
        Behind::Lagging { wanted, reached } => {
            Refusal::new(Code::Unavailable, ErrorReason::ReplicaLagging, problem.to_string())
                .with("wanted_revision", wanted)
                .with("reached_revision", reached)
                .retry_after(LAG_RETRY)
                .into()
        }
        Behind::Empty => Refusal::new(Code::Unavailable, ErrorReason::ReplicaLagging, problem.to_string())
            .retry_after(LAG_RETRY)
            .into(),
        Behind::OtherEpoch => {
            Refusal::new(Code::FailedPrecondition, ErrorReason::EpochChanged, problem.to_string()).into()
        }
    }
}

/// A pool without room.
pub(super) fn of_busy(problem: Busy) -> Status {
    Refusal::new(Code::ResourceExhausted, ErrorReason::LimitExceeded, problem.to_string())
        .with("limit", format!("{}_pool", problem.pool))
        .with("maximum", problem.waiting_max)
        .retry_after(BUSY_RETRY)
        .into()
}

/// A caller that does not read its stream.
pub(super) fn of_send(problem: SendError) -> Status {
    match problem {
        SendError::Closed => Refusal::new(Code::Cancelled, ErrorReason::CallCancelled, problem.to_string()).into(),
        SendError::Slow => Refusal::new(Code::Unavailable, ErrorReason::SlowConsumer, problem.to_string()).into(),
    }
}

/// A pairing that did not come about.
pub(super) fn of_compute(problem: ComputeError) -> Status {
    match problem {
        ComputeError::Invalid(violations) => Refusal::from(violations).into(),
        ComputeError::Cancelled => {
            Refusal::new(Code::Cancelled, ErrorReason::CallCancelled, "the pairing was cancelled").into()
        }
        ComputeError::Infeasible(obstructions) => {
            let text = format!("the limits cannot be met together: {}", obstructions.join(" "));
            Refusal::new(Code::FailedPrecondition, ErrorReason::PairingInfeasible, text)
                .preconditions("PAIRING_INFEASIBLE", obstructions)
                .into()
        }
    }
}

/// A revision that a run was made at and that is not at hand.
pub(super) fn not_at_hand(revision: u64, present: u64) -> Status {
    let text = format!("revision {revision} is not at hand; the index is at {present}");
    Refusal::new(Code::FailedPrecondition, ErrorReason::RevisionCompacted, text)
        .with("present_revision", present)
        .into()
}

/// An enterprise that the index does not have.
pub(super) fn unknown(id: &EnterpriseId) -> Status {
    let text = format!("`{}` does not exist", id.name());
    Refusal::new(Code::NotFound, ErrorReason::ResourceNotFound, text).into()
}

/// A policy that the index does not have.
pub(super) fn unknown_policy(field: String, description: String) -> Status {
    let refusal = Refusal::new(Code::NotFound, ErrorReason::ResourceNotFound, description.clone());
    refusal.violations(vec![Violation { field, description }]).into()
}

/// A subject that the index does not have.
pub(super) fn unknown_subject(subject: &Subject) -> Status {
    match subject {
        Subject::Registered(id) => unknown(id),
        Subject::Inline(profile) => unknown(&profile.id),
    }
}
