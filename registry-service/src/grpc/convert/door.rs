//! The door every message comes in by: collects what is wrong, by field path.

use std::fmt::Display;
use std::hash::Hash;

use service_kit::names::{multiline_text_problem, text_problem};
use service_kit::{Refusal, Violations};
use tonic::Status;

/// Collects the violations of one request.
#[derive(Default)]
pub(in crate::grpc) struct Door {
    path: String,
    violations: Violations,
}

impl Door {
    /// A door whose fields all begin with `path`.
    pub(in crate::grpc) fn at(path: &str) -> Self {
        Self { path: format!("{path}."), violations: Violations::default() }
    }

    /// Notes a violation.
    pub(in crate::grpc) fn refuse(&mut self, field: impl Display, problem: impl Into<String>) {
        self.violations.add(format!("{}{field}", self.path), problem);
    }

    /// What was parsed, or a violation.
    pub(in crate::grpc) fn take<T>(&mut self, field: impl Display, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|problem| self.refuse(field, problem)).ok()
    }

    /// Takes over what another door found.
    pub(in crate::grpc) fn absorb(&mut self, violations: Violations) {
        for violation in violations.into_vec() {
            self.violations.add(violation.field, violation.description);
        }
    }

    /// A one-line text of `1..=chars_max` characters.
    pub(in crate::grpc) fn required_text(&mut self, field: impl Display, text: &str, chars_max: usize) {
        if text.trim().is_empty() {
            self.refuse(field, "must not be empty");
        } else {
            self.text(field, text, chars_max);
        }
    }

    /// A one-line text of at most `chars_max` characters.
    pub(in crate::grpc) fn text(&mut self, field: impl Display, text: &str, chars_max: usize) {
        if let Some(problem) = text_problem(text, chars_max) {
            self.refuse(field, problem);
        }
    }

    /// A text of several lines and at most `chars_max` characters.
    pub(in crate::grpc) fn multiline(&mut self, field: impl Display, text: &str, chars_max: usize) {
        if let Some(problem) = multiline_text_problem(text, chars_max) {
            self.refuse(field, problem);
        }
    }

    /// A list of at most `max` entries; whether it is.
    pub(in crate::grpc) fn at_most<T>(&mut self, field: &str, entries: &[T], max: usize) -> bool {
        let fits = entries.len() <= max;
        if !fits {
            self.refuse(field, format!("must have at most {max} entries, has {}", entries.len()));
        }
        fits
    }

    /// Every entry of a list of at most `max`, parsed; each only once.
    pub(in crate::grpc) fn unique<S, T: PartialEq + Hash>(
        &mut self,
        field: &str,
        entries: &[S],
        max: usize,
        parse: impl Fn(&S) -> Result<T, String>,
    ) -> Vec<T> {
        let mut parsed: Vec<T> = Vec::new();
        if !self.at_most(field, entries, max) {
            return parsed;
        }
        for (index, entry) in entries.iter().enumerate() {
            match parse(entry) {
                Ok(value) if parsed.contains(&value) => self.refuse(format!("{field}[{index}]"), "is given twice"),
                Ok(value) => parsed.push(value),
                Err(problem) => self.refuse(format!("{field}[{index}]"), problem),
            }
        }
        parsed
    }

    /// An enum value that may be left out.
    pub(in crate::grpc) fn choice<T>(
        &mut self,
        field: impl Display,
        number: i32,
        from: fn(i32) -> Option<T>,
    ) -> Option<T> {
        let value = from(number);
        if value.is_none() && number != 0 {
            self.refuse(field, format!("must be one of the values of the contract, is {number}"));
        }
        value
    }

    /// An enum value that must be given.
    pub(in crate::grpc) fn required_choice<T>(
        &mut self,
        field: impl Display,
        number: i32,
        from: fn(i32) -> Option<T>,
    ) -> Option<T> {
        if number == 0 {
            self.refuse(field, "must be given");
            return None;
        }
        self.choice(field, number, from)
    }

    /// The violations found so far.
    pub(in crate::grpc) fn violations(self) -> Violations {
        self.violations
    }

    /// The status of a door that refused something.
    pub(in crate::grpc) fn refused(self) -> Status {
        Refusal::from(self.violations).into()
    }

    /// Succeeds if nothing was refused.
    pub(in crate::grpc) fn close(self) -> Result<(), Status> {
        if self.violations.is_empty() { Ok(()) } else { Err(self.refused()) }
    }
}
