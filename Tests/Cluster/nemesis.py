"""What can go wrong, done on purpose. Each fault goes into the history, and `heal` ends all of them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from concurrent.futures import Executor

from history import Recorder, now
from proxy import Proxy
from stack.processes import answers
from stack.services import Service
from stack.stack import Stack

READY_WITHIN = 40.0


class Nemesis:
    def __init__(self, stack: Stack, proxies: dict[str, Proxy], starter: Executor, recorder: Recorder):
        self.stack = stack
        self.proxies = proxies
        self.starter = starter
        self.recorder = recorder
        # What watches over each paused part.
        self.paused: dict = {}

    @property
    def nodes(self) -> list[Service]:
        return self.stack.services["signaling"]

    def _fault(self, what: str, target: str, data_lost: bool = False, began: float | None = None) -> None:
        """`began` for what takes a moment and is written down when it is over."""
        times = {} if began is None else {"t": began, "t_end": now()}
        self.recorder.write("fault", what=what, target=target, data_lost=data_lost, **times)

    # Processes

    def kill(self, part) -> None:
        """-9, as a power failure."""
        self._fault("kill", part.process.name)
        part.process.kill()

    def pause(self, part) -> None:
        self._fault("pause", part.process.name)
        # A stopped process would outlive a test run that is killed. The end of the run ends the pipe.
        self.paused[part] = subprocess.Popen(
            ["sh", "-c", f"read -r line; kill -CONT {part.process.pid}"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.kill(part.process.pid, signal.SIGSTOP)

    def unpause(self, part) -> None:
        self._fault("unpause", part.process.name)
        # Its watcher wakes it up.
        self.paused.pop(part).communicate()

    async def terminate(self, part, within: float = 60) -> float:
        """SIGTERM, as a new release would do. Returns how long the process took to end."""
        self._fault("terminate", part.process.name)
        began = now()
        os.kill(part.process.pid, signal.SIGTERM)
        while part.process.is_running:
            assert now() - began < within, f"{part.process.name} has not ended within {within} s of SIGTERM"
            await asyncio.sleep(0.05)
        return now() - began

    async def start(self, part) -> float:
        """Returns how long it took until the part could be used."""
        self._fault("start", part.process.name)
        began = now()
        await self._aside(part.start)
        if isinstance(part, Service):
            await self.ready(part)
        return now() - began

    async def _aside(self, work) -> None:
        """What waits for a process must not keep everybody else waiting."""
        await asyncio.get_running_loop().run_in_executor(self.starter, work)

    async def ready(self, part: Service) -> None:
        began = now()
        while not await asyncio.to_thread(answers, f"{part.inner_url}/health/ready"):
            assert part.process.is_running, f"{part.name} ended by itself. {part.process.last_words()}"
            assert now() - began < READY_WITHIN, f"{part.name} is not ready. {part.process.last_words()}"
            await asyncio.sleep(0.05)

    # Redis

    async def restart_redis(self, keep_data: bool, pause: float = 0.0, kill: bool = False) -> None:
        """With `kill` and its data it finds all that it has written to its file: all but the last second."""
        redis = self.stack.redis
        if keep_data and kill:
            # The last second may be missing, so that what was acknowledged then may be forgotten.
            self._fault("restart", "Redis", data_lost=True)
            redis.process.kill()
        elif keep_data:
            self._fault("restart", "Redis")
            await self._aside(redis.stop)
        else:
            began = now()
            redis.process.kill()
            self._fault("restart without data", "Redis", data_lost=True, began=began)
            redis.forget()
        await asyncio.sleep(pause)
        await self._aside(redis.start)
        self._fault("start", "Redis")

    def flush_redis(self) -> None:
        began = now()
        self.stack.redis.ask("FLUSHALL")
        self._fault("FLUSHALL", "Redis", data_lost=True, began=began)

    def stall_redis(self, *names: str) -> None:
        for name in names or self.proxies:
            self._fault("unreachable", f"Redis for {name}")
            self.proxies[name].stall()

    async def reach_redis(self) -> None:
        self._fault("reachable", "Redis")
        for proxy in self.proxies.values():
            await proxy.heal()

    # Afterwards

    async def heal(self) -> None:
        """All as it should be: everything runs, reachable and ready."""
        for part in list(self.paused):
            self.unpause(part)
        for proxy in self.proxies.values():
            await proxy.heal()
        for part in (self.stack.redis, *self.stack.media_nodes, *self.services()):
            if not part.process.is_running:
                await self.start(part)
        for service in self.services():
            await self.ready(service)

    def services(self) -> list[Service]:
        return [service for kind in self.stack.services.values() for service in kind]
