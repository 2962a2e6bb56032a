-- Aliases outlive their rooms for a while, so that nobody else gets those who follow an old invitation.
alter table former_alias
    drop constraint former_alias_room_id_fkey,
    -- Of a room that was deleted: those who managed it may take the alias again. Null while there is the room.
    add column organization_id uuid,
    add column managed_by uuid[];

create index former_alias_by_manager on former_alias using gin (managed_by) where managed_by is not null;

-- Who claims an alias, or gives it up, does it one after the other until the end of the transaction. Always in the same order, so that
-- two that exchange aliases do not wait for each other.
create function lock_aliases(wanted text[]) returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(key)
    from (select distinct hashtextextended(alias, 1) as key from unnest(wanted) as alias order by key) as keys;
end
$$;

-- However a room is deleted.
create function keep_aliases() returns trigger language plpgsql set search_path from current as $$
declare
    managers uuid[] := array(select old.owner_id union select account_id from room_deputy where room_id = old.id);
begin
    perform lock_aliases(array[old.alias]);
    update former_alias set organization_id = old.organization_id, managed_by = managers where room_id = old.id;
    insert into former_alias (alias, room_id, organization_id, managed_by)
    values (old.alias, old.id, old.organization_id, managers)
    on conflict (alias) do update set room_id = excluded.room_id, given_up_at = excluded.given_up_at,
        organization_id = excluded.organization_id, managed_by = excluded.managed_by;
    -- Nobody takes names from others for the whole time by making and deleting rooms.
    delete from former_alias where alias in (
        select alias from former_alias where managed_by @> array[old.owner_id]
        order by given_up_at desc offset 1000);
    return old;
end
$$;

create trigger room_aliases_kept before delete on room for each row execute function keep_aliases();

-- Accounts that are no more, for as long as there may be a token or a report of theirs: nothing is made or kept for them.
create table removed_account (
    organization_id uuid not null,
    account_id uuid not null,
    removed_at timestamptz not null default now(),
    primary key (organization_id, account_id)
);
