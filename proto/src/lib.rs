//! The contract of both services: messages, clients and servers generated from the .proto files beside this crate.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    clippy::default_constructed_unit_structs,
    clippy::doc_markdown,
    clippy::large_enum_variant,
    reason = "the code is generated; the documentation is in the .proto files"
)]

/// Package `corridor.registry.v1`.
pub mod registry {
    pub mod v1 {
        tonic::include_proto!("corridor.registry.v1");
    }
}

/// Package `corridor.matcher.v1`.
pub mod matcher {
    pub mod v1 {
        tonic::include_proto!("corridor.matcher.v1");
    }
}

pub mod encoded;

/// Encoded `FileDescriptorSet` of both packages with their comments and imports, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("corridor");

/// Domain of every `google.rpc.ErrorInfo` that either service sends.
pub const ERROR_DOMAIN: &str = "corridor";
