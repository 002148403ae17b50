//! The first version of every table.

use sea_orm_migration::prelude::*;
use uuid::Uuid;

const TABLES: &[&str] = &[
    // `state` and `region_code` repeat what `data` holds, for lists; `deleted` is true for soft-deleted records.
    "CREATE TABLE enterprises (
        id {key} PRIMARY KEY,
        region_code {key} NOT NULL,
        state INTEGER NOT NULL,
        deleted BOOLEAN NOT NULL,
        revision BIGINT NOT NULL,
        data {bytes} NOT NULL
    )",
    "CREATE INDEX enterprises_by_region ON enterprises (region_code, id)",
    // `industry/new-energy`, or `isic/2710` with all that is above it: `isic/271`, `isic/27`, `isic/C`.
    "CREATE TABLE enterprise_terms (
        term {key} NOT NULL,
        enterprise_id {key} NOT NULL,
        PRIMARY KEY (term, enterprise_id)
    ) {clustered}",
    // `LEI/213800KUD8LAJWSQ9D15`; only of live enterprises.
    "CREATE TABLE enterprise_identifiers (
        identifier {key} PRIMARY KEY,
        enterprise_id {key} NOT NULL
    ) {clustered}",
    // `path` is `{enterprise}/{opportunity}`.
    "CREATE TABLE opportunities (
        path {key} PRIMARY KEY,
        enterprise_id {key} NOT NULL,
        kind INTEGER NOT NULL,
        state INTEGER NOT NULL,
        revision BIGINT NOT NULL,
        data {bytes} NOT NULL
    )",
    "CREATE INDEX opportunities_by_enterprise ON opportunities (enterprise_id, path)",
    "CREATE TABLE reference_data (
        name {key} PRIMARY KEY,
        resource_type INTEGER NOT NULL,
        revision BIGINT NOT NULL,
        data {bytes} NOT NULL
    )",
    // One row a change; `position` counts within the revision.
    "CREATE TABLE changes (
        revision BIGINT NOT NULL,
        position INTEGER NOT NULL,
        commit_micros BIGINT NOT NULL,
        resource_type INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        name {key} NOT NULL,
        data {bytes} NOT NULL,
        PRIMARY KEY (revision, position)
    )",
    // `data` is the answer that the request was given.
    "CREATE TABLE requests (
        id {key} PRIMARY KEY,
        digest {bytes} NOT NULL,
        commit_micros BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        resource_type INTEGER NOT NULL,
        data {bytes} NOT NULL
    )",
    "CREATE INDEX requests_by_commit ON requests (commit_micros)",
    "CREATE TABLE feed_head (
        id INTEGER PRIMARY KEY,
        epoch {key} NOT NULL,
        revision BIGINT NOT NULL,
        earliest BIGINT NOT NULL,
        commit_micros BIGINT NOT NULL
    )",
];

pub(super) struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m0001_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tables {
    /// All tables or none, on `SQLite` too: a start that is cut off half-way must not spoil the next one.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and an early-bound lifetime would not fit it")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        super::run(connection, TABLES).await?;
        // The epoch tells this database from every other, so that a token of another one is noticed.
        let epoch = Uuid::new_v4();
        let first = format!("INSERT INTO feed_head VALUES (1, '{epoch}', 0, 1, 0)");
        connection.execute_unprepared(&first).await?;
        Ok(())
    }
}
