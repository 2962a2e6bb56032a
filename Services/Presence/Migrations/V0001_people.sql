-- What people have set by hand, and a copy of their choices at identity. Who has never changed anything has no row.
create table person (
    account_id uuid primary key,
    organization_id uuid not null,
    -- Rises with each change, so that of two copies the newer one is known.
    version bigint not null default 1,
    state text not null default 'available' check (state in ('available', 'busy', 'do_not_disturb', 'absent', 'invisible')),
    text text check (char_length(text) <= 1000),
    until timestamptz,
    in_meetings text not null default 'busy' check (in_meetings in ('busy', 'do_not_disturb')),
    is_shown boolean not null default true,
    -- Whether Redis was told of this version; until then it is tried again.
    is_published boolean not null default false,
    updated_at timestamptz not null default now()
);

create index person_by_organization on person (organization_id, account_id);
create index person_unpublished on person (updated_at) where not is_published;

create table removed_account (
    account_id uuid primary key,
    removed_at timestamptz not null default now()
);

-- How far a list of another service was read.
create table list_position (
    list text primary key,
    position bigint not null
);
