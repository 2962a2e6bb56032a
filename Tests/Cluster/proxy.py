"""A TCP proxy that can do what networks do: stand still, break, lose one answer. One port before one server."""

from __future__ import annotations

import asyncio
import contextlib
import socket

HOST = "127.0.0.1"
CHUNK = 64 * 1024


class Proxy:
    def __init__(self, target: int, port: int = 0):
        self.target = target
        self.port = port
        self._server: asyncio.Server | None = None
        self._flows: dict[str, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self._losing: bytes | None = None
        self.lost = asyncio.Event()
        for flow in self._flows.values():
            flow.set()

    async def start(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, HOST, self.port, limit=CHUNK, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self._server = None
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Faults

    def stall(self, *directions: str) -> None:
        """Nothing passes, and nobody is told: packets are dropped and sent again. What waits arrives after `heal`."""
        for direction in directions or ("up", "down"):
            self._flows[direction].clear()

    def cut(self) -> None:
        """Breaks all connections; new ones are served."""
        for end in list(self._ends):
            end.transport.abort()

    def lose(self, marker: bytes) -> None:
        """The next answer with these bytes is lost, and its connection breaks."""
        self.lost.clear()
        self._losing = marker

    async def heal(self) -> None:
        self._losing = None
        for flow in self._flows.values():
            flow.set()
        if not self._server:
            await self.start()

    # Work

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await self._flows["up"].wait()
            there, back = await asyncio.open_connection(HOST, self.target, limit=CHUNK)
        except OSError:
            self._ends.discard(writer)
            writer.transport.abort()
            return
        self._ends.add(back)
        for end in (writer, back):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pumps = [asyncio.create_task(self._pump("up", reader, back)), asyncio.create_task(self._pump("down", there, writer))]
        # Nobody here closes one half only.
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            for end in (writer, back):
                self._ends.discard(end)
                end.close()

    async def _pump(self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._flows[direction].wait()
                if direction == "down" and self._losing and self._losing in data:
                    self._losing = None
                    self.lost.set()
                    break
                writer.write(data)
                await writer.drain()
        await self._flows[direction].wait()
