//! What names and texts may look like at every door: the grammar of resource ids, and text without hidden characters.

/// Longest resource id, so that a name of four segments stays far below the 253 characters that logs and labels allow.
pub const RESOURCE_ID_CHARS_MAX: usize = 63;

/// Says whether `id` is the last segment of a resource name as AIP-122 wants it: 1 to 63 of `a-z`, `0-9` and `-`, and
/// no `-` at either end.
pub fn is_resource_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let bounded = !id.is_empty() && id.len() <= RESOURCE_ID_CHARS_MAX;
    bounded && id.bytes().all(allowed) && !id.starts_with('-') && !id.ends_with('-')
}

/// What is wrong with a one-line text of at most `chars_max` characters (Unicode scalar values), or `None`.
///
/// Refused are control characters, line and paragraph separators, and the bidirectional controls that make a text look
/// different from what it is.
pub fn text_problem(value: &str, chars_max: usize) -> Option<String> {
    problem(value, chars_max, |_| false)
}

/// Like [`text_problem`] for texts that may have several lines: line feed, carriage return and tab are allowed.
pub fn multiline_text_problem(value: &str, chars_max: usize) -> Option<String> {
    problem(value, chars_max, |character| matches!(character, '\n' | '\r' | '\t'))
}

fn problem(value: &str, chars_max: usize, allowed: impl Fn(char) -> bool) -> Option<String> {
    // Bytes bound characters from above, so a short text is not counted.
    let length = if value.len() <= chars_max { 0 } else { value.chars().count() };
    if length > chars_max {
        return Some(format!("must have at most {chars_max} characters, has {length}"));
    }
    value.chars().find(|&character| !allowed(character) && is_hidden(character)).map(refusal_of)
}

fn refusal_of(character: char) -> String {
    let code = u32::from(character);
    match character {
        '\0' => "must not contain NUL (U+0000)".to_owned(),
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => format!("must be one line; contains a line break (U+{code:04X})"),
        _ if is_bidirectional_control(character) => {
            format!(
                "must not contain the bidirectional control U+{code:04X}, which makes text look different from what it is"
            )
        }
        _ => format!("must not contain the control character U+{code:04X}"),
    }
}

/// Says whether `character` has no place in a one-line text: C0 and C1 controls, separators, bidirectional controls.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') || is_bidirectional_control(character)
}

fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_ids_are_lower_case_letters_digits_and_inner_hyphens() {
        for good in ["a", "0", "south-taihu-lake", &"x".repeat(63)] {
            assert!(is_resource_id(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a/b", "a b", "é", "a\0", &"x".repeat(64)] {
            assert!(!is_resource_id(bad), "{bad}");
        }
    }

    #[test]
    fn ordinary_text_of_every_script_is_accepted() {
        for good in ["", "Zhejiang Silk 浙江丝绸", "پاکستان ٹیکسٹائل", "O'Brien & Sons – 100 %", "a\u{200D}b"]
        {
            assert_eq!(text_problem(good, 100), None, "{good}");
        }
    }

    #[test]
    fn hidden_characters_are_refused_and_named() {
        for (bad, name) in [
            ("a\0b", "NUL"),
            ("a\nb", "line break"),
            ("a\u{2028}b", "line break"),
            ("a\tb", "U+0009"),
            ("a\u{7F}b", "U+007F"),
            ("a\u{85}b", "U+0085"),
            ("a\u{202E}b", "bidirectional control U+202E"),
            ("a\u{2066}b", "bidirectional control U+2066"),
        ] {
            let problem = text_problem(bad, 100).unwrap();
            assert!(problem.contains(name), "{problem}");
        }
    }

    #[test]
    fn several_lines_are_allowed_only_where_said() {
        assert_eq!(multiline_text_problem("a\r\n\tb", 100), None);
        assert!(multiline_text_problem("a\0b", 100).is_some());
        assert!(multiline_text_problem("a\u{202E}b", 100).is_some());
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert_eq!(text_problem("丝绸之路", 4), None);
        assert_eq!(text_problem("丝绸之路", 3).unwrap(), "must have at most 3 characters, has 4");
    }
}
