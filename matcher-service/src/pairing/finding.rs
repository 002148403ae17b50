//! What can be wrong with a pairing or its prices, in sentences.

use super::problem::Side;

/// One thing that is wrong with a pairing or its prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// A pair of an enterprise that does not exist.
    Unknown { a: u32, b: u32 },
    /// A pair listed more than once.
    Repeated { a: u32, b: u32 },
    /// A pair that must not be made.
    Ineligible { a: u32, b: u32 },
    /// A must-meet that is not among the pairs.
    MustMeetMissing { a: u32, b: u32 },
    /// An enterprise with fewer pairs than its minimum.
    BelowMinimum { side: Side, enterprise: u32, pairs: u32, min: u32 },
    /// An enterprise with more pairs than its maximum.
    AboveMaximum { side: Side, enterprise: u32, pairs: u32, max: u32 },
    /// More pairs in all than allowed.
    TooManyPairs { pairs: u64, max_pairs: u32 },
    /// A quota whose members have fewer pairs than its minimum.
    BelowQuota { quota: usize, pairs: u64, min: u32 },
    /// A quota whose members have more pairs than its maximum.
    AboveQuota { quota: usize, pairs: u64, max: u32 },
    /// No prices: nothing is proved.
    NoPrices,
    /// Not one price for each enterprise.
    PriceCount { side: Side, given: usize, expected: usize },
    /// Not one price for each quota.
    QuotaPriceCount { given: usize, expected: usize },
    /// A chosen pair is worth less than its prices.
    ChosenBelowPrice { a: u32, b: u32, surplus: i64 },
    /// A pair that is not chosen is worth more than its prices.
    UnchosenAbovePrice { a: u32, b: u32, surplus: i64 },
    /// An enterprise has a positive price, but not as many pairs as it may.
    PricedWithRoom { side: Side, enterprise: u32, price: i64, pairs: u32, max: u32 },
    /// An enterprise has a negative price, but more pairs than it must.
    NegativeAboveMinimum { side: Side, enterprise: u32, price: i64, pairs: u32, least: u32 },
    /// A quota has a positive price, but its members not as many pairs as they may.
    QuotaPricedWithRoom { quota: usize, price: i64, pairs: u64, max: u32 },
    /// A quota has a negative price, but its members more pairs than they must.
    QuotaNegativeAboveMinimum { quota: usize, price: i64, pairs: u64, least: u32 },
    /// The price of a pair is negative.
    NegativePairPrice { price: i64 },
    /// The price of a pair is positive, but not as many pairs are made as may be.
    PairPricedWithRoom { price: i64, pairs: u64, max_pairs: Option<u32> },
}

impl Finding {
    /// The finding as a sentence, with names from `name`.
    pub(crate) fn in_words(&self, name: &dyn Fn(Side, u32) -> String) -> String {
        let pair = |a: &u32, b: &u32| format!("{} with {}", name(Side::A, *a), name(Side::B, *b));
        match self {
            Self::Unknown { a, b } => format!("pair ({a}, {b}) is outside the problem"),
            Self::Repeated { a, b } => format!("{} is listed more than once", pair(a, b)),
            Self::Ineligible { a, b } => format!("{} is not eligible", pair(a, b)),
            Self::MustMeetMissing { a, b } => format!("{} is a must-meet and is missing", pair(a, b)),
            Self::BelowMinimum { side, enterprise, pairs, min } => {
                format!("{} of {side} has {pairs} pairs, fewer than its minimum {min}", name(*side, *enterprise))
            }
            Self::AboveMaximum { side, enterprise, pairs, max } => {
                format!("{} of {side} has {pairs} pairs, more than its maximum {max}", name(*side, *enterprise))
            }
            Self::TooManyPairs { pairs, max_pairs } => format!("{pairs} pairs are more than the {max_pairs} allowed"),
            Self::BelowQuota { quota, pairs, min } => {
                format!("the members of quota {quota} have {pairs} pairs, fewer than its minimum {min}")
            }
            Self::AboveQuota { quota, pairs, max } => {
                format!("the members of quota {quota} have {pairs} pairs, more than its maximum {max}")
            }
            Self::QuotaPriceCount { given, expected } => {
                format!("{given} prices were given for the {expected} quotas")
            }
            Self::QuotaPricedWithRoom { quota, price, pairs, max } => {
                format!("quota {quota} has the positive price {price} ppm, but only {pairs} of {max} pairs")
            }
            Self::QuotaNegativeAboveMinimum { quota, price, pairs, least } => {
                format!("quota {quota} has the negative price {price} ppm, but {pairs} pairs where {least} would do")
            }
            Self::NoPrices => String::from("there are no prices, so nothing shows whether the pairs are the best"),
            Self::PriceCount { side, given, expected } => {
                format!("{given} prices were given for the {expected} enterprises of {side}")
            }
            Self::ChosenBelowPrice { a, b, surplus } => {
                format!("{} is chosen with a surplus of {surplus} ppm, which must be 0 or more", pair(a, b))
            }
            Self::UnchosenAbovePrice { a, b, surplus } => {
                format!("{} is not chosen with a surplus of {surplus} ppm, which must be 0 or less", pair(a, b))
            }
            Self::PricedWithRoom { side, enterprise, price, pairs, max } => format!(
                "{} of {side} has the positive price {price} ppm, but only {pairs} of {max} pairs",
                name(*side, *enterprise)
            ),
            Self::NegativeAboveMinimum { side, enterprise, price, pairs, least } => format!(
                "{} of {side} has the negative price {price} ppm, but {pairs} pairs where {least} would do",
                name(*side, *enterprise)
            ),
            Self::NegativePairPrice { price } => format!("the price of a pair is negative: {price} ppm"),
            Self::PairPricedWithRoom { price, pairs, max_pairs: Some(max) } => {
                format!("the price of a pair is {price} ppm, but only {pairs} of {max} pairs are made")
            }
            Self::PairPricedWithRoom { price, max_pairs: None, .. } => {
                format!("the price of a pair is {price} ppm, but the number of pairs is not limited")
            }
        }
    }
}
