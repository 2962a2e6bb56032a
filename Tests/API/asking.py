"""What the made-up requests of every service need: who asks, and what no schema can say of texts."""

from __future__ import annotations

import json
import os
import socket
import unicodedata
from urllib.parse import urlsplit

from client import Person

SETTINGS = json.loads(os.environ["PARLEY_API_TEST"])
PEOPLE = {name: Person(**person) for name, person in SETTINGS["people"].items()}


def operation_id(case_or_operation) -> str:
    operation = getattr(case_or_operation, "operation", case_or_operation)
    return operation.definition.raw["operationId"]


def is_invisible(name: str) -> bool:
    """Somewhat more than the service takes for it."""
    ignored = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    return name != "" and all(
        unicodedata.category(letter) in ("Cf", "Cc", "Cn", "Mn", "Me", "Zs", "Zl", "Zp") or letter in ignored
        or "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef" for letter in name)


def is_unwritable(text: str) -> bool:
    """Has code points that are not assigned, or to nobody in particular, or half of one."""
    return any(unicodedata.category(letter) in ("Cn", "Co", "Cs") for letter in text)


def has_twins(value) -> bool:
    """Two keys that are canonically equivalent, such as U+2000 and U+2002, are one key twice."""
    if isinstance(value, list):
        return any(map(has_twins, value))
    if not isinstance(value, dict):
        return False
    return len({unicodedata.normalize("NFC", key) for key in value}) < len(value) or any(map(has_twins, value.values()))


def forget_guesses():
    parts = urlsplit(SETTINGS["redis"])
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(f"AUTH {parts.password}\r\nFLUSHALL\r\n".encode())
        answers = b""
        while answers.count(b"\r\n") < 2:
            answers += connection.recv(64)
