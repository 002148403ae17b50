-- The tables as the first migration makes them, for a database of that version.

CREATE TABLE enterprises (
    id {key} PRIMARY KEY,
    region_code {key} NOT NULL,
    state INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    data {bytes} NOT NULL
);

CREATE INDEX enterprises_by_region ON enterprises (region_code, id);

CREATE TABLE enterprise_terms (
    term {key} NOT NULL,
    enterprise_id {key} NOT NULL,
    PRIMARY KEY (term, enterprise_id)
) {clustered};

CREATE TABLE enterprise_identifiers (
    identifier {key} PRIMARY KEY,
    enterprise_id {key} NOT NULL
) {clustered};

CREATE TABLE opportunities (
    path {key} PRIMARY KEY,
    enterprise_id {key} NOT NULL,
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,
    revision BIGINT NOT NULL,
    data {bytes} NOT NULL
);

CREATE INDEX opportunities_by_enterprise ON opportunities (enterprise_id, path);

CREATE TABLE reference_data (
    name {key} PRIMARY KEY,
    resource_type INTEGER NOT NULL,
    revision BIGINT NOT NULL,
    data {bytes} NOT NULL
);

CREATE TABLE changes (
    revision BIGINT NOT NULL,
    position INTEGER NOT NULL,
    commit_micros BIGINT NOT NULL,
    resource_type INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    name {key} NOT NULL,
    data {bytes} NOT NULL,
    PRIMARY KEY (revision, position)
);

CREATE TABLE requests (
    id {key} PRIMARY KEY,
    digest {bytes} NOT NULL,
    commit_micros BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    resource_type INTEGER NOT NULL,
    data {bytes} NOT NULL
);

CREATE INDEX requests_by_commit ON requests (commit_micros);

CREATE TABLE feed_head (
    id INTEGER PRIMARY KEY,
    epoch {key} NOT NULL,
    revision BIGINT NOT NULL,
    earliest BIGINT NOT NULL,
    commit_micros BIGINT NOT NULL
);

CREATE TABLE seaql_migrations (
    version VARCHAR NOT NULL PRIMARY KEY,
    applied_at BIGINT NOT NULL
);

INSERT INTO seaql_migrations VALUES ('m0001_tables', 1750000000);
