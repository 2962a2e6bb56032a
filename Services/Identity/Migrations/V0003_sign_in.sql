-- Only additions, with defaults: the release before goes on with this schema.

-- Counts the passwords that an account has had, so that what was checked with one of them is worth nothing with the next.
alter table account add column password_generation integer not null default 0;

-- Many sessions may end within one tick of the clock; this is what the pages of the list go by.
alter table revocation add column id bigint generated always as identity primary key;

-- One person of a connection is one account, and the other way around.
create unique index external_identity_once on external_identity (connection_id, account_id);
