//! The services that every server has beside its own: health, and reflection in both versions that clients speak.

use std::future::Future;
use std::sync::Arc;

use tonic::server::NamedService;
use tonic::service::{Routes, RoutesBuilder};
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthApi, HealthServer};
use tonic_health::server::{HealthReporter, HealthService};

/// The health of every service, and of the whole under the empty name; all of them change together.
#[derive(Clone)]
pub(super) struct Health {
    reporter: HealthReporter,
    services: Arc<[&'static str]>,
}

impl Health {
    /// Everything is `NOT_SERVING` at first.
    pub(super) async fn new(services: Vec<&'static str>) -> Self {
        let health = Self { reporter: HealthReporter::new(), services: services.into() };
        health.set(ServingStatus::NotServing).await;
        health
    }

    pub(super) async fn set(&self, status: ServingStatus) {
        for service in self.services.iter().copied().chain([""]) {
            self.reporter.set_service_status(service, status).await;
        }
    }

    pub(super) async fn set_after(self, event: impl Future<Output = ()>, status: ServingStatus) {
        event.await;
        self.set(status).await;
    }
}

/// Adds health and reflection to `routes`. Reflection lists what this server serves, not everything in the contract.
pub(super) fn add(mut routes: RoutesBuilder, health: &Health) -> Result<Routes, tonic_reflection::server::Error> {
    let health_server = HealthServer::new(HealthService::from_health_reporter(health.reporter.clone()));
    let mut listed = vec![name_of(&health_server)];
    listed.extend(health.services.iter().copied());
    // grpcurl before 1.8.7, grpcui and Postman only speak v1alpha.
    routes.add_service(reflection(&listed).build_v1()?);
    routes.add_service(reflection(&listed).build_v1alpha()?);
    routes.add_service(health_server);
    Ok(routes.routes())
}

fn reflection(listed: &[&str]) -> tonic_reflection::server::Builder<'static> {
    let builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        // Without google.rpc, clients print error details as base64.
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET);
    listed.iter().fold(builder, |builder, &name| builder.with_service_name(name))
}

fn name_of<T: HealthApi>(_server: &HealthServer<T>) -> &'static str {
    <HealthServer<T> as NamedService>::NAME
}
