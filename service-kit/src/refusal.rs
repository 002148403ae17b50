//! The one form that every error takes on the wire: a status with exactly one `ErrorInfo`, all violations of the input,
//! and when to come again.

use std::collections::HashMap;
use std::time::Duration;

use proto::registry::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, StatusExt};

use crate::names::is_hidden;
use crate::violations::{Violation, Violations};

/// An error on its way to a caller. Build it, then turn it into a [`Status`].
#[derive(Clone, Debug)]
pub struct Refusal {
    code: Code,
    reason: ErrorReason,
    message: String,
    metadata: HashMap<String, String>,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
    preconditions: Vec<(&'static str, String)>,
}

/// Details ride in a header, and gRPC for Java and C refuse responses whose headers exceed 8 KiB. In base64 these are
/// 6,000 bytes, which leaves room for the message, percent-encoded, and the other headers.
const DETAILS_BYTES_MAX: usize = 4_500;
/// Percent-encoding can triple it, and it travels twice: as a header and in the details.
const MESSAGE_BYTES_MAX: usize = 500;
/// All pairs together, so that at least half of the details is left for violations.
const METADATA_BYTES_MAX: usize = 1_500;
const METADATA_VALUE_BYTES_MAX: usize = 200;
/// Nobody corrects more at a time, and the next answer names the rest.
const VIOLATIONS_MAX: usize = 50;
const DESCRIPTION_BYTES_MAX: usize = 300;
const FIELD_BYTES_MAX: usize = 200;
/// What stands in the way of a pairing names several enterprises.
const PRECONDITION_BYTES_MAX: usize = 1_200;
/// Tags and lengths that protobuf adds to one violation or metadata pair, rounded up.
const FRAMING_BYTES: usize = 12;
/// The type URLs, domain, reason and fixed fields of the three details, rounded up.
const FIXED_BYTES: usize = 400;

impl Refusal {
    /// An error of `code` that programs recognize by `reason` and people understand by `message`.
    pub fn new(code: Code, reason: ErrorReason, message: impl Into<String>) -> Self {
        let message = clean(&message.into(), MESSAGE_BYTES_MAX);
        Self {
            code,
            reason,
            message,
            metadata: HashMap::new(),
            violations: Vec::new(),
            retry_after: None,
            preconditions: Vec::new(),
        }
    }

    /// `INVALID_ARGUMENT` and `INVALID_FIELDS` (`INVALID_PAGE_TOKEN` or `INVALID_REVISION_TOKEN` if nothing else is
    /// wrong), with a message that names the fields and what they must be.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let mut message = String::new();
        for Violation { field, description } in &violations {
            let separator = if message.is_empty() { "" } else { "; " };
            message.push_str(&format!("{separator}`{field}`: {description}"));
            if message.len() > MESSAGE_BYTES_MAX {
                break;
            }
        }
        // A token cannot be corrected, only left out, so programs want to tell it apart.
        let only = |fields: &[&str]| {
            let last =
                |violation: &Violation| violation.field.rsplit('.').next().is_some_and(|it| fields.contains(&it));
            !violations.is_empty() && violations.iter().all(last)
        };
        let reason = match () {
            () if only(&["page_token"]) => ErrorReason::InvalidPageToken,
            () if only(&["at_least_revision", "from_token"]) => ErrorReason::InvalidRevisionToken,
            () => ErrorReason::InvalidFields,
        };
        Self::new(Code::InvalidArgument, reason, message).violations(violations)
    }

    /// Adds a pair to the `metadata` of the `ErrorInfo`. A value is cut to 200 bytes; pairs beyond 1,500 bytes are left
    /// out.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        let key = key.into();
        let value = clean(&value.to_string(), METADATA_VALUE_BYTES_MAX);
        if self.metadata_bytes() + key.len() + value.len() + FRAMING_BYTES <= METADATA_BYTES_MAX {
            self.metadata.insert(key, value);
        }
        self
    }

    /// Adds a `BadRequest` that lists the violations: at most 50, and fewer if they would not fit into a header. How
    /// many were left out is then said in the metadata as `violations_left_out`.
    #[must_use]
    pub fn violations(mut self, violations: Vec<Violation>) -> Self {
        self.violations = violations;
        self
    }

    /// Adds a `PreconditionFailure` that says what does not hold: at most 50 descriptions of one kind, and fewer if they
    /// would not fit into a header.
    #[must_use]
    pub fn preconditions(mut self, kind: &'static str, descriptions: Vec<String>) -> Self {
        self.preconditions = descriptions.into_iter().map(|description| (kind, description)).collect();
        self
    }

    /// Adds a `RetryInfo`: the same call may succeed after `delay`.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    fn metadata_bytes(&self) -> usize {
        self.metadata.iter().map(|(key, value)| key.len() + value.len() + FRAMING_BYTES).sum()
    }

    /// The violations that fit, cleaned and cut, and how many do not.
    fn fitting_violations(&self) -> (Vec<FieldViolation>, usize) {
        let mut room = DETAILS_BYTES_MAX - FIXED_BYTES - self.message.len() - self.metadata_bytes();
        let mut fitting = Vec::new();
        for violation in self.violations.iter().take(VIOLATIONS_MAX) {
            let field = clean(&violation.field, FIELD_BYTES_MAX);
            let description = clean(&violation.description, DESCRIPTION_BYTES_MAX);
            let size = field.len() + description.len() + FRAMING_BYTES;
            if size > room {
                break;
            }
            room -= size;
            fitting.push(FieldViolation::new(field, description));
        }
        let left_out = self.violations.len() - fitting.len();
        (fitting, left_out)
    }

    /// The preconditions that fit where no field violations are.
    fn fitting_preconditions(&self) -> Vec<PreconditionViolation> {
        let mut room = DETAILS_BYTES_MAX - FIXED_BYTES - self.message.len() - self.metadata_bytes();
        let mut fitting = Vec::new();
        for (kind, description) in self.preconditions.iter().take(VIOLATIONS_MAX) {
            let description = clean(description, PRECONDITION_BYTES_MAX);
            let size = kind.len() + description.len() + FRAMING_BYTES;
            if size > room {
                break;
            }
            room -= size;
            fitting.push(PreconditionViolation::new(*kind, "", description));
        }
        fitting
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let (violations, left_out) = refusal.fitting_violations();
        let reason = refusal.reason.as_str_name();
        let reason = reason.strip_prefix("ERROR_REASON_").unwrap_or(reason);
        let preconditions = if violations.is_empty() { refusal.fitting_preconditions() } else { Vec::new() };
        let mut metadata = refusal.metadata;
        if left_out > 0 {
            metadata.insert("violations_left_out".to_owned(), left_out.to_string());
        }
        let mut details = ErrorDetails::with_error_info(reason, proto::ERROR_DOMAIN, metadata);
        if !violations.is_empty() {
            details.set_bad_request(violations);
        }
        if !preconditions.is_empty() {
            details.set_precondition_failure(preconditions);
        }
        if let Some(delay) = refusal.retry_after {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(refusal.code, refusal.message, details)
    }
}

impl From<Violations> for Refusal {
    fn from(violations: Violations) -> Self {
        Self::invalid(violations.into_vec())
    }
}

impl From<Violations> for Status {
    fn from(violations: Violations) -> Self {
        Refusal::from(violations).into()
    }
}

/// `text` with hidden characters made visible as `\u{..}`, cut to `bytes_max`: messages quote what callers sent, and end
/// up on terminals.
fn clean(text: &str, bytes_max: usize) -> String {
    const ELLIPSIS: char = '…';
    let mut cleaned = String::new();
    for character in text.chars() {
        let before = cleaned.len();
        if is_hidden(character) {
            cleaned.extend(character.escape_unicode());
        } else {
            cleaned.push(character);
        }
        if cleaned.len() > bytes_max {
            cleaned.truncate(before);
            while cleaned.len() + ELLIPSIS.len_utf8() > bytes_max {
                cleaned.pop();
            }
            cleaned.push(ELLIPSIS);
            break;
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(field: impl Into<String>, description: impl Into<String>) -> Violation {
        Violation { field: field.into(), description: description.into() }
    }

    /// What a client with the 8 KiB limit of gRPC for Java counts.
    fn header_bytes(status: &Status) -> usize {
        let headers = status.clone().into_http::<()>();
        headers.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum()
    }

    #[test]
    fn an_error_carries_one_error_info_with_the_bare_reason() {
        let status: Status = Refusal::new(Code::Aborted, ErrorReason::StaleEtag, "changed since it was read")
            .with("etag", 7)
            .retry_after(Duration::from_millis(1_500))
            .into();
        assert_eq!((status.code(), status.message()), (Code::Aborted, "changed since it was read"));
        let details = status.get_error_details_vec();
        assert_eq!(details.len(), 2);
        let info = status.get_details_error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("STALE_ETAG", "corridor"));
        assert_eq!(info.metadata["etag"], "7");
        assert_eq!(status.get_details_retry_info().unwrap().retry_delay, Some(Duration::from_millis(1_500)));
    }

    #[test]
    fn invalid_input_is_answered_with_every_violation() {
        let mut violations = Violations::default();
        violations.add("a.b", "must be set");
        violations.add("c", "must be positive");
        let status = Status::from(violations);
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), "`a.b`: must be set; `c`: must be positive");
        assert_eq!(status.get_details_error_info().unwrap().reason, "INVALID_FIELDS");
        let listed = status.get_details_bad_request().unwrap().field_violations;
        let listed: Vec<_> = listed.iter().map(|one| (one.field.as_str(), one.description.as_str())).collect();
        assert_eq!(listed, [("a.b", "must be set"), ("c", "must be positive")]);
    }

    #[test]
    fn a_wrong_token_alone_has_a_reason_of_its_own() {
        let reason = |fields: &[&str]| {
            let violations = fields.iter().map(|field| violation(*field, "is not a token")).collect();
            Status::from(Refusal::invalid(violations)).get_details_error_info().unwrap().reason
        };
        assert_eq!(reason(&["page_token"]), "INVALID_PAGE_TOKEN");
        assert_eq!(reason(&["at_least_revision"]), "INVALID_REVISION_TOKEN");
        assert_eq!(reason(&["request.at_least_revision"]), "INVALID_REVISION_TOKEN");
        assert_eq!(reason(&["from_token"]), "INVALID_REVISION_TOKEN");
        assert_eq!(reason(&["at_least_revision", "as_of"]), "INVALID_FIELDS");
        assert_eq!(reason(&["page_token", "at_least_revision"]), "INVALID_FIELDS");
    }

    #[test]
    fn the_largest_refusal_fits_into_the_headers_of_every_client() {
        for filler in ["x", "丝", "\u{202E}"] {
            let long = filler.repeat(10_000);
            for descriptions in [&long, "must be set"] {
                let violations = (0..1_000).map(|index| violation(format!("rows[{index}]"), descriptions)).collect();
                let refusal = (0..100)
                    .fold(Refusal::invalid(violations), |refusal, index| refusal.with(format!("key_{index}"), &long));
                let status = Status::from(refusal.retry_after(Duration::from_secs(1)));
                assert!(header_bytes(&status) < 8_192 - 500, "{}", header_bytes(&status));
                assert!(status.details().len() <= DETAILS_BYTES_MAX, "{}", status.details().len());
            }
        }
    }

    #[test]
    fn violations_that_do_not_fit_are_counted() {
        let violations = (0..60).map(|index| violation(format!("f[{index}]"), "must be set")).collect();
        let status = Status::from(Refusal::invalid(violations));
        assert_eq!(status.get_details_bad_request().unwrap().field_violations.len(), 50);
        assert_eq!(status.get_details_error_info().unwrap().metadata["violations_left_out"], "10");
    }

    #[test]
    fn hidden_characters_become_visible() {
        let status = Status::from(Refusal::new(Code::NotFound, ErrorReason::ResourceNotFound, "no `a\0b\n\u{202E}`"));
        assert_eq!(status.message(), "no `a\\u{0}b\\u{a}\\u{202e}`");
    }
}
