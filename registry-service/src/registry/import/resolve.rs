//! Looks up what rows are about, also while the rows before them are not written yet.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use uuid::Uuid;

use super::{ImportAction, ImportManner, ImportOutcome, ImportRow, RowRefusal, derived_id, identifier_key, waves};
use crate::domain::enterprise::Enterprise;
use crate::domain::identifier::Identifier;
use crate::domain::ids::EnterpriseId;
use crate::registry::duplicates::Fresh;
use crate::registry::restore::restored;
use crate::registry::{Error, Registry, now};
use crate::store::{Compared, Expect, Put};

/// Chunks of rows that may be unwritten when the next one is resolved: one is being written, and one waits.
pub(super) const UNWRITTEN_MAX: usize = 2;

/// Rows that do not concern each other, and what is to be written for them.
#[derive(Debug)]
pub struct Resolved {
    pub(super) rows: Vec<ImportRow>,
    /// For each row; nothing if two of them turned out to be about one record.
    pub(super) decided: Option<Decided>,
    /// Ids and identifiers by which they are about their records.
    pub(super) concerns: HashSet<String>,
}

/// What is to be written for rows, and who it was compared with.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) outcomes: Vec<(ImportOutcome, Option<Put>)>,
    pub(super) compared: Option<Arc<Compared>>,
}

impl Decided {
    /// What becomes of each row that is not refused.
    pub(super) fn results(&self) -> Vec<Option<(ImportAction, EnterpriseId)>> {
        self.outcomes.iter().map(|(outcome, _)| outcome.result.as_ref().ok().cloned()).collect()
    }

    /// Whether it does more than to add records.
    pub(super) fn changes_records(&self) -> bool {
        self.outcomes.iter().any(|(_, put)| matches!(put, Some(Put::Enterprise(_, Expect::Revision(_)))))
    }
}

/// Resolves rows, chunk by chunk.
pub struct Resolver<'a> {
    registry: &'a Registry,
    manner: &'a ImportManner,
    /// New records of the chunks that may be unwritten, and of the present one.
    unwritten: VecDeque<Vec<Fresh>>,
}

impl<'a> Resolver<'a> {
    /// Resolves the rows of one import.
    pub fn new(registry: &'a Registry, manner: &'a ImportManner) -> Self {
        Self { registry, manner, unwritten: VecDeque::new() }
    }

    /// Resolves a chunk of rows; those that concern the same record go into different parts.
    pub async fn resolve(&mut self, rows: Vec<ImportRow>) -> Result<Vec<Resolved>, Error> {
        if self.unwritten.len() > UNWRITTEN_MAX {
            self.unwritten.pop_front();
        }
        self.unwritten.push_back(Vec::new());
        let mut resolved = Vec::new();
        for rows in waves(rows) {
            let (targets, decided) = self.decided(&rows).await?;
            let identifiers = rows.iter().flat_map(|row| &row.profile.identifiers).map(identifier_key);
            let concerns = targets.iter().map(ToString::to_string).chain(identifiers).collect();
            resolved.push(Resolved { rows, decided, concerns });
        }
        Ok(resolved)
    }

    /// Who the rows are about, and what is to be written; nothing if two of them are about one record, which is known
    /// only now, if they have different identifiers of it.
    pub(super) async fn decided(&mut self, rows: &[ImportRow]) -> Result<(Vec<EnterpriseId>, Option<Decided>), Error> {
        let targets = self.targets(rows).await?;
        let mut met = HashSet::new();
        if !targets.iter().all(|target| met.insert(target)) {
            return Ok((targets, None));
        }
        let found = self.registry.store.enterprises(&targets).await?;
        let found: HashMap<&EnterpriseId, &Enterprise> = found.iter().map(|known| (&known.id, known)).collect();
        let mut outcomes = Vec::with_capacity(rows.len());
        for (row, id) in rows.iter().zip(&targets) {
            outcomes.push(self.outcome(row, id, found.get(id).copied()));
        }
        if self.manner.allow_lookalikes {
            return Ok((targets, Some(Decided { outcomes, compared: None })));
        }
        // What is restored keeps the holds that it had.
        let new = rows.iter().zip(&mut outcomes).filter(|(row, _)| row.restored.is_none());
        let new = new.filter_map(|(_, (_, put))| match put {
            Some(Put::Enterprise(enterprise, Expect::Absent)) => Some(enterprise.as_mut()),
            _ => None,
        });
        let (compared, fresh) = self.registry.hold_lookalikes(new.collect(), self.unwritten.iter().flatten()).await?;
        if let Some(chunk) = self.unwritten.back_mut() {
            chunk.extend(fresh);
        }
        Ok((targets, Some(Decided { outcomes, compared: Some(compared) })))
    }

    /// What a row does to the record that it is about, and the put that does it.
    fn outcome(&self, row: &ImportRow, id: &EnterpriseId, known: Option<&Enterprise>) -> (ImportOutcome, Option<Put>) {
        let resolved = match known {
            known if row.restored.is_some() => restored(row, id, known),
            None => {
                let profile = row.profile.clone();
                let new = Enterprise::new(id.clone(), Uuid::now_v7(), profile, self.manner.initial_state, now());
                let put = Put::Enterprise(Box::new(self.registry.located(new)), Expect::Absent);
                Ok((ImportAction::Created, Some(put)))
            }
            Some(known) if is_occupied(row, known) => Err(RowRefusal::Occupied(id.clone())),
            Some(known) if !known.is_live() => Err(RowRefusal::Deleted(id.clone())),
            Some(known) if known.is_merged() => Err(RowRefusal::Merged(id.clone())),
            Some(known) if known.profile == row.profile => Ok((ImportAction::Unchanged, None)),
            Some(known) => {
                let changed = self.registry.with_profile(known, row.profile.clone());
                let put = Put::Enterprise(Box::new(changed), Expect::Revision(known.revision));
                Ok((ImportAction::Updated, Some(put)))
            }
        };
        let (result, put) = match resolved {
            Ok((action, put)) => (Ok((action, id.clone())), put),
            Err(refusal) => (Err(refusal), None),
        };
        (ImportOutcome { row: row.row, result }, put)
    }

    /// The record that each row is about.
    async fn targets(&self, rows: &[ImportRow]) -> Result<Vec<EnterpriseId>, Error> {
        let by_identifier = |row: &&ImportRow| row.id.is_none();
        let wanted: Vec<Identifier> =
            rows.iter().filter(by_identifier).flat_map(|row| row.profile.identifiers.iter().cloned()).collect();
        let holders: HashMap<Identifier, EnterpriseId> = if wanted.is_empty() {
            HashMap::new()
        } else {
            self.registry.store.holders(&wanted).await?.into_iter().collect()
        };
        let target = |row: &ImportRow| match &row.id {
            Some(id) => id.clone(),
            None => {
                let holder = row.profile.identifiers.iter().find_map(|identifier| holders.get(identifier));
                holder.cloned().unwrap_or_else(|| derived_id(&row.profile))
            }
        };
        Ok(rows.iter().map(target).collect())
    }
}

/// Whether the record met has only its id in common with the row: an id is made from the first identifier of a new record,
/// and the record may have lost that identifier since.
fn is_occupied(row: &ImportRow, known: &Enterprise) -> bool {
    let identifiers = &row.profile.identifiers;
    let shares_identifier =
        || identifiers.iter().any(|one| known.profile.identifiers.iter().any(|held| held.names_same(one)));
    row.id.is_none() && !identifiers.is_empty() && !shares_identifier()
}
