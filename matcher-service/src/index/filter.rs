//! Filters over enterprises: the registry's fields, asked of the matcher's copy.

use service_kit::filter::{Expr, Field, Kind, Op, Term};

use crate::domain::{Activity, CountryCode, Industry, IsicCode, IsicRevision, Profile, State};

/// Fields that a filter over enterprises may name. The registry offers the same ones: its copy of this part of the
/// contract is `ENTERPRISES` in `registry-service/src/store/fields.rs`, and changes with this one.
pub(crate) const FILTER_FIELDS: &[Field] = &[
    Field { name: "region_code", kind: Kind::Text },
    Field {
        name: "state",
        kind: Kind::Enum {
            prefix: "ENTERPRISE_STATE_",
            values: &["DRAFT", "IN_REVIEW", "ACTIVE", "SUSPENDED", "MERGED"],
        },
    },
    Field { name: "industries", kind: Kind::RepeatedText },
    Field { name: "isic", kind: Kind::RepeatedText },
];

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// Country of the headquarters.
    pub(crate) country: CountryCode,
    /// Where the record stands.
    pub(crate) state: State,
    /// Programme industries.
    pub(crate) industries: &'a [Industry],
    /// Activities of its own, not those that are implied.
    pub(crate) activities: &'a [Activity],
}

/// Whether a filter holds for an enterprise. `isic:27` holds for every activity of division 27 or below it, `isic:C` for
/// every activity of the section; `industries` takes ids and resource names.
pub(crate) fn holds(filter: &Expr, facts: Facts<'_>) -> bool {
    match filter {
        Expr::All(parts) => parts.iter().all(|part| holds(part, facts)),
        Expr::Any(parts) => parts.iter().any(|part| holds(part, facts)),
        Expr::Not(part) => !holds(part, facts),
        Expr::Term(term) => term_holds(term, facts),
    }
}

fn term_holds(term: &Term, facts: Facts<'_>) -> bool {
    let is_equal = match term.field {
        "region_code" => facts.country.as_str() == term.value,
        "state" => facts.state.as_str() == term.value,
        "industries" => {
            let id = term.value.strip_prefix("industries/").unwrap_or(&term.value);
            facts.industries.iter().any(|industry| industry.as_str() == id)
        }
        "isic" => has_activity(facts.activities, &term.value),
        field => unreachable!("filters are parsed against FILTER_FIELDS, which lacks `{field}`"),
    };
    match term.op {
        Op::Equal | Op::Has => is_equal,
        Op::NotEqual => !is_equal,
        op => unreachable!("no kind of these fields is compared with `{op}`"),
    }
}

/// The filter does not say which revision it means, so it is read in the revision of each activity.
fn has_activity(activities: &[Activity], text: &str) -> bool {
    let in_revision = |revision| {
        let code = IsicCode::parse(text, revision);
        code.is_ok_and(|code| activities.iter().any(|activity| code.contains(activity.code())))
    };
    in_revision(IsicRevision::Rev4) || in_revision(IsicRevision::Rev5)
}

impl<'a> From<&'a Profile> for Facts<'a> {
    fn from(profile: &'a Profile) -> Self {
        let Profile { country, state, industries, activities, .. } = profile;
        Self { country: *country, state: *state, industries, activities }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::EnterpriseId;

    use super::*;

    fn profile() -> Profile {
        let mut profile = Profile::new(EnterpriseId::parse("a").unwrap(), CountryCode::parse("PK").unwrap());
        profile.state = State::Active;
        profile.activities = vec![Activity::new(IsicCode::parse("2710", IsicRevision::Rev4).unwrap(), true)];
        profile.industries = vec![Industry::from_id("new-energy")];
        profile
    }

    fn check(text: &str) -> bool {
        let filter = service_kit::filter::parse(text, FILTER_FIELDS).unwrap().unwrap();
        holds(&filter, (&profile()).into())
    }

    #[test]
    fn the_example_of_the_contract_holds() {
        assert!(check(r#"region_code = "PK" AND (industries:"new-energy" OR isic:13) AND state = ACTIVE"#));
        assert!(!check(r#"region_code = "CN" AND industries:"new-energy""#));
    }

    #[test]
    fn isic_holds_for_all_that_lies_below() {
        assert!(check("isic:C"));
        assert!(check("isic:27"));
        assert!(check("isic:2710"));
        assert!(!check("isic:2711"));
        assert!(!check("isic:28"));
        assert!(!check("isic:nonsense"));
    }

    #[test]
    fn negation_and_inequality() {
        assert!(check("NOT isic:28"));
        assert!(check("state != SUSPENDED"));
        assert!(!check("NOT industries:\"industries/new-energy\""));
    }
}
