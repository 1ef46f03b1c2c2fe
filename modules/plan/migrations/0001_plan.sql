-- The plan, its yearly editions, and what each edition records. Everything that belongs to a year carries it.

CREATE TABLE plan_plan (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    approved TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (tenant)
);

CREATE TABLE plan_section (
    tenant TEXT NOT NULL,
    number TEXT NOT NULL,
    position BIGINT NOT NULL,
    title TEXT NOT NULL,
    intro TEXT NOT NULL,
    PRIMARY KEY (tenant, number)
);

-- `snapshot` is the whole edition as readers saw it on the day it was frozen (JSON); null while a draft.
CREATE TABLE plan_edition (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    title TEXT NOT NULL,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    premise TEXT NOT NULL,
    published TEXT,
    state TEXT NOT NULL,
    frozen_at BIGINT,
    frozen_by TEXT,
    snapshot TEXT,
    PRIMARY KEY (tenant, year)
);

CREATE TABLE plan_credit (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    organisation TEXT,
    PRIMARY KEY (tenant, year, position)
);

CREATE TABLE plan_project (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    code TEXT,
    number TEXT NOT NULL,
    section TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    smart_field TEXT,
    summary TEXT NOT NULL,
    version BIGINT NOT NULL,
    deleted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, project)
);

CREATE TABLE plan_partner (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    position BIGINT NOT NULL,
    organisation TEXT NOT NULL,
    entity TEXT,
    role TEXT NOT NULL,
    PRIMARY KEY (tenant, year, project, position)
);

CREATE TABLE plan_event (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    happened TEXT NOT NULL,
    until_date TEXT,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    place TEXT,
    entities TEXT NOT NULL DEFAULT '',
    version BIGINT NOT NULL,
    deleted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, project, id)
);

CREATE TABLE plan_action (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    action_group TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    entity TEXT,
    version BIGINT NOT NULL,
    deleted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, project, id)
);

CREATE TABLE plan_figure (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    label TEXT NOT NULL,
    amount DOUBLE PRECISION NOT NULL,
    unit TEXT NOT NULL,
    body TEXT NOT NULL,
    happened TEXT,
    until_date TEXT,
    PRIMARY KEY (tenant, year, project, id)
);

-- A list of entities of the graph: those of a type that pass a filter (one "attribute = value" a line).
CREATE TABLE plan_collection (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    title TEXT NOT NULL,
    intro TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_filter TEXT NOT NULL,
    shown TEXT NOT NULL,
    group_by TEXT,
    PRIMARY KEY (tenant, year, project, id)
);

-- `computed_by` is null (declared only), "graph", or "<module>.<indicator>".
CREATE TABLE plan_indicator (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    label TEXT NOT NULL,
    unit TEXT NOT NULL,
    headline BIGINT NOT NULL,
    computed_by TEXT,
    computed_type TEXT,
    computed_where TEXT,
    computed_aggregate TEXT,
    computed_attribute TEXT,
    computed_date TEXT,
    version BIGINT NOT NULL,
    deleted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, project, id)
);

-- The declared value of an indicator in a year; `id` is the indicator's.
CREATE TABLE plan_observation (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    amount DOUBLE PRECISION,
    source TEXT NOT NULL,
    note TEXT,
    version BIGINT NOT NULL,
    deleted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, project, id)
);

CREATE TABLE plan_evidence (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    indicator TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    version BIGINT NOT NULL,
    deleted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, project, id)
);

CREATE TABLE plan_discrepancy (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    declared TEXT NOT NULL,
    found TEXT NOT NULL,
    PRIMARY KEY (tenant, year, project, id)
);

CREATE TABLE plan_link (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    project TEXT NOT NULL,
    position BIGINT NOT NULL,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (tenant, year, project, position)
);

-- The note of a frozen edition, rendered once.
CREATE TABLE plan_document (
    tenant TEXT NOT NULL,
    year BIGINT NOT NULL,
    lang TEXT NOT NULL,
    format TEXT NOT NULL,
    content BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, year, lang, format)
);
