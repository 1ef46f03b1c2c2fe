-- The current state of every entity, whole, in the engine's storage form (JSON with expanded names).
CREATE TABLE entity (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Its types, for lists by type.
CREATE TABLE entity_type (
    tenant TEXT NOT NULL,
    type TEXT NOT NULL,
    entity TEXT NOT NULL,
    PRIMARY KEY (tenant, type, entity)
);

CREATE INDEX entity_type_of ON entity_type (tenant, entity);

-- Which attributes it has, for queries by presence.
CREATE TABLE entity_attribute (
    tenant TEXT NOT NULL,
    attribute TEXT NOT NULL,
    entity TEXT NOT NULL,
    PRIMARY KEY (tenant, attribute, entity)
);

CREATE INDEX entity_attribute_of ON entity_attribute (tenant, entity);

-- Where it is: the Z-order cell of the middle of each geo attribute, at the level whose cells are at least as
-- large as the geometry. A prefilter; the exact predicate is evaluated on the geometry.
CREATE TABLE entity_place (
    tenant TEXT NOT NULL,
    attribute TEXT NOT NULL,
    level BIGINT NOT NULL,
    cell BIGINT NOT NULL,
    entity TEXT NOT NULL,
    PRIMARY KEY (tenant, attribute, level, cell, entity)
);

CREATE INDEX entity_place_of ON entity_place (tenant, entity);

-- What every attribute was, instance by instance; nothing here is ever changed.
CREATE TABLE attribute_history (
    tenant TEXT NOT NULL,
    entity TEXT NOT NULL,
    attribute TEXT NOT NULL,
    instance TEXT NOT NULL,
    change TEXT NOT NULL,
    dataset TEXT,
    value TEXT,
    observed_at BIGINT,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, entity, attribute, instance)
);

CREATE INDEX attribute_history_by_time ON attribute_history (tenant, entity, recorded_at);
