-- The watch over missed doses: one row for each patient, read in order of next_due. 9223372036854775807 means that nothing
-- is to come until something of the patient changes. `critical` is 1 where that moment concerns a medication that is
-- dangerous to miss: those go first. `heed` is 1 where any entry may change the moment. `touched` counts the changes that
-- the watch was told of, so that a moment which was computed before one of them is not kept. A backend that looks at a
-- patient holds the row until `held_until`; where it dies, another goes on from then.
CREATE TABLE watch (
    patient    TEXT   NOT NULL PRIMARY KEY REFERENCES patient (id),
    next_due   BIGINT NOT NULL,
    critical   BIGINT NOT NULL,
    heed       BIGINT NOT NULL,
    touched    BIGINT NOT NULL,
    since      BIGINT,
    holder     TEXT,
    held_until BIGINT NOT NULL
);
CREATE INDEX watch_next ON watch (critical, next_due);
CREATE INDEX watch_holder ON watch (holder);

-- How far the watch has read the feed. One row.
CREATE TABLE watch_feed (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    tx BIGINT NOT NULL,
    n  BIGINT NOT NULL
);
INSERT INTO watch_feed (id, tx, n) VALUES (1, 0, 0);
