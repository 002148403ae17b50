//! The store on SQLite and Postgres: one implementation, one text of SQL, two sets of connection options.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{DatabaseTransaction, TransactionTrait};
use service_kit::filter::Expr;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, mpsc};

use super::{
    AuditEntry, Change, Compared, Error, ExportPart, Head, Listing, Request, Resource, ResourceType, Retention,
    Revision, Store, Version, Write, Written,
};
use crate::domain::document::Document;
use crate::domain::enterprise::Enterprise;
use crate::domain::identifier::Identifier;
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Opportunity;
use crate::domain::time::Timestamp;

mod bulk;
mod connect;
mod entity;
mod expiry;
mod export;
mod failure;
mod feed;
mod filter;
mod ledger;
mod listing;
mod lookalikes;
mod migration;
mod projection;
mod range;
mod reads;
mod retention;
mod shared;
mod table;
mod text;
mod versions;
mod writer;

pub use connect::Options;
use connect::Pools;
use failure::failed;
pub use listing::Counting;
use lookalikes::{Look, Seen};
use reads::Stored;
use shared::Shared;

/// Snapshots read in long transactions, each on a connection of its own; so many leave the others room.
const SNAPSHOTS_MAX: usize = 4;
/// Longest wait for one of these places.
const SNAPSHOT_WAIT: Duration = Duration::from_secs(2);
/// Longest time of one snapshot: a transaction that stays open keeps the database from cleaning up behind it.
const SNAPSHOT_TIME: Duration = Duration::from_secs(300);
/// Longest time of one read; a connection that went silent answers never.
const READ_TIME: Duration = Duration::from_secs(20);

/// Keys of a look for look-alikes that shares its statement with others; that of an import is long enough by itself.
const SHARED_KEYS_MAX: usize = 16;

/// A store in a SQL database.
pub struct SqlStore {
    pools: Pools,
    writer: writer::Writer,
    gets: Shared<EnterpriseId, Option<Stored>>,
    looks: Shared<Look, Seen>,
    committed: Arc<Notify>,
    snapshots: Semaphore,
    counting: Counting,
}

impl SqlStore {
    /// Connects, brings the tables up to date and starts the writer.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let pools = Pools::connect(options).await?;
        let committed = Arc::new(Notify::new());
        let writer = writer::Writer::start(pools.clone(), committed.clone());
        let gets = Shared::start(&pools.keyed, |db, ids| async move { reads::stored_each(&db, ids).await });
        let looks = Shared::start(&pools.keyed, |db, looks| async move { lookalikes::find(&db, looks).await });
        let snapshots = Semaphore::new(SNAPSHOTS_MAX);
        Ok(Self { pools, writer, gets, looks, committed, snapshots, counting: Counting::usual() })
    }

    /// Ends after what was accepted is committed; writes that come later are refused as unavailable.
    pub async fn close(&self) {
        self.writer.finish().await;
        self.pools.close().await;
    }
}

impl SqlStore {
    /// A transaction that may read for as long as its receiver takes, all as of one revision, in one of few places.
    async fn long_read(&self) -> Result<(SemaphorePermit<'_>, DatabaseTransaction), Error> {
        let busy = || Error::Unavailable(format!("{SNAPSHOTS_MAX} snapshots are being read already"));
        let permit = tokio::time::timeout(SNAPSHOT_WAIT, self.snapshots.acquire()).await.map_err(|_| busy())?;
        let permit = permit.map_err(|_| busy())?;
        let begun = self.pools.read.begin_with_options(self.pools.reading());
        Ok((permit, in_time(async { begun.await.map_err(failed) }).await?))
    }
}

async fn in_long_time<T>(read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = || Error::Unavailable("the snapshot was not read in time".to_owned());
    tokio::time::timeout(SNAPSHOT_TIME, read).await.map_err(|_| late())?
}

/// How lists are read: what the tests of the indexes set and look at.
impl SqlStore {
    /// The same store, which counts so far before it reads a page.
    #[must_use]
    pub fn counting(self, counting: Counting) -> Self {
        Self { counting, ..self }
    }

    /// The engine's plan for a list of enterprises, a line a step.
    pub async fn explain_enterprises(&self, listing: &Listing<EnterpriseId>) -> Result<Vec<String>, Error> {
        in_time(reads::explain_enterprises(&self.pools.read, listing, &self.counting)).await
    }

    /// The engine's plan for a list of opportunities, a line a step.
    pub async fn explain_opportunities(
        &self,
        parent: Option<&EnterpriseId>,
        listing: &Listing<OpportunityId>,
    ) -> Result<Vec<String>, Error> {
        in_time(reads::explain_opportunities(&self.pools.read, parent, listing, &self.counting)).await
    }
}

async fn in_time<T>(read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = || Error::Unavailable("the database did not answer".to_owned());
    tokio::time::timeout(READ_TIME, read).await.map_err(|_| late())?
}

#[async_trait]
impl Store for SqlStore {
    async fn write(&self, write: Write) -> Result<Written, Error> {
        self.writer.write_each(vec![write]).await.pop().expect("one outcome a write")
    }

    async fn write_each(&self, writes: Vec<Write>) -> Vec<Result<Written, Error>> {
        self.writer.write_each(writes).await
    }

    async fn answered(&self, request: &Request) -> Result<Option<Written>, Error> {
        in_time(ledger::answered(&self.pools.keyed, request)).await
    }

    async fn enterprise(&self, id: &EnterpriseId) -> Result<Option<Enterprise>, Error> {
        let stored = in_time(self.gets.ask(id.clone())).await?;
        stored.map(|stored| stored.enterprise(id.as_str())).transpose()
    }

    async fn enterprises(&self, ids: &[EnterpriseId]) -> Result<Vec<Enterprise>, Error> {
        in_time(reads::enterprises(&self.pools.keyed, ids)).await
    }

    async fn list_enterprises(&self, listing: &Listing<EnterpriseId>) -> Result<Vec<Enterprise>, Error> {
        in_time(reads::list_enterprises(&self.pools.read, listing, &self.counting)).await
    }

    async fn holders(&self, identifiers: &[Identifier]) -> Result<Vec<(Identifier, EnterpriseId)>, Error> {
        in_time(reads::holders(&self.pools.keyed, identifiers)).await
    }

    async fn lookalikes(
        &self,
        keys: Vec<String>,
        each: usize,
        limit: usize,
    ) -> Result<(Vec<Enterprise>, Compared), Error> {
        // Before the look, which sees it and what comes after.
        let revision = self.writer.newest();
        let is_small = keys.len() <= SHARED_KEYS_MAX;
        let look = Look { keys, each, limit };
        let seen = if is_small {
            in_time(self.looks.ask(look)).await?
        } else {
            let seen = in_time(lookalikes::find(&self.pools.keyed, vec![look])).await?;
            seen.into_iter().next().expect("one answer a look")
        };
        let found = seen.enterprises()?;
        Ok((found, Compared { by_key: seen.by_key, each, revision, new: HashSet::new() }))
    }

    async fn opportunity(&self, id: &OpportunityId) -> Result<Option<Opportunity>, Error> {
        in_time(reads::opportunity(&self.pools.keyed, id)).await
    }

    async fn list_opportunities(
        &self,
        parent: Option<&EnterpriseId>,
        listing: &Listing<OpportunityId>,
    ) -> Result<Vec<Opportunity>, Error> {
        in_time(reads::list_opportunities(&self.pools.read, parent, listing, &self.counting)).await
    }

    async fn opportunities(&self, ids: &[OpportunityId]) -> Result<Vec<Opportunity>, Error> {
        in_time(reads::opportunities(&self.pools.keyed, ids)).await
    }

    async fn expired(&self, limit: u64) -> Result<Vec<Opportunity>, Error> {
        in_time(expiry::expired(&self.pools.read, limit)).await
    }

    async fn clock(&self) -> Result<Timestamp, Error> {
        in_time(expiry::clock(&self.pools.read)).await
    }

    async fn document(&self, name: &str) -> Result<Option<Document>, Error> {
        in_time(reads::document(&self.pools.keyed, name)).await
    }

    async fn documents(&self, resource_type: ResourceType) -> Result<Vec<Document>, Error> {
        in_time(reads::documents(&self.pools.read, resource_type)).await
    }

    async fn version(&self, name: &str, revision: i64) -> Result<Option<Version>, Error> {
        in_time(versions::version(&self.pools.keyed, name, revision)).await
    }

    async fn versions(&self, name: &str, before: Option<i64>, limit: u32) -> Result<Vec<Version>, Error> {
        in_time(versions::versions(&self.pools.read, name, before, limit)).await
    }

    async fn audit(&self, name: &str, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        in_time(versions::audit(&self.pools.read, name, before, limit)).await
    }

    async fn head(&self) -> Result<Head, Error> {
        in_time(feed::head(&self.pools.keyed)).await
    }

    async fn revisions(&self, after: i64, limit: u64) -> Result<Vec<Revision>, Error> {
        in_time(feed::revisions(&self.pools.read, after, limit)).await
    }

    async fn resources_of(&self, revision: i64) -> Result<Vec<Resource>, Error> {
        in_time(feed::resources_of(&self.pools.read, revision)).await
    }

    async fn snapshot(&self, parts: mpsc::Sender<Vec<Change>>) -> Result<Head, Error> {
        let (_permit, transaction) = self.long_read().await?;
        let head = in_long_time(feed::snapshot(&transaction, parts)).await?;
        in_time(async { transaction.commit().await.map_err(failed) }).await?;
        Ok(head)
    }

    async fn export(&self, filter: Option<&Expr>, parts: mpsc::Sender<ExportPart>) -> Result<(), Error> {
        let (_permit, transaction) = self.long_read().await?;
        in_long_time(export::run(&transaction, filter, parts, &self.counting)).await?;
        in_time(async { transaction.commit().await.map_err(failed) }).await
    }

    async fn compact(&self, retention: &Retention) -> Result<bool, Error> {
        in_time(retention::compact(&self.pools, retention)).await
    }

    async fn purgeable(&self) -> Result<Vec<Resource>, Error> {
        in_time(retention::purgeable(&self.pools.read)).await
    }

    async fn committed(&self) {
        self.committed.notified().await;
    }
}
