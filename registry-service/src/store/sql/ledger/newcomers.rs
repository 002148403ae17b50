//! Records that new ones were not compared with, because they came in since.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr};

use super::Prepared;
use crate::domain::ids::EnterpriseId;
use crate::store::sql::lookalikes;
use crate::store::sql::projection::key_number;
use crate::store::{Compared, Error};

/// Who has the keys that the new records of a group were looked for by.
#[derive(Default)]
pub(super) struct Newcomers {
    by_key: HashMap<i64, Vec<String>>,
}

impl Newcomers {
    /// Reads who has them by now, where something was committed since the look.
    pub(super) async fn open(db: &impl ConnectionTrait, writes: &[Prepared], head: i64) -> Result<Self, DbErr> {
        let looks = || writes.iter().filter_map(|write| write.write.compared.as_deref());
        let is_late = |look: &&Compared| look.revision < head;
        let mut by_key: HashMap<i64, Vec<String>> = HashMap::new();
        if writes.len() == 1 && !looks().any(|look| is_late(&look)) {
            // There is nobody else.
            return Ok(Self { by_key });
        }
        by_key.extend(looks().flat_map(|look| look.by_key.keys()).map(|key| (key_number(key), Vec::new())));
        let mut late: Vec<i64> = looks().filter(is_late).flat_map(rare).map(|(key, _)| key_number(key)).collect();
        late.sort_unstable();
        late.dedup();
        let each = looks().map(|look| look.each).max().unwrap_or_default();
        for (key, id) in lookalikes::hits(db, late, each).await? {
            by_key.entry(key).or_default().push(id);
        }
        Ok(Self { by_key })
    }

    /// Checks that the new records of a write were compared with everybody.
    pub(super) fn check(&self, compared: Option<&Compared>) -> Result<(), Error> {
        let Some(compared) = compared else { return Ok(()) };
        for (key, met) in rare(compared) {
            for id in self.by_key.get(&key_number(key)).into_iter().flatten() {
                let id = EnterpriseId::new(id).map_err(Error::Broken)?;
                if !met.contains(&id) && !compared.new.contains(&id) {
                    return Err(Error::NotCompared(id));
                }
            }
        }
        Ok(())
    }

    /// Takes in that a record has keys.
    pub(super) fn insert(&mut self, id: &str, keys: &[i64]) {
        if self.by_key.is_empty() {
            return;
        }
        for key in keys {
            if let Some(there) = self.by_key.get_mut(key) {
                there.push(id.to_owned());
            }
        }
    }
}

/// The keys by which not so many were found that others make no difference.
fn rare(look: &Compared) -> impl Iterator<Item = (&String, &Vec<EnterpriseId>)> {
    look.by_key.iter().filter(|(_, met)| met.len() < look.each)
}
