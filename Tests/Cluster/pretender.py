"""A small server that speaks enough of the socket protocol to be entered, and makes the mistakes that the checker must find.

It exists to test the tests. Its seats are a counter in a real Redis; `mistakes` says what it does wrong:

- `reads_then_writes`: admission by GET and INCR, the classic race.
- `drops`, `repeats`, `swaps`: what happens to one chat message on its way to one person.
- `forgets`: a seat is free as soon as its socket breaks; whoever comes back gets one anyway.
- `renames`: whoever comes back is somebody new.
- `two_seats`: the same hello again, after a lost answer, takes another seat.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from dataclasses import dataclass, field

import websockets

SEATS = 50
TAKE = "local n = tonumber(redis.call('GET', KEYS[1]) or '0') if n >= 50 then return 0 end redis.call('INCR', KEYS[1]) return 1"


class Redis:
    """As much of a Redis client as is needed here: one command after another."""

    def __init__(self, port: int, password: str):
        self.port = port
        self.password = password
        self._lock = asyncio.Lock()
        self._streams = None

    async def ask(self, *words: str) -> str:
        async with self._lock:
            if not self._streams:
                self._streams = await asyncio.open_connection("127.0.0.1", self.port)
                await self._exchange("AUTH", self.password)
            return await self._exchange(*words)

    async def _exchange(self, *words: str) -> str:
        reader, writer = self._streams
        writer.write(f"*{len(words)}\r\n".encode() + b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words))
        head = (await reader.readline()).decode().strip()
        if head.startswith("$") and head != "$-1":
            return (await reader.readline()).decode().strip()
        return "" if head == "$-1" else head[1:]

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


@dataclass
class Seat:
    id: str
    name: str
    token: str
    socket: object


@dataclass
class Meeting:
    epoch: str = field(default_factory=lambda: secrets.token_hex(8))
    seats: dict[str, Seat] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    log: list[dict] = field(default_factory=list)

    @property
    def seq(self) -> int:
        return len(self.log)


class Pretender:
    """Three processes as far as a client can see: three ports, one count of seats in Redis for each room."""

    def __init__(self, redis: Redis, mistakes: set[str] = frozenset()):
        self.redis = redis
        self.mistakes = mistakes
        self.meetings: dict[str, Meeting] = {}
        self.servers = []
        self._chats = itertools.count(1)

    @property
    def addresses(self) -> list[str]:
        return [f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in self.servers]

    async def start(self, nodes: int = 3) -> "Pretender":
        for _ in range(nodes):
            self.servers.append(await websockets.serve(
                self._serve, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=1))
        return self

    async def stop(self) -> None:
        for server in self.servers:
            server.close()
            await server.wait_closed()
        self.redis.close()

    async def _serve(self, socket) -> None:
        room = socket.request.path.split("/")[4]
        meeting = self.meetings.setdefault(room, Meeting())
        try:
            first = json.loads(await socket.recv())
            seat = await (self._hello if first["type"] == "hello" else self._resume)(room, meeting, first, socket)
            if not seat:
                return await socket.close(4503)
            async for text in socket:
                if not await self._request(room, meeting, seat, json.loads(text)):
                    return await socket.close(1000)
        except websockets.ConnectionClosed:
            pass
        if "forgets" in self.mistakes:
            await self.redis.ask("DECR", room)

    async def _hello(self, room: str, meeting: Meeting, first: dict, socket) -> Seat | None:
        known = meeting.seats.get(meeting.by_key.get(first["key"], ""))
        if known and "two_seats" not in self.mistakes:
            known.socket = socket
            await self._welcome(meeting, known)
            return known
        if not await self._take(room):
            await socket.send(json.dumps({"type": "refused", "code": "room_full", "message": "Full."}))
            return None
        seat = Seat(secrets.token_hex(6), first["key"], secrets.token_hex(16), socket)
        meeting.by_key[first["key"]] = seat.id
        self._add(meeting, {"type": "joined", "participants": [{"id": seat.id, "name": seat.name}]})
        meeting.seats[seat.id] = seat
        await self._welcome(meeting, seat)
        return seat

    async def _take(self, room: str) -> bool:
        if "reads_then_writes" not in self.mistakes:
            return await self.redis.ask("EVAL", TAKE, "1", room) == "1"
        if int(await self.redis.ask("GET", room) or 0) >= SEATS:
            return False
        await self.redis.ask("INCR", room)
        return True

    async def _resume(self, room: str, meeting: Meeting, first: dict, socket) -> Seat | None:
        seat = next((seat for seat in meeting.seats.values() if seat.token == first["token"]), None)
        if not seat:
            await socket.send(json.dumps({"type": "refused", "code": "gone", "message": "Gone."}))
            return None
        seat.socket = socket
        if "renames" in self.mistakes:
            del meeting.seats[seat.id]
            self._add(meeting, {"type": "left", "id": seat.id, "reason": "left"})
            seat.id = secrets.token_hex(6)
            self._add(meeting, {"type": "joined", "participants": [{"id": seat.id, "name": seat.name}]})
            meeting.seats[seat.id] = seat
            await self._welcome(meeting, seat, resumed=True)
            return seat
        missed = meeting.log[first["seq"]:]
        self._tell(seat, {"type": "resumed", "resumeToken": seat.token, "iceServers": [], "seq": meeting.seq})
        for event in missed:
            self._tell(seat, event)
        return seat

    async def _welcome(self, meeting: Meeting, seat: Seat, resumed: bool = False) -> None:
        self._tell(seat, {
            "type": "welcome", "participant": seat.id, "epoch": meeting.epoch, "seq": meeting.seq, "resumed": resumed,
            "participants": [{"id": other.id, "name": other.name} for other in meeting.seats.values()],
            "chat": [{name: event[name] for name in ("seq", "from", "text")}
                     for event in meeting.log if event["type"] == "chat"],
            "iceServers": [], "resumeToken": seat.token})

    async def _request(self, room: str, meeting: Meeting, seat: Seat, message: dict) -> bool:
        """Whether the person stays."""
        answer = {}
        if message["type"] == "chat.send":
            answer["seq"] = self._chat(meeting, seat, message["text"])
        leaves = message["type"] == "session.leave"
        if leaves:
            del meeting.seats[seat.id]
            self._add(meeting, {"type": "left", "id": seat.id, "reason": "left"})
            await self.redis.ask("DECR", room)
        await seat.socket.send(json.dumps({"re": message["id"], "ok": answer}))
        return not leaves

    def _chat(self, meeting: Meeting, seat: Seat, text: str) -> int:
        event = {"type": "chat", "from": seat.id, "text": text}
        is_chosen = next(self._chats) % 5 == 0
        victim = next(reversed(meeting.seats.values())) if is_chosen else None
        self._add(meeting, event, victim)
        return event["seq"]

    def _add(self, meeting: Meeting, event: dict, victim: Seat | None = None) -> None:
        event["seq"] = meeting.seq + 1
        meeting.log.append(event)
        for seat in meeting.seats.values():
            frames = [event]
            if seat is victim:
                if "drops" in self.mistakes:
                    frames = []
                elif "repeats" in self.mistakes:
                    frames = [event, event]
                elif "swaps" in self.mistakes:
                    frames = [{**meeting.log[-2], "seq": event["seq"]}]
            for frame in frames:
                self._tell(seat, frame)

    @staticmethod
    def _tell(seat: Seat, message: dict) -> None:
        """All that one person is told stays in order: a message is written before anything else runs."""
        protocol = seat.socket.protocol
        if protocol.state is websockets.State.OPEN:
            protocol.send_text(json.dumps(message).encode())
            seat.socket.transport.writelines([part for part in protocol.data_to_send() if part])
