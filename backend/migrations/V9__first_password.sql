-- A password that was made by the backend for someone and handed over opens their account until `first_until`, and opens
-- nothing but the way to one of their own. None where the password is the person's own, as it is of all before this.
-- `first_clinic` is the clinic that made the account, until its person has had a password of their own: only so long may
-- the clinic's administrators hand another one over.
ALTER TABLE person ADD COLUMN first_until BIGINT;
ALTER TABLE person ADD COLUMN first_clinic TEXT REFERENCES clinic (id);
