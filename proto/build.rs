//! Generates Rust from the .proto files without `protoc`, and the descriptor set that reflection serves.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

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
    Ok(())
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
