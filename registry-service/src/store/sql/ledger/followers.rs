//! What becomes of the opportunities of an enterprise that changes. It moves to another country: they come along, and in
//! the feed all leave the one country and arrive in the other in the same revision. It is merged: none is left behind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Known, Ledger, Prepared, put_enterprise};
use crate::store::sql::entity::{change, opportunity};
use crate::store::sql::feed::opportunity_name;
use crate::store::sql::reads::opportunity_path;
use crate::store::{ChangeKind, Error, Put, ResourceType, WRITE_MAX, Write};

/// Bytes of opportunities that may come along in one write: with what the write holds itself they travel in the feed as
/// one message, which must stay below 4 MiB.
const BYTES_MAX: usize = 1024 * 1024;

/// Opportunities that were there before this group, of enterprises that move or are merged in it; of each at most one more
/// than fits into a write, beside those that the group removes.
pub(super) type Followers = HashMap<String, Vec<opportunity::Model>>;

/// Enterprises that move in one write.
pub(super) type Moves = BTreeMap<String, Moving>;

/// One enterprise that moves, and what comes along.
pub(super) struct Moving {
    pub(super) from: String,
    pub(super) to: String,
    opportunities: Vec<opportunity::Model>,
}

/// Reads the opportunities of every enterprise that changes its country or becomes merged in the group.
pub(super) async fn open(
    db: &impl ConnectionTrait,
    writes: &[Prepared],
    enterprises: &HashMap<String, Known>,
) -> Result<Followers, DbErr> {
    let puts = || writes.iter().flat_map(|write| &write.write.puts);
    let mut countries: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    let mut leaving: BTreeSet<&str> = BTreeSet::new();
    for put in puts().filter_map(put_enterprise) {
        let id = put.id.as_str();
        let known = enterprises.get(id).map(|known| known.region_code.as_str());
        let country = [put.profile.region.as_str()];
        countries.entry(id).or_default().extend(known.into_iter().chain(country));
        if put.is_merged() && known.is_some() {
            leaving.insert(id);
        }
    }
    leaving.extend(countries.into_iter().filter(|(_, countries)| countries.len() > 1).map(|(id, _)| id));
    let removed = puts().filter(|put| matches!(put, Put::RemoveOpportunity(..))).count();
    let mut followers = Followers::new();
    for id in leaving {
        let own = opportunity::Entity::find()
            .filter(opportunity::Column::EnterpriseId.eq(id))
            .order_by_asc(opportunity::Column::Path)
            .limit((WRITE_MAX + removed) as u64 + 1);
        followers.insert(id.to_owned(), own.all(db).await?);
    }
    Ok(followers)
}

impl Ledger {
    /// Checks that a write leaves no opportunity below an enterprise that it merges.
    pub(super) fn check_merges(&self, write: &Write) -> Result<(), Error> {
        for enterprise in write.puts.iter().filter_map(put_enterprise).filter(|enterprise| enterprise.is_merged()) {
            let left = self.opportunities_of(enterprise.id.as_str(), write).into_iter().next();
            if let Some(left) = left {
                let (enterprise, opportunity) = (enterprise.id.clone(), opportunity_name(&left.path));
                return Err(Error::LeftBehind { enterprise, opportunity });
            }
        }
        Ok(())
    }

    /// The enterprises that a write moves to another country, each with the opportunities that the write does not put
    /// itself.
    pub(super) fn moves(&self, write: &Write) -> Result<Moves, Error> {
        let mut moves = Moves::new();
        let mut room = WRITE_MAX.saturating_sub(write.puts.len());
        let mut bytes = 0;
        for enterprise in write.puts.iter().filter_map(put_enterprise) {
            let id = enterprise.id.as_str();
            let to = enterprise.profile.region.as_str();
            let before = self.enterprises.get(id).map(|known| known.region_code.as_str());
            let Some(from) = before.filter(|from| *from != to) else { continue };
            let opportunities = self.opportunities_of(id, write);
            bytes += opportunities.iter().map(|one| one.data.len()).sum::<usize>();
            if opportunities.len() > room || bytes > BYTES_MAX {
                return Err(Error::TooManyFollow { name: enterprise.id.to_string(), maximum: room });
            }
            room -= opportunities.len();
            moves.insert(id.to_owned(), Moving { from: from.to_owned(), to: to.to_owned(), opportunities });
        }
        Ok(moves)
    }

    /// The opportunities of an enterprise as they are now, without those that the write puts itself.
    fn opportunities_of(&self, enterprise: &str, write: &Write) -> Vec<opportunity::Model> {
        let stored = self.followers.get(enterprise).into_iter().flatten();
        let mut own: BTreeMap<&str, Option<&opportunity::Model>> =
            stored.map(|row| (row.path.as_str(), Some(row))).collect();
        // Earlier writes of this group have put some of them anew.
        let prefix = format!("{enterprise}/");
        let here = self.rows.opportunities.range(prefix.clone()..);
        own.extend(
            here.take_while(|(path, _)| path.starts_with(&prefix)).map(|(path, row)| (path.as_str(), row.as_ref())),
        );
        for put in &write.puts {
            if let Put::Opportunity(opportunity, _) | Put::RemoveOpportunity(opportunity, _) = put {
                own.remove(opportunity_path(&opportunity.id).as_str());
            }
        }
        own.into_values().flatten().cloned().collect()
    }

    /// Puts what comes along again, after the puts of the write.
    pub(super) fn follow(&mut self, moves: Moves, revision: i64, puts: usize) {
        let mut position = i32::try_from(puts).expect("a write has at most 500 puts");
        for moving in moves.into_values() {
            for row in moving.opportunities {
                self.opportunities.insert(row.path.clone(), revision);
                self.rows.changes.push(change::Model {
                    revision,
                    position,
                    resource_type: ResourceType::Opportunity.number(),
                    kind: ChangeKind::Updated.number(),
                    name: opportunity_name(&row.path),
                    data: row.data.clone(),
                    region_code: moving.to.clone(),
                    left_region_code: moving.from.clone(),
                });
                // Its terms stay as they are.
                self.rows.opportunities.insert(row.path.clone(), Some(opportunity::Model { revision, ..row }));
                position += 1;
            }
        }
    }
}
