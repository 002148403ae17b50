//! What `bench-topk` measures with: the index and the search without the network around them.

use std::ops::{ControlFlow, Deref};
use std::path::Path;
use std::{fmt, io};

use proto::registry::v1 as pb;
use service_kit::{Epoch, RevisionToken};

use crate::domain::{EnterpriseId, Policy};
use crate::feed::{Copy, save};
use crate::index::{Image, Member, Snapshot};
use crate::matcher::{Matrix, PartnerQuestion, Subject, find, score};
use crate::pairing::Sheet;
use crate::scoring::Scorer;

/// An index that is fed by hand.
pub struct Yardstick {
    copy: Copy,
    snapshot: Snapshot,
    revision: i64,
}

/// Enterprises that stand in the rows or columns of a matrix.
pub struct Side(Vec<Member>);

/// The enterprise asked about does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub String);

impl fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` does not exist", self.0)
    }
}

impl std::error::Error for Unknown {}

impl Yardstick {
    /// Loads changes as the feed brings them.
    pub fn load(changes: impl IntoIterator<Item = pb::Change>) -> Self {
        let mut copy = Copy::default();
        changes.into_iter().for_each(|change| copy.apply(change));
        let (snapshot, revision) = publish(&mut copy, 1);
        Self { copy, snapshot, revision }
    }

    /// Takes one change in and shows it.
    pub fn change(&mut self, change: pb::Change) {
        self.copy.apply(change);
        (self.snapshot, self.revision) = publish(&mut self.copy, self.revision + 1);
    }

    /// The best partners of an enterprise: id and score in ppm, best first.
    ///
    /// # Errors
    /// [`Unknown`] if there is no such enterprise.
    pub fn find(&self, enterprise: &str, limit: usize) -> Result<Vec<(String, u32)>, Unknown> {
        let unknown = || Unknown(enterprise.to_owned());
        let question = PartnerQuestion {
            subject: Subject::Registered(EnterpriseId::parse_name(enterprise).map_err(|_| unknown())?),
            countries: None,
            filter: None,
            policy: Policy::default(),
            as_of: self.snapshot.stamp().committed_on,
            after: None,
            limit,
            explained: false,
        };
        let found = find(&self.snapshot, &question).ok_or_else(unknown)?;
        Ok(found.partners.into_iter().map(|one| (one.id.name(), one.score.pair.get())).collect())
    }

    /// Enterprises to be scored with [`Yardstick::matrix`].
    ///
    /// # Errors
    /// [`Unknown`] if there is no such enterprise.
    pub fn side(&self, names: &[String]) -> Result<Side, Unknown> {
        let member = |name: &String| {
            let id = EnterpriseId::parse_name(name).ok();
            let slot = id.and_then(|id| self.snapshot.find(&id)).ok_or_else(|| Unknown(name.clone()))?;
            Ok(self.snapshot.member(slot))
        };
        Ok(Side(names.iter().map(member).collect::<Result<_, _>>()?))
    }

    /// Scores every enterprise of one side with every one of the other, row by row; -1 where a rule keeps the two apart.
    pub fn matrix(&self, Side(rows): &Side, Side(columns): &Side) -> impl Deref<Target = [i32]> + use<> {
        let policy = Policy::default();
        let scorer = Scorer::new(self.snapshot.region_groups(), &policy, self.snapshot.stamp().committed_on);
        let mut values = Sheet::new(rows.len() * columns.len());
        let mut matrix = Matrix { pair: &mut values, directed: None, least: 0 };
        let _ = score(&self.snapshot, &scorer, [rows, columns], &mut matrix, &mut |_, _| ControlFlow::Continue(()));
        values
    }

    /// Puts the index aside where a matcher takes it up.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        save(path, &self.copy.image(self.snapshot.clone()))
    }

    /// Puts the index aside as bytes.
    pub fn put_aside(&self) -> Vec<u8> {
        self.copy.image(self.snapshot.clone()).write()
    }

    /// Takes up what was put aside; none if it is something else.
    pub fn take_up(bytes: &[u8]) -> Option<Self> {
        let mut copy = Copy::taken_up(Image::read(bytes)?);
        let (snapshot, revision) = publish(&mut copy, 1);
        Some(Self { copy, snapshot, revision })
    }

    /// How many enterprises there are.
    pub fn enterprises(&self) -> usize {
        self.snapshot.len()
    }

    /// The part of the memory that opportunities take.
    pub fn opportunity_bytes(&self) -> usize {
        self.snapshot.opportunity_bytes()
    }

    /// Memory in bytes, as `GetIndex` tells it.
    pub fn bytes(&self) -> usize {
        self.snapshot.bytes()
    }
}

fn publish(copy: &mut Copy, revision: i64) -> (Snapshot, i64) {
    // The first days of 2026.
    let committed = prost_types::Timestamp { seconds: 1_767_225_600, nanos: 0 };
    copy.arrive(RevisionToken { epoch: Epoch([7; 16]), revision }, Some(&committed));
    let (snapshot, _) = copy.publish().expect("a revision was reached");
    (snapshot, revision)
}
