//! How alike two folded names are, in parts per million.
//!
//! Tokens of both names are set together, the most alike first. The similarity is the share of the weight that met:
//! `Σ weight · alikeness / Σ weight`, where the name proper weighs 1,000, what the company does 600, a place 300, words
//! that say little 100 or 200 (`words`). So a legal form or `Group` that one name lacks costs little. If *both* names have
//! words that the other lacks, these are not left out but different (`Nishat Mills`, `Nishat Power`), and each weighs as
//! much as the name proper. So does every further word if nothing of the name proper met (`Khyber Textile Mills`, `Brothers
//! Textile Mills`). The same words in another order are worth a little less (`Habib Bank`, `Bank Al Habib`), unless the
//! names are of two scripts, whose languages order words differently.

use std::cmp::Reverse;

use super::words::Kind;
use super::{FoldedName, Script, Token, script};

const WHOLE_PPM: u64 = 1_000_000;
/// Tokens whose letters differ more have nothing in common: at most every fifth letter is another.
const EDITED_MIN_PPM: u64 = 800_000;
/// An edited letter counts so many times: `Xinghua` and `Xinghui` are two companies more often than a slip.
const EDIT_PENALTY: u64 = 2;
/// Same consonants, other vowels, most letters the same: `Mohammad` and `Muhammed`.
const SAME_CONSONANTS_PPM: u64 = 700_000;
const SAME_CONSONANTS_EDITED_MIN_PPM: u64 = 600_000;
/// Chinese characters that are others but sound the same; in Latin letters nobody can tell them apart.
const SAME_READING_PPM: u64 = 700_000;
/// The same word in another script, letter by letter.
const SAME_LATIN_PPM: u64 = 980_000;
/// The same word in another script, by its consonants; few consonants say less, unless most letters are the
/// same too.
const SAME_SOUND_PPM: u64 = 920_000;
const SAME_SPELLED_SOUND_PPM: u64 = 850_000;
const SAME_SHORT_SOUND_PPM: u64 = 700_000;
const CONSONANTS_MIN: usize = 3;
/// What the same words are worth in another order.
const OTHER_ORDER_PERCENT: u64 = 75;

/// How alike two names are. A name equals itself, and the order of the two does not matter.
pub fn similarity(a: &FoldedName, b: &FoldedName) -> u32 {
    if a == b {
        return WHOLE_PPM as u32;
    }
    // Which tokens meet is decided greedily, and ties may fall either way; the better of both counts.
    one_way(a, b).max(one_way(b, a))
}

/// How alike two different names are, seen from the first.
fn one_way(a: &FoldedName, b: &FoldedName) -> u32 {
    let (a, b) = (&joined(&a.tokens, &b.tokens), &joined(&b.tokens, &a.tokens));
    let mut pairs = Vec::new();
    for (i, one) in a.iter().enumerate() {
        for (j, other) in b.iter().enumerate() {
            let alike = alikeness(one, other);
            if alike > 0 {
                pairs.push((alike, weight(one) + weight(other), i, j));
            }
        }
    }
    // Among equals the texts decide, whichever name they come from, so that the order of the two names does not matter.
    let texts = |i: usize, j: usize| {
        let (one, other) = (a[i].text.as_str(), b[j].text.as_str());
        (one.min(other), one.max(other))
    };
    pairs.sort_by_key(|&(alike, weight, i, j)| (Reverse((alike, weight)), texts(i, j), i + j, i.abs_diff(j)));

    let (mut met_a, mut met_b) = (vec![false; a.len()], vec![false; b.len()]);
    let (mut met, mut whole) = (0, 0);
    let mut places = Vec::new();
    let mut proper_met = false;
    for (alike, weight, i, j) in pairs {
        if !met_a[i] && !met_b[j] {
            (met_a[i], met_b[j]) = (true, true);
            met += weight * alike;
            whole += weight;
            proper_met |= a[i].kind() == Kind::Distinct;
            if a[i].script == b[j].script && matches!(a[i].kind(), Kind::Distinct | Kind::Sector) {
                places.push((i, j));
            }
        }
    }
    places.sort_unstable();
    if !places.is_sorted_by_key(|(_, j)| j) {
        met = met / 100 * OTHER_ORDER_PERCENT;
    }
    let left_a: Vec<&Token> = a.iter().zip(met_a).filter(|(_, met)| !met).map(|(token, _)| token).collect();
    let left_b: Vec<&Token> = b.iter().zip(met_b).filter(|(_, met)| !met).map(|(token, _)| token).collect();
    let differ = left_a.iter().any(|token| says(token)) && left_b.iter().any(|token| says(token));
    for token in left_a.into_iter().chain(left_b) {
        let is_other = (differ && says(token)) || (!proper_met && !matches!(token.kind(), Kind::Void | Kind::Form));
        whole += if is_other { u64::from(Kind::Distinct.weight()) } else { weight(token) };
    }
    u32::try_from(met / whole.max(1)).unwrap_or(WHOLE_PPM as u32)
}

fn weight(token: &Token) -> u64 {
    u64::from(token.kind().weight())
}

/// Whether it makes another company if it is another word.
fn says(token: &Token) -> bool {
    matches!(token.kind(), Kind::Distinct | Kind::Sector | Kind::Place)
}

/// The tokens, with those joined that the other name writes as one word: `Ali Baba` where that has `Alibaba`.
fn joined(tokens: &[Token], other: &[Token]) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let as_one = [3, 2].into_iter().find_map(|count| {
            let run = tokens.get(at..at + count)?;
            let length: usize = run.iter().map(|token| token.latin.len()).sum();
            let is_joined = |one: &&Token| {
                one.latin.len() == length && {
                    let mut rest = one.latin.as_str();
                    run.iter().all(|token| rest.strip_prefix(token.latin.as_str()).map(|left| rest = left).is_some())
                }
            };
            other.iter().find(is_joined).map(|one| (one.clone(), count))
        });
        let (token, count) = as_one.unwrap_or_else(|| (tokens[at].clone(), 1));
        joined.push(token);
        at += count;
    }
    joined
}

/// How alike two tokens are, ppm.
fn alikeness(a: &Token, b: &Token) -> u64 {
    if a.text == b.text {
        return WHOLE_PPM;
    }
    if let (Some(one), Some(other)) = (a.word, b.word) {
        return if one.meaning == other.meaning { WHOLE_PPM } else { 0 };
    }
    let has_digit = |token: &Token| token.latin.bytes().any(|byte| byte.is_ascii_digit());
    if has_digit(a) || has_digit(b) {
        // `Unit 1` is not `Unit 2`, in no script.
        return if a.latin == b.latin { WHOLE_PPM } else { 0 };
    }
    match (a.script, b.script) {
        (Script::Han, Script::Han) if a.latin == b.latin => SAME_READING_PPM,
        (Script::Han, Script::Han) => penalized(edited(&a.text, &b.text)),
        (one, other) if one == other => {
            let edited = edited(&a.latin, &b.latin);
            let sounds_same = edited >= SAME_CONSONANTS_EDITED_MIN_PPM && consonants_in_common(a, b) >= CONSONANTS_MIN;
            penalized(edited).max(if sounds_same { SAME_CONSONANTS_PPM } else { 0 })
        }
        _ if a.latin == b.latin => SAME_LATIN_PPM,
        _ => {
            let edited = edited(&a.latin, &b.latin);
            let by_sound = match consonants_in_common(a, b) {
                0 | 1 => 0,
                count if count >= CONSONANTS_MIN => SAME_SOUND_PPM,
                _ if edited >= SAME_CONSONANTS_EDITED_MIN_PPM => SAME_SPELLED_SOUND_PPM,
                _ => SAME_SHORT_SOUND_PPM,
            };
            // Chinese writes its vowels, so consonants alone are too few.
            let is_spelled_out = a.script == Script::Han || b.script == Script::Han;
            penalized(edited).max(if is_spelled_out { 0 } else { by_sound })
        }
    }
}

/// How many consonants two tokens have, if they have the same ones.
fn consonants_in_common(a: &Token, b: &Token) -> usize {
    let skeleton = script::skeleton(&a.latin);
    if skeleton == script::skeleton(&b.latin) { skeleton.len() } else { 0 }
}

fn penalized(edited: u64) -> u64 {
    if edited < EDITED_MIN_PPM { 0 } else { WHOLE_PPM.saturating_sub(EDIT_PENALTY * (WHOLE_PPM - edited)) }
}

/// The share of letters that need no change, by the distance of Levenshtein.
fn edited(a: &str, b: &str) -> u64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longest = a.len().max(b.len());
    // The distance is at least the difference of lengths; most pairs end here.
    if longest == 0 || a.len().abs_diff(b.len()) * 5 > longest * 2 {
        return 0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, one) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(one != other);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    let distance = row[b.len()];
    (longest - distance) as u64 * WHOLE_PPM / longest as u64
}
