//! What another registry had assigned to a record, from the wire.

use std::collections::HashSet;

use prost_types::Timestamp as Instant;
use proto::registry::v1 as pb;
use service_kit::Violations;
use service_kit::door::Door;
use uuid::Uuid;

use crate::domain::enterprise::{Hold, HoldReason, Merge, State};
use crate::domain::identifier::{Identifier, Scheme};
use crate::domain::ids::{EnterpriseId, OfficeId, OpportunityId};
use crate::domain::office::OfficeAssignment;
use crate::domain::time::Timestamp;
use crate::registry::Standing;

/// A record can be held because of so many others, and a merge can have moved so many identifiers.
const LIST_MAX: usize = 100;
/// Opportunities that a merge can have moved: all in one write.
const MOVED_MAX: usize = 500;
const WHOLE_PPM: i32 = 1_000_000;

/// Parses the output-only fields of an enterprise; every violation is reported under `path`.
pub(in crate::grpc) fn parse_standing(
    message: &pb::Enterprise,
    path: &str,
    offices: &HashSet<OfficeId>,
) -> Result<Standing, Violations> {
    let mut door = Door::at(path);
    let uid = door.take("uid", Uuid::parse_str(&message.uid).map_err(|_| "must be a UUID"));
    let state = door.required_choice("state", message.state, State::from_number);
    let create_time = instant(&mut door, "create_time", message.create_time);
    let update_time = instant(&mut door, "update_time", message.update_time);
    for (field, time) in [("delete_time", message.delete_time), ("purge_time", message.purge_time)] {
        if time.is_some() {
            door.refuse(field, "must not be set: only live records are restored");
        }
    }
    let known = OfficeId::parse(&message.office).and_then(|office| {
        if offices.contains(&office) { Ok(office) } else { Err(format!("names the unknown office `{office}`")) }
    });
    let office = door.take("office", known);
    let assigned = OfficeAssignment::from_number;
    let office_assignment = door.required_choice("office_assignment", message.office_assignment, assigned);
    let holds = holds(&mut door, &message.holds);
    let merge = message.merge.as_ref().map(|one| merge(&mut door, one));
    if (state == Some(State::Merged)) != message.merge.is_some() {
        door.refuse("merge", "must be set where the state is MERGED, and only there");
    }
    let standing = match (uid, state, create_time, update_time, office, office_assignment) {
        (Some(uid), Some(state), Some(create_time), Some(update_time), Some(office), Some(office_assignment)) => {
            let merge = merge.flatten();
            Some(Standing { uid, state, create_time, update_time, office, office_assignment, holds, merge })
        }
        _ => None,
    };
    let violations = door.violations();
    match standing {
        Some(standing) if violations.is_empty() => Ok(standing),
        _ => Err(violations),
    }
}

fn instant(door: &mut Door, field: &str, time: Option<Instant>) -> Option<Timestamp> {
    let Some(time) = time else {
        door.refuse(field, "must be given");
        return None;
    };
    // A finer instant could not be given back as it is.
    let is_fine = time.nanos % 1_000 != 0;
    let instant = Timestamp::from_parts(time.seconds, time.nanos).filter(|_| !is_fine);
    door.take(field, instant.ok_or("must be an instant of the years 1 to 9999 in whole microseconds"))
}

fn holds(door: &mut Door, holds: &[pb::Hold]) -> Vec<Hold> {
    let mut parsed = Vec::new();
    if !door.at_most("holds", holds, LIST_MAX) {
        return parsed;
    }
    for (index, hold) in holds.iter().enumerate() {
        let reason = door.required_choice(format!("holds[{index}].reason"), hold.reason, HoldReason::from_number);
        let enterprise = door.take(format!("holds[{index}].enterprise"), EnterpriseId::parse(&hold.enterprise));
        if !(0..=WHOLE_PPM).contains(&hold.score_ppm) {
            door.refuse(format!("holds[{index}].score_ppm"), format!("must be 0 to {WHOLE_PPM}"));
        }
        if let (Some(reason), Some(enterprise)) = (reason, enterprise) {
            parsed.push(Hold { reason, enterprise, score_ppm: hold.score_ppm });
        }
    }
    parsed
}

fn merge(door: &mut Door, merge: &pb::Merge) -> Option<Merge> {
    let into = door.take("merge.into", EnterpriseId::parse(&merge.into));
    let merge_time = instant(door, "merge.merge_time", merge.merge_time);
    let previous_state = door.required_choice("merge.previous_state", merge.previous_state, State::from_number);
    let moved_identifiers = door.list("merge.moved_identifiers", &merge.moved_identifiers, LIST_MAX, |moved| {
        let scheme = Scheme::from_number(moved.scheme).ok_or_else(|| "must have a known scheme".to_owned())?;
        Identifier::parse(scheme, &moved.value)
    });
    let moved_opportunities = door.list("merge.moved_opportunities", &merge.moved_opportunities, MOVED_MAX, |moved| {
        Ok::<_, String>((OpportunityId::parse(&moved.from)?, OpportunityId::parse(&moved.to)?))
    });
    Some(Merge {
        into: into?,
        merge_time: merge_time?,
        previous_state: previous_state?,
        moved_identifiers,
        moved_opportunities,
    })
}
