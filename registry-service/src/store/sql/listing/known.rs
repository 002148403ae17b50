//! Sizes that were measured a moment ago: whoever turns the pages of a list asks for the same ones again and again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::sizes::Sizes;

/// How long sizes are taken for what they were. A page is right whatever they are; it is only found the longer way.
const FRESH: Duration = Duration::from_secs(10);
/// Most measurements that are kept, usually of some hundred bytes.
const KEPT_MAX: usize = 500;

/// Measurements by what was asked, and when each was made.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Arc<Mutex<Kept>>);

type Kept = HashMap<String, (Instant, Arc<Sizes>)>;

impl Known {
    pub(super) fn find(&self, question: &str) -> Option<Arc<Sizes>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(question).filter(|(since, _)| since.elapsed() < FRESH).map(|(_, sizes)| sizes.clone())
    }

    pub(super) fn keep(&self, question: String, sizes: Arc<Sizes>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, (since, _)| since.elapsed() < FRESH);
        }
        if kept.len() < KEPT_MAX {
            kept.insert(question, (Instant::now(), sizes));
        }
    }
}
