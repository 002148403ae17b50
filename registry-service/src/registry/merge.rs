//! Two records of one company become one: what the one has moves to the other, and back if that was a mistake.

use std::collections::HashSet;

use service_kit::Violations;
use service_kit::order_by::OrderBy;

use super::enterprises::{enterprise_of, require_live};
use super::{Error, Persisted, Registry, Update, now};
use crate::domain::enterprise::{Enterprise, IllegalTransition, Merge, State};
use crate::domain::identifier::Identifier;
use crate::domain::ids::{EnterpriseId, OpportunityId};
use crate::domain::opportunity::Opportunity;
use crate::store::{self, Expect, Listing, Put, WRITE_MAX, codec};

/// Opportunities that one merge moves: each is put and removed, beside the two records.
const MOVED_MAX: usize = (WRITE_MAX - 2) / 2;
/// Bytes of what one merge writes: it travels in the feed as one message, which must stay below 4 MiB.
const MERGE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Identifiers of one record, as at every other door.
const IDENTIFIERS_MAX: usize = 20;
/// Ids that are tried for an opportunity whose id the other enterprise has.
const SUFFIXES_MAX: usize = 100;
/// Longest id of a resource.
const ID_CHARS_MAX: usize = service_kit::names::RESOURCE_ID_CHARS_MAX;

/// What is to be done with a record.
enum Wish<'a> {
    MergeInto(&'a EnterpriseId),
    Unmerge,
}

impl Registry {
    /// Merges a record into another and answers with that one.
    pub async fn merge_enterprises(
        &self,
        change: &Update<EnterpriseId>,
        into: &EnterpriseId,
    ) -> Result<Enterprise, Error> {
        if change.id == *into {
            let mut violations = Violations::default();
            violations.add("into", "must be another enterprise than `name`");
            return Err(Error::Invalid(violations));
        }
        self.grant(change, &Wish::MergeInto(into)).await
    }

    /// Sets a merged record apart again and answers with it.
    pub async fn unmerge_enterprise(&self, change: &Update<EnterpriseId>) -> Result<Enterprise, Error> {
        self.grant(change, &Wish::Unmerge).await
    }

    /// Reads, decides, writes; again if somebody was faster, unless the caller named a version and that one is gone.
    async fn grant(&self, change: &Update<EnterpriseId>, wish: &Wish<'_>) -> Result<Enterprise, Error> {
        let is_own = |name: &str| change.id.to_string() == name;
        let is_target = |name: &str| matches!(wish, Wish::MergeInto(into) if into.to_string() == name);
        let is_lost = |error: &store::Error| match error {
            store::Error::Stale(name) => change.expected.is_none() || !is_own(name),
            // One that came below it in the meantime has to go along.
            store::Error::Exists(_) | store::Error::LeftBehind { .. } => true,
            // Something that moves, or went elsewhere in the meantime.
            store::Error::NotFound(name) => !is_own(name) && !is_target(name),
            _ => false,
        };
        let granted = self.repeat(change.request.as_ref(), is_lost, || async {
            let puts = self.puts_of(change, wish).await?;
            Ok(self.store.write(change.write(puts)).await?)
        });
        match granted.await? {
            Persisted::Before(written) | Persisted::Now(written) => enterprise_of(written),
        }
    }

    async fn puts_of(&self, change: &Update<EnterpriseId>, wish: &Wish<'_>) -> Result<Vec<Put>, Error> {
        let named = self.enterprise(&change.id).await?;
        if change.expected.is_some_and(|expected| expected != named.revision) {
            return Err(store::Error::Stale(named.id.to_string()).into());
        }
        let puts = match wish {
            Wish::MergeInto(into) => self.merging(&named, &self.enterprise(into).await?).await?,
            Wish::Unmerge => self.unmerging(&named).await?,
        };
        let bytes: usize = puts.iter().map(|put| codec::encode(&put.resource()).len()).sum();
        if bytes > MERGE_BYTES_MAX {
            return Err(Error::TooMuch { limit: "merge_bytes", maximum: MERGE_BYTES_MAX });
        }
        Ok(puts)
    }

    async fn merging(&self, from: &Enterprise, into: &Enterprise) -> Result<Vec<Put>, Error> {
        require_live(from)?;
        require_live(into)?;
        let has = |wanted: &Identifier| into.profile.identifiers.iter().any(|held| held.names_same(wanted));
        let (kept, moved): (Vec<Identifier>, Vec<Identifier>) = from.profile.identifiers.iter().cloned().partition(has);
        if into.profile.identifiers.len() + moved.len() > IDENTIFIERS_MAX {
            return Err(Error::TooMuch { limit: "identifiers", maximum: IDENTIFIERS_MAX });
        }
        let order = OrderBy::ascending("name");
        let all = Listing { filter: None, order, after: None, limit: MOVED_MAX as u32 + 1, show_deleted: false };
        let opportunities = self.store.list_opportunities(Some(&from.id), &all).await?;
        if opportunities.len() > MOVED_MAX {
            return Err(Error::TooMuch { limit: "moved_opportunities", maximum: MOVED_MAX });
        }

        let mut moved_opportunities = Vec::with_capacity(opportunities.len());
        let mut moves = Vec::with_capacity(2 * opportunities.len());
        let mut taken = HashSet::new();
        for opportunity in opportunities {
            let to = self.free_id(&into.id, opportunity.id.as_str(), &mut taken).await?;
            moved_opportunities.push((opportunity.id.clone(), to.clone()));
            moves.extend(moving(opportunity, to));
        }
        let merged = from.changed(now(), |merged| {
            merged.merge = Some(Merge {
                into: into.id.clone(),
                merge_time: merged.update_time,
                previous_state: from.state,
                moved_identifiers: moved.clone(),
                moved_opportunities,
            });
            merged.state = State::Merged;
            merged.profile.identifiers = kept;
            merged.holds.retain(|hold| hold.enterprise != into.id);
        });
        let stays = into.changed(now(), |stays| {
            stays.profile.identifiers.extend(moved);
            stays.holds.retain(|hold| hold.enterprise != from.id);
        });
        let mut puts = vec![put(stays, into.revision), put(merged, from.revision)];
        puts.extend(moves);
        Ok(puts)
    }

    async fn unmerging(&self, merged: &Enterprise) -> Result<Vec<Put>, Error> {
        let Some(merge) = merged.merge.as_ref().filter(|_| merged.is_live()) else {
            // A record that is deleted says so itself.
            require_live(merged)?;
            let transition = IllegalTransition { state: merged.state.name(), allowed: merged.state.allows() };
            return Err(Error::IllegalTransition { name: merged.id.to_string(), transition });
        };
        let into = self.store.enterprise(&merge.into).await?;
        let held = into.iter().flat_map(|into| &into.profile.identifiers);
        let back: Vec<Identifier> = held.filter(|held| is_among(held, &merge.moved_identifiers)).cloned().collect();

        let mut moves = Vec::with_capacity(2 * merge.moved_opportunities.len());
        let mut taken = HashSet::new();
        for (from, to) in &merge.moved_opportunities {
            if let Some(opportunity) = self.store.opportunity(to).await? {
                let home = self.free_id(&merged.id, from.as_str(), &mut taken).await?;
                moves.extend(moving(opportunity, home));
            }
        }
        let apart = merged.changed(now(), |apart| {
            apart.state = merge.previous_state;
            apart.profile.identifiers.extend(back.iter().cloned());
            apart.merge = None;
        });
        let mut puts = vec![put(apart, merged.revision)];
        if let Some(into) = into.filter(|_| !back.is_empty()) {
            let stays = into.changed(now(), |stays| stays.profile.identifiers.retain(|held| !is_among(held, &back)));
            puts.push(put(stays, into.revision));
        }
        puts.extend(moves);
        Ok(puts)
    }

    /// The id below an enterprise, with `-2`, `-3` and so on if it has that one already.
    async fn free_id(
        &self,
        parent: &EnterpriseId,
        id: &str,
        taken: &mut HashSet<OpportunityId>,
    ) -> Result<OpportunityId, Error> {
        for number in 1..=SUFFIXES_MAX {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let stem = &id[..id.len().min(ID_CHARS_MAX - suffix.len())];
            let candidate = format!("{}{suffix}", stem.trim_end_matches('-'));
            let candidate = OpportunityId::new(parent.clone(), &candidate).map_err(store::Error::Broken)?;
            if !taken.contains(&candidate) && self.store.opportunity(&candidate).await?.is_none() {
                taken.insert(candidate.clone());
                return Ok(candidate);
            }
        }
        Err(Error::TooMuch { limit: "opportunities_of_one_id", maximum: SUFFIXES_MAX })
    }
}

fn is_among(identifier: &Identifier, others: &[Identifier]) -> bool {
    others.iter().any(|other| other.names_same(identifier))
}

fn put(enterprise: Enterprise, expected: i64) -> Put {
    Put::Enterprise(Box::new(enterprise), Expect::Revision(expected))
}

/// An opportunity leaves its place and comes to another, otherwise as it is.
fn moving(opportunity: Opportunity, to: OpportunityId) -> [Put; 2] {
    let expected = Expect::Revision(opportunity.revision);
    let moved = opportunity.changed(now(), |moved| moved.id = to);
    [Put::Opportunity(Box::new(moved), Expect::Absent), Put::RemoveOpportunity(Box::new(opportunity), expected)]
}
