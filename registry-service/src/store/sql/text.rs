//! SQL in the making: a text that both engines read, and the values bound to it.

use sea_orm::{DbBackend, Statement, Value};

/// What a comparison is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bind {
    Text(String),
    Number(i64),
}

/// A statement so far. Only what stands in this program is written into the text; what callers sent is bound.
#[derive(Default)]
pub(super) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// Writes text of this program.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Writes a placeholder. Both engines read `$1`.
    pub(super) fn bind(&mut self, value: &Bind) -> &mut Self {
        self.values.push(match value {
            Bind::Text(text) => Value::from(text.as_str()),
            Bind::Number(number) => Value::from(*number),
        });
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    /// Writes `parts`, each with `write`, and `separator` between them.
    pub(super) fn joined<T>(
        &mut self,
        separator: &str,
        parts: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                self.push(separator);
            }
            write(self, part);
        }
        self
    }

    /// The statement, with `before` in front of it.
    pub(super) fn statement(self, backend: DbBackend, before: &str) -> Statement {
        Statement::from_sql_and_values(backend, format!("{before}{}", self.text), self.values)
    }
}
