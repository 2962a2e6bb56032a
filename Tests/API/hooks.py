"""What schemathesis is told about Parley: who asks, where it comes from, and what it can't make up by itself."""

from __future__ import annotations

import itertools
import json
import os
import socket
import unicodedata
from urllib.parse import urlsplit

import pictures
import schemathesis
from client import COOKIE, Person
from hypothesis import strategies as st

SETTINGS = json.loads(os.environ["PARLEY_API_TEST"])
ORIGIN = SETTINGS["origin"]
PEOPLE = {name: Person(**person) for name, person in SETTINGS["people"].items()}
#: The accounts that ask; see `spare`.
PROTECTED = {person.account for person in PEOPLE.values()}
NUMBERS = itertools.count(1)
#: Who asks what. Each may lose what the others need: sessions, the password, the second factor.
ASKS = {
    "getOrganization": "governor", "changeOrganization": "governor",
    "signOut": "leaver", "getSession": "visitor", "issueToken": "visitor",
    "listSessions": "wanderer", "endOtherSessions": "wanderer", "endSession": "wanderer",
    "changePassword": "careful", "offerSecondFactor": "careful", "setSecondFactor": "careful",
    "removeSecondFactor": "careful", "replaceRecoveryCodes": "careful",
    "getProfile": "member", "changeProfile": "member", "setPicture": "member", "removePicture": "member",
    "exportProfile": "member", "listColleagues": "member", "getPicture": "member",
}
#: An administrator shows the own password for the account of another one.
OPENS = {"makeOneTimePassword", "removeSecondFactorOfAccount"}
#: Where passwords are tried: their limits would answer everything with 429. test_who_guesses_waits tries the limits.
GUESSES = {"signIn", "offerSecondFactorAtSignIn", "changePassword", "offerSecondFactor", "removeSecondFactor",
           "replaceRecoveryCodes", *OPENS}
#: What is counted besides: one source asks them only so often.
COUNTED = GUESSES | {"getSignInOptions", "createAccount", "changeAccount"}


def operation_id(case_or_operation) -> str:
    operation = getattr(case_or_operation, "operation", case_or_operation)
    return operation.definition.raw["operationId"]


def who_asks(operation) -> Person:
    return PEOPLE[ASKS.get(operation_id(operation), "boss")]


@schemathesis.auth(refresh_interval=None)
class Auth:
    """The session's cookie where the document wants it, and otherwise an access token."""

    def get(self, case, context):
        security = context.operation.definition.raw["security"]
        if {"accessToken": []} in security:
            return "header", who_asks(context.operation).token
        if {"sessionCookie": []} in security:
            return "cookie", who_asks(context.operation).cookie
        return None

    def set(self, case, data, context):
        kind, value = data
        if kind == "header":
            case.headers["Authorization"] = f"Bearer {value}"
        else:
            case.cookies[COOKIE] = value


@schemathesis.hook
def filter_body(context, body):
    """Nothing that is refused for what no schema can say: two keys that are canonically equivalent, such as U+2000 and U+2002,
    are one key twice, and a name must have something to be seen."""
    names = [body[key] for key in ("userName", "displayName", "name") if key in body] if isinstance(body, dict) else []
    return not has_twins(body) and not any(isinstance(name, str) and is_invisible(name) for name in names)


def is_invisible(name: str) -> bool:
    """Somewhat more than the service takes for it."""
    ignored = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    return name != "" and all(
        unicodedata.category(letter) in ("Cf", "Cc", "Cn", "Zs", "Zl", "Zp") or letter in ignored
        or "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef" for letter in name)


def has_twins(value) -> bool:
    if isinstance(value, list):
        return any(map(has_twins, value))
    if not isinstance(value, dict):
        return False
    return len({unicodedata.normalize("NFC", key) for key in value}) < len(value) or any(map(has_twins, value.values()))


@schemathesis.hook
def before_call(context, case, kwargs):
    name = operation_id(case)
    if "Origin" in (case.headers or {}):
        # There is one right value, which the document can't know.
        case.headers["Origin"] = ORIGIN
    if (case.path_parameters or {}).get("account") in PROTECTED:
        spare(name, case)
    if name == "getPicture" and "account" in case.path_parameters and len(case.path_parameters["account"]) == 36:
        case.path_parameters["account"] = PEOPLE["member"].account
    if name in COUNTED:
        forget_guesses()
    if isinstance(case.body, dict):
        know_passwords(name, case)
        if name == "createAccount" and case.body.get("userName") == "grace":
            # The document's example can be added once only.
            case.body = {**case.body, "userName": f"grace-{next(NUMBERS)}"}


def spare(name, case):
    """Keeps the accounts that ask as they are: no version of them is right, and the rest happens to one that never asks."""
    if name in ("changeAccount", "deleteAccount"):
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = '"0"'
    elif case.method != "GET":
        case.path_parameters["account"] = PEOPLE["chief"].account


def know_passwords(name, case):
    """Half of those who show a password know it: those whose `stayLoggedIn` is true, or who show no code."""
    if name in ("signIn", "offerSecondFactorAtSignIn") and case.body.get("stayLoggedIn") is True:
        person = PEOPLE["leaver"]
        known = {"userName": person.user_name, "password": person.password, "organization": person.organization}
    elif name == "changePassword":
        known = {"current": PEOPLE["careful"].password}
    elif name in GUESSES and case.body.get("code") is None:
        known = {"password": PEOPLE["boss" if name in OPENS else "careful"].password}
    else:
        return
    # What is wrong on purpose stays wrong.
    case.body = {**case.body, **{key: value for key, value in known.items() if is_text(case.body.get(key))}}


def is_text(value) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 128


@schemathesis.hook
def after_call(context, case, response):
    name = operation_id(case)
    if name == "changePassword" and response.status_code == 204:
        PEOPLE["careful"].password = case.body["new"]
    if response.status_code == 401 or name == "signOut":
        # Where tokens are shown, the next one tells whether the session is over.
        shows_token = {"accessToken": []} in case.operation.definition.raw["security"]
        who_asks(case).forget(session=not shows_token)


def forget_guesses():
    parts = urlsplit(SETTINGS["redis"])
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(f"AUTH {parts.password}\r\nFLUSHALL\r\n".encode())
        answers = b""
        while answers.count(b"\r\n") < 2:
            answers += connection.recv(64)


# What is not in the schema's words

for media_type, make in pictures.KINDS.items():
    schemathesis.openapi.media_type(media_type, st.integers(16, 1024).map(make))

HANDLES = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"], include_characters="-._"), min_size=1, max_size=20)
schemathesis.openapi.format("parley-handle", HANDLES)
