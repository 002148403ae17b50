//! Writes square matrices in the own format of `NumPy`, version 1.0.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// The header is padded so that the data begin at a multiple of this.
const ALIGNMENT: usize = 64;

/// Writes `size` rows of `size` values, little endian.
pub(crate) fn write(path: &Path, size: usize, values: &[i32]) -> Result<()> {
    let mut header = format!("{{'descr': '<i4', 'fortran_order': False, 'shape': ({size}, {size}), }}");
    // Magic, version and length take ten bytes, the line end one.
    let padding = ALIGNMENT - (header.len() + 11) % ALIGNMENT;
    header.extend(std::iter::repeat_n(' ', padding % ALIGNMENT));
    header.push('\n');
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(header.len() as u16).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    for value in values {
        file.write_all(&value.to_le_bytes())?;
    }
    file.flush()
}
