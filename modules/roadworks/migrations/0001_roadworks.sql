-- Acts and notices as they were read; everything else is worked out from them.
CREATE TABLE roadworks_act (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    year BIGINT NOT NULL,
    -- Last part of the page's address: the number in its year, or archivio-<n>.
    slug TEXT NOT NULL,
    -- Number in its year; 0 where none is known.
    seq BIGINT NOT NULL,
    act_type TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Words that find it, without accents and case.
    words TEXT NOT NULL,
    -- Code of its worksite.
    code TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX roadworks_act_number ON roadworks_act (tenant, year, slug);
CREATE TABLE roadworks_notice (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- The code that a work keeps, by where it was first told of (act:<id>, notice:<id>).
CREATE TABLE roadworks_origin (
    tenant TEXT NOT NULL,
    origin TEXT NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (tenant, origin)
);
-- Codes of works that turned out to be one: old addresses lead to the one that stayed.
CREATE TABLE roadworks_alias (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    leads_to TEXT NOT NULL,
    PRIMARY KEY (tenant, code)
);
CREATE TABLE roadworks_worksite (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    short TEXT NOT NULL,
    kind TEXT NOT NULL,
    heading_it TEXT NOT NULL,
    heading_en TEXT NOT NULL,
    works TEXT NOT NULL,
    severity BIGINT NOT NULL,
    company TEXT NOT NULL,
    company_slug TEXT NOT NULL,
    -- Organisation of the city, where the company is one.
    organisation TEXT,
    -- Days on which it counts as running, YYYY-MM-DD; last is NULL for permanent rules.
    first_day TEXT,
    last_day TEXT,
    -- The last day as acts tell it; NULL where none does.
    told_end TEXT,
    open_end BIGINT NOT NULL,
    permanent BIGINT NOT NULL,
    revoked_day TEXT,
    suspended_from TEXT,
    suspended_to TEXT,
    contradictions BIGINT NOT NULL,
    unplaced BIGINT NOT NULL,
    words TEXT NOT NULL,
    -- The whole worksite, JSON.
    record TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (tenant, code)
);
CREATE UNIQUE INDEX roadworks_worksite_short ON roadworks_worksite (tenant, short);
CREATE INDEX roadworks_worksite_days ON roadworks_worksite (tenant, last_day, first_day);
CREATE INDEX roadworks_worksite_first ON roadworks_worksite (tenant, first_day);
CREATE TABLE roadworks_place (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    seq BIGINT NOT NULL,
    -- Street and stretch in the words of the act, as one key.
    place TEXT NOT NULL,
    label TEXT NOT NULL,
    severity BIGINT NOT NULL,
    precision TEXT NOT NULL,
    -- GeoJSON geometry; NULL where it is not on the network.
    geometry TEXT,
    PRIMARY KEY (tenant, code, seq)
);
-- Streets a worksite touches: those of the network, else as the act writes them.
CREATE TABLE roadworks_street (
    tenant TEXT NOT NULL,
    slug TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant, slug, code)
);
CREATE INDEX roadworks_street_code ON roadworks_street (tenant, code);
-- Places put on the map by officers. Rows are only added or taken back.
CREATE TABLE roadworks_placement (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    place TEXT NOT NULL,
    -- Identifiers of network links, JSON array.
    links TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    undone_by TEXT,
    undone_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX roadworks_placement_place ON roadworks_placement (tenant, code, place);
