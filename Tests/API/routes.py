"""The routes of identity, read from its source and from its document."""

from __future__ import annotations

import re
from pathlib import Path

METHODS = ("get", "put", "post", "patch", "delete", "options", "head", "trace")


def in_source(folder: Path) -> set[tuple[str, str]]:
    """(method, path) of what is registered in the public router: `router.get("path", …)`, and
    `group.get("rest", …)` where the group is made beside it."""
    found = set()
    for file in sorted(folder.rglob("*.swift")):
        source = file.read_text()
        constants = dict(re.findall(r'static let (\w+) = "([^"\\]*)"', source))
        # Functions are looked at one by one: their routers and groups have the same names.
        for function in re.split(r"\bfunc ", source):
            groups = {"router": ""}
            for name, path in re.findall(r'let (\w+) = router\.group\("([^"]*)"\)', function):
                groups[name] = path
            calls = re.findall(
                rf'\b(\w+)\.({"|".join(METHODS)})\(\s*(?:"((?:[^"\\]|\\\(.*?\))*)"\s*,?\s*)?(?:use:|\)\s*\{{)', function)
            for owner, method, path in calls:
                if owner not in groups:
                    continue  # a group that is handed in: /internal
                path = re.sub(r"\\\(Self\.(\w+)\)", lambda match: constants[match[1]], path)
                whole = "/".join(part for part in (groups[owner].rstrip("/"), path.lstrip("/")) if part)
                found.add((method, "/" + whole.lstrip("/")))
            found.update(("get", f"/{path}") for path in re.findall(r'router\.addOpenAPI\("([^"]*)"', function))
    # The rest is of the inner listener.
    return {(method, path) for method, path in found if path.startswith("/api/")}


def in_document(document: dict) -> dict[tuple[str, str], dict]:
    return {(method, path): operation for path, operations in document["paths"].items()
            for method, operation in operations.items() if method in METHODS}


def in_groups(folder: Path) -> set[str]:
    """The paths that are added to a public group which is handed in, as in directory: `func add(to group:` and what it calls
    `group.get("rest"` or `group.get("\\(path)/rest"`; and what is added to the router itself below the group's path."""
    found = set()
    for file in sorted(folder.rglob("*.swift")):
        for function in re.split(r"\bfunc ", file.read_text()):
            if function.startswith("add(to group:"):
                constants = dict(re.findall(r'let (\w+) = "([^"\\]*)"', function))
                for path in re.findall(rf'group\.(?:{"|".join(METHODS)})\("([^"]*)"', function):
                    found.add(re.sub(r"\\\((\w+)\)", lambda match: constants[match[1]], path))
            found.update(re.findall(r'router\.addOpenAPI\("api/\w+/([^"]*)"', function))
    return {path.replace("rooms/{room}/entry", "rooms/{alias}/entry") for path in found}
