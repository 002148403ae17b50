//! The copy on this machine's disk: written whole or not at all, and believed only if it is whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::index::{Image, TakenUp};

/// What a file of ours begins with; then its version, the SHA-256 of the rest, and the rest.
const MAGIC: &[u8; 16] = b"corridor index\r\n";
const VERSION_BYTES: usize = 4;
const HASH_BYTES: usize = 32;

/// Why a file is not taken up.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is not a copy of an index.
    #[error("it is not a copy of an index")]
    Foreign,
    /// Another version of this program wrote it.
    #[error("it is of version {found}, and this program reads version {}", Image::VERSION)]
    OtherVersion {
        /// Its version.
        found: u32,
    },
    /// It is not what was written.
    #[error("it is damaged")]
    Damaged,
}

/// Writes an image to `path`: at every moment there is the old file or the new one, whole.
pub(crate) fn write(path: &Path, image: &Image) -> io::Result<()> {
    let content = image.write();
    let beside = beside(path);
    let mut file = File::create(&beside)?;
    file.write_all(MAGIC)?;
    file.write_all(&Image::VERSION.to_le_bytes())?;
    file.write_all(&Sha256::digest(&content))?;
    file.write_all(&content)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The new name is durable once the folder is.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}

/// Reads what [`write`] wrote; none if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<TakenUp>, Unusable> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let rest = bytes.strip_prefix(MAGIC).ok_or(Unusable::Foreign)?;
    let (version, rest) = rest.split_first_chunk::<VERSION_BYTES>().ok_or(Unusable::Damaged)?;
    let version = u32::from_le_bytes(*version);
    if version != Image::VERSION {
        return Err(Unusable::OtherVersion { found: version });
    }
    let (hash, content) = rest.split_first_chunk::<HASH_BYTES>().ok_or(Unusable::Damaged)?;
    if Sha256::digest(content)[..] != hash[..] {
        return Err(Unusable::Damaged);
    }
    Image::read(content).map(Some).ok_or(Unusable::Damaged)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        CountryCode, Criterion, Date, EnterpriseId, Fusion, Industry, IndustryDefinition, Membership, Opportunity,
        OpportunityKind, Owner, PairingBounds, PartnershipTypes, Policy, PolicyId, Ppm, Profile, RegionGroup,
        RegisteredPolicy, terms_of,
    };
    use crate::index::{Builder, Stamp};

    fn id(id: &str) -> EnterpriseId {
        EnterpriseId::parse(id).unwrap()
    }

    fn policy_id() -> PolicyId {
        PolicyId::parse("green").unwrap()
    }

    fn stamp() -> Stamp {
        Stamp { epoch: service_kit::Epoch([7; 16]), revision: 5, committed_on: Date::new(2026, 1, 1).unwrap() }
    }

    fn opportunity(enterprise: &str) -> Opportunity {
        Opportunity {
            name: format!("enterprises/{enterprise}/opportunities/1"),
            title: "Silk".to_owned(),
            kind: OpportunityKind::TalentRequest,
            industries: vec![Industry::from_id("silk")],
            isic: Vec::new(),
            hs: Vec::new(),
            terms: terms_of(["silk"]),
            partnership_types: PartnershipTypes::from_iter([3]),
            target_regions: Vec::new(),
            priority: 4,
            expires: Date::new(2030, 1, 1),
        }
    }

    /// Some of everything that a registry holds, and something deleted.
    fn builder() -> Builder {
        let mut builder = Builder::default();
        let country = CountryCode::parse("PK").unwrap();
        let memberships = vec![Membership { country, start: None, end: Date::new(2012, 8, 15) }];
        builder.put_region_group(RegionGroup { id: "oic".into(), display_name: "OIC".to_owned(), memberships });
        let industry = Industry::from_id("silk");
        builder.put_industry(IndustryDefinition {
            industry,
            display_name: "Silk".to_owned(),
            isic: vec![],
            hs: vec![],
        });
        let priorities = vec![(Industry::from_id("silk"), 7)];
        let bounds = PairingBounds { min_score: Ppm::new(9), min_partners: 1, max_partners: 2 };
        let policy = Policy::new(&[(Criterion::Scale, 3), (Criterion::Market, 4)], Fusion::Min, priorities).unwrap();
        builder.put_policy(RegisteredPolicy { id: policy_id(), version: 4, policy: policy.with_bounds(bounds) });
        for name in ["a", "b", "c", "d"] {
            let mut profile = Profile::new(id(name), country);
            profile.founded_year = Some(1964);
            profile.owners = vec![Owner::Enterprise(id("a")), Owner::Name("fund".into())];
            builder.put_profile(profile);
            builder.put_opportunity(&id(name), opportunity(name));
        }
        builder.publish(stamp());
        builder.delete_profile(&id("c"));
        builder
    }

    fn written() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let mut builder = builder();
        let snapshot = builder.publish(stamp());
        write(&path, &builder.image(snapshot, vec!["enterprises/bad".to_owned()])).unwrap();
        (folder, path)
    }

    #[test]
    fn what_was_written_is_read_and_goes_on_as_before() {
        let (_folder, path) = written();
        let TakenUp { builder: mut read, stamp: read_stamp, left_out } = super::read(&path).unwrap().unwrap();
        assert_eq!((read_stamp, left_out), (stamp(), vec!["enterprises/bad".to_owned()]));
        let (mut before, now) = (builder(), read.publish(stamp()));
        let then = before.publish(stamp());
        assert!(now.profiles().eq(then.profiles()));
        assert_eq!((now.opportunities(), now.len()), (then.opportunities(), 3));
        assert_eq!(now.region_groups(), then.region_groups());
        assert_eq!(now.industries(), then.industries());
        assert_eq!(now.policy(&policy_id()), then.policy(&policy_id()));
        assert!(now.policy(&policy_id()).is_some());

        // An enterprise that comes back has its opportunities back, and its links.
        for builder in [&mut read, &mut before] {
            let mut profile = Profile::new(id("c"), CountryCode::parse("CN").unwrap());
            profile.owners = vec![Owner::Name("fund".into())];
            builder.put_profile(profile);
        }
        let (now, then) = (read.publish(stamp()), before.publish(stamp()));
        assert!(now.profiles().eq(then.profiles()));
        assert_eq!(now.opportunities(), 4);
        let linked = |of: &crate::index::Snapshot| {
            let member = of.member(of.find(&id("c")).unwrap());
            of.linked(member.party().ownership).len()
        };
        assert_eq!((linked(&now), linked(&then)), (4, 4));
    }

    #[test]
    fn a_file_that_is_cut_or_altered_or_foreign_is_not_believed() {
        let (_folder, path) = written();
        let whole = fs::read(&path).unwrap();
        let refused = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            super::read(&path).unwrap_err().to_string()
        };
        assert_eq!(refused(b"something else"), "it is not a copy of an index");
        assert_eq!(refused(&whole[..whole.len() - 1]), "it is damaged");
        assert_eq!(refused(&whole[..20]), "it is damaged");
        let mut altered = whole.clone();
        let last = altered.len() - 1;
        altered[last] ^= 1;
        assert_eq!(refused(&altered), "it is damaged");
        // Whatever stands in them: what an older version means is another thing.
        for other in [Image::VERSION + 1, 1] {
            let mut of_another = whole.clone();
            of_another[MAGIC.len()..][..VERSION_BYTES].copy_from_slice(&other.to_le_bytes());
            assert!(refused(&of_another).starts_with(&format!("it is of version {other},")));
        }
    }

    #[test]
    fn no_file_is_no_fault() {
        let folder = tempfile::tempdir().unwrap();
        assert!(super::read(&folder.path().join("index")).unwrap().is_none());
    }
}
