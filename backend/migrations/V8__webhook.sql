-- Where a connected system is told of changes. `secret` and `old_secret` are encrypted under the key file; the old one signs
-- along until `old_until`. (tx, n) is how far the feed was read for it, `place` the last place given to a message,
-- `next_due` when the first that waits is to be tried; 9223372036854775807 means that none waits. A backend that sends
-- holds the row until `held_until`; where it dies, another goes on from then. `gone` is when the receiver answered 410.
CREATE TABLE webhook (
    id         TEXT   NOT NULL PRIMARY KEY,
    system     TEXT   NOT NULL REFERENCES partner_system (id),
    url        TEXT   NOT NULL,
    events     TEXT   NOT NULL,
    secret     TEXT   NOT NULL,
    old_secret TEXT,
    old_until  BIGINT,
    made_by    TEXT   NOT NULL REFERENCES person (id),
    created    BIGINT NOT NULL,
    tx         BIGINT NOT NULL,
    n          BIGINT NOT NULL,
    place      BIGINT NOT NULL,
    next_due   BIGINT NOT NULL,
    holder     TEXT,
    held_until BIGINT NOT NULL,
    delivered  BIGINT,
    gone       BIGINT
);
CREATE INDEX webhook_system ON webhook (system);
CREATE INDEX webhook_next ON webhook (next_due);

-- What waits to be sent, in the order of `place`, and what was given up: `dead` is when that was, 0 for what waits. What
-- was delivered is not kept. `body` is what is sent, the same at every attempt; it holds ids only. `since` is when it was
-- made, or replayed: the time for which it is tried counts from there.
CREATE TABLE webhook_message (
    id       TEXT   NOT NULL PRIMARY KEY,
    webhook  TEXT   NOT NULL REFERENCES webhook (id),
    place    BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    patient  TEXT,
    body     TEXT   NOT NULL,
    made     BIGINT NOT NULL,
    since    BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    outcome  TEXT,
    dead     BIGINT NOT NULL
);
CREATE UNIQUE INDEX webhook_message_place ON webhook_message (webhook, place);
CREATE INDEX webhook_message_queue ON webhook_message (webhook, dead, place);
