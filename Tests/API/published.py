"""What holds of every service's document, as it is given out: asked of the running service."""

from __future__ import annotations

import re
import uuid

import requests
import routes


def is_served(url: str, document: dict) -> None:
    answer = requests.get(url, timeout=15)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == document


def has_its_methods(base: str, document: dict, without: tuple[str, ...] = ()) -> None:
    """Asked with a method that no path has, each says which it has; HEAD is answered as GET, without a body. `without` are
    paths at which sockets are opened: the router knows nothing of them."""
    documented = {}
    for method, path in routes.in_document(document):
        if path not in without:
            documented.setdefault(path, set()).add(method.upper())
    assert documented
    for path, methods in documented.items():
        url = base + re.sub(r"\{\w+\}", str(uuid.uuid4()), path)
        for method in ("OPTIONS", "PATCH", "TRACE"):
            answer = requests.request(method, url, timeout=15)
            assert answer.status_code == 405, f"{method} {path}: {answer.status_code}"
            allowed = set(answer.headers["Allow"].split(", "))
            assert allowed - {"HEAD"} == methods, f"{path} allows {allowed}"
        if "GET" in methods:
            shown = requests.get(url, timeout=15, allow_redirects=False)
            head = requests.head(url, timeout=15, allow_redirects=False)
            assert (head.status_code, head.content) == (shown.status_code, b""), f"HEAD {path}"
