//! Connected clients of both services, what tests store with them, and how a refusal must look.

use std::time::Duration;

use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::registry::v1::change_feed_service_client::ChangeFeedServiceClient;
use proto::registry::v1::enterprise_service_client::EnterpriseServiceClient;
use proto::registry::v1::opportunity_service_client::OpportunityServiceClient;
use proto::registry::v1::policy_service_client::PolicyServiceClient;
use proto::registry::v1::reference_service_client::ReferenceServiceClient;
use proto::registry::v1::{
    ActivateEnterpriseRequest, Activity, CreateEnterpriseRequest, CreateOpportunityRequest, Enterprise, ErrorReason,
    ListEnterprisesRequest, Opportunity, Review, ReviewOpportunityRequest, SubmitOpportunityRequest,
};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::{ErrorDetail, StatusExt};

/// Clients of the registry on one connection.
#[derive(Clone, Debug)]
pub struct RegistryClients {
    pub enterprises: EnterpriseServiceClient<Channel>,
    pub opportunities: OpportunityServiceClient<Channel>,
    pub reference: ReferenceServiceClient<Channel>,
    pub policies: PolicyServiceClient<Channel>,
    pub feed: ChangeFeedServiceClient<Channel>,
}

/// No answer of a test is larger.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

impl RegistryClients {
    /// Connects to `http://address:port`.
    pub async fn connect(url: &str) -> Self {
        let channel = channel(url).await;
        Self {
            enterprises: EnterpriseServiceClient::new(channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX),
            opportunities: OpportunityServiceClient::new(channel.clone()),
            reference: ReferenceServiceClient::new(channel.clone()),
            policies: PolicyServiceClient::new(channel.clone()),
            feed: ChangeFeedServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX),
        }
    }

    /// Registers an enterprise under `id`; it stays a draft.
    pub async fn stored(&mut self, id: &str, enterprise: Enterprise) -> Enterprise {
        let request = CreateEnterpriseRequest {
            enterprise: Some(enterprise),
            enterprise_id: id.to_owned(),
            ..CreateEnterpriseRequest::default()
        };
        self.enterprises.create_enterprise(request).await.expect("the enterprise is valid").into_inner()
    }

    /// Lets a stored enterprise take part.
    pub async fn activated(&mut self, enterprise: &Enterprise) -> Enterprise {
        // Tests that share a registry register many alike; what is held, and why, is the subject of others.
        let name = enterprise.name.clone();
        let request = ActivateEnterpriseRequest { name, dismiss_holds: true, ..ActivateEnterpriseRequest::default() };
        self.enterprises.activate_enterprise(request).await.expect("a draft can be activated").into_inner()
    }

    /// Registers an enterprise under `id` and lets it take part.
    pub async fn active(&mut self, id: &str, enterprise: Enterprise) -> Enterprise {
        let draft = self.stored(id, enterprise).await;
        self.activated(&draft).await
    }

    /// Writes down an opportunity of `parent`, which a review publishes.
    pub async fn published(&mut self, parent: &Enterprise, id: &str, opportunity: Opportunity) -> Opportunity {
        let request = CreateOpportunityRequest {
            parent: parent.name.clone(),
            opportunity: Some(opportunity),
            opportunity_id: id.to_owned(),
            ..CreateOpportunityRequest::default()
        };
        let draft = self.opportunities.create_opportunity(request).await.expect("the opportunity is valid");
        let name = draft.into_inner().name;
        let request = SubmitOpportunityRequest { name: name.clone(), ..Default::default() };
        self.opportunities.submit_opportunity(request).await.expect("a draft can be handed in");
        let review = Review { clarity: 3, innovation: 3, readiness: 3, relevance: 3, ..Default::default() };
        let request = ReviewOpportunityRequest { name, review: Some(review), ..Default::default() };
        self.opportunities.review_opportunity(request).await.expect("it can be reviewed").into_inner()
    }

    /// Every enterprise, also the deleted ones.
    pub async fn all(&mut self) -> Vec<Enterprise> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let request =
                ListEnterprisesRequest { page_size: 1_000, page_token, show_deleted: true, ..Default::default() };
            let page = self.enterprises.list_enterprises(request).await.expect("lists can be read").into_inner();
            all.extend(page.enterprises);
            if page.next_page_token.is_empty() {
                return all;
            }
            page_token = page.next_page_token;
        }
    }
}

/// A client of the matcher at `http://address:port`.
pub async fn matcher(url: &str) -> MatcherServiceClient<Channel> {
    MatcherServiceClient::new(channel(url).await).max_decoding_message_size(MESSAGE_BYTES_MAX)
}

/// A connection to `http://address:port`.
///
/// # Panics
///
/// If nobody listens there.
pub async fn channel(url: &str) -> Channel {
    let endpoint = Endpoint::from_shared(url.to_owned()).expect("the url is valid");
    endpoint.connect_timeout(Duration::from_secs(5)).connect().await.expect("the service listens")
}

/// The least that a valid enterprise has, plus a main activity by ISIC division.
pub fn enterprise(display_name: &str, region_code: &str, isic_code: &str) -> Enterprise {
    Enterprise {
        display_name: display_name.to_owned(),
        region_code: region_code.to_owned(),
        activities: vec![Activity { isic_code: isic_code.to_owned(), primary: true, ..Activity::default() }],
        ..Enterprise::default()
    }
}

/// Checks that a call was refused with this code and reason, in the one form that every error has.
///
/// # Panics
///
/// If it was not.
#[track_caller]
pub fn refused_with<T: std::fmt::Debug>(outcome: Result<T, Status>, code: Code, reason: ErrorReason) -> Status {
    let status = outcome.expect_err("the call must be refused");
    assert_eq!(status.code(), code, "{status:?}");
    let details = status.get_error_details_vec();
    let infos = details.iter().filter_map(|detail| match detail {
        ErrorDetail::ErrorInfo(info) => Some((info.domain.as_str(), info.reason.as_str())),
        _ => None,
    });
    let reason = reason.as_str_name().trim_start_matches("ERROR_REASON_");
    assert_eq!(infos.collect::<Vec<_>>(), [(proto::ERROR_DOMAIN, reason)], "{status:?}");
    status
}

/// Paths of all fields that a refusal complains about, in order of path.
pub fn violated_fields(status: &Status) -> Vec<String> {
    let Some(bad_request) = status.get_details_bad_request() else { return Vec::new() };
    let mut fields = bad_request.field_violations.into_iter().map(|violation| violation.field).collect::<Vec<_>>();
    fields.sort();
    fields
}
