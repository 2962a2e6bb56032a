"""Directory's HTTP API does what its document says, and nothing else."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import made_up
import published
import pytest
import requests
import routes
from checker import Answers
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).resolve().parents[2]
SERIES = {"title": "Weekly", "start": "2027-03-02T10:00", "end": "2027-03-02T11:00", "timeZone": "Europe/Berlin",
          "recurrence": {"frequency": "weekly", "count": 10}, "invitees": ["ada@example.org"], "includesPIN": True,
          "language": "de"}


@pytest.fixture(scope="session")
def document() -> dict:
    return json.loads((ROOT / "Services/Directory/OpenAPI/openapi.json").read_text())


def test_document_is_openapi(document):
    OpenAPIV31SpecValidator(document).validate()


def test_document_has_every_route(identity, document):
    """Each file that adds public routes has its paths in the document. What the service itself says of paths and methods is
    asked in the next test."""
    assert {path.removeprefix("/api/directory/") for path in document["paths"]} == routes.in_groups(ROOT / "Services/Directory")


def test_document_is_served(identity, document):
    published.is_served(f"{identity.directory}/api/directory/openapi.json", document)


def test_every_path_has_the_methods_of_the_document(identity, document):
    published.has_its_methods(identity.directory, document)


def test_every_operation_succeeds(identity, document):
    """A walk through all of it. Each answer is held against the document, and may have no key that is not in it."""
    people = identity.organization(
        "d-walk", ("boss", ("organization.admin",)), ("ada", ("rooms.create",)), ("dora", ("rooms.create",)))
    identity.allow_lists("d-walk")
    ada, boss, dora = people["ada"], people["boss"], people["dora"]
    dora.sign_in()
    answers = Answers(identity.directory, document)
    ask, token = answers.ask, ada.with_token

    # Rooms
    draft = {"name": "Weekly", "description": "All that is new", "color": "teal", "pin": "482915",
             "options": {"lobby": "guests"}}
    created = ask("createRoom", draft, status=201, headers=token)
    room = created.json()["id"]
    assert created.headers["Location"] == f"/api/directory/rooms/{room}"
    tag = ask("getRoom", headers=token, room=room).headers["ETag"]
    changed = ask("changeRoom", {**draft, "alias": "d-walk-weekly"}, headers={**token, "If-Match": tag}, room=room)
    ask("changeRoom", draft, status=412, headers={**token, "If-Match": tag}, room=room)
    ask("changeRoom", draft, status=428, headers=token, room=room)
    assert ask("createRoom", {**draft, "alias": "d-walk-weekly"}, status=409, headers=token).json()["code"] == "alias_taken"
    assert ask("checkAlias", headers=token, alias="d-walk-weekly").json()["reason"] == "taken"
    assert ask("checkAlias", headers=token, alias="d-walk-other").json()["available"]
    for alias in ("d-walk-weekly", created.json()["alias"]):
        assert ask("checkAlias", headers=token, alias=alias, room=room).json()["available"]
        stranger = ask("checkAlias", headers=dora.with_token, alias=alias, room=room)
        assert stranger.json()["reason"] == "taken"
    shared = ask("setDeputies", {"deputies": [dora.account]}, room=room,
                 headers={**token, "If-Match": changed.headers["ETag"]})
    assert shared.json()["deputies"] == [dora.account]
    ask("setDeputies", {"deputies": [str(uuid.uuid4())]}, status=400, room=room, headers={**token, "If-Match": "*"})
    ask("renewRoom", headers=token, room=room)
    assert ask("lockRoom", {"locked": True}, headers=token, room=room).json()["locked"]
    ask("lockRoom", {"locked": False}, headers=token, room=room)
    ask("arrangeRooms", {"rooms": [room]}, status=204, headers=token)
    listed = ask("listRooms", headers=token, sort="own", limit=1).json()
    assert listed["items"][0]["id"] == room
    ask("listRooms", headers=token, sort="own", limit=1, cursor=listed["nextCursor"])
    personal = next(item for item in ask("listRooms", headers=token).json()["items"] if item["personal"])
    refused = ask("deleteRoom", status=409, room=personal["id"], headers={**token, "If-Match": "*"})
    assert refused.json()["code"] == "personal_room"
    assert len(ask("listRooms", headers=token, search="WEEKLY").json()["items"]) == 1

    # Entry
    guest = {"displayName": "Guest"}
    assert ask("enterRoom", guest, status=403, alias="d-walk-weekly").json()["code"] == "pin_required"
    assert ask("enterRoom", {**guest, "pin": "000000"}, status=403, alias="d-walk-weekly").json()["code"] == "pin_wrong"
    assert "ticket" in ask("enterRoom", {**guest, "pin": "482915"}, alias="d-walk-weekly").json()
    assert "ticket" not in ask("enterRoom", {"pin": "482915", "check": True}, alias="d-walk-weekly").json()
    assert ask("enterRoom", {}, headers=dora.with_token, alias="d-walk-weekly").json()["role"] == "moderator"
    assert ask("enterRoom", {}, status=404, headers=token, alias="d-walk-nowhere").json()["code"] == "room_not_found"

    appointments(ask, token, room)
    history(identity, ask, token, room)

    # The end
    assert ask("deleteRoom", status=403, room=room, headers={**dora.with_token, "If-Match": "*"}).json()["code"] == "forbidden"
    ask("deleteRoom", status=204, room=room, headers={**token, "If-Match": shared.headers["ETag"]})
    ask("getRoom", status=404, headers=token, room=room)
    ask("listAudit", status=403, headers=token)
    page = ask("listAudit", headers=boss.with_token, limit=1).json()
    ask("listAudit", headers=boss.with_token, cursor=page["nextCursor"])
    ask("getDocument")

    everything = {operation["operationId"] for operation in routes.in_document(document).values()}
    assert answers.succeeded == everything


def appointments(ask, token, room):
    created = ask("createAppointment", SERIES, status=201, headers=token, room=room)
    appointment = created.json()["id"]
    assert created.headers["Location"] == f"/api/directory/rooms/{room}/appointments/{appointment}"
    place = {"room": room, "appointment": appointment}
    tag = ask("getAppointment", headers=token, **place).headers["ETag"]
    moved = ask("changeAppointment", {**SERIES, "end": "2027-03-02T12:00"}, headers={**token, "If-Match": tag}, **place)
    ask("changeAppointment", SERIES, status=412, headers={**token, "If-Match": tag}, **place)
    assert len(ask("listAppointments", headers=token, room=room).json()["items"]) == 1
    file = ask("getCalendarFile", headers=token, **place).text
    assert file.startswith("BEGIN:VCALENDAR\r\n") and "482915" in file
    assert "482915" not in ask("getCalendarFile", headers=token, pin="false", language="en", **place).text
    assert "482915" not in ask("getInvitation", headers=token, room=room).json()["text"]
    assert "482915" in ask("getInvitation", headers=token, room=room, language="de", pin="true").json()["text"]
    ask("sendInvitations", {"invitees": ["ada@example.org"], "language": "de"}, status=202, headers=token, room=room)
    ask("sendInvitations", {"invitees": []}, status=400, headers=token, room=room)
    assert ask("getFeatures", headers=token).json() == {"mail": True}
    ask("deleteAppointment", status=204, headers={**token, "If-Match": moved.headers["ETag"]}, **place)
    assert ask("getAppointment", status=404, headers=token, **place).json()["code"] == "not_found"


def history(identity, ask, token, room):
    for name, began in (("=1+1", 60), ("Guest", 0)):
        identity.signaling.hold_meeting(room, name, began)
    page = ask("listMeetings", headers=token, room=room, limit=1).json()
    ask("listMeetings", headers=token, room=room, limit=1, cursor=page["nextCursor"])
    meeting = page["items"][0]["id"]
    assert ask("getAttendance", headers=token, room=room, meeting=meeting).json()["items"][0]["name"] == "Guest"
    table = ask("getAttendance", headers=token, room=room, meeting=meeting, format="csv", language="de")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    ask("getAttendance", status=404, headers=token, room=room, meeting="nothing")
    identity.signaling.ban(room, "198.51.100.77")
    guest = {"displayName": "Guest", "pin": "482915"}
    banned = {"X-Forwarded-For": "198.51.100.77"}
    assert ask("enterRoom", guest, status=403, headers=banned, alias="d-walk-weekly").json()["code"] == "banned"
    ban = ask("listBans", headers=token, room=room).json()["items"][0]["id"]
    ask("liftBan", status=204, headers=token, room=room, ban=ban)
    ask("liftBan", status=404, headers=token, room=room, ban=ban)
    ask("enterRoom", guest, headers=banned, alias="d-walk-weekly")


def test_paths_with_odd_names(identity, document):
    """What is no identifier names nothing."""
    owner = identity.organization("d-odd", ("owner", ("rooms.create",)))["owner"]
    room = requests.post(f"{identity.directory}/api/directory/rooms", json={"name": "Odd"}, headers=owner.with_token,
                         timeout=15).json()["id"]
    appointments = f"{identity.directory}/api/directory/rooms/{room}/appointments"
    made = requests.post(appointments, json=SERIES, headers=owner.with_token, timeout=15).json()["id"]
    for name in ("%00", f"{made}%00", f"{made}%00x", "%FF", "x" * 2000):
        answer = requests.get(f"{appointments}/{name}", headers=owner.with_token, timeout=15)
        assert answer.status_code == 404, f"{name}: {answer.status_code}"
    odd = ["%00", f"{room}%00", f"{room}%00x", "%FF", "%ZZ", "%2E%2E", "a%2Fb", "%F0%9F%A6%A9", "x" * 2000]
    for (method, path), operation in routes.in_document(document).items():
        if "{" not in path:
            continue
        for name in odd:
            url = identity.directory + re.sub(r"\{\w+\}", name, path)
            answer = requests.request(method, url, headers={**owner.with_token, "If-Match": "*"}, timeout=15,
                                      json={} if method in ("put", "post") else None)
            assert str(answer.status_code) in operation["responses"], f"{method} {url}: {answer.status_code}"
            assert answer.status_code in (400, 403, 404) or "aliases" in path, f"{method} {url}: {answer.status_code}"


@pytest.mark.timeout(3600)
def test_made_up_requests(identity, is_full, tmp_path):
    people = identity.organization("d-made-up", ("boss", ("organization.admin",)), ("owner", ("rooms.create",)))
    for person in people.values():
        person.sign_in()
    made_up.ask("Directory", identity.directory, identity, people, is_full, tmp_path, "directory_hooks",
                "schemathesis-directory.toml")
