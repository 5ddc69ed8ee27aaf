-- A clinic's list of interactions, as it was loaded: one row, replaced as a whole. `body` is JSON of its pairs, `revision`
-- another text after each loading. Nothing here is of a patient.
CREATE TABLE interaction_list (
    clinic    TEXT   NOT NULL PRIMARY KEY REFERENCES clinic (id),
    revision  TEXT   NOT NULL,
    loaded_at BIGINT NOT NULL,
    loaded_by TEXT   NOT NULL REFERENCES person (id),
    body      TEXT   NOT NULL
);
