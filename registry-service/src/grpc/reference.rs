//! `ReferenceService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::reference_service_server::ReferenceService;
use service_kit::door::Door;
use tonic::{Request, Response, Status};

use super::convert::Page;
use super::status;
use crate::domain::ids::{IndustryId, RegionGroupId};
use crate::domain::places::CountryCode;
use crate::domain::reference::RegionGroup;
use crate::domain::time::Day;
use crate::registry::Registry;
use crate::store;
use crate::store::codec::{industry_message, region_group_message};

/// `ReferenceService` over the registry.
pub struct References {
    registry: Arc<Registry>,
}

impl References {
    /// Serves a registry.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }

    async fn region_group(&self, id: &RegionGroupId) -> Result<RegionGroup, Status> {
        let groups = self.registry.region_groups().await.map_err(status::of)?;
        groups.into_iter().find(|group| group.id == *id).ok_or_else(|| not_found(id))
    }
}

#[tonic::async_trait]
impl ReferenceService for References {
    async fn get_industry(&self, request: Request<pb::GetIndustryRequest>) -> Result<Response<pb::Industry>, Status> {
        let mut door = Door::default();
        let id = door.take("name", IndustryId::parse(&request.into_inner().name));
        let Some(id) = id else { return Err(door.refused()) };
        let industries = self.registry.industries().await.map_err(status::of)?;
        let industry = industries.iter().find(|industry| industry.id == id).ok_or_else(|| not_found(&id))?;
        Ok(Response::new(industry_message(industry)))
    }

    async fn list_industries(
        &self,
        request: Request<pb::ListIndustriesRequest>,
    ) -> Result<Response<pb::ListIndustriesResponse>, Status> {
        let message = request.into_inner();
        let page = page("ListIndustries", message.page_size, &message.page_token)?;
        let found = self.registry.industries().await.map_err(status::of)?;
        let industries = found.iter().map(industry_message).collect();
        let (industries, next_page_token) = cut(&page, industries, |industry: &pb::Industry| &industry.name);
        Ok(Response::new(pb::ListIndustriesResponse { industries, next_page_token }))
    }

    async fn get_region_group(
        &self,
        request: Request<pb::GetRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        let mut door = Door::default();
        let id = door.take("name", RegionGroupId::parse(&request.into_inner().name));
        let Some(id) = id else { return Err(door.refused()) };
        Ok(Response::new(region_group_message(&self.region_group(&id).await?)))
    }

    async fn list_region_groups(
        &self,
        request: Request<pb::ListRegionGroupsRequest>,
    ) -> Result<Response<pb::ListRegionGroupsResponse>, Status> {
        let message = request.into_inner();
        let page = page("ListRegionGroups", message.page_size, &message.page_token)?;
        let found = self.registry.region_groups().await.map_err(status::of)?;
        let groups = found.iter().map(region_group_message).collect();
        let (region_groups, next_page_token) = cut(&page, groups, |group: &pb::RegionGroup| &group.name);
        Ok(Response::new(pb::ListRegionGroupsResponse { region_groups, next_page_token }))
    }

    async fn evaluate_membership(
        &self,
        request: Request<pb::EvaluateMembershipRequest>,
    ) -> Result<Response<pb::EvaluateMembershipResponse>, Status> {
        let message = request.into_inner();
        let mut door = Door::default();
        let group = door.take("region_group", RegionGroupId::parse(&message.region_group));
        let country = door.take("region_code", CountryCode::parse(&message.region_code));
        let day = door.take("as_of", Day::parse(&message.as_of));
        let (Some(group), Some(country), Some(day)) = (group, country, day) else { return Err(door.refused()) };
        let member = self.region_group(&group).await?.has_member(country, day);
        Ok(Response::new(pb::EvaluateMembershipResponse { member }))
    }
}

fn page(method: &str, page_size: i32, page_token: &str) -> Result<Page, Status> {
    let mut door = Door::default();
    let page = Page::parse(&mut door, method, (page_size, page_token), ("", &[]), "");
    door.close()?;
    Ok(page)
}

/// One page of a list that is read whole: reference data is small.
fn cut<M: prost::Message>(page: &Page, mut entries: Vec<M>, name: fn(&M) -> &String) -> (Vec<M>, String) {
    if let Some(after) = &page.after {
        entries.retain(|entry| name(entry) > after);
    }
    let more = service_kit::page::cut(&mut entries, page.size);
    let last = entries.last().filter(|_| more);
    let token = last.map(|entry| page.token(name(entry))).unwrap_or_default();
    (entries, token)
}

fn not_found(id: &impl ToString) -> Status {
    status::of(store::Error::NotFound(id.to_string()).into())
}
