//! Reads by key that share a statement with those that wait beside them, as writes share a commit.
//!
//! A statement begins after the reads that it answers were asked for, so each of them sees every write that was
//! acknowledged before, over all processes.

use std::sync::Arc;

use sea_orm::DatabaseConnection;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::in_time;
use crate::store::Error;

/// Reads that may wait; a further one waits for a place among them.
const QUEUE_MAX: usize = 4_096;
/// Reads of one statement.
const GROUP_MAX: usize = 128;
/// Statements under way at a time: one waits for the database while another is put together.
const STATEMENTS: usize = 2;

type Reply<A> = oneshot::Sender<Result<A, Error>>;
type Waiting<Q, A> = Arc<Mutex<mpsc::Receiver<(Q, Reply<A>)>>>;

/// The way to the tasks that read; each question is a `Q`, each answer an `A`.
pub(super) struct Shared<Q, A> {
    queue: mpsc::Sender<(Q, Reply<A>)>,
}

impl<Q: Send + 'static, A: Send + 'static> Shared<Q, A> {
    /// Starts the tasks, which answer many questions at a time with `read`, one answer each; they end when this is
    /// dropped.
    pub(super) fn start<R>(
        db: &DatabaseConnection,
        read: impl Fn(DatabaseConnection, Vec<Q>) -> R + Clone + Send + Sync + 'static,
    ) -> Self
    where
        R: Future<Output = Result<Vec<A>, Error>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..STATEMENTS {
            let (db, read) = (db.clone(), read.clone());
            tokio::spawn(run(waiting.clone(), move |group| read(db.clone(), group)));
        }
        Self { queue }
    }

    /// The answer to a question.
    pub(super) async fn ask(&self, question: Q) -> Result<A, Error> {
        let stopped = || Error::Unavailable("the service is stopping".to_owned());
        let (reply, answer) = oneshot::channel();
        self.queue.send((question, reply)).await.map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

async fn run<Q, A, R>(waiting: Waiting<Q, A>, read: impl Fn(Vec<Q>) -> R)
where
    R: Future<Output = Result<Vec<A>, Error>>,
{
    loop {
        let mut group = Vec::new();
        if waiting.lock().await.recv_many(&mut group, GROUP_MAX).await == 0 {
            return;
        }
        // Whoever has gone by now is not read for.
        group.retain(|(_, reply)| !reply.is_closed());
        let (questions, replies): (Vec<Q>, Vec<Reply<A>>) = group.into_iter().unzip();
        if questions.is_empty() {
            continue;
        }
        // Whoever asked may have gone.
        match in_time(read(questions)).await {
            Ok(answers) => replies.into_iter().zip(answers).for_each(|(reply, answer)| drop(reply.send(Ok(answer)))),
            Err(problem) => replies.into_iter().for_each(|reply| drop(reply.send(Err(problem.clone())))),
        }
    }
}
