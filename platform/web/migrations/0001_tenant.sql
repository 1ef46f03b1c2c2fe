-- A city: the content of its city.toml, as JSON.
CREATE TABLE tenant (
    tenant TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (tenant)
);
