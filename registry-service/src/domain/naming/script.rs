//! Letters of every script: plain forms, Latin forms, and the consonants that stay when a name is written elsewhere.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use service_kit::traditional;

/// The script a token is written in, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// Latin letters and digits.
    Latin,
    /// Chinese characters.
    Han,
    /// Arabic letters, of Urdu and Persian too.
    Arabic,
    /// Any other.
    Other,
}

/// The script of a letter or digit.
pub(super) fn of(character: char) -> Script {
    match character {
        _ if character.is_ascii() => Script::Latin,
        _ if is_han(character) => Script::Han,
        '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}' | '\u{08A0}'..='\u{08FF}' => Script::Arabic,
        _ => Script::Other,
    }
}

/// Whether it is a Chinese character.
pub(super) fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// A text in lower case, without what writers leave out or write in several ways: compatibility forms, accents, vowel
/// signs, the letters of Arabic that look alike in Urdu, traditional characters.
pub(super) fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfkc().collect::<String>().to_lowercase();
    let mut plain = String::with_capacity(lower.len());
    for character in lower.nfkd() {
        match character {
            // The tatweel only stretches a word, and joiners only shape it.
            '\u{0640}' | '\u{200C}' | '\u{200D}' | '\u{200E}' | '\u{200F}' => {}
            // A vowel sign of Devanagari is a letter; the accents of Latin, Greek, Cyrillic and Arabic are not.
            '\u{0300}'..='\u{036F}' | '\u{064B}'..='\u{065F}' | '\u{0670}' => {}
            'ٱ' => plain.push('ا'),
            'ى' | 'ی' | 'ے' => plain.push('ي'),
            'ک' => plain.push('ك'),
            'ہ' | 'ھ' | 'ۃ' | 'ة' | 'ە' => plain.push('ه'),
            'ں' => plain.push('ن'),
            'ı' => plain.push('i'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'þ' => plain.push_str("th"),
            'ə' => plain.push('a'),
            other if is_han(other) => plain.push(traditional::simplified(other)),
            other => plain.push(other),
        }
    }
    plain.nfc().collect()
}

/// A plain token without the article of Arabic.
pub(super) fn without_article(token: &str) -> &str {
    let mut bare = token;
    // Shorter words begin so by themselves.
    while let Some(rest) = bare.strip_prefix("ال").filter(|rest| rest.chars().count() >= 3) {
        bare = rest;
    }
    bare
}

/// Whether it belongs to a word: a letter, a digit, or a sign that changes the letter before it.
pub(super) fn is_in_word(character: char) -> bool {
    character.is_alphanumeric() || (!character.is_ascii() && is_combining_mark(character))
}

/// A plain token in Latin letters.
pub(super) fn latin(token: &str) -> String {
    if token.is_ascii() {
        return token.to_owned();
    }
    let mut latin = String::with_capacity(token.len() * 2);
    for character in token.chars() {
        match of(character) {
            Script::Latin => latin.push(character),
            Script::Arabic => latin.push_str(arabic(character)),
            Script::Han | Script::Other => {
                let spelled = deunicode::deunicode_char(character).unwrap_or_default();
                let letters = spelled.chars().filter(char::is_ascii_alphanumeric);
                latin.extend(letters.map(|letter| letter.to_ascii_lowercase()));
            }
        }
    }
    // A script that nobody spelled in Latin stands for itself.
    if latin.is_empty() { token.to_owned() } else { latin }
}

/// Arabic and Urdu letters as names are spelled in Latin script; vowels are mostly not written.
fn arabic(letter: char) -> &'static str {
    match letter {
        'ا' | 'ع' => "a",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' | 'ٹ' => "t",
        'ج' => "j",
        'چ' => "ch",
        'ح' | 'ه' => "h",
        'خ' => "kh",
        'د' | 'ڈ' => "d",
        'ر' | 'ڑ' => "r",
        'ذ' | 'ز' | 'ض' | 'ظ' => "z",
        'ژ' => "zh",
        'ث' | 'س' | 'ص' => "s",
        'ش' => "sh",
        'غ' => "gh",
        'ف' => "f",
        'ڤ' => "v",
        'ق' => "q",
        'ك' => "k",
        'گ' => "g",
        'ل' => "l",
        'م' => "m",
        'ن' => "n",
        'و' => "w",
        'ي' => "y",
        '٠' | '۰' => "0",
        '١' | '۱' => "1",
        '٢' | '۲' => "2",
        '٣' | '۳' => "3",
        '٤' | '۴' => "4",
        '٥' | '۵' => "5",
        '٦' | '۶' => "6",
        '٧' | '۷' => "7",
        '٨' | '۸' => "8",
        '٩' | '۹' => "9",
        _ => "",
    }
}

/// The consonants of a Latin token by the class of their sound: what stays when a name goes through a script that does
/// not write vowels, like `nSt` of `nishat`, `nshat` and `nishaat`. A vowel counts only at the beginning.
pub(super) fn skeleton(latin: &str) -> String {
    let letters: Vec<char> = latin.chars().collect();
    let mut skeleton = String::with_capacity(letters.len());
    let mut previous = None;
    let mut at = 0;
    while at < letters.len() {
        let next = letters.get(at + 1).copied();
        let (class, width) = class(letters[at], next, at == 0);
        // A doubled consonant is one sound; with a vowel between they are two.
        if class.is_some() && class != previous {
            skeleton.extend(class);
        }
        previous = class;
        at += width;
    }
    skeleton
}

/// The class of the sound that begins with `letter`, and how many letters it takes.
fn class(letter: char, next: Option<char>, is_first: bool) -> (Option<char>, usize) {
    match (letter, next) {
        ('s', Some('h')) => (Some('S'), 2),
        ('c', Some('h')) => (Some('C'), 2),
        ('z', Some('h')) => (Some('j'), 2),
        ('p', Some('h')) => (Some('f'), 2),
        ('k' | 'g' | 't' | 'd' | 'b', Some('h')) => (class(letter, None, is_first).0, 2),
        ('c', Some('e' | 'i' | 'y')) => (Some('s'), 1),
        ('c' | 'k' | 'q', _) => (Some('k'), 1),
        ('z' | 's', _) => (Some('s'), 1),
        // Arabic has no p and no v.
        ('p' | 'b', _) => (Some('b'), 1),
        ('v' | 'f', _) => (Some('f'), 1),
        ('a' | 'e' | 'i' | 'o' | 'u', _) => (is_first.then_some('a'), 1),
        // They stand for vowels as often as for themselves.
        ('w' | 'y' | 'h', _) => (is_first.then_some(letter), 1),
        _ => (Some(letter), 1),
    }
}
