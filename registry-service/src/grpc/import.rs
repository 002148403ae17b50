//! `ImportEnterprises`: rows come in as fast as they can be written, outcomes go out as they become durable.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use proto::registry::v1 as pb;
use proto::registry::v1::import_enterprises_request::Part;
use service_kit::door::Door;
use service_kit::stream::{Responses, Sender, respond};
use service_kit::{Violation, Violations};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;
use tonic::{Status, Streaming};
use tracing::info;

use super::convert::{parse_enterprise, parse_standing, request_of};
use super::{render, status};
use crate::domain::enterprise::State;
use crate::domain::ids::{EnterpriseId, OfficeId};
use crate::registry::{
    IMPORT_ROWS_MAX, ImportAction, ImportManner, ImportOutcome, ImportRow, Registry, Resolved, Resolver, RowRefusal,
    RowWriter,
};
use crate::store::{Origin, WRITE_MAX};

/// Bytes of one chunk: it travels in the feed as one message, which must stay below 4 MiB.
const CHUNK_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Rows of a client that sends slowly, or waits for outcomes, are written after this time.
const PAUSE: Duration = Duration::from_secs(2);
/// So many that they are a write by themselves, after this time.
const SHORT_PAUSE: Duration = Duration::from_millis(20);
/// Longest wait for the header; until it comes, a place is taken for nothing.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Violations told of one row; nobody corrects more at a time.
const ROW_VIOLATIONS_MAX: usize = 20;
/// Answers that may wait for the client; beyond, rows are no longer read.
const ANSWERS_WAITING: usize = 16;

/// Chunks that wait before each step while a further one is prepared for it; `Resolver` counts on it.
const CHUNKS_WAITING: usize = 1;

/// Reads the header, then imports in the background.
pub(super) async fn run(
    registry: Arc<Registry>,
    mut rows: Streaming<pb::ImportEnterprisesRequest>,
    origin: Origin,
    place: OwnedSemaphorePermit,
) -> Result<Responses<pb::ImportEnterprisesResponse>, Status> {
    let first = tokio::time::timeout(HEADER_TIME, rows.message()).await.unwrap_or(Ok(None))?;
    let header = match first.and_then(|first| first.part) {
        Some(Part::Header(header)) => header,
        _ => {
            let mut door = Door::default();
            door.refuse("header", "must be the first message of the stream");
            return Err(door.refused());
        }
    };
    let mut door = Door::at("header");
    if header.request_id.is_empty() {
        door.refuse("request_id", "must be given");
    }
    request_of(&mut door, "ImportEnterprises", &header.request_id, &header);
    let initial_state = match door.choice("initial_state", header.initial_state, State::from_number) {
        None | Some(State::Active) => State::Active,
        Some(State::Draft) => State::Draft,
        Some(_) => {
            door.refuse("initial_state", "must be ACTIVE or DRAFT");
            State::Draft
        }
    };
    door.close()?;

    let manner = ImportManner { initial_state, allow_lookalikes: header.allow_lookalikes, origin };
    let offices = if header.restore { Some(registry.office_ids().await.map_err(status::of)?) } else { None };
    let import = Import { registry, request_id: header.request_id, manner, restore: offices };
    Ok(respond(ANSWERS_WAITING, |answers| async move {
        let _place = place;
        import.run(rows, answers).await
    }))
}

struct Import {
    registry: Arc<Registry>,
    request_id: String,
    manner: ImportManner,
    /// Whether rows are taken over with all that another registry had assigned, and the offices that they may name.
    restore: Option<HashSet<OfficeId>>,
}

/// Rows that will be written together.
#[derive(Default)]
struct Chunk {
    /// Well-formed rows.
    good: Vec<ImportRow>,
    /// Outcomes of the others, with their place among all.
    refused: Vec<(usize, pb::ImportOutcome)>,
    bytes: usize,
}

/// Rows of which it is known what they are about.
struct LookedUp {
    resolved: Vec<Resolved>,
    /// As in the chunk.
    refused: Vec<(usize, pb::ImportOutcome)>,
}

impl Chunk {
    fn len(&self) -> usize {
        self.good.len() + self.refused.len()
    }

    fn is_full(&self) -> bool {
        self.len() >= IMPORT_ROWS_MAX || self.bytes >= CHUNK_BYTES_MAX
    }
}

impl Import {
    /// Reads and parses rows while those before them are looked up, and those before these are written.
    async fn run(
        self,
        rows: Streaming<pb::ImportEnterprisesRequest>,
        answers: Sender<pb::ImportEnterprisesResponse>,
    ) -> Result<(), Status> {
        let (chunks, parsed) = mpsc::channel(CHUNKS_WAITING);
        let (looked_up, resolved) = mpsc::channel(CHUNKS_WAITING);
        let working = async {
            let (resolving, writing) = (self.resolve_all(parsed, looked_up), self.write_all(resolved, &answers));
            tokio::pin!(resolving, writing);
            tokio::select! {
                // What came before something that fails is written and answered all the same.
                looked_up = &mut resolving => writing.await.and(looked_up),
                // Before everything was looked up, only because it failed.
                written = &mut writing => written,
            }
        };
        tokio::pin!(working);
        let read = tokio::select! {
            read = self.read_all(rows, chunks) => read,
            // Before everything was read, only because it failed.
            done = &mut working => return done,
        };
        working.await?;
        info!(request_id = %self.request_id, rows = read?, "an import is complete");
        Ok(())
    }

    /// Gathers rows into chunks; returns how many rows there were.
    async fn read_all(
        &self,
        mut rows: Streaming<pb::ImportEnterprisesRequest>,
        chunks: mpsc::Sender<Chunk>,
    ) -> Result<usize, Status> {
        let mut total = 0;
        let mut chunk = Chunk::default();
        let mut deadline = Instant::now();
        loop {
            let next = if chunk.len() == 0 {
                let next = rows.message().await?;
                deadline = Instant::now() + PAUSE;
                next
            } else {
                let is_worth_writing = chunk.len() >= WRITE_MAX;
                let until = if is_worth_writing { deadline.min(Instant::now() + SHORT_PAUSE) } else { deadline };
                match tokio::time::timeout_at(until, rows.message()).await {
                    Ok(next) => next?,
                    Err(_) => {
                        send(&chunks, std::mem::take(&mut chunk)).await?;
                        continue;
                    }
                }
            };
            let Some(message) = next else { break };
            let Some(Part::Row(row)) = message.part else {
                let mut door = Door::default();
                door.refuse("row", "must be given in every message after the header");
                return Err(door.refused());
            };
            total += 1;
            self.take(&row, &mut chunk);
            if chunk.is_full() {
                send(&chunks, std::mem::take(&mut chunk)).await?;
            }
        }
        if chunk.len() > 0 {
            send(&chunks, chunk).await?;
        }
        Ok(total)
    }

    /// Parses a row into a chunk.
    fn take(&self, row: &pb::ImportRow, chunk: &mut Chunk) {
        let mut door = Door::default();
        let id = match row.enterprise_id.as_str() {
            "" => None,
            id => door.take("enterprise_id", EnterpriseId::new(id)),
        };
        let profile = match &row.enterprise {
            Some(enterprise) => parse_enterprise(enterprise, "enterprise", self.registry.vocabulary())
                .map_err(|violations| door.absorb(violations))
                .ok(),
            None => door.take("enterprise", Err("must be given".to_owned())),
        };
        let restored = match (&self.restore, &row.enterprise) {
            (Some(offices), Some(enterprise)) => {
                if id.is_none() {
                    door.refuse("enterprise_id", "must be given where a record is restored");
                }
                parse_standing(enterprise, "enterprise", offices).map_err(|violations| door.absorb(violations)).ok()
            }
            _ => None,
        };
        chunk.bytes += row.encoded_len();
        match (profile, door.violations()) {
            (Some(profile), violations) if violations.is_empty() => {
                chunk.good.push(ImportRow { row: row.row, id, profile, restored: restored.map(Box::new) });
            }
            (_, violations) => {
                let refused = refusal(row.row, pb::ErrorReason::InvalidFields, violations);
                chunk.refused.push((chunk.len(), refused));
            }
        }
    }

    /// Finds out what the rows of each chunk are about.
    async fn resolve_all(
        &self,
        mut chunks: mpsc::Receiver<Chunk>,
        looked_up: mpsc::Sender<LookedUp>,
    ) -> Result<(), Status> {
        let mut resolver = Resolver::new(&self.registry, &self.manner);
        while let Some(chunk) = chunks.recv().await {
            let resolved = resolver.resolve(chunk.good).await.map_err(status::of)?;
            send(&looked_up, LookedUp { resolved, refused: chunk.refused }).await?;
        }
        Ok(())
    }

    /// Writes chunks one after the other and answers for all of their rows, in their order.
    async fn write_all(
        &self,
        mut chunks: mpsc::Receiver<LookedUp>,
        answers: &Sender<pb::ImportEnterprisesResponse>,
    ) -> Result<(), Status> {
        let mut writer = RowWriter::new(&self.registry, &self.manner);
        while let Some(LookedUp { resolved, refused }) = chunks.recv().await {
            let (done, revision) = writer.write(resolved).await.map_err(status::of)?;
            let mut outcomes: Vec<pb::ImportOutcome> = done.into_iter().map(outcome).collect();
            for (place, refused) in refused {
                outcomes.insert(place, refused);
            }
            let revision_token =
                revision.map(|revision| render::token(self.registry.epoch(), revision)).unwrap_or_default();
            for outcomes in render::packed(outcomes) {
                let revision_token = revision_token.clone();
                answers.send(pb::ImportEnterprisesResponse { outcomes, revision_token }).await?;
            }
        }
        Ok(())
    }
}

async fn send<C>(chunks: &mpsc::Sender<C>, chunk: C) -> Result<(), Status> {
    // Nobody takes it only if writing has failed, which is what the client is told.
    chunks.send(chunk).await.map_err(|_| Status::internal("rows are no longer written"))
}

fn outcome(outcome: ImportOutcome) -> pb::ImportOutcome {
    let row = outcome.row;
    let refused = |reason, field: &str, problem: String| {
        let mut violations = Violations::default();
        violations.add(field, problem);
        refusal(row, reason, violations)
    };
    match outcome.result {
        Ok((action, id)) => {
            let action = match action {
                ImportAction::Created => pb::ImportAction::Created,
                ImportAction::Updated => pb::ImportAction::Updated,
                ImportAction::Unchanged => pb::ImportAction::Unchanged,
            };
            pb::ImportOutcome { row, action: action.into(), enterprise: id.to_string(), ..Default::default() }
        }
        Err(RowRefusal::IdentifierTaken(identifier, holder)) => {
            let problem = format!("{} `{}` belongs to `{holder}`", identifier.scheme().name(), identifier.value());
            refused(pb::ErrorReason::IdentifierTaken, "enterprise.identifiers", problem)
        }
        Err(RowRefusal::Occupied(id)) => {
            let problem =
                format!("`{id}` exists with other identifiers; say with `enterprise_id` which record is meant");
            refused(pb::ErrorReason::ResourceExists, "enterprise_id", problem)
        }
        Err(RowRefusal::OtherRecord(id)) => {
            let problem = format!("`{id}` is another record here, with another uid; restoring would replace it");
            refused(pb::ErrorReason::ResourceExists, "enterprise.uid", problem)
        }
        Err(RowRefusal::TooManyFollow(id, maximum)) => {
            let problem =
                format!("`{id}` has opportunities that would have to move with it, and at most {maximum} can");
            refused(pb::ErrorReason::HasDependents, "enterprise.region_code", problem)
        }
        Err(RowRefusal::Deleted(id)) => {
            let problem = format!("`{id}` is deleted; undelete it before it is imported again");
            refused(pb::ErrorReason::ResourceExists, "enterprise_id", problem)
        }
        Err(RowRefusal::Removed(name)) => {
            refused(pb::ErrorReason::InvalidFields, "enterprise", format!("names `{name}`, which was deleted"))
        }
        Err(RowRefusal::Merged(id)) => {
            let problem = format!("`{id}` is merged into another enterprise, whose record it is now");
            refused(pb::ErrorReason::IllegalTransition, "enterprise_id", problem)
        }
        Err(RowRefusal::LeavesBehind(id, opportunity)) => {
            let problem = format!("`{id}` has `{opportunity}`, which would be left below a merged record");
            refused(pb::ErrorReason::HasDependents, "enterprise.state", problem)
        }
        Err(RowRefusal::Contended(id)) => {
            let problem = format!("`{id}` is being changed by others all the time; import the row again");
            refused(pb::ErrorReason::StaleEtag, "enterprise_id", problem)
        }
    }
}

fn refusal(row: i64, reason: pb::ErrorReason, violations: Violations) -> pb::ImportOutcome {
    let violation =
        |violation: Violation| pb::RowViolation { field: violation.field, description: violation.description };
    pb::ImportOutcome {
        row,
        action: pb::ImportAction::Refused.into(),
        reason: reason.into(),
        violations: violations.into_vec().into_iter().take(ROW_VIOLATIONS_MAX).map(violation).collect(),
        ..Default::default()
    }
}
