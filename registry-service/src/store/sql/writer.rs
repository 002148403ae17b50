//! The one writer of this process: many small writes share a transaction and its flush to disk, each under a revision
//! of its own.
//!
//! The row of the head is locked first, so that everything that is checked afterwards stays true until the commit, over
//! all processes; gathering the writes that wait keeps that lock cheap.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sea_orm::{DbErr, TransactionTrait};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{error, warn};

use super::connect::Pools;
use super::failure::{failed, is_conflict};
use super::ledger::{self, Ledger, Prepared};
use crate::domain::time::Timestamp;
use crate::store::{Error, WRITE_MAX, Write, Written};

/// Writes that may wait; a further one is refused, so that a caller hears of an overload at once.
const QUEUE_MAX: usize = 4_096;
/// Puts of one transaction: enough to share a flush, few enough that a retry is cheap.
const GROUP_PUTS_MAX: usize = 2_000;
/// Repetitions of a transaction that lost against another process.
const ATTEMPTS_MAX: u32 = 8;
/// Longest wait for one transaction, repetitions included: a connection that went silent answers never.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a request id is remembered.
const REQUEST_RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How often request ids that are too old are removed.
const PURGE_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Puts of a write that are prepared where they come in; more would hold up others there.
const PREPARED_HERE_MAX: usize = 8;

type Reply = oneshot::Sender<Result<Written, Error>>;
/// Writes that came together.
type Together = Vec<(Prepared, Reply)>;

/// The way to the task that writes.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Together>>>,
    task: Mutex<Option<JoinHandle<()>>>,
    newest: Arc<AtomicI64>,
}

impl Writer {
    /// Starts the task; it signals `committed` after every commit.
    pub(super) fn start(pools: Pools, committed: Arc<Notify>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let newest = Arc::new(AtomicI64::new(0));
        let task = tokio::spawn(run(pools, waiting, committed, newest.clone()));
        Self { queue: Mutex::new(Some(queue)), task: Mutex::new(Some(task)), newest }
    }

    /// The newest revision that it has committed; 0 before the first.
    pub(super) fn newest(&self) -> i64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Queues writes and waits until each is durable or refused.
    pub(super) async fn write_each(&self, writes: Vec<Write>) -> Vec<Result<Written, Error>> {
        let count = writes.len();
        match self.queued(writes).await {
            Ok(answers) => {
                let stopped = || Err(Error::Broken("the writer has stopped".to_owned()));
                let mut outcomes = Vec::with_capacity(count);
                for answer in answers {
                    outcomes.push(answer.await.unwrap_or_else(|_| stopped()));
                }
                outcomes
            }
            Err(problem) => vec![Err(problem); count],
        }
    }

    async fn queued(&self, writes: Vec<Write>) -> Result<Vec<oneshot::Receiver<Result<Written, Error>>>, Error> {
        if let Some(wrong) = writes.iter().map(|write| write.puts.len()).find(|puts| !(1..=WRITE_MAX).contains(puts)) {
            return Err(Error::Broken(format!("a write has 1 to {WRITE_MAX} puts, not {wrong}")));
        }
        let mut together = Vec::with_capacity(writes.len());
        let mut answers = Vec::with_capacity(writes.len());
        for write in prepared(writes).await? {
            let (reply, answer) = oneshot::channel();
            together.push((write, reply));
            answers.push(answer);
        }
        let queue = self.queue.lock().await.clone();
        let Some(queue) = queue else { return Err(Error::Unavailable("the service is stopping".to_owned())) };
        queue.try_send(together).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::Unavailable(format!("{QUEUE_MAX} writes are waiting already")),
            mpsc::error::TrySendError::Closed(_) => Error::Broken("the writer has stopped".to_owned()),
        })?;
        Ok(answers)
    }

    /// Ends after everything that was queued is answered.
    pub(super) async fn finish(&self) {
        self.queue.lock().await.take();
        if let Some(task) = self.task.lock().await.take()
            && let Err(problem) = task.await
        {
            error!(error = %problem, "the writer ended badly");
        }
    }
}

/// What can be told of writes before their turn comes; large ones are looked at by several threads.
async fn prepared(writes: Vec<Write>) -> Result<Vec<Prepared>, Error> {
    if writes.iter().map(|write| write.puts.len()).sum::<usize>() <= PREPARED_HERE_MAX {
        return Ok(writes.into_iter().map(Prepared::of).collect());
    }
    let under_way: Vec<_> =
        writes.into_iter().map(|write| tokio::task::spawn_blocking(move || Prepared::of(write))).collect();
    let mut prepared = Vec::with_capacity(under_way.len());
    for one in under_way {
        prepared.push(one.await.map_err(|problem| Error::Broken(problem.to_string()))?);
    }
    Ok(prepared)
}

async fn run(mut pools: Pools, mut waiting: mpsc::Receiver<Together>, committed: Arc<Notify>, newest: Arc<AtomicI64>) {
    let mut next_purge = Instant::now();
    let mut is_given_up = false;
    while let Some(mut group) = waiting.recv().await {
        let mut puts: usize = group.iter().map(|(write, _)| write.puts()).sum();
        while puts < GROUP_PUTS_MAX
            && let Ok(more) = waiting.try_recv()
        {
            puts += more.iter().map(|(write, _)| write.puts()).sum::<usize>();
            group.extend(more);
        }
        let (writes, replies): (Vec<Prepared>, Vec<Reply>) = group.into_iter().unzip();

        if is_given_up {
            match pools.renew_write().await {
                Ok(()) => is_given_up = false,
                Err(problem) => error!(error = %problem, "there is no new connection to the database yet"),
            }
        }
        let outcomes = match tokio::time::timeout(PATIENCE, commit(&pools, &newest, &writes)).await {
            Ok(outcomes) => outcomes,
            Err(_) => {
                error!(seconds = PATIENCE.as_secs(), "the database does not answer; the connection is given up");
                is_given_up = true;
                let silent = || Err(Error::Unavailable("the database did not answer".to_owned()));
                writes.iter().map(|_| silent()).collect()
            }
        };
        committed.notify_one();
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Whoever asked may have gone; the write stands all the same.
            let _ = reply.send(outcome);
        }

        if next_purge <= Instant::now() {
            let oldest = now().micros() - i64::try_from(REQUEST_RETENTION.as_micros()).expect("seven days fit");
            let purge = ledger::purge_requests(&pools.write, Timestamp::from_micros(oldest));
            let more = match tokio::time::timeout(PATIENCE, purge).await {
                Ok(Ok(more)) => more,
                Ok(Err(problem)) => {
                    warn!(error = %problem, "old request ids were not removed");
                    false
                }
                Err(_) => {
                    warn!("old request ids were not removed in time");
                    is_given_up = true;
                    false
                }
            };
            // What is left goes with the next writes, a bit each time.
            next_purge = Instant::now() + if more { Duration::ZERO } else { PURGE_INTERVAL };
        }
    }
}

/// Commits a group of writes: one outcome each, in order.
async fn commit(pools: &Pools, newest: &AtomicI64, writes: &[Prepared]) -> Vec<Result<Written, Error>> {
    match transact(pools, newest, writes).await {
        Ok(outcomes) => outcomes,
        Err(error) => {
            let refusal = failed(error);
            let may_be_one_writes_fault = matches!(refusal, Error::Broken(_)) && writes.len() > 1;
            if !may_be_one_writes_fault {
                return writes.iter().map(|_| Err(refusal.clone())).collect();
            }
            // Each by itself, so that a write the database cannot take does not take others with it.
            let mut outcomes = Vec::with_capacity(writes.len());
            for write in writes {
                let outcome = transact(pools, newest, std::slice::from_ref(write)).await;
                outcomes.push(outcome.map_err(failed).and_then(|mut one| one.pop().expect("one outcome a write")));
            }
            outcomes
        }
    }
}

/// One transaction, repeated while others are faster.
async fn transact(
    pools: &Pools,
    newest: &AtomicI64,
    writes: &[Prepared],
) -> Result<Vec<Result<Written, Error>>, DbErr> {
    let mut attempt = 1;
    loop {
        match try_transact(pools, newest, writes).await {
            Err(error) if is_conflict(&error) && attempt < ATTEMPTS_MAX => {
                tokio::time::sleep(Duration::from_millis(5) * attempt * attempt).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn try_transact(
    pools: &Pools,
    newest: &AtomicI64,
    writes: &[Prepared],
) -> Result<Vec<Result<Written, Error>>, DbErr> {
    let transaction = pools.write.begin_with_options(pools.writing()).await?;
    let mut ledger = Ledger::open(&transaction, writes, now()).await?;
    let outcomes: Vec<_> = writes.iter().map(|write| ledger.enter(write)).collect();
    if ledger.has_entries() {
        let revision = ledger.revision();
        ledger.store(&transaction).await?;
        transaction.commit().await?;
        newest.store(revision, Ordering::Release);
    } else {
        transaction.rollback().await?;
    }
    Ok(outcomes)
}

fn now() -> Timestamp {
    Timestamp::from_micros(chrono::Utc::now().timestamp_micros())
}
