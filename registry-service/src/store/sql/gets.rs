//! Reads of single enterprises: those that wait share a statement, as writes share a commit.
//!
//! A statement begins after the reads that it answers were asked for, so each of them sees every write that was
//! acknowledged before, over all processes.

use std::collections::HashMap;
use std::sync::Arc;

use prost::bytes::Bytes;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::entity::enterprise;
use super::failure::failed;
use super::{bulk, in_time};
use crate::store::Error;

/// Reads that may wait; a further one waits for a place among them.
const QUEUE_MAX: usize = 4_096;
/// Reads of one statement.
const GROUP_MAX: usize = 128;
/// Statements under way at a time: one waits for the database while another is put together.
const STATEMENTS: usize = 2;

/// A record as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) revision: i64,
    pub(super) data: Bytes,
}

type Reply = oneshot::Sender<Result<Option<Stored>, Error>>;
type Waiting = Arc<Mutex<mpsc::Receiver<(String, Reply)>>>;

/// The way to the tasks that read.
pub(super) struct Gets {
    queue: mpsc::Sender<(String, Reply)>,
}

impl Gets {
    /// Starts the tasks; they end when this is dropped.
    pub(super) fn start(db: &DatabaseConnection) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..STATEMENTS {
            tokio::spawn(run(db.clone(), waiting.clone()));
        }
        Self { queue }
    }

    /// The enterprise of that id, if there is one.
    pub(super) async fn get(&self, id: &str) -> Result<Option<Stored>, Error> {
        let stopped = || Error::Unavailable("the service is stopping".to_owned());
        let (reply, answer) = oneshot::channel();
        self.queue.send((id.to_owned(), reply)).await.map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

async fn run(db: DatabaseConnection, waiting: Waiting) {
    loop {
        let mut group = Vec::new();
        if waiting.lock().await.recv_many(&mut group, GROUP_MAX).await == 0 {
            return;
        }
        // Whoever has gone by now is not read for.
        group.retain(|(_, reply)| !reply.is_closed());
        let found = in_time(read(&db, group.iter().map(|(id, _)| id.as_str()).collect())).await;
        for (id, reply) in group {
            let own = found.as_ref().map(|found| found.get(&id).cloned()).map_err(Clone::clone);
            // Whoever asked may have gone.
            let _ = reply.send(own);
        }
    }
}

async fn read(db: &DatabaseConnection, ids: Vec<&str>) -> Result<HashMap<String, Stored>, Error> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in bulk::parts(ids) {
        let query = enterprise::Entity::find()
            .select_only()
            .columns([enterprise::Column::Id, enterprise::Column::Revision, enterprise::Column::Data])
            .filter(enterprise::Column::Id.is_in(ids));
        let rows: Vec<(String, i64, Vec<u8>)> = query.into_tuple().all(db).await.map_err(failed)?;
        found.extend(rows.into_iter().map(|(id, revision, data)| (id, Stored { revision, data: Bytes::from(data) })));
    }
    Ok(found)
}
