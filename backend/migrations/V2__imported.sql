-- What the last import of a resource made of it, before it was merged with what people had changed since: the base of the
-- next three-way merge. The id of the record says clinic and resource.
CREATE TABLE imported (
    record TEXT NOT NULL PRIMARY KEY,
    clinic TEXT NOT NULL REFERENCES clinic (id),
    body   TEXT NOT NULL
);
