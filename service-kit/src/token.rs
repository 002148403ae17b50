//! Revision tokens: one revision of one database, in an opaque text that cannot be mistaken for anything else.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Names a revision of one database's change feed. [`fmt::Display`] and [`FromStr`] are the opaque text that travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RevisionToken {
    /// The database that the revision belongs to.
    pub epoch: Epoch,
    /// The revision, never negative; 0 stands for the time before the first write.
    pub revision: i64,
}

/// Random id of a database, drawn when it was created. The caller supplies the random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Epoch(pub [u8; 16]);

/// Why a text is not a token. Which of these it is helps a person, never a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Wrong length or alphabet, a foreign version, or not the one canonical text of its value.
    #[error("is not a revision token")]
    Malformed,
    /// The check bytes do not fit: the text was cut, altered or mistyped.
    #[error("is damaged: its check bytes do not fit")]
    Damaged,
}

const VERSION: u8 = 1;
const PAYLOAD_BYTES: usize = 1 + 16 + 8;
/// Against accidents, not forgers: a token grants nothing that its holder could not ask for anyway.
const CHECK_BYTES: usize = 4;
const BYTES: usize = PAYLOAD_BYTES + CHECK_BYTES;
const TEXT_CHARS: usize = (BYTES * 8).div_ceil(6);

impl fmt::Display for RevisionToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; BYTES];
        bytes[0] = VERSION;
        bytes[1..17].copy_from_slice(&self.epoch.0);
        bytes[17..25].copy_from_slice(&self.revision.to_be_bytes());
        let check = check(&bytes[..PAYLOAD_BYTES]);
        bytes[PAYLOAD_BYTES..].copy_from_slice(&check);
        formatter.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for RevisionToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() != TEXT_CHARS {
            return Err(Error::Malformed);
        }
        // The engine refuses set trailing bits, so no two texts stand for one token.
        let bytes: [u8; BYTES] =
            URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Error::Malformed)?;
        let (payload, found) = bytes.split_at(PAYLOAD_BYTES);
        if payload[0] != VERSION {
            return Err(Error::Malformed);
        }
        if check(payload) != found {
            return Err(Error::Damaged);
        }
        let epoch = Epoch(payload[1..17].try_into().expect("16 bytes were split off"));
        let revision = i64::from_be_bytes(payload[17..25].try_into().expect("8 bytes were split off"));
        if revision < 0 {
            return Err(Error::Malformed);
        }
        Ok(Self { epoch, revision })
    }
}

impl fmt::Display for Epoch {
    /// 32 lower-case hexadecimal digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

fn check(payload: &[u8]) -> [u8; CHECK_BYTES] {
    let digest = Sha256::digest(payload);
    digest[..CHECK_BYTES].try_into().expect("a SHA-256 digest has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKEN: RevisionToken = RevisionToken { epoch: Epoch([7; 16]), revision: 42 };

    #[test]
    fn an_epoch_reads_as_hexadecimal() {
        assert_eq!(Epoch([0xA1; 16]).to_string(), "a1".repeat(16));
    }

    #[test]
    fn the_text_form_is_fixed_for_ever() {
        assert_eq!(TOKEN.to_string(), "AQcHBwcHBwcHBwcHBwcHBwcAAAAAAAAAKgIDKQw");
    }

    #[test]
    fn other_lengths_alphabets_and_paddings_are_refused() {
        let text = TOKEN.to_string();
        for bad in ["", "0", &text[1..], &format!("{text}A"), &format!("{text}="), &text.replace('A', "+"), "\0", "é"]
        {
            assert_eq!(bad.parse::<RevisionToken>(), Err(Error::Malformed), "{bad}");
        }
    }

    #[test]
    fn every_altered_character_is_noticed() {
        let text = TOKEN.to_string();
        for index in 0..text.len() {
            for replacement in ['A', 'B', '_', '9'] {
                let mut altered = text.clone();
                altered.replace_range(index..=index, &replacement.to_string());
                if altered != text {
                    assert!(altered.parse::<RevisionToken>().is_err(), "{altered}");
                }
            }
        }
    }

    #[test]
    fn a_negative_revision_is_refused_even_with_a_fitting_check() {
        let text = RevisionToken { revision: -1, ..TOKEN }.to_string();
        assert_eq!(text.parse::<RevisionToken>(), Err(Error::Malformed));
    }

    proptest! {
        #[test]
        fn every_token_survives_its_text(epoch: [u8; 16], revision in 0..=i64::MAX) {
            let token = RevisionToken { epoch: Epoch(epoch), revision };
            prop_assert_eq!(token.to_string().parse(), Ok(token));
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,60}") {
            let _ = text.parse::<RevisionToken>();
        }
    }
}
