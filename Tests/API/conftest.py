"""What the tests of the API are given: a running identity with its stores, people, and the document."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in ("ops", "Tests/API"):
    sys.path.insert(0, str(ROOT / folder))

from client import Person  # noqa: E402
from presence import Presence  # noqa: E402
from signaling import Signaling  # noqa: E402
from stack.postgres import programs  # noqa: E402
from stack.problems import Problem  # noqa: E402
from stack.processes import run  # noqa: E402
from stack.stack import Stack  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="many more requests, with a seed of their own")


@dataclass(frozen=True)
class Identity:
    """The service alone, without the gateway, whose limits would hold the tests up."""

    url: str
    #: Parley's own page, as browsers say it.
    origin: str
    redis: object
    stack: Stack

    def organization(self, ucsid: str, *accounts: tuple[str, tuple[str, ...]]) -> dict[str, Person]:
        """A new organization with accounts, by user name."""
        self.stack.add_organization(ucsid, f"Organization {ucsid}")
        people = {}
        for user_name, permissions in accounts:
            password = f"three herons on a violet roof by {ucsid}"
            self.stack.add_account(ucsid, user_name, user_name.title(), password, permissions)
            people[user_name] = Person(self.url, self.origin, ucsid, user_name, password)
        return people

    @property
    def directory(self) -> str:
        """The URL of the room directory, which runs beside it."""
        return self.stack.services["directory"][0].url

    @property
    def signaling(self) -> Signaling:
        return Signaling(self.stack.services["directory"][0])

    def allow_lists(self, ucsid: str) -> None:
        """Owners of rooms see who was in their meetings."""
        count = "select count(*) from directory.organization where allows_attendance"
        before = int(self.sql(count))
        self.stack.services["identity"][0].command(
            "organization", "set", ucsid, "--attendance", "owner", what=f"Allowing lists in {ucsid}")
        # Directory asks every few seconds.
        deadline = time.monotonic() + 60
        while int(self.sql(count)) == before:
            assert time.monotonic() < deadline, "directory was not told"
            time.sleep(0.2)

    def sql(self, statement: str) -> str:
        """What only time or a fault would do."""
        return run("SQL", [str(programs() / "psql"), self.stack.postgres.url, "-Atc", statement])

    def forget_guesses(self) -> None:
        self.redis.ask("FLUSHALL")


def start(stack: Stack, mail_server: str = "smtp://127.0.0.1:1"):
    """Only what identity and directory need. The mail server is by default one that is never there: invitations are taken, and
    wait."""
    stack._start("PostgreSQL", stack.postgres)
    stack._start("Redis", stack.redis)
    running = {kind: stack.services[kind][0] for kind in ("identity", "directory")}
    running["directory"].environment |= {
        "PARLEY_SMTP_URL": mail_server, "PARLEY_SMTP_TLS": "none", "PARLEY_MAIL_FROM": "parley@example.org"}
    for service in running.values():
        service.migrate()
        stack._start(service.name, service)
    for service in running.values():
        service.wait_until_ready()
    return running["identity"]


def start_second_directory(stack: Stack) -> None:
    """Another process of directory beside the first."""
    second = stack.beside(stack.services["directory"][0], "directory-2")
    stack.services["directory"].append(second)
    stack._start(second.name, second)
    second.wait_until_ready()


def binaries() -> Path:
    return Path(os.environ.get("PARLEY_BINARIES", ROOT / ".build/debug"))


def keep_logs(stack: Stack) -> None:
    if logs := os.environ.get("PARLEY_LOGS"):
        Path(logs).mkdir(parents=True, exist_ok=True)
        for log in stack.logs.glob("*.log"):
            (Path(logs) / log.name).write_bytes(log.read_bytes())


@pytest.fixture(scope="session")
def identity():
    """PostgreSQL, Redis, identity and directory, built for debugging, with cheap password hashes and its data thrown away.

    PARLEY_BINARIES names another folder with executables; PARLEY_LOGS keeps the logs there."""
    with tempfile.TemporaryDirectory(prefix="parley-api-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        stack = Stack(Path(folder), binaries(), durable=False, scrypt_log_n=10)
        try:
            service = start(stack)
        except Problem as problem:
            stack.stop()
            pytest.exit(str(problem), returncode=1)
        try:
            yield Identity(service.url, stack.url, stack.redis, stack)
            ended = [process.name for process in stack.processes() if not process.is_running]
            assert not ended, f"ended by themselves: {ended}"
        finally:
            stack.stop()
            keep_logs(stack)


@pytest.fixture(scope="session")
def presence(identity) -> Presence:
    """Presence beside identity, with the same stores."""
    service = identity.stack.services["presence"][0]
    service.migrate()
    identity.stack._start(service.name, service)
    service.wait_until_ready()
    return Presence(service, identity)


@pytest.fixture(scope="session")
def document() -> dict:
    return json.loads((ROOT / "Services/Identity/OpenAPI/openapi.json").read_text())


@pytest.fixture
def is_full(request) -> bool:
    return request.config.getoption("full")
