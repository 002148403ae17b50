//! Records of the registry that cannot be read: left out, counted, and named.

use std::collections::BTreeSet;

use crate::index::Quarantined;

/// Names of the records that are left out at present. A record leaves when a change of it can be read, or deletes it.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    names: BTreeSet<String>,
    /// Records beyond [`NAMES_MAX`]; these are not given back before the next snapshot.
    unnamed: usize,
}

/// Names that are kept: more than anybody mends by hand, and about a megabyte.
const NAMES_MAX: usize = 10_000;
/// Names that `GetIndex` shows.
const SHOWN: usize = 20;

impl Quarantine {
    /// The records with these names.
    pub(super) fn of(names: Vec<String>) -> Self {
        Self { names: names.into_iter().collect(), unnamed: 0 }
    }

    /// All names that are kept.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.iter().cloned().collect()
    }

    /// Notes that a record cannot be read.
    pub(super) fn put(&mut self, name: &str) {
        if self.names.len() < NAMES_MAX {
            self.names.insert(name.to_owned());
        } else if !self.names.contains(name) {
            self.unnamed += 1;
        }
    }

    /// Notes that a record can be read, or is gone.
    pub(super) fn release(&mut self, name: &str) {
        if !self.names.is_empty() {
            self.names.remove(name);
        }
    }

    /// To show.
    pub(super) fn shown(&self) -> Quarantined {
        let first = self.names.iter().take(SHOWN).cloned().collect();
        Quarantined { records: self.names.len() + self.unnamed, first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_counted_once_until_it_is_mended() {
        let mut quarantine = Quarantine::default();
        for name in ["b", "a", "b"] {
            quarantine.put(name);
        }
        assert_eq!(quarantine.shown(), Quarantined { records: 2, first: vec!["a".to_owned(), "b".to_owned()] });
        quarantine.release("a");
        quarantine.release("never-there");
        assert_eq!(quarantine.shown(), Quarantined { records: 1, first: vec!["b".to_owned()] });
    }

    #[test]
    fn of_many_the_first_are_named_and_all_are_counted() {
        let mut quarantine = Quarantine::default();
        (0..NAMES_MAX + 5).for_each(|at| quarantine.put(&format!("{at:06}")));
        let shown = quarantine.shown();
        assert_eq!((shown.records, shown.first.len()), (NAMES_MAX + 5, SHOWN));
    }
}
