-- With which a telephone system reads the presence of an organization.
create table read_token (
    id uuid primary key,
    organization_id uuid not null,
    name text not null check (char_length(name) <= 400),
    -- SHA-256 of the token, which nobody but its holder has.
    digest bytea not null unique check (octet_length(digest) = 32),
    created_at timestamptz not null default now(),
    created_by uuid not null,
    last_used_at timestamptz
);

create index read_token_by_organization on read_token (organization_id, created_at, id);
