//! Completes the errors that tonic makes itself, so that every error leaves with exactly one `ErrorInfo`.

use http::HeaderMap;
use proto::registry::v1::ErrorReason;
use tonic::{Code, Status};
use tracing::warn;

use crate::Refusal;
use crate::violations::Violation;

/// Adds details to the status in `headers`, which are the trailers or the head of an answer to `method`, if it is an
/// error without any.
pub(super) fn complete(headers: &mut HeaderMap, method: &str) {
    let is_ok = headers.get("grpc-status").is_none_or(|status| status.as_bytes() == b"0");
    if is_ok || headers.contains_key("grpc-status-details-bin") {
        return;
    }
    let Some(bare) = Status::from_header_map(headers) else { return };
    headers.remove("grpc-message");
    write(refusal(bare.code(), bare.message(), method).into(), headers);
}

/// Writes `status` into `headers`.
pub(super) fn write(status: Status, headers: &mut HeaderMap) {
    status.add_header(headers).expect("messages are percent-encoded and details base64, so both are header values");
}

/// What tonic 0.14.9 says about requests that are not what the protocol or the contract prescribes. It calls them
/// INTERNAL, which would wake up whoever is on call for a caller's mistake.
const MALFORMED: [&str; 6] = [
    "failed to decode Protobuf message",
    "Missing request message",
    "Unexpected EOF decoding stream",
    "protocol error: received message with compressed-flag",
    "protocol error: received message with invalid compression flag",
    "Error decompressing",
];

fn refusal(code: Code, message: &str, method: &str) -> Refusal {
    let is_malformed = MALFORMED.iter().any(|beginning| message.starts_with(beginning));
    match code {
        Code::Internal | Code::Unknown if is_malformed => {
            let problem = format!("must be a request that can be read: {message}");
            Refusal::invalid(vec![Violation { field: String::new(), description: problem }])
        }
        Code::Internal | Code::Unknown => {
            warn!(method, message, "an error of no known cause leaves");
            Refusal::new(Code::Internal, ErrorReason::InternalError, "internal error")
        }
        // Only tonic's size limits say this without details; gRPC's own implementations call it RESOURCE_EXHAUSTED.
        Code::OutOfRange => {
            let refusal = Refusal::new(Code::ResourceExhausted, ErrorReason::LimitExceeded, message)
                .with("limit", "server.max_message_bytes");
            match limit_in(message) {
                Some(maximum) => refusal.with("maximum", maximum),
                None => refusal,
            }
        }
        Code::Unimplemented if message.is_empty() => {
            Refusal::new(code, ErrorReason::MethodUnknown, format!("`{method}` is not served here"))
        }
        _ => Refusal::new(code, reason(code), message),
    }
}

/// The number in tonic's `found 5 bytes, the limit is: 4 bytes`.
fn limit_in(message: &str) -> Option<u64> {
    message.split_once("the limit is: ")?.1.split(' ').next()?.parse().ok()
}

fn reason(code: Code) -> ErrorReason {
    match code {
        Code::Cancelled => ErrorReason::CallCancelled,
        Code::InvalidArgument => ErrorReason::InvalidFields,
        Code::DeadlineExceeded => ErrorReason::Deadline,
        Code::NotFound => ErrorReason::ResourceNotFound,
        Code::AlreadyExists => ErrorReason::ResourceExists,
        Code::ResourceExhausted | Code::OutOfRange => ErrorReason::LimitExceeded,
        Code::FailedPrecondition => ErrorReason::IllegalTransition,
        Code::Aborted => ErrorReason::StaleEtag,
        Code::Unimplemented => ErrorReason::MethodUnknown,
        Code::Unavailable => ErrorReason::ShuttingDown,
        Code::Unauthenticated => ErrorReason::Unauthenticated,
        Code::Ok | Code::Unknown | Code::PermissionDenied | Code::Internal | Code::DataLoss => {
            ErrorReason::InternalError
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::StatusExt;

    fn completed(status: Status) -> Status {
        let mut headers = HeaderMap::new();
        write(status, &mut headers);
        complete(&mut headers, "/corridor.Service/Method");
        // As a client sees it.
        Status::from_header_map(&headers).unwrap()
    }

    fn check(status: Status, code: Code, reason: &str) -> Status {
        let status = completed(status);
        assert_eq!(status.code(), code, "{}", status.message());
        assert_eq!(status.get_details_error_info().unwrap().reason, reason);
        status
    }

    #[test]
    fn every_bare_code_leaves_with_one_error_info() {
        for number in 1..=16 {
            let status = completed(Status::new(Code::from_i32(number), "bare"));
            let infos = status.get_error_details_vec();
            let infos = infos.iter().filter(|detail| matches!(detail, tonic_types::ErrorDetail::ErrorInfo(_)));
            assert_eq!(infos.count(), 1, "{number}");
        }
    }

    #[test]
    fn malformed_requests_are_never_internal() {
        for beginning in MALFORMED {
            let status = check(Status::internal(format!("{beginning}: x")), Code::InvalidArgument, "INVALID_FIELDS");
            assert!(status.message().contains(beginning));
            assert_eq!(status.get_details_bad_request().unwrap().field_violations.len(), 1);
        }
    }

    #[test]
    fn oversize_messages_exceed_a_limit() {
        let text = "Error, decoded message length too large: found 5 bytes, the limit is: 4 bytes";
        let status = check(Status::out_of_range(text), Code::ResourceExhausted, "LIMIT_EXCEEDED");
        assert_eq!(status.get_details_error_info().unwrap().metadata["maximum"], "4");
    }

    #[test]
    fn faults_of_ours_keep_their_cause_to_themselves() {
        let status = check(Status::internal("password=1234"), Code::Internal, "INTERNAL_ERROR");
        assert_eq!(status.message(), "internal error");
    }

    #[test]
    fn unknown_methods_are_named() {
        let status = check(Status::unimplemented(""), Code::Unimplemented, "METHOD_UNKNOWN");
        assert_eq!(status.message(), "`/corridor.Service/Method` is not served here");
    }

    #[test]
    fn complete_errors_and_successes_are_left_alone() {
        let complete_error = Status::from(Refusal::new(Code::Aborted, ErrorReason::StaleEtag, "changed"));
        check(complete_error, Code::Aborted, "STALE_ETAG");
        let mut headers = HeaderMap::new();
        write(Status::ok(""), &mut headers);
        let before = headers.clone();
        complete(&mut headers, "/m");
        assert_eq!(headers, before);
        complete(&mut HeaderMap::new(), "/m");
    }
}
