//! `ReferenceService`.

use std::sync::Arc;

use proto::registry::v1 as pb;
use proto::registry::v1::reference_service_server::ReferenceService;
use tonic::{Request, Response, Status};

use crate::registry::Registry;

/// `ReferenceService` over the registry.
pub struct References {
    registry: Arc<Registry>,
}

impl References {
    /// Serves a registry.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }
}

#[tonic::async_trait]
impl ReferenceService for References {
    async fn create_industry(
        &self,
        _request: Request<pb::CreateIndustryRequest>,
    ) -> Result<Response<pb::Industry>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_industry(&self, _request: Request<pb::GetIndustryRequest>) -> Result<Response<pb::Industry>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_industries(
        &self,
        _request: Request<pb::ListIndustriesRequest>,
    ) -> Result<Response<pb::ListIndustriesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn update_industry(
        &self,
        _request: Request<pb::UpdateIndustryRequest>,
    ) -> Result<Response<pb::Industry>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn delete_industry(
        &self,
        _request: Request<pb::DeleteIndustryRequest>,
    ) -> Result<Response<pb::Industry>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn create_region_group(
        &self,
        _request: Request<pb::CreateRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_region_group(
        &self,
        _request: Request<pb::GetRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_region_groups(
        &self,
        _request: Request<pb::ListRegionGroupsRequest>,
    ) -> Result<Response<pb::ListRegionGroupsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn update_region_group(
        &self,
        _request: Request<pb::UpdateRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn delete_region_group(
        &self,
        _request: Request<pb::DeleteRegionGroupRequest>,
    ) -> Result<Response<pb::RegionGroup>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn create_zone(&self, _request: Request<pb::CreateZoneRequest>) -> Result<Response<pb::Zone>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_zone(&self, _request: Request<pb::GetZoneRequest>) -> Result<Response<pb::Zone>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_zones(
        &self,
        _request: Request<pb::ListZonesRequest>,
    ) -> Result<Response<pb::ListZonesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn update_zone(&self, _request: Request<pb::UpdateZoneRequest>) -> Result<Response<pb::Zone>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn delete_zone(&self, _request: Request<pb::DeleteZoneRequest>) -> Result<Response<pb::Zone>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn create_office(&self, _request: Request<pb::CreateOfficeRequest>) -> Result<Response<pb::Office>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_office(&self, _request: Request<pb::GetOfficeRequest>) -> Result<Response<pb::Office>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_offices(
        &self,
        _request: Request<pb::ListOfficesRequest>,
    ) -> Result<Response<pb::ListOfficesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn update_office(&self, _request: Request<pb::UpdateOfficeRequest>) -> Result<Response<pb::Office>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn delete_office(&self, _request: Request<pb::DeleteOfficeRequest>) -> Result<Response<pb::Office>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn evaluate_membership(
        &self,
        _request: Request<pb::EvaluateMembershipRequest>,
    ) -> Result<Response<pb::EvaluateMembershipResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}
