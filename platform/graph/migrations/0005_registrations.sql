-- Context source registrations, whole, with expanded names.
CREATE TABLE registration (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Grows with every change of a city's registrations; no row while there has never been one. Every request reads
-- it, so that what a process remembers of the registrations is never out of date.
CREATE TABLE registration_version (
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);

-- How this broker calls itself in Via headers.
CREATE TABLE broker_alias (
    tenant TEXT NOT NULL,
    alias TEXT NOT NULL,
    PRIMARY KEY (tenant)
);

-- Subscriptions to registrations, in their canonical form, with the @context of notifications as it was given; and how
-- deliveries fared.
CREATE TABLE registration_subscription (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    context TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    times_sent BIGINT NOT NULL,
    times_failed BIGINT NOT NULL,
    last_notification BIGINT,
    last_success BIGINT,
    last_failure BIGINT,
    PRIMARY KEY (tenant, id)
);

-- Which registrations a subscriber knows to match.
CREATE TABLE registration_told (
    tenant TEXT NOT NULL,
    subscription TEXT NOT NULL,
    registration TEXT NOT NULL,
    PRIMARY KEY (tenant, subscription, registration)
);

CREATE INDEX registration_told_of ON registration_told (tenant, registration);

-- Notifications that wait to be delivered, or are being delivered until a replica's lease runs out.
CREATE TABLE registration_notice (
    tenant TEXT NOT NULL,
    subscription TEXT NOT NULL,
    id TEXT NOT NULL,
    payload TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    PRIMARY KEY (tenant, subscription, id)
);

CREATE INDEX registration_notice_due ON registration_notice (due_at);
