"""What schemathesis is told about directory: who asks, and what it can't make up by itself."""

from __future__ import annotations

import itertools
import re

import schemathesis
from asking import PEOPLE, forget_guesses, has_twins, is_invisible, is_unwritable, operation_id
from client import Person
from hypothesis import strategies as st

#: Who asks what; everything else is asked by who has rooms.
ASKS = {"listAudit": "boss"}
#: What is counted: one source or account asks it only so often.
COUNTED = {"enterRoom", "checkAlias"}
WALL_TIME = re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T(0\d|1\d|2[0-2]):[0-5]\d", re.ASCII)
NUMBERS = itertools.count(1)


def who_asks(operation) -> Person:
    return PEOPLE[ASKS.get(operation_id(operation), "owner")]


@schemathesis.auth(refresh_interval=None)
class Auth:
    """An access token, also where guests may ask."""

    def get(self, case, context):
        security = context.operation.definition.raw["security"]
        return who_asks(context.operation).token if {"accessToken": []} in security else None

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def filter_body(context, body):
    """Nothing that is refused for what no schema can say: two keys that are one, names with nothing to be seen, and code points
    that are not assigned."""
    texts = [body[key] for key in ("name", "description", "title", "displayName") if key in body] if isinstance(body, dict) else []
    names = [body[key] for key in ("name", "title", "displayName") if key in body] if isinstance(body, dict) else []
    return (not has_twins(body) and not any(isinstance(text, str) and is_unwritable(text) for text in texts)
            and not any(isinstance(name, str) and is_invisible(name) for name in names))


@schemathesis.hook
def before_call(context, case, kwargs):
    name = operation_id(case)
    if name in COUNTED:
        forget_guesses()
    if not isinstance(case.body, dict):
        return
    alias = case.body.get("alias")
    if name in ("createRoom", "changeRoom") and isinstance(alias, str) and re.fullmatch("[A-Za-z0-9-]{3,50}", alias):
        # Each alias can be taken once only.
        if not alias.startswith("-") and not alias.endswith("-"):
            case.body = {**case.body, "alias": f"{alias}-{next(NUMBERS)}"}
    if name in ("createAppointment", "changeAppointment"):
        meet_at_a_time(case)


def meet_at_a_time(case):
    """An end that comes after the beginning, in a zone that there is. What is wrong on purpose stays wrong."""
    start, end, zone = (case.body.get(key) for key in ("start", "end", "timeZone"))
    if all(isinstance(text, str) and WALL_TIME.fullmatch(text) for text in (start, end)) and isinstance(zone, str):
        later = f"{start[:11]}{int(start[11:13]) + 1:02}{start[13:]}"
        case.body = {**case.body, "end": later, **({"timeZone": "Africa/Lagos"} if 0 < len(zone) <= 64 else {})}


# What is not in the schema's words

schemathesis.openapi.format("parley-wall-time", st.from_regex(WALL_TIME, fullmatch=True))
