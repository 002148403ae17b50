//! A snapshot as one piece of bytes, to be put aside and taken up again. Bytes of other forms are told by who keeps them.

use std::sync::Arc;

use service_kit::Epoch;

use crate::domain::{EnterpriseId, LEXICON_VERSION, Opportunity, RegionGroups};

use super::builder::Restored;
use super::bytes::{Reader, Write};
use super::{Builder, Snapshot, Stamp};

mod values;

use values::Value;

/// A snapshot, and what its builder knows besides.
#[derive(Debug)]
pub(crate) struct Image {
    pub(super) snapshot: Snapshot,
    /// Opportunities of enterprises that are not there.
    pub(super) orphans: Vec<(EnterpriseId, Vec<Arc<Opportunity>>)>,
    /// Names of the records that are left out.
    pub(super) left_out: Vec<String>,
}

/// What an image is read as.
#[derive(Debug)]
pub(crate) struct TakenUp {
    /// A builder that knows what the image shows.
    pub(crate) builder: Builder,
    /// The state that it shows.
    pub(crate) stamp: Stamp,
    /// Names of the records that are left out.
    pub(crate) left_out: Vec<String>,
}

impl Image {
    /// Changes whenever what [`Image::write`] writes does, or what it means (the order of the criteria, the terms of
    /// keywords, hence the lexicon); bytes of another version cannot be read.
    pub(crate) const VERSION: u32 = (2 << 16) | LEXICON_VERSION as u32;

    /// As bytes.
    pub(crate) fn write(&self) -> Vec<u8> {
        let Self { snapshot, orphans, left_out } = self;
        let mut bytes = Vec::with_capacity(snapshot.bytes() + snapshot.bytes() / 4);
        let stamp = &snapshot.stamp;
        bytes.extend(stamp.epoch.0);
        bytes.number(stamp.revision);
        stamp.committed_on.write(&mut bytes);

        left_out.write(&mut bytes);
        let facets = &snapshot.facets;
        write_all(&mut bytes, facets.works.len(), facets.works.iter());
        write_all(&mut bytes, facets.focuses.len(), facets.focuses.iter());
        write_all(&mut bytes, facets.reaches.len(), facets.reaches.iter());
        write_all(&mut bytes, facets.tongues.len(), facets.tongues.iter());
        write_all(&mut bytes, facets.standings.len(), facets.standings.iter());
        write_all(&mut bytes, snapshot.industries.len(), snapshot.industries.values());
        write_all(&mut bytes, snapshot.region_groups.iter().count(), snapshot.region_groups.iter());
        write_all(&mut bytes, snapshot.policies.len(), snapshot.policies.values());

        let slots = u32::try_from(snapshot.records.slots()).expect("there are fewer than 4 billion slots");
        bytes.number(u64::from(slots));
        for slot in 0..slots {
            let record = snapshot.records.get(slot).0;
            bytes.number(record.len() as u64);
            bytes.extend(record);
            let opportunities = snapshot.records.opportunities(slot);
            write_all(&mut bytes, opportunities.len(), opportunities.iter().map(|one| &**one));
        }
        bytes.number(snapshot.order.len() as u64);
        snapshot.order.iter().for_each(|slot| bytes.number(u64::from(slot)));
        bytes.number(orphans.len() as u64);
        for (id, opportunities) in orphans {
            bytes.text(id.as_str());
            write_all(&mut bytes, opportunities.len(), opportunities.iter().map(|one| &**one));
        }
        bytes
    }

    /// Reads an image; none if the bytes are not one of this version.
    pub(crate) fn read(bytes: &[u8]) -> Option<TakenUp> {
        let reader = &mut Reader(bytes);
        let epoch = Epoch(reader.bytes(16)?.try_into().ok()?);
        let stamp = Stamp { epoch, revision: reader.number()?, committed_on: Value::read(reader)? };
        let left_out = Value::read(reader)?;
        let restored = Restored {
            works: reader.list(Value::read)?,
            focuses: reader.list(Value::read)?,
            reaches: reader.list(Value::read)?,
            tongues: reader.list(Value::read)?,
            standings: reader.list(Value::read)?,
            industries: reader.list(Value::read)?,
            region_groups: {
                let mut groups = RegionGroups::default();
                reader.list(Value::read)?.into_iter().for_each(|group| groups.put(group));
                groups
            },
            policies: reader.list(Value::read)?,
            records: reader.list(|reader| {
                let length = reader.length()?;
                let record = reader.bytes(length)?;
                Some((record, reader.list(Value::read)?))
            })?,
            order: reader.list(|reader| u32::try_from(reader.number()?).ok())?,
            orphans: reader.list(|reader| {
                let id = EnterpriseId::parse(reader.text()?).ok()?;
                Some((id, reader.list(Value::read)?))
            })?,
        };
        reader.0.is_empty().then(|| TakenUp { builder: Builder::restored(restored), stamp, left_out })
    }
}

fn write_all<'a, T: Value + 'a>(bytes: &mut Vec<u8>, length: usize, values: impl Iterator<Item = &'a T>) {
    bytes.number(length as u64);
    values.for_each(|value| value.write(bytes));
}
