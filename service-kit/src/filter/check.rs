//! Turns a parsed filter into one that names only what the list offers.

use aip_160::{Arg, Comparable, Comparator, Expression, Restriction, Value};

use super::{Error, Expr, Field, Kind, Op, TERMS_MAX, Term, values};

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
        let (op, value) = match op {
            Op::Present => (op, String::new()),
            _ => values::checked(field, op, value)?,
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

fn value_of<'a>(field: &Field, arg: &'a Arg) -> Result<&'a Value, Error> {
    let name = field.name;
    match arg {
        Arg::Comparable(Comparable::Function(function)) => Err(no_function(&function.name)),
        Arg::Composite(_) => unsupported(format!(
            "compares `{name}` with parentheses; repeat the field, like `({name} = a OR {name} = b)`"
        )),
        Arg::Comparable(Comparable::Member(member)) => arg.as_value().ok_or_else(|| {
            let written = quote(&member.to_string());
            Error::Unsupported(format!("compares `{name}` with `{written}`; put values with a dot into quotes"))
        }),
    }
}

fn op_of(field: &Field, comparator: Comparator, value: &Value) -> Result<Op, Error> {
    let name = field.name;
    if matches!(field.kind, Kind::RepeatedText | Kind::RepeatedEnum(_)) {
        let value = quote(value.as_str());
        return match comparator {
            Comparator::Has => Ok(Op::Has),
            Comparator::NotEqual => {
                unsupported(format!("compares `{name}` with `!=`; it is repeated: write `NOT {name}:{value}`"))
            }
            comparator => {
                unsupported(format!("compares `{name}` with `{comparator}`; it is repeated: write `{name}:{value}`"))
            }
        };
    }
    let has_order = matches!(field.kind, Kind::Number | Kind::Instant);
    let may_be_absent = !matches!(field.kind, Kind::Text | Kind::Enum { .. });
    match comparator {
        Comparator::Equal => Ok(Op::Equal),
        Comparator::NotEqual => Ok(Op::NotEqual),
        Comparator::LessThan if has_order => Ok(Op::Less),
        Comparator::LessThanOrEqual if has_order => Ok(Op::LessOrEqual),
        Comparator::GreaterThan if has_order => Ok(Op::Greater),
        Comparator::GreaterThanOrEqual if has_order => Ok(Op::GreaterOrEqual),
        Comparator::Has if may_be_absent && *value == Value::Text("*".to_owned()) => Ok(Op::Present),
        comparator => {
            let known = if has_order { "`=`, `!=`, `<`, `<=`, `>` and `>=`" } else { "`=` and `!=`" };
            unsupported(format!("compares `{name}` with `{comparator}`; it can be compared with {known}"))
        }
    }
}

fn no_function(name: &[String]) -> Error {
    let name = quote(&name.join("."));
    Error::Unsupported(format!("calls the function `{name}`; write comparisons like `field = value`"))
}

pub(super) fn unsupported<T>(problem: String) -> Result<T, Error> {
    Err(Error::Unsupported(problem))
}

pub(super) fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
