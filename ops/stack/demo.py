"""The organization and the account that ops/run creates."""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Callable

from . import files
from .problems import Problem
from .stack import Account, Stack

UCSID = "4711-0815"


def ensure(stack: Stack) -> tuple[Account, bool]:
    """The demo account, and whether it was made now. The password is kept beside the database, for its owner only."""
    path = stack.folder / "demo.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    is_done = known.pop("done", False)
    account = Account(**known) if known else Account(UCSID, "demo", "ada", "Ada Lovelace", random.token_urlsafe(12))
    if not is_done:
        # The password is kept before it is used: a start that is cut off between these steps is completed by the next.
        files.write(path, json.dumps(account.__dict__))
        _unless_it_exists(stack.add_organization, UCSID, "Demo", account.alias)
        _unless_it_exists(stack.add_account, UCSID, account.user_name, account.display_name, account.password)
        files.write(path, json.dumps(account.__dict__ | {"done": True}))
    return account, not known


def _unless_it_exists(add: Callable[..., None], *arguments: str) -> None:
    try:
        add(*arguments)
    except Problem as problem:
        if problem.status != 65 or "exists already" not in str(problem):
            raise
