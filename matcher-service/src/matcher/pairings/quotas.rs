//! Limits of groups, in the terms of the sides.

use service_kit::Violations;
use service_kit::filter::Expr;

use super::sides::{SideMembers, Sides};
use crate::domain::EnterpriseId;
use crate::index::{Snapshot, holds};
use crate::pairing::problem::Flaw;
use crate::pairing::quota::flaws;
use crate::pairing::{Bounds, Quota, Side};

/// How many pairs a group of one side has together.
#[derive(Debug, Clone)]
pub(crate) struct QuotaQuestion {
    /// The side of all its members.
    pub(crate) side: Side,
    /// Who they are.
    pub(crate) members: QuotaMembers,
    /// Fewest and most.
    pub(crate) bounds: Bounds,
}

/// Who belongs to a group.
#[derive(Debug, Clone)]
pub(crate) enum QuotaMembers {
    /// These.
    Named(Vec<EnterpriseId>),
    /// Those of the side for whom this holds.
    Passing(Expr),
}

/// The quotas of a question by index. Unknown members and quotas that cross become violations.
pub(super) fn quotas(
    snapshot: &Snapshot,
    questions: &[QuotaQuestion],
    sides: &Sides,
    violations: &mut Violations,
) -> Vec<Quota> {
    let mut quotas = Vec::with_capacity(questions.len());
    for (number, question) in questions.iter().enumerate() {
        let side = sides.of(question.side);
        let members = match &question.members {
            QuotaMembers::Named(ids) => named(side, ids, question.side, number, violations),
            QuotaMembers::Passing(filter) => passing(snapshot, side, filter),
        };
        let Bounds { min, max } = question.bounds;
        quotas.push(Quota { side: question.side, members, min, max });
    }
    let sizes = [Side::A, Side::B].map(|side| sides.of(side).profiles().len());
    for flaw in flaws(&quotas, sizes) {
        match flaw {
            Flaw::QuotaTwice { quota, member } => {
                let name = sides.of(quotas[quota].side).profile(member).id.name();
                violations.add(format!("quotas[{quota}].enterprises"), format!("names `{name}` twice"));
            }
            Flaw::QuotasCross { quota, other } => {
                let text = format!("crosses quotas[{quota}]: they share members, but neither holds all of the other");
                violations.add(format!("quotas[{other}]"), text);
            }
            other => violations.add("quotas", other.to_string()),
        }
    }
    quotas
}

fn named(side: &SideMembers, ids: &[EnterpriseId], of: Side, number: usize, violations: &mut Violations) -> Vec<u32> {
    let mut members = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        match side.index(id) {
            Some(index) => members.push(index),
            None => {
                let field = format!("quotas[{number}].enterprises[{at}]");
                violations.add(field, format!("`{}` is not on {of}", id.name()));
            }
        }
    }
    members
}

fn passing(snapshot: &Snapshot, side: &SideMembers, filter: &Expr) -> Vec<u32> {
    let passes = |slot: u32| {
        let head = snapshot.head(slot);
        holds(filter, snapshot.facets().facts(head.codes.focus, head.codes.work, head.country, head.state))
    };
    (0u32..).zip(side.members()).filter(|(_, member)| passes(member.slot)).map(|(index, _)| index).collect()
}
