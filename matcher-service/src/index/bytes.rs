//! Numbers and texts as bytes, and back.

/// Appends numbers and texts.
pub(super) trait Write {
    /// Seven bits a byte, least first: one byte for nearly all.
    fn number(&mut self, number: u64);
    /// A text with its length before it.
    fn text(&mut self, text: &str);
}

impl Write for Vec<u8> {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.push(number as u8);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.extend(text.as_bytes());
    }
}

/// Items for which there is room at once; lists of the contract are shorter.
const LIST_AT_ONCE: usize = 1_024;

/// Reads what [`Write`] wrote; nothing where the bytes end too early or are of another kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// One byte.
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A number.
    pub(super) fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
            shift += 7;
        }
    }

    /// A number of things, of which each takes a byte at least; so a length that is not one cannot fill the memory.
    pub(super) fn length(&mut self) -> Option<usize> {
        let length = usize::try_from(self.number()?).ok()?;
        (length <= self.0.len()).then_some(length)
    }

    /// A text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.length()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// A list, item by item.
    pub(super) fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.length()?;
        // A wrong length must not fill the memory before it is noticed.
        let mut items = Vec::with_capacity(length.min(LIST_AT_ONCE));
        for _ in 0..length {
            items.push(item(self)?);
        }
        Some(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut bytes = Vec::new();
        for number in [0, 127, 128, 300, u64::MAX] {
            bytes.number(number);
        }
        bytes.text("\u{4E1D}\u{7EF8}");
        let mut reader = Reader(&bytes);
        let numbers: Vec<_> = (0..5).map(|_| reader.number().unwrap()).collect();
        assert_eq!(numbers, [0, 127, 128, 300, u64::MAX]);
        assert_eq!(reader.text(), Some("\u{4E1D}\u{7EF8}"));
        assert_eq!(reader.byte(), None);
    }

    #[test]
    fn a_length_that_is_none_is_refused() {
        let mut bytes = Vec::new();
        bytes.number(1 << 40);
        assert_eq!(Reader(&bytes).text(), None);
        assert_eq!(Reader(&[0xFF; 20]).number(), None);
    }
}
