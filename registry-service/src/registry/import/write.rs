//! Writes what was resolved, in order; what was overtaken meanwhile is resolved again.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use tracing::debug;

use super::resolve::{Decided, Resolved, Resolver, UNWRITTEN_MAX};
use super::{ImportManner, ImportOutcome, ImportRow, RowRefusal, derived_id};
use crate::registry::offices::is_office;
use crate::registry::{Error, Registry};
use crate::store::{self, Compared, Put, WRITE_MAX, Write};

/// Repetitions of a row that lost against another editor.
const ROW_ATTEMPTS_MAX: u32 = 5;

/// Outcomes of rows, and the last revision that was written for them.
pub type Done = (Vec<ImportOutcome>, Option<i64>);

/// Writes rows, chunk by chunk.
pub struct RowWriter<'a> {
    registry: &'a Registry,
    manner: &'a ImportManner,
    /// What the chunks concern that may have been unwritten when the next one was resolved.
    recent: VecDeque<Recent>,
}

/// What a chunk that was written concerns.
#[derive(Default)]
struct Recent {
    concerns: HashSet<String>,
    /// The revisions that it was written in.
    revisions: Vec<i64>,
    /// Whether it did anything but add the records that were foreseen.
    is_surprising: bool,
}

impl<'a> RowWriter<'a> {
    /// Writes the rows of one import.
    pub fn new(registry: &'a Registry, manner: &'a ImportManner) -> Self {
        Self { registry, manner, recent: VecDeque::new() }
    }

    /// Writes a chunk of rows, in as few writes as they fit into; the rows of a write that is refused by themselves.
    pub async fn write(&mut self, chunk: Vec<Resolved>) -> Result<Done, Error> {
        let mut done = (Vec::new(), None);
        if self.recent.len() > UNWRITTEN_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(Recent::default());
        for Resolved { rows, decided, concerns } in chunk {
            let is_overtaken =
                self.recent.iter().any(|recent| recent.is_surprising || !recent.concerns.is_disjoint(&concerns));
            let foreseen = decided.as_ref().map(Decided::results);
            let decided = if is_overtaken { self.resolved(&rows).await? } else { decided };
            let mut is_surprising = match &decided {
                Some(decided) => decided.changes_records() || Some(decided.results()) != foreseen,
                None => true,
            };
            let written = match decided {
                Some(decided) => self.written(decided).await?,
                None => {
                    rows.chunks(WRITE_MAX).map(|_| Err(store::Error::Stale("one record, twice".to_owned()))).collect()
                }
            };
            let mut revisions = Vec::new();
            for (rows, written) in rows.chunks(WRITE_MAX).zip(written) {
                let part = match written {
                    Ok(part) => part,
                    Err(error) => {
                        is_surprising = true;
                        self.write_again(rows, error).await?
                    }
                };
                revisions.extend(part.1);
                add(&mut done, part);
            }
            let recent = self.recent.back_mut().expect("it was pushed above");
            recent.revisions.extend(revisions);
            recent.concerns.extend(concerns);
            recent.is_surprising |= is_surprising;
        }
        Ok(done)
    }

    /// What is to be written for rows, now that everything before them is.
    async fn resolved(&self, rows: &[ImportRow]) -> Result<Option<Decided>, Error> {
        Ok(Resolver::new(self.registry, self.manner).decided(rows).await?.1)
    }

    /// Writes rows whose write was refused: together, if somebody like one of them came in, otherwise one by one.
    async fn write_again(&self, rows: &[ImportRow], mut error: store::Error) -> Result<Done, Error> {
        for _ in 0..ROW_ATTEMPTS_MAX {
            if !matches!(error, store::Error::NotCompared(_)) {
                break;
            }
            match self.try_part(rows).await? {
                Ok(done) => return Ok(done),
                Err(again) => error = again,
            }
        }
        debug!(%error, rows = rows.len(), "a chunk is imported row by row");
        let mut done = (Vec::with_capacity(rows.len()), None);
        for row in rows {
            add(&mut done, self.write_row(row).await?);
        }
        Ok(done)
    }

    async fn write_row(&self, row: &ImportRow) -> Result<Done, Error> {
        let number = row.row;
        let target = row.id.clone().unwrap_or_else(|| derived_id(&row.profile));
        let refused = |refusal| Ok((vec![ImportOutcome { row: number, result: Err(refusal) }], None));
        for _ in 0..ROW_ATTEMPTS_MAX {
            match self.try_part(std::slice::from_ref(row)).await? {
                Ok(done) => return Ok(done),
                Err(store::Error::IdentifierTaken { identifier, holder }) => {
                    return refused(RowRefusal::IdentifierTaken(identifier, holder));
                }
                Err(store::Error::TooManyFollow { maximum, .. }) => {
                    return refused(RowRefusal::TooManyFollow(target, maximum));
                }
                Err(store::Error::LeftBehind { enterprise, opportunity }) => {
                    return refused(RowRefusal::LeavesBehind(enterprise, opportunity));
                }
                Err(store::Error::NotFound(name)) => {
                    self.registry.vocabulary.refresh(&self.registry.store).await?;
                    // The office that it would belong to was deleted: now it belongs to another.
                    if !is_office(&name) {
                        return refused(RowRefusal::Removed(name));
                    }
                }
                // Somebody else was faster.
                Err(_) => {}
            }
        }
        refused(RowRefusal::Contended(target))
    }

    /// Resolves and writes rows that fit into one write; or tells what was wrong with one of them.
    async fn try_part(&self, rows: &[ImportRow]) -> Result<Result<Done, store::Error>, Error> {
        match self.resolved(rows).await? {
            Some(decided) => Ok(self.written(decided).await?.pop().expect("the rows are one part")),
            None => Ok(Err(store::Error::Stale("one record, twice".to_owned()))),
        }
    }

    /// What was compared, without need to look whether somebody came in with what this import wrote itself since: that was
    /// compared, too, or it would have been resolved again.
    fn up_to_date(&self, mut compared: Compared) -> Compared {
        for revision in self.recent.iter().flat_map(|recent| &recent.revisions) {
            if *revision == compared.revision + 1 {
                compared.revision = *revision;
            }
        }
        compared
    }

    /// Writes what was decided, [`WRITE_MAX`] rows a write. Answers for each of these parts, with what was wrong with one
    /// of its rows if it was refused for that.
    async fn written(&self, decided: Decided) -> Result<Vec<Result<Done, store::Error>>, Error> {
        let compared = decided.compared.map(|compared| Arc::new(self.up_to_date(Arc::unwrap_or_clone(compared))));
        let (mut writes, mut parts) = (Vec::new(), Vec::new());
        let mut decisions = decided.outcomes.into_iter();
        while decisions.len() > 0 {
            let (mut outcomes, mut puts): (Vec<ImportOutcome>, Vec<Put>) = (Vec::new(), Vec::new());
            for (outcome, put) in decisions.by_ref().take(WRITE_MAX) {
                outcomes.push(outcome);
                puts.extend(put);
            }
            parts.push((outcomes, !puts.is_empty()));
            if !puts.is_empty() {
                let (origin, compared) = (self.manner.origin.clone(), compared.clone());
                writes.push(Write { request: None, puts, validate_only: false, origin, compared });
            }
        }
        let mut written = self.registry.store.write_each(writes).await.into_iter();
        let mut done = Vec::with_capacity(parts.len());
        for (outcomes, is_written) in parts {
            let written = if is_written { written.next() } else { None };
            done.push(match written.transpose() {
                Ok(written) => Ok((outcomes, written.map(|written| written.revision))),
                Err(error) if is_about_one_row(&error) => Err(error),
                Err(error) => return Err(error.into()),
            });
        }
        Ok(done)
    }
}

fn add(done: &mut Done, part: Done) {
    done.0.extend(part.0);
    done.1 = part.1.or(done.1);
}

/// Whether it is one row that is wrong, or that somebody else was faster with: the others can be written.
fn is_about_one_row(error: &store::Error) -> bool {
    matches!(
        error,
        store::Error::IdentifierTaken { .. }
            | store::Error::TooManyFollow { .. }
            | store::Error::LeftBehind { .. }
            | store::Error::NotFound(_)
            | store::Error::Stale(_)
            | store::Error::Exists(_)
            | store::Error::NotCompared(_)
    )
}
