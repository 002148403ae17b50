//! Read masks: which top-level fields of a resource a caller wants to see (AIP-157).

use prost_types::FieldMask;
use proto::registry::v1 as pb;
use service_kit::door::Door;

use super::Mask;

/// Longest mask: every field, twice.
const PATHS_MAX: usize = 80;

/// Declares the fields of a message and how the others are cleared; a field that is forgotten does not compile.
macro_rules! readable {
    ($fields:ident, $parse:ident, $apply:ident, $message:ident, [$($field:ident),+ $(,)?]) => {
        const $fields: &[&str] = &[$(stringify!($field)),+];

        impl ReadMask {
            /// The mask of a read of this resource.
            pub(in crate::grpc) fn $parse(mask: Option<&FieldMask>, door: &mut Door) -> Self {
                Self::parse(mask, $fields, door)
            }

            /// The message with the wanted fields only.
            pub(in crate::grpc) fn $apply(&self, message: pb::$message) -> pb::$message {
                let Mask::Paths(paths) = &self.0 else { return message };
                let pb::$message { $($field),+ } = message;
                let mut kept = pb::$message::default();
                $(if paths.iter().any(|path| path == stringify!($field)) {
                    kept.$field = $field;
                })+
                kept
            }
        }
    };
}

/// Which fields a read is about: those that the mask names, or all.
pub(in crate::grpc) struct ReadMask(Mask);

readable!(
    ENTERPRISE_FIELDS,
    of_enterprise,
    enterprise,
    Enterprise,
    [
        name,
        uid,
        display_name,
        other_names,
        region_code,
        subdivision_code,
        city,
        zone,
        identifiers,
        activities,
        products,
        industries,
        employee_band,
        revenue_band,
        founded_year,
        language_codes,
        certifications,
        target_regions,
        presence_region_codes,
        owners,
        website_uri,
        description,
        state,
        verification_level,
        etag,
        create_time,
        update_time,
        delete_time,
        revision_token,
        purge_time,
        office,
        office_assignment,
        holds,
        merge,
    ]
);
readable!(
    OPPORTUNITY_FIELDS,
    of_opportunity,
    opportunity,
    Opportunity,
    [
        name,
        uid,
        kind,
        title,
        summary,
        industries,
        isic_codes,
        hs_codes,
        keywords,
        partnership_types,
        target_regions,
        development_stage,
        priority,
        expire_time,
        state,
        etag,
        create_time,
        update_time,
        revision_token,
        review,
    ]
);

impl ReadMask {
    fn parse(mask: Option<&FieldMask>, known: &[&str], door: &mut Door) -> Self {
        Self(Mask::checked(mask, ("read_mask", PATHS_MAX), known, door, |path, known| {
            format!("has the unknown path `{path}`; known are {known}")
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(paths: &[&str]) -> FieldMask {
        FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() }
    }

    fn seen(paths: &[&str]) -> pb::Enterprise {
        let whole = pb::Enterprise {
            name: "enterprises/a".to_owned(),
            city: "Lahore".to_owned(),
            etag: "r1".to_owned(),
            ..pb::Enterprise::default()
        };
        let mut door = Door::default();
        let mask = ReadMask::of_enterprise(Some(&mask(paths)), &mut door);
        assert!(door.violations().is_empty());
        mask.enterprise(whole)
    }

    #[test]
    fn only_the_wanted_fields_are_left() {
        let name = pb::Enterprise { name: "enterprises/a".to_owned(), ..pb::Enterprise::default() };
        assert_eq!(seen(&["name"]), name);
        assert_eq!(seen(&["name", "etag", "name"]), pb::Enterprise { etag: "r1".to_owned(), ..name });
    }

    #[test]
    fn an_empty_mask_and_a_star_leave_everything() {
        assert_eq!(seen(&[]), seen(&["*"]));
        assert_eq!(seen(&["*"]).city, "Lahore");
    }

    #[test]
    fn unknown_paths_are_told_the_known_ones() {
        let refused = |paths: &[&str]| {
            let mut door = Door::default();
            ReadMask::of_opportunity(Some(&mask(paths)), &mut door);
            door.violations().into_vec()
        };
        let found = refused(&["title", "colour", "review.clarity"]);
        assert_eq!(found.len(), 2);
        assert!(found[0].description.starts_with("has the unknown path `colour`; known are name, uid, kind"));
        assert_eq!(refused(&["*", "title"]).len(), 1);
        assert_eq!(refused(&vec!["title"; 81]).len(), 1);
    }
}
