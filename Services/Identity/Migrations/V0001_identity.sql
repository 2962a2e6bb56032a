create table organization (
    id uuid primary key,
    ucsid text not null,
    name text not null,
    is_enabled boolean not null default true,
    created_at timestamptz not null default now()
);

-- Everything an organization is found by at sign-in, folded: its UCSID and its aliases. One table, so that no alias of
-- one organization is the UCSID of another.
create table organization_handle (
    key text constraint organization_handle_taken primary key,
    organization_id uuid not null references organization on delete cascade,
    handle text not null,
    is_ucsid boolean not null
);

create index organization_handle_by_organization on organization_handle (organization_id);

create table account (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    user_name text not null,
    user_name_key text not null,
    display_name text not null,
    -- Folded, in the order of its bytes, so that a cursor means the same whatever the database's language is.
    display_name_key text collate "C" not null,
    permissions text[] not null default '{}',
    password_hash text not null,
    is_enabled boolean not null default true,
    created_at timestamptz not null default now(),
    constraint account_user_name_taken unique (organization_id, user_name_key)
);

create index account_by_display_name on account (organization_id, display_name_key, id);

-- token_digest is the SHA-256 of the secret in the cookie; the secret itself is nowhere.
create table session (
    id uuid primary key,
    account_id uuid not null references account on delete cascade,
    token_digest bytea not null unique,
    stay_logged_in boolean not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);

create index session_by_account on session (account_id);
create index session_by_end on session (expires_at);

-- sealed_key is the private key under AES-GCM with a key derived from the cluster secret.
create table signing_key (
    id text primary key,
    sealed_key bytea not null,
    created_at timestamptz not null default now()
);
