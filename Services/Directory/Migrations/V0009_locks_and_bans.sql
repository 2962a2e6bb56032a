-- The place of the last decision of a moderator that was reported, among those since `lock_version` rose.
alter table room add column lock_number bigint not null default 0;

-- Guests from where a banned account came from stay out for a while, too.
alter table ban
    add column guest_source text,
    add column guest_until timestamptz,
    add constraint ban_of_account_and_guests check (guest_source is null or account_id is not null),
    add constraint ban_of_guests_ends check ((guest_source is null) = (guest_until is null)),
    add constraint ban_guest_source_length check (octet_length(guest_source) <= 64);

create index ban_by_guest_source on ban (room_id, guest_source) where guest_source is not null;
create index ban_by_guest_end on ban (guest_until) where guest_until is not null;
