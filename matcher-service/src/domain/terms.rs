//! Words of keywords and names in a form that compares: folded, and where the lexicon knows them, as concepts that
//! English, Chinese and Urdu share.

use unicode_normalization::UnicodeNormalization;

use super::lexicon::CONCEPTS;

/// A word or concept, as the hash of its folded form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Term(u64);

impl Term {
    /// The hash.
    pub(crate) fn hash(self) -> u64 {
        self.0
    }

    /// The term with a hash.
    pub(crate) fn from_hash(hash: u64) -> Self {
        Self(hash)
    }
}

/// Terms of keywords, sorted, each once. Concepts are found first, longest form first; what is left counts word by word,
/// and a text without blanks (Chinese) as a whole.
pub(crate) fn terms_of<'a>(keywords: impl IntoIterator<Item = &'a str>) -> Vec<Term> {
    let mut terms = Vec::new();
    for keyword in keywords {
        let mut rest = stem(&fold(keyword));
        for (form, concept) in FORMS.iter() {
            if let Some(shorter) = without(&rest, form) {
                terms.push(Term(hash(&format!("concept {concept}"))));
                rest = shorter;
            }
        }
        terms.extend(rest.split_whitespace().filter(|word| !IDLE_WORDS.contains(word)).map(|word| Term(hash(word))));
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// A text in the form in which two spellings of it meet: NFKC, lower case, letters and digits only, single blanks; Arabic
/// letters that Urdu writes in its own way become the Urdu ones, and vowel marks are dropped.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkc().flat_map(char::to_lowercase) {
        match letter {
            '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{200B}'..='\u{200F}' => {}
            '\u{064A}' | '\u{0649}' => folded.push('\u{06CC}'),
            '\u{0643}' => folded.push('\u{06A9}'),
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

/// Every form of every concept, folded and stemmed, longest first, so that `solar panel` is found before `solar`.
static FORMS: std::sync::LazyLock<Vec<(String, &'static str)>> = std::sync::LazyLock::new(|| {
    let mut forms: Vec<_> =
        CONCEPTS.iter().flat_map(|(concept, forms)| forms.iter().map(|form| (stem(&fold(form)), *concept))).collect();
    forms.sort_by(|one, other| other.0.len().cmp(&one.0.len()).then_with(|| one.cmp(other)));
    forms
});

/// English plurals lose their `s`; nothing cleverer, since a wrong stem is worse than none.
fn stem(folded: &str) -> String {
    let words = folded.split(' ').map(|word| {
        let is_plural = word.len() > 3 && word.is_ascii() && word.ends_with('s') && !word.ends_with("ss");
        if is_plural { &word[..word.len() - 1] } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The text with every occurrence of a form cut out, if there is one. Han script has no blanks between words, so there a
/// form may stand anywhere; elsewhere it must be whole words.
fn without(text: &str, form: &str) -> Option<String> {
    let is_han = form.chars().next().is_some_and(|letter| ('\u{4E00}'..='\u{9FFF}').contains(&letter));
    if is_han {
        return text.contains(form).then(|| text.replace(form, " "));
    }
    let (text, form) = (format!(" {text} "), format!(" {form} "));
    text.contains(&form).then(|| text.replace(&form, "  "))
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
    fn no_form_belongs_to_two_concepts() {
        let mut forms: Vec<_> = FORMS.iter().map(|(form, _)| form).collect();
        forms.sort_unstable();
        assert!(forms.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn forms_survive_folding() {
        assert!(FORMS.iter().all(|(form, _)| !form.is_empty()));
    }
}
