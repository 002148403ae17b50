//! The store on SQLite and Postgres: one implementation, one text of SQL, two sets of connection options.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::TransactionTrait;
use tokio::sync::{Notify, Semaphore, mpsc};

use super::{Change, Error, Head, Listing, Request, Resource, ResourceType, Revision, Store, Write, Written};
use crate::domain::document::Document;
use crate::domain::enterprise::Enterprise;
use crate::domain::identifier::Identifier;
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Opportunity;

mod connect;
mod entity;
mod failure;
mod feed;
mod filter;
mod ledger;
mod listing;
mod migration;
mod projection;
mod range;
mod reads;
mod table;
mod text;
mod writer;

pub use connect::Options;
use connect::Pools;
use failure::failed;
pub use listing::Gathering;

/// Snapshots read in long transactions, each on a connection of its own; so many leave the others room.
const SNAPSHOTS_MAX: usize = 4;
/// Longest wait for one of these places.
const SNAPSHOT_WAIT: Duration = Duration::from_secs(2);
/// Longest time of one snapshot: a transaction that stays open keeps the database from cleaning up behind it.
const SNAPSHOT_TIME: Duration = Duration::from_secs(300);
/// Longest time of one read; a connection that went silent answers never.
const READ_TIME: Duration = Duration::from_secs(20);

/// A store in a SQL database.
pub struct SqlStore {
    pools: Pools,
    writer: writer::Writer,
    committed: Arc<Notify>,
    snapshots: Semaphore,
    gathering: Gathering,
}

impl SqlStore {
    /// Connects, brings the tables up to date and starts the writer.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let pools = Pools::connect(options).await?;
        let committed = Arc::new(Notify::new());
        let writer = writer::Writer::start(pools.clone(), committed.clone());
        Ok(Self { pools, writer, committed, snapshots: Semaphore::new(SNAPSHOTS_MAX), gathering: Gathering::USUAL })
    }

    /// Ends after what was accepted is committed; writes that come later are refused as unavailable.
    pub async fn close(&self) {
        self.writer.finish().await;
        self.pools.close().await;
    }
}

/// How lists are read: what the tests of the indexes set and look at.
impl SqlStore {
    /// The same store, which sorts so much for a page.
    #[must_use]
    pub fn gathering(self, gathering: Gathering) -> Self {
        Self { gathering, ..self }
    }

    /// The engine's plan for a list of enterprises, a line a step.
    pub async fn explain_enterprises(&self, listing: &Listing<EnterpriseId>) -> Result<Vec<String>, Error> {
        in_time(reads::explain_enterprises(&self.pools.read, listing, self.gathering)).await
    }

    /// The engine's plan for a list of opportunities, a line a step.
    pub async fn explain_opportunities(
        &self,
        parent: Option<&EnterpriseId>,
        listing: &Listing<OpportunityId>,
    ) -> Result<Vec<String>, Error> {
        in_time(reads::explain_opportunities(&self.pools.read, parent, listing, self.gathering)).await
    }
}

async fn in_time<T>(read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = || Error::Unavailable("the database did not answer".to_owned());
    tokio::time::timeout(READ_TIME, read).await.map_err(|_| late())?
}

#[async_trait]
impl Store for SqlStore {
    async fn write(&self, write: Write) -> Result<Written, Error> {
        self.writer.write(write).await
    }

    async fn answered(&self, request: &Request) -> Result<Option<Written>, Error> {
        in_time(ledger::answered(&self.pools.read, request)).await
    }

    async fn enterprise(&self, id: &EnterpriseId) -> Result<Option<Enterprise>, Error> {
        Ok(in_time(reads::enterprises(&self.pools.read, std::slice::from_ref(id))).await?.pop())
    }

    async fn enterprises(&self, ids: &[EnterpriseId]) -> Result<Vec<Enterprise>, Error> {
        in_time(reads::enterprises(&self.pools.read, ids)).await
    }

    async fn list_enterprises(&self, listing: &Listing<EnterpriseId>) -> Result<Vec<Enterprise>, Error> {
        in_time(reads::list_enterprises(&self.pools.read, listing, self.gathering)).await
    }

    async fn holders(&self, identifiers: &[Identifier]) -> Result<Vec<(Identifier, EnterpriseId)>, Error> {
        in_time(reads::holders(&self.pools.read, identifiers)).await
    }

    async fn opportunity(&self, id: &OpportunityId) -> Result<Option<Opportunity>, Error> {
        in_time(reads::opportunity(&self.pools.read, id)).await
    }

    async fn list_opportunities(
        &self,
        parent: Option<&EnterpriseId>,
        listing: &Listing<OpportunityId>,
    ) -> Result<Vec<Opportunity>, Error> {
        in_time(reads::list_opportunities(&self.pools.read, parent, listing, self.gathering)).await
    }

    async fn document(&self, name: &str) -> Result<Option<Document>, Error> {
        in_time(reads::document(&self.pools.read, name)).await
    }

    async fn documents(&self, resource_type: ResourceType) -> Result<Vec<Document>, Error> {
        in_time(reads::documents(&self.pools.read, resource_type)).await
    }

    async fn head(&self) -> Result<Head, Error> {
        in_time(feed::head(&self.pools.read)).await
    }

    async fn revisions(&self, after: i64, limit: u64) -> Result<Vec<Revision>, Error> {
        in_time(feed::revisions(&self.pools.read, after, limit)).await
    }

    async fn resources_of(&self, revision: i64) -> Result<Vec<Resource>, Error> {
        in_time(feed::resources_of(&self.pools.read, revision)).await
    }

    async fn snapshot(&self, parts: mpsc::Sender<Vec<Change>>) -> Result<Head, Error> {
        let busy = || Error::Unavailable(format!("{SNAPSHOTS_MAX} snapshots are being read already"));
        let permit = tokio::time::timeout(SNAPSHOT_WAIT, self.snapshots.acquire()).await.map_err(|_| busy())?;
        let _permit = permit.map_err(|_| busy())?;
        let begun = self.pools.read.begin_with_options(self.pools.reading());
        let transaction = in_time(async { begun.await.map_err(failed) }).await?;
        let read = tokio::time::timeout(SNAPSHOT_TIME, feed::snapshot(&transaction, parts)).await;
        let too_slow = || Error::Unavailable("the snapshot was not read in time".to_owned());
        let head = read.map_err(|_| too_slow())??;
        in_time(async { transaction.commit().await.map_err(failed) }).await?;
        Ok(head)
    }

    async fn committed(&self) {
        self.committed.notified().await;
    }
}
