-- The whole schema, one text for SQLite and PostgreSQL. Ids and hashes are TEXT, instants BIGINT milliseconds since 1970,
-- yes/no BIGINT 1/0. Ids are made in Rust. Patient data is keyed by patient first, so that it can be distributed.

-- One row. The epoch names this life of the store: it changes when the store comes back from a backup, and every cursor
-- of the life before is void. tx_base is added to PostgreSQL's transaction ids so that they never run backwards.
CREATE TABLE store (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch   TEXT   NOT NULL,
    cluster TEXT   NOT NULL,
    tx_base BIGINT NOT NULL
);

CREATE TABLE person (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    email         TEXT   NOT NULL,
    email_key     TEXT   NOT NULL UNIQUE,
    password_hash TEXT   NOT NULL,
    created       BIGINT NOT NULL
);

CREATE TABLE device (
    person TEXT   NOT NULL REFERENCES person (id),
    id     TEXT   NOT NULL,
    name   TEXT   NOT NULL,
    since  BIGINT NOT NULL,
    seen   BIGINT NOT NULL,
    PRIMARY KEY (person, id)
);

-- A sign-in. All refresh tokens that descend from it end with it.
CREATE TABLE session (
    id      TEXT   NOT NULL PRIMARY KEY,
    person  TEXT   NOT NULL,
    device  TEXT   NOT NULL,
    created BIGINT NOT NULL,
    ended   BIGINT,
    FOREIGN KEY (person, device) REFERENCES device (person, id)
);
CREATE INDEX session_person ON session (person, device);

CREATE TABLE refresh (
    hash    TEXT   NOT NULL PRIMARY KEY,
    session TEXT   NOT NULL REFERENCES session (id),
    issued  BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used    BIGINT
);
CREATE INDEX refresh_session ON refresh (session);

CREATE TABLE attempt (
    id  TEXT   NOT NULL PRIMARY KEY,
    key TEXT   NOT NULL,
    at  BIGINT NOT NULL
);
CREATE INDEX attempt_key ON attempt (key, at);
CREATE INDEX attempt_at ON attempt (at);

CREATE TABLE clinic (
    id      TEXT   NOT NULL PRIMARY KEY,
    name    TEXT   NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE staff (
    clinic TEXT   NOT NULL REFERENCES clinic (id),
    person TEXT   NOT NULL REFERENCES person (id),
    role   TEXT   NOT NULL,
    since  BIGINT NOT NULL,
    ended  BIGINT,
    PRIMARY KEY (clinic, person)
);
CREATE INDEX staff_person ON staff (person);

CREATE TABLE invitation (
    id          TEXT   NOT NULL PRIMARY KEY,
    code_hash   TEXT   NOT NULL UNIQUE,
    kind        TEXT   NOT NULL,
    clinic      TEXT REFERENCES clinic (id),
    patient     TEXT,
    scope       TEXT   NOT NULL,
    grant_until BIGINT,
    made_by     TEXT   NOT NULL REFERENCES person (id),
    created     BIGINT NOT NULL,
    expires     BIGINT NOT NULL,
    used_by     TEXT REFERENCES person (id),
    used_at     BIGINT
);

-- A patient's place in the hash chain: the number and the hash of the newest link. The row that writers of one patient
-- wait for each other at.
CREATE TABLE patient (
    id     TEXT   NOT NULL PRIMARY KEY,
    person TEXT UNIQUE REFERENCES person (id),
    link   BIGINT NOT NULL,
    hash   TEXT   NOT NULL
);

-- The feed: every write, in the words in which it was written. Never changed. (tx, n) is the order in which it is pulled,
-- link the place in the patient's chain.
CREATE TABLE change (
    patient TEXT   NOT NULL REFERENCES patient (id),
    link    BIGINT NOT NULL,
    tx      BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    record  TEXT   NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    actor   TEXT,
    device  TEXT,
    at      BIGINT NOT NULL,
    prev    TEXT   NOT NULL,
    hash    TEXT   NOT NULL,
    PRIMARY KEY (patient, link)
);
CREATE UNIQUE INDEX change_patient_feed ON change (patient, tx, n);
CREATE INDEX change_feed ON change (tx, n);

-- Each record as it stands: which link of its patient's chain holds it.
CREATE TABLE record (
    kind    TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    patient TEXT   NOT NULL,
    version BIGINT NOT NULL,
    link    BIGINT NOT NULL,
    PRIMARY KEY (kind, id),
    FOREIGN KEY (patient, link) REFERENCES change (patient, link)
);
CREATE INDEX record_patient ON record (patient, kind);

-- Grants again, by whom they are for: what says who may see whom. Written with the record, in its transaction.
CREATE TABLE patient_grant (
    id           TEXT   NOT NULL PRIMARY KEY,
    patient      TEXT   NOT NULL REFERENCES patient (id),
    grantee_kind TEXT   NOT NULL,
    grantee      TEXT   NOT NULL,
    scope        TEXT   NOT NULL,
    starts       BIGINT NOT NULL,
    ends         BIGINT NOT NULL
);
CREATE INDEX patient_grant_patient ON patient_grant (patient);
CREATE INDEX patient_grant_grantee ON patient_grant (grantee);

CREATE TABLE operation (
    id        TEXT   NOT NULL PRIMARY KEY,
    actor     TEXT   NOT NULL,
    body_hash TEXT   NOT NULL,
    result    TEXT   NOT NULL,
    at        BIGINT NOT NULL
);

-- Every minute: a link over the heads of the patients that have moved since the seal before.
CREATE TABLE seal (
    number  BIGINT NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    horizon BIGINT NOT NULL,
    heads   BIGINT NOT NULL,
    prev    TEXT   NOT NULL,
    hash    TEXT   NOT NULL
);
CREATE TABLE seal_head (
    seal    BIGINT NOT NULL REFERENCES seal (number),
    patient TEXT   NOT NULL,
    link    BIGINT NOT NULL,
    hash    TEXT   NOT NULL,
    PRIMARY KEY (seal, patient)
);
