//! Groups of countries whose membership depends on the day: Syria was outside the OIC from 2012 to 2025.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CountryCode, Date, Region};

/// One country's membership over one span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Membership {
    /// Which country.
    pub(crate) country: CountryCode,
    /// First day of the span; absent: always before.
    pub(crate) start: Option<Date>,
    /// First day after the span; absent: still a member.
    pub(crate) end: Option<Date>,
}

impl Membership {
    fn holds(&self, as_of: Date) -> bool {
        self.start.is_none_or(|start| start <= as_of) && self.end.is_none_or(|end| as_of < end)
    }
}

/// A group of countries with all its memberships, past and present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegionGroup {
    /// Id, `oic` of `regionGroups/oic`.
    pub(crate) id: Arc<str>,
    /// The name to show.
    pub(crate) display_name: String,
    /// Who belongs to it, and when.
    pub(crate) memberships: Vec<Membership>,
}

/// A region that names a group which does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{region}` does not exist")]
pub(crate) struct UnknownGroup {
    /// Its place in the list of regions.
    pub(crate) at: usize,
    /// The region.
    pub(crate) region: Region,
}

/// All region groups of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RegionGroups(BTreeMap<Arc<str>, RegionGroup>);

impl RegionGroups {
    /// Adds a group, or replaces the one with its id.
    pub(crate) fn put(&mut self, group: RegionGroup) {
        self.0.insert(group.id.clone(), group);
    }

    /// Removes a group; one that is not there is no error.
    pub(crate) fn delete(&mut self, id: &str) {
        self.0.remove(id);
    }

    /// All groups, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &RegionGroup> {
        self.0.values()
    }

    /// Members of a group on that day, sorted; none if there is no such group.
    pub(crate) fn expand(&self, group: &str, as_of: Date) -> Option<Vec<CountryCode>> {
        let memberships = self.0.get(group)?.memberships.iter();
        let mut countries: Vec<_> = memberships.filter(|one| one.holds(as_of)).map(|one| one.country).collect();
        countries.sort_unstable();
        countries.dedup();
        Some(countries)
    }

    /// Countries of several regions on that day, sorted.
    ///
    /// # Errors
    /// The groups that do not exist.
    pub(crate) fn countries(&self, regions: &[Region], as_of: Date) -> Result<Vec<CountryCode>, Vec<UnknownGroup>> {
        let (mut countries, mut unknown) = (Vec::new(), Vec::new());
        for (at, region) in regions.iter().enumerate() {
            match region {
                Region::Country(country) => countries.push(*country),
                Region::Group(id) => match self.expand(id, as_of) {
                    Some(members) => countries.extend(members),
                    None => unknown.push(UnknownGroup { at, region: region.clone() }),
                },
            }
        }
        if !unknown.is_empty() {
            return Err(unknown);
        }
        countries.sort_unstable();
        countries.dedup();
        Ok(countries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn span(country: &str, start: Option<&str>, end: Option<&str>) -> Membership {
        Membership { country: CountryCode::parse(country).unwrap(), start: start.map(day), end: end.map(day) }
    }

    fn oic() -> RegionGroups {
        let memberships =
            vec![span("PK", None, None), span("SY", None, Some("2012-08-15")), span("SY", Some("2025-03-07"), None)];
        let mut groups = RegionGroups::default();
        groups.put(RegionGroup { id: "oic".into(), display_name: "OIC".to_owned(), memberships });
        groups
    }

    fn has_syria(as_of: &str) -> bool {
        oic().expand("oic", day(as_of)).unwrap().contains(&CountryCode::parse("SY").unwrap())
    }

    #[test]
    fn membership_is_looked_at_as_of_the_day() {
        assert!(has_syria("2000-01-01"));
        assert!(!has_syria("2015-01-01"));
        assert!(has_syria("2026-01-01"));
    }

    #[test]
    fn the_first_day_counts_and_the_end_day_does_not() {
        assert!(has_syria("2012-08-14"));
        assert!(!has_syria("2012-08-15"));
        assert!(!has_syria("2025-03-06"));
        assert!(has_syria("2025-03-07"));
    }

    #[test]
    fn countries_and_groups_mix() {
        let regions = ["TR", "regionGroups/oic", "PK"].map(|text| Region::parse(text).unwrap());
        let countries = oic().countries(&regions, day("2015-01-01")).unwrap();
        assert_eq!(countries, ["PK", "TR"].map(|code| CountryCode::parse(code).unwrap()));
    }

    #[test]
    fn a_group_that_does_not_exist_is_told_and_not_taken_as_empty() {
        let regions = ["TR", "regionGroups/oicc"].map(|text| Region::parse(text).unwrap());
        let unknown = oic().countries(&regions, day("2015-01-01")).unwrap_err();
        assert_eq!((unknown.len(), unknown[0].at), (1, 1));
        assert_eq!(unknown[0].to_string(), "`regionGroups/oicc` does not exist");
        assert_eq!(oic().expand("oicc", day("2015-01-01")), None);
    }
}
