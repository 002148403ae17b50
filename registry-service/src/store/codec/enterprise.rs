//! Enterprises as messages of the contract.

use proto::registry::v1 as pb;
use uuid::Uuid;

use super::{Error, instant, stored, stored_all, stored_optional, texts};
use crate::domain::codes::{HsCode, IsicCode, IsicRevision};
use crate::domain::enterprise::{
    Activity, EmployeeBand, Enterprise, Hold, HoldReason, Merge, NameKind, OtherName, Owner, OwnerName, Product,
    Profile, RevenueBand, State, VerificationLevel,
};
use crate::domain::identifier::{Identifier, Scheme};
use crate::domain::ids::{EnterpriseId, IndustryId, OfficeId, OpportunityId, ZoneId};
use crate::domain::office::{OfficeAssignment, responsible};
use crate::domain::places::{CountryCode, Region, SubdivisionCode};
use crate::domain::reference::initial_offices;

/// The message of an enterprise, without `etag` and `revision_token`.
pub fn enterprise_message(enterprise: &Enterprise) -> pb::Enterprise {
    let profile = &enterprise.profile;
    pb::Enterprise {
        name: enterprise.id.to_string(),
        uid: enterprise.uid.to_string(),
        display_name: profile.display_name.clone(),
        other_names: profile.other_names.iter().map(other_name).collect(),
        region_code: profile.region.to_string(),
        subdivision_code: profile.subdivision.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default(),
        city: profile.city.clone(),
        zone: profile.zone.as_ref().map(ToString::to_string).unwrap_or_default(),
        identifiers: profile.identifiers.iter().map(identifier).collect(),
        activities: profile.activities.iter().map(activity).collect(),
        products: profile.products.iter().map(product).collect(),
        industries: texts(&profile.industries),
        employee_band: profile.employee_band.map_or(0, EmployeeBand::number),
        revenue_band: profile.revenue_band.map_or(0, RevenueBand::number),
        founded_year: profile.founded_year.unwrap_or_default(),
        language_codes: profile.language_codes.clone(),
        certifications: profile.certifications.clone(),
        target_regions: texts(&profile.target_regions),
        presence_region_codes: texts(&profile.presence_regions),
        owners: profile.owners.iter().map(owner).collect(),
        website_uri: profile.website_uri.clone(),
        description: profile.description.clone(),
        state: enterprise.state.number(),
        verification_level: profile.verification_level.map_or(0, VerificationLevel::number),
        etag: String::new(),
        create_time: Some(instant::write(enterprise.create_time)),
        update_time: Some(instant::write(enterprise.update_time)),
        delete_time: enterprise.delete_time.map(instant::write),
        revision_token: String::new(),
        purge_time: enterprise.purge_time.map(instant::write),
        office: enterprise.office.to_string(),
        office_assignment: enterprise.office_assignment.number(),
        holds: enterprise.holds.iter().map(hold).collect(),
        merge: enterprise.merge.as_ref().map(merge),
    }
}

fn hold(hold: &Hold) -> pb::Hold {
    pb::Hold { reason: hold.reason.number(), enterprise: hold.enterprise.to_string(), score_ppm: hold.score_ppm }
}

fn merge(merge: &Merge) -> pb::Merge {
    let moved = |(from, to): &(OpportunityId, OpportunityId)| pb::MovedOpportunity {
        from: from.to_string(),
        to: to.to_string(),
    };
    pb::Merge {
        into: merge.into.to_string(),
        merge_time: Some(instant::write(merge.merge_time)),
        previous_state: merge.previous_state.number(),
        moved_identifiers: merge.moved_identifiers.iter().map(identifier).collect(),
        moved_opportunities: merge.moved_opportunities.iter().map(moved).collect(),
    }
}

fn other_name(name: &OtherName) -> pb::OtherName {
    pb::OtherName {
        value: name.value.clone(),
        language_code: name.language_code.clone(),
        kind: name.kind.map_or(0, NameKind::number),
    }
}

fn identifier(identifier: &Identifier) -> pb::Identifier {
    pb::Identifier {
        scheme: identifier.scheme().number(),
        value: identifier.value().to_owned(),
        check: identifier.check().number(),
    }
}

fn activity(activity: &Activity) -> pb::Activity {
    pb::Activity {
        isic_code: activity.isic.as_str().to_owned(),
        isic_revision: activity.revision.number(),
        primary: activity.primary,
    }
}

fn product(product: &Product) -> pb::Product {
    pb::Product { hs_code: product.hs.as_str().to_owned(), title: product.title.clone() }
}

fn owner(owner: &Owner) -> pb::Owner {
    let (enterprise, display_name) = match &owner.who {
        OwnerName::Enterprise(id) => (id.to_string(), String::new()),
        OwnerName::Other(name) => (String::new(), name.clone()),
    };
    pb::Owner { enterprise, display_name, share_ppm: owner.share_ppm }
}

/// Reads a stored message.
pub(super) fn read(message: pb::Enterprise, revision: i64) -> Result<Enterprise, Error> {
    let region = stored(CountryCode::parse(&message.region_code))?;
    let profile = Profile {
        display_name: message.display_name,
        other_names: message.other_names.into_iter().map(read_other_name).collect(),
        region,
        subdivision: stored_optional(&message.subdivision_code, |code| SubdivisionCode::parse(code, region))?,
        city: message.city,
        zone: stored_optional(&message.zone, ZoneId::parse)?,
        identifiers: message.identifiers.iter().map(read_identifier).collect::<Result<_, _>>()?,
        activities: message.activities.iter().map(read_activity).collect::<Result<_, _>>()?,
        products: message.products.into_iter().map(read_product).collect::<Result<_, _>>()?,
        industries: stored_all(message.industries, IndustryId::parse)?,
        employee_band: EmployeeBand::from_number(message.employee_band),
        revenue_band: RevenueBand::from_number(message.revenue_band),
        founded_year: Some(message.founded_year).filter(|year| *year != 0),
        language_codes: message.language_codes,
        certifications: message.certifications,
        target_regions: stored_all(message.target_regions, Region::parse)?,
        presence_regions: stored_all(message.presence_region_codes, CountryCode::parse)?,
        owners: message.owners.into_iter().map(read_owner).collect::<Result<_, _>>()?,
        website_uri: message.website_uri,
        description: message.description,
        verification_level: VerificationLevel::from_number(message.verification_level),
    };
    // Records that were written before there were offices name none; they belong to those that a registry begins with.
    let office = stored_optional(&message.office, OfficeId::parse)?;
    let office = office.unwrap_or_else(|| responsible(&initial_offices(), &profile));
    let state = State::from_number(message.state).ok_or_else(|| Error::Broken("a state is unknown".to_owned()))?;
    Ok(Enterprise {
        id: stored(EnterpriseId::parse(&message.name))?,
        uid: Uuid::parse_str(&message.uid).map_err(|problem| Error::Broken(problem.to_string()))?,
        profile,
        state,
        create_time: instant::required(message.create_time)?,
        update_time: instant::required(message.update_time)?,
        delete_time: instant::read(message.delete_time)?,
        purge_time: instant::read(message.purge_time)?,
        office,
        office_assignment: OfficeAssignment::from_number(message.office_assignment)
            .unwrap_or(OfficeAssignment::Jurisdiction),
        holds: message.holds.iter().map(read_hold).collect::<Result<_, _>>()?,
        merge: message.merge.map(read_merge).transpose()?,
        revision,
    })
}

fn read_hold(hold: &pb::Hold) -> Result<Hold, Error> {
    let reason = HoldReason::from_number(hold.reason);
    Ok(Hold {
        reason: reason.ok_or_else(|| Error::Broken("a reason to hold is unknown".to_owned()))?,
        enterprise: stored(EnterpriseId::parse(&hold.enterprise))?,
        score_ppm: hold.score_ppm,
    })
}

fn read_merge(merge: pb::Merge) -> Result<Merge, Error> {
    let moved = |moved: &pb::MovedOpportunity| {
        Ok((stored(OpportunityId::parse(&moved.from))?, stored(OpportunityId::parse(&moved.to))?))
    };
    let previous = State::from_number(merge.previous_state);
    Ok(Merge {
        into: stored(EnterpriseId::parse(&merge.into))?,
        merge_time: instant::required(merge.merge_time)?,
        previous_state: previous.ok_or_else(|| Error::Broken("a state is unknown".to_owned()))?,
        moved_identifiers: merge.moved_identifiers.iter().map(read_identifier).collect::<Result<_, _>>()?,
        moved_opportunities: merge.moved_opportunities.iter().map(moved).collect::<Result<_, Error>>()?,
    })
}

fn read_other_name(name: pb::OtherName) -> OtherName {
    OtherName { value: name.value, language_code: name.language_code, kind: NameKind::from_number(name.kind) }
}

fn read_identifier(identifier: &pb::Identifier) -> Result<Identifier, Error> {
    let scheme = Scheme::from_number(identifier.scheme);
    let scheme = scheme.ok_or_else(|| Error::Broken("an identifier scheme is unknown".to_owned()))?;
    stored(Identifier::parse(scheme, &identifier.value))
}

fn read_activity(activity: &pb::Activity) -> Result<Activity, Error> {
    let revision = IsicRevision::from_number(activity.isic_revision).unwrap_or(IsicRevision::Rev4);
    let isic = stored(IsicCode::parse(&activity.isic_code, revision))?;
    Ok(Activity { isic, revision, primary: activity.primary })
}

fn read_product(product: pb::Product) -> Result<Product, Error> {
    Ok(Product { hs: stored(HsCode::parse(&product.hs_code))?, title: product.title })
}

fn read_owner(owner: pb::Owner) -> Result<Owner, Error> {
    let who = match stored_optional(&owner.enterprise, EnterpriseId::parse)? {
        Some(id) => OwnerName::Enterprise(id),
        None => OwnerName::Other(owner.display_name),
    };
    Ok(Owner { who, share_ppm: owner.share_ppm })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The office that a record belongs to which says nothing of offices.
    fn office(region_code: &str, subdivision_code: &str) -> String {
        let stored = pb::Enterprise {
            name: "enterprises/a".to_owned(),
            uid: Uuid::nil().to_string(),
            region_code: region_code.to_owned(),
            subdivision_code: subdivision_code.to_owned(),
            state: State::Active.number(),
            create_time: Some(prost_types::Timestamp::default()),
            update_time: Some(prost_types::Timestamp::default()),
            ..Default::default()
        };
        read(stored, 1).expect("it parses").office.to_string()
    }

    #[test]
    fn a_record_from_before_there_were_offices_belongs_to_the_one_of_its_place() {
        assert_eq!(office("CN", "CN-ZJ"), "offices/yangtze-river-delta");
        assert_eq!(office("CN", "CN-GD"), "offices/headquarters");
        assert_eq!(office("PK", ""), "offices/headquarters");
    }
}
