//! A registry of its own for a test.

use std::sync::Arc;

use registry_service::registry::Registry;
use registry_service::store::sql::{Options, SqlStore};

/// A registry over a database that goes with it.
pub(crate) struct World {
    pub(crate) registry: Registry,
    _folder: tempfile::TempDir,
}

/// An empty registry.
pub(crate) async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("registry.db").display());
    let store = SqlStore::open(&Options { url, max_connections: 4 }).await.unwrap();
    World { registry: Registry::open(Arc::new(store)).await.unwrap(), _folder: folder }
}
