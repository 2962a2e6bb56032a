"""Runs the generator against a system, and looks at the system's processes and at Redis while it runs."""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from stack import network
from stack.problems import Problem
from stack.processes import basics

from .systems import GENERATOR_CORE, Parley, System, pinned

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise Problem(f"Process {pid} has ended.")


class RedisView:
    """A connection of the harness's own to the Redis of a Parley."""

    def __init__(self, system: Parley):
        self.password = system.store.redis.password
        self.port = system.store.redis.port

    def connect(self) -> socket.socket:
        connection = socket.create_connection((network.HOST, self.port), timeout=10)
        connection.sendall(f"AUTH {self.password}\r\n".encode())
        if not connection.recv(100).startswith(b"+OK"):
            raise Problem("Redis does not let the harness in.")
        return connection

    def info(self) -> dict[str, str]:
        with self.connect() as connection:
            connection.sendall(b"INFO everything\r\n")
            received = b""
            while b"\r\n" not in received:
                received += connection.recv(65536)
            head, _, body = received.partition(b"\r\n")
            while len(body) < int(head[1:]) + 2:
                body += connection.recv(65536)
        lines = body.decode(errors="replace").splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def cpu_seconds(self) -> float:
        info = self.info()
        return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


class CommandCounter:
    """Counts what clients ask of Redis, and not what scripts do inside it. MONITOR costs Redis time, so runs in which
    commands are counted are not used for other figures."""

    # Where from, the command, and of a script its hash and its first key.
    LINE = re.compile(rb'^\+[\d.]+ \[\d+ (\S+)\] "(\w+)"(?: "([^"]*)")?(?: "\d+" "([^"]*)")?')

    def __init__(self, view: RedisView):
        self.connection = view.connect()
        self.connection.sendall(b"MONITOR\r\n")
        self.connection.settimeout(0.2)
        self.counts: Counter[str] = Counter()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        rest = b""
        while not self.stopping.is_set():
            try:
                more = self.connection.recv(1 << 20)
            except TimeoutError:
                continue
            if not more:
                return
            *lines, rest = (rest + more).split(b"\r\n")
            for line in lines:
                found = self.LINE.match(line)
                if found and found[1] != b"lua":
                    self.counts[self._name(*found.groups()[1:])] += 1

    @staticmethod
    def _name(command: bytes, script: bytes | None, key: bytes | None) -> str:
        """Scripts by the beginning of their hash. The look at a partition's mark, which goes on by itself, is `mark`."""
        name = command.decode().lower()
        if not name.startswith("eval"):
            return name
        return "mark" if (key or b"").endswith(b":mark") else f"{name} {(script or b'')[:8].decode()}"

    def stop(self) -> Counter[str]:
        time.sleep(0.3)
        self.stopping.set()
        self.thread.join(5)
        self.connection.close()
        return self.counts


class Snapshot:
    """What a system has used up to now."""

    def __init__(self, system: System):
        self.cpu = sum(cpu_seconds(pid) for pid in system.pids)
        self.redis_cpu = RedisView(system).cpu_seconds() if isinstance(system, Parley) else 0.0
        self.resident = sum(resident_bytes(pid) for pid in system.pids)


class Run:
    """One run of the generator. `result` is what it printed; the rest is what the system used between its steps `start`
    and `stop`."""

    def __init__(self, generator: Path, system: System, scenario: str, *words: str, count: bool = False,
                 within: float = 240):
        fresh = Snapshot(system)
        view = RedisView(system) if isinstance(system, Parley) else None
        self.commands: Counter[str] = Counter()
        counter = None
        command = [str(generator), system.name, scenario, "--steps", *system.options, *words]
        child = subprocess.Popen(
            pinned(GENERATOR_CORE, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=basics(), start_new_session=True)
        guard = threading.Timer(within, child.kill)
        guard.start()
        moments: dict[str, Snapshot] = {}
        self.result: dict = {}
        try:
            for line in child.stdout:
                said = json.loads(line)
                if "step" not in said:
                    self.result = said
                    continue
                moments[said["step"]] = Snapshot(system)
                if not said["waits"]:
                    continue
                # The first step that waits is before the load, the last one after it.
                if counter:
                    self.commands = counter.stop()
                elif view and count:
                    counter = CommandCounter(view)
                    time.sleep(0.2)
                child.stdin.write("\n")
                child.stdin.flush()
            errors = child.stderr.read().strip()
        except BrokenPipeError:
            errors = child.stderr.read().strip()
        finally:
            guard.cancel()
            if child.poll() is None:
                child.kill()
            child.wait()
        if not self.result or "stop" not in moments:
            raise Problem(f"{system.title}, {scenario}: the generator gave no result (status {child.returncode}). {errors}")
        start, stop = moments["start"], moments["stop"]
        self.cpu = stop.cpu - start.cpu
        self.redis_cpu = stop.redis_cpu - start.redis_cpu
        self.resident = stop.resident - fresh.resident
        self.resident_total = stop.resident


class Figures:
    """All runs, by system and kind."""

    def __init__(self, file: Path | None = None):
        self.runs: dict[tuple[str, str], list[Run]] = {}
        # Runs that came to nothing, and why.
        self.failed: list[str] = []
        self.file = file

    def add(self, system: str, kind: str, run: Run) -> str:
        """Keeps a run. Returns the most of it in a line."""
        self.runs.setdefault((system, kind), []).append(run)
        if self.file:
            with open(self.file, "a") as file:
                file.write(json.dumps({"system": system, "kind": kind, **vars(run)}) + "\n")
        result = run.result
        words = [f"CPU {run.cpu:.2f} s", f"generator {result.get('generatorCPU', 0):.0%}"]
        if "deliveries" in result:
            words += [f"{result['deliveries'] / result['seconds']:.0f} deliveries/s",
                      f"p50 {result['p50']:.1f} ms", f"p99 {result['p99']:.1f} ms", f"lost {result['lost']}"]
        elif "enteredP50" in result:
            words += [f"{result['seconds'] * 1000:.0f} ms", f"{result['receivedBytes'] / 1000:.0f} kB"]
        else:
            words += [f"{run.resident / 2**20:.1f} MiB more"]
        if result["failures"]:
            words += [f"{result['failures']} failures, first: {result['samples'][0]}"]
        return ", ".join(words)

    def median(self, system: str, kind: str, figure: Callable[[Run], float]) -> float | None:
        """The middle of the rounds; `None` when it was not measured."""
        runs = self.runs.get((system, kind))
        return statistics.median(figure(run) for run in runs) if runs else None
