//! A group of writes in the making: what the database holds of everything they touch, what they may do, and the rows
//! that come of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::entity::{change, document, enterprise, head, opportunity, opportunity_term, request, revision};
use super::projection::Entries;
use super::reads::opportunity_path;
use crate::domain::document::Document;
use crate::domain::enterprise::Enterprise;
use crate::domain::opportunity::Opportunity;
use crate::domain::time::Timestamp;
use crate::store::{ChangeKind, Error, Expect, Put, Request, Resource, ResourceType, Written};

mod followers;
mod holders;
mod known;
mod newcomers;
mod prepared;
mod references;
mod rows;

use followers::{Followers, Moves};
use holders::{Claims, Holders};
pub(super) use known::answered;
use newcomers::Newcomers;
pub(super) use prepared::Prepared;
use prepared::{Projected, ProjectedRows};
use references::References;
pub(super) use rows::purge_requests;

/// What the writes of one transaction find, and what they leave.
pub(super) struct Ledger {
    head: head::Model,
    now: Timestamp,
    /// What the other tables have of the enterprises that existed before this group.
    stored: HashMap<String, Entries>,
    /// Opportunities that existed before this group, so that their terms must be replaced.
    replaced_opportunities: HashSet<String>,
    /// Enterprises that exist.
    enterprises: HashMap<String, Known>,
    /// Opportunities that exist, with the revision of their version.
    opportunities: HashMap<String, i64>,
    /// Documents that exist, by name, with the revision of their version.
    documents: HashMap<String, i64>,
    /// Opportunities of enterprises that move to another country or are merged.
    followers: Followers,
    /// Who holds an identifier.
    holders: Holders,
    /// Who came in since new records were compared.
    newcomers: Newcomers,
    /// Who names which document.
    references: References,
    /// Requests that were answered.
    requests: HashMap<Uuid, (Vec<u8>, Written)>,
    /// What to store; the last version of each row.
    rows: Rows,
}

/// What is known of an enterprise that exists.
#[derive(Clone, Debug)]
struct Known {
    revision: i64,
    is_live: bool,
    /// Whether opportunities below it may be written.
    is_open: bool,
    region_code: String,
}

/// Rows to store.
#[derive(Default)]
struct Rows {
    /// `None` removes the row.
    enterprises: BTreeMap<String, Option<enterprise::Model>>,
    entries: HashMap<String, Entries>,
    /// `None` removes the row.
    opportunities: BTreeMap<String, Option<opportunity::Model>>,
    opportunity_terms: BTreeMap<String, Vec<opportunity_term::Model>>,
    /// `None` removes the row.
    documents: BTreeMap<String, Option<document::Model>>,
    revisions: Vec<revision::Model>,
    changes: Vec<change::Model>,
    requests: Vec<request::Model>,
}

impl Ledger {
    /// Locks the head and reads what the writes touch.
    pub(super) async fn open(db: &impl ConnectionTrait, writes: &[Prepared], now: Timestamp) -> Result<Self, DbErr> {
        known::open(db, writes, now).await
    }

    /// The newest revision, with those of these writes.
    pub(super) fn revision(&self) -> i64 {
        self.head.revision
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
    pub(super) fn enter(&mut self, prepared: &Prepared) -> Result<Written, Error> {
        let write = &prepared.write;
        if let Some(request) = &write.request
            && let Some((digest, written)) = self.requests.get(&request.id)
        {
            return repetition(request, digest, written);
        }

        let claims = self.check(prepared)?;
        self.check_merges(write)?;
        self.newcomers.check(write.compared.as_deref())?;
        let moves = self.moves(write)?;
        let first = write.puts.first().expect("a write has at least one put");
        if write.validate_only {
            return Ok(Written { revision: 0, answer: stamped(first.resource(), 0) });
        }
        let revision = self.head.revision + 1;
        self.head.revision = revision;
        // Clocks step back now and then; commit times never do.
        self.head.commit_micros = self.head.commit_micros.max(self.now.micros());
        self.holders.apply(claims);

        let commit_micros = self.head.commit_micros;
        self.rows.revisions.push(revision::Model {
            revision,
            commit_micros,
            actor: write.origin.actor.to_string(),
            method: write.origin.method.to_owned(),
            request_id: write.request.map(|request| request.id.to_string()),
            reason: write.origin.reason.clone(),
        });
        for (position, (put, projected)) in prepared.each().enumerate() {
            let data = projected.data.clone();
            if position == 0
                && let Some(Request { id, digest }) = write.request
            {
                let (id, digest, data) = (id.to_string(), digest.to_vec(), data.clone());
                let resource_type = resource_type(put).number();
                self.rows.requests.push(request::Model { id, digest, commit_micros, revision, resource_type, data });
            }
            let happened = self.keep(put, projected, revision, &moves);
            self.references.keep(put, projected);
            self.rows.changes.push(change::Model {
                revision,
                position: i32::try_from(position).expect("a write has at most 500 puts"),
                resource_type: resource_type(put).number(),
                kind: happened.kind.number(),
                name: name(put),
                data,
                region_code: happened.region_code,
                left_region_code: happened.left_region_code,
            });
        }
        self.follow(moves, revision, write.puts.len());

        let written = Written { revision, answer: stamped(first.resource(), revision) };
        if let Some(request) = &write.request {
            self.requests.insert(request.id, (request.digest.to_vec(), written.clone()));
        }
        Ok(written)
    }

    /// Checks a write against what it finds and against itself: what it leaves behind is what must hold together, so
    /// the order of its puts does not matter. Returns who holds which identifier afterwards.
    fn check(&self, prepared: &Prepared) -> Result<Claims, Error> {
        let write = &prepared.write;
        let enterprises: Vec<&Enterprise> = write.puts.iter().filter_map(put_enterprise).collect();
        let open: HashMap<&str, bool> = enterprises.iter().map(|one| (one.id.as_str(), one.is_open())).collect();
        let mut names = HashSet::new();
        for put in &write.puts {
            let name = match put {
                Put::Enterprise(enterprise, expect) | Put::RemoveEnterprise(enterprise, expect) => {
                    let known = self.enterprises.get(enterprise.id.as_str()).map(|known| known.revision);
                    expected(&enterprise.id, known, *expect)?
                }
                Put::Opportunity(opportunity, expect) => {
                    let name = self.check_opportunity(opportunity, *expect)?;
                    let parent = opportunity.id.enterprise.as_str();
                    let was_open = || self.enterprises.get(parent).is_some_and(|known| known.is_open);
                    if !open.get(parent).copied().unwrap_or_else(was_open) {
                        return Err(Error::NotFound(opportunity.id.enterprise.to_string()));
                    }
                    name
                }
                Put::RemoveOpportunity(opportunity, expect) => self.check_opportunity(opportunity, *expect)?,
                Put::Document(document, expect) | Put::RemoveDocument(document, expect) => {
                    let name = document.name();
                    expected(&name, self.documents.get(&name).copied(), *expect)?
                }
            };
            if let Some(name) = names.replace(name) {
                // The version that the second put expects is gone with the first.
                return Err(Error::Stale(name));
            }
        }
        self.references.check(prepared, &self.documents)?;
        let removed = write.puts.iter().filter_map(|put| match put {
            Put::RemoveEnterprise(enterprise, _) => Some(enterprise.id.as_str()),
            _ => None,
        });
        self.holders.claims(&enterprises, removed)
    }

    fn check_opportunity(&self, opportunity: &Opportunity, expect: Expect) -> Result<String, Error> {
        let known = self.opportunities.get(&opportunity_path(&opportunity.id)).copied();
        expected(&opportunity.id, known, expect)
    }

    /// Notes the rows of a put; tells what happened.
    fn keep(&mut self, put: &Put, projected: &Projected, revision: i64, moves: &Moves) -> Happened {
        match put {
            Put::Enterprise(enterprise, _) => self.keep_enterprise(enterprise, projected, revision),
            Put::RemoveEnterprise(enterprise, _) => {
                let id = enterprise.id.as_str();
                self.enterprises.remove(id);
                self.rows.entries.remove(id);
                self.rows.enterprises.insert(id.to_owned(), None);
                Happened { region_code: enterprise.profile.region.to_string(), ..Happened::new(ChangeKind::Deleted) }
            }
            Put::Opportunity(opportunity, _) => {
                let path = opportunity_path(&opportunity.id);
                let is_known = self.opportunities.insert(path.clone(), revision).is_some();
                let term_row = |term: &String| opportunity_term::Model { term: term.clone(), path: path.clone() };
                if let ProjectedRows::Opportunity(row, terms) = &projected.rows {
                    self.rows.opportunity_terms.insert(path.clone(), terms.iter().map(term_row).collect());
                    let row = opportunity::Model { revision, data: projected.data.clone(), ..(**row).clone() };
                    self.rows.opportunities.insert(path, Some(row));
                }
                let kind = if is_known { ChangeKind::Updated } else { ChangeKind::Created };
                self.happened_below(opportunity, moves, kind)
            }
            Put::RemoveOpportunity(opportunity, _) => {
                let path = opportunity_path(&opportunity.id);
                self.opportunities.remove(&path);
                self.rows.opportunity_terms.remove(&path);
                self.rows.opportunities.insert(path, None);
                self.happened_below(opportunity, moves, ChangeKind::Deleted)
            }
            Put::Document(document, _) => {
                let name = document.name();
                let resource_type = ResourceType::of(document).number();
                let row = document::Model { name: name.clone(), resource_type, revision, data: projected.data.clone() };
                self.rows.documents.insert(name.clone(), Some(row));
                let is_known = self.documents.insert(name, revision).is_some();
                Happened::new(if is_known { ChangeKind::Updated } else { ChangeKind::Created })
            }
            Put::RemoveDocument(document, _) => {
                let name = document.name();
                self.documents.remove(&name);
                self.rows.documents.insert(name, None);
                Happened::new(ChangeKind::Deleted)
            }
        }
    }

    fn keep_enterprise(&mut self, enterprise: &Enterprise, projected: &Projected, revision: i64) -> Happened {
        let id = enterprise.id.as_str().to_owned();
        let is_live = enterprise.is_live();
        let region_code = enterprise.profile.region.to_string();
        let known = Known { revision, is_live, is_open: enterprise.is_open(), region_code: region_code.clone() };
        let before = self.enterprises.insert(id.clone(), known);
        let was_live = before.as_ref().map(|known| known.is_live);
        let kind = match (was_live, is_live) {
            (Some(true), true) => ChangeKind::Updated,
            (_, true) => ChangeKind::Created,
            (_, false) => ChangeKind::Deleted,
        };

        if let ProjectedRows::Enterprise(row, entries) = &projected.rows {
            self.newcomers.insert(&id, &entries.keys);
            self.rows.entries.insert(id.clone(), entries.clone());
            let row = enterprise::Model { revision, data: projected.data.clone(), ..(**row).clone() };
            self.rows.enterprises.insert(id, Some(row));
        }

        let left = before.map(|known| known.region_code).filter(|before| *before != region_code);
        Happened { kind, region_code, left_region_code: left.unwrap_or_default() }
    }

    /// What happened to an opportunity, in the country of its enterprise.
    fn happened_below(&self, opportunity: &Opportunity, moves: &Moves, kind: ChangeKind) -> Happened {
        let parent = opportunity.id.enterprise.as_str();
        let known = || self.enterprises.get(parent).map(|known| known.region_code.clone()).unwrap_or_default();
        match moves.get(parent) {
            Some(moving) => Happened { kind, region_code: moving.to.clone(), left_region_code: moving.from.clone() },
            None => Happened { region_code: known(), ..Happened::new(kind) },
        }
    }
}

/// What a put did to its resource.
struct Happened {
    kind: ChangeKind,
    region_code: String,
    left_region_code: String,
}

impl Happened {
    fn new(kind: ChangeKind) -> Self {
        Self { kind, region_code: String::new(), left_region_code: String::new() }
    }
}

fn name(put: &Put) -> String {
    match put {
        Put::Enterprise(enterprise, _) | Put::RemoveEnterprise(enterprise, _) => enterprise.id.to_string(),
        Put::Opportunity(opportunity, _) | Put::RemoveOpportunity(opportunity, _) => opportunity.id.to_string(),
        Put::Document(document, _) | Put::RemoveDocument(document, _) => Document::name(document),
    }
}

fn resource_type(put: &Put) -> ResourceType {
    match put {
        Put::Enterprise(..) | Put::RemoveEnterprise(..) => ResourceType::Enterprise,
        Put::Opportunity(..) | Put::RemoveOpportunity(..) => ResourceType::Opportunity,
        Put::Document(document, _) | Put::RemoveDocument(document, _) => ResourceType::of(document),
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
        Resource::Document(document) => document.revision = revision,
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
