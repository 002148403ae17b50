//! Language: whether the two share a working language.

use crate::domain::{Language, Ppm, Profile};

use super::super::context::Context;
use super::super::explanation::Notes;

/// All or nothing: one shared language is enough to work together. Unknown if either names none.
pub(in crate::scoring) fn shared(ones: &[Language], others: &[Language]) -> Option<Ppm> {
    if ones.is_empty() || others.is_empty() {
        return None;
    }
    Some(if ones.iter().any(|language| others.contains(language)) { Ppm::ONE } else { Ppm::ZERO })
}

pub(super) fn value(_: &Context<'_>, receiver: &Profile, bringer: &Profile, notes: &mut Notes<'_>) -> Option<Ppm> {
    let value = shared(&receiver.languages, &bringer.languages)?;
    if let Notes::Kept(kept) = notes {
        match receiver.languages.iter().find(|language| bringer.languages.contains(language)) {
            Some(shared) => kept.add(format_args!("Both work in {}", shared.name()), shared, shared, Ppm::ONE),
            None => kept.add(format_args!("They name no working language in common"), "", "", Ppm::ZERO),
        }
    }
    Some(value)
}
