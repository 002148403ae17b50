//! What the criteria look at besides the two enterprises: the policy, the day, and the region groups of that day.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{CountryCode, Date, Industry, IndustryDefinition, Region, RegionGroups, in_a_sentence};

use super::capital_goods::CapitalGoods;
use super::explanation::Evidence;
use super::inter_industry::InterIndustry;
use super::policy::Policy;

/// What the criteria look at besides the two enterprises; made once per question.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) policy: &'a Policy,
    pub(super) as_of: Date,
    pub(super) inter_industry: &'static InterIndustry,
    pub(super) capital_goods: &'static CapitalGoods,
    groups: Vec<(Arc<str>, Vec<CountryCode>)>,
    /// For names to show only.
    pub(super) industries: Option<&'a BTreeMap<Industry, IndustryDefinition>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(policy: &'a Policy, groups: &RegionGroups, as_of: Date) -> Self {
        let expanded = groups.iter().map(|group| {
            let members = groups.expand(&group.id, as_of).expect("the group was just listed");
            (group.id.clone(), members)
        });
        Self {
            policy,
            as_of,
            inter_industry: InterIndustry::get(),
            capital_goods: CapitalGoods::get(),
            groups: expanded.collect(),
            industries: None,
        }
    }

    /// Name of an industry inside a sentence; its id where no definition is at hand.
    pub(super) fn name_of<'b>(&'b self, industry: &'b Industry) -> Cow<'b, str> {
        let definition = self.industries.and_then(|all| all.get(industry));
        let name = definition.map(|definition| definition.display_name.as_str()).filter(|name| !name.is_empty());
        name.map_or(Cow::Borrowed(industry.as_str()), in_a_sentence)
    }

    /// Region groups that the country belongs to on the day of the question.
    pub(super) fn groups_of(&self, country: CountryCode) -> impl Iterator<Item = Region> {
        let having = self.groups.iter().filter(move |(_, members)| members.binary_search(&country).is_ok());
        having.map(|(group, _)| Region::Group(group.clone()))
    }

    /// Whether the country is or belongs to the region on the day of the question.
    pub(super) fn covers(&self, region: &Region, country: CountryCode) -> bool {
        match region {
            Region::Country(one) => *one == country,
            Region::Group(id) => {
                let members = self.groups.iter().find(|(group, _)| group == id);
                members.is_some_and(|(_, members)| members.binary_search(&country).is_ok())
            }
        }
    }
}

/// Where a criterion writes down what its value rests on. Scanning many candidates needs values only, so the closures that
/// make the texts are not even called then; explaining runs the very same code and keeps them.
#[derive(Debug)]
pub(super) enum Notes {
    /// Nothing is kept.
    Silent,
    /// Everything is kept.
    Kept(Vec<Evidence>),
}

impl Notes {
    /// Writes one fact down, if facts are kept.
    pub(super) fn add(&mut self, evidence: impl FnOnce() -> Evidence) {
        if let Self::Kept(kept) = self {
            kept.push(evidence());
        }
    }
}
