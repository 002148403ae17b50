//! Many enterprises at once: each row finds its record, and what changed is written in atomic chunks.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};
use tracing::debug;
use uuid::Uuid;

use super::offices::is_office;
use super::restore::{Standing, restored};
use super::{Error, Registry, now};
use crate::domain::enterprise::{Enterprise, Profile, State};
use crate::domain::identifier::Identifier;
use crate::domain::ids::EnterpriseId;
use crate::store::{self, Expect, Origin, Put, Write};

/// Repetitions of a row that lost against another editor.
const ROW_ATTEMPTS_MAX: u32 = 5;

/// One row, parsed.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Number that the client gave it.
    pub row: i64,
    /// Record to meet; if there is none, the identifiers decide.
    pub id: Option<EnterpriseId>,
    /// What the record is to say.
    pub profile: Profile,
    /// What another registry had assigned to it, where that is to be taken over.
    pub restored: Option<Box<Standing>>,
}

/// How to import.
#[derive(Clone, Debug)]
pub struct ImportManner {
    /// State that new records get.
    pub initial_state: State,
    /// Whether new records that look too much like existing ones are let through.
    pub allow_lookalikes: bool,
    /// Who imports.
    pub origin: Origin,
}

/// What became of one row.
#[derive(Debug)]
pub struct ImportOutcome {
    /// Number of the row.
    pub row: i64,
    /// What was done, and to whom; or why not.
    pub result: Result<(ImportAction, EnterpriseId), RowRefusal>,
}

/// What was done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportAction {
    /// A new enterprise was registered.
    Created,
    /// An existing one was changed.
    Updated,
    /// It was so already.
    Unchanged,
}

/// Why a row was refused although it is well-formed.
#[derive(Debug)]
pub enum RowRefusal {
    /// A live enterprise holds this identifier already.
    IdentifierTaken(Identifier, EnterpriseId),
    /// The id made from its first identifier is that of a record which does not have that identifier any more.
    Occupied(EnterpriseId),
    /// The id is that of another record than the one to restore.
    OtherRecord(EnterpriseId),
    /// The record it meets is soft-deleted.
    Deleted(EnterpriseId),
    /// It would move to another country with more opportunities than so many.
    TooManyFollow(EnterpriseId, usize),
    /// The record it meets was merged into another.
    Merged(EnterpriseId),
    /// It would be merged while it has this opportunity.
    LeavesBehind(EnterpriseId, String),
    /// Others kept changing the record.
    Contended(EnterpriseId),
    /// It names a document that was deleted.
    Removed(String),
}

impl Registry {
    /// Imports rows, each once, in order; returns one outcome a row and the last revision that was written, if any.
    pub async fn import(
        &self,
        rows: Vec<ImportRow>,
        manner: &ImportManner,
    ) -> Result<(Vec<ImportOutcome>, Option<i64>), Error> {
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut last_revision = None;
        for wave in waves(rows) {
            let (mut done, revision) = self.import_wave(wave, manner).await?;
            last_revision = revision.or(last_revision);
            outcomes.append(&mut done);
        }
        Ok((outcomes, last_revision))
    }

    /// Imports rows that do not concern each other: all in one write, or each by itself if that is refused.
    async fn import_wave(
        &self,
        rows: Vec<ImportRow>,
        manner: &ImportManner,
    ) -> Result<(Vec<ImportOutcome>, Option<i64>), Error> {
        for attempt in 1.. {
            match self.try_rows(&rows, manner).await {
                // Somebody like one of them came in; together they look again for less than one by one.
                Err(Error::Store(store::Error::NotCompared(_))) if attempt < ROW_ATTEMPTS_MAX => {}
                Err(Error::Store(error)) if is_about_one_row(&error) => {
                    debug!(%error, rows = rows.len(), "a chunk is imported row by row");
                    break;
                }
                outcome => return outcome,
            }
        }
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut last_revision = None;
        for row in rows {
            let (outcome, revision) = self.import_row(row, manner).await?;
            last_revision = revision.or(last_revision);
            outcomes.push(outcome);
        }
        Ok((outcomes, last_revision))
    }

    async fn import_row(&self, row: ImportRow, manner: &ImportManner) -> Result<(ImportOutcome, Option<i64>), Error> {
        let number = row.row;
        let target = row.id.clone().unwrap_or_else(|| derived_id(&row.profile));
        let refused = |refusal| Ok((ImportOutcome { row: number, result: Err(refusal) }, None));
        for _ in 0..ROW_ATTEMPTS_MAX {
            match self.try_rows(std::slice::from_ref(&row), manner).await {
                Ok((mut outcomes, revision)) => return Ok((outcomes.pop().expect("one outcome a row"), revision)),
                Err(Error::Store(store::Error::IdentifierTaken { identifier, holder })) => {
                    return refused(RowRefusal::IdentifierTaken(identifier, holder));
                }
                Err(Error::Store(store::Error::TooManyFollow { maximum, .. })) => {
                    return refused(RowRefusal::TooManyFollow(target, maximum));
                }
                Err(Error::Store(store::Error::LeftBehind { enterprise, opportunity })) => {
                    return refused(RowRefusal::LeavesBehind(enterprise, opportunity));
                }
                Err(Error::Store(store::Error::NotFound(name))) => {
                    self.vocabulary.refresh(&self.store).await?;
                    // The office that it would belong to was deleted: now it belongs to another.
                    if !is_office(&name) {
                        return refused(RowRefusal::Removed(name));
                    }
                }
                Err(Error::Store(error)) if lost_a_race(&error) => {}
                Err(error) => return Err(error),
            }
        }
        refused(RowRefusal::Contended(target))
    }

    /// Resolves the rows against the store and writes what changed, in one write.
    async fn try_rows(
        &self,
        rows: &[ImportRow],
        manner: &ImportManner,
    ) -> Result<(Vec<ImportOutcome>, Option<i64>), Error> {
        let targets = self.targets(rows).await?;
        let mut met = HashSet::new();
        if let Some(twice) = targets.iter().find(|target| !met.insert(*target)) {
            // Known only now: two rows with different identifiers of one record. They go one by one.
            return Err(store::Error::Stale(twice.to_string()).into());
        }
        let found = self.store.enterprises(&targets).await?;
        let found: HashMap<&EnterpriseId, &Enterprise> = found.iter().map(|known| (&known.id, known)).collect();

        let mut puts = Vec::new();
        let mut outcomes = Vec::with_capacity(rows.len());
        for (row, id) in rows.iter().zip(&targets) {
            let result = match found.get(id) {
                known if row.restored.is_some() => restored(row, id, known.copied(), &mut puts),
                None => {
                    let profile = row.profile.clone();
                    let new = Enterprise::new(id.clone(), Uuid::now_v7(), profile, manner.initial_state, now());
                    let new = self.located(new);
                    puts.push(Put::Enterprise(Box::new(new), Expect::Absent));
                    Ok((ImportAction::Created, id.clone()))
                }
                Some(known) if is_occupied(row, known) => Err(RowRefusal::Occupied(id.clone())),
                Some(known) if !known.is_live() => Err(RowRefusal::Deleted(id.clone())),
                Some(known) if known.is_merged() => Err(RowRefusal::Merged(id.clone())),
                Some(known) if known.profile == row.profile => Ok((ImportAction::Unchanged, id.clone())),
                Some(known) => {
                    let changed = self.with_profile(known, row.profile.clone());
                    puts.push(Put::Enterprise(Box::new(changed), Expect::Revision(known.revision)));
                    Ok((ImportAction::Updated, id.clone()))
                }
            };
            outcomes.push(ImportOutcome { row: row.row, result });
        }
        if puts.is_empty() {
            return Ok((outcomes, None));
        }
        let mut compared = None;
        if !manner.allow_lookalikes {
            // What is restored keeps the holds that it had.
            let restored: HashSet<&EnterpriseId> =
                rows.iter().zip(&targets).filter(|(row, _)| row.restored.is_some()).map(|(_, id)| id).collect();
            let new = puts.iter_mut().filter_map(|put| match put {
                Put::Enterprise(enterprise, Expect::Absent) if !restored.contains(&enterprise.id) => {
                    Some(enterprise.as_mut())
                }
                _ => None,
            });
            compared = Some(self.hold_lookalikes(new.collect()).await?);
        }
        let origin = manner.origin.clone();
        let written = self.store.write(Write { request: None, puts, validate_only: false, origin, compared }).await?;
        Ok((outcomes, Some(written.revision)))
    }

    /// The record that each row is about.
    async fn targets(&self, rows: &[ImportRow]) -> Result<Vec<EnterpriseId>, Error> {
        let by_identifier = |row: &&ImportRow| row.id.is_none();
        let wanted: Vec<Identifier> =
            rows.iter().filter(by_identifier).flat_map(|row| row.profile.identifiers.iter().cloned()).collect();
        let holders: HashMap<Identifier, EnterpriseId> =
            if wanted.is_empty() { HashMap::new() } else { self.store.holders(&wanted).await?.into_iter().collect() };
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

/// Splits rows so that no two of a part may be about the same record: by id, or by an identifier that both have.
fn waves(rows: Vec<ImportRow>) -> Vec<Vec<ImportRow>> {
    let mut waves = Vec::new();
    let mut wave: Vec<ImportRow> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for row in rows {
        let id = row.id.clone().unwrap_or_else(|| derived_id(&row.profile));
        let mut keys = vec![id.to_string()];
        keys.extend(row.profile.identifiers.iter().map(|held| format!("{}/{}", held.scheme().name(), held.number())));
        if keys.iter().any(|key| seen.contains(key)) {
            waves.push(std::mem::take(&mut wave));
            seen.clear();
        }
        seen.extend(keys);
        wave.push(row);
    }
    if !wave.is_empty() {
        waves.push(wave);
    }
    waves
}

/// The id of a new record that brought none: from its first identifier, else from its country and name, so that
/// repeating the row meets the same record.
fn derived_id(profile: &Profile) -> EnterpriseId {
    let text = match profile.identifiers.first() {
        Some(identifier) => {
            let text = format!("{}-{}", identifier.scheme().name(), identifier.number());
            text.to_ascii_lowercase().replace('_', "-")
        }
        None => {
            let digest = Sha256::digest(format!("{}\n{}", profile.region, profile.display_name));
            let hex: String = digest[..10].iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}-{hex}", profile.region.as_str().to_ascii_lowercase())
        }
    };
    EnterpriseId::new(&text).expect("schemes, values and hexadecimal digits make an id")
}

fn is_about_one_row(error: &store::Error) -> bool {
    let is_refusal = matches!(
        error,
        store::Error::IdentifierTaken { .. }
            | store::Error::TooManyFollow { .. }
            | store::Error::LeftBehind { .. }
            | store::Error::NotFound(_)
    );
    is_refusal || lost_a_race(error)
}

/// Whether somebody else was faster, so that reading again may help.
fn lost_a_race(error: &store::Error) -> bool {
    matches!(error, store::Error::Stale(_) | store::Error::Exists(_) | store::Error::NotCompared(_))
}
