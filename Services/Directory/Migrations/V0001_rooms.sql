create table room (
    id uuid primary key,
    organization_id uuid not null,
    owner_id uuid not null,
    name text not null,
    alias text not null,
    description text not null,
    color text not null,
    -- Encrypted under the service's key; null: no PIN.
    pin bytea,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    -- A room lives 90 days from here.
    last_used_at timestamptz not null default now(),
    -- Rises with every change by the owner.
    version integer not null default 1,
    constraint room_alias_once unique (alias),
    constraint room_alias_form check (alias ~ '^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$'),
    -- The service's own limits are narrower; these hold against its mistakes.
    constraint room_name_length check (octet_length(name) between 1 and 4096),
    constraint room_description_length check (octet_length(description) <= 65536)
);

create index room_of_owner on room (organization_id, owner_id, created_at desc, id desc);

-- Rooms that were deleted and whose running meeting signaling has not yet confirmed as ended.
create table room_ending (
    room_id uuid primary key,
    deleted_at timestamptz not null default now()
);
