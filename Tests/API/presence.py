"""A running presence, and what administrators, operators and telephone systems do with it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import json
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import requests
from client import Person
from signaling import Signaling
from websockets.sync.client import ClientConnection, connect

DOCUMENT = Path(__file__).resolve().parents[2] / "Services/Presence/OpenAPI/openapi.json"
#: What asks for a WebSocket (RFC 6455, 4.1).
UPGRADE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


@dataclass(frozen=True)
class TelephoneSystem:
    """Who reads with a read token."""

    id: str
    token: str

    @property
    def with_token(self) -> dict:
        return {"Authorization": f"Bearer {self.token}"}


class Presence:
    def __init__(self, service, identity):
        self.service = service
        self.identity = identity
        self.url = service.url

    @cached_property
    def signaling(self) -> Signaling:
        return Signaling(self.service)

    def organization_id(self, ucsid: str) -> str:
        return self.identity.sql(f"select id from identity.organization where ucsid = '{ucsid}'").strip()

    def telephone_system(self, boss: Person, name: str = "Telephone system") -> TelephoneSystem:
        answer = requests.post(f"{self.url}/api/presence/read-tokens", json={"name": name}, headers=boss.with_token, timeout=15)
        assert answer.status_code == 201, answer.text
        return TelephoneSystem(answer.json()["id"], answer.json()["token"])

    def set(self, person: Person, **manual) -> None:
        answer = requests.put(f"{self.url}/api/presence/own", json=manual, headers=person.with_token, timeout=15)
        assert answer.status_code == 200, answer.text

    def forget_changes(self, person: Person) -> None:
        """A person changes their state only so often in a minute (`Shared/ServiceKit/Limits`)."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(person.account.encode()).digest()).rstrip(b"=").decode()
        self.identity.redis.ask(f"DEL parley:presence:limit:own-presence:{digest}")

    def seen(self, by: Person) -> dict[str, dict]:
        """What somebody sees of their colleagues, by account."""
        answer = requests.get(f"{self.url}/api/presence/colleagues", headers=by.with_token, timeout=15)
        assert answer.status_code == 200, answer.text
        return {item["account"]: item for item in answer.json()["items"]}

    # Webhooks, which only operators make

    def add_webhook(self, organization: str, url: str, name: str) -> str:
        said = self.service.command("webhook", "add", "--organization", organization, "--url", url, "--name", name, "--plain",
                                    what="Adding a webhook")
        return next(line.removeprefix("id: ") for line in said.splitlines() if line.startswith("id: "))

    def enable_webhook(self, webhook: str) -> None:
        self.service.command("webhook", "enable", "--id", webhook, what="Enabling a webhook")

    def wait_for_dead_letters(self, webhook: str, count: int) -> None:
        wait_until(f"{count} dead letters", lambda: count == int(self.identity.sql(
            f"select count(*) from presence.webhook_letter where webhook_id = '{webhook}' and died_at is not null")))

    # The stream

    @contextlib.contextmanager
    def stream(self, *, origin: str | None = None):
        url = self.url.replace("http", "ws", 1) + "/api/presence/stream"
        with connect(url, origin=origin, open_timeout=15, close_timeout=5) as socket:
            yield socket


@dataclass
class Receiver:
    """A telephone system that wants nothing (410): each message is a dead letter at once."""

    bodies: list[dict] = field(default_factory=list)

    @contextlib.contextmanager
    def listening(self):
        bodies = self.bodies

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(410)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/presence?secret=hidden"
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)


def say(socket: ClientConnection, type: str, **fields) -> None:
    socket.send(json.dumps({"type": type, **fields}))


def hear(socket: ClientConnection) -> dict:
    return json.loads(socket.recv(timeout=15))


def wait_until(what: str, holds, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"waited for {what} in vain"
        time.sleep(0.1)
