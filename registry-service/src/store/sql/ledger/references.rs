//! Who names which document: what is named stays, what was removed is named no more, and no two offices share an area.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::{Prepared, Projected};
use crate::domain::document::{Body, Document};
use crate::domain::ids::{IndustryId, OfficeId};
use crate::domain::office::Jurisdiction;
use crate::domain::places::Region;
use crate::store::sql::bulk;
use crate::store::sql::entity::{change, document, enterprise, opportunity_term, term};
use crate::store::sql::feed::opportunity_name;
use crate::store::sql::projection::{industry_term, target_term};
use crate::store::sql::reads::read_document;
use crate::store::{ChangeKind, Error, Put, ResourceType, Write};

/// What the database and the writes of one transaction say about documents.
#[derive(Default)]
pub(super) struct References {
    /// Documents that the writes name and that were removed.
    removed: HashSet<String>,
    /// Documents that the writes want to remove, with something that names each.
    dependents: HashMap<String, String>,
    /// Whether a write removes a document, so that it counts what those before it name.
    has_removals: bool,
    /// Areas of every office, if a write is about one.
    offices: HashMap<OfficeId, Vec<Jurisdiction>>,
}

/// Names of the documents that a put makes something name.
pub(super) fn named(put: &Put) -> Vec<String> {
    let industries = |ids: &[IndustryId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let groups = |regions: &[Region]| {
        regions.iter().filter(|region| matches!(region, Region::Group(_))).map(ToString::to_string).collect::<Vec<_>>()
    };
    match put {
        Put::Enterprise(enterprise, _) if enterprise.is_live() => {
            let profile = &enterprise.profile;
            let mut names = industries(&profile.industries);
            names.extend(groups(&profile.target_regions));
            names.extend(profile.zone.iter().map(ToString::to_string));
            names.push(enterprise.office.to_string());
            names
        }
        Put::Opportunity(opportunity, _) => {
            let mut names = industries(&opportunity.content.industries);
            names.extend(groups(&opportunity.content.target_regions));
            names
        }
        Put::Document(document, _) => industries(&document.body.industries()),
        Put::Enterprise(..) | Put::RemoveEnterprise(..) | Put::RemoveOpportunity(..) | Put::RemoveDocument(..) => {
            Vec::new()
        }
    }
}

impl References {
    /// Reads what the writes need to know, under the lock of the head. `touched` are the documents that they put or
    /// name, `present` those of them that exist.
    pub(super) async fn open(
        db: &impl ConnectionTrait,
        writes: &[Prepared],
        touched: &BTreeSet<String>,
        present: &HashMap<String, i64>,
    ) -> Result<Self, DbErr> {
        let absent: Vec<&String> = touched.iter().filter(|name| !present.contains_key(*name)).collect();
        let mut references = Self { removed: removed(db, &absent).await?, ..Self::default() };
        let mut is_about_offices = false;
        for put in writes.iter().flat_map(|write| &write.write.puts) {
            match put {
                Put::RemoveDocument(document, _) => {
                    references.has_removals = true;
                    if let Some(dependent) = dependent(db, document).await? {
                        references.dependents.insert(document.name(), dependent);
                    }
                }
                Put::Document(document, _) => is_about_offices |= matches!(document.body, Body::Office(_)),
                _ => {}
            }
        }
        if is_about_offices {
            for document in documents(db, &[ResourceType::Office]).await? {
                if let Body::Office(office) = document.body {
                    references.offices.insert(office.id, office.jurisdictions);
                }
            }
        }
        Ok(references)
    }

    /// Checks what a write names and removes; `present` are the documents that exist.
    pub(super) fn check(&self, prepared: &Prepared, present: &HashMap<String, i64>) -> Result<(), Error> {
        let write = &prepared.write;
        let mut put_here = HashSet::new();
        for put in &write.puts {
            if let Put::Document(document, _) = put {
                put_here.insert(document.name());
            }
        }
        let is_gone =
            |name: &&String| self.removed.contains(*name) && !present.contains_key(*name) && !put_here.contains(*name);
        for (put, projected) in prepared.each() {
            if let Some(gone) = projected.documents.iter().find(is_gone) {
                return Err(Error::NotFound(gone.clone()));
            }
            if let Put::RemoveDocument(document, _) = put
                && let Some(dependent) = self.dependents.get(&document.name())
            {
                return Err(Error::HasDependents { name: document.name(), dependent: dependent.clone() });
            }
        }
        self.check_offices(write)
    }

    /// Checks the areas that a write leaves the offices with.
    fn check_offices(&self, write: &Write) -> Result<(), Error> {
        let mut offices = self.offices.clone();
        let mut put_here = Vec::new();
        for put in &write.puts {
            if let Put::Document(document, _) = put
                && let Body::Office(office) = &document.body
            {
                offices.insert(office.id.clone(), office.jurisdictions.clone());
                put_here.push(office);
            }
        }
        let mut taken = Vec::new();
        for office in put_here {
            for jurisdiction in &office.jurisdictions {
                let has_it =
                    |(id, areas): &(&OfficeId, &Vec<Jurisdiction>)| **id != office.id && areas.contains(jurisdiction);
                if let Some((other, _)) = offices.iter().find(has_it) {
                    taken.push((jurisdiction.clone(), other.clone()));
                }
            }
        }
        if taken.is_empty() { Ok(()) } else { Err(Error::JurisdictionsTaken(taken)) }
    }

    /// Takes in what an accepted put names, for the writes that come after it.
    pub(super) fn keep(&mut self, put: &Put, projected: &Projected) {
        if self.has_removals {
            let name = super::name(put);
            self.dependents.extend(projected.documents.iter().map(|document| (document.clone(), name.clone())));
        }
        match put {
            Put::Document(document, _) => {
                if let Body::Office(office) = &document.body {
                    self.offices.insert(office.id.clone(), office.jurisdictions.clone());
                }
            }
            Put::RemoveDocument(document, _) => {
                self.removed.insert(document.name());
                if let Body::Office(office) = &document.body {
                    self.offices.remove(&office.id);
                }
            }
            _ => {}
        }
    }
}

/// Those of the absent documents that were there once.
async fn removed(db: &impl ConnectionTrait, absent: &[&String]) -> Result<HashSet<String>, DbErr> {
    let mut removed = HashSet::new();
    for names in bulk::parts(absent.to_vec()) {
        let query = change::Entity::find()
            .select_only()
            .column(change::Column::Name)
            .filter(change::Column::Name.is_in(names))
            .filter(change::Column::Kind.eq(ChangeKind::Deleted.number()));
        let rows: Vec<String> = query.distinct().into_tuple().all(db).await?;
        removed.extend(rows);
    }
    Ok(removed)
}

/// Something that names a document, if anything does.
async fn dependent(db: &impl ConnectionTrait, document: &Document) -> Result<Option<String>, DbErr> {
    let live = || enterprise::Entity::find().filter(enterprise::Column::Deleted.eq(false));
    let query = match &document.body {
        Body::Industry(industry) => {
            return named_by(db, &industry_term(industry.id.as_str()), Some(&industry.id)).await;
        }
        Body::RegionGroup(group) => return named_by(db, &target_term(&group.id.to_string()), None).await,
        Body::Zone(zone) => live().filter(enterprise::Column::Zone.eq(zone.id.as_str())),
        // The condition of the index.
        Body::Office(office) if office.id != OfficeId::headquarters() => live()
            .filter(enterprise::Column::Office.eq(office.id.as_str()))
            .filter(enterprise::Column::Office.ne(OfficeId::headquarters().as_str())),
        Body::Office(office) => live().filter(enterprise::Column::Office.eq(office.id.as_str())),
        // Results carry the policy that they were computed under, so nothing depends on its name.
        Body::Policy(_) => return Ok(None),
    };
    let found: Option<String> =
        query.select_only().column(enterprise::Column::Id).limit(1).into_tuple().one(db).await?;
    Ok(found.map(|id| format!("enterprises/{id}")))
}

/// A live enterprise or an opportunity with that term, or a document with that industry.
async fn named_by(
    db: &impl ConnectionTrait,
    wanted: &str,
    industry: Option<&IndustryId>,
) -> Result<Option<String>, DbErr> {
    let mut holders = Query::select();
    holders.column(term::Column::EnterpriseId).from(term::Entity).and_where(term::Column::Term.eq(wanted));
    let live = enterprise::Entity::find()
        .select_only()
        .column(enterprise::Column::Id)
        .filter(enterprise::Column::Id.in_subquery(holders))
        .filter(enterprise::Column::Deleted.eq(false));
    let found: Option<String> = live.limit(1).into_tuple().one(db).await?;
    if let Some(id) = found {
        return Ok(Some(format!("enterprises/{id}")));
    }
    // Those of soft-deleted enterprises count too: they come back with them.
    let opportunities = opportunity_term::Entity::find()
        .select_only()
        .column(opportunity_term::Column::Path)
        .filter(opportunity_term::Column::Term.eq(wanted));
    let found: Option<String> = opportunities.limit(1).into_tuple().one(db).await?;
    if let Some(path) = found {
        return Ok(Some(opportunity_name(&path)));
    }
    let Some(industry) = industry else { return Ok(None) };
    let documents = documents(db, &[ResourceType::Zone, ResourceType::Policy]).await?;
    let names_it = |document: &&Document| document.body.industries().contains(industry);
    Ok(documents.iter().find(names_it).map(Document::name))
}

async fn documents(db: &impl ConnectionTrait, types: &[ResourceType]) -> Result<Vec<Document>, DbErr> {
    let numbers = types.iter().map(|resource_type| resource_type.number());
    let rows = document::Entity::find().filter(document::Column::ResourceType.is_in(numbers)).all(db).await?;
    rows.iter().map(|row| read_document(row).map_err(|problem| DbErr::Custom(problem.to_string()))).collect()
}
