//! Orders of lists (AIP-132): one field, upwards or downwards.

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderBy {
    /// One of the fields that the list offers.
    pub field: &'static str,
    /// From the largest to the smallest.
    pub descending: bool,
}

impl OrderBy {
    /// Upwards by a field.
    pub const fn ascending(field: &'static str) -> Self {
        Self { field, descending: false }
    }
}

/// Reads `field` or `field desc`; blank is the first of `fields`, upwards.
///
/// # Errors
/// What would be right, in words that follow the field's name.
pub fn parse(input: &str, fields: &[&'static str]) -> Result<OrderBy, String> {
    let mut words = input.split_ascii_whitespace();
    let first = words.next().or_else(|| fields.first().copied()).unwrap_or_default();
    let field = fields.iter().find(|field| **field == first);
    let descending = match words.next() {
        None => Some(false),
        Some("desc") => Some(true),
        Some(_) => None,
    };
    match (field, descending, words.next()) {
        (Some(field), Some(descending), None) => Ok(OrderBy { field, descending }),
        _ => Err(format!("must be one of {}, or one of them and ` desc`", fields.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[&str] = &["name", "create_time"];

    #[test]
    fn an_order_is_one_field_upwards_or_downwards() {
        let down = |field| OrderBy { field, descending: true };
        for (input, expected) in [
            ("", OrderBy::ascending("name")),
            ("  ", OrderBy::ascending("name")),
            ("create_time", OrderBy::ascending("create_time")),
            (" create_time  desc ", down("create_time")),
            ("name desc", down("name")),
        ] {
            assert_eq!(parse(input, FIELDS), Ok(expected), "{input}");
        }
    }

    #[test]
    fn other_orders_are_told_the_right_ones() {
        for wrong in ["colour", "name asc", "name,create_time", "name desc desc", "desc", "NAME", "name DESC"] {
            assert_eq!(
                parse(wrong, FIELDS).unwrap_err(),
                "must be one of name, create_time, or one of them and ` desc`",
                "{wrong}"
            );
        }
    }
}
