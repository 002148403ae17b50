//! The best partners of many enterprises, some at a time.

use service_kit::filter::Expr;

use super::partners::{Found, PartnerQuestion, Subject, find};
use crate::domain::{CountryCode, EnterpriseId, State};
use crate::index::{Snapshot, holds};

/// Whose partners, and how to find them.
#[derive(Debug, Clone)]
pub(crate) struct BatchQuestion {
    /// Countries of those whose partners are asked for, sorted; none: all.
    pub(crate) countries: Option<Vec<CountryCode>>,
    /// What must hold of them.
    pub(crate) filter: Option<Expr>,
    /// The question for each; its subject is replaced.
    pub(crate) each: PartnerQuestion,
}

/// What was found for one enterprise.
#[derive(Debug)]
pub(crate) struct Batched {
    /// Whose partners.
    pub(crate) id: EnterpriseId,
    /// Its partners.
    pub(crate) found: Found,
}

/// Partners of the next enterprises by id after `after`, at most so many, and where to go on; none at the end. No more
/// than `looked_at_max` enterprises are looked at, so that a filter that lets nobody through does not take for ever.
pub(crate) fn find_next(
    snapshot: &Snapshot,
    question: &BatchQuestion,
    after: &str,
    limit: usize,
    looked_at_max: usize,
) -> (Vec<Batched>, Option<String>) {
    let mut batch = Vec::with_capacity(limit);
    let mut each = question.each.clone();
    let mut last = after;
    for (looked_at, slot) in snapshot.after(after).enumerate() {
        if batch.len() == limit || looked_at == looked_at_max {
            return (batch, Some(last.to_owned()));
        }
        last = snapshot.id(slot);
        if !takes_part(snapshot, question, slot) {
            continue;
        }
        let id = EnterpriseId::parse(snapshot.id(slot)).expect("ids of the index were parsed once");
        each.subject = Subject::Registered(id.clone());
        let found = find(snapshot, &each).expect("the subject is of this snapshot");
        batch.push(Batched { id, found });
    }
    (batch, None)
}

fn takes_part(snapshot: &Snapshot, question: &BatchQuestion, slot: u32) -> bool {
    let head = snapshot.head(slot);
    let is_inside = question.countries.as_ref().is_none_or(|within| within.binary_search(&head.country).is_ok());
    let facts = || snapshot.facets().facts(head.codes.focus, head.codes.work, head.country, head.state);
    head.state == State::Active && is_inside && question.filter.as_ref().is_none_or(|filter| holds(filter, facts()))
}
