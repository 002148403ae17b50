//! Collects everything that is wrong with an input, by field path, so that a caller hears of all of it at once.

/// One thing wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field as the caller wrote it, like `enterprise.identifiers[2].value`.
    pub field: String,
    /// What the field must be, in words that follow the field's name: ``must be ISO 3166-1 alpha-2, like `DE` ``.
    pub description: String,
}

/// All violations found so far. Adding past [`Violations::KEPT_MAX`] is allowed and changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    kept: Vec<Violation>,
}

impl Violations {
    /// A hostile request can have a million wrong fields; nobody corrects more than a hundred at a time.
    pub const KEPT_MAX: usize = 100;

    /// Notes that `field` is wrong. The description follows the field's name: "must be …".
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        if self.kept.len() < Self::KEPT_MAX {
            self.kept.push(Violation { field: field.into(), description: description.into() });
        }
    }

    /// The same violations, their fields below `path`.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        self.kept.iter_mut().for_each(|violation| violation.field = format!("{path}.{}", violation.field));
        self
    }

    /// Says whether nothing wrong was found.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The violations in the order in which they were found, at most [`Violations::KEPT_MAX`].
    pub fn into_vec(self) -> Vec<Violation> {
        self.kept
    }

    /// Succeeds if nothing wrong was found, otherwise returns everything that was.
    pub fn check(self) -> Result<(), Violations> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_without_violations_passes() {
        assert_eq!(Violations::default().check(), Ok(()));
    }

    #[test]
    fn all_violations_are_kept_in_order() {
        let mut violations = Violations::default();
        violations.add("a", "must be set");
        violations.add("b[1].c", "must be positive");
        let fields: Vec<String> =
            violations.check().unwrap_err().into_vec().into_iter().map(|violation| violation.field).collect();
        assert_eq!(fields, ["a", "b[1].c"]);
    }

    #[test]
    fn a_message_inside_another_has_longer_paths() {
        let mut violations = Violations::default();
        violations.add("a.b", "must be set");
        assert_eq!(violations.below("request").into_vec()[0].field, "request.a.b");
    }

    #[test]
    fn no_more_are_kept_than_the_limit() {
        let mut violations = Violations::default();
        for index in 0..10_000 {
            violations.add(format!("rows[{index}]"), "must be set");
        }
        let kept = violations.into_vec();
        assert_eq!(kept.len(), Violations::KEPT_MAX);
        assert_eq!(kept[99].field, "rows[99]");
    }
}
