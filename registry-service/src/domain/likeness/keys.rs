//! Keys that records have in common if they may be the same company, so that few have to be compared.
//!
//! Every key is a row in the store, and writing them costs, so a record has at most [`KEYS_MAX`]: the domain of its home
//! page, and for each of its names the sounds of the whole name and of its leading word.

use std::collections::BTreeSet;

use super::{Profile, names_of, website};
use crate::domain::naming::FoldedName;

/// Most keys of a record.
const KEYS_MAX: usize = 6;
/// Longer keys are cut; what was cut off goes into a number.
const KEY_BYTES_MAX: usize = 40;

/// Keys by which records are found: those of [`hold_keys`], and the leading words of the names.
pub fn search_keys(profile: &Profile) -> Vec<String> {
    keys(profile, true)
}

/// Keys of records that are held if they are alike: the whole names and the domain of the home page. What two records
/// have in common by a word only is not alike enough, but would be read for every row of an import.
pub fn hold_keys(profile: &Profile) -> Vec<String> {
    keys(profile, false)
}

fn keys(profile: &Profile, with_leading_words: bool) -> Vec<String> {
    let site = website::domain(&profile.website_uri);
    let mut keys: Vec<String> = site.iter().map(|domain| key("site", domain)).collect();
    let folded: Vec<FoldedName> = names_of(profile).take(KEYS_MAX).map(FoldedName::of).collect();
    // Whole names first: they say most, and names beyond the limit get none.
    keys.extend(folded.iter().map(|name| key("name", &name.sounds().join("+"))));
    if with_leading_words {
        let leading = folded.iter().filter_map(FoldedName::leading_sound);
        keys.extend(leading.map(|sound| key("name", &sound)));
    }
    let mut met = BTreeSet::new();
    keys.retain(|key| met.insert(key.clone()));
    keys.truncate(KEYS_MAX);
    keys
}

fn key(kind: &str, text: &str) -> String {
    let mut key = format!("{kind}/{text}");
    if key.len() > KEY_BYTES_MAX {
        let digest = digest(&key);
        let cut = (0..=KEY_BYTES_MAX - 16).rev().find(|at| key.is_char_boundary(*at)).unwrap_or_default();
        key.truncate(cut);
        key.push_str(&format!("{digest:016x}"));
    }
    key
}

/// FNV-1a: the same in every build, which hashes of the standard library are not.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
