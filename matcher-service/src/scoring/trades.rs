//! What single activities and opportunities are worth to each other: whoever values all pairs of two sides finds this once
//! for each two of them, and puts it together as the criteria do.

use crate::domain::{Activity, CountryCode, Doing, Opportunity, Ppm};

use super::criteria::requests_met::is_open;
use super::criteria::value_chain::{Weight, strength};
use super::policy::Criterion;
use super::scorer::Scorer;
use super::valuation::Gain;

/// An activity, and what it counts for in all that an enterprise does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Trade {
    activity: Activity,
    weight: Ppm,
}

impl Trade {
    /// The trades of an enterprise.
    pub(crate) fn all(doing: Doing<'_>) -> impl Iterator<Item = Self> {
        let weight = Weight::of(doing);
        // Whether it is the main one shows in the weight.
        let of = move |one: &Activity| Self { activity: one.beside(), weight: weight.get(one) };
        doing.activities.iter().map(of)
    }
}

impl Scorer<'_> {
    /// What the two are worth to each other, weighed on both sides; none if nothing is known. The best pair of trades of
    /// two enterprises is the value of their chain.
    pub(crate) fn trade(&self, one: &Trade, other: &Trade) -> Option<Ppm> {
        let strength = strength(&self.context, &one.activity, &other.activity)?;
        Some(strength.of(one.weight).of(other.weight))
    }

    /// The gain by a value of the chain, the same in both directions.
    pub(crate) fn chain(&self, value: Option<Ppm>) -> Gain {
        let product = self.product(Criterion::ValueChain, value);
        Gain::of_products(product, product)
    }

    /// Whether an opportunity still holds and is meant for the country of the other side.
    pub(crate) fn is_open(&self, opportunity: &Opportunity, country: CountryCode) -> bool {
        is_open(&self.context, opportunity, country)
    }

    /// The gain by how well the requests of each side are met; none where nothing is asked for.
    pub(crate) fn met(&self, forward: Option<Ppm>, backward: Option<Ppm>) -> Gain {
        let product = |value| self.product(Criterion::RequestsMet, value);
        Gain::of_products(product(forward), product(backward))
    }
}
