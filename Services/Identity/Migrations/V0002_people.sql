-- Only additions, with defaults: the release before goes on with this schema.

alter table organization
    add column sign_in_domains text[] not null default '{}',
    add column password_minimum integer not null default 15 check (password_minimum between 8 and 64),
    add column room_creators text not null default 'permitted' check (room_creators in ('permitted', 'everyone')),
    add column default_language text,
    add column second_factor text not null default 'optional' check (second_factor in ('optional', 'required')),
    add column version integer not null default 1;

-- password_hash is empty where the password is kept elsewhere. password_expires_at is set for one-time passwords only.
-- totp_secret is sealed like signing keys; totp_step is the last step whose code was used.
alter table account
    add column email text,
    add column language text,
    add column presence_in_meetings text not null default 'busy'
        check (presence_in_meetings in ('busy', 'do_not_disturb')),
    add column shows_presence boolean not null default true,
    add column appearance text not null default 'standard' check (appearance in ('standard', 'bright', 'dark')),
    add column notifications text[] not null default '{entering,leaving,chat}',
    add column avatar_color text,
    add column origin text not null default 'local' check (origin in ('local', 'ldap', 'oidc')),
    add column generation integer not null default 0,
    add column version integer not null default 1,
    add column password_expires_at timestamptz,
    add column last_sign_in_at timestamptz,
    add column totp_secret bytea,
    add column totp_step bigint not null default 0;

create table recovery_code (
    account_id uuid not null references account on delete cascade,
    digest bytea not null,
    primary key (account_id, digest)
);

create table account_picture (
    account_id uuid primary key references account on delete cascade,
    media_type text not null check (media_type in ('image/png', 'image/jpeg', 'image/webp')),
    bytes bytea not null check (length(bytes) <= 65536),
    -- Of the bytes; changes with the picture.
    digest text not null
);

alter table session
    add column browser text,
    add column system text,
    add column source text,
    add column last_used_at timestamptz not null default now();

-- What other services must hear of while the tokens of before would still be good.
create table revocation (
    at timestamptz not null default clock_timestamp(),
    session_id uuid,
    account_id uuid,
    generation integer
);

create index revocation_by_time on revocation (at);

-- However a session ends before its time, also with its account or by an older release: it is told.
create function note_session_end() returns trigger language plpgsql set search_path from current as $$
begin
    if old.expires_at > now() then
        insert into revocation (session_id) values (old.id);
    end if;
    return null;
end
$$;

create trigger session_end after delete on session for each row execute function note_session_end();

-- No foreign keys: what was done stays known when those who did it are gone.
create table audit_entry (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    organization_id uuid,
    action text not null,
    actor text not null,
    actor_account_id uuid,
    source text not null,
    subject text not null,
    subject_account_id uuid,
    detail jsonb not null default '{}'
);

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

-- Directories and providers that accounts of an organization may come from. Secrets in the settings are sealed.
create table sign_in_connection (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    kind text not null check (kind in ('ldap', 'oidc')),
    name text not null,
    is_enabled boolean not null default true,
    position integer not null default 0,
    settings jsonb not null,
    sealed_secret bytea,
    version integer not null default 1,
    created_at timestamptz not null default now()
);

create index sign_in_connection_by_organization on sign_in_connection (organization_id, position, id);

create table external_identity (
    connection_id uuid not null references sign_in_connection on delete cascade,
    subject text not null,
    account_id uuid not null references account on delete cascade,
    primary key (connection_id, subject)
);

create index external_identity_by_account on external_identity (account_id);

-- A new key is published before it signs, so that all know it by then.
alter table signing_key add column signs_from timestamptz not null default now();
