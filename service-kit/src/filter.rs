//! AIP-160 filters: parsed, bounded, and checked against the fields that a list offers. What comes out is compiled to
//! SQL by the registry and to a predicate by the matcher.

use std::fmt;

mod check;

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
    /// Text as the caller wrote it, a number in canonical decimal form, or an enum value as [`Kind::Enum`] lists it.
    pub value: String,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
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
    /// A signed 64-bit integer, compared with `=` and `!=`.
    Number,
    /// Several texts; `:` asks whether one of them is the value.
    RepeatedText,
    /// A protobuf enum, compared with `=` and `!=`.
    Enum {
        /// What all values begin with, like `ENTERPRISE_STATE_`. Callers may write it or leave it out.
        prefix: &'static str,
        /// The values without the prefix, like `ACTIVE`; not `UNSPECIFIED`.
        values: &'static [&'static str],
    },
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
            Self::Has => ":",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIELDS: &[Field] = &[
        Field { name: "region_code", kind: Kind::Text },
        Field { name: "industries", kind: Kind::RepeatedText },
        Field { name: "isic", kind: Kind::RepeatedText },
        Field { name: "founded_year", kind: Kind::Number },
        Field {
            name: "state",
            kind: Kind::Enum { prefix: "ENTERPRISE_STATE_", values: &["DRAFT", "ACTIVE", "SUSPENDED"] },
        },
    ];

    fn parsed(input: &str) -> Expr {
        parse(input, FIELDS).unwrap().unwrap()
    }

    fn refused(input: &str) -> String {
        parse(input, FIELDS).unwrap_err().to_string()
    }

    fn term(field: &'static str, op: Op, value: &str) -> Expr {
        Expr::Term(Term { field, op, value: value.to_owned() })
    }

    #[test]
    fn a_blank_filter_holds_for_everything() {
        assert_eq!(parse("", FIELDS), Ok(None));
        assert_eq!(parse(" \t\n", FIELDS), Ok(None));
    }

    #[test]
    fn the_example_of_the_contract_is_understood() {
        let found = parsed(r#"region_code = "PK" AND (industries:"new-energy" OR isic:27) AND state = ACTIVE"#);
        let energy = term("industries", Op::Has, "new-energy");
        let expected = Expr::All(vec![
            term("region_code", Op::Equal, "PK"),
            Expr::Any(vec![energy, term("isic", Op::Has, "27")]),
            term("state", Op::Equal, "ACTIVE"),
        ]);
        assert_eq!(found, expected);
    }

    #[test]
    fn negation_has_three_spellings() {
        let not = Expr::Not(Box::new(term("region_code", Op::Equal, "PK")));
        assert_eq!(parsed("NOT region_code = PK"), not);
        assert_eq!(parsed("-region_code = PK"), not);
        assert_eq!(parsed("region_code != 'PK'"), term("region_code", Op::NotEqual, "PK"));
    }

    #[test]
    fn comparisons_side_by_side_must_all_hold() {
        assert_eq!(parsed("state = DRAFT isic:27"), parsed("state = DRAFT AND isic:27"));
    }

    #[test]
    fn enum_values_may_carry_their_prefix() {
        assert_eq!(parsed("state = ENTERPRISE_STATE_ACTIVE"), term("state", Op::Equal, "ACTIVE"));
        assert_eq!(parsed("state = 'ACTIVE'"), term("state", Op::Equal, "ACTIVE"));
        assert_eq!(refused("state = RETIRED"), "compares `state` with `RETIRED`; it can be DRAFT, ACTIVE, SUSPENDED");
        assert!(refused("state = active").contains("DRAFT, ACTIVE, SUSPENDED"));
    }

    #[test]
    fn numbers_are_canonical_integers() {
        assert_eq!(parsed("founded_year = 1994"), term("founded_year", Op::Equal, "1994"));
        assert_eq!(parsed("founded_year != -007"), term("founded_year", Op::NotEqual, "-7"));
        assert!(refused("founded_year = 19.5").contains("whole number"));
        assert!(refused("founded_year = soon").contains("whole number"));
    }

    #[test]
    fn codes_with_dots_and_escaped_quotes_are_values() {
        assert_eq!(parsed("isic:27.10"), term("isic", Op::Has, "27.10"));
        assert_eq!(parsed(r#"region_code = "a\"b""#), term("region_code", Op::Equal, "a\"b"));
        assert!(refused("isic:C.27").contains("quotes"));
    }

    #[test]
    fn unknown_fields_list_the_known_ones() {
        let known = "region_code, industries, isic, founded_year, state";
        assert_eq!(refused("colour = red"), format!("names the unknown field `colour`; known are {known}"));
        assert!(refused("region_code.x = red").contains("`region_code.x`"));
        assert!(refused("\"region_code\" = PK").contains("known are"));
    }

    #[test]
    fn operators_that_do_not_fit_say_which_do() {
        assert_eq!(refused("industries = ai"), "compares `industries` with `=`; it is repeated: write `industries:ai`");
        assert!(refused("industries != ai").contains("NOT industries:ai"));
        assert!(refused("region_code:PK").contains("`=` and `!=`"));
        assert!(refused("region_code < PK").contains("`=` and `!=`"));
        assert!(refused("isic >= 27").contains("`isic:27`"));
    }

    #[test]
    fn what_lists_do_not_offer_is_refused_with_a_reason() {
        assert!(refused("silk").contains("field = value"));
        assert!(refused("prefix(region_code, 'P')").contains("function"));
        assert!(refused("region_code = lower('PK')").contains("function"));
        assert!(refused("region_code = (PK OR CN)").contains("parentheses"));
        assert!(refused("region_code = 'P*'").contains('*'));
        assert!(refused("industries:*").contains('*'));
    }

    #[test]
    fn values_with_hidden_characters_never_reach_a_store() {
        assert!(refused("region_code = 'P\0K'").contains("NUL"));
        assert!(refused("region_code = 'P\u{202E}K'").contains("U+202E"));
        assert!(refused(&format!("region_code = {}", "x".repeat(201))).contains("at most 200"));
    }

    #[test]
    fn limits_are_refused_before_any_work() {
        assert_eq!(parse(&" ".repeat(4_097), FIELDS), Err(Error::TooLong(4_097)));
        let nested = |depth: usize| format!("{}isic:1{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&nested(16), FIELDS).is_ok());
        assert_eq!(parse(&nested(17), FIELDS), Err(Error::TooDeep));
        let terms = |count: usize| vec!["isic:1"; count].join(" OR ");
        assert!(parse(&terms(64), FIELDS).is_ok());
        assert_eq!(parse(&terms(65), FIELDS), Err(Error::TooManyTerms));
    }

    #[test]
    fn broken_syntax_says_where() {
        assert!(matches!(parse("state = ", FIELDS), Err(Error::Syntax { offset: 8, .. })));
        assert!(matches!(parse("(state = DRAFT", FIELDS), Err(Error::Syntax { .. })));
        assert!(matches!(parse("state == DRAFT", FIELDS), Err(Error::Syntax { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn arbitrary_text_never_panics(text in "[\\PC\\x00-\\x1f]{0,80}") {
            let _ = parse(&text, FIELDS);
        }

        #[test]
        fn arbitrary_sentences_of_the_grammar_never_panic(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "state", "isic", "region_code", "=", "!=", ":", "<", "(", ")", " ", " AND ", " OR ", "NOT ", "-",
                    "ACTIVE", "\"", "'", "\\", "*", ".", ",", "27", "f(", "丝",
                ]),
                0..40,
            )
        ) {
            let _ = parse(&words.concat(), FIELDS);
        }
    }
}
