"""What schemathesis is told about presence: who asks, and what it can't make up by itself."""

from __future__ import annotations

import datetime
import itertools
import re
from urllib.parse import urlencode

import requests
import schemathesis
from asking import PEOPLE, SETTINGS, forget_guesses, has_twins, is_invisible, is_unwritable, operation_id

BOSS = PEOPLE["boss"]
READER = SETTINGS["readToken"]
#: A read token reads only so often in a minute, and a person sets their state.
COUNTED = {"listPeople", "getPerson", "setOwnPresence"}
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-](\d\d):\d\d)", re.ASCII)
NUMBERS = itertools.count(1)


@schemathesis.auth(refresh_interval=None)
class Auth:
    """An administrator's access token, or a read token."""

    def get(self, case, context):
        security = context.operation.definition.raw["security"]
        if {"readToken": []} in security:
            return READER["token"]
        return BOSS.token if {"accessToken": []} in security else None

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def filter_body(context, body):
    """Nothing that is refused for what no schema can say: two keys that are one, texts with nothing to be seen, and code points
    that are not assigned."""
    texts = [body[key] for key in ("name", "text") if isinstance(body.get(key), str)] if isinstance(body, dict) else []
    return not has_twins(body) and not any(is_unwritable(text) or is_invisible(text) for text in texts)


@schemathesis.hook
def filter_query(context, query):
    """Nothing that makes a head of more than 16 KiB, which is answered without a body before it is looked at."""
    return len(urlencode(query or {}, doseq=True, errors="replace")) < 12_000


@schemathesis.hook
def before_call(context, case, kwargs):
    name = operation_id(case)
    if name in COUNTED:
        forget_guesses()
    if name == "createReadToken" and next(NUMBERS) % 15 == 0:
        make_room()
    if name == "setOwnPresence" and isinstance(case.body, dict):
        until = case.body.get("until")
        if isinstance(until, str) and (parts := TIME.fullmatch(until)):
            # An end that comes soon, in a zone that there may be. What is wrong on purpose stays wrong.
            soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
            zone = parts[2] if int(parts[3] or 0) < 18 else "Z"
            case.body = {**case.body, "until": soon.strftime("%Y-%m-%dT%H:%M:%S") + (parts[1] or "") + zone}


def make_room():
    """An organization has only so many read tokens."""
    url = f"{SETTINGS['service']}/api/presence/read-tokens"
    for item in requests.get(url, headers=BOSS.with_token, timeout=15).json()["items"]:
        if item["id"] != READER["id"]:
            requests.delete(f"{url}/{item['id']}", headers=BOSS.with_token, timeout=15)
