"""A second client of Parley, in Python: enough of the HTTP API and the socket protocol to be an organizer or a participant
without a browser. It knows the product only by its documents."""

from __future__ import annotations

import asyncio
import json
import http.client
import itertools
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import websockets


class ApiError(Exception):
    def __init__(self, status: int, problem: dict):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail') or problem.get('title')}")
        self.status = status
        self.code = problem.get("code")
        self.problem = problem


class Api:
    """One person's HTTP client. `session` is the cookie's value, `token` the access token."""

    def __init__(self, url: str):
        self.url = url.rstrip("/")
        self.session: str | None = None
        self.token: str | None = None

    def request(self, method: str, path: str, body=None, headers: dict | None = None, raw: bytes | None = None):
        """Returns (status, headers, body as JSON or None)."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=15)
        sent = {"Origin": self.url, "Accept": "application/json"}
        if self.session:
            sent["Cookie"] = f"__Host-parley-session={self.session}"
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        try:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, answer.headers, json.loads(text) if text and is_json else None

    def call(self, method: str, path: str, body=None, headers: dict | None = None):
        status, answer_headers, answer = self.request(method, path, body, headers)
        if status >= 400:
            raise ApiError(status, answer or {})
        for cookie in answer_headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            if name == "__Host-parley-session":
                self.session = value or None
        return answer

    def sign_in(self, user_name: str, password: str, organization: str, stay: bool = False) -> dict:
        view = self.call("POST", "/api/identity/session", {
            "userName": user_name, "password": password, "organization": organization, "stayLoggedIn": stay})
        self.token = self.call("POST", "/api/identity/session/token", {})["accessToken"]
        return view

    def create_room(self, name: str, **draft) -> dict:
        return self.call("POST", "/api/directory/rooms", {"name": name, **draft})

    def entry(self, alias: str, display_name: str | None = None, pin: str | None = None, check: bool = False) -> dict:
        body = {"displayName": display_name, "pin": pin, "check": check}
        return self.call("POST", f"/api/directory/rooms/{alias}/entry",
                         {key: value for key, value in body.items() if value is not None})


class Refused(Exception):
    def __init__(self, message: dict):
        super().__init__(message.get("code"))
        self.code = message.get("code")


def hello(ticket: str, key: str | None = None, wait: bool = False) -> dict:
    message = {"type": "hello", "ticket": ticket}
    if key is not None:
        message["key"] = key
    if wait:
        message["wait"] = True
    return message


def whole(participant: dict) -> dict:
    """A participant with what the wire leaves out because it is usual."""
    state = {"microphone": False, "camera": False, "screen": False, **participant.get("state", {})}
    return {"role": "participant", "guest": True, "connected": True, "publishing": False, "publication": 0, **participant,
            "state": state}


@dataclass
class Participant:
    """A participant without media, on one socket."""

    socket: object
    room: str = ""
    #: The `welcome`; after `resumed` the one of the socket before, with the new token.
    welcome: dict = field(default_factory=dict)
    #: Whether the seat was taken up again without a new snapshot.
    resumed: bool = False
    #: What was said of the place in the line, oldest first.
    positions: list = field(default_factory=list)
    events: list = field(default_factory=list)
    replies: dict = field(default_factory=dict)
    _ids: object = field(default_factory=lambda: itertools.count(1))
    _reader: asyncio.Task | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def connect(cls, base: str, room: str, origin: str) -> "Participant":
        """`base` is ws://host:port of the gateway or of one signaling process."""
        socket = await websockets.connect(
            f"{base}/api/signaling/rooms/{room}/socket", origin=origin, open_timeout=20, max_size=2**20,
            compression=None)
        return cls(socket, room)

    async def first(self, message: dict, within: float = 20) -> "Participant":
        """Says `hello` or `resume` and waits until there is a seat; in the line, `within` is for each position."""
        await self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(await asyncio.wait_for(self.socket.recv(), within))
            if answer.get("type") != "waiting":
                break
            self.positions.append(answer["position"])
        if answer.get("type") not in ("welcome", "resumed"):
            raise Refused(answer)
        self.resumed = answer["type"] == "resumed"
        self.welcome = {**self.welcome, "resumeToken": answer["resumeToken"]} if self.resumed else answer
        self._reader = asyncio.create_task(self._read())
        return self

    @classmethod
    async def enter(cls, base: str, grant: dict, origin: str, key: str | None = None, wait: bool = False) -> "Participant":
        """With the same `key` and ticket it is the same entering; with `wait` a full room lets one stand in line."""
        while True:
            participant = await cls.connect(base, grant["room"]["id"], origin)
            try:
                return await participant.first(hello(grant["ticket"], key, wait))
            except Refused as refusal:
                await participant.socket.close()
                # Redis was just started: it passes by itself, before the ticket does.
                if refusal.code != "rebuilding":
                    raise
                await asyncio.sleep(1)
            except BaseException:
                await participant.socket.close()
                raise

    async def resume(self, base: str, origin: str, anew: bool = False) -> "Participant":
        """Takes the seat up again on another socket; `anew` as after a reload, which has seen nothing."""
        participant = await Participant.connect(base, self.room, origin)
        participant.welcome = self.welcome
        message = {"type": "resume", "token": self.welcome["resumeToken"]}
        try:
            return await participant.first(message if anew else {**message, "epoch": self.welcome["epoch"], "seq": self.seq})
        except BaseException:
            await participant.socket.close()
            raise

    @property
    def seq(self) -> int:
        """The last event that was seen."""
        return max([self.welcome["seq"], *(event["seq"] for event in self.events if "seq" in event)])

    @property
    def id(self) -> str:
        return self.welcome["participant"]

    async def _read(self):
        try:
            async for text in self.socket:
                message = json.loads(text)
                if "re" in message:
                    self.replies[message["re"]] = message
                else:
                    self.events.append(message)
                self._news.set()
        except websockets.ConnectionClosed:
            pass
        finally:
            self._news.set()

    async def ask(self, type: str, **fields) -> dict:
        """Sends a request and returns its answer, `ok` or `error`."""
        id = next(self._ids)
        await self.socket.send(json.dumps({"type": type, "id": id, **fields}))
        await self.until(lambda: id in self.replies, f"an answer to {type}")
        return self.replies.pop(id)

    async def until(self, condition, what: str, within: float = 10):
        deadline = asyncio.get_running_loop().time() + within
        while not condition():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                raise AssertionError(f"not within {within} s: {what}; last events {self.events[-3:]}")
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), min(left, 0.5))
            except asyncio.TimeoutError:
                pass

    def of_type(self, type: str) -> list:
        return [event for event in self.events if event.get("type") == type]

    async def leave(self):
        try:
            await self.ask("session.leave")
        except (AssertionError, websockets.ConnectionClosed):
            pass
        await self.close()

    async def close(self):
        await self.socket.close()
        if self._reader:
            await asyncio.gather(self._reader, return_exceptions=True)
