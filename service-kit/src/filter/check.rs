//! Turns a parsed filter into one that names only what the list offers.

use aip_160::{Arg, Comparable, Comparator, Expression, Restriction, Value};

use super::{Error, Expr, Field, Kind, Op, TERMS_MAX, Term, VALUE_CHARS_MAX};
use crate::names;

/// One pass over one filter, counting its comparisons.
pub(super) struct Check {
    fields: &'static [Field],
    terms: usize,
}

/// Quotes of the caller's text in errors stay readable.
const QUOTE_CHARS_MAX: usize = 40;

impl Check {
    pub(super) fn new(fields: &'static [Field]) -> Self {
        Self { fields, terms: 0 }
    }

    /// Recursive, to the depth that the parser allowed.
    pub(super) fn expression(&mut self, expression: Expression) -> Result<Expr, Error> {
        match expression {
            Expression::And(children) | Expression::Sequence(children) => self.each(children).map(Expr::All),
            Expression::Or(children) => self.each(children).map(Expr::Any),
            Expression::Not(child) => Ok(Expr::Not(Box::new(self.expression(*child)?))),
            Expression::Restriction(restriction) => {
                self.count()?;
                self.term(restriction).map(Expr::Term)
            }
            Expression::Global(Comparable::Function(function)) => Err(no_function(&function.name)),
            Expression::Global(literal) => {
                let literal = quote(&literal.to_string());
                unsupported(format!("contains `{literal}` alone; write comparisons like `field = value`"))
            }
        }
    }

    fn each(&mut self, children: Vec<Expression>) -> Result<Vec<Expr>, Error> {
        children.into_iter().map(|child| self.expression(child)).collect()
    }

    fn count(&mut self) -> Result<(), Error> {
        self.terms += 1;
        if self.terms > TERMS_MAX { Err(Error::TooManyTerms) } else { Ok(()) }
    }

    fn term(&self, restriction: Restriction) -> Result<Term, Error> {
        let field = self.field(&restriction.comparable)?;
        let value = value_of(field, &restriction.arg)?;
        let op = op_of(field, restriction.comparator, value)?;
        let value = match field.kind {
            Kind::Text | Kind::RepeatedText => text_value(field, value)?,
            Kind::Number => number_value(field, value)?,
            Kind::Enum { prefix, values } => enum_value(field, value, prefix, values)?,
        };
        Ok(Term { field: field.name, op, value })
    }

    fn field(&self, comparable: &Comparable) -> Result<&'static Field, Error> {
        if let Comparable::Function(function) = comparable {
            return Err(no_function(&function.name));
        }
        let path = comparable.field_path();
        let found = path.as_deref().and_then(|path| self.fields.iter().find(|field| field.name == path));
        found.ok_or_else(|| Error::UnknownField {
            field: quote(&comparable.to_string()),
            known: self.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", "),
        })
    }
}

fn value_of<'a>(field: &Field, arg: &'a Arg) -> Result<&'a str, Error> {
    let name = field.name;
    match arg {
        Arg::Comparable(Comparable::Function(function)) => Err(no_function(&function.name)),
        Arg::Composite(_) => unsupported(format!(
            "compares `{name}` with parentheses; repeat the field, like `({name} = a OR {name} = b)`"
        )),
        Arg::Comparable(Comparable::Member(member)) => {
            let Some(value) = arg.as_value() else {
                let written = quote(&member.to_string());
                return unsupported(format!("compares `{name}` with `{written}`; put values with a dot into quotes"));
            };
            let wildcard = match value {
                Value::Text(text) => text.contains('*'),
                Value::String(text) => text.starts_with('*') || text.ends_with('*'),
            };
            if wildcard {
                return unsupported(format!("compares `{name}` with a `*` wildcard; values are compared as a whole"));
            }
            Ok(value.as_str())
        }
    }
}

fn op_of(field: &Field, comparator: Comparator, value: &str) -> Result<Op, Error> {
    let name = field.name;
    let repeated = matches!(field.kind, Kind::RepeatedText);
    match (comparator, repeated) {
        (Comparator::Equal, false) => Ok(Op::Equal),
        (Comparator::NotEqual, false) => Ok(Op::NotEqual),
        (Comparator::Has, true) => Ok(Op::Has),
        (Comparator::NotEqual, true) => {
            let value = quote(value);
            unsupported(format!("compares `{name}` with `!=`; it is repeated: write `NOT {name}:{value}`"))
        }
        (comparator, true) => {
            let value = quote(value);
            unsupported(format!("compares `{name}` with `{comparator}`; it is repeated: write `{name}:{value}`"))
        }
        (comparator, false) => {
            unsupported(format!("compares `{name}` with `{comparator}`; it can be compared with `=` and `!=`"))
        }
    }
}

fn text_value(field: &Field, value: &str) -> Result<String, Error> {
    match names::text_problem(value, VALUE_CHARS_MAX) {
        Some(problem) => unsupported(format!("compares `{}` with a value that {problem}", field.name)),
        None => Ok(value.to_owned()),
    }
}

fn number_value(field: &Field, value: &str) -> Result<String, Error> {
    match value.parse::<i64>() {
        Ok(number) => Ok(number.to_string()),
        Err(_) => unsupported(format!("compares `{}` with `{}`; it is a whole number", field.name, quote(value))),
    }
}

fn enum_value(field: &Field, value: &str, prefix: &str, values: &[&str]) -> Result<String, Error> {
    let bare = value.strip_prefix(prefix).unwrap_or(value);
    match values.iter().find(|&&known| known == bare) {
        Some(&known) => Ok(known.to_owned()),
        None => {
            let (value, known) = (quote(value), values.join(", "));
            unsupported(format!("compares `{}` with `{value}`; it can be {known}", field.name))
        }
    }
}

fn no_function(name: &[String]) -> Error {
    let name = quote(&name.join("."));
    Error::Unsupported(format!("calls the function `{name}`; write comparisons like `field = value`"))
}

fn unsupported<T>(problem: String) -> Result<T, Error> {
    Err(Error::Unsupported(problem))
}

fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
