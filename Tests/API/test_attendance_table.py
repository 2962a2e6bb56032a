"""The table of who was there, as Python's `csv` reads it: every name is one cell again, and none begins a formula. Names that are
not kept, because they have line ends in them, are in `AttendanceTableTests`."""

from __future__ import annotations

import csv
import io

import pytest
import requests

#: A name and what its cell holds.
CELLS = [(name, name) for name in (
    "Grace", 'Grace "Amazing" Hopper', '"', '""', "a,b", "a;b", "'quoted'", "Zoë 名前 🙂", "a=b", "a\\nb")]
#: What a spreadsheet would calculate gets an apostrophe.
CELLS += [(name, f"'{name}") for name in ("=1+1", "+1", "-1", "@SUM(A1)", '="a""b"', "=cmd|' /C calc'!A0", "=1,2")]
CELLS += [(f"{blank}=1 ", "'=1") for blank in (" ", "\u3000", "\t", "\r", "\n")]
#: With control characters inside it is no name, and is not kept.
CELLS += [(name, "") for name in ("line\r\nbreak", "line\nbreak", "=1\r\n=2", "a\tb", "\0=1")]


@pytest.fixture(scope="module")
def owner(identity):
    owner = identity.organization("csv-1", ("ada", ("rooms.create",)))["ada"]
    identity.allow_lists("csv-1")
    return owner


def test_names_read_back(identity, owner):
    rooms = f"{identity.directory}/api/directory/rooms"
    room = requests.post(rooms, json={"name": "Table"}, headers=owner.with_token, timeout=15).json()["id"]
    for name, cell in CELLS:
        meeting = identity.signaling.hold_meeting(room, name)
        answer = requests.get(f"{rooms}/{room}/meetings/{meeting}/attendance?format=csv", headers=owner.with_token, timeout=15)
        assert answer.status_code == 200, answer.text
        text = answer.content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert rows[0] == ["Name", "Guest", "Joined", "Left"]
        assert len(rows) == 2 and len(rows[1]) == 4, text
        assert rows[1][:2] == [cell, "yes"], f"{name!r} is {rows[1][0]!r}"
