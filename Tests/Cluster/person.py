"""Somebody in a meeting, without media."""

from __future__ import annotations

import asyncio
import itertools
import secrets

from history import now
from life import PASSING, Life
from line import ANSWER_WITHIN, Broken, Line


class Person(Life):
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
                answer = await self._first({**hello, "attempt": next(self._attempts)}, waits=wait)
                if answer is None:
                    if attempt >= again and now() > deadline:
                        return False
                    await self._pause(attempt)
                elif answer["type"] == "welcome":
                    operation.returns("ok", seat=self.seat)
                    return True
                elif answer["code"] in PASSING and now() < deadline:
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
            self._detour_failed()
            return None
        if answer["type"] != "welcome":
            await self._refused(line, answer)
            return answer
        self._accept(line, answer)
        self._life = asyncio.create_task(self._live())
        return answer

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
            # Again and again: Python 3.11's wait_for can lose a cancellation that comes together with its result.
            while task and task is not asyncio.current_task() and not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=1)
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
