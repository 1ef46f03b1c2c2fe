-- Parameters of a city's demand (TOML as the city wrote it), replaced as a whole.
CREATE TABLE traffic_demand (
    tenant TEXT NOT NULL,
    version TEXT NOT NULL,
    content TEXT NOT NULL,
    loaded_at BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);

-- Scenarios by the hash of their changes, and what came out on one network and demand (`input`, their hash): gzip of
-- JSON, null until computed.
CREATE TABLE traffic_scenario (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    changes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    input TEXT NOT NULL,
    result BYTEA,
    PRIMARY KEY (tenant, id)
);
