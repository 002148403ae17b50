//! Collections of documents: what their messages and requests have in common, so that one path serves them all.

use std::fmt::Display;

use prost::Message;
use prost_types::FieldMask;
use proto::registry::v1 as pb;
use service_kit::Violations;
use service_kit::door::Door;

use super::mask::{Mask, writable};
use super::{policy, reference};
use crate::domain::document::Body;
use crate::domain::ids::{IndustryId, OfficeId, PolicyId, RegionGroupId, ZoneId};
use crate::domain::places::CountryCode;
use crate::registry::Vocabulary;
use crate::store::ResourceType;
use crate::store::codec::DocumentMessage;

/// The message of a document.
pub(in crate::grpc) trait Collection: Message + Default + Clone {
    /// Its id.
    type Id: Display + Send + Sync;

    /// Field of requests that holds the message, like `zone`.
    const FIELD: &'static str;
    /// Its type.
    const RESOURCE_TYPE: ResourceType;
    /// Name of the method that lists it.
    const LIST_METHOD: &'static str;

    /// Takes the bare id.
    fn new_id(id: &str) -> Result<Self::Id, String>;
    /// Reads the resource name.
    fn parse_name(name: &str) -> Result<Self::Id, String>;
    /// The resource name.
    fn name(&self) -> &str;
    /// The version.
    fn etag(&self) -> &str;
    /// Parses what a caller wrote; every violation is reported under [`Collection::FIELD`].
    fn parse(&self, id: Self::Id, vocabulary: &Vocabulary) -> Result<Body, Violations>;
    /// The mask of an update.
    fn mask(mask: Option<&FieldMask>, door: &mut Door) -> Mask;
    /// The message with the masked fields of `update`.
    fn merged(self, update: &Self, mask: &Mask) -> Self;
    /// The least that is valid: stands in for the record that an update is about before that is read.
    fn stand_in(&self) -> Self;
    /// The message, if it is of this collection.
    fn of(message: DocumentMessage) -> Option<Self>;
}

/// A request that creates a document.
pub(in crate::grpc) trait Creation: Message {
    /// What it creates.
    type Document: Collection;

    /// Name of the method.
    const METHOD: &'static str;

    /// The message, if it is given.
    fn document(&self) -> Option<&Self::Document>;
    /// The id to use.
    fn id(&self) -> &str;
    /// Identity of the request; may be empty.
    fn request_id(&self) -> &str;
    /// Whether to check only.
    fn validate_only(&self) -> bool;
}

/// A request that updates a document.
pub(in crate::grpc) trait Revision: Message {
    /// What it updates.
    type Document: Collection;

    /// Name of the method.
    const METHOD: &'static str;

    /// The message, if it is given.
    fn document(&self) -> Option<&Self::Document>;
    /// The fields to change.
    fn update_mask(&self) -> Option<&FieldMask>;
    /// Identity of the request; may be empty.
    fn request_id(&self) -> &str;
    /// Whether to check only.
    fn validate_only(&self) -> bool;
}

macro_rules! collection {
    (
        $message:ident, $id:ident, $list:literal, $parse:path, $fields:ident, $merge:ident, $stand_in:expr,
        $create:ident { $field:ident, $id_field:ident } => $create_method:literal,
        $update:ident => $update_method:literal
    ) => {
        impl Collection for pb::$message {
            type Id = $id;

            const FIELD: &'static str = stringify!($field);
            const RESOURCE_TYPE: ResourceType = ResourceType::$message;
            const LIST_METHOD: &'static str = $list;

            fn new_id(id: &str) -> Result<$id, String> {
                $id::new(id)
            }

            fn parse_name(name: &str) -> Result<$id, String> {
                $id::parse(name)
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn etag(&self) -> &str {
                &self.etag
            }

            fn parse(&self, id: $id, vocabulary: &Vocabulary) -> Result<Body, Violations> {
                let mut door = Door::at(Self::FIELD);
                let parsed = $parse(&mut door, self, id, vocabulary);
                door.violations().check()?;
                Ok(Body::$message(parsed))
            }

            fn mask(mask: Option<&FieldMask>, door: &mut Door) -> Mask {
                Mask::parse(mask, $fields, door)
            }

            fn merged(self, update: &Self, mask: &Mask) -> Self {
                $merge(self, update, mask)
            }

            fn stand_in(&self) -> Self {
                $stand_in(self)
            }

            fn of(message: DocumentMessage) -> Option<Self> {
                if let DocumentMessage::$message(message) = message { Some(message) } else { None }
            }
        }

        impl Creation for pb::$create {
            type Document = pb::$message;

            const METHOD: &'static str = $create_method;

            fn document(&self) -> Option<&pb::$message> {
                self.$field.as_ref()
            }

            fn id(&self) -> &str {
                &self.$id_field
            }

            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn validate_only(&self) -> bool {
                self.validate_only
            }
        }

        impl Revision for pb::$update {
            type Document = pb::$message;

            const METHOD: &'static str = $update_method;

            fn document(&self) -> Option<&pb::$message> {
                self.$field.as_ref()
            }

            fn update_mask(&self) -> Option<&FieldMask> {
                self.update_mask.as_ref()
            }

            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn validate_only(&self) -> bool {
                self.validate_only
            }
        }
    };
}

writable!(merge_industry, INDUSTRY, industry_sets, pb::Industry, [display_name, isic_codes, hs_codes]);
writable!(merge_region_group, REGION_GROUP, region_group_sets, pb::RegionGroup, [display_name, memberships]);
writable!(merge_zone, ZONE, zone_sets, pb::Zone, [display_name, region_code, subdivision_code, city, focus_industries]);
writable!(merge_office, OFFICE, office_sets, pb::Office, [display_name, jurisdictions, city]);
writable!(
    merge_policy,
    POLICY,
    policy_sets,
    pb::Policy,
    [display_name, description, weights, fusion, industry_priorities, bounds]
);

collection!(
    Industry, IndustryId, "ListIndustries", reference::industry, INDUSTRY, merge_industry,
    |_: &pb::Industry| pb::Industry { display_name: stand_in_name(), ..Default::default() },
    CreateIndustryRequest { industry, industry_id } => "CreateIndustry",
    UpdateIndustryRequest => "UpdateIndustry"
);
collection!(
    RegionGroup, RegionGroupId, "ListRegionGroups", reference::region_group, REGION_GROUP, merge_region_group,
    |_: &pb::RegionGroup| pb::RegionGroup { display_name: stand_in_name(), ..Default::default() },
    CreateRegionGroupRequest { region_group, region_group_id } => "CreateRegionGroup",
    UpdateRegionGroupRequest => "UpdateRegionGroup"
);
collection!(
    Zone, ZoneId, "ListZones", reference::zone, ZONE, merge_zone, stand_in_zone,
    CreateZoneRequest { zone, zone_id } => "CreateZone",
    UpdateZoneRequest => "UpdateZone"
);
collection!(
    Office, OfficeId, "ListOffices", reference::office, OFFICE, merge_office,
    |_: &pb::Office| pb::Office { display_name: stand_in_name(), ..Default::default() },
    CreateOfficeRequest { office, office_id } => "CreateOffice",
    UpdateOfficeRequest => "UpdateOffice"
);
collection!(
    Policy, PolicyId, "ListPolicies", policy::policy, POLICY, merge_policy,
    |_: &pb::Policy| pb::Policy::default(),
    CreatePolicyRequest { policy, policy_id } => "CreatePolicy",
    UpdatePolicyRequest => "UpdatePolicy"
);

fn stand_in_name() -> String {
    "stand-in".to_owned()
}

/// A subdivision is judged within its own country; whether that is the zone's is seen later.
fn stand_in_zone(wanted: &pb::Zone) -> pb::Zone {
    let region = wanted.subdivision_code.get(..2).filter(|code| CountryCode::parse(code).is_ok());
    let region_code = region.unwrap_or("CN").to_owned();
    pb::Zone { display_name: stand_in_name(), region_code, ..Default::default() }
}
