//! What lists know of their tables: which column or term each field of a filter is, and which index finds it.

use super::projection as terms;
use crate::domain::{enterprise, opportunity};
use crate::store::fields;

/// A table that is listed. The rows of a page go by `e` in the statements.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static str,
    pub(super) key_index: &'static str,
    pub(super) terms: &'static str,
    pub(super) terms_key: &'static str,
    fields: &'static [(&'static str, Source)],
    orders: &'static [Order],
}

impl Table {
    /// Where the values of a field are.
    pub(super) fn source(&self, field: &str) -> Option<&'static Source> {
        self.fields.iter().find(|(name, _)| *name == field).map(|(_, source)| source)
    }

    /// An order but that of the keys.
    pub(super) fn order(&self, field: &str) -> Option<&'static Order> {
        self.orders.iter().find(|order| order.field == field)
    }
}

/// Where the values of a field are.
pub(super) enum Source {
    /// Texts.
    Text(Column),
    /// Ids, where filters have resource names.
    Id(Column),
    /// Numbers, and instants as microseconds.
    Number(Column),
    /// Numbers of an enumeration, by name.
    Enum(Column, fn(&str) -> Option<i32>),
    /// Terms, made of the value.
    Terms(fn(&str) -> String),
}

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) absent: Absent,
    pub(super) index: Option<Index>,
}

/// How a column says that the record lacks the field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    Never,
    Null,
    Zero,
}

/// An index over a column and the key.
#[derive(Clone, Copy)]
pub(super) struct Index {
    pub(super) name: &'static str,
    /// The value that the index leaves out because nearly every row has it, and the condition that says so: a statement
    /// must repeat it to be found worthy of the index.
    pub(super) without: Option<(&'static str, &'static str)>,
}

/// An order that has an index of its own.
pub(super) struct Order {
    pub(super) field: &'static str,
    /// Column of the range that a filter on the same field gives.
    pub(super) column: &'static str,
    /// What rows `{}` are ordered by before their key.
    expression: &'static str,
    pub(super) index: &'static str,
}

impl Order {
    /// What the rows of that alias are ordered by before their key.
    pub(super) fn of(&self, alias: &str) -> String {
        self.expression.replace("{}", alias)
    }
}

const fn column(name: &'static str, absent: Absent) -> Column {
    Column { name, absent, index: None }
}

const fn indexed(name: &'static str, absent: Absent, index: &'static str) -> Column {
    Column { name, absent, index: Some(Index { name: index, without: None }) }
}

const fn mostly(name: &'static str, index: &'static str, value: &'static str, condition: &'static str) -> Column {
    Column { name, absent: Absent::Never, index: Some(Index { name: index, without: Some((value, condition)) }) }
}

/// Enterprises.
pub(super) static ENTERPRISES: Table = Table {
    name: "enterprises",
    key: "id",
    key_index: "sqlite_autoindex_enterprises_1",
    terms: "enterprise_terms",
    terms_key: "enterprise_id",
    fields: &[
        ("name", Source::Id(indexed("id", Absent::Never, "sqlite_autoindex_enterprises_1"))),
        ("display_name", Source::Text(indexed("display_name", Absent::Never, "enterprises_by_display_name"))),
        ("region_code", Source::Text(indexed("region_code", Absent::Never, "enterprises_by_region"))),
        ("subdivision_code", Source::Text(indexed("subdivision_code", Absent::Null, "enterprises_by_subdivision"))),
        ("city", Source::Text(indexed("city", Absent::Null, "enterprises_by_city"))),
        ("zone", Source::Id(indexed("zone", Absent::Null, "enterprises_by_zone"))),
        ("office", Source::Id(mostly("office", "enterprises_by_office", "headquarters", "office <> 'headquarters'"))),
        ("website_uri", Source::Text(column("website_uri", Absent::Null))),
        (
            "state",
            Source::Enum(mostly("state", "enterprises_by_state", "3", "state <> 3"), |name| {
                enterprise::State::from_name(name).map(enterprise::State::number)
            }),
        ),
        (
            "verification_level",
            Source::Enum(column("verification_level", Absent::Zero), |name| {
                enterprise::VerificationLevel::from_name(name).map(enterprise::VerificationLevel::number)
            }),
        ),
        (
            "employee_band",
            Source::Enum(column("employee_band", Absent::Zero), |name| {
                enterprise::EmployeeBand::from_name(name).map(enterprise::EmployeeBand::number)
            }),
        ),
        (
            "revenue_band",
            Source::Enum(column("revenue_band", Absent::Zero), |name| {
                enterprise::RevenueBand::from_name(name).map(enterprise::RevenueBand::number)
            }),
        ),
        ("founded_year", Source::Number(indexed("founded_year", Absent::Null, "enterprises_by_founded_year"))),
        ("create_time", Source::Number(indexed("create_micros", Absent::Never, "enterprises_by_create"))),
        ("update_time", Source::Number(indexed("update_micros", Absent::Never, "enterprises_by_update"))),
        ("delete_time", Source::Number(indexed("delete_micros", Absent::Null, "enterprises_by_delete"))),
        ("industries", Source::Terms(terms::industry_term)),
        ("isic", Source::Terms(terms::isic_term)),
        ("hs", Source::Terms(terms::hs_term)),
        ("language_codes", Source::Terms(terms::language_term)),
        ("certifications", Source::Terms(terms::certification_term)),
        ("target_regions", Source::Terms(terms::target_term)),
        ("presence_region_codes", Source::Terms(terms::presence_term)),
        ("identifiers", Source::Terms(terms::identifier_term)),
        ("owners", Source::Terms(terms::owner_term)),
    ],
    orders: &[
        Order {
            field: fields::DISPLAY_NAME,
            column: "display_name",
            expression: "{}.display_name",
            index: "enterprises_by_display_name",
        },
        Order {
            field: fields::CREATE_TIME,
            column: "create_micros",
            expression: "{}.create_micros",
            index: "enterprises_by_create",
        },
        Order {
            field: fields::UPDATE_TIME,
            column: "update_micros",
            expression: "{}.update_micros",
            index: "enterprises_by_update",
        },
    ],
};

/// The enterprise of an opportunity.
pub(super) static PARENT: Column = indexed("enterprise_id", Absent::Never, "opportunities_by_enterprise");

/// Opportunities.
pub(super) static OPPORTUNITIES: Table = Table {
    name: "opportunities",
    key: "path",
    key_index: "sqlite_autoindex_opportunities_1",
    terms: "opportunity_terms",
    terms_key: "path",
    fields: &[
        ("name", Source::Id(indexed("path", Absent::Never, "sqlite_autoindex_opportunities_1"))),
        ("title", Source::Text(column("title", Absent::Never))),
        (
            "state",
            Source::Enum(indexed("state", Absent::Never, "opportunities_by_state"), |name| {
                opportunity::State::from_name(name).map(opportunity::State::number)
            }),
        ),
        (
            "kind",
            Source::Enum(indexed("kind", Absent::Never, "opportunities_by_kind"), |name| {
                opportunity::Kind::from_name(name).map(opportunity::Kind::number)
            }),
        ),
        (
            "development_stage",
            Source::Enum(column("development_stage", Absent::Zero), |name| {
                opportunity::DevelopmentStage::from_name(name).map(opportunity::DevelopmentStage::number)
            }),
        ),
        ("priority", Source::Number(column("priority", Absent::Zero))),
        ("expire_time", Source::Number(indexed("expire_micros", Absent::Null, "opportunities_by_expire"))),
        ("create_time", Source::Number(indexed("create_micros", Absent::Never, "opportunities_by_create"))),
        ("update_time", Source::Number(indexed("update_micros", Absent::Never, "opportunities_by_update"))),
        ("industries", Source::Terms(terms::industry_term)),
        ("isic", Source::Terms(terms::isic_term)),
        ("hs", Source::Terms(terms::hs_term)),
        ("keywords", Source::Terms(terms::keyword_term)),
        ("partnership_types", Source::Terms(terms::partnership_term)),
        ("target_regions", Source::Terms(terms::target_term)),
    ],
    orders: &[
        Order {
            field: fields::CREATE_TIME,
            column: "create_micros",
            expression: "{}.create_micros",
            index: "opportunities_by_create",
        },
        Order {
            field: fields::UPDATE_TIME,
            column: "update_micros",
            expression: "{}.update_micros",
            index: "opportunities_by_update",
        },
        // What never expires comes last; the index is over this very expression.
        Order {
            field: fields::EXPIRE_TIME,
            column: "expire_micros_or_never",
            expression: "COALESCE({}.expire_micros, 9223372036854775807)",
            index: "opportunities_by_expire_or_never",
        },
    ],
};
