-- What version 1 recorded: moved into the new tables by the program when it opens the store, then empty.
ALTER TABLE attribute_history RENAME TO attribute_history_v1;

-- A series is the evolution of one attribute of one entity: one for each datasetId and unit ('' where there is
-- none). `series` is a digest of all of these, so that it is known without being looked up. `empty_since` is
-- set where housekeeping found no row; a writer clears it.
CREATE TABLE history_series (
    tenant TEXT NOT NULL,
    series BIGINT NOT NULL,
    entity TEXT NOT NULL,
    attribute TEXT NOT NULL,
    dataset TEXT NOT NULL,
    unit TEXT NOT NULL,
    empty_since BIGINT,
    PRIMARY KEY (tenant, series)
);

CREATE INDEX history_series_of ON history_series (tenant, entity, attribute);

-- Instances that were superseded or deleted; the current one stands in its entity's document. `time` is when it
-- was observed, or else when it was recorded; `seq` is when it was recorded. `kind` is a sum of flags: 1 observed,
-- 2 a whole number, 4 a marker of deletion. A plain number needs no document; `modified_at` is there only
-- where it is not `seq`.
CREATE TABLE attribute_history (
    tenant TEXT NOT NULL,
    series BIGINT NOT NULL,
    time BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    number DOUBLE PRECISION,
    modified_at BIGINT,
    document TEXT,
    PRIMARY KEY (tenant, series, time, seq)
) /* clustered */;

-- What is no number is found without passing over the numbers.
CREATE INDEX attribute_history_other ON attribute_history (tenant, series, time, seq) WHERE number IS NULL;

-- Entities of which something was deleted: what they were (types, scopes, times), without attributes.
CREATE TABLE entity_past (
    tenant TEXT NOT NULL,
    entity TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, entity)
);

-- What is kept of the history of a type. Durations are in days and seconds.
CREATE TABLE history_policy (
    tenant TEXT NOT NULL,
    type TEXT NOT NULL,
    keep BIGINT NOT NULL,
    retention_days BIGINT,
    thin_after_days BIGINT,
    thin_period_seconds BIGINT,
    thin_method TEXT,
    PRIMARY KEY (tenant, type)
);
