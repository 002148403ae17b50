//! Places: countries, their subdivisions, and the regions enterprises aim at.

use std::fmt;

use super::ids::RegionGroupId;

/// ISO 3166-1 alpha-2, the 249 codes in use.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
     BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
     ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
     HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
     LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
     NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
     SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
     UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A country or territory, ISO 3166-1 alpha-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads two capital letters that are in use.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            [a, b] if COUNTRIES.split_ascii_whitespace().any(|code| code == text) => Ok(Self([*a, *b])),
            _ => Err("must be ISO 3166-1 alpha-2, like `PK`".to_owned()),
        }
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a country code is two ASCII letters")
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A province or state, ISO 3166-2. The form is checked and that it lies in the country; the list changes too often.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubdivisionCode(String);

impl SubdivisionCode {
    /// Reads `CC-XXX`, where `CC` is the country.
    pub fn parse(text: &str, country: CountryCode) -> Result<Self, String> {
        let part = text.strip_prefix(country.as_str()).and_then(|rest| rest.strip_prefix('-'));
        let good = part.is_some_and(|part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        });
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("must be ISO 3166-2 of {country}, like `{country}-SD`"))
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where an enterprise wants to do business.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// One country.
    Country(CountryCode),
    /// Every country that belongs to the group on the day.
    Group(RegionGroupId),
}

impl Region {
    /// Reads `PK` or `regionGroups/oic`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let group = || RegionGroupId::parse(text).map(Self::Group);
        let read = CountryCode::parse(text).map(Self::Country).or_else(|_| group());
        read.map_err(|_| "must be a country like `PK` or a region group like `regionGroups/oic`".to_owned())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Country(country) => country.fmt(f),
            Self::Group(group) => group.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_countries_is_whole() {
        assert_eq!(COUNTRIES.split_ascii_whitespace().count(), 249);
    }

    #[test]
    fn only_codes_in_use_are_countries() {
        assert!(CountryCode::parse("PK").is_ok());
        for wrong in ["", "pk", "XX", "PAK", "P", "P K"] {
            assert!(CountryCode::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_subdivision_lies_in_its_country() {
        let china = CountryCode::parse("CN").expect("a country");
        assert!(SubdivisionCode::parse("CN-ZJ", china).is_ok());
        for wrong in ["PK-SD", "CN", "CN-", "CN-zj", "CN-ABCD"] {
            assert!(SubdivisionCode::parse(wrong, china).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_region_is_a_country_or_a_group() {
        for good in ["PK", "regionGroups/oic"] {
            assert_eq!(Region::parse(good).map(|region| region.to_string()), Ok(good.to_owned()));
        }
        assert!(Region::parse("oic").is_err());
    }
}
