//! Codes of goods by the Harmonized System 2022.

use std::fmt;

use super::{Malformed, Ppm};

/// A chapter, heading or subheading: 2, 4 or 6 digits. The dots that people write are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HsCode {
    digits: [u8; 6],
    length: u8,
}

impl HsCode {
    /// Reads `85`, `8541`, `854143` or `8541.43`.
    ///
    /// # Errors
    /// [`Malformed`] if it is anything else.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new(text, "an HS code of 2, 4 or 6 digits");
        let mut digits = [0; 6];
        let mut length = 0;
        for byte in text.bytes().filter(|byte| *byte != b'.') {
            if !byte.is_ascii_digit() || length == digits.len() {
                return Err(malformed());
            }
            digits[length] = byte;
            length += 1;
        }
        match length {
            2 | 4 | 6 => Ok(Self { digits, length: length as u8 }),
            _ => Err(malformed()),
        }
    }

    /// The digits.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[..usize::from(self.length)]).expect("HS codes are ASCII digits")
    }

    /// The chapter it lies in, below 100.
    pub(crate) fn chapter(self) -> u32 {
        u32::from(self.digits[0] - b'0') * 10 + u32::from(self.digits[1] - b'0')
    }

    /// How near two codes are on the tree: same subheading 1, same heading .8, same chapter .4, else 0.
    pub(crate) fn similarity(self, other: Self) -> Ppm {
        let common = usize::from(self.length.min(other.length));
        let same = |digits: usize| common >= digits && self.digits[..digits] == other.digits[..digits];
        match () {
            () if same(6) => Ppm::ONE,
            () if same(4) => Ppm::new(800_000),
            () if same(2) => Ppm::new(400_000),
            () => Ppm::ZERO,
        }
    }
}

impl fmt::Display for HsCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> HsCode {
        HsCode::parse(text).unwrap()
    }

    #[test]
    fn dots_make_no_difference() {
        assert_eq!(code("8541.43"), code("854143"));
        assert_eq!(code("8541.43").to_string(), "854143");
    }

    #[test]
    fn codes_of_other_lengths_are_refused() {
        for text in ["", "8", "854", "85414", "8541430", "85a1", "\u{0668}5"] {
            assert!(HsCode::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn similarity_falls_with_the_level_in_common() {
        assert_eq!(code("854143").similarity(code("854143")).get(), 1_000_000);
        assert_eq!(code("854143").similarity(code("854142")).get(), 800_000);
        assert_eq!(code("854143").similarity(code("8541")).get(), 800_000);
        assert_eq!(code("854143").similarity(code("8507")).get(), 400_000);
        assert_eq!(code("854143").similarity(code("84")).get(), 0);
    }
}
