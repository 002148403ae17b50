//! Standard classifications: ISIC for activities, HS for goods.

use super::enumeration;

/// Every class of ISIC Rev. 4 (United Nations, 2008); groups and divisions are their beginnings.
const ISIC4_CLASSES: &str = include_str!("isic4.txt");

/// Sections of ISIC Rev. 4 with their first and last division.
const ISIC4_SECTIONS: [(char, u8, u8); 21] = [
    ('A', 1, 3),
    ('B', 5, 9),
    ('C', 10, 33),
    ('D', 35, 35),
    ('E', 36, 39),
    ('F', 41, 43),
    ('G', 45, 47),
    ('H', 49, 53),
    ('I', 55, 56),
    ('J', 58, 63),
    ('K', 64, 66),
    ('L', 68, 68),
    ('M', 69, 75),
    ('N', 77, 82),
    ('O', 84, 84),
    ('P', 85, 85),
    ('Q', 86, 88),
    ('R', 90, 93),
    ('S', 94, 96),
    ('T', 97, 98),
    ('U', 99, 99),
];

enumeration! {
    /// Revision of ISIC; section letters mean different things in each.
    IsicRevision {
        /// Rev. 4 (2008).
        Rev4 = 4 => "REV4",
        /// Rev. 5 (2023).
        Rev5 = 5 => "REV5",
    }
}

/// A code of ISIC at any level: section letter, or 2 to 4 digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsicCode(String);

impl IsicCode {
    /// Reads a code. Rev. 4 codes must exist; of Rev. 5 only the form is checked.
    pub fn parse(text: &str, revision: IsicRevision) -> Result<Self, String> {
        let letter = text.len() == 1 && text.as_bytes()[0].is_ascii_uppercase();
        let digits = (2..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if !letter && !digits {
            return Err("must be an ISIC section letter or 2 to 4 digits, like `C`, `27` or `2710`".to_owned());
        }
        let exists = match revision {
            IsicRevision::Rev4 if letter => ISIC4_SECTIONS.iter().any(|(section, ..)| text.starts_with(*section)),
            IsicRevision::Rev4 => ISIC4_CLASSES.split_ascii_whitespace().any(|class| class.starts_with(text)),
            IsicRevision::Rev5 => true,
        };
        if exists { Ok(Self(text.to_owned())) } else { Err(format!("`{text}` is not a code of ISIC Rev. 4")) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code and everything above it in the tree of Rev. 4, narrowest first: `2710`, `271`, `27`, `C`.
    pub fn lineage(&self) -> Vec<String> {
        let mut lineage: Vec<String> = (2..=self.0.len()).rev().map(|length| self.0[..length].to_owned()).collect();
        let division = self.0.get(..2).and_then(|division| division.parse::<u8>().ok());
        let section = match division {
            Some(division) => {
                ISIC4_SECTIONS.iter().find(|(_, first, last)| (*first..=*last).contains(&division)).map(|s| s.0)
            }
            None => self.0.chars().next(),
        };
        lineage.extend(section.map(String::from));
        lineage
    }
}

/// A code of the Harmonized System 2022: chapter, heading or subheading.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HsCode(String);

impl HsCode {
    /// Reads 2, 4 or 6 digits whose chapter exists (01 to 97 but 77, which is reserved).
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits = matches!(text.len(), 2 | 4 | 6) && text.bytes().all(|byte| byte.is_ascii_digit());
        let chapter = text.get(..2).and_then(|chapter| chapter.parse::<u8>().ok()).unwrap_or_default();
        let exists = digits && (1..=97).contains(&chapter) && chapter != 77;
        if exists {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be an HS code of 2, 4 or 6 digits without dots, like `854143`".to_owned())
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_lies_in_a_section() {
        let classes: Vec<&str> = ISIC4_CLASSES.split_ascii_whitespace().collect();
        assert_eq!(classes.len(), 419);
        for class in classes {
            let code = IsicCode::parse(class, IsicRevision::Rev4).expect("a class");
            assert_eq!(code.lineage().len(), 4, "{class}");
        }
    }

    #[test]
    fn the_lineage_runs_from_the_code_to_its_section() {
        let code = IsicCode::parse("2710", IsicRevision::Rev4).expect("a class");
        assert_eq!(code.lineage(), ["2710", "271", "27", "C"]);
        assert_eq!(IsicCode::parse("C", IsicRevision::Rev4).expect("a section").lineage(), ["C"]);
    }

    #[test]
    fn codes_that_do_not_exist_are_refused() {
        for wrong in ["", "9999", "04", "271x", "V", "c", "27101", "２７"] {
            assert!(IsicCode::parse(wrong, IsicRevision::Rev4).is_err(), "{wrong}");
        }
        for wrong in ["", "1", "77", "00", "99", "854", "85414a", "8541.43"] {
            assert!(HsCode::parse(wrong).is_err(), "{wrong}");
        }
        assert!(IsicCode::parse("V", IsicRevision::Rev5).is_ok());
    }
}
