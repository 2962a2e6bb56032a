-- Mail that is to be sent, written in the transaction of what it tells of, and what became of it.
create table mail (
    id uuid primary key,
    organization_id uuid not null,
    -- Who has caused it; null: the service itself.
    account_id uuid,
    recipient text not null,
    -- What it is about, where a newer mail to the same person takes the place of one that waits.
    topic text,
    -- Encrypted under the service's key, because it may hold a PIN; null as soon as it is sent or given up.
    letter bytea,
    state text not null default 'waiting',
    -- Whether it counts for what an account may send in a day.
    is_counted boolean not null,
    attempts integer not null default 0,
    created_at timestamptz not null default now(),
    -- When it may be sent, or, while it is being sent, when another process may take it for forgotten.
    due_at timestamptz not null default now(),
    finished_at timestamptz,
    -- Without addresses.
    last_error text,
    constraint mail_state check (state in ('waiting', 'sent', 'failed', 'replaced')),
    constraint mail_is_whole check ((state = 'waiting') = (finished_at is null) and (state <> 'waiting' or letter is not null))
);

create index mail_due on mail (due_at) where state = 'waiting';
create index mail_by_topic on mail (topic) where state = 'waiting' and topic is not null;
create index mail_by_account on mail (account_id, created_at) where is_counted;
create index mail_finished on mail (finished_at) where finished_at is not null;

-- The end of which the owner was told that it has come.
alter table room add column told_expired_of timestamptz;
