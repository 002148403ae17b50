//! Offices of the programme, and which of them is responsible for an enterprise.

use super::enterprise::Profile;
use super::enumeration;
use super::ids::OfficeId;
use super::places::{CountryCode, SubdivisionCode};

/// A programme office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Its resource name.
    pub id: OfficeId,
    /// Name to show.
    pub display_name: String,
    /// Where it is responsible, each once; the headquarters have none.
    pub jurisdictions: Vec<Jurisdiction>,
    /// City it sits in; may be empty.
    pub city: String,
}

/// An area that an office is responsible for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Jurisdiction {
    /// A province or state.
    Subdivision(SubdivisionCode),
    /// A whole country, but for the subdivisions that other offices have.
    Country(CountryCode),
}

enumeration! {
    /// How an office became responsible for an enterprise.
    OfficeAssignment {
        /// By its jurisdiction, or because it is responsible for all the rest.
        Jurisdiction = 1 => "JURISDICTION",
        /// By a transfer.
        Transfer = 2 => "TRANSFER",
    }
}

impl Jurisdiction {
    /// Reads `CN-ZJ` or `PK`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let country = text.get(..2).and_then(|code| CountryCode::parse(code).ok());
        let parsed = match country {
            Some(country) if text.len() == 2 => Some(Self::Country(country)),
            Some(country) => SubdivisionCode::parse(text, country).ok().map(Self::Subdivision),
            None => None,
        };
        parsed.ok_or_else(|| "must be a subdivision by ISO 3166-2, like `CN-ZJ`, or a country, like `PK`".to_owned())
    }

    /// As the contract writes it.
    pub fn code(&self) -> &str {
        match self {
            Self::Subdivision(code) => code.as_str(),
            Self::Country(code) => code.as_str(),
        }
    }
}

/// The office that is responsible for an enterprise by jurisdiction: its subdivision's, else its country's, else the
/// headquarters.
pub fn responsible(offices: &[Office], profile: &Profile) -> OfficeId {
    let subdivision = profile.subdivision.clone().map(Jurisdiction::Subdivision);
    let wanted = subdivision.into_iter().chain([Jurisdiction::Country(profile.region)]);
    for jurisdiction in wanted {
        if let Some(office) = offices.iter().find(|office| office.jurisdictions.contains(&jurisdiction)) {
            return office.id.clone();
        }
    }
    OfficeId::headquarters()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jurisdiction_is_a_subdivision_or_a_country() {
        for good in ["CN-ZJ", "PK"] {
            assert_eq!(Jurisdiction::parse(good).map(|one| one.code().to_owned()), Ok(good.to_owned()));
        }
        for wrong in ["", "C", "cn", "XX", "XX-ZJ", "CN-", "CN-ABCD", "CNZJ", "é"] {
            assert!(Jurisdiction::parse(wrong).is_err(), "{wrong}");
        }
    }
}
