"""One socket of a client, and what comes over it."""

from __future__ import annotations

import asyncio
import contextlib
import json

import websockets
from history import now

PING_EVERY = 4.0
# A socket on which nothing came for so long is given up: a server that stands still does not close it.
SILENT = 12.0
OPEN_WITHIN = 5.0
ANSWER_WITHIN = 10.0
# For opening, and for the answer, when there is a seat that is kept for 30 s only.
SEATED_WITHIN = 4.0


class Broken(Exception):
    """The socket is of no use (any more). `code` is the close code, 0 when there was none."""

    def __init__(self, code: int = 0):
        super().__init__(code)
        self.code = code


class Line:
    def __init__(self, socket):
        self.socket = socket
        # The process at the other end, where it is known.
        self.node: str | None = None
        self.last_heard = now()
        self.was_silent = False
        self._pings = asyncio.create_task(self._ping())

    @classmethod
    async def open(cls, base: str, room: str, origin: str, source: str | None = None, max_queue: int = 256,
                   detour: int = 0) -> "Line":
        """`base` is ws://host:port. `source` is the local address: people sit in different places. With another `detour` the
        gateway asks another process."""
        query = f"?n={detour}" if detour else ""
        where = {"local_addr": (source, 0)} if source else {}
        try:
            socket = await websockets.connect(
                f"{base}/api/signaling/rooms/{room}/socket{query}", origin=origin, open_timeout=OPEN_WITHIN, close_timeout=1,
                max_size=2**20, compression=None, ping_interval=None, max_queue=max_queue, proxy=None, **where)
        except (OSError, websockets.WebSocketException, asyncio.TimeoutError, EOFError) as error:
            raise Broken from error
        return cls(socket)

    async def send(self, message: dict) -> None:
        try:
            await self.socket.send(json.dumps(message, ensure_ascii=False))
        except websockets.ConnectionClosed as error:
            raise Broken(self._code(error)) from None

    async def receive(self, within: float | None = None) -> dict:
        try:
            text = await asyncio.wait_for(self.socket.recv(), within)
        except asyncio.TimeoutError:
            raise Broken from None
        except websockets.ConnectionClosed as error:
            raise Broken(self._code(error)) from None
        self.last_heard = now()
        return json.loads(text)

    @staticmethod
    def _code(error: websockets.ConnectionClosed) -> int:
        return error.rcvd.code if error.rcvd else 0

    async def _ping(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await asyncio.sleep(PING_EVERY)
                try:
                    await asyncio.wait_for(await self.socket.ping(), SILENT)
                    self.last_heard = now()
                except asyncio.TimeoutError:
                    self.was_silent = True
                    self.cut()

    def stop_pinging(self) -> None:
        """From now on silence is not noticed."""
        self._pings.cancel()

    def cut(self) -> None:
        """As a cable that is pulled out at the other end of the town: the other side gets a reset at best."""
        self._pings.cancel()
        self.socket.transport.abort()

    async def close(self) -> None:
        self._pings.cancel()
        await self.socket.close()
