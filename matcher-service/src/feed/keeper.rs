//! Puts the copy aside on disk now and then, so that a restart begins there instead of with nothing.

use std::path::PathBuf;
use std::time::Duration;

use service_kit::RevisionToken;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;
use tracing::{info, warn};

use crate::index::Image;

use super::copy::Copy;
use super::saved;

/// Where and how often; and what is there already.
#[derive(Debug)]
pub(crate) struct Keeper {
    path: Option<PathBuf>,
    interval: Duration,
    due: Instant,
    kept: Option<RevisionToken>,
    writing: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Keeps the copy in a file, written at most once in an interval; without a file it keeps nothing.
    pub(crate) fn new(path: Option<PathBuf>, interval: Duration) -> Self {
        Self { path, interval, due: Instant::now() + interval, kept: None, writing: None }
    }

    /// What was kept, if there is anything that can be believed.
    pub(super) async fn take_up(&mut self) -> Option<Copy> {
        let path = self.path.clone()?;
        let shown = path.display().to_string();
        let begun = Instant::now();
        let read = spawn_blocking(move || saved::read(&path).map(|read| read.map(Copy::taken_up))).await;
        let copy = match read {
            Ok(Ok(copy)) => copy?,
            Ok(Err(problem)) => {
                warn!(file = shown, error = %problem, "the copy on disk is left out; everything is read from the registry");
                return None;
            }
            Err(error) => {
                warn!(file = shown, %error, "the copy on disk is left out; everything is read from the registry");
                return None;
            }
        };
        self.kept = copy.reached();
        info!(file = shown, revision = ?self.kept.map(|kept| kept.revision), took = ?begun.elapsed(), "took the copy on disk up");
        Some(copy)
    }

    /// When the copy is to be kept again, if it is not as it was kept; none if there is nothing to do.
    pub(super) fn due(&self, reached: Option<RevisionToken>) -> Option<Instant> {
        let is_news = self.path.is_some() && reached.is_some() && reached != self.kept;
        is_news.then_some(self.due)
    }

    /// Writes the copy in the background.
    pub(super) fn keep(&mut self, image: Image, reached: RevisionToken) {
        let Some(path) = self.path.clone() else { return };
        self.due = Instant::now() + self.interval;
        // The disk is slower than the interval: the next turn has newer news.
        if self.writing.as_ref().is_some_and(|writing| !writing.is_finished()) {
            return;
        }
        self.kept = Some(reached);
        self.writing = Some(spawn_blocking(move || {
            let begun = std::time::Instant::now();
            match saved::write(&path, &image) {
                Ok(()) => info!(revision = reached.revision, took = ?begun.elapsed(), "put the copy aside on disk"),
                Err(error) => warn!(file = %path.display(), %error, "the copy cannot be put aside on disk"),
            }
        }));
    }

    /// Waits for what is being written.
    pub(super) async fn settle(&mut self) {
        if let Some(writing) = self.writing.take()
            && let Err(error) = writing.await
        {
            warn!(%error, "the copy was not put aside on disk");
        }
    }
}
