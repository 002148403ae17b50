//! Checked filters as SQL conditions; every value is bound as a parameter.

use sea_orm::sea_query::{Expr as Sql, Query};
use sea_orm::{ColumnTrait, Condition, ExprTrait};
use service_kit::filter::{Expr, Op, Term};

use super::entity::{enterprise, opportunity, term};
use crate::domain::places::Region;
use crate::domain::{enterprise as enterprises, opportunity as opportunities};
use crate::store::Error;

/// The condition on rows of enterprises.
pub(super) fn enterprises(expression: &Expr) -> Result<Condition, Error> {
    condition(expression, &|term| match term.field {
        "region_code" => Ok(compared(enterprise::Column::RegionCode, term.op, term.value.clone())),
        "state" => {
            let state = enterprises::State::from_name(&term.value).ok_or_else(|| unknown(term))?;
            Ok(compared(enterprise::Column::State, term.op, state.number()))
        }
        "industries" => Ok(has_term(&industry_term(term.value.strip_prefix("industries/").unwrap_or(&term.value)))),
        "isic" => Ok(has_term(&isic_term(&term.value))),
        _ => Err(unknown(term)),
    })
}

/// The condition on rows of opportunities.
pub(super) fn opportunities(expression: &Expr) -> Result<Condition, Error> {
    condition(expression, &|term| match term.field {
        "kind" => {
            let kind = opportunities::Kind::from_name(&term.value).ok_or_else(|| unknown(term))?;
            Ok(compared(opportunity::Column::Kind, term.op, kind.number()))
        }
        "state" => {
            let state = opportunities::State::from_name(&term.value).ok_or_else(|| unknown(term))?;
            Ok(compared(opportunity::Column::State, term.op, state.number()))
        }
        _ => Err(unknown(term)),
    })
}

/// The term of a programme industry.
pub(super) fn industry_term(id: &str) -> String {
    format!("industry/{id}")
}

/// The term of an ISIC code.
pub(super) fn isic_term(code: &str) -> String {
    format!("isic/{code}")
}

/// The term of a region that is aimed at: `target/PK`, `target/regionGroups/oic`.
pub(super) fn target_term(region: &Region) -> String {
    format!("target/{region}")
}

fn condition(expression: &Expr, term: &impl Fn(&Term) -> Result<Sql, Error>) -> Result<Condition, Error> {
    let all_of = |mut joined: Condition, parts: &[Expr]| {
        for part in parts {
            joined = joined.add(condition(part, term)?);
        }
        Ok(joined)
    };
    match expression {
        Expr::All(parts) => all_of(Condition::all(), parts),
        Expr::Any(parts) => all_of(Condition::any(), parts),
        Expr::Not(part) => Ok(condition(part, term)?.not()),
        Expr::Term(one) => Ok(Condition::all().add(term(one)?)),
    }
}

fn compared<V: Into<sea_orm::Value>>(column: impl ColumnTrait, op: Op, value: V) -> Sql {
    if op == Op::NotEqual { column.ne(value) } else { column.eq(value) }
}

fn has_term(wanted: &str) -> Sql {
    let mut holders = Query::select();
    holders.expr(Sql::val(1)).from(term::Entity).and_where(term::Column::Term.eq(wanted)).and_where(
        Sql::col((term::Entity, term::Column::EnterpriseId)).equals((enterprise::Entity, enterprise::Column::Id)),
    );
    Sql::exists(holders)
}

/// The filter was checked against the fields of the list, so this is a field that was forgotten here.
fn unknown(term: &Term) -> Error {
    Error::Broken(format!("the filter on `{}` has no SQL", term.field))
}
