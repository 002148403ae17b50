//! Language: whether the two share a working language.

use crate::domain::{Language, Ppm, Profile};

use super::super::context::{Context, Notes};
use super::super::explanation::Evidence;

/// All or nothing: one shared language is enough to work together. Unknown if either names none.
pub(in crate::scoring) fn shared(ones: &[Language], others: &[Language]) -> Option<Ppm> {
    if ones.is_empty() || others.is_empty() {
        return None;
    }
    Some(if ones.iter().any(|language| others.contains(language)) { Ppm::ONE } else { Ppm::ZERO })
}

pub(super) fn value(_: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes) -> Option<Ppm> {
    let value = shared(&receiver.languages, &bringer.languages)?;
    notes.add(|| match receiver.languages.iter().find(|language| bringer.languages.contains(language)) {
        Some(shared) => {
            Evidence::new(format!("Both work in {}", shared.name()), shared.as_str(), shared.as_str(), Ppm::ONE)
        }
        None => Evidence::new("They name no working language in common".to_owned(), "", "", Ppm::ZERO),
    });
    Some(value)
}
