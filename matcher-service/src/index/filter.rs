//! Filters over enterprises: the registry's fields, asked of the matcher's copy.

use service_kit::filter::{Expr, Field, Kind, Op, Term};

use crate::domain::{IsicCode, IsicRevision, Profile};

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

/// Whether a filter holds for an enterprise. `isic:27` holds for every activity of division 27 or below it, `isic:C` for
/// every activity of the section; `industries` takes ids and resource names.
pub(crate) fn holds(filter: &Expr, profile: &Profile) -> bool {
    match filter {
        Expr::All(parts) => parts.iter().all(|part| holds(part, profile)),
        Expr::Any(parts) => parts.iter().any(|part| holds(part, profile)),
        Expr::Not(part) => !holds(part, profile),
        Expr::Term(term) => term_holds(term, profile),
    }
}

fn term_holds(term: &Term, profile: &Profile) -> bool {
    let is_equal = match term.field {
        "region_code" => profile.country.as_str() == term.value,
        "state" => profile.state.as_str() == term.value,
        "industries" => {
            let id = term.value.strip_prefix("industries/").unwrap_or(&term.value);
            profile.industries.iter().any(|industry| industry.as_str() == id)
        }
        "isic" => has_activity(profile, &term.value),
        field => unreachable!("filters are parsed against FILTER_FIELDS, which lacks `{field}`"),
    };
    match term.op {
        Op::Equal | Op::Has => is_equal,
        Op::NotEqual => !is_equal,
        op => unreachable!("no kind of these fields is compared with `{op}`"),
    }
}

/// The filter does not say which revision it means, so it is read in the revision of each activity.
fn has_activity(profile: &Profile, text: &str) -> bool {
    let in_revision = |revision| {
        let code = IsicCode::parse(text, revision);
        code.is_ok_and(|code| profile.activities.iter().any(|activity| code.contains(activity.code())))
    };
    in_revision(IsicRevision::Rev4) || in_revision(IsicRevision::Rev5)
}

#[cfg(test)]
mod tests {
    use crate::domain::{Activity, CountryCode, EnterpriseId, Industry, State};

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
        holds(&filter, &profile())
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
