//! The file that tells other programs where a server listens, as long as it does.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::{fs, io, process};

/// Removes the file when dropped, if it still is ours.
#[derive(Debug)]
pub(super) struct AddressFile {
    path: PathBuf,
    content: String,
}

/// Writes `address` to `path` in one step: a reader finds no file, or all of it.
pub(super) fn write(path: &Path, address: SocketAddr) -> io::Result<AddressFile> {
    let content = format!("{address}\n");
    let mut partial = OsString::from(path);
    partial.push(format!(".{}.partial", process::id()));
    fs::write(&partial, &content)?;
    fs::rename(&partial, path)?;
    Ok(AddressFile { path: path.to_owned(), content })
}

impl Drop for AddressFile {
    fn drop(&mut self) {
        // A successor may have written its own by now.
        if fs::read_to_string(&self.path).is_ok_and(|content| content == self.content) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_lives_as_long_as_its_guard() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("address");
        let guard = write(&path, "127.0.0.1:7".parse().unwrap()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "127.0.0.1:7\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(guard);
        assert!(!path.exists());
    }

    #[test]
    fn a_successors_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("address");
        let old = write(&path, "127.0.0.1:7".parse().unwrap()).unwrap();
        let _new = write(&path, "127.0.0.1:8".parse().unwrap()).unwrap();
        drop(old);
        assert_eq!(fs::read_to_string(&path).unwrap(), "127.0.0.1:8\n");
    }
}
