//! Language: whether the two share a working language.

use crate::domain::{Ppm, Profile};

use super::super::context::{Context, Notes};
use super::super::explanation::Evidence;

/// All or nothing: one shared language is enough to work together. Unknown if either names none.
pub(super) fn value(_: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    if receiver.languages.is_empty() || bringer.languages.is_empty() {
        return None;
    }
    let Some(shared) = receiver.languages.iter().find(|language| bringer.languages.contains(language)) else {
        notes.add(|| Evidence::new("They name no working language in common".to_owned(), "", "", Ppm::ZERO));
        return Some(Ppm::ZERO);
    };
    notes.add(|| Evidence::new(format!("Both work in {}", shared.name()), shared.as_str(), shared.as_str(), Ppm::ONE));
    Some(Ppm::ONE)
}
