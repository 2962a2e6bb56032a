"""What only time, or what no page offers yet, does to the data of the tests' own PostgreSQL."""

from __future__ import annotations

from stack.postgres import programs
from stack.processes import run


def sql(stack, statement: str) -> str:
    return run("SQL", [str(programs() / "psql"), stack.postgres.url, "-qAtc", statement]).strip()


def unused_for(stack, room: dict, days: int) -> None:
    """As if nobody had been in the room for so many days."""
    sql(stack, f"update directory.room set last_used_at = now() - interval '{days} days' where id = '{room['id']}'")


def ban_guests_from_here(stack, room: str, name: str, by: str) -> None:
    """As a moderator who removes a guest for good does. All browsers of the tests come from where the room, given by its name,
    was made in one; of IPv6 the network is banned."""
    sql(stack, f"""insert into directory.ban (room_id, name, source, until, banned_by)
        select room_id, '{name}', case source when '::1' then '0:0:0:0::/64' else source end, now() + interval '12 hours', '{by}' from directory.audit_entry
        where room_name = '{room}' order by id desc limit 1""")
