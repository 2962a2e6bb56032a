"""Two organizations and five roles: who may do what with a room. Nobody sees or changes anything of the other organization."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
import requests
import routes
from checker import Answers

ROOT = Path(__file__).resolve().parents[2]
PIN = "918273"
INVITEE = "invitee@example.org"
ROLES = ("owner", "deputy", "member", "boss", "guest")
DRAFT = {"name": "Confidential", "pin": PIN, "description": "Nobody else's business"}
APPOINTMENT = {"start": "2027-03-02T10:00", "end": "2027-03-02T11:00", "timeZone": "Europe/Berlin",
               "title": "Confidential", "invitees": [INVITEE], "includesPIN": True}
#: What answers show that is nobody else's business.
SECRETS = (PIN, INVITEE, "Confidential", "Nobody else's business")

#: Status for owner, deputy, member, administrator and guest of the room's own organization. The members of the other one
#: get `foreign`, or as a member does.
MANAGED = (404, 404)
TABLE = {
    # operation: (owner, deputy, member, boss), foreign
    "listRooms": ((200, 200, 200, 200), 200),
    "createRoom": ((201, 201, 403, 403), None),
    "getRoom": ((200, 200, *MANAGED), 404),
    "changeRoom": ((200, 200, *MANAGED), 404),
    "deleteRoom": ((204, 403, *MANAGED), 404),
    "renewRoom": ((200, 200, *MANAGED), 404),
    "lockRoom": ((200, 200, *MANAGED), 404),
    "setDeputies": ((200, 403, *MANAGED), 404),
    "arrangeRooms": ((204, 204, 204, 204), 204),
    "checkAlias": ((200, 200, 200, 200), 200),
    "enterRoom": ((200, 200, 403, 403), 403),
    "listAppointments": ((200, 200, *MANAGED), 404),
    "createAppointment": ((201, 201, *MANAGED), 404),
    "getAppointment": ((200, 200, *MANAGED), 404),
    "changeAppointment": ((200, 200, *MANAGED), 404),
    "deleteAppointment": ((204, 204, *MANAGED), 404),
    "getCalendarFile": ((200, 200, *MANAGED), 404),
    "getInvitation": ((200, 200, *MANAGED), 404),
    "sendInvitations": ((202, 202, *MANAGED), 404),
    "getFeatures": ((200, 200, 200, 200), 200),
    "listMeetings": ((200, 200, *MANAGED), 404),
    "getAttendance": ((200, 403, *MANAGED), 404),
    "listBans": ((200, 200, *MANAGED), 404),
    "liftBan": ((204, 204, *MANAGED), 404),
    "listAudit": ((403, 403, 403, 200), None),
    "getDocument": ((200, 200, 200, 200), 200),
}
#: What guests are told where it is not 401.
GUESTS = {"enterRoom": 403, "getDocument": 200}
BODIES = {
    "createRoom": {"name": "Another"}, "changeRoom": {**DRAFT, "name": "Changed"}, "lockRoom": {"locked": True},
    "setDeputies": {"deputies": []}, "enterRoom": {"displayName": "Somebody"},
    "sendInvitations": {"invitees": [INVITEE], "includesPIN": True},
    "createAppointment": APPOINTMENT, "changeAppointment": {**APPOINTMENT, "title": "Changed"},
}


@pytest.fixture(scope="module")
def document() -> dict:
    return json.loads((ROOT / "Services/Directory/OpenAPI/openapi.json").read_text())


@pytest.fixture(scope="module")
def organizations(identity) -> dict[str, dict]:
    found = {}
    for ucsid in ("access-1", "access-2"):
        found[ucsid] = identity.organization(
            ucsid, ("owner", ("rooms.create",)), ("deputy", ("rooms.create",)), ("member", ()),
            ("boss", ("organization.admin",)))
        identity.allow_lists(ucsid)
        for person in found[ucsid].values():
            person.sign_in()
    return found


class World:
    """A fresh room of the first organization, with a deputy and an appointment."""

    def __init__(self, identity, document, people):
        self.answers = Answers(identity.directory, document)
        self.owner = people["owner"]
        self.room = self.ask("createRoom", DRAFT, status=201).json()
        self.ask("setDeputies", {"deputies": [people["deputy"].account]}, status=200)
        self.appointment = self.ask("createAppointment", APPOINTMENT, status=201).json()["id"]
        self.signaling = identity.signaling
        self.meeting = self.signaling.hold_meeting(self.room["id"], "Confidential")
        self.ban()

    def ban(self):
        self.signaling.ban(self.room["id"], "192.0.2.99")
        self.banned = self.ask("listBans", status=200).json()["items"][0]["id"]

    def ask(self, operation, body=None, status=None, person="owner"):
        """`person` is nobody for a guest."""
        person = self.owner if person == "owner" else person
        _, path = self.answers.operations[operation]
        known = {"room": getattr(self, "room", {}).get("id"), "alias": getattr(self, "room", {}).get("alias"),
                 **{key: getattr(self, name, None) for key, name in (
                     ("appointment", "appointment"), ("meeting", "meeting"), ("ban", "banned"))}}
        if operation == "arrangeRooms":
            body = {"rooms": [self.room["id"]]}
        headers = {"If-Match": "*", **(person.with_token if person else {})}
        if person and operation == "enterRoom":
            headers["X-Forwarded-For"] = "198.51.100.7"
        more = {"search": "Confidential"} if operation == "listRooms" else {}
        return self.answers.ask(operation, body if body is not None else BODIES.get(operation), status=status,
                                headers=headers, **{key: value for key, value in known.items() if f"{{{key}}}" in path}, **more)

    def state(self) -> list:
        """All that can be seen of the room."""
        return [self.ask(operation, status=200).json()
                for operation in ("getRoom", "listAppointments", "listMeetings", "getAttendance", "listBans")]


def test_every_operation_is_in_the_table(document):
    assert set(TABLE) == {operation["operationId"] for operation in routes.in_document(document).values()}


@pytest.mark.parametrize("operation", TABLE)
def test_who_may_do_it(identity, document, organizations, operation):
    home, away = organizations["access-1"], organizations["access-2"]
    own, foreign = TABLE[operation]
    world = World(identity, document, home)
    before = world.state()

    # Those who may not, first: they change nothing, and learn nothing.
    strangers = [("guest", None, GUESTS.get(operation, 401))]
    strangers += [(f"{role} of another organization", away[role], foreign or own[number])
                  for number, role in enumerate(ROLES[:4])]
    strangers += [(role, home[role], own[number]) for number, role in enumerate(ROLES[:4]) if role in ("member", "boss")]
    for name, person, status in strangers:
        answer = world.ask(operation, person=person)
        assert answer.status_code == status, f"{operation} by {name}: {answer.status_code} {answer.text}"
        # The administrator's audit tells what was done to rooms of the own organization, by name.
        if not (operation == "listAudit" and person is home["boss"]):
            assert not [secret for secret in SECRETS if secret in answer.text], f"{operation} shows {name}: {answer.text}"
        assert PIN not in answer.text, f"{operation} shows {name} the PIN"
    assert world.state() == before, f"{operation} by somebody who may not has changed the room"

    # The owner comes last: there may be nothing left.
    for role in ("deputy", "owner"):
        if operation == "deleteAppointment" and role == "owner":
            world.appointment = world.ask("createAppointment", APPOINTMENT, status=201).json()["id"]
        if operation == "liftBan" and role == "owner":
            world.ban()
        answer = world.ask(operation, person=home[role])
        status = own[ROLES.index(role)]
        assert answer.status_code == status, f"{operation} by {role}: {answer.status_code} {answer.text}"


def test_lists_and_audits_are_of_the_own_organization(identity, document, organizations):
    home, away = organizations["access-1"], organizations["access-2"]
    world = World(identity, document, home)
    for role in ROLES[:4]:
        rooms = world.ask("listRooms", person=away[role]).json()["items"]
        assert world.room["id"] not in [room["id"] for room in rooms]
    entries = world.answers.ask("listAudit", headers=away["boss"].with_token, limit=200).json()["items"]
    assert world.room["id"] not in json.dumps(entries)
    entries = world.answers.ask("listAudit", headers=home["boss"].with_token, limit=200)
    assert world.room["id"] in entries.text and PIN not in entries.text


def test_nobody_of_another_organization_becomes_deputy(identity, document, organizations):
    world = World(identity, document, organizations["access-1"])
    stranger = organizations["access-2"]["owner"]
    refused = world.ask("setDeputies", {"deputies": [stranger.account]}, status=400)
    assert refused.json()["fields"] == [{"field": "deputies", "reason": "not_allowed"}]
    assert stranger.account not in json.dumps(world.state())


def test_appointments_are_found_in_their_room_only(identity, document, organizations):
    """Who manages one room does not get at the appointments of another through it."""
    first = World(identity, document, organizations["access-1"])
    second = World(identity, document, organizations["access-2"])
    mine, theirs = first.appointment, second.appointment
    first.appointment = theirs
    for operation in ("getAppointment", "changeAppointment", "deleteAppointment", "getCalendarFile"):
        answer = first.ask(operation)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), operation
    first.appointment = mine
    assert second.ask("getAppointment").json()["title"] == APPOINTMENT["title"]


def test_closed_doors_look_the_same(identity, document, organizations):
    """To a guest an unknown room, one with a PIN, and one that has expired are the same, in status, body and headers; that the
    time tells nothing either is measured by Tests/Load/directory.py."""
    mark = uuid.uuid4().hex[:8]
    world = World(identity, document, organizations["access-1"])
    world.ask("changeRoom", {**DRAFT, "alias": f"pin-{mark}"}, status=200)
    world.room = world.ask("createRoom", {"name": "Old", "alias": f"expired-{mark}"}, status=201).json()
    identity.sql(f"update directory.room set last_used_at = now() - interval '91 days' where id = '{world.room['id']}'")
    for pin in (None, "000000"):
        seen = set()
        for alias in (f"unknown-{mark}", f"expired-{mark}", f"pin-{mark}", "NOT/AN ALIAS"):
            answer = requests.post(
                f"{identity.directory}/api/directory/rooms/{requests.utils.quote(alias, safe='')}/entry",
                json={"displayName": "Guest", **({"pin": pin} if pin else {})}, timeout=15)
            headers = {key: value for key, value in answer.headers.items() if key not in ("X-Request-ID", "Date")}
            seen.add((answer.status_code, answer.text, json.dumps(headers)))
        assert len(seen) == 1, seen
        assert seen.pop()[0] == 403
