//! What all tests of one suite share: a fixture started once, and claims that are checked on both engines.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::sync::LazyLock;
use std::thread;

use crate::services::{Engine, Pair};

/// A pair for each engine, started when the first test asks. The warden ends both after the last.
pub struct SharedPairs {
    sqlite: LazyLock<Pair>,
    postgres: LazyLock<Pair>,
}

impl SharedPairs {
    /// Pairs that `start` makes.
    pub const fn new(start_on_sqlite: fn() -> Pair, start_on_postgres: fn() -> Pair) -> Self {
        Self { sqlite: LazyLock::new(start_on_sqlite), postgres: LazyLock::new(start_on_postgres) }
    }

    /// The pair on `engine`.
    pub fn on(&'static self, engine: Engine) -> Borrowed {
        Borrowed(match engine {
            Engine::Sqlite => &self.sqlite,
            Engine::Postgres => &self.postgres,
        })
    }
}

/// A shared pair in the hands of one test. If the test fails it prints both logs.
#[derive(Debug)]
pub struct Borrowed(&'static Pair);

impl Deref for Borrowed {
    type Target = Pair;

    fn deref(&self) -> &Pair {
        self.0
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.registry.process().tell_log();
            self.0.matcher.process().tell_log();
        }
    }
}

impl fmt::Debug for SharedPairs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedPairs")
    }
}

/// Runs asynchronous work to its end, also from inside a runtime, which is where fixtures are often started.
pub fn wait_for<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let thread = thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(work)
    });
    thread.join().expect("the fixture can be made")
}

/// Makes two tests of each claim, a function of [`Engine`]: `claim::on_sqlite` and `claim::on_postgres`.
#[macro_export]
macro_rules! on_both_engines {
    ($($claim:ident),+ $(,)?) => {
        $(mod $claim {
            #[tokio::test]
            async fn on_sqlite() {
                super::$claim($crate::services::Engine::Sqlite).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::$claim($crate::services::Engine::Postgres).await;
            }
        })+
    };
}
