-- Everything an edition holds can be edited: each record has an identifier, a version and a mark of deletion.

ALTER TABLE plan_figure ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE plan_figure ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE plan_collection ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE plan_collection ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE plan_discrepancy ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE plan_discrepancy ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;

ALTER TABLE plan_partner ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE plan_partner ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE plan_partner ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;
UPDATE plan_partner SET id = CAST(position AS TEXT);
CREATE UNIQUE INDEX plan_partner_id ON plan_partner (tenant, year, project, id);

ALTER TABLE plan_link ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE plan_link ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE plan_link ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;
UPDATE plan_link SET id = CAST(position AS TEXT);
CREATE UNIQUE INDEX plan_link_id ON plan_link (tenant, year, project, id);

ALTER TABLE plan_edition ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Which values may be declared: "whole", "decimal", "any"; empty: what suits the unit.
ALTER TABLE plan_indicator ADD COLUMN value_rule TEXT NOT NULL DEFAULT '';

-- A document is good for the snapshot it was made from.
ALTER TABLE plan_document ADD COLUMN snapshot_hash TEXT NOT NULL DEFAULT '';
