//! Concepts of the programme's industries, found in texts in English, Chinese and Urdu.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::terms::{fold, is_han};

/// A concept a line, `name;form|form|…`; `#` begins a comment.
const LEXICON: &str = include_str!("../../data/lexicon.txt");

/// Changes with the lexicon, so that numbers of concepts that were put aside are not read as those of another one.
pub(crate) const LEXICON_VERSION: u16 = fingerprint(LEXICON.as_bytes());

/// Every form of every concept, to be found in one pass.
pub(super) struct Lexicon {
    automaton: AhoCorasick,
    /// The concept of each form, by the number of its line among the concepts.
    concepts: Vec<u16>,
}

impl Lexicon {
    /// The one that is built in.
    pub(super) fn get() -> &'static Self {
        static INSTANCE: LazyLock<Lexicon> = LazyLock::new(|| {
            let mut forms = Vec::new();
            let mut concepts = Vec::new();
            for (number, (_, of_concept)) in (0..).zip(entries(LEXICON)) {
                for form in of_concept {
                    forms.push(pattern(&spread(&fold(form))).to_owned());
                    concepts.push(number);
                }
            }
            let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(forms);
            Lexicon { automaton: automaton.expect("the built-in lexicon is small"), concepts }
        });
        &INSTANCE
    }

    /// Tells every concept of a folded text, from left to right, the longest form at each place; returns what is left of
    /// it, as words.
    pub(super) fn cut(&self, folded: &str, mut concept: impl FnMut(u16)) -> String {
        let text = spread(folded);
        let mut rest = String::with_capacity(text.len());
        let mut end = 0;
        for found in self.automaton.find_iter(&text) {
            concept(self.concepts[found.pattern().as_usize()]);
            rest.push_str(&text[end..found.start()]);
            rest.push(' ');
            end = found.end();
        }
        rest.push_str(&text[end..]);
        rest
    }
}

/// The concepts of a lexicon, each with its forms as they are written.
fn entries(lexicon: &str) -> impl Iterator<Item = (&str, std::str::Split<'_, char>)> {
    let lines = lexicon.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let (concept, forms) = line.split_once(';').expect("a line of the built-in lexicon has a name and forms");
        (concept, forms.split('|'))
    })
}

/// A folded text with a blank on either side of every word, English ones in the singular. Han script has no blanks
/// between words, so there a word is all that stands together, and ends where another script begins.
fn spread(folded: &str) -> String {
    let mut spread = String::with_capacity(folded.len() + folded.len() / 2);
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|letter| is_han(letter) != is_han(first)).unwrap_or(rest.len());
            let (run, others) = rest.split_at(end);
            spread.push(' ');
            push_singular(&mut spread, run);
            spread.push(' ');
            rest = others;
        }
    }
    spread
}

/// What a form is looked for as: whole words, and in Han script part of one.
fn pattern(spread: &str) -> &str {
    let from = usize::from(spread[1..].starts_with(is_han));
    let to = spread.len() - usize::from(spread[..spread.len() - 1].ends_with(is_han));
    &spread[from..to]
}

/// English plurals lose their ending; nothing cleverer, since a wrong stem is worse than none.
fn push_singular(spread: &mut String, word: &str) {
    let is_plural = word.len() > 3 && word.is_ascii() && word.ends_with('s') && !word.ends_with("ss");
    let (stem, ending) = match word {
        _ if !is_plural => (word, ""),
        _ if word.len() > 4 && word.ends_with("ies") => (&word[..word.len() - 3], "y"),
        _ if ["ches", "shes", "xes"].iter().any(|ending| word.ends_with(ending)) => (&word[..word.len() - 2], ""),
        _ => (&word[..word.len() - 1], ""),
    };
    spread.push_str(stem);
    spread.push_str(ending);
}

/// FNV-1a, folded to 16 bits.
const fn fingerprint(bytes: &[u8]) -> u16 {
    let mut hash = 0x811C_9DC5_u32;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ (hash >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// Words that fit nearly everything, so that to share one says nothing.
    const TOO_GENERAL: &str = "system equipment product technology service solution machine device material company \
        business industry manufacturing production design quality supply import export project cooperation investment \
        smart digital industrial new high international global 系统 设备 产品 技术 服务 材料 公司 企业 制造 生产 设计 质量 项目 \
        合作 投资 工业 智能 سسٹم آلات مصنوعات ٹیکنالوجی خدمات کمپنی مشین صنعت پیداوار منصوبہ تعاون سرمایہ کاری";

    #[test]
    fn there_are_three_hundred_concepts_and_each_has_words_of_three_languages() {
        let mut names = BTreeSet::new();
        for (name, forms) in entries(LEXICON) {
            assert!(names.insert(name), "{name} is there twice");
            let forms: Vec<_> = forms.collect();
            let written_in = |has: fn(char) -> bool| forms.iter().any(|form| form.chars().any(has));
            assert!(written_in(is_han), "{name} has no Chinese form");
            assert!(written_in(|letter| ('\u{0600}'..='\u{06FF}').contains(&letter)), "{name} has no Urdu form");
            assert!(forms.iter().any(|form| form.is_ascii()), "{name} has no English form");
        }
        assert!(names.len() >= 300, "there are {}", names.len());
    }

    #[test]
    fn no_form_stands_twice_or_fits_everything() {
        let general: BTreeSet<String> = TOO_GENERAL.split_whitespace().map(|word| spread(&fold(word))).collect();
        let mut concepts = BTreeMap::new();
        for (name, form) in entries(LEXICON).flat_map(|(name, forms)| forms.map(move |form| (name, form))) {
            let spread = spread(&fold(form));
            assert!(!spread.is_empty(), "{name} has an empty form");
            assert!(!general.contains(&spread), "`{form}` of {name} fits everything");
            if let Some(earlier) = concepts.insert(pattern(&spread).to_owned(), name) {
                panic!("`{form}` is a form of {earlier} and of {name}");
            }
        }
    }

    #[test]
    fn scripts_that_meet_are_words_of_their_own() {
        assert_eq!(spread("ai\u{82AF}\u{7247} boxes lenses 5g"), " ai  \u{82AF}\u{7247}  box  lense  5g ");
    }

    /// The letters of words of Han script, and other words as a whole, with a blank between words: a form of Han script may
    /// be a part of a word, but not of two.
    fn units(spread: &str) -> Vec<&str> {
        let mut units = Vec::new();
        for word in spread.split_whitespace() {
            if !units.is_empty() {
                units.push(" ");
            }
            if word.starts_with(is_han) {
                units.extend(word.split("").filter(|letter| !letter.is_empty()));
            } else {
                units.push(word);
            }
        }
        units
    }

    #[test]
    fn a_form_of_han_script_does_not_go_on_in_the_next_word() {
        let found = |text: &str| {
            let mut found = Vec::new();
            Lexicon::get().cut(&fold(text), |concept| found.push(concept));
            assert_eq!(found, naive(text), "{text}");
            found
        };
        // Printing, machine tools; a printing machine, and a letter that is none of it.
        assert_eq!(found("\u{5370}\u{5237} \u{673A}\u{5E8A}").len(), 2);
        assert_eq!(found("\u{5370}\u{5237}\u{673A}\u{5E8A}").len(), 1);
    }

    /// At each place the longest form that stands there, by trying all of them.
    fn naive(text: &str) -> Vec<u16> {
        let mut found = Vec::new();
        let forms: Vec<(Vec<String>, u16)> = (0..)
            .zip(entries(LEXICON))
            .flat_map(|(number, (_, forms))| {
                let units = |form| units(&spread(&fold(form))).into_iter().map(str::to_owned).collect();
                forms.map(|form| (units(form), number)).collect::<Vec<_>>()
            })
            .collect();
        let text = spread(&fold(text));
        let text = units(&text);
        let mut at = 0;
        while at < text.len() {
            let here = forms.iter().filter(|(form, _)| text[at..].iter().take(form.len()).eq(form.iter()));
            match here.max_by_key(|(form, _)| form.len()) {
                Some((form, number)) => {
                    found.push(*number);
                    at += form.len();
                }
                None => at += 1,
            }
        }
        found
    }

    /// Forms of the lexicon, parts of them, and other words, with and without blanks between.
    fn text() -> impl Strategy<Value = String> {
        let forms: Vec<String> = entries(LEXICON).flat_map(|(_, forms)| forms.map(str::to_owned)).collect();
        let form = prop::sample::select(forms);
        let part = form.clone().prop_flat_map(|form| {
            let length = form.chars().count();
            (0..=length).prop_map(move |kept| form.chars().take(kept).collect::<String>())
        });
        let other = prop::sample::select(vec!["s", "x", "\u{4E30}", "\u{0648}", "-", "air", "robotic"]);
        let piece = prop_oneof![3 => form, 2 => part, 2 => other.prop_map(str::to_owned)];
        prop::collection::vec((piece, prop::sample::select(vec!["", " "])), 0..8)
            .prop_map(|pieces| pieces.into_iter().map(|(piece, blank)| piece + blank).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn what_is_found_is_what_trying_every_form_finds(text in text()) {
            let mut found = Vec::new();
            Lexicon::get().cut(&fold(&text), |concept| found.push(concept));
            prop_assert_eq!(found, naive(&text));
        }
    }
}
