"""The life of a seat at the client: hears what comes, resumes wherever a server is after every break, moves when its process
stops, as the page does. Everything goes into the history."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from dataclasses import dataclass, field

from history import SUPERSEDED, Recorder, now
from line import SEATED_WITHIN, Broken, Line
from tickets import Room, Tickets
from view import View

# After these the seat is not the client's any more: superseded, removed, meeting ended, refused.
FINAL = {1000, 1002, 1003, 1007, 1009, 4503, SUPERSEDED, 4510, 4511}
# With these the process says that it does not serve; others may.
CANT_SERVE = {4490, 4491}
# Refusals that pass by themselves.
PASSING = {"rebuilding", "unavailable", "too_many_requests"}
# How often another process is asked for the seat while the old one still serves.
MOVE_TRIES = 4
# Seconds before the attempts to come back; the last is for all that follow. Each is multiplied by a chance of 0.5 to 1.
DELAYS = (0.1, 0.3, 0.6, 1.0, 1.5, 2.0)
GIVE_UP = 90.0


@dataclass
class Place:
    """Where people enter: addresses of gateways or signaling processes, tried in turn from `first` on."""

    addresses: list[str]
    origin: str
    tickets: Tickets
    recorder: Recorder
    # The process at an address, where it is known.
    names: dict[str, str] = field(default_factory=dict)
    chance: random.Random = field(default_factory=random.Random)
    counter: itertools.count = field(default_factory=lambda: itertools.count(1))


class Life:
    def __init__(self, place: Place, room: Room, first: int = 0, name: str | None = None):
        number = next(place.counter)
        self.place = place
        self.room = room
        self.name = name or f"Person {number}"
        self.client = f"c{number}"
        # Nobody shares an address: limits of one address are not what is measured.
        self.source = f"127.1.{number // 250 % 250}.{number % 250 + 1}"
        self.turn = first
        self.detour = 0
        self.seat: str | None = None
        self.refusal: dict | None = None
        self.view = View(place.recorder, self.client, room.id)
        self.token: str | None = None
        self.line: Line | None = None
        self.is_over = False
        self.told: str | None = None
        self.breaks: list[float] = []
        self.resumes: list[float] = []
        self.moves = 0
        self._left_at: float | None = None
        self._ids = itertools.count(1)
        # Of this client to come in, with whatever key.
        self._attempts = itertools.count(1)
        self._pending: dict[int, tuple[dict, asyncio.Future]] = {}
        self._life: asyncio.Task | None = None
        self._move: asyncio.Task | None = None
        self._held_back: list[dict] | None = None
        # Whether a move was asked for and no answer came: the seat may be elsewhere, and only the old token is known.
        self._may_have_moved = False
        self._ready: Line | None = None

    async def _open(self) -> Line:
        address = self.place.addresses[self.turn % len(self.place.addresses)]
        self.turn += 1
        line = await Line.open(address, self.room.id, self.place.origin, self.source, detour=self.detour)
        line.node = self.place.names.get(address)
        return line

    def _make_detour(self) -> None:
        """Who answered can't serve, or nobody did: the gateway is to ask another process, as the page does."""
        self.detour = (self.detour + 1) % 10

    def _detour_failed(self) -> None:
        """No socket could be opened: each number has one process only."""
        if self.detour:
            self._make_detour()

    async def _pause(self, attempt: int) -> None:
        await asyncio.sleep(DELAYS[min(attempt, len(DELAYS) - 1)] * self.place.chance.uniform(0.5, 1))

    async def ask(self, type: str, within: float = 10, **fields) -> dict:
        """A request and its answer. One with a key is sent again after a break."""
        id = next(self._ids)
        message = {"type": type, "id": id, **fields}
        future = asyncio.get_running_loop().create_future()
        self._pending[id] = (message, future)
        try:
            if self.line:
                try:
                    await self.line.send(message)
                except Broken:
                    if "key" not in message:
                        raise
            return await asyncio.wait_for(future, within)
        finally:
            self._pending.pop(id, None)

    # Life of the seat

    def _accept(self, line: Line, answer: dict, seat_before: str | None = None) -> None:
        """Takes the seat that `answer`, a welcome or resumed, gives."""
        self.line = line
        self.detour = 0
        self._may_have_moved = False
        self.token = answer["resumeToken"]
        if answer["type"] == "welcome":
            self.seat = answer["participant"]
            self.view.seat = self.seat
            self.view.show(answer)
        self.place.recorder.write(
            "admitted", client=self.client, room=self.room.id, seat=self.seat, epoch=self.view.epoch, seq=self.view.seq, node=line.node)

    def _over(self, why: str, at: float, **fields) -> None:
        if not self.is_over:
            self.is_over = True
            self.told = why
            self.place.recorder.write("over", client=self.client, room=self.room.id, seat=self.seat, why=why, t=at, **fields)

    async def _live(self) -> None:
        """Hears until the seat is lost or given up; comes back after each break."""
        while True:
            line = self.line
            try:
                while True:
                    message = await line.receive()
                    # After the seat moved the new socket says again what the old one still had to say.
                    if line is self.line:
                        self._hear(message)
            except Broken as broken:
                await self._moved()
                if line is not self.line:
                    continue
                line.cut()
                if self._left_at or self.is_over:
                    return
                if line.was_silent or broken.code in CANT_SERVE:
                    self._make_detour()
                if broken.code in FINAL and not (broken.code == SUPERSEDED and self._may_have_moved):
                    self._over("told", now(), code=broken.code)
                    self.told = str(broken.code)
                    return
                if not await self._come_back(broken.code):
                    return

    async def _moved(self) -> None:
        """While the seat moves to a new socket the end of the old one means nothing."""
        if self._held_back is not None and self._move:
            await asyncio.gather(self._move, return_exceptions=True)

    def _hear(self, message: dict) -> None:
        if "re" in message:
            _, future = self._pending.get(message["re"], (None, None))
            if future and not future.done():
                future.set_result(message)
        elif message.get("type") == "session.drain":
            if not self._move or self._move.done():
                self._move = asyncio.create_task(self._move_over(message["delay"] / 1000))
        elif self._held_back is not None and ("seq" in message):
            self._held_back.append(message)
        else:
            self.view.hear(message)
            if message.get("type") == "welcome":
                self.token = message["resumeToken"]

    async def _come_back(self, code: int) -> bool:
        broke, recorder = now(), self.place.recorder
        self.breaks.append(broke)
        recorder.write("away", client=self.client, room=self.room.id, seat=self.seat, t=broke, code=code,
                       last_heard=min(broke, self.line.last_heard))
        with recorder.operation("resume", self.client, self.room.id, self.seat, seat_before=self.seat, code=code) as operation:
            for attempt in itertools.count():
                await self._pause(attempt)
                answer = await self._resume_once()
                if self.is_over:
                    return False
                if answer and answer["type"] in ("welcome", "resumed"):
                    self.resumes.append(now() - broke)
                    operation.returns("ok", seat=self.seat, way=answer["type"], attempts=attempt + 1)
                    await self._send_again()
                    return True
                if answer and answer["code"] not in PASSING:
                    operation.returns("refused", code=answer["code"])
                    self._over("gone", now(), code=answer["code"])
                    return False
                if now() - broke > GIVE_UP:
                    self._over("gone", now(), code="gave_up")
                    return False
                if answer:
                    await asyncio.sleep(min(answer.get("retryAfter", 1), 2))

    async def _resume_once(self) -> dict | None:
        line = None
        began = now()
        try:
            line = await asyncio.wait_for(self._open(), SEATED_WITHIN)
            await line.send({"type": "resume", "token": self.token, "epoch": self.view.epoch, "seq": self.view.seq})
            answer = await line.receive(max(0.1, SEATED_WITHIN - (now() - began)))
        except (Broken, asyncio.TimeoutError):
            if line:
                line.cut()
            if now() - began >= SEATED_WITHIN:
                self._make_detour()
            else:
                self._detour_failed()
            return None
        except asyncio.CancelledError:
            # Nobody is there any more: a socket that still answers pings would keep the seat.
            if line:
                line.cut()
            raise
        if self.is_over:  # Who has left meanwhile does not come back, and says so here, too. Who has vanished says nothing.
            if not self._left_at:
                line.cut()
                return None
            if answer["type"] in ("welcome", "resumed"):
                with contextlib.suppress(Broken):
                    await line.send({"type": "session.leave"})
            await line.close()
            return None
        if answer["type"] in ("welcome", "resumed"):
            self._accept(line, answer)
        else:
            await self._refused(line, answer)
        return answer

    async def _refused(self, line: Line, answer: dict) -> None:
        if answer["code"] == "unavailable":
            self._make_detour()
        await line.close()

    async def _send_again(self) -> None:
        for id, (message, future) in list(self._pending.items()):
            if future.done():
                continue
            if "key" not in message:
                future.set_exception(Broken())
                continue
            try:
                await self.line.send(message)
            except Broken:
                return

    async def _move_over(self, delay: float) -> None:
        """The process stops: resumes at another while the old socket stays. What the old one says meanwhile is kept back; the
        new one says it again, unless it comes to nothing."""
        old = self.line
        await asyncio.sleep(delay)
        if self.line is not old or len(self.breaks) > len(self.resumes):
            # The old socket broke before, so that the seat comes back elsewhere anyway.
            return
        self._held_back = []
        try:
            for _ in range(MOVE_TRIES):
                answer = await self._resume_once()
                if not answer or answer.get("code") not in PASSING:
                    break
                await asyncio.sleep(answer.get("retryAfter", 1))
            if answer and answer["type"] in ("welcome", "resumed"):
                self._held_back = None
                self.moves += 1
                await self._send_again()
                old.cut()
            elif not answer:
                self._may_have_moved = True
        finally:
            for message in self._held_back or []:
                self.view.hear(message)
            self._held_back = None
