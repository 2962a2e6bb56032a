"""What schemathesis is told about identity: who asks, where it comes from, and what it can't make up by itself."""

from __future__ import annotations

import itertools

import pictures
import schemathesis
from asking import PEOPLE, SETTINGS, forget_guesses, has_twins, is_invisible, is_unwritable, operation_id
from client import COOKIE, Person
from hypothesis import strategies as st

ORIGIN = SETTINGS["origin"]
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
    """Nothing that is refused for what no schema can say: two keys that are one, names with nothing to be seen, and code points
    that are not assigned."""
    names = [body[key] for key in ("userName", "displayName", "name", "organization")
             if isinstance(body.get(key), str)] if isinstance(body, dict) else []
    email = body.get("email") if isinstance(body, dict) else None
    return (not has_twins(body) and not any(is_invisible(name) or is_unwritable(name) for name in names)
            and not (isinstance(email, str) and is_unwritable(email)))


@schemathesis.hook
def filter_query(context, query):
    return not any(isinstance(text, str) and is_unwritable(text) for text in (query or {}).values())


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


# What is not in the schema's words

for media_type, make in pictures.KINDS.items():
    schemathesis.openapi.media_type(media_type, st.integers(16, 1024).map(make))

HANDLES = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"], include_characters="-._"), min_size=1, max_size=20)
schemathesis.openapi.format("parley-handle", HANDLES)
