-- Context source registrations, whole, with expanded names.
CREATE TABLE registration (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Grows with every change of a city's registrations; no row while there has never been one. Every request reads
-- it, so that what a process remembers of the registrations is never out of date.
CREATE TABLE registration_version (
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);

-- How this broker calls itself in Via headers.
CREATE TABLE broker_alias (
    tenant TEXT NOT NULL,
    alias TEXT NOT NULL,
    PRIMARY KEY (tenant)
);
