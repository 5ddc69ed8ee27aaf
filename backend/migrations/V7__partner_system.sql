-- A system that a clinic has connected. In staff it has a place of the role partner_system, by which it sees what is open
-- to the clinic; in person it has its name, and nothing to sign in with.
CREATE TABLE partner_system (
    id      TEXT   NOT NULL PRIMARY KEY REFERENCES person (id),
    clinic  TEXT   NOT NULL REFERENCES clinic (id),
    made_by TEXT   NOT NULL REFERENCES person (id),
    created BIGINT NOT NULL,
    ended   BIGINT
);
CREATE INDEX partner_system_clinic ON partner_system (clinic);

-- Its keys, by their hashes. To sessions, changes and the audit each is a device of the system.
CREATE TABLE api_key (
    id      TEXT   NOT NULL PRIMARY KEY,
    system  TEXT   NOT NULL REFERENCES partner_system (id),
    hash    TEXT   NOT NULL,
    scopes  TEXT   NOT NULL,
    made_by TEXT   NOT NULL REFERENCES person (id),
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used    BIGINT,
    ended   BIGINT,
    FOREIGN KEY (system, id) REFERENCES device (person, id)
);
CREATE INDEX api_key_system ON api_key (system);

-- What tells the key file that this store belongs to from every other one; nothing of the key can be found from it.
ALTER TABLE store ADD COLUMN key_mark TEXT;
