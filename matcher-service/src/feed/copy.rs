//! The copy in the making: changes go in, snapshots come out.

use prost_types::Timestamp;
use proto::registry::v1 as pb;
use proto::registry::v1::change::Resource;
use service_kit::{RevisionToken, Violations};
use tracing::warn;

use crate::domain::{Date, EnterpriseId, PolicyId};
use crate::index::{Builder, Image, Snapshot, Stamp, TakenUp};
use crate::wire::{self, Author};

use super::quarantine::Quarantine;

/// Everything read so far, and up to which revision.
#[derive(Default)]
pub(crate) struct Copy {
    builder: Builder,
    reached: Option<RevisionToken>,
    committed_on: Option<Date>,
    quarantine: Quarantine,
}

impl Copy {
    /// The revision read to its end.
    pub(crate) fn reached(&self) -> Option<RevisionToken> {
        self.reached
    }

    /// Notes that a revision was read to its end.
    pub(crate) fn arrive(&mut self, token: RevisionToken, commit_time: Option<&Timestamp>) {
        self.reached = Some(token);
        self.committed_on = commit_time.and_then(wire::day).or(self.committed_on);
    }

    /// A snapshot of what was read; none before the first is complete.
    pub(crate) fn publish(&mut self) -> Option<(Snapshot, RevisionToken)> {
        let reached = self.reached?;
        let stamp = Stamp {
            epoch: reached.epoch,
            revision: u64::try_from(reached.revision).unwrap_or_default(),
            committed_on: self.committed_on.unwrap_or_else(|| Date::new(1970, 1, 1).expect("a day of the calendar")),
        };
        let mut snapshot = self.builder.publish(stamp);
        snapshot.quarantine(self.quarantine.shown());
        Some((snapshot, reached))
    }

    /// A copy that goes on where another was put aside.
    pub(crate) fn taken_up(taken_up: TakenUp) -> Self {
        let TakenUp { builder, stamp, left_out } = taken_up;
        let reached = RevisionToken { epoch: stamp.epoch, revision: i64::try_from(stamp.revision).unwrap_or_default() };
        Self {
            builder,
            reached: Some(reached),
            committed_on: Some(stamp.committed_on),
            quarantine: Quarantine::of(left_out),
        }
    }

    /// All that is known, to be put aside; `snapshot` is the last that was published.
    pub(crate) fn image(&self, snapshot: Snapshot) -> Image {
        self.builder.image(snapshot, self.quarantine.names())
    }

    /// Takes one change in. A record that cannot be read is left out, as if it were not there, and logged: one bad record
    /// must not hold up all others.
    pub(crate) fn apply(&mut self, change: pb::Change) {
        let name = change.name.clone();
        if change.resource.is_none() && !name.starts_with("enterprises/") {
            // The registry may be newer, and send what scoring does not know yet.
            return;
        }
        let Err(violations) = self.try_apply(change) else { return self.quarantine.release(&name) };
        self.quarantine.put(&name);
        let first = violations.into_vec().into_iter().next();
        let problem = first.map(|one| format!("{} {}", one.field, one.description)).unwrap_or_default();
        warn!(name, problem, "a record of the registry cannot be read and is left out");
    }

    fn try_apply(&mut self, change: pb::Change) -> Result<(), Violations> {
        let is_deleted = change.kind() == pb::ChangeKind::Deleted;
        match change.resource {
            // Nothing of these is needed to pair.
            Some(Resource::Zone(_) | Resource::Office(_)) => Ok(()),
            None => Err(refused("resource", "is missing or of a kind that is not known here")),
            Some(Resource::Enterprise(message)) => {
                let id = EnterpriseId::parse_name(&change.name).map_err(|problem| refused("name", problem))?;
                let profile = if is_deleted {
                    None
                } else {
                    Some(wire::profile(&message, id.clone(), "enterprise", Author::Registry))
                };
                match profile {
                    Some(Ok(profile)) => self.builder.put_profile(profile),
                    // Also when it cannot be read: what it was before is no longer true.
                    Some(Err(violations)) => {
                        self.builder.delete_profile(&id);
                        return Err(violations);
                    }
                    None => self.builder.delete_profile(&id),
                }
                Ok(())
            }
            Some(Resource::Opportunity(message)) => {
                let parent = change.name.split_once("/opportunities/").map(|(parent, _)| parent).unwrap_or_default();
                let parent = EnterpriseId::parse_name(parent).map_err(|problem| refused("name", problem))?;
                self.builder.delete_opportunity(&parent, &change.name);
                if !is_deleted && message.state() == pb::OpportunityState::Published {
                    let opportunity = wire::opportunity(&message, "opportunity", Author::Registry)?;
                    self.builder.put_opportunity(&parent, opportunity);
                }
                Ok(())
            }
            Some(Resource::Industry(message)) => {
                let definition = wire::industry(&message)?;
                if is_deleted {
                    self.builder.delete_industry(&definition.industry);
                } else {
                    self.builder.put_industry(definition);
                }
                Ok(())
            }
            Some(Resource::Policy(message)) => {
                let id = PolicyId::parse_name(&change.name).map_err(|problem| refused("name", problem))?;
                // Also when it cannot be read: what it said before is no longer true.
                self.builder.delete_policy(&id);
                if !is_deleted {
                    self.builder.put_policy(wire::registered_policy(&message, id)?);
                }
                Ok(())
            }
            Some(Resource::RegionGroup(message)) => {
                let group = wire::region_group(&message)?;
                if is_deleted {
                    self.builder.delete_region_group(&group.id);
                } else {
                    self.builder.put_region_group(group);
                }
                Ok(())
            }
        }
    }
}

fn refused(field: &str, problem: impl ToString) -> Violations {
    let mut violations = Violations::default();
    violations.add(field, problem.to_string());
    violations
}

#[cfg(test)]
mod tests {
    use service_kit::Epoch;

    use super::*;

    fn change(etag: &str, weights: &[i32], kind: pb::ChangeKind) -> pb::Change {
        let weight = |criterion: &i32| pb::CriterionWeight { criterion: *criterion, weight: 1 };
        let name = "policies/p".to_owned();
        let policy = pb::Policy {
            name: name.clone(),
            etag: etag.to_owned(),
            weights: weights.iter().map(weight).collect(),
            ..Default::default()
        };
        pb::Change { name, kind: kind.into(), resource: Some(Resource::Policy(policy)) }
    }

    #[test]
    fn a_policy_is_followed_and_one_that_cannot_be_counted_is_left_out() {
        let mut copy = Copy::default();
        let mut after = |change: pb::Change| {
            copy.apply(change);
            copy.arrive(RevisionToken { epoch: Epoch([7; 16]), revision: 9 }, None);
            let (snapshot, _) = copy.publish().unwrap();
            let version = snapshot.policy(&PolicyId::parse("p").unwrap()).map(|found| found.version);
            (version, snapshot.quarantined().records)
        };
        let updated = pb::ChangeKind::Updated;
        assert_eq!(after(change("r2", &[1], pb::ChangeKind::Created)), (Some(2), 0));
        assert_eq!(after(change("r5", &[1, 2], updated)), (Some(5), 0));
        // A criterion of a later version: what the policy said before is no longer true either.
        assert_eq!(after(change("r6", &[1, 99], updated)), (None, 1));
        assert_eq!(after(change("r7", &[2], updated)), (Some(7), 0));
        assert_eq!(after(change("", &[2], updated)), (None, 1));
        assert_eq!(after(change("r8", &[], pb::ChangeKind::Deleted)), (None, 0));
    }
}
