//! Codes of the International Standard Industrial Classification: a tree of sections, divisions, groups and classes.

use std::fmt;

use super::{Division, Malformed, Ppm};

/// Revision of the classification. Codes of different revisions are never compared: from section K on, the letters mean
/// other things, and several divisions moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum IsicRevision {
    /// Rev. 4 of 2008, the one that the tables of the matcher use.
    Rev4,
    /// Rev. 5 of 2023: stored, and compared with itself only.
    Rev5,
}

/// A section letter, or a division, group or class of 2, 3 or 4 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct IsicCode {
    revision: IsicRevision,
    text: [u8; 4],
    length: u8,
}

impl IsicCode {
    /// Reads `C`, `27`, `271` or `2710`.
    ///
    /// # Errors
    /// [`Malformed`] if it is of another shape, or of Rev. 4 and its section or division does not exist.
    pub(crate) fn parse(code: &str, revision: IsicRevision) -> Result<Self, Malformed> {
        let malformed = || Malformed::new(code, "an ISIC section, division, group or class");
        let bytes = code.as_bytes();
        let is_shaped = match bytes {
            [letter] => letter.is_ascii_uppercase() && *letter <= b'V',
            _ => (2..=4).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit),
        };
        if !is_shaped {
            return Err(malformed());
        }
        let mut text = [0; 4];
        text[..bytes.len()].copy_from_slice(bytes);
        let parsed = Self { revision, text, length: bytes.len() as u8 };
        let exists = match revision {
            IsicRevision::Rev4 => parsed.section().is_some(),
            IsicRevision::Rev5 => true,
        };
        if exists { Ok(parsed) } else { Err(malformed()) }
    }

    /// The revision it is of.
    pub(crate) fn revision(self) -> IsicRevision {
        self.revision
    }

    /// The letter or the digits.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.bytes()).expect("ISIC codes are ASCII")
    }

    /// The division it is or lies in; none for a section, and none for Rev. 5, whose divisions are others.
    pub(crate) fn division(self) -> Option<Division> {
        if self.is_section() || self.revision != IsicRevision::Rev4 {
            return None;
        }
        Division::from_digits([self.text[0], self.text[1]])
    }

    /// Letter of the section it is or lies in, where that is known.
    pub(crate) fn section(self) -> Option<u8> {
        if !self.is_section() {
            return self.division().map(Division::section);
        }
        let is_known =
            self.revision == IsicRevision::Rev5 || Division::all().any(|division| division.section() == self.text[0]);
        is_known.then_some(self.text[0])
    }

    /// Whether `other` is this code or lies below it on the tree of the same revision.
    pub(crate) fn contains(self, other: Self) -> bool {
        if self.revision != other.revision {
            return false;
        }
        if self.is_section() {
            return other.section() == Some(self.text[0]);
        }
        !other.is_section() && other.bytes().starts_with(self.bytes())
    }

    /// How near two codes are on the tree: same class 1, group .75, division .5, section .2, else 0. Codes of different
    /// depth are as near as the shallower one can tell.
    pub(crate) fn similarity(self, other: Self) -> Ppm {
        if self.revision != other.revision {
            return Ppm::ZERO;
        }
        let common = usize::from(self.length.min(other.length));
        let same = |digits: usize| common >= digits && self.text[..digits] == other.text[..digits];
        let same_section = self.section().is_some() && self.section() == other.section();
        match () {
            () if same(4) => Ppm::ONE,
            () if same(3) => Ppm::new(750_000),
            () if same(2) => Ppm::new(500_000),
            () if same_section => Ppm::new(200_000),
            () => Ppm::ZERO,
        }
    }

    fn is_section(self) -> bool {
        self.length == 1
    }

    /// The letter or the digits as bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.text[..usize::from(self.length)]
    }
}

impl fmt::Display for IsicCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rev4(code: &str) -> IsicCode {
        IsicCode::parse(code, IsicRevision::Rev4).unwrap()
    }

    fn rev5(code: &str) -> IsicCode {
        IsicCode::parse(code, IsicRevision::Rev5).unwrap()
    }

    #[test]
    fn codes_that_do_not_exist_are_refused() {
        for code in ["", "c", "V", "Z", "4", "04", "00", "27100", "2A", "\u{0662}7"] {
            assert!(IsicCode::parse(code, IsicRevision::Rev4).is_err(), "{code}");
        }
    }

    #[test]
    fn a_code_contains_what_lies_below_it() {
        assert!(rev4("27").contains(rev4("2710")));
        assert!(rev4("27").contains(rev4("27")));
        assert!(rev4("C").contains(rev4("2710")));
        assert!(!rev4("2710").contains(rev4("27")));
        assert!(!rev4("28").contains(rev4("2710")));
        assert!(!rev4("K").contains(rev5("6201")), "letters from K on differ between the revisions");
    }

    #[test]
    fn similarity_falls_with_the_level_in_common() {
        assert_eq!(rev4("2710").similarity(rev4("2710")).get(), 1_000_000);
        assert_eq!(rev4("2731").similarity(rev4("2732")).get(), 750_000);
        assert_eq!(rev4("2710").similarity(rev4("2720")).get(), 500_000);
        assert_eq!(rev4("2710").similarity(rev4("27")).get(), 500_000);
        assert_eq!(rev4("2710").similarity(rev4("1311")).get(), 200_000);
        assert_eq!(rev4("2710").similarity(rev4("C")).get(), 200_000);
        assert_eq!(rev4("2710").similarity(rev4("6201")).get(), 0);
    }

    #[test]
    fn revisions_are_compared_with_themselves_only() {
        assert_eq!(rev5("2710").similarity(rev4("2710")).get(), 0);
        assert_eq!(rev5("2710").similarity(rev5("2710")).get(), 1_000_000);
        assert_eq!(rev5("2710").division(), None);
    }
}
