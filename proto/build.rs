//! Generates Rust from the .proto files without `protoc`, and the descriptor set that reflection serves.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use tonic_build::manual::{Builder, Method, Service};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    collect(Path::new("corridor"), &mut files)?;
    files.sort();
    println!("cargo::rerun-if-changed=corridor");
    println!("cargo::rerun-if-changed=third_party");

    let mut compiler = protox::Compiler::new([".", "third_party"])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;

    // Encoded by the compiler itself, so that custom options (field behaviour, resources) survive.
    let descriptors = PathBuf::from(env::var("OUT_DIR")?).join("corridor.bin");
    fs::write(descriptors, compiler.encode_file_descriptor_set())?;

    // The options' own types are never read in Rust.
    let mut files = compiler.file_descriptor_set();
    files.file.retain(|file| file.package() != "google.api");
    tonic_prost_build::configure().compile_fds(files)?;
    generate_encoded_feed();
    Ok(())
}

/// The change feed once more, for a server whose events are encoded already: many watchers are sent the same bytes.
fn generate_encoded_feed() {
    let method = |name, route, input, output, codec| {
        let method = Method::builder().name(name).route_name(route);
        method.input_type(input).output_type(output).codec_path(codec)
    };
    let get = method(
        "get_change_feed",
        "GetChangeFeed",
        "crate::registry::v1::GetChangeFeedRequest",
        "crate::registry::v1::ChangeFeed",
        "tonic_prost::ProstCodec",
    );
    let watch = method(
        "watch_changes",
        "WatchChanges",
        "crate::registry::v1::WatchChangesRequest",
        "prost::bytes::Bytes",
        "crate::encoded::WatchCodec",
    );
    let service = Service::builder().name("ChangeFeedService").package("corridor.registry.v1");
    let service = service.method(get.build()).method(watch.server_streaming().build()).build();
    Builder::new().build_client(false).compile(&[service]);
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
