"""Somebody who listens to presence, and comes back after every break, as the page does. It knows the stream by its document."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
from collections.abc import Awaitable, Callable

import websockets
from history import now

OPEN_WITHIN = 5.0
ANSWER_WITHIN = 10.0
# Seconds before attempts to come back, of which each is halved by chance: doubled from the first to the longest.
FIRST, LONGEST = 0.25, 5.0


class Watcher:
    def __init__(self, addresses: list[str], origin: str, token: Callable[[], Awaitable[str]], chance: random.Random):
        """`addresses` are ws://host:port, tried in turn, beginning with the first."""
        self.addresses = addresses
        self.origin = origin
        self.token = token
        self.chance = chance
        # What is known: who is not in `views` is offline.
        self.views: dict[str, dict] = {}
        self.position: tuple[str, int] | None = None
        self.snapshots: list[tuple[str, int]] = []
        self.changes: list[dict] = []
        self.own: dict | None = None
        # What must not happen.
        self.problems: list[str] = []
        self.breaks: list[float] = []
        self.welcomes: list[float] = []
        # Where it listens, or listened last.
        self.address: str | None = None
        # The position at the last welcome or snapshot.
        self._goal: tuple[str, int] | None = None
        self._turns = itertools.count()
        self._socket = None
        self._life: asyncio.Task | None = None

    def start(self) -> None:
        self._life = asyncio.create_task(self._live())

    async def stop(self) -> None:
        if self._life:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        if self._socket:
            await self._socket.close()

    # What it sees

    @property
    def is_up_to_date(self) -> bool:
        """Whether it has a socket, and heard all that was missing when that began."""
        if not (self._socket and self._goal and self.position):
            return False
        return self.position[0] == self._goal[0] and self.position[1] >= self._goal[1]

    def sees(self, account: str) -> tuple[str, str | None]:
        """State and note."""
        view = self.views.get(account, {"state": "offline"})
        return view["state"], view.get("note")

    def text(self, account: str) -> str | None:
        return self.views.get(account, {}).get("text")

    # Life

    async def _live(self) -> None:
        attempt = 0
        while True:
            began = len(self.welcomes)
            with contextlib.suppress(OSError, websockets.WebSocketException, asyncio.TimeoutError, EOFError):
                await self._listen(self.addresses[next(self._turns) % len(self.addresses)])
            self._socket, self._goal = None, None
            if len(self.welcomes) > began:
                self.breaks.append(now())
                attempt = 0
            step = min(LONGEST, FIRST * 2 ** min(attempt, 10))
            attempt += 1
            await asyncio.sleep(step * self.chance.uniform(0.5, 1))

    async def _listen(self, address: str) -> None:
        async with websockets.connect(
                f"{address}/api/presence/stream", origin=self.origin, open_timeout=OPEN_WITHIN, close_timeout=1,
                max_size=2**24, compression=None, ping_interval=4, ping_timeout=12, proxy=None) as socket:
            known = {"epoch": self.position[0], "seq": self.position[1]} if self.position else {}
            await socket.send(json.dumps({"type": "hello", "token": await self.token(), "active": True, **known}))
            first = json.loads(await asyncio.wait_for(socket.recv(), ANSWER_WITHIN))
            if first["type"] != "welcome":
                if first.get("code") not in ("unavailable", "unauthenticated"):
                    self.problems.append(f"refused: {first}")
                return
            self._socket, self._goal, self.address = socket, (first["epoch"], first["seq"]), address
            self.own = first["own"]
            self.welcomes.append(now())
            async for text in socket:
                self._hear(json.loads(text))

    def _hear(self, message: dict) -> None:
        here = (message.get("epoch"), message.get("seq"))
        match message["type"]:
            case "snapshot":
                self.snapshots.append(here)
                self.position = self._goal = here
                self.views = {view["account"]: view for view in message["items"]}
            case "changed":
                if not self.position or here != (self.position[0], self.position[1] + 1):
                    self.problems.append(f"{here} after {self.position}")
                self.position = here
                self.changes.append(message)
                self.views[message["view"]["account"]] = message["view"]
            case "own":
                self.own = message["own"]
            case other:
                self.problems.append(f"unexpected: {other}")
