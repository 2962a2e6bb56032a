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

-- Where an organization's changes of presence are sent. Only the operator makes these: they tell presence whom to call.
create table webhook (
    id uuid primary key,
    organization_id uuid not null,
    name text not null check (char_length(name) <= 400),
    url text not null check (char_length(url) <= 2000),
    -- Sealed under a key that is derived from the cluster secret.
    secret bytea not null,
    is_enabled boolean not null default true,
    created_at timestamptz not null default now(),
    -- How far the changes were put into the queue. None: a snapshot comes first.
    epoch text,
    seq bigint,
    -- The timestamp of the last message that was put into the queue; the next one has a later one.
    last_message_at timestamptz,
    -- When it is to be looked at next; while a process works for it, when it may be taken over.
    due_at timestamptz not null default now(),
    -- Rises whenever a process takes it, so that one that was too slow changes nothing any more.
    lease bigint not null default 0,
    last_delivered_at timestamptz,
    last_failed_at timestamptz,
    failure_reason text,
    failure_status integer
);

create index webhook_due on webhook (due_at) where is_enabled;
create index webhook_by_organization on webhook (organization_id, created_at, id);

-- What waits to be delivered, in the order of the ids, and dead letters.
create table webhook_letter (
    id bigint generated always as identity primary key,
    webhook_id uuid not null references webhook on delete cascade,
    -- By which the receiver knows it; the same in every attempt.
    message_id text not null unique,
    type text not null,
    events integer not null,
    body bytea not null,
    created_at timestamptz not null default now(),
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    -- Set for a dead letter.
    died_at timestamptz,
    failure_reason text,
    failure_status integer
);

create index webhook_letter_of_webhook on webhook_letter (webhook_id);
create index webhook_letter_waiting on webhook_letter (webhook_id, id) where died_at is null;
create index webhook_letter_dead on webhook_letter (webhook_id, id) where died_at is not null;
create index webhook_letter_old on webhook_letter (died_at) where died_at is not null;
