-- JSON-LD @context documents (clause 5.13): hosted for clients, fetched from elsewhere, created implicitly.
CREATE TABLE jsonld_context (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX jsonld_context_of_kind ON jsonld_context (tenant, kind, created_at);
