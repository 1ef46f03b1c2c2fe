-- The city's ground, layer by layer, each replaced as a whole: the street network, boundaries, districts,
-- localities, bus stops (GeoJSON) and street aliases (TOML).
CREATE TABLE territory_layer (
    tenant TEXT NOT NULL,
    layer TEXT NOT NULL,
    version TEXT NOT NULL,
    content TEXT NOT NULL,
    loaded_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, layer)
);
