//! Reference data of the programme: industries, dated region groups and zones, with what a new registry starts from.

use super::codes::{HsCode, IsicCode, IsicRevision};
use super::ids::{IndustryId, OfficeId, RegionGroupId, ZoneId};
use super::office::{Jurisdiction, Office};
use super::places::{CountryCode, SubdivisionCode};
use super::time::Day;

/// An industry of the programme's vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Industry {
    /// Its resource name.
    pub id: IndustryId,
    /// Name to show.
    pub display_name: String,
    /// ISIC Rev. 4 codes that belong to it.
    pub isic_codes: Vec<IsicCode>,
    /// HS codes that belong to it.
    pub hs_codes: Vec<HsCode>,
}

/// A dated group of countries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionGroup {
    /// Its resource name.
    pub id: RegionGroupId,
    /// Name to show.
    pub display_name: String,
    /// Who belongs to it, and when.
    pub memberships: Vec<Membership>,
}

impl RegionGroup {
    /// Whether a country belongs to it on a day.
    pub fn has_member(&self, country: CountryCode, day: Day) -> bool {
        self.memberships.iter().any(|membership| membership.country == country && membership.covers(day))
    }
}

/// One country's membership over one span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The country.
    pub country: CountryCode,
    /// First day of the span; `None`: always before.
    pub start: Option<Day>,
    /// First day after the span; `None`: still a member.
    pub end: Option<Day>,
}

impl Membership {
    fn covers(&self, day: Day) -> bool {
        self.start.is_none_or(|start| start <= day) && self.end.is_none_or(|end| day < end)
    }

    /// Whether it has a day at all.
    pub fn is_span(&self) -> bool {
        self.start.zip(self.end).is_none_or(|(start, end)| start < end)
    }

    /// Whether both say of one country that it belongs on some day.
    pub fn overlaps(&self, other: &Self) -> bool {
        let begins_before_end =
            |one: &Self, another: &Self| one.start.zip(another.end).is_none_or(|(start, end)| start < end);
        self.country == other.country && begins_before_end(self, other) && begins_before_end(other, self)
    }
}

/// An industrial zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its resource name.
    pub id: ZoneId,
    /// Name to show.
    pub display_name: String,
    /// Its country.
    pub region: CountryCode,
    /// Its province or state.
    pub subdivision: Option<SubdivisionCode>,
    /// Its city; may be empty.
    pub city: String,
    /// Industries it is for, each once.
    pub focus_industries: Vec<IndustryId>,
}

/// The 57 members of the Organisation of Islamic Cooperation.
const OIC: &str = "AE AF AL AZ BD BF BH BJ BN CI CM DJ DZ EG GA GM GN GW GY ID IQ IR JO KG KM KW KZ LB LY MA ML MR MV MY MZ NE NG OM PK PS QA SA SD SL SN SO SR SY TD TG TJ TM TN TR UG UZ YE";
/// Syria was suspended from the OIC on this day ...
const SYRIA_SUSPENDED: &str = "2012-08-15";
/// ... and readmitted on this one (the day of the announcement; only the month is certain).
const SYRIA_READMITTED: &str = "2025-03-07";

/// Programme industries: id, name, ISIC Rev. 4 classes, HS 2022 codes. The assignment is a judgement; HS classifies
/// goods only, so pure services have no HS code.
const INDUSTRIES: [(&str, &str, &str, &str); 11] = [
    ("ai", "Artificial intelligence", "6201 6209 7210", ""),
    ("big-data", "Big data", "6311 6202", ""),
    ("biotech", "Biotechnology", "7210 2100 2011", "3002 3004 9027"),
    ("blockchain", "Blockchain", "6201 6209 6311 6619", ""),
    ("cloud", "Cloud computing", "6311 6202", ""),
    ("healthcare", "Healthcare", "2100 2660 3250 8610 8620 8690", "9018 3002 3004"),
    ("new-energy", "New energy", "3510 2720 2610 2710 2811 2790", "854142 854143 850760 850231 283691 870380"),
    ("optoelectronics", "Optoelectronics", "2610 2670 2731 2740", "854141 854149 901320 900110"),
    ("robotics", "Robotics", "2829 2816 2822", "842870 847950"),
    ("semiconductor", "Semiconductors", "2610 2829", "8541 8542 8486"),
    (
        "silk-textile",
        "Silk and textile",
        "1311 1312 1313 1391 1399 1410 2826",
        "5001 5002 5003 5004 5005 5006 5007 52 54 55 60 61 62 63 8446 8445 8451",
    ),
];

/// The industries a new registry starts with.
pub fn initial_industries() -> Vec<Industry> {
    let seeded = "the seeds are checked by a test";
    let build = |(id, name, isic, hs): &(&str, &str, &str, &str)| Industry {
        id: IndustryId::new(id).expect(seeded),
        display_name: (*name).to_owned(),
        isic_codes: isic.split(' ').map(|code| IsicCode::parse(code, IsicRevision::Rev4).expect(seeded)).collect(),
        hs_codes: hs.split_ascii_whitespace().map(|code| HsCode::parse(code).expect(seeded)).collect(),
    };
    INDUSTRIES.iter().map(build).collect()
}

/// The region groups a new registry starts with.
pub fn initial_region_groups() -> Vec<RegionGroup> {
    let seeded = "the seeds are checked by a test";
    let day = |text| Some(Day::parse(text).expect(seeded));
    let mut memberships = Vec::new();
    for code in OIC.split(' ') {
        let country = CountryCode::parse(code).expect(seeded);
        if code == "SY" {
            memberships.push(Membership { country, start: None, end: day(SYRIA_SUSPENDED) });
            memberships.push(Membership { country, start: day(SYRIA_READMITTED), end: None });
        } else {
            memberships.push(Membership { country, start: None, end: None });
        }
    }
    vec![RegionGroup {
        id: RegionGroupId::new("oic").expect(seeded),
        display_name: "Organisation of Islamic Cooperation".to_owned(),
        memberships,
    }]
}

/// The zones a new registry starts with.
pub fn initial_zones() -> Vec<Zone> {
    let seeded = "the seeds are checked by a test";
    let region = CountryCode::parse("CN").expect(seeded);
    let focus = ["new-energy", "semiconductor", "optoelectronics", "healthcare", "silk-textile"];
    vec![Zone {
        id: ZoneId::new("south-taihu-lake").expect(seeded),
        display_name: "South Taihu Lake New Area".to_owned(),
        region,
        subdivision: Some(SubdivisionCode::parse("CN-ZJ", region).expect(seeded)),
        city: "Huzhou".to_owned(),
        focus_industries: focus.iter().map(|id| IndustryId::new(id).expect(seeded)).collect(),
    }]
}

/// The offices a new registry starts with: the headquarters, and the one for Zhejiang, Jiangsu, Shanghai and Anhui.
pub fn initial_offices() -> Vec<Office> {
    let seeded = "the seeds are checked by a test";
    let delta = ["CN-ZJ", "CN-JS", "CN-SH", "CN-AH"];
    vec![
        Office {
            id: OfficeId::headquarters(),
            display_name: "Programme headquarters".to_owned(),
            jurisdictions: Vec::new(),
            city: String::new(),
        },
        Office {
            id: OfficeId::new("yangtze-river-delta").expect(seeded),
            display_name: "Yangtze River Delta Office".to_owned(),
            jurisdictions: delta.iter().map(|code| Jurisdiction::parse(code).expect(seeded)).collect(),
            city: "Huzhou".to_owned(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syria_was_out_of_the_oic_for_a_time() {
        let oic = initial_region_groups().remove(0);
        let member = |code, day| oic.has_member(CountryCode::parse(code).unwrap(), Day::parse(day).unwrap());
        assert!(member("SY", "2012-08-14"));
        assert!(!member("SY", "2012-08-15"));
        assert!(!member("SY", "2015-01-01"));
        assert!(member("SY", "2025-03-07"));
        assert!(member("SY", "2026-01-01"));
        assert!(member("PK", "1970-01-01"));
        assert!(!member("CN", "2026-01-01"));
    }

    #[test]
    fn spans_of_one_country_overlap_if_they_share_a_day() {
        let day = |text: &str| if text.is_empty() { None } else { Some(Day::parse(text).unwrap()) };
        let span = |code, start, end| Membership {
            country: CountryCode::parse(code).unwrap(),
            start: day(start),
            end: day(end),
        };
        let first = span("SY", "", "2012-08-15");
        for apart in [span("SY", "2012-08-15", ""), span("SY", "2025-03-07", "2025-03-08"), span("PK", "", "")] {
            assert!(!first.overlaps(&apart) && !apart.overlaps(&first), "{apart:?}");
        }
        for common in [span("SY", "", ""), span("SY", "2012-08-14", ""), span("SY", "1999-01-01", "2000-01-01")] {
            assert!(first.overlaps(&common) && common.overlaps(&first), "{common:?}");
        }
        assert!(first.is_span() && span("SY", "2012-08-14", "2012-08-15").is_span());
        assert!(!span("SY", "2012-08-15", "2012-08-15").is_span());
    }

    #[test]
    fn the_seeds_are_the_lists_of_the_programme() {
        assert_eq!(initial_industries().len(), 11);
        assert_eq!(initial_region_groups()[0].memberships.len(), 58);
        assert_eq!(initial_zones()[0].focus_industries.len(), 5);
        assert_eq!(initial_offices()[1].jurisdictions.len(), 4);
    }
}
