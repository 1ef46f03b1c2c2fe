-- What version 1 held: moved into the new tables by the program when it opens the store, then empty.
ALTER TABLE entity RENAME TO entity_v1;
DROP TABLE entity_type;
DROP TABLE entity_attribute;
DROP TABLE entity_place;

-- The current state of every entity, whole, in the engine's storage form (JSON with expanded names). `number`
-- grows with the order of creation and is what indexes point to; `shape` says its types and attribute names.
CREATE TABLE entity (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    shape BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX entity_by_number ON entity (tenant, number);

CREATE INDEX entity_by_shape ON entity (tenant, shape, number);

-- Types and attribute names that occur together: few, however many entities there are. `shape` is a digest of
-- the definition.
CREATE TABLE entity_shape (
    tenant TEXT NOT NULL,
    shape BIGINT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (tenant, shape)
);

-- Where entities are: the Z-order cell of the middle of each geo attribute (its name as a digest), at the level
-- whose cells are at least as large as the geometry. A prefilter; the exact predicate is evaluated on the geometry.
CREATE TABLE entity_place (
    tenant TEXT NOT NULL,
    attribute BIGINT NOT NULL,
    level BIGINT NOT NULL,
    cell BIGINT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (tenant, attribute, level, cell, number)
) /* clustered */;

-- Attributes whose values are indexed because queries ask for them. `ready_at` is when the index became whole.
CREATE TABLE value_index (
    tenant TEXT NOT NULL,
    attribute BIGINT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ready_at BIGINT,
    PRIMARY KEY (tenant, attribute)
);

CREATE TABLE entity_number_value (
    tenant TEXT NOT NULL,
    attribute BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (tenant, attribute, value, number)
) /* clustered */;

-- Texts by their first characters.
CREATE TABLE entity_text_value (
    tenant TEXT NOT NULL,
    attribute BIGINT NOT NULL,
    value TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (tenant, attribute, value, number)
) /* clustered */;
