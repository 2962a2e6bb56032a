create table appointment (
    id uuid primary key,
    room_id uuid not null references room on delete cascade,
    title text not null,
    -- Wall-clock times of the time zone, yyyy-MM-ddTHH:mm: a series keeps its hour over a change of the clocks.
    start_time text not null,
    end_time text not null,
    time_zone text not null,
    -- Null: it takes place once.
    frequency text,
    -- The last day of a series, or how often; both null: it has no end.
    until_day text,
    times integer,
    invitees text[] not null default '{}',
    includes_pin boolean not null default false,
    language text not null,
    -- Rises with each change that those must know who have it in their calendars.
    sequence integer not null default 0,
    version integer not null default 1,
    -- When the last one ends, so that those that are over are not looked at; null: never.
    last_end timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint appointment_series check (frequency is not null or (until_day is null and times is null)),
    constraint appointment_one_end check (until_day is null or times is null),
    -- The service's own limits are narrower; these hold against its mistakes.
    constraint appointment_title_length check (octet_length(title) between 1 and 4096),
    constraint appointment_invitees_length check (cardinality(invitees) <= 1000)
);

create index appointment_by_room on appointment (room_id, last_end);
