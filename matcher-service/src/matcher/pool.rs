//! Bounded room for computing, away from the threads that answer: what does not fit is refused, not queued for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

/// Runs so many computations at a time, and lets so many wait.
#[derive(Debug)]
pub(crate) struct Pool {
    name: &'static str,
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
}

/// There is no room; come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{waiting_max} calls wait for the pool `{pool}` already")]
pub(crate) struct Busy {
    /// Name of the pool.
    pub(crate) pool: &'static str,
    /// How many may wait.
    pub(crate) waiting_max: usize,
}

impl Pool {
    /// A pool in which `running_max` computations run at a time and `waiting_max` wait.
    pub(crate) fn new(name: &'static str, running_max: usize, waiting_max: usize) -> Self {
        let running = Arc::new(Semaphore::new(running_max));
        Self { name, running, waiting: AtomicUsize::new(0), waiting_max }
    }

    /// Runs `work` on a thread of its own; a panic in it is passed on. Dropping the future does not stop work that runs.
    ///
    /// # Errors
    /// [`Busy`] if too many wait already.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let busy = Busy { pool: self.name, waiting_max: self.waiting_max };
        let permit = match self.running.clone().try_acquire_owned() {
            Ok(free) => free,
            Err(_) => {
                let _place = Place::take(&self.waiting, self.waiting_max).ok_or(busy)?;
                self.running.clone().acquire_owned().await.map_err(|_| busy)?
            }
        };
        let running = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        match running.await {
            Ok(done) => Ok(done),
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(busy),
            },
        }
    }
}

/// A place among those who wait, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        (before < max).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn an_idle_pool_runs_work_even_if_nobody_may_wait() {
        assert_eq!(Pool::new("test", 1, 0).run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn work_beyond_the_room_is_refused_and_the_room_comes_back() {
        let pool = Arc::new(Pool::new("test", 1, 1));
        let (release, held) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(move || held.recv().is_ok()).await }
        });
        while pool.running.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|| 2).await }
        });
        while pool.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|| 3).await, Err(Busy { pool: "test", waiting_max: 1 }));
        release.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(true));
        assert_eq!(second.await.unwrap(), Ok(2));
        assert_eq!(pool.run(|| 4).await, Ok(4));
    }
}
