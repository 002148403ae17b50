//! Pages: bounded sizes, and opaque tokens that are good only for the method and arguments they were made for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message;
use sha2::Sha256;

/// Fingerprint of a method and its arguments; made by [`digest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// Where the next page begins: after `key`, for the method and arguments of `digest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken {
    digest: Digest,
    key: String,
}

/// Why a page token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not made by this service, or altered on the way.
    #[error("is not a page token")]
    Malformed,
    /// Made for another method, filter, order or parent.
    #[error("was made for other arguments; pass the arguments of the first page with it, or begin again without it")]
    OtherArguments,
}

/// Longest sort key in bytes: a name of four segments, and a text of 300 characters of four bytes.
pub const KEY_BYTES_MAX: usize = 2_048;

/// Bytes after which a page ends early: with its last entry it must fit into a message of 4 MiB.
pub const PAGE_BYTES_MAX: usize = 3 * 1_024 * 1_024;

const VERSION: u8 = 1;
/// Half a SHA-256 is enough to tell arguments apart; the token grants nothing that a new List would not.
const DIGEST_BYTES: usize = 16;
const HEAD_BYTES: usize = 1 + DIGEST_BYTES;
const TEXT_CHARS_MAX: usize = ((HEAD_BYTES + KEY_BYTES_MAX) * 8).div_ceil(6);

impl PageToken {
    /// Says that the last row of this page had the sort key `key`, of at most [`KEY_BYTES_MAX`] bytes.
    pub fn new(digest: Digest, key: impl Into<String>) -> Self {
        let key = key.into();
        debug_assert!(key.len() <= KEY_BYTES_MAX, "a sort key of {} bytes would make an unusable token", key.len());
        Self { digest, key }
    }

    /// The opaque text for `next_page_token`.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + self.key.len());
        bytes.push(VERSION);
        bytes.extend(binding(self.digest, &self.key));
        bytes.extend(self.key.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The sort key that the page begins after, if `token` was made for `digest`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything that is not a token, [`Error::OtherArguments`] for a token of another list or
    /// one whose key was altered: the two cannot be told apart.
    pub fn decode(token: &str, digest: Digest) -> Result<String, Error> {
        if token.len() > TEXT_CHARS_MAX {
            return Err(Error::Malformed);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::Malformed)?;
        let (head, key) = bytes.split_at_checked(HEAD_BYTES).ok_or(Error::Malformed)?;
        let key = String::from_utf8(key.to_vec()).map_err(|_| Error::Malformed)?;
        if head[0] != VERSION {
            return Err(Error::Malformed);
        }
        if head[1..] != binding(digest, &key) {
            return Err(Error::OtherArguments);
        }
        Ok(key)
    }
}

/// Fingerprint of `parts`, which are the method's name and every argument but page size and page token. Each part is
/// hashed with its length, so moving a byte from one part to the next changes the fingerprint.
pub fn digest(parts: &[&[u8]]) -> Digest {
    use sha2::Digest as _;
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Digest(hash.finalize().into())
}

/// How many rows to return: `default` if the caller said 0, at most `max` whatever the caller said (AIP-158).
///
/// # Errors
/// A description of the violation if `requested` is negative.
pub fn size(requested: i32, default: u32, max: u32) -> Result<u32, String> {
    match u32::try_from(requested) {
        Ok(0) => Ok(default.min(max)),
        Ok(requested) => Ok(requested.min(max)),
        Err(_) => Err(format!("must not be negative; 0 means {default}, at most {max} are returned")),
    }
}

/// Cuts what was found into one page: at most `size` entries and at most [`PAGE_BYTES_MAX`] bytes, but always one entry.
/// Returns whether something was cut off.
pub fn cut<M: Message>(entries: &mut Vec<M>, size: u32) -> bool {
    let kept = fitting(entries.iter().map(M::encoded_len)).min(size as usize);
    let more = entries.len() > kept;
    entries.truncate(kept);
    more
}

/// How many entries of such lengths in bytes, the first ones of them, are one page: at most [`PAGE_BYTES_MAX`] bytes, but
/// always one entry if there is any.
pub fn fitting(lengths: impl IntoIterator<Item = usize>) -> usize {
    let mut bytes = 0;
    let mut fits = |(at, length): &(usize, usize)| {
        bytes += length;
        // The first one always fits: an entry is far smaller than a page.
        *at == 0 || bytes <= PAGE_BYTES_MAX
    };
    lengths.into_iter().enumerate().take_while(|entry| fits(entry)).count()
}

/// The key is hashed too, so that a key altered on the way is noticed.
fn binding(arguments: Digest, key: &str) -> [u8; DIGEST_BYTES] {
    let Digest(bound) = digest(&[&arguments.0, key.as_bytes()]);
    bound[..DIGEST_BYTES].try_into().expect("a digest has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_gives_its_key_back_for_the_same_arguments() {
        let arguments = digest(&[b"ListEnterprises", b"state = ACTIVE"]);
        for key in ["", "enterprises/silk", "丝绸\u{0}7", &"k".repeat(KEY_BYTES_MAX)] {
            let token = PageToken::new(arguments, key).encode();
            assert_eq!(PageToken::decode(&token, arguments).as_deref(), Ok(key));
        }
    }

    #[test]
    fn a_token_is_refused_for_other_arguments() {
        let token = PageToken::new(digest(&[b"List", b"a"]), "k").encode();
        assert_eq!(PageToken::decode(&token, digest(&[b"List", b"b"])), Err(Error::OtherArguments));
        assert_eq!(PageToken::decode(&token, digest(&[b"Lista"])), Err(Error::OtherArguments));
    }

    #[test]
    fn a_token_with_another_key_is_refused() {
        let arguments = digest(&[b"List"]);
        let mut bytes = URL_SAFE_NO_PAD.decode(PageToken::new(arguments, "k").encode()).unwrap();
        *bytes.last_mut().unwrap() = b'l';
        assert_eq!(PageToken::decode(&URL_SAFE_NO_PAD.encode(bytes), arguments), Err(Error::OtherArguments));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let arguments = digest(&[]);
        for bad in ["1", "AAAA", "not a token", "\0", &"A".repeat(24), &"A".repeat(1_000_000)] {
            assert_eq!(PageToken::decode(bad, arguments), Err(Error::Malformed), "{}", bad.len());
        }
    }

    #[test]
    fn moving_a_byte_between_arguments_changes_the_digest() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_ne!(digest(&[b"a", b""]), digest(&[b"a"]));
    }

    #[test]
    fn sizes_are_defaulted_clamped_or_refused() {
        assert_eq!(size(0, 50, 1_000), Ok(50));
        assert_eq!(size(7, 50, 1_000), Ok(7));
        assert_eq!(size(1_000_000_000, 50, 1_000), Ok(1_000));
        assert!(size(-1, 50, 1_000).unwrap_err().starts_with("must not be negative"));
        assert!(size(i32::MIN, 50, 1_000).is_err());
    }

    #[test]
    fn a_page_ends_at_its_size_or_when_its_bytes_are_used_up() {
        // A `String` is a message of one field.
        let kept = |entries: usize, bytes: usize, size| {
            let mut entries = vec!["x".repeat(bytes); entries];
            let more = cut(&mut entries, size);
            (entries.len(), more)
        };
        assert_eq!(kept(3, 10, 2), (2, true));
        assert_eq!(kept(2, 10, 2), (2, false));
        assert_eq!(kept(0, 10, 2), (0, false));
        assert_eq!(kept(4, 1_000_000, 10), (3, true));
        assert_eq!(kept(2, PAGE_BYTES_MAX, 10), (1, true));
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,80}") {
            prop_assert!(PageToken::decode(&text, digest(&[b"List"])).is_err());
        }
    }
}
