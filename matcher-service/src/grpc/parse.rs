//! Requests about one enterprise or one pair, from the wire.

use proto::matcher::v1 as pb;
use proto::matcher::v1::find_partners_request::Subject as Wanted;
use proto::registry::v1 as registry;
use service_kit::filter::{self, Expr};
use service_kit::page::{self, Digest, PageToken};
use service_kit::{Refusal, RevisionToken, Violations};
use tonic::{Code, Status};

use crate::domain::{Date, EnterpriseId, Industry, Region};
use crate::index::{FILTER_FIELDS, Snapshot};
use crate::matcher::{PartnerQuestion, Subject};
use crate::scoring::{Criterion, Fusion, Policy};
use crate::wire;

const PAGE_SIZE_DEFAULT: u32 = 20;
const PAGE_SIZE_MAX: u32 = 1_000;
const REGIONS_MAX: usize = 100;
const OPPORTUNITIES_MAX: usize = 100;
/// Largest weight and priority: only proportions matter, and three digits are enough for those.
const WEIGHT_MAX: i32 = 1_000;
/// Id of an enterprise that is asked about without being registered.
const INLINE_ID: &str = "inline-profile";

/// A parsed `FindPartnersRequest`; what depends on the snapshot follows in [`Partners::question`].
pub(super) struct Partners {
    subject: Subject,
    regions: Vec<Region>,
    filter: Option<Expr>,
    policy: Policy,
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
    /// The question to a snapshot. A page goes on only where the pages before were made: at the same revision.
    pub(super) fn question(&self, snapshot: &Snapshot) -> Result<PartnerQuestion, Status> {
        let present = snapshot.stamp().revision;
        let mut after = None;
        if let Some((revision, score, id)) = &self.page.after {
            if *revision != present {
                let text = format!("the page token is of revision {revision}, the index is at {present}; begin again");
                let refusal = Refusal::new(Code::InvalidArgument, registry::ErrorReason::InvalidPageToken, text);
                let field = service_kit::Violation {
                    field: "page_token".to_owned(),
                    description: "is of another revision than the index".to_owned(),
                };
                return Err(refusal.violations(vec![field]).into());
            }
            after = Some((*score, id.clone()));
        }
        Ok(PartnerQuestion {
            subject: self.subject.clone(),
            regions: self.regions.clone(),
            filter: self.filter.clone(),
            policy: self.policy.clone(),
            as_of: self.as_of.unwrap_or(snapshot.stamp().committed_on),
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
    let policy = policy(message.policy.as_ref(), "policy", &mut violations);
    let as_of = as_of(&message.as_of, &mut violations);
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
    let at_least = revision_token(&message.at_least_revision)?;
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
    let inline_id = EnterpriseId::parse(INLINE_ID).expect("it is an id");
    let mut absorb = |found: Violations| {
        found.into_vec().into_iter().for_each(|one| violations.add(one.field, one.description));
    };
    let mut profile = wire::profile(enterprise, inline_id, "profile.enterprise").map_err(&mut absorb).ok();
    if message.opportunities.len() > OPPORTUNITIES_MAX {
        violations.add("profile.opportunities", format!("must have at most {OPPORTUNITIES_MAX} entries"));
        return None;
    }
    for (index, message) in message.opportunities.iter().enumerate() {
        let read = wire::opportunity(message, &format!("profile.opportunities[{index}]")).map_err(&mut absorb);
        if let (Ok(opportunity), Some(profile)) = (read, &mut profile) {
            profile.opportunities.push(opportunity.into());
        }
    }
    let mut profile = profile?;
    profile.state = crate::domain::State::Active;
    Some(Subject::Inline(Box::new(profile)))
}

/// A parsed `ExplainPairingRequest`.
pub(super) struct Explanation {
    pub(super) a: EnterpriseId,
    pub(super) b: EnterpriseId,
    pub(super) policy: Policy,
    pub(super) as_of: Option<Date>,
    pub(super) at_least: Option<RevisionToken>,
}

/// Parses an `ExplainPairingRequest`.
pub(super) fn explanation(message: &pb::ExplainPairingRequest) -> Result<Explanation, Status> {
    let mut violations = Violations::default();
    let a = id(&message.a, "a", &mut violations);
    let b = id(&message.b, "b", &mut violations);
    let policy = policy(message.policy.as_ref(), "policy", &mut violations);
    let as_of = as_of(&message.as_of, &mut violations);
    let at_least = revision_token(&message.at_least_revision)?;
    let (Some(a), Some(b), Some(policy)) = (a, b, policy) else { return Err(Refusal::from(violations).into()) };
    violations.check()?;
    Ok(Explanation { a, b, policy, as_of, at_least })
}

/// A resource name of an enterprise.
pub(super) fn id(name: &str, field: &str, violations: &mut Violations) -> Option<EnterpriseId> {
    let read = EnterpriseId::parse_name(name);
    read.map_err(|_| violations.add(field, "must be a resource name like `enterprises/my-id`")).ok()
}

/// Countries and region groups.
pub(super) fn regions(names: &[String], field: &str, violations: &mut Violations) -> Vec<Region> {
    if names.len() > REGIONS_MAX {
        violations.add(field, format!("must have at most {REGIONS_MAX} entries"));
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
pub(super) fn as_of(text: &str, violations: &mut Violations) -> Option<Date> {
    if text.is_empty() {
        return None;
    }
    text.parse().map_err(|_| violations.add("as_of", "must be a day of the calendar, like `2026-01-31`")).ok()
}

/// The revision that an answer must include.
pub(super) fn revision_token(text: &str) -> Result<Option<RevisionToken>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|problem: service_kit::token::Error| {
        let text = format!("`at_least_revision` {problem}");
        let refusal = Refusal::new(Code::InvalidArgument, registry::ErrorReason::InvalidRevisionToken, text);
        let field = service_kit::Violation { field: "at_least_revision".to_owned(), description: problem.to_string() };
        refusal.violations(vec![field]).into()
    })
}

/// A policy; the default one if it is left out.
pub(super) fn policy(message: Option<&registry::Policy>, field: &str, violations: &mut Violations) -> Option<Policy> {
    let Some(message) = message else { return Some(Policy::default()) };
    let mut weights = Vec::with_capacity(message.weights.len());
    for (index, weight) in message.weights.iter().enumerate() {
        let path = format!("{field}.weights[{index}]");
        if !(0..=WEIGHT_MAX).contains(&weight.weight) {
            violations.add(format!("{path}.weight"), format!("must be 0 to {WEIGHT_MAX}"));
        }
        match criterion(weight.criterion()) {
            Some(criterion) => weights.push((criterion, weight.weight.unsigned_abs())),
            None => violations.add(format!("{path}.criterion"), "must be one of the values of the contract"),
        }
    }
    let fusion = match registry::Fusion::try_from(message.fusion) {
        Ok(registry::Fusion::Unspecified | registry::Fusion::Harmonic) => Fusion::Harmonic,
        Ok(registry::Fusion::Min) => Fusion::Min,
        Ok(registry::Fusion::Product) => Fusion::Product,
        Err(_) => {
            violations.add(format!("{field}.fusion"), "must be one of the values of the contract");
            Fusion::Harmonic
        }
    };
    let mut priorities = Vec::with_capacity(message.industry_priorities.len());
    for (index, priority) in message.industry_priorities.iter().enumerate() {
        let path = format!("{field}.industry_priorities[{index}]");
        if !(0..=WEIGHT_MAX).contains(&priority.priority) {
            violations.add(format!("{path}.priority"), format!("must be 0 to {WEIGHT_MAX}"));
        }
        match Industry::parse_name(&priority.industry) {
            Ok(industry) => priorities.push((industry, priority.priority.unsigned_abs())),
            Err(_) => {
                violations.add(format!("{path}.industry"), "must be a resource name like `industries/new-energy`")
            }
        }
    }
    Policy::new(&weights, fusion, priorities).map_err(|problem| violations.add(field, problem.to_string())).ok()
}

fn criterion(criterion: registry::Criterion) -> Option<Criterion> {
    Some(match criterion {
        registry::Criterion::Unspecified => return None,
        registry::Criterion::RequestsMet => Criterion::RequestsMet,
        registry::Criterion::ValueChain => Criterion::ValueChain,
        registry::Criterion::IndustryFocus => Criterion::IndustryFocus,
        registry::Criterion::Market => Criterion::Market,
        registry::Criterion::Scale => Criterion::Scale,
        registry::Criterion::Language => Criterion::Language,
        registry::Criterion::Assurance => Criterion::Assurance,
    })
}
