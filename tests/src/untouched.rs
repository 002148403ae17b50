//! A shared pair that no test of a suite may change, and the proof that none did.

use proto::registry::v1::{CreateEnterpriseRequest, Enterprise, ErrorReason, GetChangeFeedRequest};
use tonic::{Code, Status};

use crate::clients::{RegistryClients, enterprise, refused_with, violated_fields};
use crate::services::{Engine, Pair};
use crate::shared::{Borrowed, SharedPairs, wait_for};

/// A pair on each engine with three enterprises: `another`, `target` and `third`.
#[derive(Debug)]
pub struct Untouched(SharedPairs);

/// One test's hold on the pair, and how the registry was when the test began.
#[derive(Debug)]
pub struct Hold {
    pub pair: Borrowed,
    pub registry: RegistryClients,
    before: (i64, Vec<Enterprise>),
}

impl Untouched {
    /// Pairs that start when the first test asks.
    #[expect(clippy::new_without_default, reason = "it is made in a static, where `Default` cannot be called")]
    pub const fn new() -> Self {
        Self(SharedPairs::new(|| with_three(Engine::Sqlite), || with_three(Engine::Postgres)))
    }

    /// Takes hold of the pair on `engine`.
    pub async fn begin(&'static self, engine: Engine) -> Hold {
        let pair = self.0.on(engine);
        let mut registry = RegistryClients::connect(&pair.registry.url()).await;
        let before = state(&mut registry).await;
        Hold { pair, registry, before }
    }
}

impl Hold {
    /// Checks that nothing was written, not even a revision.
    ///
    /// # Panics
    ///
    /// If anything was.
    pub async fn end(mut self) {
        assert_eq!(state(&mut self.registry).await, self.before, "something was written");
    }

    /// Tries to register an enterprise.
    ///
    /// # Errors
    ///
    /// The refusal.
    pub async fn create(&mut self, enterprise: Enterprise) -> Result<(), Status> {
        let request = CreateEnterpriseRequest { enterprise: Some(enterprise), ..CreateEnterpriseRequest::default() };
        self.registry.enterprises.create_enterprise(request).await.map(drop)
    }

    /// Checks that a call was refused for exactly these fields, in order of path.
    ///
    /// # Panics
    ///
    /// If it was not.
    #[track_caller]
    pub fn check_fields(&self, outcome: Result<(), Status>, fields: &[&str]) {
        let status = refused_with(outcome, Code::InvalidArgument, ErrorReason::InvalidFields);
        assert_eq!(violated_fields(&status), fields, "{}", status.message());
    }
}

/// The head revision and every record.
async fn state(registry: &mut RegistryClients) -> (i64, Vec<Enterprise>) {
    let feed = registry.feed.get_change_feed(GetChangeFeedRequest {}).await.expect("the feed stands").into_inner();
    (feed.head_revision, registry.all().await)
}

fn with_three(engine: Engine) -> Pair {
    let pair = Pair::start(engine);
    let url = pair.registry.url();
    wait_for(async move {
        let mut registry = RegistryClients::connect(&url).await;
        for id in ["another", "target", "third"] {
            registry.active(id, enterprise("A mill", "PK", "13")).await;
        }
    });
    pair
}
