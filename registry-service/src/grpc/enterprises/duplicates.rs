//! Records that may be the same company: found, merged, set apart again.

use proto::registry::v1 as pb;
use proto::registry::v1::find_duplicates_request::Subject as Wanted;
use service_kit::door::Door;
use service_kit::page;
use tonic::{Request, Response, Status};

use super::super::convert::{change_of, named_change, parse_enterprise};
use super::super::status;
use super::Enterprises;
use crate::domain::ids::EnterpriseId;
use crate::domain::likeness::Evidence;
use crate::registry::{Duplicate, Subject};

/// Smallest score that is told where the caller names none.
const MIN_SCORE_PPM_DEFAULT: i32 = 700_000;
const WHOLE_PPM: i32 = 1_000_000;
/// Records told where the caller names no number.
const DUPLICATES_DEFAULT: u32 = 20;
/// Nobody looks through more.
const DUPLICATES_MAX: u32 = 100;

impl Enterprises {
    pub(super) async fn duplicates(
        &self,
        request: Request<pb::FindDuplicatesRequest>,
    ) -> Result<Response<pb::FindDuplicatesResponse>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let subject = match &message.subject {
            Some(Wanted::Name(name)) => door.take("name", EnterpriseId::parse(name)).map(Subject::Registered),
            Some(Wanted::Enterprise(enterprise)) => {
                let profile = parse_enterprise(enterprise, "enterprise", self.registry.vocabulary());
                let profile = profile.map_err(|violations| door.absorb(violations)).ok();
                profile.map(|profile| Subject::Described(Box::new(profile)))
            }
            None => door.take("name", Err("must be given, or `enterprise`".to_owned())),
        };
        let min_score_ppm = if message.min_score_ppm == 0 { MIN_SCORE_PPM_DEFAULT } else { message.min_score_ppm };
        if !(1..=WHOLE_PPM).contains(&min_score_ppm) {
            let text = format!("must be 1 to {WHOLE_PPM}, or 0 for {MIN_SCORE_PPM_DEFAULT}");
            door.refuse("min_score_ppm", text);
        }
        let size = page::size(message.page_size, DUPLICATES_DEFAULT, DUPLICATES_MAX);
        let size = door.take("page_size", size);
        let (Some(subject), Some(size)) = (subject, size) else { return Err(door.refused()) };
        door.close()?;

        let duplicates = self.registry.find_duplicates(subject, min_score_ppm, size as usize).await;
        let duplicates = duplicates.map_err(status::of)?;
        Ok(Response::new(pb::FindDuplicatesResponse {
            duplicates: duplicates.found.into_iter().map(duplicate).collect(),
            candidates_considered: i32::try_from(duplicates.considered).unwrap_or(i32::MAX),
        }))
    }

    pub(super) async fn merge(
        &self,
        request: Request<pb::MergeEnterprisesRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let mut door = Door::default();
        let change = named_change(&mut door, &request, EnterpriseId::parse);
        let into = door.take("into", EnterpriseId::parse(&request.get_ref().into));
        let (Some(change), Some(into)) = (change, into) else { return Err(door.refused()) };
        door.close()?;
        let stays = self.registry.merge_enterprises(&change, &into).await.map_err(status::of)?;
        Ok(self.written(&stays))
    }

    pub(super) async fn unmerge(
        &self,
        request: Request<pb::UnmergeEnterpriseRequest>,
    ) -> Result<Response<pb::Enterprise>, Status> {
        let change = change_of(&request, EnterpriseId::parse)?;
        let apart = self.registry.unmerge_enterprise(&change).await.map_err(status::of)?;
        Ok(self.written(&apart))
    }
}

fn duplicate(duplicate: Duplicate) -> pb::Duplicate {
    pb::Duplicate {
        enterprise: duplicate.enterprise.id.to_string(),
        display_name: duplicate.enterprise.profile.display_name,
        score_ppm: duplicate.likeness.score_ppm,
        evidence: duplicate.likeness.evidence.into_iter().map(evidence).collect(),
    }
}

fn evidence(evidence: Evidence) -> pb::DuplicateEvidence {
    pb::DuplicateEvidence {
        aspect: evidence.aspect.number(),
        subject_value: evidence.subject_value,
        other_value: evidence.other_value,
        similarity_ppm: evidence.similarity_ppm,
        contribution_ppm: evidence.contribution_ppm,
    }
}
