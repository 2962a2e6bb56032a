alter table room
    add column owner_name text not null default '',
    -- Made for an organizer, and never deleted while there is the account.
    add column is_personal boolean not null default false,
    -- Made by the service of 100 random bits: who has it was given the link.
    add column has_secret_alias boolean not null default false,
    add column options jsonb not null default '{}',
    add column is_locked boolean not null default false,
    -- Rises with every change of options or lock; signaling goes by the highest.
    add column policy_version integer not null default 1,
    -- Rises when the room is locked or unlocked here, and not in a meeting.
    add column lock_version integer not null default 1,
    -- The one that signaling has confirmed for a running meeting.
    add column told_policy integer not null default 1,
    -- The end for which the owner was warned.
    add column warned_of timestamptz,
    -- The day of `sweep_day` on which it was found expired; null while it is not.
    add column expired_on bigint;

create unique index room_personal_once on room (organization_id, owner_id) where is_personal;

create index room_policy_untold on room (updated_at) where told_policy < policy_version;

create table room_deputy (
    room_id uuid not null references room on delete cascade,
    account_id uuid not null,
    primary key (room_id, account_id)
);

create index room_deputy_by_account on room_deputy (account_id);

-- A person's own order of the rooms that they see.
create table room_position (
    account_id uuid not null,
    room_id uuid not null references room on delete cascade,
    position integer not null,
    primary key (account_id, room_id)
);

-- Aliases that rooms had before. They lead those who manage the room to it, and are kept from others for a while.
create table former_alias (
    alias text primary key,
    room_id uuid not null references room on delete cascade,
    given_up_at timestamptz not null default now()
);

create index former_alias_by_room on former_alias (room_id);

-- Days as the service has seen them pass: one at most for each look, however far the clock was set.
create table sweep_day (
    only_one boolean primary key default true check (only_one),
    day bigint not null default 0,
    -- Until this day nothing is removed for its age: the clock may be wrong.
    trusted_on bigint not null default 0,
    began_at timestamptz not null default now()
);

insert into sweep_day default values;

-- Wrong PINs of a room from everywhere: the time at which the next one would be on time (GCRA, ITU-T I.371).
create table pin_budget (
    -- Stands for the room and its PIN, or for an alias that no room has.
    key bytea primary key,
    next_at timestamptz not null
);

-- What identity tells of organizations.
create table organization (
    id uuid primary key,
    is_disabled boolean not null,
    allows_attendance boolean not null
);

create table audit_entry (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    organization_id uuid not null,
    action text not null,
    actor text not null,
    actor_account_id uuid,
    source text not null,
    room_id uuid not null,
    room_name text not null,
    detail jsonb not null default '{}'
);

create index audit_entry_by_room on audit_entry (room_id, id);
create index audit_entry_by_organization on audit_entry (organization_id, id);
create index audit_entry_by_age on audit_entry (at);

-- Entries are never changed, and removed only by age.
create function keep_audit_entry() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' or old.at > now() - interval '30 days' then
        raise exception 'audit entries can not be changed';
    end if;
    return old;
end
$$;

create trigger audit_entry_kept before update or delete on audit_entry
    for each row execute function keep_audit_entry();
