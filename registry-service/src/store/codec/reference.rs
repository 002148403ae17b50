//! Industries, region groups, zones and offices as messages of the contract, without their stamps.

use proto::registry::v1 as pb;

use super::{Error, stored, stored_all, stored_optional, texts};
use crate::domain::codes::{HsCode, IsicCode, IsicRevision};
use crate::domain::ids::{IndustryId, OfficeId, RegionGroupId, ZoneId};
use crate::domain::office::{Jurisdiction, Office};
use crate::domain::places::{CountryCode, SubdivisionCode};
use crate::domain::reference::{Industry, Membership, RegionGroup, Zone};
use crate::domain::time::Day;

/// The message of an industry.
pub(super) fn industry(industry: &Industry) -> pb::Industry {
    pb::Industry {
        name: industry.id.to_string(),
        display_name: industry.display_name.clone(),
        isic_codes: industry.isic_codes.iter().map(|code| code.as_str().to_owned()).collect(),
        hs_codes: industry.hs_codes.iter().map(|code| code.as_str().to_owned()).collect(),
        ..Default::default()
    }
}

/// The message of a region group.
pub(super) fn region_group(group: &RegionGroup) -> pb::RegionGroup {
    let membership = |membership: &Membership| pb::Membership {
        region_code: membership.country.to_string(),
        start_date: membership.start.map(|day| day.to_string()).unwrap_or_default(),
        end_date: membership.end.map(|day| day.to_string()).unwrap_or_default(),
    };
    pb::RegionGroup {
        name: group.id.to_string(),
        display_name: group.display_name.clone(),
        memberships: group.memberships.iter().map(membership).collect(),
        ..Default::default()
    }
}

/// Reads a stored message.
pub(super) fn read_industry(message: pb::Industry) -> Result<Industry, Error> {
    Ok(Industry {
        id: stored(IndustryId::parse(&message.name))?,
        display_name: message.display_name,
        isic_codes: stored_all(message.isic_codes, |code| IsicCode::parse(code, IsicRevision::Rev4))?,
        hs_codes: stored_all(message.hs_codes, HsCode::parse)?,
    })
}

/// Reads a stored message.
pub(super) fn read_region_group(message: pb::RegionGroup) -> Result<RegionGroup, Error> {
    let membership = |membership: pb::Membership| {
        Ok(Membership {
            country: stored(CountryCode::parse(&membership.region_code))?,
            start: stored_optional(&membership.start_date, Day::parse)?,
            end: stored_optional(&membership.end_date, Day::parse)?,
        })
    };
    Ok(RegionGroup {
        id: stored(RegionGroupId::parse(&message.name))?,
        display_name: message.display_name,
        memberships: message.memberships.into_iter().map(membership).collect::<Result<_, Error>>()?,
    })
}

/// The message of a zone.
pub(super) fn zone(zone: &Zone) -> pb::Zone {
    pb::Zone {
        name: zone.id.to_string(),
        display_name: zone.display_name.clone(),
        region_code: zone.region.to_string(),
        subdivision_code: zone.subdivision.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default(),
        city: zone.city.clone(),
        focus_industries: texts(&zone.focus_industries),
        ..Default::default()
    }
}

/// The message of an office.
pub(super) fn office(office: &Office) -> pb::Office {
    pb::Office {
        name: office.id.to_string(),
        display_name: office.display_name.clone(),
        jurisdictions: office.jurisdictions.iter().map(|one| one.code().to_owned()).collect(),
        city: office.city.clone(),
        ..Default::default()
    }
}

/// Reads a stored message.
pub(super) fn read_zone(message: pb::Zone) -> Result<Zone, Error> {
    let region = stored(CountryCode::parse(&message.region_code))?;
    Ok(Zone {
        id: stored(ZoneId::parse(&message.name))?,
        display_name: message.display_name,
        region,
        subdivision: stored_optional(&message.subdivision_code, |code| SubdivisionCode::parse(code, region))?,
        city: message.city,
        focus_industries: stored_all(message.focus_industries, IndustryId::parse)?,
    })
}

/// Reads a stored message.
pub(super) fn read_office(message: pb::Office) -> Result<Office, Error> {
    Ok(Office {
        id: stored(OfficeId::parse(&message.name))?,
        display_name: message.display_name,
        jurisdictions: stored_all(message.jurisdictions, Jurisdiction::parse)?,
        city: message.city,
    })
}
