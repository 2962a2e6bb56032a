"""Presence's HTTP API does what its document says, and nothing else."""

from __future__ import annotations

import datetime
import json
import re

import made_up
import published
import pytest
import requests
import routes
from checker import Answers
from openapi_spec_validator import OpenAPIV31SpecValidator
from presence import DOCUMENT, UPGRADE, Receiver, hear, say

SERVICE = DOCUMENT.parents[1]
STREAM = "/api/presence/stream"


@pytest.fixture(scope="session")
def document() -> dict:
    return json.loads(DOCUMENT.read_text())


def test_document_is_openapi(document):
    OpenAPIV31SpecValidator(document).validate()


def test_document_has_every_route(document):
    """What the service itself says of paths and methods is asked in the tests below."""
    in_source = {f"/api/presence/{path}" for path in routes.in_groups(SERVICE)}
    in_source |= {path for _, path in routes.in_source(SERVICE)}
    assert f'path = "{STREAM}"' in (SERVICE / "Stream/StreamParts.swift").read_text()
    assert set(document["paths"]) == in_source | {STREAM}


def test_document_has_the_codes_that_the_service_answers(document):
    """Each code of an answer is one of a problem."""
    codes = set(document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    named = {code for codes in re.findall(r'"code": \{\s*"enum": \[([^\]]*)\]', DOCUMENT.read_text())
             for code in re.findall(r'"(\w+)"', codes)}
    assert named < codes


def test_document_is_served(presence, document):
    published.is_served(f"{presence.url}/api/presence/openapi.json", document)


def test_every_path_has_the_methods_of_the_document(presence, document):
    published.has_its_methods(presence.url, document, without=(STREAM,))


def test_every_operation_succeeds(identity, presence, document):
    """A walk through all of it. Each answer is held against the document, and may have no key that is not in it."""
    people = identity.organization("p-walk", ("boss", ("organization.admin",)), ("ada", ()), ("dora", ()))
    ada, boss, dora = people["ada"], people["boss"], people["dora"]
    for person in people.values():
        person.sign_in()
    answers = Answers(presence.url, document)
    ask, token = answers.ask, ada.with_token

    # Own
    assert ask("getOwnPresence", headers=token).json() == {"manual": {"state": "available"}, "seen": {"state": "offline"}}
    until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    lunch = {"state": "absent", "text": "Back at two", "until": until}
    assert ask("setOwnPresence", {**lunch, "text": "  Back at two "}, headers=token).json() == {"manual": lunch, "seen": lunch}
    assert ask("getOwnPresence", headers=token).json()["manual"] == lunch
    for field, value in (("until", "2020-01-01T00:00:00Z"), ("until", "2099-01-01T00:00:00Z"), ("text", "x" * 101)):
        refused = ask("setOwnPresence", {**lunch, field: value}, status=400, headers=token).json()
        assert [problem["field"] for problem in refused["fields"]] == [field]
    ask("setOwnPresence", {"state": "offline"}, status=400, headers=token)
    assert ask("getOwnPresence", headers=token).json()["manual"] == lunch
    presence.signaling.meet(presence.organization_id("p-walk"), dora.account)
    assert ask("getOwnPresence", headers=dora.with_token).json()["seen"] == {"state": "busy", "note": "in_meeting"}

    # Colleagues
    views = {dora.account: {"account": dora.account, "state": "busy", "note": "in_meeting"},
             ada.account: {"account": ada.account, **lunch}}
    assert by_account(ask("listColleagues", headers=token)) == views
    assert by_account(ask("listColleagues", headers=token, account=[dora.account, boss.account])) == {
        dora.account: views[dora.account]}
    ask("listColleagues", status=400, headers=token, account=["nobody"])
    full = ask("listColleagues", headers=token, account=[ada.account] * 150)
    assert full.json()["items"] == [views[ada.account]]
    assert len(full.request.path_url) < 8_000, "the gateway takes a first line of 8 KiB"
    ask("listColleagues", status=400, headers=token, account=[ada.account] * 151)

    # The stream
    ask("openStream", status=101, headers=UPGRADE)
    ask("openStream", status=101, headers=UPGRADE, Origin=identity.origin)
    ask("openStream", status=403, headers=UPGRADE, Origin="https://example.org")
    ask("openStream", status=400, headers={**UPGRADE, "Sec-WebSocket-Key": "short"})
    ask("openStream", status=426, headers={**UPGRADE, "Sec-WebSocket-Version": "8"})
    ask("openStream", status=404)

    telephone_systems(ask, boss, ada, dora, views)
    webhooks(presence, ask, boss)

    ask("getDocument")
    everything = {operation["operationId"] for operation in routes.in_document(document).values()}
    assert answers.succeeded == everything


def by_account(answer) -> dict:
    return {item["account"]: item for item in answer.json()["items"]}


def telephone_systems(ask, boss, ada, dora, views):
    token = boss.with_token
    made = ask("createReadToken", {"name": " Telephone system "}, status=201, headers=token).json()
    reading = {"Authorization": f"Bearer {made['token']}"}
    people = by_account(ask("listPeople", headers=reading))
    assert people == {account: {**view, "userName": name, "displayName": name.title()} for account, view, name in (
        (ada.account, views[ada.account], "ada"), (dora.account, views[dora.account], "dora"))}
    assert ask("getPerson", headers=reading, account=ada.account).json() == people[ada.account]
    assert ask("getPerson", headers=reading, account=boss.account.upper()).json()["state"] == "offline"
    ask("getPerson", status=404, headers=reading, account=made["id"])
    listed = ask("listReadTokens", headers=token).json()["items"]
    assert [(item["id"], item["name"], item["createdBy"]) for item in listed] == [
        (made["id"], "Telephone system", boss.account)]
    assert "lastUsedAt" in listed[0] and made["token"] not in json.dumps(listed)
    for _ in range(60 - 4):
        ask("getPerson", headers=reading, account=ada.account)
    assert int(ask("listPeople", status=429, headers=reading).headers["Retry-After"]) <= 60
    ask("deleteReadToken", status=204, headers=token, token=made["id"])
    ask("deleteReadToken", status=404, headers=token, token=made["id"])
    ask("listPeople", status=401, headers=reading)
    for number in range(20):
        ask("createReadToken", {"name": f"Number {number}"}, status=201, headers=token)
    assert ask("createReadToken", {"name": "One more"}, status=409, headers=token).json()["code"] == "limit_reached"
    ask("createReadToken", {"name": " "}, status=400, headers=token)


def webhooks(presence, ask, boss):
    token, receiver = boss.with_token, Receiver()
    assert ask("listWebhooks", headers=token).json() == {"items": []}
    with receiver.listening() as url:
        webhook = presence.add_webhook(presence.organization_id("p-walk"), url, "Telephone system")
        presence.wait_for_dead_letters(webhook, 1)
        presence.enable_webhook(webhook)
        presence.wait_for_dead_letters(webhook, 2)
    listed = ask("listWebhooks", headers=token).json()["items"][0]
    assert (listed["id"], listed["isEnabled"], listed["deadLetters"], listed["waiting"]) == (webhook, False, 2, 0)
    assert listed["lastFailure"]["status"] == 410 and "hidden" not in listed["url"]

    page = ask("listDeadLetters", headers=token, webhook=webhook, limit=1).json()
    letter = page["items"][0]
    assert (letter["type"], letter["events"], letter["attempts"]) == ("presence.snapshot", 2, 1)
    rest = ask("listDeadLetters", headers=token, webhook=webhook, limit=1, cursor=page["nextCursor"]).json()
    assert rest["items"][0]["id"] != letter["id"] and "nextCursor" not in rest
    for wrong in ({"limit": 0}, {"limit": 201}, {"cursor": "x"}):
        ask("listDeadLetters", status=400, headers=token, webhook=webhook, **wrong)
    shown = ask("getDeadLetter", headers=token, webhook=webhook, letter=letter["id"]).json()
    assert shown["letter"] == letter and json.loads(shown["body"]) == receiver.bodies[1]
    ask("getDeadLetter", status=404, headers=token, webhook=webhook, letter="msg_unknown")

    for name in ("retryDeadLetter", "retryDeadLetters"):
        letters = {"letter": letter["id"]} if name == "retryDeadLetter" else {}
        assert ask(name, status=409, headers=token, webhook=webhook, **letters).json()["code"] == "conflict"
    # Nobody listens at its address any more, so that nothing is given up so soon.
    presence.enable_webhook(webhook)
    assert ask("retryDeadLetter", status=202, headers=token, webhook=webhook, letter=letter["id"]).content == b""
    ask("retryDeadLetter", status=404, headers=token, webhook=webhook, letter=letter["id"])
    assert ask("retryDeadLetters", status=202, headers=token, webhook=webhook).json() == {"letters": 1}
    assert ask("retryDeadLetters", status=202, headers=token, webhook=webhook).json() == {"letters": 0}
    assert ask("listWebhooks", headers=token).json()["items"][0]["deadLetters"] == 0


def test_who_changes_too_often_waits(identity, presence, document):
    """And only they."""
    people = identity.organization("p-often", ("ada", ()), ("dora", ()))
    ask = Answers(presence.url, document).ask
    for number in range(60):
        ask("setOwnPresence", {"state": "busy", "text": f"Number {number}"}, headers=people["ada"].with_token)
    refused = ask("setOwnPresence", {"state": "available"}, status=429, headers=people["ada"].with_token)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert ask("getOwnPresence", headers=people["ada"].with_token).json()["manual"]["text"] == "Number 59"
    ask("setOwnPresence", {"state": "available"}, headers=people["dora"].with_token)


def test_the_stream_tells_what_is_read(identity, presence):
    """What the stream says of people is what reading says of them, in the same epoch."""
    people = identity.organization("p-stream", ("ada", ()), ("dora", ()))
    ada, dora = people["ada"], people["dora"]
    for person in people.values():
        person.sign_in()
    with presence.stream(origin=identity.origin) as socket:
        say(socket, "hello", token=ada.token)
        welcome, snapshot = hear(socket), hear(socket)
        assert (welcome["type"], snapshot["type"]) == ("welcome", "snapshot")
        presence.set(dora, state="busy", text="Writing")
        while (change := hear(socket))["type"] != "changed" or change["view"]["account"] != dora.account:
            pass
        assert change["view"] == presence.seen(ada)[dora.account]
        answer = requests.get(f"{presence.url}/api/presence/colleagues", headers=ada.with_token, timeout=15).json()
        assert (answer["epoch"], answer["seq"]) == (change["epoch"], change["seq"])
        assert presence.seen(dora)[ada.account]["state"] == "available"


def test_paths_with_odd_names(identity, presence, document):
    """What is no identifier names nothing."""
    boss = identity.organization("p-odd", ("boss", ("organization.admin",)))["boss"]
    system = presence.telephone_system(boss)
    organization = presence.organization_id("p-odd")
    webhook = presence.add_webhook(organization, "http://127.0.0.1:1/", "Nobody")
    for name in ("%00", f"{webhook}%00", "%FF", "%ZZ", "%2E%2E", "a%2Fb", "%F0%9F%A6%A9", "x" * 2000):
        for (method, path), operation in routes.in_document(document).items():
            if "{" not in path:
                continue
            for filled in {re.sub(r"\{\w+\}", name, path), re.sub(r"\{letter\}", name, path).replace("{webhook}", webhook)}:
                if "{" in filled or filled.endswith(f"{webhook}/dead-letters") or f"{webhook}/dead-letters/retry" in filled:
                    continue
                reader = system if "/people/" in path else boss
                answer = requests.request(method, presence.url + filled, headers=reader.with_token, timeout=15)
                assert answer.status_code in (400, 404), f"{method} {filled}: {answer.status_code}"
                assert str(answer.status_code) in operation["responses"] or answer.status_code == 400


@pytest.mark.timeout(3600)
def test_made_up_requests(identity, presence, is_full, tmp_path):
    people = identity.organization("p-made-up", ("boss", ("organization.admin",)))
    for person in people.values():
        person.sign_in()
    system = presence.telephone_system(people["boss"])
    with Receiver().listening() as url:
        webhook = presence.add_webhook(presence.organization_id("p-made-up"), url, "Telephone system")
        presence.wait_for_dead_letters(webhook, 1)
    made_up.ask("Presence", presence.url, identity, people, is_full, tmp_path, "presence_hooks", "schemathesis-presence.toml",
                examples=20, readToken={"id": system.id, "token": system.token})
