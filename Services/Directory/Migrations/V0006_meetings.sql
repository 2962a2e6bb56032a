-- One use of a room. What is known of it comes from signaling's reports.
create table meeting (
    room_id uuid not null references room on delete cascade,
    id text not null,
    started_at timestamptz not null,
    -- Null while somebody is inside.
    ended_at timestamptz,
    -- When that was found.
    closed_at timestamptz,
    -- Everybody who was there, each once.
    people integer not null default 0,
    -- Whether names are kept: the organization has allowed it all the while.
    has_attendance boolean not null,
    -- It is over for good: reports change nothing any more.
    is_settled boolean not null default false,
    primary key (room_id, id),
    constraint meeting_id_length check (octet_length(id) between 1 and 64)
);

create index meeting_by_start on meeting (room_id, started_at desc, id desc);
create index meeting_by_end on meeting (ended_at);
create index meeting_running on meeting (started_at) where closed_at is null;
create index meeting_unsettled on meeting (closed_at) where not is_settled;

-- Who was inside, and when. Without names where the organization does not allow them: then it serves to find the end and to
-- count, and goes when the meeting is settled.
create table attendance (
    room_id uuid not null,
    meeting_id text not null,
    participant_id text not null,
    -- The same for somebody who comes in twice with an account. It does not tell which one.
    person text not null,
    name text not null,
    account_id uuid,
    is_guest boolean not null,
    joined_at timestamptz not null,
    -- The last report that named them.
    seen_at timestamptz not null default now(),
    left_at timestamptz,
    -- Signaling has said so, and only a later coming takes it back.
    was_told boolean not null default false,
    primary key (room_id, meeting_id, participant_id),
    foreign key (room_id, meeting_id) references meeting on delete cascade,
    constraint attendance_participant_length check (octet_length(participant_id) between 1 and 64),
    constraint attendance_name_length check (octet_length(name) <= 4096)
);

create index attendance_of_account on attendance (account_id) where account_id is not null;

create table ban (
    id uuid primary key default gen_random_uuid(),
    room_id uuid not null references room on delete cascade,
    name text not null,
    -- Either an account, or where a guest came from.
    account_id uuid,
    source text,
    banned_by text not null,
    banned_by_account uuid,
    banned_at timestamptz not null default now(),
    -- Null: until it is lifted.
    until timestamptz,
    constraint ban_of_somebody check ((account_id is null) <> (source is null)),
    constraint ban_of_guest_ends check ((source is null) = (until is null)),
    constraint ban_text_length check (octet_length(name) <= 4096 and octet_length(banned_by) <= 4096
        and octet_length(source) <= 64)
);

create unique index ban_of_account on ban (room_id, account_id) where account_id is not null;
create unique index ban_of_source on ban (room_id, source) where source is not null;
create index ban_by_account on ban (account_id) where account_id is not null;
create index ban_by_moderator on ban (banned_by_account) where banned_by_account is not null;
create index ban_by_end on ban (until) where until is not null;
