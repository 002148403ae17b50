//! Reference data as messages of the contract.

use proto::registry::v1 as pb;

use super::{Error, stored, stored_all, stored_optional};
use crate::domain::codes::{HsCode, IsicCode, IsicRevision};
use crate::domain::ids::{IndustryId, RegionGroupId};
use crate::domain::places::CountryCode;
use crate::domain::reference::{Industry, Membership, RegionGroup};
use crate::domain::time::Day;

/// The message of an industry.
pub fn industry_message(industry: &Industry) -> pb::Industry {
    pb::Industry {
        name: industry.id.to_string(),
        display_name: industry.display_name.clone(),
        isic_codes: industry.isic_codes.iter().map(|code| code.as_str().to_owned()).collect(),
        hs_codes: industry.hs_codes.iter().map(|code| code.as_str().to_owned()).collect(),
    }
}

/// The message of a region group.
pub fn region_group_message(group: &RegionGroup) -> pb::RegionGroup {
    let membership = |membership: &Membership| pb::Membership {
        region_code: membership.country.to_string(),
        start_date: membership.start.map(|day| day.to_string()).unwrap_or_default(),
        end_date: membership.end.map(|day| day.to_string()).unwrap_or_default(),
    };
    pb::RegionGroup {
        name: group.id.to_string(),
        display_name: group.display_name.clone(),
        memberships: group.memberships.iter().map(membership).collect(),
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
