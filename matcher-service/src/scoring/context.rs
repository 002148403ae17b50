//! What the criteria look at besides the two enterprises: the policy, the day, and the region groups of that day.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::domain::{CountryCode, Date, Industry, IndustryDefinition, Region, RegionGroups, in_a_sentence};

use super::capital_goods::CapitalGoods;
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
    pub(super) fn name_of<'b>(&'b self, industry: &'b Industry) -> impl fmt::Display + use<'b> {
        let definition = self.industries.and_then(|all| all.get(industry));
        let name = definition.map(|definition| definition.display_name.as_str()).filter(|name| !name.is_empty());
        fmt::from_fn(move |formatter| match name {
            Some(name) => write!(formatter, "{}", in_a_sentence(name)),
            None => formatter.write_str(industry.as_str()),
        })
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
