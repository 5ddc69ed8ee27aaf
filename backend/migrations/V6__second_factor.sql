-- The second factor of an account: the key of its authenticator app, encrypted under a key that is derived from the key
-- file. Until `since` is there it was begun and not finished. `step` is the newest 30 seconds of which a code was used: no
-- code serves twice.
CREATE TABLE second_factor (
    person TEXT   NOT NULL PRIMARY KEY REFERENCES person (id),
    key    TEXT   NOT NULL,
    begun  BIGINT NOT NULL,
    since  BIGINT,
    step   BIGINT NOT NULL
);

-- Codes that each serve once in place of the app's, by their hashes.
CREATE TABLE recovery_code (
    person TEXT NOT NULL REFERENCES person (id),
    hash   TEXT NOT NULL,
    used   BIGINT,
    PRIMARY KEY (person, hash)
);

-- The roles whose holders a clinic asks for a second factor.
CREATE TABLE second_factor_role (
    clinic TEXT NOT NULL REFERENCES clinic (id),
    role   TEXT NOT NULL,
    PRIMARY KEY (clinic, role)
);
