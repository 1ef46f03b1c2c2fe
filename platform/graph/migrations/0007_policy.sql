-- Who may read and write what: each rule takes away from who is not named in it.
CREATE TABLE graph_rule (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    definition TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Grows with every change of a tenant's rules, so that what was read of them can be kept.
CREATE TABLE graph_rule_version (
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);
