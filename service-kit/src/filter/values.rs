//! Values of filters: each as its field wants it, or in words what would be right.

use aip_160::Value;
use chrono::{DateTime, Datelike};

use super::check::{quote, unsupported};
use super::{Choice, Error, Field, Kind, Op, VALUE_CHARS_MAX};
use crate::names::{is_resource_id, text_problem};

/// The operator and value that a comparison comes to.
pub(super) fn checked(field: &Field, op: Op, value: &Value) -> Result<(Op, String), Error> {
    let text = value.as_str();
    if let Kind::Pattern | Kind::Name(_) = field.kind {
        return pattern(field, op, text);
    }
    let has_wildcard = match value {
        Value::Text(text) => text.contains('*'),
        Value::String(text) => text.starts_with('*') || text.ends_with('*'),
    };
    if has_wildcard {
        let name = field.name;
        return unsupported(format!("compares `{name}` with a `*` wildcard; values are compared as a whole"));
    }
    let value = match field.kind {
        Kind::Number => number(field, text)?,
        Kind::Instant => instant(field, text)?,
        Kind::Enum { prefix, values } => choice(field, text, Choice { prefix, values })?,
        Kind::OptionalEnum(known) | Kind::RepeatedEnum(known) => choice(field, text, known)?,
        Kind::Text | Kind::RepeatedText | Kind::Pattern | Kind::Name(_) => plain(field, text)?,
    };
    Ok((op, value))
}

fn plain(field: &Field, text: &str) -> Result<String, Error> {
    match text_problem(text, VALUE_CHARS_MAX) {
        Some(problem) => unsupported(format!("compares `{}` with a value that {problem}", field.name)),
        None => Ok(text.to_owned()),
    }
}

/// A text that may end with a star. The parser has resolved the escapes of the quotes already, so a backslash before the
/// last star is one that the caller doubled.
fn pattern(field: &Field, op: Op, text: &str) -> Result<(Op, String), Error> {
    let name = field.name;
    if text.starts_with('*') && text.len() > 1 {
        return unsupported(format!(
            "compares `{name}` with a `*` at the beginning; it can only be the last character"
        ));
    }
    let (text, is_prefix) = match text.strip_suffix('*') {
        Some(stem) => {
            let before = stem.trim_end_matches('\\');
            let backslashes = stem.len() - before.len();
            let kept = &stem[..before.len() + backslashes / 2];
            if backslashes % 2 == 0 { (kept.to_owned(), true) } else { (format!("{kept}*"), false) }
        }
        None => (text.to_owned(), false),
    };
    if let Kind::Name(shape) = field.kind
        && !is_name(&text, shape, is_prefix)
    {
        let example = shape.replace("{}", "my-id");
        let (text, name) = (quote(&text), field.name);
        return unsupported(format!("compares `{name}` with `{text}`; it is a resource name like `{example}`"));
    }
    let op = match (op, is_prefix) {
        (Op::Equal, true) => Op::Begins,
        (Op::NotEqual, true) => Op::NotBegins,
        (op, _) => op,
    };
    Ok((op, plain(field, &text)?))
}

/// Whether a text is a name of that shape, or the beginning of one.
fn is_name(text: &str, shape: &str, is_prefix: bool) -> bool {
    let (parts, shapes): (Vec<&str>, Vec<&str>) = (text.split('/').collect(), shape.split('/').collect());
    let fits = if is_prefix { parts.len() <= shapes.len() } else { parts.len() == shapes.len() };
    let last = parts.len() - 1;
    let segment = |(at, (part, shape)): (usize, (&&str, &&str))| match (*shape, is_prefix && at == last) {
        ("{}", true) => part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
        ("{}", false) => is_resource_id(part),
        (fixed, true) => fixed.starts_with(part),
        (fixed, false) => fixed == *part,
    };
    fits && parts.iter().zip(&shapes).enumerate().all(segment)
}

fn number(field: &Field, text: &str) -> Result<String, Error> {
    match text.parse::<i64>() {
        Ok(number) => Ok(number.to_string()),
        Err(_) => unsupported(format!("compares `{}` with `{}`; it is a whole number", field.name, quote(text))),
    }
}

fn instant(field: &Field, text: &str) -> Result<String, Error> {
    let (name, written) = (field.name, quote(text));
    let example = "\"2026-01-31T12:00:00Z\"";
    let Ok(instant) = DateTime::parse_from_rfc3339(text) else {
        return unsupported(format!(
            "compares `{name}` with `{written}`; it is an instant like `{example}`, in quotes"
        ));
    };
    let instant = instant.to_utc();
    if !(1..=9999).contains(&instant.year()) {
        return unsupported(format!("compares `{name}` with `{written}`, which is not in the years 1 to 9999"));
    }
    if instant.timestamp_subsec_nanos() % 1_000 != 0 {
        return unsupported(format!(
            "compares `{name}` with `{written}`; it is kept to the microsecond, so write no more"
        ));
    }
    Ok(instant.timestamp_micros().to_string())
}

fn choice(field: &Field, text: &str, known: Choice) -> Result<String, Error> {
    let bare = text.strip_prefix(known.prefix).unwrap_or(text);
    match known.values.iter().find(|&&value| value == bare) {
        Some(&value) => Ok(value.to_owned()),
        None => {
            let (text, values) = (quote(text), known.values.join(", "));
            unsupported(format!("compares `{}` with `{text}`; it can be {values}", field.name))
        }
    }
}
