//! Working languages, compared by their primary subtag: whoever writes `zh-Hant` can talk to whoever writes `zh`.

use std::fmt;

use super::Malformed;

/// Primary language subtag of a BCP-47 tag, two or three letters in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Language([u8; 3]);

/// Names to show: what enterprises of China and of the countries around work in.
const NAMES: [(&str, &str); 40] = [
    ("am", "Amharic"),
    ("ar", "Arabic"),
    ("az", "Azerbaijani"),
    ("bn", "Bengali"),
    ("de", "German"),
    ("dv", "Dhivehi"),
    ("en", "English"),
    ("es", "Spanish"),
    ("fa", "Persian"),
    ("fr", "French"),
    ("ha", "Hausa"),
    ("hi", "Hindi"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("kk", "Kazakh"),
    ("km", "Khmer"),
    ("ko", "Korean"),
    ("ku", "Kurdish"),
    ("ky", "Kyrgyz"),
    ("lo", "Lao"),
    ("mn", "Mongolian"),
    ("ms", "Malay"),
    ("my", "Burmese"),
    ("ne", "Nepali"),
    ("pa", "Punjabi"),
    ("ps", "Pashto"),
    ("pt", "Portuguese"),
    ("ru", "Russian"),
    ("sd", "Sindhi"),
    ("si", "Sinhala"),
    ("so", "Somali"),
    ("sw", "Swahili"),
    ("tg", "Tajik"),
    ("th", "Thai"),
    ("tk", "Turkmen"),
    ("tr", "Turkish"),
    ("ur", "Urdu"),
    ("uz", "Uzbek"),
    ("zh", "Chinese"),
];

impl Language {
    /// Reads the primary subtag of a BCP-47 tag; the rest of the tag (script, region) is dropped.
    ///
    /// # Errors
    /// [`Malformed`] if it does not begin with two or three letters.
    pub(crate) fn parse(tag: &str) -> Result<Self, Malformed> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let letters = primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !letters || !(2..=3).contains(&primary.len()) {
            return Err(Malformed::new(tag, "a language tag like `zh` or `ur-Latn`"));
        }
        let mut code = [b' '; 3];
        for (at, byte) in primary.bytes().enumerate() {
            code[at] = byte.to_ascii_lowercase();
        }
        Ok(Self(code))
    }

    /// Its English name, if it is one of the languages of the programme's countries; otherwise the subtag.
    pub(crate) fn name(&self) -> &str {
        let named = NAMES.iter().find(|(code, _)| *code == self.as_str());
        named.map_or(self.as_str(), |(_, name)| name)
    }

    /// The subtag.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("language codes are ASCII letters").trim_end()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_region_make_no_difference() {
        assert_eq!(Language::parse("zh-Hant").unwrap(), Language::parse("ZH").unwrap());
        assert_eq!(Language::parse("ur-Latn-PK").unwrap().to_string(), "ur");
        assert_ne!(Language::parse("ur").unwrap(), Language::parse("en").unwrap());
    }

    #[test]
    fn a_language_is_shown_by_its_name_where_it_is_known() {
        assert_eq!(Language::parse("ur-Latn").unwrap().name(), "Urdu");
        assert_eq!(Language::parse("fi").unwrap().name(), "fi");
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for tag in ["", "e", "engl", "-en", "12"] {
            assert!(Language::parse(tag).is_err(), "{tag}");
        }
    }
}
