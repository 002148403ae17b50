//! Who holds which identifier, while a group of writes is in the making.

use std::collections::HashMap;

use crate::domain::enterprise::Enterprise;
use crate::domain::ids::EnterpriseId;
use crate::store::Error;
use crate::store::sql::reads::identifier_key;

/// Holders of the identifiers that the writes touch.
#[derive(Default)]
pub(super) struct Holders {
    /// The enterprise that holds an identifier.
    by_key: HashMap<String, String>,
    /// The identifiers that an enterprise holds.
    by_enterprise: HashMap<String, Vec<String>>,
}

/// What a write makes of the holders: each identifier with its new holder, or with none.
pub(super) type Claims = HashMap<String, Option<String>>;

impl Holders {
    /// Takes in that an enterprise holds an identifier.
    pub(super) fn insert(&mut self, key: String, enterprise: String) {
        self.by_enterprise.entry(enterprise.clone()).or_default().push(key.clone());
        self.by_key.insert(key, enterprise);
    }

    /// Checks what a write leaves its enterprises with. First all of them give back what they held, so that identifiers
    /// can change hands within the write, whatever the order of its puts.
    pub(super) fn claims<'a>(
        &self,
        enterprises: &[&'a Enterprise],
        removed: impl Iterator<Item = &'a str>,
    ) -> Result<Claims, Error> {
        let mut claims = Claims::new();
        for id in enterprises.iter().map(|enterprise| enterprise.id.as_str()).chain(removed) {
            let held = self.by_enterprise.get(id).into_iter().flatten();
            claims.extend(held.map(|key| (key.clone(), None)));
        }
        for enterprise in enterprises.iter().filter(|enterprise| enterprise.is_live()) {
            let id = enterprise.id.as_str();
            for identifier in &enterprise.profile.identifiers {
                let key = identifier_key(identifier);
                let holder = match claims.get(&key) {
                    Some(claimed) => claimed.as_deref(),
                    None => self.by_key.get(&key).map(String::as_str),
                };
                if let Some(holder) = holder.filter(|holder| *holder != id) {
                    let holder = EnterpriseId::new(holder).map_err(Error::Broken)?;
                    return Err(Error::IdentifierTaken { identifier: identifier.clone(), holder });
                }
                claims.insert(key, Some(id.to_owned()));
            }
        }
        Ok(claims)
    }

    /// Makes the claims of a write true for those that come after it.
    pub(super) fn apply(&mut self, claims: Claims) {
        for (key, holder) in claims {
            let previous = self.by_key.remove(&key);
            if let Some(held) = previous.and_then(|previous| self.by_enterprise.get_mut(&previous)) {
                held.retain(|other| *other != key);
            }
            if let Some(holder) = holder {
                self.insert(key, holder);
            }
        }
    }
}
