//! Memory for one number a pair.

use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;
use zerocopy::FromBytes;

/// Numbers side by side. Those of large sides lie on large pages where the system has any: a hundred megabytes are 25,000
/// small pages, and to be given them one by one takes longer than to score all the pairs that they hold.
#[derive(Debug)]
pub(crate) struct Sheet(Memory);

#[derive(Debug)]
enum Memory {
    Small(Vec<i32>),
    Large(MmapMut),
}

/// Numbers from which large pages are worth it: a few of them, 2 MiB each.
const LARGE: usize = 4 * 1024 * 1024;

impl Sheet {
    /// So many numbers, each 0.
    pub(crate) fn new(count: usize) -> Self {
        let large = if count >= LARGE { MmapMut::map_anon(count * size_of::<i32>()).ok() } else { None };
        let Some(large) = large else { return Self(Memory::Small(vec![0; count])) };
        // Where there are none, small ones do.
        #[cfg(target_os = "linux")]
        let _ = large.advise(memmap2::Advice::HugePage);
        Self(Memory::Large(large))
    }
}

impl Deref for Sheet {
    type Target = [i32];

    fn deref(&self) -> &[i32] {
        match &self.0 {
            Memory::Small(numbers) => numbers,
            Memory::Large(bytes) => FromBytes::ref_from_bytes(bytes).expect("pages hold whole numbers"),
        }
    }
}

impl DerefMut for Sheet {
    fn deref_mut(&mut self) -> &mut [i32] {
        match &mut self.0 {
            Memory::Small(numbers) => numbers,
            Memory::Large(bytes) => FromBytes::mut_from_bytes(bytes).expect("pages hold whole numbers"),
        }
    }
}

impl Clone for Sheet {
    fn clone(&self) -> Self {
        let mut other = Self::new(self.len());
        other.copy_from_slice(self);
        other
    }
}

impl From<Vec<i32>> for Sheet {
    fn from(numbers: Vec<i32>) -> Self {
        Self(Memory::Small(numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_small_sheets_hold_what_is_written() {
        for count in [0, 1, LARGE - 1, LARGE, LARGE + 3] {
            let mut sheet = Sheet::new(count);
            assert_eq!(sheet.len(), count);
            assert!(sheet.iter().all(|number| *number == 0));
            (0..).zip(sheet.iter_mut()).for_each(|(number, place)| *place = number);
            assert!((0..).zip(sheet.clone().iter()).all(|(number, place)| *place == number));
        }
    }
}
