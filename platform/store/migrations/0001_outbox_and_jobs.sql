-- What happened, written in the same transaction as what it tells of. `seq` orders it for readers.
CREATE TABLE outbox (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    topic TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX outbox_by_time ON outbox (created_at, id);

-- Work to be done later, and again when it fails.
CREATE TABLE job (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX job_due ON job (state, run_at);
