//! Columns and terms for every filter and order, who wanted each revision, versions by name.
//!
//! Records that were soft-deleted before have no time to be purged at, so they stay until they are undeleted. Only a
//! database from before the first release can have any.

use sea_orm_migration::sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::store::sql::entity::{enterprise, likeness_key, opportunity, opportunity_term, term};
use crate::store::sql::{bulk, projection};
use crate::store::{Resource, ResourceType, codec};

/// What changes before the records are read again.
const BEFORE: &[&str] = &[
    // Columns repeat what `data` holds, for lists.
    "ALTER TABLE enterprises ADD COLUMN display_name {key} NOT NULL DEFAULT ''",
    "ALTER TABLE enterprises ADD COLUMN subdivision_code {key}",
    "ALTER TABLE enterprises ADD COLUMN city {key}",
    "ALTER TABLE enterprises ADD COLUMN zone {key}",
    "ALTER TABLE enterprises ADD COLUMN office {key} NOT NULL DEFAULT 'headquarters'",
    "ALTER TABLE enterprises ADD COLUMN website_uri {key}",
    "ALTER TABLE enterprises ADD COLUMN founded_year INTEGER",
    "ALTER TABLE enterprises ADD COLUMN employee_band INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE enterprises ADD COLUMN revenue_band INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE enterprises ADD COLUMN verification_level INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE enterprises ADD COLUMN create_micros BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE enterprises ADD COLUMN update_micros BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE enterprises ADD COLUMN delete_micros BIGINT",
    "ALTER TABLE enterprises ADD COLUMN purge_micros BIGINT",
    "ALTER TABLE opportunities ADD COLUMN title {key} NOT NULL DEFAULT ''",
    "ALTER TABLE opportunities ADD COLUMN development_stage INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE opportunities ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE opportunities ADD COLUMN expire_micros BIGINT",
    "ALTER TABLE opportunities ADD COLUMN create_micros BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE opportunities ADD COLUMN update_micros BIGINT NOT NULL DEFAULT 0",
    // What look-alikes have in common, as numbers.
    "CREATE TABLE enterprise_keys (
        key BIGINT NOT NULL,
        enterprise_id {key} NOT NULL,
        PRIMARY KEY (key, enterprise_id)
    ) {clustered}",
    "CREATE TABLE opportunity_terms (
        term {key} NOT NULL,
        path {key} NOT NULL,
        PRIMARY KEY (term, path)
    ) {clustered}",
    "CREATE INDEX opportunity_terms_by_path ON opportunity_terms (path)",
    "ALTER TABLE reference_data RENAME TO documents",
    // Who wanted a revision, and when it was committed: the audit log, with the names that `changes` has for it.
    "CREATE TABLE revisions (
        revision BIGINT PRIMARY KEY,
        commit_micros BIGINT NOT NULL,
        actor {key} NOT NULL,
        method {key} NOT NULL,
        request_id {key},
        reason TEXT NOT NULL
    )",
    // Nobody noted who wanted what was written before.
    "INSERT INTO revisions SELECT revision, MIN(commit_micros), 'unknown', 'unknown', NULL, ''
        FROM changes GROUP BY revision",
    "ALTER TABLE changes DROP COLUMN commit_micros",
    // Country of the enterprise that the change is about, and the country that it left; empty for documents.
    "ALTER TABLE changes ADD COLUMN region_code {key} NOT NULL DEFAULT ''",
    "ALTER TABLE changes ADD COLUMN left_region_code {key} NOT NULL DEFAULT ''",
    // The versions of one resource.
    "CREATE INDEX changes_by_name ON changes (name, revision)",
];

/// Indexes are made when the columns are filled.
const AFTER: &[&str] = &[
    "CREATE INDEX enterprises_by_display_name ON enterprises (display_name, id)",
    "CREATE INDEX enterprises_by_create ON enterprises (create_micros, id)",
    "CREATE INDEX enterprises_by_update ON enterprises (update_micros, id)",
    // Nearly every record is ACTIVE, so the index leaves these out.
    "CREATE INDEX enterprises_by_state ON enterprises (state, id) WHERE state <> 3",
    // Few records have these, so the indexes are partial.
    "CREATE INDEX enterprises_by_subdivision ON enterprises (subdivision_code, id) WHERE subdivision_code IS NOT NULL",
    "CREATE INDEX enterprises_by_city ON enterprises (city, id) WHERE city IS NOT NULL",
    "CREATE INDEX enterprises_by_zone ON enterprises (zone, id) WHERE zone IS NOT NULL",
    // So are most with their office. An office is deleted only if it is responsible for nobody.
    "CREATE INDEX enterprises_by_office ON enterprises (office, id) WHERE office <> 'headquarters'",
    "CREATE INDEX enterprises_by_founded_year ON enterprises (founded_year, id) WHERE founded_year IS NOT NULL",
    "CREATE INDEX enterprises_by_delete ON enterprises (delete_micros, id) WHERE delete_micros IS NOT NULL",
    "CREATE INDEX enterprises_by_purge ON enterprises (purge_micros) WHERE purge_micros IS NOT NULL",
    "CREATE INDEX opportunities_by_state ON opportunities (state, path)",
    "CREATE INDEX opportunities_by_kind ON opportunities (kind, path)",
    "CREATE INDEX opportunities_by_create ON opportunities (create_micros, path)",
    "CREATE INDEX opportunities_by_update ON opportunities (update_micros, path)",
    // By state first, or every look for what is overdue would pass what expired long ago.
    "CREATE INDEX opportunities_to_expire ON opportunities (state, expire_micros, path)
        WHERE expire_micros IS NOT NULL",
    "CREATE INDEX opportunities_by_expire ON opportunities (expire_micros, path) WHERE expire_micros IS NOT NULL",
    // The order of a list, in which what never expires comes last.
    "CREATE INDEX opportunities_by_expire_or_never
        ON opportunities ((COALESCE(expire_micros, 9223372036854775807)), path)",
];

/// Records read again at a time.
const PART_ROWS: u64 = 500;

pub(super) struct Columns;

impl MigrationName for Columns {
    fn name(&self) -> &'static str {
        "m0002_columns"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Columns {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and an early-bound lifetime would not fit it")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        super::run(connection, BEFORE).await?;
        fill_enterprises(connection).await?;
        fill_opportunities(connection).await?;
        super::run(connection, AFTER).await
    }
}

async fn fill_enterprises(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    term::Entity::delete_many().exec(connection).await?;
    let mut after = String::new();
    loop {
        let query = enterprise::Entity::find()
            .filter(enterprise::Column::Id.gt(&after))
            .order_by_asc(enterprise::Column::Id)
            .limit(PART_ROWS);
        let rows = query.all(connection).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.id);
        for row in rows {
            let resource = read(ResourceType::Enterprise, &row.data, row.revision)?;
            // Written again with the office, which no record had.
            let data = codec::encode(&resource);
            let Resource::Enterprise(record) = resource else {
                return Err(DbErr::Custom(format!("`{}` is not an enterprise", row.id)));
            };
            let entries = projection::enterprise_entries(&record);
            let filled = projection::enterprise(&record, row.revision, data);
            let term_row = |term| term::Model { term, enterprise_id: row.id.clone() }.into_active_model();
            bulk::insert(connection, entries.terms.into_iter().map(term_row).collect(), "").await?;
            let key_row = |key| likeness_key::Model { key, enterprise_id: row.id.clone() }.into_active_model();
            bulk::insert(connection, entries.keys.into_iter().map(key_row).collect(), "").await?;
            enterprise::Entity::update(filled.into_active_model().reset_all()).exec(connection).await?;
        }
    }
}

async fn fill_opportunities(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut after = String::new();
    loop {
        let query = opportunity::Entity::find()
            .filter(opportunity::Column::Path.gt(&after))
            .order_by_asc(opportunity::Column::Path)
            .limit(PART_ROWS);
        let rows = query.all(connection).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.path);
        for row in rows {
            let Resource::Opportunity(record) = read(ResourceType::Opportunity, &row.data, row.revision)? else {
                return Err(DbErr::Custom(format!("`{}` is not an opportunity", row.path)));
            };
            let terms = projection::opportunity_terms(&record);
            let filled = projection::opportunity(&record, row.revision, row.data);
            let term_row = |term| opportunity_term::Model { term, path: row.path.clone() }.into_active_model();
            bulk::insert(connection, terms.into_iter().map(term_row).collect(), "").await?;
            opportunity::Entity::update(filled.into_active_model().reset_all()).exec(connection).await?;
        }
    }
}

fn read(resource_type: ResourceType, data: &[u8], revision: i64) -> Result<Resource, DbErr> {
    codec::decode(resource_type, data, revision).map_err(|problem| DbErr::Custom(problem.to_string()))
}
