-- Bodies that act in the city: the municipality, utilities, the bus operator.
CREATE TABLE organisation (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    network TEXT,
    PRIMARY KEY (tenant, id)
);

-- People who sign in. `password` is a PHC string, empty until its owner has chosen one.
CREATE TABLE access_account (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    organisation TEXT,
    label TEXT NOT NULL,
    position BIGINT NOT NULL,
    demo BIGINT NOT NULL,
    password TEXT,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX access_account_username ON access_account (tenant, username);

CREATE TABLE access_account_role (
    tenant TEXT NOT NULL,
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (tenant, account, role)
);

-- Browser sessions, found by the SHA-256 of the cookie: whoever reads this table cannot use them.
CREATE TABLE access_session (
    tenant TEXT NOT NULL,
    digest TEXT NOT NULL,
    account TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, digest)
);

CREATE INDEX access_session_account ON access_session (tenant, account);
CREATE INDEX access_session_created ON access_session (tenant, created_at);

-- Tokens for programs, likewise by digest. `scopes` is a JSON array; `account` is who answers for it.
CREATE TABLE access_token (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    account TEXT,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX access_token_digest ON access_token (tenant, digest);
CREATE INDEX access_token_account ON access_token (tenant, account);

-- Links that work once: without an account they make the first administrator, with one they let its
-- owner choose a password.
CREATE TABLE access_invitation (
    tenant TEXT NOT NULL,
    digest TEXT NOT NULL,
    account TEXT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, digest)
);

-- Sign-in attempts in the current window, by digest of the user name or client address.
CREATE TABLE access_throttle (
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    window_ends BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject)
);

CREATE INDEX access_throttle_window ON access_throttle (tenant, window_ends);

-- What was done, by whom, when. Rows are only ever added.
CREATE TABLE access_audit (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    organisation TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX access_audit_at ON access_audit (tenant, at);
CREATE INDEX access_audit_actor ON access_audit (tenant, actor, at);
CREATE INDEX access_audit_action ON access_audit (tenant, action, at);
CREATE INDEX access_audit_subject ON access_audit (tenant, subject, at);
