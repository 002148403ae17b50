//! AIP-160 filters: parsed, bounded, and checked against the fields that a list offers. What comes out is compiled to
//! SQL by the registry and to a predicate by the matcher.

use std::fmt;

mod check;
mod values;

/// A checked filter. Every field, operator and value in it is one that the list offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// All of these hold; at least two.
    All(Vec<Expr>),
    /// At least one of these holds; at least two.
    Any(Vec<Expr>),
    /// This does not hold.
    Not(Box<Expr>),
    /// One comparison.
    Term(Term),
}

/// One comparison of a field with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The [`Field::name`].
    pub field: &'static str,
    /// What is compared. [`Op::Has`] exactly for repeated fields.
    pub op: Op,
    /// Text as the caller meant it, a number in canonical decimal form, an instant as microseconds since 1970 in that
    /// form, or an enum value as its kind lists it. Empty for [`Op::Present`].
    pub value: String,
}

/// How a field is compared. A field that a record does not have is equal to nothing, so `=`, the order and `:*` do not
/// hold for it, and `!=` does; `NOT` turns each of them round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `= "…*"`, the text begins with the value.
    Begins,
    /// `!= "…*"`
    NotBegins,
    /// `:*`, the record has the field.
    Present,
    /// `:`, one of the repeated field's values is this.
    Has,
}

/// A field that a list can be filtered by.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name in filters, like `region_code`.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
}

/// What a field's values are.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text, compared as a whole with `=` and `!=`.
    Text,
    /// Text, compared with `=` and `!=`; a `*` at the end of the value stands for anything. A value that itself ends with
    /// a star is written with `\\*`, one that ends with a backslash and a star that stands for anything with `\\\\*`.
    Pattern,
    /// A resource name of that shape, like `enterprises/{}/opportunities/{}`; compared like [`Kind::Pattern`].
    Name(&'static str),
    /// A signed 64-bit integer, compared with `=`, `!=` and by order.
    Number,
    /// An instant, RFC 3339 in quotes to the microsecond, compared with `=`, `!=` and by order.
    Instant,
    /// Several texts; `:` asks whether one of them is the value.
    RepeatedText,
    /// Several values of an enum, likewise.
    RepeatedEnum(Choice),
    /// A protobuf enum, compared with `=` and `!=`.
    Enum {
        /// See [`Choice::prefix`].
        prefix: &'static str,
        /// See [`Choice::values`].
        values: &'static [&'static str],
    },
    /// The same, where a record may have none.
    OptionalEnum(Choice),
}

/// The values of a protobuf enum.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// What all values begin with, like `ENTERPRISE_STATE_`. Callers may write it or leave it out.
    pub prefix: &'static str,
    /// The values without the prefix, like `ACTIVE`; not `UNSPECIFIED`.
    pub values: &'static [&'static str],
}

/// Longest filter in bytes. The parser's chains of dots and dashes are bounded by nothing else.
pub const BYTES_MAX: usize = 4 * 1_024;
/// Deepest nesting of parentheses; the tree is walked recursively.
pub const DEPTH_MAX: usize = 16;
/// Most comparisons; each is a condition that the store evaluates per row.
pub const TERMS_MAX: usize = 64;
/// Longest value in characters; no field that lists offer is longer.
pub const VALUE_CHARS_MAX: usize = 200;

/// Why a filter was refused, in words that follow the field's name: "must …" or "is …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Over [`BYTES_MAX`].
    #[error("must have at most {BYTES_MAX} bytes, has {0}")]
    TooLong(usize),
    /// Over [`DEPTH_MAX`].
    #[error("must not nest deeper than {DEPTH_MAX} parentheses")]
    TooDeep,
    /// Over [`TERMS_MAX`].
    #[error("must have at most {TERMS_MAX} comparisons")]
    TooManyTerms,
    /// Not the grammar of AIP-160.
    #[error("is not an AIP-160 filter: {problem} at byte {offset}")]
    Syntax {
        /// Where in the filter, in bytes from 0.
        offset: usize,
        /// What is wrong there.
        problem: String,
    },
    /// The list does not offer this field.
    #[error("names the unknown field `{field}`; known are {known}")]
    UnknownField {
        /// The field as written.
        field: String,
        /// The fields that the list offers.
        known: String,
    },
    /// Something that AIP-160 has and this list does not; the text says what to write instead.
    #[error("{0}")]
    Unsupported(String),
}

/// Parses `input` and checks it against `fields`. A blank filter is `None` and holds for everything.
///
/// Comparisons that are only separated by spaces must all hold, as with `AND`; `OR` binds tighter than `AND` (AIP-160).
pub fn parse(input: &str, fields: &'static [Field]) -> Result<Option<Expr>, Error> {
    if input.len() > BYTES_MAX {
        return Err(Error::TooLong(input.len()));
    }
    let filter = aip_160::parse_filter_with_max_depth(input, DEPTH_MAX)?;
    filter.expression.map(|expression| check::Check::new(fields).expression(expression)).transpose()
}

impl From<aip_160::FilterError> for Error {
    fn from(error: aip_160::FilterError) -> Self {
        match error {
            aip_160::FilterError::Syntax { offset, message } => Self::Syntax { offset, problem: message },
            aip_160::FilterError::TooDeep { .. } => Self::TooDeep,
            other => Self::Unsupported(format!("cannot be used: {other}")),
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Begins => "=",
            Self::NotBegins => "!=",
            Self::Present | Self::Has => ":",
        })
    }
}

#[cfg(test)]
mod tests;
