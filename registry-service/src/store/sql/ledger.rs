//! A group of writes in the making: what the database holds of everything they touch, what they may do, and the rows
//! that come of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::entity::{change, enterprise, head, identifier, opportunity, reference, request, term};
use super::filter::{industry_term, isic_term};
use super::reads::{identifier_key, opportunity_path};
use super::writer::resource;
use crate::domain::codes::IsicRevision;
use crate::domain::enterprise::{Activity, Enterprise};
use crate::domain::opportunity::Opportunity;
use crate::domain::time::Timestamp;
use crate::store::{ChangeKind, Error, Expect, Put, Request, Resource, ResourceType, Write, Written, codec};

mod holders;
mod known;
mod rows;

use holders::{Claims, Holders};
pub(super) use known::answered;
pub(super) use rows::purge_requests;

/// What the writes of one transaction find, and what they leave.
pub(super) struct Ledger {
    head: head::Model,
    now: Timestamp,
    /// Enterprises that existed before this group, so that their terms and identifiers must be replaced.
    replaced: HashSet<String>,
    /// Enterprises that exist, with the revision of their version and whether they live.
    enterprises: HashMap<String, (i64, bool)>,
    /// Opportunities that exist, with the revision of their version.
    opportunities: HashMap<String, i64>,
    /// Industries and region groups that exist, by name.
    references: HashSet<String>,
    /// Who holds an identifier.
    holders: Holders,
    /// Requests that were answered.
    requests: HashMap<Uuid, (Vec<u8>, Written)>,
    /// What to store; the last version of each row.
    rows: Rows,
}

/// Rows to store.
#[derive(Default)]
struct Rows {
    enterprises: BTreeMap<String, enterprise::Model>,
    terms: BTreeMap<String, Vec<term::Model>>,
    identifiers: BTreeMap<String, Vec<identifier::Model>>,
    /// `None` removes the row.
    opportunities: BTreeMap<String, Option<opportunity::Model>>,
    references: BTreeMap<String, reference::Model>,
    changes: Vec<change::Model>,
    requests: Vec<request::Model>,
}

impl Ledger {
    /// Locks the head and reads what the writes touch.
    pub(super) async fn open(db: &impl ConnectionTrait, writes: &[Write], now: Timestamp) -> Result<Self, DbErr> {
        known::open(db, writes, now).await
    }

    /// Whether there is anything to store.
    pub(super) fn has_entries(&self) -> bool {
        !self.rows.changes.is_empty()
    }

    /// Stores everything and moves the head, last.
    pub(super) async fn store(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        rows::store(db, self).await
    }

    /// Takes a write in under the next revision, or says why not and leaves everything as it was.
    pub(super) fn enter(&mut self, write: &Write) -> Result<Written, Error> {
        if let Some(request) = &write.request
            && let Some((digest, written)) = self.requests.get(&request.id)
        {
            return repetition(request, digest, written);
        }

        let claims = self.check(write)?;
        if write.validate_only {
            let first = write.puts.first().expect("a write has at least one put");
            return Ok(Written { revision: 0, answer: stamped(resource(first), 0) });
        }
        let revision = self.head.revision + 1;
        self.head.revision = revision;
        // Clocks step back now and then; commit times never do.
        self.head.commit_micros = self.head.commit_micros.max(self.now.micros());
        self.holders.apply(claims);

        let mut answer = None;
        for (position, put) in write.puts.iter().enumerate() {
            let stored = stamped(resource(put), revision);
            let data = codec::encode(&stored);
            let (resource_type, name, kind) = self.keep(put, &data, revision);
            let position = i32::try_from(position).expect("a write has at most 500 puts");
            let commit_micros = self.head.commit_micros;
            let resource_type = resource_type.number();
            if position == 0
                && let Some(Request { id, digest }) = write.request
            {
                let (id, digest, data) = (id.to_string(), digest.to_vec(), data.clone());
                self.rows.requests.push(request::Model { id, digest, commit_micros, revision, resource_type, data });
            }
            let kind = kind.number();
            self.rows.changes.push(change::Model {
                revision,
                position,
                commit_micros,
                resource_type,
                kind,
                name,
                data,
            });
            answer.get_or_insert(stored);
        }

        let written = Written { revision, answer: answer.expect("a write has at least one put") };
        if let Some(request) = &write.request {
            self.requests.insert(request.id, (request.digest.to_vec(), written.clone()));
        }
        Ok(written)
    }

    /// Checks a write against what it finds and against itself: what it leaves behind is what must hold together, so
    /// the order of its puts does not matter. Returns who holds which identifier afterwards.
    fn check(&self, write: &Write) -> Result<Claims, Error> {
        let enterprises: Vec<&Enterprise> = write.puts.iter().filter_map(put_enterprise).collect();
        let lives: HashMap<&str, bool> = enterprises.iter().map(|one| (one.id.as_str(), one.is_live())).collect();
        let mut names = HashSet::new();
        for put in &write.puts {
            let name = match put {
                Put::Enterprise(enterprise, expect) => {
                    let known = self.enterprises.get(enterprise.id.as_str()).map(|(revision, _)| *revision);
                    expected(&enterprise.id, known, *expect)?
                }
                Put::Opportunity(opportunity, expect) => {
                    let name = self.check_opportunity(opportunity, *expect)?;
                    let parent = opportunity.id.enterprise.as_str();
                    let lived = || self.enterprises.get(parent).is_some_and(|(_, lives)| *lives);
                    if !lives.get(parent).copied().unwrap_or_else(lived) {
                        return Err(Error::NotFound(opportunity.id.enterprise.to_string()));
                    }
                    name
                }
                Put::RemoveOpportunity(opportunity, expect) => self.check_opportunity(opportunity, *expect)?,
                Put::Industry(industry) => industry.id.to_string(),
                Put::RegionGroup(group) => group.id.to_string(),
            };
            if let Some(name) = names.replace(name) {
                // The version that the second put expects is gone with the first.
                return Err(Error::Stale(name));
            }
        }
        self.holders.claims(&enterprises)
    }

    fn check_opportunity(&self, opportunity: &Opportunity, expect: Expect) -> Result<String, Error> {
        let known = self.opportunities.get(&opportunity_path(&opportunity.id)).copied();
        expected(&opportunity.id, known, expect)
    }

    /// Notes the rows of a put; tells the feed what happened to what.
    fn keep(&mut self, put: &Put, data: &[u8], revision: i64) -> (ResourceType, String, ChangeKind) {
        let data = data.to_vec();
        match put {
            Put::Enterprise(enterprise, _) => {
                let id = enterprise.id.as_str().to_owned();
                let was_live = self.enterprises.insert(id, (revision, enterprise.is_live())).map(|(_, lives)| lives);
                let kind = match (was_live, enterprise.is_live()) {
                    (Some(true), true) => ChangeKind::Updated,
                    (_, true) => ChangeKind::Created,
                    (_, false) => ChangeKind::Deleted,
                };
                self.keep_enterprise(enterprise, data, revision);
                (ResourceType::Enterprise, enterprise.id.to_string(), kind)
            }
            Put::Opportunity(opportunity, _) => {
                let path = opportunity_path(&opportunity.id);
                let kind = match self.opportunities.insert(path.clone(), revision) {
                    Some(_) => ChangeKind::Updated,
                    None => ChangeKind::Created,
                };
                let enterprise_id = opportunity.id.enterprise.as_str().to_owned();
                let (state, number) = (opportunity.state.number(), opportunity.content.kind.number());
                let row = opportunity::Model { path: path.clone(), enterprise_id, kind: number, state, revision, data };
                self.rows.opportunities.insert(path, Some(row));
                (ResourceType::Opportunity, opportunity.id.to_string(), kind)
            }
            Put::RemoveOpportunity(opportunity, _) => {
                let path = opportunity_path(&opportunity.id);
                self.opportunities.remove(&path);
                self.rows.opportunities.insert(path, None);
                (ResourceType::Opportunity, opportunity.id.to_string(), ChangeKind::Deleted)
            }
            Put::Industry(industry) => {
                self.keep_reference(ResourceType::Industry, industry.id.to_string(), data, revision)
            }
            Put::RegionGroup(group) => {
                self.keep_reference(ResourceType::RegionGroup, group.id.to_string(), data, revision)
            }
        }
    }

    fn keep_enterprise(&mut self, enterprise: &Enterprise, data: Vec<u8>, revision: i64) {
        let id = enterprise.id.as_str().to_owned();
        let profile = &enterprise.profile;

        let mut terms: Vec<String> =
            profile.industries.iter().map(|industry| industry_term(industry.as_str())).collect();
        // Letters and divisions of Rev. 5 mean other things, so they would lie in a filter, which speaks Rev. 4.
        let rev4 = |activity: &&Activity| activity.revision == IsicRevision::Rev4;
        for activity in profile.activities.iter().filter(rev4) {
            terms.extend(activity.isic.lineage().iter().map(|code| isic_term(code)));
        }
        terms.sort_unstable();
        terms.dedup();
        let term_row = |term| term::Model { term, enterprise_id: id.clone() };
        self.rows.terms.insert(id.clone(), terms.into_iter().map(term_row).collect());

        let held = if enterprise.is_live() { profile.identifiers.as_slice() } else { &[] };
        let identifier_row = |held| identifier::Model { identifier: identifier_key(held), enterprise_id: id.clone() };
        self.rows.identifiers.insert(id.clone(), held.iter().map(identifier_row).collect());

        let row = enterprise::Model {
            id: id.clone(),
            region_code: profile.region.to_string(),
            state: enterprise.state.number(),
            deleted: !enterprise.is_live(),
            revision,
            data,
        };
        self.rows.enterprises.insert(id, row);
    }

    fn keep_reference(
        &mut self,
        resource_type: ResourceType,
        name: String,
        data: Vec<u8>,
        revision: i64,
    ) -> (ResourceType, String, ChangeKind) {
        let number = resource_type.number();
        let row = reference::Model { name: name.clone(), resource_type: number, revision, data };
        self.rows.references.insert(name.clone(), row);
        let is_new = self.references.insert(name.clone());
        (resource_type, name, if is_new { ChangeKind::Created } else { ChangeKind::Updated })
    }
}

fn put_enterprise(put: &Put) -> Option<&Enterprise> {
    if let Put::Enterprise(enterprise, _) = put { Some(enterprise) } else { None }
}

/// The resource as a version of that revision.
fn stamped(mut resource: Resource, revision: i64) -> Resource {
    match &mut resource {
        Resource::Enterprise(enterprise) => enterprise.revision = revision,
        Resource::Opportunity(opportunity) => opportunity.revision = revision,
        Resource::Industry(_) | Resource::RegionGroup(_) => {}
    }
    resource
}

/// What to answer to a request whose id is known.
fn repetition(request: &Request, digest: &[u8], written: &Written) -> Result<Written, Error> {
    if digest == request.digest { Ok(written.clone()) } else { Err(Error::RequestReused(request.id)) }
}

/// The name of a resource that is as expected.
fn expected(id: &impl ToString, known: Option<i64>, expect: Expect) -> Result<String, Error> {
    let name = id.to_string();
    match (expect, known) {
        (Expect::Absent, None) => Ok(name),
        (Expect::Absent, Some(_)) => Err(Error::Exists(name)),
        (Expect::Revision(_), None) => Err(Error::NotFound(name)),
        (Expect::Revision(expected), Some(present)) if expected == present => Ok(name),
        (Expect::Revision(_), Some(_)) => Err(Error::Stale(name)),
    }
}
