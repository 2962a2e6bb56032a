-- Only additions, with defaults: the release before goes on with this schema.

-- Counts the passwords that an account has had, so that what was checked with one of them is worth nothing with the next.
alter table account add column password_generation integer not null default 0;

-- Many sessions may end within one tick of the clock; this is what the pages of the list go by.
alter table revocation add column id bigint generated always as identity primary key;

-- One person of a connection is one account, and the other way around.
create unique index external_identity_once on external_identity (connection_id, account_id);

-- What other services keep of an account goes with it: they ask for this list.
create table removed_account (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    account_id uuid not null,
    organization_id uuid not null
);

-- However an account is deleted, also with its organization.
create function note_account_removal() returns trigger language plpgsql set search_path from current as $$
begin
    insert into removed_account (account_id, organization_id) values (old.id, old.organization_id);
    return null;
end
$$;

create trigger account_removal after delete on account for each row execute function note_account_removal();
