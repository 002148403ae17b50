//! What filters are understood, and what is said about the others.

use super::*;
use proptest::prelude::*;

const FIELDS: &[Field] = &[
    Field { name: "name", kind: Kind::Name("enterprises/{}/opportunities/{}") },
    Field { name: "city", kind: Kind::Pattern },
    Field { name: "create_time", kind: Kind::Instant },
    Field { name: "band", kind: Kind::OptionalEnum(Choice { prefix: "BAND_", values: &["LOW", "HIGH"] }) },
    Field { name: "schemes", kind: Kind::RepeatedEnum(Choice { prefix: "SCHEME_", values: &["LEI", "ISIN"] }) },
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
fn numbers_and_instants_have_an_order() {
    assert_eq!(parsed("founded_year < 1994"), term("founded_year", Op::Less, "1994"));
    assert_eq!(parsed("founded_year <= 1994"), term("founded_year", Op::LessOrEqual, "1994"));
    assert_eq!(parsed("founded_year > 1994"), term("founded_year", Op::Greater, "1994"));
    assert_eq!(parsed("founded_year >= 1994"), term("founded_year", Op::GreaterOrEqual, "1994"));
    let instant = "create_time >= \"1970-01-01T01:00:00.000001+01:00\"";
    assert_eq!(parsed(instant), term("create_time", Op::GreaterOrEqual, "1"));
    assert_eq!(parsed("create_time != '1969-12-31T23:59:59Z'"), term("create_time", Op::NotEqual, "-1000000"));
    for wrong in ["create_time > 2026-01-01", "create_time > \"2026-01-01\"", "create_time = 7", "create_time = ''"] {
        assert!(refused(wrong).contains("it is an instant like `\"2026-01-31T12:00:00Z\"`, in quotes"), "{wrong}");
    }
    assert!(refused("create_time > '2026-01-01T00:00:00.0000001Z'").contains("to the microsecond"));
    assert!(refused("create_time > '0000-01-01T00:00:00Z'").contains("the years 1 to 9999"));
}

#[test]
fn a_star_at_the_end_stands_for_anything() {
    assert_eq!(parsed("city = 'Hu*'"), term("city", Op::Begins, "Hu"));
    assert_eq!(parsed("city = Hu*"), term("city", Op::Begins, "Hu"));
    assert_eq!(parsed("city != 'Hu*'"), term("city", Op::NotBegins, "Hu"));
    assert_eq!(parsed("city = '*'"), term("city", Op::Begins, ""));
    assert_eq!(parsed("city = 'a*b'"), term("city", Op::Equal, "a*b"));
    assert!(refused("city = '*Hu'").contains("only be the last character"));
    assert!(refused("city = '*Hu*'").contains("only be the last character"));
}

#[test]
fn a_backslash_takes_the_meaning_of_the_last_star() {
    // What stands in the filter is unescaped once by the quotes.
    assert_eq!(parsed(r"city = 'Hu\\*'"), term("city", Op::Equal, "Hu*"));
    assert_eq!(parsed(r"city = 'Hu\\\\*'"), term("city", Op::Begins, r"Hu\"));
    assert_eq!(parsed(r"city = 'Hu\\\\\\*'"), term("city", Op::Equal, r"Hu\*"));
    assert_eq!(parsed(r"city = 'a\\b'"), term("city", Op::Equal, r"a\b"));
}

#[test]
fn names_are_whole_or_begin_like_one() {
    let whole = "enterprises/a/opportunities/b";
    assert_eq!(parsed(&format!("name = '{whole}'")), term("name", Op::Equal, whole));
    for end in 0..=whole.len() {
        let beginning = &whole[..end];
        assert_eq!(parsed(&format!("name = '{beginning}*'")), term("name", Op::Begins, beginning));
    }
    for wrong in ["a", "enterprises/a", "enterprises/A/opportunities/b", "enterprises/a/opportunities/b/c", "x*", "a/*"]
    {
        assert!(
            refused(&format!("name = '{wrong}'")).contains("like `enterprises/my-id/opportunities/my-id`"),
            "{wrong}"
        );
    }
}

#[test]
fn a_star_after_a_colon_asks_whether_there_is_one() {
    for field in ["name", "city", "create_time", "band", "founded_year"] {
        assert_eq!(
            parsed(&format!("{field}:*")),
            Expr::Term(Term {
                field: FIELDS.iter().find(|known| known.name == field).unwrap().name,
                op: Op::Present,
                value: String::new(),
            })
        );
    }
    assert!(refused("state:*").contains("`=` and `!=`"));
    assert!(refused("city:'*'").contains("`=` and `!=`"));
}

#[test]
fn repeated_enums_take_their_values_only() {
    assert_eq!(parsed("schemes:LEI"), term("schemes", Op::Has, "LEI"));
    assert_eq!(parsed("schemes:SCHEME_ISIN"), term("schemes", Op::Has, "ISIN"));
    assert_eq!(refused("schemes:VAT"), "compares `schemes` with `VAT`; it can be LEI, ISIN");
    assert!(refused("schemes = LEI").contains("write `schemes:LEI`"));
}

#[test]
fn codes_with_dots_and_escaped_quotes_are_values() {
    assert_eq!(parsed("isic:27.10"), term("isic", Op::Has, "27.10"));
    assert_eq!(parsed(r#"region_code = "a\"b""#), term("region_code", Op::Equal, "a\"b"));
    assert!(refused("isic:C.27").contains("quotes"));
}

#[test]
fn unknown_fields_list_the_known_ones() {
    let known = "name, city, create_time, band, schemes, region_code, industries, isic, founded_year, state";
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
    assert!(refused("city < Hu").contains("`=` and `!=`"));
    assert!(refused("city:Hu").contains("`=` and `!=`"));
    assert!(refused("founded_year:1990").contains("`=`, `!=`, `<`, `<=`, `>` and `>=`"));
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
