//! Opportunities whose time is over become EXPIRED: a task that looks every so often, in every registry of a database.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tracing::{debug, info, warn};

use super::{Error, Registry, now};
use crate::domain::opportunity::{Opportunity, Step};
use crate::store::{self, Expect, Origin, Put, WRITE_MAX, Write};

/// Longest pause while the database is away.
const PAUSE_MAX: Duration = Duration::from_secs(30);

impl Registry {
    /// Starts the task; it ends with the handle's `abort`. Any number of registries may run one on the same database.
    pub fn expire_opportunities(self: &Arc<Self>, interval: Duration) -> JoinHandle<()> {
        tokio::spawn(look(self.clone(), interval))
    }

    /// Expires what is overdue, in one revision; returns how many. More may be left if somebody else was faster with
    /// one of them, or if there are more than one write takes.
    pub async fn expire_overdue(&self) -> Result<usize, Error> {
        let overdue = self.store.expired(WRITE_MAX as u64).await?;
        let puts: Vec<Put> = overdue.iter().filter_map(expiry).collect();
        if puts.is_empty() {
            return Ok(0);
        }
        let count = puts.len();
        let origin = Origin::registry("ExpireOpportunities");
        match self.store.write(Write { request: None, puts, validate_only: false, origin, compared: None }).await {
            Ok(_) => Ok(count),
            // Another registry expired it, its enterprise changed or deleted it: nothing is wrong, the next look tells.
            Err(store::Error::Stale(name) | store::Error::NotFound(name)) => {
                debug!(name, "an overdue opportunity changed in between");
                Ok(0)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn expiry(overdue: &Opportunity) -> Option<Put> {
    let mut outcome = Ok(());
    let expired = overdue.changed(now(), |expired| outcome = expired.step(&Step::Expire));
    outcome.ok().map(|()| Put::Opportunity(Box::new(expired), Expect::Revision(overdue.revision)))
}

async fn look(registry: Arc<Registry>, interval: Duration) {
    let mut pause = interval;
    let mut is_failing = false;
    loop {
        match registry.expire_overdue().await {
            Ok(expired) => {
                if is_failing {
                    info!("overdue opportunities can be expired again");
                    is_failing = false;
                }
                pause = interval;
                if expired > 0 {
                    info!(expired, "opportunities expired");
                    // There may be more.
                    continue;
                }
            }
            Err(error) => {
                if !is_failing {
                    warn!(%error, "overdue opportunities cannot be expired");
                    is_failing = true;
                }
                pause = (pause * 2).min(PAUSE_MAX.max(interval));
            }
        }
        tokio::time::sleep(pause).await;
    }
}
