//! `MatcherService` over gRPC: an RPC parses, calls and renders.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use prost::bytes::Bytes;
use proto::encoded::matcher_service_server::MatcherService;
use proto::matcher::v1 as pb;
use service_kit::RevisionToken;
use service_kit::server::Deadline;
use service_kit::stream::{Responses, respond};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use crate::index::Snapshot;
use crate::matcher::{
    ComputeError, Computed, PairingQuestion, Pool, Progress, Replica, compute, counter_factual, explain, find,
    find_next, verify,
};

mod comparison;
mod digest;
mod parse;
mod parse_batch;
mod parse_certificate;
mod parse_comparison;
mod parse_pairing;
mod parse_policy;
mod parse_runs;
mod parse_sides;
mod render;
mod status;

/// Longest wait for a revision that is not here yet.
const PATIENCE: Duration = Duration::from_secs(2);
/// Before the caller's deadline, so that it hears why.
const DEADLINE_MARGIN: Duration = Duration::from_millis(20);
/// How often a caller hears how far a pairing is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// Messages about progress that may wait for the caller; more are left out.
const PROGRESS_WAITING: usize = 4;

/// Enterprises of a batch that are answered in one turn in the pool, and answers that may wait for the caller.
const BATCH_TURN: usize = 32;
/// Enterprises that are looked at in one turn at most.
const BATCH_LOOKED_AT: usize = 10_000;
/// How long a caller may take to make room for one more answer.
const BATCH_PATIENCE: Duration = Duration::from_secs(30);

/// `MatcherService` over the replica.
pub(crate) struct Matcher {
    replica: Arc<Replica>,
    /// For questions about one enterprise.
    quick: Arc<Pool>,
    /// For whole pairings.
    long: Arc<Pool>,
}

impl Matcher {
    /// Answers from `replica`, computing in the pools.
    pub(crate) fn new(replica: Arc<Replica>, quick: Pool, long: Pool) -> Self {
        Self { replica, quick: Arc::new(quick), long: Arc::new(long) }
    }

    /// The snapshot to answer from.
    async fn snapshot(
        &self,
        token: Option<RevisionToken>,
        deadline: Option<Deadline>,
    ) -> Result<Arc<Snapshot>, Status> {
        let left = deadline.map(|Deadline(at)| at.saturating_duration_since(Instant::now()));
        let patience = left.map_or(PATIENCE, |left| left.saturating_sub(DEADLINE_MARGIN).min(PATIENCE));
        self.replica.at_least(token, patience).await.map_err(status::of_behind)
    }
}

#[tonic::async_trait]
impl MatcherService for Matcher {
    async fn find_partners(&self, request: Request<pb::FindPartnersRequest>) -> Result<Response<Bytes>, Status> {
        let deadline = Deadline::of(&request);
        let message = request.into_inner();
        let parsed = parse::partners(&message)?;
        let newest = self.snapshot(parsed.at_least, deadline).await?;
        let snapshot = parsed.continued().and_then(|revision| self.replica.of_revision(revision)).unwrap_or(newest);
        let chosen = parsed.policy.of(&snapshot, "policy")?;
        let question = parsed.question(&snapshot, chosen.policy)?;
        let page = parsed.page;
        let asked = snapshot.clone();
        let answer = self.quick.run(move || {
            let found = find(&asked, &question).ok_or_else(|| status::unknown_subject(&question.subject))?;
            Ok(render::partners(&asked, &found, &page, chosen.name))
        });
        let page: Result<_, Status> = answer.await.map_err(status::of_busy)?;
        let page = page?;
        if page.more {
            self.replica.keep(&snapshot);
        }
        Ok(Response::new(page.answer))
    }

    type BatchFindPartnersStream = Responses<pb::BatchFindPartnersResponse>;

    async fn batch_find_partners(
        &self,
        request: Request<pb::BatchFindPartnersRequest>,
    ) -> Result<Response<Self::BatchFindPartnersStream>, Status> {
        let deadline = Deadline::of(&request);
        let parsed = parse_batch::batch(&request.into_inner())?;
        let snapshot = self.snapshot(parsed.at_least, deadline).await?;
        let mut after = Some(parsed.after());
        let chosen = parsed.policy.of(&snapshot, "policy")?;
        let question = Arc::new(parsed.question(&snapshot, chosen.policy)?);
        let policy: Arc<str> = chosen.name.into();
        let pool = self.quick.clone();
        Ok(Response::new(respond(BATCH_TURN, move |answers| async move {
            // Some at a time, so that one batch does not keep others waiting, and nobody computes what is not read.
            while let Some(last) = after.take() {
                let (snapshot, question, policy) = (snapshot.clone(), question.clone(), policy.clone());
                let turn = pool.run(move || {
                    let (found, next) = find_next(&snapshot, &question, &last, BATCH_TURN, BATCH_LOOKED_AT);
                    let found: Vec<_> = found.into_iter().map(|one| render::batch(&snapshot, one, &policy)).collect();
                    (found, next)
                });
                let (found, next) = turn.await.map_err(status::of_busy)?;
                for one in found {
                    answers.send_within(one, BATCH_PATIENCE).await.map_err(status::of_send)?;
                }
                after = next;
            }
            Ok(())
        })))
    }

    async fn explain_pairing(
        &self,
        request: Request<pb::ExplainPairingRequest>,
    ) -> Result<Response<pb::ExplainPairingResponse>, Status> {
        let deadline = Deadline::of(&request);
        let question = parse::explanation(&request.into_inner())?;
        let snapshot = self.snapshot(question.at_least, deadline).await?;
        let as_of = question.as_of.unwrap_or_else(|| snapshot.stamp().committed_on);
        let parse::Explanation { a, b, policy, run, .. } = question;
        let Some(run) = run else {
            let chosen = policy.of(&snapshot, "policy")?;
            let answer = self.quick.run(move || {
                let explained = explain(&snapshot, &a, &b, &chosen.policy, as_of).map_err(|id| status::unknown(&id))?;
                Ok(render::explanation(&snapshot, explained, None, chosen.name))
            });
            return answer.await.map_err(status::of_busy)?.map(Response::new);
        };
        let (run, policy) = run.question(&snapshot)?;
        // Dropped with this call, when it is answered or the caller goes away.
        let cancelled = Cancelled::default();
        let flag = cancelled.0.clone();
        let answer = self.long.run(move || {
            let explained = explain(&snapshot, &a, &b, &run.policy, run.as_of).map_err(|id| status::unknown(&id))?;
            let counter =
                counter_factual(&snapshot, &run, (&a, &b), &mut |_| told(&flag)).map_err(status::of_compute)?;
            Ok(render::explanation(&snapshot, explained, Some(counter), policy))
        });
        answer.await.map_err(status::of_busy)?.map(Response::new)
    }

    type ComputePairingStream = Responses<pb::ComputePairingResponse>;

    async fn compute_pairing(
        &self,
        request: Request<pb::ComputePairingRequest>,
    ) -> Result<Response<Self::ComputePairingStream>, Status> {
        let deadline = Deadline::of(&request);
        let message = request.into_inner();
        let parsed = parse_pairing::pairing(&message)?;
        let snapshot = self.snapshot(parsed.at_least, deadline).await?;
        let (question, policy) = parsed.question(&snapshot)?;
        let pool = self.long.clone();
        Ok(Response::new(respond(PROGRESS_WAITING, move |answers| async move {
            // Dropped with this task when the caller goes away.
            let cancelled = Cancelled::default();
            let (steps, mut progress) = mpsc::channel(PROGRESS_WAITING);
            let flag = cancelled.0.clone();
            let work = pool.run(move || {
                let computed = run(&snapshot, &question, &flag, &steps)?;
                Ok(render::pairing(&snapshot, &message, (&question.policy, policy), computed))
            });
            tokio::pin!(work);
            let computed = loop {
                tokio::select! {
                    computed = &mut work => break computed.map_err(status::of_busy)?,
                    Some(step) = progress.recv() => answers.send(step).await?,
                }
            };
            let result = computed.map_err(status::of_compute)?;
            let part = Some(pb::compute_pairing_response::Part::Result(result));
            answers.send(pb::ComputePairingResponse { part }).await?;
            Ok(())
        })))
    }

    async fn verify_pairing(
        &self,
        request: Request<pb::VerifyPairingRequest>,
    ) -> Result<Response<pb::VerifyPairingResponse>, Status> {
        let deadline = Deadline::of(&request);
        let parsed = parse_runs::verification(&request.into_inner())?;
        let snapshot = self.snapshot(parsed.pairing.at_least, deadline).await?;
        let (question, policy) = parsed.pairing.question(&snapshot)?;
        // Dropped with this call, when it is answered or the caller goes away.
        let cancelled = Cancelled::default();
        let flag = cancelled.0.clone();
        let answer = self.long.run(move || {
            let verified =
                verify(&snapshot, &question, &parsed.pairs, parsed.certificate.as_ref(), &mut |_| told(&flag));
            verified.map(|verified| render::verification(&snapshot, verified, policy)).map_err(status::of_compute)
        });
        answer.await.map_err(status::of_busy)?.map(Response::new)
    }

    async fn replay_pairing(
        &self,
        request: Request<pb::ReplayPairingRequest>,
    ) -> Result<Response<pb::ReplayPairingResponse>, Status> {
        let deadline = Deadline::of(&request);
        let message = request.into_inner();
        let parsed = parse_runs::replay(&message)?;
        let newest = self.snapshot(parsed.pairing.at_least, deadline).await?;
        let present = newest.stamp().revision;
        let snapshot = self.replica.of_revision(parsed.revision);
        let snapshot = snapshot.ok_or_else(|| status::not_at_hand(parsed.revision, present))?;
        let (question, policy) = parsed.pairing.question(&snapshot)?;
        // Dropped with this call, when it is answered or the caller goes away.
        let cancelled = Cancelled::default();
        let flag = cancelled.0.clone();
        let answer = self.long.run(move || {
            let computed = compute(&snapshot, &question, &mut |_| told(&flag)).map_err(status::of_compute)?;
            let result =
                render::pairing(&snapshot, &message.request.unwrap_or_default(), (&question.policy, policy), computed);
            Ok(pb::ReplayPairingResponse { same: result.digest == message.digest, result: Some(result) })
        });
        answer.await.map_err(status::of_busy)?.map(Response::new)
    }

    async fn compare_pairings(
        &self,
        request: Request<pb::ComparePairingsRequest>,
    ) -> Result<Response<pb::ComparePairingsResponse>, Status> {
        let deadline = Deadline::of(&request);
        let parsed = parse_comparison::comparison(&request.into_inner())?;
        let snapshot = self.snapshot(parsed.at_least, deadline).await?;
        let question = comparison::Question::new(parsed, &snapshot)?;
        // Dropped with this call, when it is answered or the caller goes away.
        let cancelled = Cancelled::default();
        let flag = cancelled.0.clone();
        let answer = self.long.run(move || question.answer(&snapshot, &|| told(&flag)));
        answer.await.map_err(status::of_busy)?.map(Response::new)
    }

    async fn get_index(&self, _request: Request<pb::GetIndexRequest>) -> Result<Response<pb::Index>, Status> {
        let freshness = self.replica.freshness();
        Ok(Response::new(render::index(self.replica.newest().as_deref(), freshness)))
    }
}

/// Set when dropped.
#[derive(Default)]
struct Cancelled(Arc<AtomicBool>);

impl Drop for Cancelled {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Computes, telling now and then how far it is, until it is done or cancelled.
fn run(
    snapshot: &Snapshot,
    question: &PairingQuestion,
    cancelled: &AtomicBool,
    steps: &mpsc::Sender<pb::ComputePairingResponse>,
) -> Result<Computed, ComputeError> {
    let begun = Instant::now();
    let mut next = begun;
    compute(snapshot, question, &mut |step: Progress| {
        told(cancelled)?;
        if next <= Instant::now() {
            next = Instant::now() + PROGRESS_INTERVAL;
            // A caller that does not read fast enough hears the next one.
            let _ = steps.try_send(render::progress(step, begun.elapsed()));
        }
        ControlFlow::Continue(())
    })
}

/// Whether to go on.
fn told(cancelled: &AtomicBool) -> ControlFlow<()> {
    if cancelled.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
