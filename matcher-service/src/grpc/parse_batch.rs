//! Requests for the partners of many enterprises, from the wire.

use proto::matcher::v1 as pb;
use service_kit::filter::Expr;
use service_kit::{RevisionToken, Violations};
use tonic::Status;

use super::parse::{as_of, filter, id, regions, revision_token};
use super::parse_policy::{WantedPolicy, wanted_policy};
use crate::domain::{CountryCode, Date, EnterpriseId, Policy, Region};
use crate::index::Snapshot;
use crate::matcher::{BatchQuestion, PartnerQuestion, Subject};

const TOP_DEFAULT: i32 = 20;
/// More is not a shortlist; and so many explained partners still fit into a message.
const TOP_MAX: i32 = 100;

/// A parsed `BatchFindPartnersRequest`.
pub(super) struct Batch {
    filter: Option<Expr>,
    regions: Vec<Region>,
    partner_filter: Option<Expr>,
    partner_regions: Vec<Region>,
    pub(super) policy: WantedPolicy,
    as_of: Option<Date>,
    limit: usize,
    explained: bool,
    after: Option<EnterpriseId>,
    pub(super) at_least: Option<RevisionToken>,
}

/// Parses a `BatchFindPartnersRequest`.
pub(super) fn batch(message: &pb::BatchFindPartnersRequest) -> Result<Batch, Status> {
    let mut violations = Violations::default();
    let policy = wanted_policy(message.policy.as_ref(), "policy", &mut violations);
    let limit = match message.top {
        0 => TOP_DEFAULT,
        top => top.min(TOP_MAX),
    };
    if limit < 0 {
        violations.add("top", "must not be negative");
    }
    let explained = match pb::PartnerView::try_from(message.view) {
        Ok(view) => view == pb::PartnerView::Full,
        Err(_) => {
            violations.add("view", "must be one of the values of the contract");
            false
        }
    };
    let after = if message.after_enterprise.is_empty() {
        None
    } else {
        id(&message.after_enterprise, "after_enterprise", &mut violations)
    };
    let batch = Batch {
        filter: filter(&message.filter, "filter", &mut violations),
        regions: regions(&message.regions, "regions", &mut violations),
        partner_filter: filter(&message.partner_filter, "partner_filter", &mut violations),
        partner_regions: regions(&message.partner_regions, "partner_regions", &mut violations),
        // A wrong policy is among the violations, so this one is never used.
        policy: policy.unwrap_or_else(|| WantedPolicy::Inline(Policy::default())),
        as_of: as_of(&message.as_of, "as_of", &mut violations),
        limit: usize::try_from(limit).unwrap_or_default(),
        explained,
        after,
        at_least: revision_token(&message.at_least_revision, "at_least_revision", &mut violations),
    };
    violations.check()?;
    Ok(batch)
}

impl Batch {
    /// The id after which to go on; empty at the beginning.
    pub(super) fn after(&self) -> String {
        self.after.as_ref().map(EnterpriseId::to_string).unwrap_or_default()
    }

    /// The question to a snapshot, scored by `policy`.
    pub(super) fn question(self, snapshot: &Snapshot, policy: Policy) -> Result<BatchQuestion, Status> {
        let as_of = self.as_of.unwrap_or_else(|| snapshot.stamp().committed_on);
        let mut violations = Violations::default();
        let mut countries = |regions: &[Region], path: &str| -> Option<Vec<CountryCode>> {
            match snapshot.region_groups().countries(regions, as_of) {
                Ok(countries) => (!regions.is_empty()).then_some(countries),
                Err(unknown) => {
                    unknown.iter().for_each(|one| violations.add(format!("{path}[{}]", one.at), one.to_string()));
                    None
                }
            }
        };
        let own = countries(&self.regions, "regions");
        let partners = countries(&self.partner_regions, "partner_regions");
        violations.check()?;
        let each = PartnerQuestion {
            subject: Subject::Registered(EnterpriseId::inline()),
            countries: partners,
            filter: self.partner_filter,
            policy,
            as_of,
            after: None,
            limit: self.limit,
            explained: self.explained,
        };
        Ok(BatchQuestion { countries: own, filter: self.filter, each })
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let message = pb::BatchFindPartnersRequest {
            filter: "colour = red".to_owned(),
            partner_regions: vec!["Pakistan".to_owned()],
            top: -1,
            after_enterprise: "a".to_owned(),
            ..Default::default()
        };
        let status = batch(&message).err().unwrap();
        let found = status.get_details_bad_request().unwrap().field_violations;
        let mut fields: Vec<_> = found.into_iter().map(|one| one.field).collect();
        fields.sort();
        assert_eq!(fields, ["after_enterprise", "filter", "partner_regions[0]", "top"]);
    }
}
