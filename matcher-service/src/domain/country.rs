//! Countries, and the regions an enterprise names: a country or a dated group of them.

use std::fmt;
use std::sync::Arc;

use super::Malformed;

/// ISO 3166-1 alpha-2 code; only [`CountryCode::parse`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CountryCode([u8; 2]);

impl CountryCode {
    /// A code that ISO 3166-1 leaves to its users, for where no country is known.
    pub(crate) const UNKNOWN: Self = Self(*b"ZZ");

    /// Reads two capital letters.
    ///
    /// # Errors
    /// [`Malformed`] if it is anything else.
    pub(crate) fn parse(code: &str) -> Result<Self, Malformed> {
        match code.as_bytes() {
            [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => Ok(Self([*first, *second])),
            _ => Err(Malformed::new(code, "a country code like `PK`")),
        }
    }

    /// The code as text.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("country codes are ASCII letters")
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A country, or a region group whose members depend on the day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Region {
    /// One country.
    Country(CountryCode),
    /// Id of a region group, `oic` of `regionGroups/oic`.
    Group(Arc<str>),
}

impl Region {
    /// Reads `PK` or `regionGroups/oic`.
    ///
    /// # Errors
    /// [`Malformed`] if it is neither.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new(text, "a country code or a name like `regionGroups/oic`");
        match text.strip_prefix("regionGroups/") {
            Some("") => Err(malformed()),
            Some(id) if id.contains('/') => Err(malformed()),
            Some(id) => Ok(Self::Group(id.into())),
            None => CountryCode::parse(text).map(Self::Country).map_err(|_| malformed()),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Country(country) => country.fmt(formatter),
            Self::Group(id) => write!(formatter, "regionGroups/{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_read_and_print_the_same() {
        for text in ["PK", "regionGroups/oic"] {
            assert_eq!(Region::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_neither_country_nor_group_is_refused() {
        for text in ["", "pk", "PAK", "regionGroups/", "regionGroups/a/b", "oic"] {
            assert!(Region::parse(text).is_err(), "{text}");
        }
    }
}
