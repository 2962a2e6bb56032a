"""The organization and the account that ops/run creates."""

from __future__ import annotations

import json
import secrets as random

from . import files
from .stack import Account, Stack

UCSID = "4711-0815"


def ensure(stack: Stack) -> tuple[Account, bool]:
    """The demo account, and whether it was made now. The password is kept beside the database, for its owner only."""
    path = stack.folder / "demo.json"
    if path.exists():
        return Account(**json.loads(path.read_text())), False
    account = Account(UCSID, "demo", "ada", "Ada Lovelace", random.token_urlsafe(12))
    stack.add_organization(UCSID, "Demo", account.alias)
    stack.add_account(UCSID, account.user_name, account.display_name, account.password)
    files.write(path, json.dumps(account.__dict__))
    return account, True
