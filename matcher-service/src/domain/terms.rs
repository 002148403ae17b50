//! Words of keywords and names in a form that compares: folded, and where the lexicon knows them, as concepts that
//! English, Chinese and Urdu share.

use service_kit::traditional::simplified;
use unicode_normalization::UnicodeNormalization;

use super::lexicon::Lexicon;

/// A concept by its number in the lexicon, or a word by its hash.
///
/// Two words of one hash are one in some ten million pairs, and would do no more than share a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Term(u32);

/// Tells words from concepts.
const WORD: u32 = 1 << 31;

impl Term {
    fn of_concept(number: u16) -> Self {
        Self(u32::from(number))
    }

    fn of_word(word: &str) -> Self {
        let hash = hash(word);
        Self((hash ^ (hash >> 32)) as u32 | WORD)
    }

    /// As a number.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// The term with a number.
    pub(crate) fn from_number(number: u32) -> Self {
        Self(number)
    }
}

/// Terms of keywords, sorted, each once. Concepts are found first; what is left counts word by word, and a text without
/// blanks (Chinese) as a whole.
pub(crate) fn terms_of<'a>(keywords: impl IntoIterator<Item = &'a str>) -> Vec<Term> {
    let mut terms = Vec::new();
    for keyword in keywords {
        let rest = Lexicon::get().cut(&fold(keyword), |concept| terms.push(Term::of_concept(concept)));
        terms.extend(rest.split_whitespace().filter(|word| !IDLE_WORDS.contains(word)).map(Term::of_word));
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// A text in the form in which two spellings of it meet: NFKC, lower case, letters and digits only, single blanks; Arabic
/// letters that Urdu writes in its own way become the Urdu ones, vowel marks are dropped, and traditional characters of
/// Chinese become the simplified ones.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkc().flat_map(char::to_lowercase) {
        match letter {
            '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{200B}'..='\u{200F}' => {}
            '\u{064A}' | '\u{0649}' => folded.push('\u{06CC}'),
            '\u{0643}' => folded.push('\u{06A9}'),
            '\u{0647}' => folded.push('\u{06C1}'),
            letter if is_han(letter) => folded.push(simplified(letter)),
            letter if letter.is_alphanumeric() => folded.push(letter),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// FNV-1a: the same on every machine and in every run, unlike the standard library's hashes.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// Words that say nothing about what is meant.
const IDLE_WORDS: [&str; 12] = ["a", "an", "and", "by", "for", "from", "in", "of", "on", "the", "to", "with"];

/// Whether a letter is of Han script, which has no blanks between words.
pub(super) fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_concept_is_one_term_in_three_languages() {
        let english = terms_of(["Solar panels"]);
        assert_eq!(english, terms_of(["\u{5149}\u{4F0F}\u{7EC4}\u{4EF6}"]));
        assert_eq!(english, terms_of(["\u{0634}\u{0645}\u{0633}\u{06CC} \u{067E}\u{06CC}\u{0646}\u{0644}"]));
        assert_eq!(english.len(), 1);
    }

    #[test]
    fn width_case_and_punctuation_make_no_difference() {
        assert_eq!(fold("  \u{FF21}CME-\u{FF11}  (Pvt.)\tLtd. "), "acme 1 pvt ltd");
        assert_eq!(terms_of(["Quality,  of Rice!"]), terms_of(["rice", "quality"]));
    }

    #[test]
    fn urdu_and_arabic_spellings_of_one_letter_meet() {
        assert_eq!(fold("\u{0643}\u{064A}"), fold("\u{06A9}\u{06CC}"));
    }

    #[test]
    fn a_concept_inside_chinese_text_is_found_and_inside_a_word_is_not() {
        let known = terms_of(["AI"]);
        assert!(terms_of(["\u{4EBA}\u{5DE5}\u{667A}\u{80FD}\u{5E73}\u{53F0}"]).contains(&known[0]));
        assert!(!terms_of(["airport"]).contains(&known[0]));
    }

    #[test]
    fn traditional_characters_and_forms_of_presentation_are_folded() {
        assert_eq!(terms_of(["\u{6A5F}\u{5668}\u{4EBA}"]), terms_of(["robots"]));
        // Silk, in letters as a typesetter shapes them.
        assert_eq!(terms_of(["\u{FEAD}\u{FBFE}\u{FEB8}\u{FEE2}"]), terms_of(["silk"]));
        assert_eq!(fold("\u{0647}"), "\u{06C1}");
    }

    #[test]
    fn the_longest_form_is_the_one_that_is_meant() {
        let terms = terms_of(["Air-jet looms", "\u{55B7}\u{6C14}\u{7EC7}\u{673A}"]);
        assert_eq!(terms.len(), 1);
        assert_ne!(terms, terms_of(["looms"]));
        assert_eq!(terms_of(["solar inverters and batteries"]), terms_of(["battery", "photovoltaic inverter"]));
    }
}
