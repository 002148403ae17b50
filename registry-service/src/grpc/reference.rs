//! `ReferenceService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::reference_service_server::ReferenceService;
use service_kit::door::Door;
use tonic::{Request, Response, Status};

use super::documents::Documents;
use super::status;
use crate::domain::document::Body;
use crate::domain::ids::RegionGroupId;
use crate::domain::places::CountryCode;
use crate::domain::time::Day;
use crate::registry::Registry;
use crate::store;

/// `ReferenceService` over the registry.
pub struct References {
    documents: Documents,
}

impl References {
    /// Serves a registry.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { documents: Documents { registry } }
    }
}

#[tonic::async_trait]
impl ReferenceService for References {
    async fn create_industry(
        &self,
        request: Request<pb::CreateIndustryRequest>,
    ) -> Result<Response<pb::Industry>, Status> {
        self.documents.create(request).await
    }

    async fn get_industry(&self, request: Request<pb::GetIndustryRequest>) -> Result<Response<pb::Industry>, Status> {
        self.documents.get(&request.into_inner().name).await
    }

    async fn list_industries(
        &self,
        request: Request<pb::ListIndustriesRequest>,
    ) -> Result<Response<pb::ListIndustriesResponse>, Status> {
        let message = request.into_inner();
        let (industries, next_page_token) = self.documents.list(message.page_size, &message.page_token).await?;
        Ok(Response::new(pb::ListIndustriesResponse { industries, next_page_token }))
    }

    async fn update_industry(
        &self,
        request: Request<pb::UpdateIndustryRequest>,
    ) -> Result<Response<pb::Industry>, Status> {
        self.documents.update(request).await
    }

    async fn delete_industry(
        &self,
        request: Request<pb::DeleteIndustryRequest>,
    ) -> Result<Response<pb::Industry>, Status> {
        self.documents.delete(request).await
    }

    async fn create_region_group(
        &self,
        request: Request<pb::CreateRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        self.documents.create(request).await
    }

    async fn get_region_group(
        &self,
        request: Request<pb::GetRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        self.documents.get(&request.into_inner().name).await
    }

    async fn list_region_groups(
        &self,
        request: Request<pb::ListRegionGroupsRequest>,
    ) -> Result<Response<pb::ListRegionGroupsResponse>, Status> {
        let message = request.into_inner();
        let (region_groups, next_page_token) = self.documents.list(message.page_size, &message.page_token).await?;
        Ok(Response::new(pb::ListRegionGroupsResponse { region_groups, next_page_token }))
    }

    async fn update_region_group(
        &self,
        request: Request<pb::UpdateRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        self.documents.update(request).await
    }

    async fn delete_region_group(
        &self,
        request: Request<pb::DeleteRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        self.documents.delete(request).await
    }

    async fn create_zone(&self, request: Request<pb::CreateZoneRequest>) -> Result<Response<pb::Zone>, Status> {
        self.documents.create(request).await
    }

    async fn get_zone(&self, request: Request<pb::GetZoneRequest>) -> Result<Response<pb::Zone>, Status> {
        self.documents.get(&request.into_inner().name).await
    }

    async fn list_zones(
        &self,
        request: Request<pb::ListZonesRequest>,
    ) -> Result<Response<pb::ListZonesResponse>, Status> {
        let message = request.into_inner();
        let (zones, next_page_token) = self.documents.list(message.page_size, &message.page_token).await?;
        Ok(Response::new(pb::ListZonesResponse { zones, next_page_token }))
    }

    async fn update_zone(&self, request: Request<pb::UpdateZoneRequest>) -> Result<Response<pb::Zone>, Status> {
        self.documents.update(request).await
    }

    async fn delete_zone(&self, request: Request<pb::DeleteZoneRequest>) -> Result<Response<pb::Zone>, Status> {
        self.documents.delete(request).await
    }

    async fn create_office(&self, request: Request<pb::CreateOfficeRequest>) -> Result<Response<pb::Office>, Status> {
        self.documents.create(request).await
    }

    async fn get_office(&self, request: Request<pb::GetOfficeRequest>) -> Result<Response<pb::Office>, Status> {
        self.documents.get(&request.into_inner().name).await
    }

    async fn list_offices(
        &self,
        request: Request<pb::ListOfficesRequest>,
    ) -> Result<Response<pb::ListOfficesResponse>, Status> {
        let message = request.into_inner();
        let (offices, next_page_token) = self.documents.list(message.page_size, &message.page_token).await?;
        Ok(Response::new(pb::ListOfficesResponse { offices, next_page_token }))
    }

    async fn update_office(&self, request: Request<pb::UpdateOfficeRequest>) -> Result<Response<pb::Office>, Status> {
        self.documents.update(request).await
    }

    async fn delete_office(&self, request: Request<pb::DeleteOfficeRequest>) -> Result<Response<pb::Office>, Status> {
        self.documents.delete(request).await
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
        let found = self.documents.registry.document(&group).await.map_err(status::of)?;
        let Body::RegionGroup(found) = found.body else {
            return Err(status::of(store::Error::Broken(format!("`{group}` is no region group")).into()));
        };
        Ok(Response::new(pb::EvaluateMembershipResponse { member: found.has_member(country, day) }))
    }
}
