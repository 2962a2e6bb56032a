"""Many who listen to presence, in one process with one thread: plain sockets over epoll that look for nothing but marks in what
they read, so that the server is measured and not they. The program that asks speaks with it through a pipe."""

from __future__ import annotations

import base64
import errno
import json
import os
import random
import select
import socket
import struct
import time
from dataclasses import dataclass, field

HOST = "127.0.0.1"
PATH = "/api/presence/stream"
# As the page does: seconds until there must be a welcome, and before attempts to come back, doubled from the first to the longest.
ATTEMPT, FIRST, LONGEST = 10.0, 0.25, 5.0
# Who open their first connection at the same time, so that it isn't the queue of the listening socket that is measured.
AT_ONCE = 50
# Of so many watchers one notes how late each change is.
SAMPLE = 10

# The server writes messages without spaces, and an epoch is a UUID.
CHANGED, SNAPSHOT = b'{"type":"changed","epoch":"', b'{"type":"snapshot","epoch":"'
UUID = 36
SEQ = len(b'","seq":')
# When the change was asked for, by the clock of the machine.
MARK = b'"text":"at '
READ = 1 << 18


@dataclass(eq=False)
class Watcher:
    token: str
    is_sampled: bool
    sock: socket.socket | None = None
    # connect, upgrade, welcome, missed (what has happened since), live.
    phase: str = "off"
    rest: bytes = b""
    known: tuple[bytes, int] | None = None
    goal: int = 0
    attempts: int = 0
    # When it is tried next, or given up.
    due: float = 0.0
    live_at: float = 0.0


@dataclass
class Counts:
    deliveries: int = 0
    bytes: int = 0
    resumed: int = 0
    anew: int = 0
    # Attempts that came to nothing, and what must not happen.
    failed: int = 0
    problems: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)


class Crowd:
    def __init__(self, pipe):
        self.pipe = pipe
        self.poll = select.epoll()
        self.poll.register(pipe.fileno(), select.EPOLLIN)
        self.watchers: list[Watcher] = []
        self.by_file: dict[int, Watcher] = {}
        self.port, self.origin = 0, ""
        self.counts = Counts()
        self.chance = random.Random(os.getpid())
        # Whether everybody comes when it suits them, as after a break.
        self.is_open = False

    # What the program asks for

    def serve(self) -> None:
        while True:
            for file, _ in self.poll.poll(0.05, 512):
                if file != self.pipe.fileno():
                    if watcher := self.by_file.get(file):
                        self._ready(watcher)
                    continue
                try:
                    name, *words = self.pipe.recv()
                except EOFError:
                    return
                if (answer := getattr(self, name)(*words)) is not None:
                    self.pipe.send(answer)
            self._look()

    def connect(self, port: int, origin: str, tokens: list[str]) -> None:
        self.port, self.origin = port, origin
        self.watchers = [Watcher(token, number % SAMPLE == 0) for number, token in enumerate(tokens)]

    def renew(self, tokens: list[str]) -> None:
        for watcher, token in zip(self.watchers, tokens):
            watcher.token = token

    def count_anew(self) -> None:
        self.counts = Counts()

    def state(self) -> dict:
        live = [watcher for watcher in self.watchers if watcher.phase == "live"]
        seqs = [watcher.known[1] for watcher in live] or [0]
        counts = self.counts
        return {"live": len(live), "first": min(seqs), "last": max(seqs), "deliveries": counts.deliveries, "bytes": counts.bytes,
                "resumed": counts.resumed, "anew": counts.anew, "failed": counts.failed, "problems": counts.problems[:5],
                "cpu": time.process_time()}

    def delays(self) -> list[float]:
        return self.counts.delays

    def live_since(self) -> list[float]:
        return [watcher.live_at for watcher in self.watchers]

    # Opening

    def _look(self) -> None:
        now = time.monotonic()
        opening = sum(1 for one in self.watchers if one.phase in ("connect", "upgrade", "welcome", "missed"))
        for watcher in self.watchers:
            if watcher.phase == "off" and watcher.due <= now and (self.is_open or opening < AT_ONCE):
                self._open(watcher, now)
                opening += 1
            elif watcher.phase in ("connect", "upgrade", "welcome", "missed") and watcher.due <= now:
                self._break(watcher)
        self.is_open = self.is_open or bool(self.watchers) and all(one.phase == "live" for one in self.watchers)

    def _open(self, watcher: Watcher, now: float) -> None:
        watcher.sock = socket.socket()
        watcher.sock.setblocking(False)
        watcher.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        watcher.phase, watcher.rest, watcher.due = "connect", b"", now + ATTEMPT
        self.by_file[watcher.sock.fileno()] = watcher
        self.poll.register(watcher.sock.fileno(), select.EPOLLOUT)
        if watcher.sock.connect_ex((HOST, self.port)) not in (0, errno.EINPROGRESS):
            self._break(watcher)

    def _connected(self, watcher: Watcher) -> None:
        if watcher.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return self._break(watcher)
        key = base64.b64encode(os.urandom(16)).decode()
        watcher.sock.sendall(
            f"GET {PATH} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nOrigin: {self.origin}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        watcher.phase = "upgrade"
        self.poll.modify(watcher.sock.fileno(), select.EPOLLIN)

    def _break(self, watcher: Watcher) -> None:
        if watcher.phase != "live":
            self.counts.failed += 1
        else:
            watcher.attempts = 0
        self.by_file.pop(watcher.sock.fileno(), None)
        watcher.sock.close()
        watcher.sock, watcher.phase = None, "off"
        step = min(LONGEST, FIRST * 2 ** min(watcher.attempts, 10))
        watcher.attempts += 1
        watcher.due = time.monotonic() + step * self.chance.uniform(0.5, 1)

    # Reading

    def _ready(self, watcher: Watcher) -> None:
        try:
            if watcher.phase == "connect":
                return self._connected(watcher)
            data = watcher.sock.recv(READ)
            if not data:
                return self._break(watcher)
            self.counts.bytes += len(data)
            self._read(watcher, watcher.rest + data if watcher.rest else data)
        except BlockingIOError:
            return None
        except OSError:
            self._break(watcher)

    def _read(self, watcher: Watcher, data: bytes) -> None:
        here, end = 0, len(data)
        if watcher.phase == "upgrade":
            if (found := data.find(b"\r\n\r\n")) < 0:
                watcher.rest = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                return self._break(watcher)
            here = found + 4
            self._hello(watcher)
        while end - here >= 2:
            kind, length, start = data[here], data[here + 1], here + 2
            if length > 125:
                size = 2 if length == 126 else 8
                if end - start < size:
                    break
                length = int.from_bytes(data[start:start + size])
                start += size
            if start + length > end:
                break
            here = start + length
            if kind == 0x81:
                self._text(watcher, data, start, here)
            elif kind == 0x89:
                self._send(watcher, 0x8A, data[start:here])
            else:
                return self._break(watcher)
            if watcher.phase == "off":
                return None
        watcher.rest = data[here:]

    def _text(self, watcher: Watcher, data: bytes, start: int, end: int) -> None:
        if data.startswith(CHANGED, start):
            self._changed(watcher, data, start, end)
        elif data.startswith(SNAPSHOT, start):
            watcher.known = self._position(data, start + len(SNAPSHOT))
            self.counts.anew += 1
            self._live(watcher)
        elif b'"type":"welcome"' in data[start:start + 200] and watcher.phase == "welcome":
            welcome = json.loads(data[start:end])
            watcher.phase, watcher.goal = "missed", welcome["seq"]
            if watcher.known == (welcome["epoch"].encode(), welcome["seq"]):
                self.counts.resumed += 1
                self._live(watcher)
        elif b'"type":"own"' not in data[start:end]:
            self._problem(data[start:end].decode())
            self._break(watcher)

    def _changed(self, watcher: Watcher, data: bytes, start: int, end: int) -> None:
        epoch, seq = self._position(data, start + len(CHANGED))
        if watcher.known != (epoch, seq - 1):
            self._problem(f"{seq} after {watcher.known}")
        watcher.known = (epoch, seq)
        self.counts.deliveries += 1
        if watcher.phase == "missed":
            if seq >= watcher.goal:
                self.counts.resumed += 1
                self._live(watcher)
        elif watcher.is_sampled and (mark := data.find(MARK, start, end)) >= 0:
            asked = data[mark + len(MARK):data.find(b'"', mark + len(MARK))]
            self.counts.delays.append(time.monotonic() - float(asked))

    @staticmethod
    def _position(data: bytes, start: int) -> tuple[bytes, int]:
        number = start + UUID + SEQ
        return data[start:start + UUID], int(data[number:data.find(b",", number)])

    def _live(self, watcher: Watcher) -> None:
        watcher.phase, watcher.live_at = "live", time.monotonic()

    def _problem(self, what: str) -> None:
        self.counts.problems.append(what[:200])

    # Sending

    def _hello(self, watcher: Watcher) -> None:
        hello = {"type": "hello", "token": watcher.token, "active": True}
        if watcher.known:
            hello |= {"epoch": watcher.known[0].decode(), "seq": watcher.known[1]}
        self._send(watcher, 0x81, json.dumps(hello).encode())
        watcher.phase = "welcome"

    def _send(self, watcher: Watcher, kind: int, payload: bytes) -> None:
        """What clients send is masked; with zeros it stays what it is."""
        length = len(payload)
        head = bytes([kind, 0x80 | length]) if length < 126 else struct.pack("!BBH", kind, 0x80 | 126, length)
        watcher.sock.sendall(head + bytes(4) + payload)


def watch(pipe) -> None:
    """The whole life of such a process: it ends with the program that started it."""
    Crowd(pipe).serve()
