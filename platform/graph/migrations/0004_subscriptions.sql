-- Subscriptions (clause 5.2.12) in the engine's canonical form: names expanded, so that no @context is needed to read
-- them. `context` compacts the names of notifications, `q_context` is the one that `q` was written with.
CREATE TABLE subscription (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    context TEXT NOT NULL,
    q_context TEXT NOT NULL,
    owner TEXT NOT NULL,
    owner_key TEXT NOT NULL,
    organisation TEXT,
    revision TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What the @contexts of subscriptions said when they were made, by hash: many subscriptions share one, and it must
-- outlive the documents that it came from.
CREATE TABLE subscription_context (
    tenant TEXT NOT NULL,
    hash TEXT NOT NULL,
    terms TEXT NOT NULL,
    given TEXT,
    PRIMARY KEY (tenant, hash)
);

-- Until when a throttled subscription keeps quiet, and when a periodic one is due.
CREATE TABLE subscription_schedule (
    tenant TEXT NOT NULL,
    subscription TEXT NOT NULL,
    quiet_until BIGINT NOT NULL,
    due_at BIGINT,
    PRIMARY KEY (tenant, subscription)
);

CREATE INDEX subscription_schedule_due ON subscription_schedule (due_at);

-- How deliveries fare. Apart from the subscription, which every write of an entity reads.
CREATE TABLE subscription_delivery (
    tenant TEXT NOT NULL,
    subscription TEXT NOT NULL,
    times_sent BIGINT NOT NULL,
    times_failed BIGINT NOT NULL,
    last_notification BIGINT,
    last_success BIGINT,
    last_failure BIGINT,
    last_error TEXT,
    failures BIGINT NOT NULL,
    retry_at BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    PRIMARY KEY (tenant, subscription)
);

-- Which replica delivers for a subscription: one at a time, so that order holds.
CREATE TABLE subscription_lease (
    tenant TEXT NOT NULL,
    subscription TEXT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (tenant, subscription)
);

-- Notifications that wait to be delivered. For one entity `seq` grows in the order of its changes.
CREATE TABLE notification (
    tenant TEXT NOT NULL,
    subscription TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    entity TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, subscription, seq, id)
);

-- Those that were given up, with the reason, until an officer replays or removes them.
CREATE TABLE dead_letter (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    subscription TEXT NOT NULL,
    entity TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    died_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX dead_letter_of ON dead_letter (tenant, subscription, died_at, id);

-- Changes with every change of a kind of thing that processes keep compiled in memory.
CREATE TABLE graph_version (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (tenant, kind)
);
