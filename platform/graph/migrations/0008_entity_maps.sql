-- Entity maps (clause 5.14): what a query found, kept for a while so that its pages stay the same.
CREATE TABLE entity_map (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    entities TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX entity_map_by_age ON entity_map (tenant, created_at);
