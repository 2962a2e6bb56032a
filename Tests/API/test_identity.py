"""Identity's HTTP API does what its document says, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import time
import uuid
from pathlib import Path

import made_up
import pictures
import published
import pytest
import requests
import routes
from checker import Answers
from client import COOKIE
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).resolve().parents[2]
ANYBODY = {"userName": "anybody", "displayName": "Anybody", "permissions": [], "isEnabled": True}


def test_document_is_openapi(document):
    OpenAPIV31SpecValidator(document).validate()


def test_document_has_every_route(document):
    assert set(routes.in_document(document)) == routes.in_source(ROOT / "Services/Identity")


def test_document_is_served(identity, document):
    published.is_served(f"{identity.url}/api/identity/openapi.json", document)


def test_every_path_has_the_methods_of_the_document(identity, document):
    published.has_its_methods(identity.url, document)


def test_every_operation_succeeds(identity, document):
    """A walk through all of it. Each answer is held against the document, and may have no key that is not in it."""
    people = identity.organization("walk", ("boss", ("organization.admin",)), ("ada", ("rooms.create",)))
    boss, ada = people["boss"], people["ada"]
    answers = Answers(identity.url, document)
    ask = answers.ask

    def sign_in(person, status=201, **more):
        answer = ask("signIn", person.credentials(**more), status=status, Origin=identity.origin)
        if status == 201:
            person.session, person.account = answer.cookies[COOKIE], answer.json()["account"]
            person.forget(session=False)
        return answer

    # Sessions
    for person in (boss, ada, ada):
        sign_in(person)
    ask("getSession", headers=ada.with_cookie)
    ask("issueToken", status=201, headers=ada.with_cookie)
    sessions = ask("listSessions", headers=ada.with_token).json()["items"]
    other = next(item["session"] for item in sessions if not item["isCurrent"])
    ask("endSession", status=204, headers=ada.with_token, session=other)
    ask("endOtherSessions", status=204, headers=ada.with_token)

    # Profile
    quiet = {"displayName": "Ada L.", "language": "de", "presenceInMeetings": "do_not_disturb", "showsPresence": False,
             "appearance": "dark", "notifications": ["chat"], "avatarColor": "teal"}
    assert ask("changeProfile", quiet, headers=ada.with_token).json()["displayName"] == "Ada L."
    for media_type, make in pictures.KINDS.items():
        ask("setPicture", make(64), headers={**ada.with_token, "Content-Type": media_type})
        for shown in (ada.with_cookie, boss.with_token):
            picture = ask("getPicture", headers=shown, account=ada.account)
            assert (picture.headers["Content-Type"], picture.content) == (media_type, make(64))
    ask("removePicture", headers=ada.with_token)
    assert ask("getProfile", headers=ada.with_token).json()["language"] == "de"
    ask("exportProfile", headers=ada.with_token)
    page = ask("listColleagues", headers=ada.with_token, limit=1).json()
    ask("listColleagues", headers=ada.with_token, limit=1, cursor=page["nextCursor"])
    change = {"current": ada.password, "new": "seven lanterns under the old bridge"}
    ask("changePassword", change, status=204, headers=ada.with_token)
    ada.password = change["new"]

    # Second factor
    shown = {"password": ada.password}
    offer = ask("offerSecondFactor", shown, status=201, headers=ada.with_token).json()
    setup = {"enrollment": offer["enrollment"], "code": totp(offer["secret"])}
    codes = ask("setSecondFactor", setup, headers=ada.with_token).json()["recoveryCodes"]
    assert sign_in(ada, status=403).json()["code"] == "second_factor_required"
    sign_in(ada, code=codes[0])
    codes = ask("replaceRecoveryCodes", shown, status=201, headers=ada.with_token).json()["recoveryCodes"]
    ask("removeSecondFactor", {**shown, "code": codes[0]}, status=204, headers=ada.with_token)

    # Accounts
    draft = {"userName": "grace", "displayName": "Grace", "email": "grace@example.org", "language": "en",
             "permissions": ["rooms.create"], "isEnabled": True}
    created = ask("createAccount", draft, status=201, headers=boss.with_token)
    account = created.json()["account"]["account"]
    assert created.headers["Location"] == f"/api/identity/accounts/{account}"
    tag = ask("getAccount", headers=boss.with_token, account=account).headers["ETag"]
    changed = ask("changeAccount", {**draft, "displayName": "Grace H."}, account=account,
                  headers={**boss.with_token, "If-Match": tag})
    page = ask("listAccounts", headers=boss.with_token, limit=1).json()
    ask("listAccounts", headers=boss.with_token, limit=1, cursor=page["nextCursor"])
    assert len(ask("listAccounts", headers=boss.with_token, search="GRACE").json()["items"]) == 1
    password = ask("makeOneTimePassword", status=201, headers=boss.with_token, account=account).json()["password"]
    ask("removeSecondFactorOfAccount", status=204, headers=boss.with_token, account=account)
    ask("endSessionsOfAccount", status=204, headers=boss.with_token, account=account)
    ask("exportAccount", headers=boss.with_token, account=account)

    # An organization that demands a second factor
    organization = ask("getOrganization", headers=boss.with_token)
    strict = {**organization.json()["settings"], "secondFactor": "required"}
    ask("changeOrganization", strict, headers={**boss.with_token, "If-Match": organization.headers["ETag"]})
    grace = {**ada.credentials(), "userName": "grace", "password": password}
    assert ask("signIn", grace, status=403).json()["code"] == "password_change_required"
    grace["newPassword"] = "violet roofs above three herons"
    assert ask("signIn", grace, status=403).json()["code"] == "second_factor_setup_required"
    offer = ask("offerSecondFactorAtSignIn", grace, status=201).json()
    ask("signIn", {**grace, "enrollment": offer["enrollment"], "code": totp(offer["secret"])}, status=201)
    tag = ask("getAccount", headers=boss.with_token, account=account).headers["ETag"]
    assert tag != changed.headers["ETag"]
    ask("deleteAccount", status=412, headers={**boss.with_token, "If-Match": '"0"'}, account=account)
    ask("deleteAccount", status=204, headers={**boss.with_token, "If-Match": tag}, account=account)
    page = ask("listAudit", headers=boss.with_token, limit=1).json()
    ask("listAudit", headers=boss.with_token, cursor=page["nextCursor"])

    # For everybody
    ask("getKeySet")
    ask("getDocument")
    ask("getSignInOptions", organization="walk")
    ask("beginProviderSignIn", status=303, connection=str(uuid.uuid4()))
    ask("finishProviderSignIn", status=303, state="x", code="y")
    ask("signOut", status=204, headers=ada.with_cookie)
    ask("getSession", status=401, headers=ada.with_cookie)

    everything = {operation["operationId"] for operation in routes.in_document(document).values()}
    assert answers.succeeded == everything


def test_rooms_go_with_their_owner(identity):
    people = identity.organization("rooms", ("boss", ("organization.admin",)), ("ada", ("rooms.create",)))
    boss, ada = people["boss"], people["ada"]
    directory = identity.stack.services["directory"][0].url
    made = requests.post(f"{directory}/api/directory/rooms", json={"name": "Weekly", "pin": "482915"},
                         headers=ada.with_token, timeout=15)
    assert made.status_code == 201
    room = made.json()
    export = requests.get(f"{identity.url}/api/identity/profile/export", headers=ada.with_token, timeout=15)
    assert [(one["id"], one["hasPIN"]) for one in export.json()["rooms"]] == [(room["id"], True)]
    assert export.json()["appointments"] == [] and export.json()["attendance"] == []
    assert "482915" not in export.text
    account = export.json()["account"]["account"]
    deleted = requests.delete(f"{identity.url}/api/identity/accounts/{account}",
                              headers={**boss.with_token, "If-Match": "*"}, timeout=15)
    assert deleted.status_code == 204
    entry = f"{directory}/api/directory/rooms/{room['alias']}/entry"
    # A guest is not told that there is no room.
    token = {"Authorization": boss.with_token["Authorization"]}
    # Directory is told a minute later, and asks every 10 s.
    for _ in range(110):
        answer = requests.post(entry, json={"check": True}, headers=token, timeout=15)
        if answer.status_code == 404:
            break
        time.sleep(1)
    assert answer.json()["code"] == "room_not_found"


def test_paths_with_odd_names(identity, document):
    """What is no identifier names nothing."""
    boss = identity.organization("odd", ("boss", ("organization.admin",)))["boss"]
    boss.sign_in()
    odd = ["%00", f"{boss.account}%00", f"{boss.account}%00x", "%FF", "%ZZ", "%2E%2E", "a%2Fb", "%F0%9F%A6%A9", "x" * 2000]
    for (method, path), operation in routes.in_document(document).items():
        if "{" not in path:
            continue
        for name in odd:
            url = identity.url + re.sub(r"\{\w+\}", name, path)
            answer = requests.request(method, url, headers={**boss.with_token, "If-Match": "*"}, timeout=15,
                                      json=ANYBODY if method == "put" else None, allow_redirects=False)
            if "{account}" in path:
                assert answer.status_code == 404, f"{method} {url}: {answer.status_code}"
            assert str(answer.status_code) in operation["responses"], f"{method} {url}: {answer.status_code}"


def test_a_provider_is_found_by_its_whole_id_alone(identity):
    """What is read up to a NUL only would begin a sign-in."""
    identity.organization("provided", ("boss", ()))
    settings = {"issuer": "http://127.0.0.1:1", "clientID": "parley", "clientSecret": "a secret of the client"}
    identity.stack.services["identity"][0].command(
        "connection", "add", "--organization", "provided", what="Adding a connection",
        text=json.dumps({"name": "Nobody", "kind": "oidc", "settings": settings}))
    options = requests.get(f"{identity.url}/api/identity/sign-in-options", {"organization": "provided"}, timeout=15)
    connection = options.json()["connections"][0]["id"]
    # The provider is never there.
    for name, code in ((connection, "sign_in_unavailable"), (connection.upper(), "sign_in_unavailable"),
                       (f"{connection}%00", "not_found"), (f"{connection}%00x", "not_found"), ("%00", "not_found")):
        answer = requests.get(f"{identity.url}/api/identity/oidc/{name}/begin", timeout=15, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?error={code}"), name


def test_other_pages_are_refused(identity, document):
    """What changes something with the cookie must come from Parley's own page, and as JSON."""
    ada = identity.organization("pages", ("ada", ()))["ada"]
    answers = Answers(identity.url, document)
    cookie = {"Cookie": ada.with_cookie["Cookie"]}
    for name in ("issueToken", "signOut"):
        for headers in (cookie, {**cookie, "Origin": "https://example.com"}, {**cookie, "Origin": "null"}):
            assert answers.ask(name, status=403, headers=headers).json()["code"] == "origin_refused"
        answers.ask(name, b"a=b", status=415, headers={**ada.with_cookie, "Content-Type": "text/plain"})
    for name in ("signIn", "offerSecondFactorAtSignIn"):
        answers.ask(name, ada.credentials(), status=403, headers={"Origin": "https://example.com"})
    answers.ask("getSession", headers=ada.with_cookie)


def test_who_guesses_waits(identity, document):
    ada = identity.organization("guessed", ("ada", ()))["ada"]
    answers = Answers(identity.url, document)
    wrong = {**ada.credentials(), "password": "wrong"}
    try:
        for _ in range(5):
            answers.ask("signIn", wrong, status=401)
        # A growing time, from a second on.
        refused = [answers.ask("signIn", wrong, status=None) for _ in range(3)][-1]
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == str(refused.json()["retryAfter"])
        # Somebody else's attempts are not held up.
        assert answers.ask("signIn", ada.credentials(), status=201, headers={"X-Forwarded-For": "203.0.113.7"})
    finally:
        identity.forget_guesses()


def totp(secret: str) -> str:
    """RFC 6238."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    mac = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


# Requests that are made up

@pytest.mark.timeout(3600)
def test_made_up_requests(identity, is_full, tmp_path):
    people = identity.organization(
        "made-up", ("boss", ("organization.admin",)), ("chief", ("organization.admin",)), ("member", ("rooms.create",)),
        ("visitor", ()), ("leaver", ()), ("wanderer", ()), ("careful", ()))
    people |= identity.organization("made-up-2", ("governor", ("organization.admin",)))
    for person in people.values():
        person.sign_in()
    made_up.ask("Identity", identity.url, identity, people, is_full, tmp_path, "hooks", "schemathesis.toml")
