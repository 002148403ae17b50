//! A builder put aside and taken up again.

use std::sync::Arc;

use crate::domain::{
    EnterpriseId, Industry, IndustryDefinition, Language, Opportunity, Reach, RegionGroups, RegisteredPolicy, Standing,
    State, Work,
};

use super::super::facets::FacetWriter;
use super::super::image::Image;
use super::super::order::Order;
use super::super::page::Row;
use super::super::records::Written;
use super::super::{Snapshot, record::Record};
use super::{Builder, of};

/// What an image tells.
pub(in crate::index) struct Restored<'a> {
    pub(in crate::index) works: Vec<Work>,
    pub(in crate::index) focuses: Vec<Box<[Industry]>>,
    pub(in crate::index) reaches: Vec<Reach>,
    pub(in crate::index) tongues: Vec<Box<[Language]>>,
    pub(in crate::index) standings: Vec<Standing>,
    pub(in crate::index) industries: Vec<IndustryDefinition>,
    pub(in crate::index) region_groups: RegionGroups,
    pub(in crate::index) policies: Vec<RegisteredPolicy>,
    /// By slot, with opportunities; free slots are empty.
    pub(in crate::index) records: Vec<(&'a [u8], Vec<Opportunity>)>,
    /// Slots by id.
    pub(in crate::index) order: Vec<u32>,
    pub(in crate::index) orphans: Vec<(EnterpriseId, Vec<Opportunity>)>,
}

impl Builder {
    /// The last snapshot and what is known besides, to be put aside. `snapshot` must be the last that was published.
    pub(crate) fn image(&self, snapshot: Snapshot, left_out: Vec<String>) -> Image {
        let orphan = |id: &EnterpriseId| {
            let opportunities = self.opportunities.get(id)?;
            Some((id.clone(), opportunities.values().cloned().collect()))
        };
        Image { snapshot, orphans: self.orphans.iter().filter_map(orphan).collect(), left_out }
    }

    /// Takes up what was put aside.
    pub(in crate::index) fn restored(restored: Restored<'_>) -> Self {
        let heads =
            restored.records.iter().filter(|(bytes, _)| !bytes.is_empty()).map(|(bytes, _)| Record(bytes).head());
        let codes: Vec<_> = heads.map(|head| head.codes).collect();
        let Restored { works, focuses, reaches, tongues, standings, .. } = restored;
        let facets = FacetWriter::restored(works, focuses, reaches, tongues, standings, &codes);
        let industries = restored.industries.into_iter().map(|one| (one.industry.clone(), one)).collect();
        let mut builder = Self {
            facets,
            industries: Arc::new(industries),
            region_groups: Arc::new(restored.region_groups),
            policies: Arc::new(restored.policies.into_iter().map(|one| (one.id.clone(), one)).collect()),
            ..Self::default()
        };
        let mut written = Vec::with_capacity(restored.records.len());
        for ((bytes, opportunities), slot) in restored.records.into_iter().zip(0..) {
            written.push(builder.take_up(slot, bytes, opportunities));
        }
        builder.records.write(&written);
        builder.order = Order::restored(&restored.order);
        for (id, opportunities) in restored.orphans {
            let named = opportunities.into_iter().map(|one| (one.name.clone(), Arc::new(one)));
            builder.opportunities.insert(id.clone(), named.collect());
            builder.orphans.insert(id);
        }
        builder.relinked = !builder.owned.is_empty();
        builder
    }

    fn take_up<'a>(&mut self, slot: u32, bytes: &'a [u8], opportunities: Vec<Opportunity>) -> Written<'a> {
        let opportunities: Arc<[Arc<Opportunity>]> = opportunities.into_iter().map(Arc::new).collect();
        if bytes.is_empty() {
            self.free.push(slot);
            return Written { slot, bytes: bytes.into(), opportunities };
        }
        let record = Record(bytes);
        if !opportunities.is_empty() {
            let id = EnterpriseId::parse(record.id()).expect("ids of records were parsed once");
            let named = opportunities.iter().map(|one| (one.name.clone(), one.clone()));
            self.opportunities.insert(id, named.collect());
        }
        self.count(&opportunities);
        if record.has_owners() {
            self.owned.insert(slot);
        }
        let head = record.head();
        if head.state == State::Active {
            let row = Row::of(&head, slot, self.facets.works());
            self.moved.insert(slot, (None, Some((of(&head), row))));
        }
        Written { slot, bytes: bytes.into(), opportunities }
    }
}
