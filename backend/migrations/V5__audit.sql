-- From which address a change came, and what allowed it. Both are under its hash where they are there; changes that were
-- written before have neither.
ALTER TABLE change ADD COLUMN origin TEXT;
ALTER TABLE change ADD COLUMN why TEXT;

-- The audit trails: who has read in whose record, and what was refused. Never changed. A trail is that of a patient, of a
-- person who asked for what is of no patient, or nobody's (all zeros).
CREATE TABLE audit (
    trail   TEXT   NOT NULL,
    link    BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    actor   TEXT,
    device  TEXT,
    origin  TEXT,
    asked   TEXT   NOT NULL,
    outcome TEXT   NOT NULL,
    why     TEXT   NOT NULL,
    clinic  TEXT,
    prev    TEXT   NOT NULL,
    hash    TEXT   NOT NULL,
    PRIMARY KEY (trail, link)
);

-- The end of each trail, and how far it was sealed. The row that readers of one patient wait for each other at.
CREATE TABLE audit_head (
    trail  TEXT   NOT NULL PRIMARY KEY,
    link   BIGINT NOT NULL,
    hash   TEXT   NOT NULL,
    sealed BIGINT NOT NULL
);
CREATE INDEX audit_head_unsealed ON audit_head (trail) WHERE link > sealed;

-- Every minute: a link over the ends of the trails that have moved since the seal before.
CREATE TABLE audit_seal (
    number BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    heads  BIGINT NOT NULL,
    prev   TEXT   NOT NULL,
    hash   TEXT   NOT NULL
);
CREATE TABLE audit_seal_head (
    seal  BIGINT NOT NULL REFERENCES audit_seal (number),
    trail TEXT   NOT NULL,
    link  BIGINT NOT NULL,
    hash  TEXT   NOT NULL,
    PRIMARY KEY (seal, trail)
);
