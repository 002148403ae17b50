//! Rows of opportunities: each is created, or updated where it exists, and published.

use std::fs::File;

use proto::registry::v1 as pb;
use proto::registry::v1::opportunity_service_client::OpportunityServiceClient;
use service_kit::identity::Caller;
use tonic::{Code, Status};

use super::enterprises::industry_name;
use super::table::{Row, Table};
use super::{Error, Report, Summary};

/// Columns of the file; `!` marks the required ones.
pub(super) const COLUMNS: &[&str] = &[
    "!enterprise_id",
    "!opportunity_id",
    "!kind",
    "!title",
    "summary",
    "industries",
    "isic_codes",
    "hs_codes",
    "keywords",
    "partnership_types",
    "target_regions",
    "development_stage",
    "priority",
];

/// What became of one row.
enum Action {
    Created,
    Updated,
    Unchanged,
}

pub(super) async fn run(
    mut reader: csv::Reader<File>,
    table: Table,
    caller: Caller,
    report: &Report,
) -> Result<Summary, Error> {
    let mut client = OpportunityServiceClient::new(caller);
    let mut summary = Summary::default();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(summary),
            Ok(true) => {}
            Err(problem) => {
                summary.refused += 1;
                report.refused(problem.position().map_or(0, csv::Position::line), &problem.to_string());
                report.done(1);
                if problem.is_io_error() {
                    return Ok(summary);
                }
                continue;
            }
        }
        let mut row = table.row(&record);
        let (parent, id) = (format!("enterprises/{}", row.text("enterprise_id")), row.text("opportunity_id"));
        let opportunity = message(&mut row);
        let line = row.line();
        report.done(1);
        if let Some(problem) = row.problem() {
            summary.refused += 1;
            report.refused(line, &problem);
            continue;
        }
        match import(&mut client, parent, id, opportunity).await {
            Ok(Action::Created) => summary.created += 1,
            Ok(Action::Updated) => summary.updated += 1,
            Ok(Action::Unchanged) => summary.unchanged += 1,
            Err(status) if is_about_the_row(status.code()) => {
                summary.refused += 1;
                report.refused(line, status.message());
            }
            Err(status) => return Err(Box::new(status).into()),
        }
    }
}

async fn import(
    client: &mut OpportunityServiceClient<Caller>,
    parent: String,
    opportunity_id: String,
    opportunity: pb::Opportunity,
) -> Result<Action, Status> {
    let name = format!("{parent}/opportunities/{opportunity_id}");
    let mut wanted = opportunity.clone();
    wanted.name.clone_from(&name);
    let opportunity = Some(opportunity);
    let create = pb::CreateOpportunityRequest { parent, opportunity, opportunity_id, ..Default::default() };
    let (stored, mut action) = match client.create_opportunity(create).await {
        Ok(created) => (created.into_inner(), Action::Created),
        Err(status) if status.code() == Code::AlreadyExists => {
            let before = client
                .get_opportunity(pb::GetOpportunityRequest { name: name.clone(), read_mask: None })
                .await?
                .into_inner();
            let update_mask = Some(prost_types::FieldMask { paths: vec!["*".to_owned()] });
            let update = pb::UpdateOpportunityRequest { opportunity: Some(wanted), update_mask, ..Default::default() };
            let updated = client.update_opportunity(update).await?.into_inner();
            let action = if updated.etag == before.etag { Action::Unchanged } else { Action::Updated };
            (updated, action)
        }
        Err(status) => return Err(status),
    };
    let is_moved = publish(client, &stored).await?;
    if let (Action::Unchanged, true) = (&action, is_moved) {
        action = Action::Updated;
    }
    Ok(action)
}

/// Leads an opportunity from any state to where it is published, if it is not; returns whether it was not. One that was
/// rejected stays so until its row says something else, which makes a draft of it.
async fn publish(client: &mut OpportunityServiceClient<Caller>, stored: &pb::Opportunity) -> Result<bool, Status> {
    let name = &stored.name;
    let submit = pb::SubmitOpportunityRequest { name: name.clone(), ..Default::default() };
    match stored.state() {
        pb::OpportunityState::Published => return Ok(false),
        pb::OpportunityState::InReview => {}
        pb::OpportunityState::Expired => {
            // The row names no time, so there is none to renew it until.
            client.close_opportunity(pb::CloseOpportunityRequest { name: name.clone(), ..Default::default() }).await?;
            client.submit_opportunity(submit).await?;
        }
        _ => {
            client.submit_opportunity(submit).await?;
        }
    }
    let review = Some(review());
    client
        .review_opportunity(pb::ReviewOpportunityRequest { name: name.clone(), review, ..Default::default() })
        .await?;
    Ok(true)
}

/// Whether the next row may fare better.
fn is_about_the_row(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument | Code::NotFound | Code::AlreadyExists | Code::FailedPrecondition | Code::Aborted
    )
}

fn message(row: &mut Row<'_>) -> pb::Opportunity {
    pb::Opportunity {
        kind: row.choice("kind", "OPPORTUNITY_KIND_", pb::OpportunityKind::from_str_name),
        title: row.text("title"),
        summary: row.text("summary"),
        industries: row.list("industries").iter().map(industry_name).collect(),
        isic_codes: row.list("isic_codes"),
        hs_codes: row.list("hs_codes"),
        keywords: row.list("keywords"),
        partnership_types: row.choices("partnership_types", "PARTNERSHIP_TYPE_", pb::PartnershipType::from_str_name),
        target_regions: row.list("target_regions"),
        development_stage: row.choice("development_stage", "DEVELOPMENT_STAGE_", pb::DevelopmentStage::from_str_name),
        priority: row.number("priority"),
        ..Default::default()
    }
}

/// The review of what the importer vouches for.
fn review() -> pb::Review {
    let comment = "imported as published".to_owned();
    pb::Review { clarity: 3, innovation: 3, readiness: 3, relevance: 3, comment, review_time: None }
}
