"""Hostile texts in every field of every body of directory: what is accepted comes back as it was wherever it is shown, what is
refused is answered with 400, and nothing is answered with 500."""

from __future__ import annotations

import csv
import io
import json
import re
from urllib.parse import quote

import hostile
import pytest
import requests
from hostile import HALF, filled, tidy

APPOINTMENT = {"start": "2027-03-02T10:00", "end": "2027-03-02T11:00", "timeZone": "Europe/Berlin"}
#: The whole of each body, with `None` where the text comes.
BODIES = [
    ("post", "rooms", {"name": None}),
    ("post", "rooms", {"name": "Weekly", "description": None}),
    ("post", "rooms", {"name": "Weekly", "alias": None}),
    ("post", "rooms", {"name": "Weekly", "color": None}),
    ("post", "rooms", {"name": "Weekly", "pin": None}),
    ("post", "rooms", {"name": "Weekly", "options": {"lobby": None}}),
    ("post", "rooms", {"name": "Weekly", "options": {"chat": None}}),
    ("post", "rooms", {"name": "Weekly", "options": {"screenSharing": None}}),
    ("put", "rooms/{room}", {"name": None, "description": None}),
    ("put", "rooms/{room}/lock", {"locked": None}),
    ("put", "rooms/{room}/deputies", {"deputies": [None]}),
    ("put", "rooms/order", {"rooms": [None]}),
    ("post", "rooms/{alias}/entry", {"displayName": None}),
    ("post", "rooms/{alias}/entry", {"displayName": "Guest", "pin": None}),
    ("post", "rooms/{alias}/entry", {"displayName": "Guest", "check": None}),
    ("post", "rooms/{room}/appointments", {**APPOINTMENT, "title": None}),
    ("post", "rooms/{room}/appointments", {**APPOINTMENT, "start": None}),
    ("post", "rooms/{room}/appointments", {**APPOINTMENT, "end": None}),
    ("post", "rooms/{room}/appointments", {**APPOINTMENT, "timeZone": None}),
    ("post", "rooms/{room}/appointments", {**APPOINTMENT, "language": None}),
    ("post", "rooms/{room}/appointments", {**APPOINTMENT, "invitees": [None]}),
    ("post", "rooms/{room}/appointments", {**APPOINTMENT, "recurrence": {"frequency": None}}),
    ("post", "rooms/{room}/appointments", {**APPOINTMENT, "recurrence": {"frequency": "daily", "until": None}}),
    ("post", "rooms/{room}/invitations", {"invitees": [None]}),
    ("post", "rooms/{room}/invitations", {"invitees": ["ada@example.org"], "language": None}),
    ("put", "rooms/{room}/appointments/{appointment}", {**APPOINTMENT, "title": None}),
]
#: Where a text is one of a few words or no text at all: what is another is no value of the type.
WORDS = ("color", "lobby", "chat", "screenSharing", "locked", "check", "frequency")


class Directory:
    def __init__(self, identity):
        self.url = f"{identity.directory}/api/directory/"
        self.owner = identity.organization("names", ("owner", ("rooms.create",)), ("boss", ("organization.admin",)))["owner"]
        self.identity = identity
        identity.allow_lists("names")
        self.room = self.ask("post", "rooms", {"name": "Weekly"}).json()
        self.appointment = self.ask("post", f"rooms/{self.room['id']}/appointments", APPOINTMENT).json()

    def ask(self, method, path, body=None, **more) -> requests.Response:
        # Halves of characters cross the wire as escapes.
        data = None if body is None else json.dumps(body).encode()
        answer = requests.request(method, self.url + path, data=data, timeout=15, headers={
            **self.owner.with_token, "Content-Type": "application/json", "If-Match": "*"}, **more)
        assert answer.status_code < 500, f"{method} {path} {body!r}: {answer.status_code} {answer.text}"
        return answer

    def path(self, pattern: str) -> str:
        return pattern.format(room=self.room["id"], alias=self.room["alias"], appointment=self.appointment["id"])


@pytest.fixture(scope="module")
def directory(identity) -> Directory:
    return Directory(identity)


def texts(value) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("method,path,body", BODIES, ids=lambda value: value if isinstance(value, str) else json.dumps(value))
def test_fields(directory, method, path, body):
    places = re.findall(r'"(\w+)": \[?null', json.dumps(body))
    accepted = 0
    for name, text in hostile.NAMES.items():
        directory.identity.forget_guesses()
        answer = directory.ask(method, directory.path(path), filled(body, text))
        if answer.status_code >= 400:
            problem = answer.json()
            assert answer.status_code == 400, f"{name}: {answer.status_code} {answer.text}"
            # Half of a character is no JSON, and what is none of the words has the wrong form.
            wanted = "bad_request" if name in HALF or places[0] in WORDS else "validation_failed"
            assert problem["code"] == wanted, f"{name}: {answer.text}"
            if name not in HALF:
                fields = {field["field"].split(".")[-1] for field in problem["fields"]}
                assert fields & {*places, "recurrence"}, f"{name}: {answer.text}"
        elif answer.content:
            accepted += 1
            assert name not in HALF, f"{name} was accepted"
            if places[0] in ("name", "description", "title") and tidy(text):
                assert tidy(text) in texts(answer.json()), f"{name} came back as {answer.text}"
    # Names may have most of them; what is not a text for people has none, but where an empty one is as good as nothing.
    if places[0] in ("name", "title", "displayName"):
        assert accepted > 30


def test_accepted_names_are_the_same_everywhere(directory):
    for name, text in hostile.NAMES.items():
        made = directory.ask("post", "rooms", {"name": text})
        if made.status_code != 201:
            continue
        room, kept = made.json(), tidy(text)
        path = f"rooms/{room['id']}"
        assert directory.ask("get", path).json()["name"] == kept, name
        # Spaces in queries are %20 here, as encodeURIComponent has them; + is a plus.
        found = directory.ask("get", f"rooms?search={quote(kept)}&limit=100").json()["items"]
        assert room["id"] in [item["id"] for item in found], f"{name} is not found by its name"
        grant = directory.ask("post", f"rooms/{room['alias']}/entry", {"displayName": text}).json()
        assert grant["room"]["name"] == kept, name
        invitation = directory.ask("get", f"{path}/invitation", params={"language": "en"}).json()
        assert invitation["subject"] == f"Invitation: {kept}" and kept in invitation["text"].split("\n"), name
        appointment = directory.ask("post", f"{path}/appointments", {**APPOINTMENT, "title": text}).json()
        assert appointment["title"] == kept, name
        file = directory.ask("get", f"{path}/appointments/{appointment['id']}/calendar")
        assert calendar(file.content)["SUMMARY"] == [kept], f"{name} in the calendar: {file.text}"
        assert file.headers["Content-Disposition"].isascii(), name
        meeting = directory.identity.signaling.hold_meeting(room["id"], grant["room"]["name"])
        place = f"{path}/meetings/{meeting}/attendance"
        assert directory.ask("get", place).json()["items"][0]["name"] == kept, name
        cells = list(csv.reader(io.StringIO(directory.ask("get", f"{place}?format=csv").content.decode("utf-8-sig"))))
        shown = cells[1][0]
        assert shown in (kept, f"'{kept}"), f"{name} in the table: {shown}"
        # Spreadsheets take nothing that begins so for a text.
        assert not shown.startswith(("=", "+", "-", "@", "\t", "\r")), name
        directory.ask("delete", path)


def calendar(data: bytes) -> dict[str, list[str]]:
    """The texts of a calendar by property, as RFC 5545 has them unfolded and unescaped. One event, and nothing hidden in it."""
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 and b"\r" not in line and b"\n" not in line for line in lines)
    found: dict[str, list[str]] = {}
    for line in data.replace(b"\r\n ", b"").decode().split("\r\n"):
        head, _, value = line.partition(":")
        text = re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)
        found.setdefault(head.split(";")[0], []).append(text)
    assert found["BEGIN"].count("VEVENT") == found["END"].count("VEVENT") == 1
    return found


def test_queries_and_paths(directory):
    for name, text in hostile.NAMES.items():
        if name in HALF:
            continue
        directory.identity.forget_guesses()
        room = directory.room["id"]
        for path in (f"rooms?search={quote(text)}", f"rooms?sort={quote(text)}", f"rooms?cursor={quote(text)}",
                     f"rooms?limit={quote(text)}", f"rooms/{room}/invitation?language={quote(text)}",
                     f"rooms/{room}/invitation?pin={quote(text)}", f"audit?cursor={quote(text)}",
                     f"rooms/{quote(text, safe='')}", f"aliases/{quote(text, safe='')}",
                     f"rooms/{quote(text, safe='')}/entry"):
            method = "post" if path.endswith("/entry") else "get"
            answer = directory.ask(method, path, {"check": True} if method == "post" else None)
            if answer.status_code >= 400:
                assert answer.headers["Content-Type"] == "application/problem+json", f"{path}: {answer.text}"
