//! Names of companies, folded so that the same name meets itself in another spelling, script or legal form.
//!
//! A name becomes a list of plain tokens: lower case, no accents, no punctuation. Articles and conjunctions go, and so do
//! legal forms at the ends, in English, Chinese, Urdu, Arabic, Turkish, German, French and a few more; nothing is ever
//! folded away entirely. Chinese is cut into the words that are known (`words`) and what lies between them. Every token
//! knows how it is spelled in Latin letters, so that names of different scripts can be compared; see [`similarity`].

mod places;
mod script;
mod similarity;
mod words;

#[cfg(test)]
mod tests;

use script::Script;
pub use similarity::similarity;
use words::{Kind, Word};

/// Tokens of a name that count; a name of 300 characters can have 150, and comparing takes the square of it.
const TOKENS_MAX: usize = 24;
/// Legal forms that stand before the name.
const FORMS_BEFORE: &[&str] = &["pt", "cv", "ooo", "oao", "zao", "pao", "ao"];
/// Follow the name of a city or province in Chinese.
const PLACE_ENDINGS: &[char] = &['市', '省'];

/// A folded name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedName {
    tokens: Vec<Token>,
}

/// A word of a folded name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// As it is written.
    text: String,
    /// In Latin letters.
    latin: String,
    /// The script that it is written in.
    script: Script,
    /// What is known of it.
    word: Option<Word>,
}

impl FoldedName {
    /// Folds a name. Folding what was folded changes nothing.
    pub fn of(name: &str) -> Self {
        let mut tokens: Vec<Token> = pieces(name).into_iter().take(TOKENS_MAX).map(Token::of).collect();
        while let Some(shorter) = shortened(&tokens) {
            tokens = shorter;
        }
        if tokens.is_empty() {
            // Nothing but signs: they are the name.
            tokens.push(Token::of(name.trim().to_owned()));
        }
        Self { tokens }
    }

    /// Whether both are written in the script of their language, and that is the same one, and not Latin.
    pub fn shares_original_script(&self, other: &Self) -> bool {
        let original =
            |name: &Self| name.tokens.iter().map(|token| token.script).find(|script| *script != Script::Latin);
        original(self).is_some_and(|script| original(other) == Some(script))
    }

    /// The folded name as a text.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.tokens.iter().map(|token| token.text.as_str()).collect();
        texts.join(" ")
    }

    /// Sounds of the name proper and of what the company does, in no particular order: names that are the same but for
    /// spelling, script, word order and words that say little have the same ones.
    pub fn sounds(&self) -> Vec<String> {
        let says = |token: &&Token| matches!(token.kind(), Kind::Distinct | Kind::Sector);
        let mut sounds: Vec<String> = self.tokens.iter().filter(says).map(Token::sound).collect();
        if sounds.is_empty() {
            sounds = self.tokens.iter().map(Token::sound).collect();
        }
        sounds.sort_unstable();
        sounds.dedup();
        sounds
    }

    /// The sound of the longest word of the name proper, if it has any.
    pub fn leading_sound(&self) -> Option<String> {
        let proper = self.tokens.iter().filter(|token| token.kind() == Kind::Distinct).rev();
        // Of equals the last counts, so they come in reverse order.
        proper.max_by_key(|token| token.latin.len()).map(Token::sound)
    }
}

impl Token {
    fn of(text: String) -> Self {
        let script = text.chars().next().map_or(Script::Other, script::of);
        let word = words::find(&text);
        let latin = script::latin(&text);
        Self { text, latin, script, word }
    }

    fn kind(&self) -> Kind {
        self.word.map_or(Kind::Distinct, |word| word.kind)
    }

    /// A known word by its meaning; else the consonants, or all letters if these are too few to tell names apart.
    fn sound(&self) -> String {
        const CONSONANTS_MIN: usize = 3;
        if let Some(word) = self.word {
            return word.meaning.to_owned();
        }
        let skeleton = script::skeleton(&self.latin);
        if skeleton.len() < CONSONANTS_MIN { self.latin.clone() } else { skeleton }
    }

    fn is_single_letter(&self) -> bool {
        let mut letters = self.text.chars();
        let is_letter = |letter: char| letter.is_alphabetic() && !script::is_han(letter);
        letters.next().is_some_and(is_letter) && letters.next().is_none()
    }

    fn is_form_before(&self) -> bool {
        self.kind() == Kind::Form && (self.script == Script::Arabic || FORMS_BEFORE.contains(&self.text.as_str()))
    }
}

/// The plain tokens of a name: cut at everything that is no letter or digit, where the script changes, and Chinese into
/// its words.
fn pieces(name: &str) -> Vec<String> {
    let plain = script::plain(name);
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut before = None;
    for character in plain.chars() {
        if matches!(character, '\'' | '’' | '‘' | 'ʼ' | '`') {
            // `Nation's` is one word.
            continue;
        }
        let is_in_word = script::is_in_word(character);
        let script = is_in_word.then(|| script::of(character));
        let is_same_word = |before| script == before || piece.is_empty() || is_mark(character);
        if !is_in_word || !is_same_word(before) {
            cut(&mut pieces, std::mem::take(&mut piece));
        }
        if is_in_word {
            piece.push(character);
        }
        before = script;
    }
    cut(&mut pieces, piece);
    pieces
}

fn is_mark(character: char) -> bool {
    !character.is_alphanumeric()
}

fn cut(pieces: &mut Vec<String>, piece: String) {
    if piece.is_empty() {
        return;
    }
    match script::of(piece.chars().next().unwrap_or_default()) {
        Script::Han => cut_han(pieces, &piece),
        Script::Arabic => pieces.push(script::without_article(&piece).to_owned()),
        Script::Latin | Script::Other => pieces.push(piece),
    }
}

/// Cuts Chinese, which has no blanks, into known words, the longest first, and the runs between them.
fn cut_han(pieces: &mut Vec<String>, piece: &str) {
    let characters: Vec<char> = piece.chars().collect();
    let mut run = String::new();
    let mut at = 0;
    while at < characters.len() {
        let longest = (*words::HAN_CHARS_MAX).min(characters.len() - at);
        let known = (2..=longest).rev().find_map(|length| {
            let text: String = characters[at..at + length].iter().collect();
            words::find(&text).map(|word| (text, length, word.kind))
        });
        let Some((text, length, kind)) = known else {
            run.push(characters[at]);
            at += 1;
            continue;
        };
        if !run.is_empty() {
            pieces.push(std::mem::take(&mut run));
        }
        pieces.push(text);
        at += length;
        if kind == Kind::Place && characters.get(at).is_some_and(|next| PLACE_ENDINGS.contains(next)) {
            at += 1;
        }
    }
    if !run.is_empty() {
        pieces.push(run);
    }
}

/// The tokens with one thing less that does not belong to the name, if there is one and something remains.
fn shortened(tokens: &[Token]) -> Option<Vec<Token>> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let without = |at: usize| {
        let mut rest = tokens.to_vec();
        rest.remove(at);
        // Of a name that is nothing but a legal form, all of it stays.
        let says = |token: &Token| !matches!(token.kind(), Kind::Form | Kind::Stop);
        rest.iter().any(says).then_some(rest)
    };
    let are_letters = |pair: &[Token]| pair.iter().all(Token::is_single_letter) && pair[0].script == pair[1].script;
    if let Some(at) = tokens.windows(2).position(are_letters) {
        // `S. A.` and `S.A.` are `sa`, `I.B.M.` is `ibm`.
        let script = tokens[at].script;
        let run = tokens[at..].iter().take_while(|token| token.is_single_letter() && token.script == script);
        let text: String = run.clone().map(|token| token.text.as_str()).collect();
        let mut rest = tokens.to_vec();
        rest.splice(at..at + run.count(), [Token::of(text)]);
        return Some(rest);
    }
    if last.kind() == Kind::Form
        && let Some(rest) = without(tokens.len() - 1)
    {
        return Some(rest);
    }
    if first.is_form_before()
        && let Some(rest) = without(0)
    {
        return Some(rest);
    }
    let stop = tokens.iter().position(|token| token.kind() == Kind::Stop)?;
    without(stop)
}
