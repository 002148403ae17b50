//! The door every message comes in by: collects what is wrong, by field path.

use std::fmt::Display;

use tonic::Status;

use crate::names::{multiline_text_problem, text_problem};
use crate::{Refusal, Violations};

/// Collects the violations of one request.
#[derive(Debug, Default)]
pub struct Door {
    path: String,
    violations: Violations,
}

impl Door {
    /// A door whose fields all begin with `path`.
    pub fn at(path: &str) -> Self {
        Self { path: format!("{path}."), violations: Violations::default() }
    }

    /// Notes a violation.
    pub fn refuse(&mut self, field: impl Display, problem: impl Into<String>) {
        self.violations.add(format!("{}{field}", self.path), problem);
    }

    /// What was parsed, or a violation.
    pub fn take<T, E: Display>(&mut self, field: impl Display, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|problem| self.refuse(field, problem.to_string())).ok()
    }

    /// Takes over what another door found.
    pub fn absorb(&mut self, violations: Violations) {
        for violation in violations.into_vec() {
            self.violations.add(violation.field, violation.description);
        }
    }

    /// A one-line text of `1..=chars_max` characters.
    pub fn required_text(&mut self, field: impl Display, text: &str, chars_max: usize) {
        if text.trim().is_empty() {
            self.refuse(field, "must not be empty");
        } else {
            self.text(field, text, chars_max);
        }
    }

    /// A one-line text of at most `chars_max` characters.
    pub fn text(&mut self, field: impl Display, text: &str, chars_max: usize) {
        if let Some(problem) = text_problem(text, chars_max) {
            self.refuse(field, problem);
        }
    }

    /// A text of several lines and at most `chars_max` characters.
    pub fn multiline(&mut self, field: impl Display, text: &str, chars_max: usize) {
        if let Some(problem) = multiline_text_problem(text, chars_max) {
            self.refuse(field, problem);
        }
    }

    /// A list of at most `max` entries; whether it is.
    pub fn at_most<T>(&mut self, field: &str, entries: &[T], max: usize) -> bool {
        let fits = entries.len() <= max;
        if !fits {
            self.refuse(field, format!("must have at most {max} entries, has {}", entries.len()));
        }
        fits
    }

    /// Every entry of a list of at most `max`, parsed.
    pub fn list<S, T, E: Display>(
        &mut self,
        field: &str,
        entries: &[S],
        max: usize,
        parse: impl Fn(&S) -> Result<T, E>,
    ) -> Vec<T> {
        let mut parsed = Vec::new();
        if !self.at_most(field, entries, max) {
            return parsed;
        }
        for (index, entry) in entries.iter().enumerate() {
            parsed.extend(self.take(format_args!("{field}[{index}]"), parse(entry)));
        }
        parsed
    }

    /// Every entry of a list of at most `max`, parsed; each only once. Entries are compared with each other, so `max`
    /// must be small.
    pub fn unique<S, T: PartialEq, E: Display>(
        &mut self,
        field: &str,
        entries: &[S],
        max: usize,
        parse: impl Fn(&S) -> Result<T, E>,
    ) -> Vec<T> {
        let mut parsed: Vec<T> = Vec::new();
        if !self.at_most(field, entries, max) {
            return parsed;
        }
        for (index, entry) in entries.iter().enumerate() {
            match parse(entry) {
                Ok(value) if parsed.contains(&value) => self.refuse(format_args!("{field}[{index}]"), "is given twice"),
                Ok(value) => parsed.push(value),
                Err(problem) => self.refuse(format_args!("{field}[{index}]"), problem.to_string()),
            }
        }
        parsed
    }

    /// An enum value that may be left out.
    pub fn choice<T>(&mut self, field: impl Display, number: i32, from: fn(i32) -> Option<T>) -> Option<T> {
        let value = from(number);
        if value.is_none() && number != 0 {
            self.refuse(field, format!("must be one of the values of the contract, is {number}"));
        }
        value
    }

    /// An enum value that must be given.
    pub fn required_choice<T>(&mut self, field: impl Display, number: i32, from: fn(i32) -> Option<T>) -> Option<T> {
        if number == 0 {
            self.refuse(field, "must be given");
            return None;
        }
        self.choice(field, number, from)
    }

    /// The violations found so far; a door that refused nothing has none.
    pub fn violations(self) -> Violations {
        self.violations
    }

    /// The status of a door that refused something.
    pub fn refused(self) -> Status {
        Refusal::from(self.violations).into()
    }

    /// Succeeds if nothing was refused.
    pub fn close(self) -> Result<(), Status> {
        if self.violations.is_empty() { Ok(()) } else { Err(self.refused()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields and descriptions of what a door refuses.
    fn refused(enter: impl FnOnce(&mut Door)) -> Vec<String> {
        let mut door = Door::at("request");
        enter(&mut door);
        let violations = door.violations().into_vec();
        violations.into_iter().map(|one| format!("{} {}", one.field, one.description)).collect()
    }

    fn number(text: &&str) -> Result<u8, std::num::ParseIntError> {
        text.parse()
    }

    #[test]
    fn everything_that_is_wrong_is_told_by_its_path() {
        let found = refused(|door| {
            door.required_text("name", " ", 10);
            door.text("city", "a\u{202E}b", 10);
            door.unique("numbers", &["1", "x", "1"], 3, number);
        });
        assert_eq!(found.len(), 4);
        assert_eq!(found[0], "request.name must not be empty");
        assert!(found[1].starts_with("request.city must not contain the bidirectional control U+202E"), "{}", found[1]);
        assert!(found[2].starts_with("request.numbers[1] "), "{}", found[2]);
        assert_eq!(found[3], "request.numbers[2] is given twice");
    }

    #[test]
    fn a_list_that_is_too_long_is_refused_and_not_read() {
        let found = refused(|door| {
            assert_eq!(door.list("numbers", &["1", "x", "3"], 2, number), Vec::<u8>::new());
            assert_eq!(door.list("others", &["1", "1"], 2, number), [1, 1]);
        });
        assert_eq!(found, ["request.numbers must have at most 2 entries, has 3"]);
    }

    #[test]
    fn a_choice_is_a_value_of_the_contract_or_left_out() {
        let one_or_two = |number: i32| (1..=2).contains(&number).then_some(number);
        let found = refused(|door| {
            assert_eq!(door.choice("band", 0, one_or_two), None);
            assert_eq!(door.choice("band", 2, one_or_two), Some(2));
            assert_eq!(door.choice("band", 3, one_or_two), None);
            assert_eq!(door.required_choice("kind", 0, one_or_two), None);
        });
        assert_eq!(
            found,
            ["request.band must be one of the values of the contract, is 3", "request.kind must be given"]
        );
    }
}
