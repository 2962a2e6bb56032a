-- Only additions: the release before goes on with this schema, and its changes are written down too.

-- Presence follows what people chose for it by asking what has changed after a position.
create sequence presence_profile_position;

create table presence_profile_change (
    account_id uuid primary key references account on delete cascade,
    position bigint not null constraint presence_profile_position_once unique
);

-- A sequence counts in the order of asking, not of committing: a reader could see 8 and go on from there before 7 is committed, and would never
-- hear of 7. So who takes a position holds a lock until the end of the transaction, which PostgreSQL gives up only when the change is
-- visible: what a reader sees has no gap that is filled later. The lock is for the few changes of these choices only.
create function note_presence_profile() returns trigger language plpgsql set search_path from current as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('parley identity presence profiles', 0));
    insert into presence_profile_change (account_id, position)
    values (new.id, nextval('presence_profile_position'))
    on conflict (account_id) do update set position = excluded.position;
    return null;
end
$$;

-- The usual choices of who is enabled need not be told of. Who is disabled is shown to nobody.
create trigger presence_profile_begins after insert on account for each row
    when (new.presence_in_meetings <> 'busy' or not new.shows_presence or not new.is_enabled)
    execute function note_presence_profile();

create trigger presence_profile_changes after update of presence_in_meetings, shows_presence, is_enabled on account
    for each row
    when ((old.presence_in_meetings, old.shows_presence, old.is_enabled)
        is distinct from (new.presence_in_meetings, new.shows_presence, new.is_enabled))
    execute function note_presence_profile();

-- Those who have chosen already, or are disabled. Making the triggers has locked accounts against changes until the end of this transaction.
insert into presence_profile_change (account_id, position)
select id, nextval('presence_profile_position') from account
where presence_in_meetings <> 'busy' or not shows_presence or not is_enabled;
