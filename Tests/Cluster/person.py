"""Somebody in a meeting, without media: enters, and after every break resumes wherever a server is, as the page does.
Everything that is done and heard goes into the history."""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
from dataclasses import dataclass, field

from history import Recorder, now
from line import ANSWER_WITHIN, Broken, Line
from tickets import Room, Tickets
from view import View

# After these the seat is not the client's any more: superseded, removed, meeting ended, refused.
FINAL = {1000, 1002, 1003, 1007, 1009, 4503, 4509, 4510, 4511}
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
    chance: random.Random = field(default_factory=random.Random)
    counter: itertools.count = field(default_factory=lambda: itertools.count(1))


class Person:
    def __init__(self, place: Place, room: Room, first: int = 0, name: str | None = None):
        number = next(place.counter)
        self.place = place
        self.room = room
        self.name = name or f"Person {number}"
        self.client = f"c{number}"
        # Nobody shares an address: limits of one address are not what is measured.
        self.source = f"127.1.{number // 250 % 250}.{number % 250 + 1}"
        self.turn = first
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
        self._pending: dict[int, tuple[dict, asyncio.Future]] = {}
        self._life: asyncio.Task | None = None
        self._move: asyncio.Task | None = None
        self._held_back: list[dict] | None = None
        self._ready: Line | None = None

    # In and out

    async def connect(self) -> None:
        """Opens the socket that `enter` then uses, so that many can say hello at the same moment."""
        try:
            self._ready = await self._open()
        except Broken:
            self._ready = None

    async def enter(self, key: str | None = None, ticket: str | None = None, patience: float = 0, wait: bool = False,
                    again: int = 3) -> bool:
        """Whether there was a seat. After a lost answer the same is said `again`; for so many seconds of `patience` also when
        seats can't be given now."""
        key = key or secrets.token_hex(8)
        ticket = ticket or self.place.tickets.make(self.room, self.name)
        hello = {"type": "hello", "ticket": ticket, "key": key, **({"wait": True} if wait else {})}
        deadline = now() + patience
        with self.place.recorder.operation("enter", self.client, self.room.id, None, key=key) as operation:
            for attempt in itertools.count():
                answer = await self._first(hello, waits=wait)
                if answer is None:
                    if attempt >= again and now() > deadline:
                        return False
                    await self._pause(attempt)
                elif answer["type"] == "welcome":
                    operation.returns("ok", seat=self.seat)
                    return True
                elif answer["code"] in ("rebuilding", "unavailable") and now() < deadline:
                    await asyncio.sleep(min(answer.get("retryAfter", 1), max(0.1, deadline - now())))
                else:
                    self.refusal = answer
                    operation.returns("refused", code=answer["code"], retryAfter=answer.get("retryAfter"))
                    return False

    async def _first(self, message: dict, waits: bool = False) -> dict | None:
        """Says hello at the next address; with a welcome the life of the seat begins."""
        line = None
        try:
            line, self._ready = self._ready or await self._open(), None
            await line.send(message)
            answer = await line.receive(ANSWER_WITHIN)
            while answer["type"] == "waiting":
                answer = await line.receive(None if waits else ANSWER_WITHIN)
        except Broken:
            if line:
                line.cut()
            return None
        if answer["type"] != "welcome":
            await line.close()
            return answer
        self._accept(line, answer)
        self._life = asyncio.create_task(self._live())
        return answer

    async def _open(self) -> Line:
        address = self.place.addresses[self.turn % len(self.place.addresses)]
        self.turn += 1
        return await Line.open(address, self.room.id, self.place.origin, self.source)

    async def _pause(self, attempt: int) -> None:
        await asyncio.sleep(DELAYS[min(attempt, len(DELAYS) - 1)] * self.place.chance.uniform(0.5, 1))

    async def leave(self) -> None:
        """Says goodbye."""
        if self.is_over:
            return
        self._left_at = now()
        with self.place.recorder.operation("leave", self.client, self.room.id, self.seat) as operation:
            self._over("left", self._left_at)
            try:
                answer = await self.ask("session.leave", within=5)
                operation.returns("ok" if "ok" in answer else "refused")
            except (Broken, asyncio.TimeoutError):
                pass
        await self.end()

    async def vanish(self) -> None:
        """Is gone without a word and does not come back."""
        last_heard = self.line.last_heard if self.line else now()
        self._over("vanished", now(), last_heard=last_heard)
        if self.line:
            self.line.cut()
        await self.end()

    async def end(self) -> None:
        """Stops doing anything; not a goodbye."""
        for task in (self._life, self._move):
            if task and task is not asyncio.current_task():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for _, future in self._pending.values():
            if not future.done():
                future.set_exception(Broken())
        self._pending.clear()
        if self.line:
            self.line.cut()
        self.is_over = True

    def break_off(self) -> None:
        """The network breaks; the person comes back."""
        if self.line:
            self.line.cut()

    # What others see

    async def chat(self, text: str | None = None, key: str | None = None, within: float = 60) -> bool:
        """Whether it was acknowledged. The text says where it comes from, so that no two are the same."""
        text = text or f"{self.client} {secrets.token_hex(6)}"
        key = key or secrets.token_hex(8)
        epochs = [self.view.epoch]
        with self.place.recorder.operation("chat", self.client, self.room.id, self.seat, text=text, key=key) as operation:
            try:
                answer = await self.ask("chat.send", within=within, text=text, key=key)
            except (Broken, asyncio.TimeoutError):
                return False
            if self.view.epoch not in epochs:
                epochs.append(self.view.epoch)
            if "ok" in answer:
                operation.returns("ok", seq=answer["ok"]["seq"], epoch=epochs[-1], epochs=epochs)
            else:
                operation.returns("refused", code=answer["error"]["code"])
        return "ok" in answer

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
        self.token = answer["resumeToken"]
        if answer["type"] == "welcome":
            self.seat = answer["participant"]
            self.view.seat = self.seat
            self.view.show(answer)
        self.place.recorder.write(
            "admitted", client=self.client, room=self.room.id, seat=self.seat, epoch=self.view.epoch, seq=self.view.seq)

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
                    self._hear(await line.receive())
            except Broken as broken:
                await self._moved()
                if line is not self.line:
                    continue
                line.cut()
                if self._left_at or self.is_over:
                    return
                if broken.code in FINAL:
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
                if answer and answer["type"] in ("welcome", "resumed"):
                    self.resumes.append(now() - broke)
                    operation.returns("ok", seat=self.seat, way=answer["type"], attempts=attempt + 1)
                    await self._send_again()
                    return True
                if answer and answer["code"] not in ("unavailable", "rebuilding"):
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
        try:
            line = await self._open()
            await line.send({"type": "resume", "token": self.token, "epoch": self.view.epoch, "seq": self.view.seq})
            answer = await line.receive(ANSWER_WITHIN)
        except Broken:
            if line:
                line.cut()
            return None
        if answer["type"] in ("welcome", "resumed"):
            self._accept(line, answer)
        else:
            await line.close()
        return answer

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
        await asyncio.sleep(delay)
        old = self.line
        self._held_back = []
        try:
            answer = await self._resume_once()
            if answer and answer["type"] in ("welcome", "resumed"):
                self._held_back = None
                self.moves += 1
                await self._send_again()
                old.cut()
        finally:
            for message in self._held_back or []:
                self.view.hear(message)
            self._held_back = None
