//! Update masks: which top-level fields of a resource a caller wants to change.

use prost_types::FieldMask;
use proto::registry::v1 as pb;
use service_kit::door::Door;

/// Declares how the writable fields of a message are merged, and which of its fields callers cannot write.
macro_rules! writable {
    ($merge:ident, $writable:ident, $is_set:ident, $message:ty, [$($field:ident),+ $(,)?]) => {
        const $writable: &[&str] = &[$(stringify!($field)),+];

        /// `current` with the masked fields of `update`.
        pub(in crate::grpc) fn $merge(current: $message, update: &$message, mask: &Mask) -> $message {
            let mut merged = current;
            $(if mask.covers(stringify!($field), $is_set(stringify!($field), update)) {
                merged.$field = update.$field.clone();
            })+
            merged
        }

        fn $is_set(field: &str, message: &$message) -> bool {
            let empty = <$message>::default();
            match field {
                $(stringify!($field) => message.$field != empty.$field,)+
                _ => false,
            }
        }
    };
}

pub(super) use writable;

writable!(
    merge_enterprise,
    ENTERPRISE_FIELDS,
    enterprise_sets,
    pb::Enterprise,
    [
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
        verification_level,
    ]
);
writable!(
    merge_opportunity,
    OPPORTUNITY_FIELDS,
    opportunity_sets,
    pb::Opportunity,
    [
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
    ]
);

/// Which fields an update is about.
pub(in crate::grpc) enum Mask {
    /// Every field that is set.
    Set,
    /// Every writable field.
    Whole,
    /// These fields.
    Paths(Vec<String>),
}

/// Longest mask: every field, twice.
const PATHS_MAX: usize = 50;

impl Mask {
    /// The mask of an update of an enterprise.
    pub(in crate::grpc) fn of_enterprise(mask: Option<&FieldMask>, door: &mut Door) -> Self {
        Self::parse(mask, ENTERPRISE_FIELDS, door)
    }

    /// The mask of an update of an opportunity.
    pub(in crate::grpc) fn of_opportunity(mask: Option<&FieldMask>, door: &mut Door) -> Self {
        Self::parse(mask, OPPORTUNITY_FIELDS, door)
    }

    /// The mask of an update of something with those writable fields.
    pub(super) fn parse(mask: Option<&FieldMask>, writable: &[&str], door: &mut Door) -> Self {
        Self::checked(mask, ("update_mask", PATHS_MAX), writable, door, |path, known| {
            format!("has the path `{path}`, which cannot be written; writable are {known}")
        })
    }

    /// A mask in that field, of at most so many paths, each of which is a known one; `problem` says of another what is
    /// wrong with it.
    pub(super) fn checked(
        mask: Option<&FieldMask>,
        (field, paths_max): (&str, usize),
        known: &[&str],
        door: &mut Door,
        problem: impl Fn(&str, &str) -> String,
    ) -> Self {
        let paths = mask.map(|mask| mask.paths.as_slice()).unwrap_or_default();
        match paths {
            [] => return Self::Set,
            [one] if one == "*" => return Self::Whole,
            _ => {}
        }
        if door.at_most(field, paths, paths_max) {
            for path in paths.iter().filter(|path| !known.contains(&path.as_str())) {
                let shown: String = path.chars().take(60).collect();
                door.refuse(field, problem(&shown, &known.join(", ")));
            }
        }
        Self::Paths(paths.to_vec())
    }

    pub(super) fn covers(&self, field: &str, is_set: bool) -> bool {
        match self {
            Self::Set => is_set,
            Self::Whole => true,
            Self::Paths(paths) => paths.iter().any(|path| path == field),
        }
    }
}
