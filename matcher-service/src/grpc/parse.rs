//! Requests about one enterprise or one pair, from the wire.

use proto::matcher::v1 as pb;
use proto::matcher::v1::find_partners_request::Subject as Wanted;
use proto::registry::v1 as registry;
use service_kit::filter::{self, Expr};
use service_kit::page::{self, Digest, PageToken};
use service_kit::{Refusal, RevisionToken, Violations};
use tonic::{Code, Status};

use super::parse_pairing::{self, Pairing};
use super::parse_policy::{WantedPolicy, wanted_policy};
use crate::domain::{Date, EnterpriseId, Policy, Region, State, UnknownGroup};
use crate::index::{FILTER_FIELDS, Snapshot};
use crate::matcher::{PartnerQuestion, Subject};
use crate::wire::{self, Author};

const PAGE_SIZE_DEFAULT: u32 = 20;
const PAGE_SIZE_MAX: u32 = 1_000;
const REGIONS_MAX: usize = 100;
const OPPORTUNITIES_MAX: usize = 100;
/// How evidence names an enterprise that is asked about without a name.
const NAMELESS: &str = "The enterprise asked about";

/// A parsed `FindPartnersRequest`; what depends on the snapshot follows in [`Partners::question`].
pub(super) struct Partners {
    subject: Subject,
    regions: Vec<Region>,
    filter: Option<Expr>,
    pub(super) policy: WantedPolicy,
    as_of: Option<Date>,
    view_full: bool,
    pub(super) at_least: Option<RevisionToken>,
    pub(super) page: Page,
}

/// Where in the list of partners a page is.
#[derive(Debug, Clone)]
pub(super) struct Page {
    size: u32,
    digest: Digest,
    /// The revision of the page before, and its last partner.
    after: Option<(u64, u32, EnterpriseId)>,
}

impl Page {
    /// The token of the page after that partner.
    pub(super) fn token(&self, revision: u64, score: u32, id: &EnterpriseId) -> String {
        PageToken::new(self.digest, format!("{revision}/{score}/{}", id.as_str())).encode()
    }

    fn parse(size: u32, digest: Digest, token: &str) -> Result<Self, String> {
        let mut page = Self { size, digest, after: None };
        if !token.is_empty() {
            let key = PageToken::decode(token, digest).map_err(|problem| problem.to_string())?;
            let mut parts = key.splitn(3, '/');
            let revision = parts.next().and_then(|part| part.parse().ok());
            let score = parts.next().and_then(|part| part.parse().ok());
            let id = parts.next().and_then(|part| EnterpriseId::parse(part).ok());
            let (Some(revision), Some(score), Some(id)) = (revision, score, id) else {
                return Err("is not a page token of this method".to_owned());
            };
            page.after = Some((revision, score, id));
        }
        Ok(page)
    }
}

impl Partners {
    /// The revision of the pages before, if the answer may be of that one.
    pub(super) fn continued(&self) -> Option<u64> {
        let (revision, ..) = self.page.after.as_ref()?;
        let is_enough =
            self.at_least.is_none_or(|least| i64::try_from(*revision).is_ok_and(|own| own >= least.revision));
        is_enough.then_some(*revision)
    }

    /// The question to a snapshot, scored by `policy`. A page goes on only where the pages before were made: at the same revision.
    pub(super) fn question(&self, snapshot: &Snapshot, policy: Policy) -> Result<PartnerQuestion, Status> {
        let present = snapshot.stamp().revision;
        let mut after = None;
        if let Some((revision, score, id)) = &self.page.after {
            if *revision != present {
                let text = format!(
                    "the page token is of revision {revision}, which is no longer kept; the index is at {present}"
                );
                let refusal = Refusal::new(Code::InvalidArgument, registry::ErrorReason::InvalidPageToken, text);
                let field = service_kit::Violation {
                    field: "page_token".to_owned(),
                    description: "is of a revision that is no longer kept; begin again".to_owned(),
                };
                return Err(refusal.violations(vec![field]).into());
            }
            after = Some((*score, id.clone()));
        }
        let as_of = self.as_of.unwrap_or_else(|| snapshot.stamp().committed_on);
        let mut violations = Violations::default();
        let mut countries = |regions: &[Region], path: &str| {
            let found = snapshot.region_groups().countries(regions, as_of);
            let mut tell = |one: UnknownGroup| violations.add(format!("{path}[{}]", one.at), one.to_string());
            found.map_err(|unknown| unknown.into_iter().for_each(&mut tell)).unwrap_or_default()
        };
        let within = countries(&self.regions, "regions");
        if let Subject::Inline(profile) = &self.subject {
            countries(&profile.target_regions, "profile.enterprise.target_regions");
            for (at, opportunity) in profile.opportunities.iter().enumerate() {
                countries(&opportunity.target_regions, &format!("profile.opportunities[{at}].target_regions"));
            }
        }
        violations.check()?;
        Ok(PartnerQuestion {
            subject: self.subject.clone(),
            countries: (!self.regions.is_empty()).then_some(within),
            filter: self.filter.clone(),
            policy,
            as_of,
            after,
            limit: self.page.size as usize,
            explained: self.view_full,
        })
    }
}

/// Parses a `FindPartnersRequest`.
pub(super) fn partners(message: &pb::FindPartnersRequest) -> Result<Partners, Status> {
    let mut violations = Violations::default();
    let subject = match &message.subject {
        Some(Wanted::Enterprise(name)) => id(name, "enterprise", &mut violations).map(Subject::Registered),
        Some(Wanted::Profile(profile)) => inline(profile, &mut violations),
        None => {
            violations.add("enterprise", "must be given, or `profile`");
            None
        }
    };
    let regions = regions(&message.regions, "regions", &mut violations);
    let filter = filter(&message.filter, "filter", &mut violations);
    let policy = wanted_policy(message.policy.as_ref(), "policy", &mut violations);
    let as_of = as_of(&message.as_of, "as_of", &mut violations);
    let size = page::size(message.page_size, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)
        .map_err(|problem| violations.add("page_size", problem))
        .unwrap_or(PAGE_SIZE_DEFAULT);
    let page = Page::parse(size, digest(message), &message.page_token)
        .map_err(|problem| violations.add("page_token", problem))
        .ok();
    let view_full = match pb::PartnerView::try_from(message.view) {
        Ok(view) => view != pb::PartnerView::Scores,
        Err(_) => {
            violations.add("view", "must be one of the values of the contract");
            true
        }
    };
    let at_least = revision_token(&message.at_least_revision, "at_least_revision", &mut violations);
    let (Some(subject), Some(policy), Some(page)) = (subject, policy, page) else {
        return Err(Refusal::from(violations).into());
    };
    violations.check()?;
    Ok(Partners { subject, regions, filter, policy, as_of, view_full, at_least, page })
}

/// Fingerprint of everything that must not change from page to page.
fn digest(message: &pb::FindPartnersRequest) -> Digest {
    use prost::Message;

    let mut same = message.clone();
    same.page_size = 0;
    same.page_token.clear();
    same.at_least_revision.clear();
    page::digest(&[b"FindPartners", &same.encode_to_vec()])
}

fn inline(message: &pb::InlineProfile, violations: &mut Violations) -> Option<Subject> {
    let Some(enterprise) = &message.enterprise else {
        violations.add("profile.enterprise", "must be given");
        return None;
    };
    let mut absorb = |found: Violations| {
        found.into_vec().into_iter().for_each(|one| violations.add(one.field, one.description));
    };
    let mut profile = wire::profile(enterprise, EnterpriseId::inline(), "profile.enterprise", Author::Caller)
        .map_err(&mut absorb)
        .ok();
    if message.opportunities.len() > OPPORTUNITIES_MAX {
        violations.add("profile.opportunities", too_many(OPPORTUNITIES_MAX, message.opportunities.len()));
        return None;
    }
    for (index, message) in message.opportunities.iter().enumerate() {
        let path = format!("profile.opportunities[{index}]");
        let read = wire::opportunity(message, &path, Author::Caller).map_err(&mut absorb);
        if let (Ok(opportunity), Some(profile)) = (read, &mut profile) {
            profile.opportunities.push(opportunity.into());
        }
    }
    let mut profile = profile?;
    profile.state = State::Active;
    if profile.display_name.trim().is_empty() {
        NAMELESS.clone_into(&mut profile.display_name);
    }
    Some(Subject::Inline(Box::new(profile)))
}

/// A parsed `ExplainPairingRequest`.
pub(super) struct Explanation {
    pub(super) a: EnterpriseId,
    pub(super) b: EnterpriseId,
    pub(super) policy: WantedPolicy,
    pub(super) as_of: Option<Date>,
    /// The run that did not set the two together.
    pub(super) run: Option<Pairing>,
    pub(super) at_least: Option<RevisionToken>,
}

/// Parses an `ExplainPairingRequest`.
pub(super) fn explanation(message: &pb::ExplainPairingRequest) -> Result<Explanation, Status> {
    let mut violations = Violations::default();
    let a = id(&message.a, "a", &mut violations);
    let b = id(&message.b, "b", &mut violations);
    let policy = wanted_policy(message.policy.as_ref(), "policy", &mut violations);
    let as_of = as_of(&message.as_of, "as_of", &mut violations);
    let run = message.run.as_ref().and_then(|run| {
        if message.policy.is_some() {
            violations.add("policy", "must be absent where `run` is given, which has its own");
        }
        if !message.as_of.is_empty() {
            violations.add("as_of", "must be absent where `run` is given, which has its own");
        }
        // It may say after which write it was first made; this call has such a token of its own.
        let run = pb::ComputePairingRequest { at_least_revision: String::new(), ..run.clone() };
        let run = parse_pairing::below("run", &run, &mut violations);
        if run.as_ref().is_some_and(|run| !run.has_prices()) {
            violations.add("run.objective", "must be TOTAL_VALUE, which alone has prices");
        }
        run
    });
    let at_least = revision_token(&message.at_least_revision, "at_least_revision", &mut violations);
    let (Some(a), Some(b), Some(policy)) = (a, b, policy) else { return Err(Refusal::from(violations).into()) };
    violations.check()?;
    Ok(Explanation { a, b, policy, as_of, run, at_least })
}

/// A resource name of an enterprise.
pub(super) fn id(name: &str, field: &str, violations: &mut Violations) -> Option<EnterpriseId> {
    let read = EnterpriseId::parse_name(name);
    read.map_err(|_| violations.add(field, "must be a resource name like `enterprises/my-id`")).ok()
}

/// Countries and region groups.
pub(super) fn regions(names: &[String], field: &str, violations: &mut Violations) -> Vec<Region> {
    if names.len() > REGIONS_MAX {
        violations.add(field, too_many(REGIONS_MAX, names.len()));
        return Vec::new();
    }
    let mut regions = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        match Region::parse(name) {
            Ok(region) => regions.push(region),
            Err(_) => violations.add(
                format!("{field}[{index}]"),
                "must be a country like `PK` or a region group like `regionGroups/oic`",
            ),
        }
    }
    regions
}

/// A filter over enterprises.
pub(super) fn filter(text: &str, field: &str, violations: &mut Violations) -> Option<Expr> {
    let parsed = filter::parse(text, FILTER_FIELDS);
    parsed.map_err(|problem| violations.add(field, problem.to_string())).ok().flatten()
}

/// A day; none if it is left out.
pub(super) fn as_of(text: &str, field: &str, violations: &mut Violations) -> Option<Date> {
    if text.is_empty() {
        return None;
    }
    text.parse().map_err(|_| violations.add(field, "must be a day of the calendar, like `2026-01-31`")).ok()
}

/// The revision that an answer must include; none if it is left out.
pub(super) fn revision_token(text: &str, field: &str, violations: &mut Violations) -> Option<RevisionToken> {
    if text.is_empty() {
        return None;
    }
    text.parse().map_err(|problem: service_kit::token::Error| violations.add(field, problem.to_string())).ok()
}

/// What is said of a list that is too long.
pub(super) fn too_many(max: usize, has: usize) -> String {
    format!("must have at most {max} entries, has {has}")
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;
    use crate::index::{Builder, Stamp};

    fn snapshot() -> Snapshot {
        let committed_on = Date::new(2026, 1, 1).unwrap();
        Builder::default().publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 1, committed_on })
    }

    fn fields(status: &Status) -> Vec<String> {
        let found = status.get_details_bad_request().unwrap().field_violations;
        found.into_iter().map(|one| one.field).collect()
    }

    fn inline(enterprise: registry::Enterprise) -> pb::FindPartnersRequest {
        let profile = pb::InlineProfile { enterprise: Some(enterprise), opportunities: Vec::new() };
        pb::FindPartnersRequest { subject: Some(Wanted::Profile(profile)), ..Default::default() }
    }

    #[test]
    fn a_wrong_token_does_not_hide_what_else_is_wrong() {
        let at_least_revision = "unreadable".to_owned();
        let message = pb::FindPartnersRequest { at_least_revision, page_size: -1, ..Default::default() };
        let status = partners(&message).err().unwrap();
        assert_eq!(fields(&status), ["enterprise", "page_size", "at_least_revision"]);
    }

    #[test]
    fn a_region_group_that_does_not_exist_is_refused() {
        let region = "regionGroups/oicc".to_owned();
        let enterprise = registry::Enterprise {
            region_code: "PK".to_owned(),
            target_regions: vec![region.clone()],
            ..Default::default()
        };
        let message = pb::FindPartnersRequest { regions: vec!["CN".to_owned(), region], ..inline(enterprise) };
        let status = partners(&message).unwrap().question(&snapshot(), Policy::default()).unwrap_err();
        assert_eq!(fields(&status), ["regions[1]", "profile.enterprise.target_regions[0]"]);
        assert!(status.message().contains("`regionGroups/oicc` does not exist"), "{}", status.message());
    }

    #[test]
    fn an_inline_profile_is_nobody_of_the_registry() {
        let enterprise = registry::Enterprise { region_code: "PK".to_owned(), ..Default::default() };
        let question = partners(&inline(enterprise)).unwrap().question(&snapshot(), Policy::default()).unwrap();
        let Subject::Inline(profile) = question.subject else { panic!("the subject is inline") };
        assert_eq!(profile.id, EnterpriseId::inline());
        assert_eq!(profile.display_name, NAMELESS);
    }
}
