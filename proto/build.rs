//! Generates Rust from the .proto files without `protoc`, and the descriptor set that reflection serves.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use prost_types::{FileDescriptorProto, FileDescriptorSet};
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
    generate_encoded(&files, "corridor.registry.v1", "ChangeFeedService", "WatchChanges");
    generate_encoded(&files, "corridor.matcher.v1", "MatcherService", "FindPartners");
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}

/// A service once more, for a server whose answers to one method are encoded already.
fn generate_encoded(files: &FileDescriptorSet, package: &str, service: &str, encoded: &str) {
    let file = files.file.iter().find(|file| file.package() == package && has_service(file, service));
    let found =
        file.and_then(|file| file.service.iter().find(|one| one.name() == service)).expect("the service is there");
    let mut built = Service::builder().name(service).package(package);
    for method in &found.method {
        let (output, codec) = if method.name() == encoded {
            ("prost::bytes::Bytes".to_owned(), "crate::encoded::EncodedCodec")
        } else {
            (path(method.output_type()), "tonic_prost::ProstCodec")
        };
        let one = Method::builder().name(snake(method.name())).route_name(method.name());
        let one = one.input_type(path(method.input_type())).output_type(output).codec_path(codec);
        built = built.method(if method.server_streaming() { one.server_streaming().build() } else { one.build() });
    }
    Builder::new().build_client(false).compile(&[built.build()]);
}

fn has_service(file: &FileDescriptorProto, service: &str) -> bool {
    file.service.iter().any(|one| one.name() == service)
}

/// `.corridor.matcher.v1.Index` as `crate::matcher::v1::Index`.
fn path(name: &str) -> String {
    format!("crate::{}", name.trim_start_matches(".corridor.").replace('.', "::"))
}

/// `FindPartners` as `find_partners`.
fn snake(name: &str) -> String {
    let letter = |(at, letter): (usize, char)| {
        let before = (at > 0 && letter.is_ascii_uppercase()).then_some('_');
        before.into_iter().chain([letter.to_ascii_lowercase()])
    };
    name.chars().enumerate().flat_map(letter).collect()
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
