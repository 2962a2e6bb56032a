"""The figures as a table."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from stack.problems import Problem

from .measure import Figures, Run
from .systems import PEERS, Parley

START, END = "<!-- figures: written by Tests/Load/bench.py -->", "<!-- end of the figures -->"
MEGA = 1e6
# What the harness itself asks of Redis, and what a node asks whether anything happens or not.
OTHER_COMMANDS = {"auth", "info", "ping", "monitor", "client", "hello", "mark"}


def per_second(run: Run) -> float:
    return run.result["deliveries"] / run.result["seconds"]


def cpu(run: Run) -> float:
    return run.cpu / run.result["deliveries"] * MEGA


def cpu_with_redis(run: Run) -> float:
    return (run.cpu + run.redis_cpu) / run.result["deliveries"] * MEGA


def per_socket(run: Run) -> float:
    return run.resident / (run.result["rooms"] * run.result["people"]) / 1024


def idle_cpu(run: Run) -> float:
    """CPU milliseconds a second for a thousand sockets."""
    return run.cpu / 20 / (run.result["rooms"] * run.result["people"]) * 1000 * 1000


def of(name: str):
    return lambda run: run.result[name]


def thousand(value: float) -> str:
    return f"{value:,.0f}"


def digits(count: int):
    return lambda value: f"{value:.{count}f}"


CHAT = [
    ("deliveries a second", per_second, thousand),
    ("CPU-seconds of the server for a million", cpu, digits(1)),
    ("the same with Redis", cpu_with_redis, digits(1)),
    ("p50, ms", of("p50"), digits(1)),
    ("p99, ms", of("p99"), digits(1)),
]
ROWS = [
    ("Chat, 20 rooms of 50, as much as it can", "chat 20×50", CHAT),
    ("Chat, 1 room of 50, as much as it can", "chat 1×50", CHAT),
    ("Chat, 20 rooms of 50, 40 messages a second", "rate 20×50", CHAT[1:]),
    ("Chat, 1 room of 50, 20 messages a second", "rate 1×50", CHAT[1:] + [
        ("bytes of a delivery of 100 bytes", of("bytesPerDelivery"), digits(0))]),
    ("50 come at once, signing in included", "join 1×50", [
        ("ms until all know all", lambda run: run.result["seconds"] * 1000, digits(0)),
        ("kB to all of them", lambda run: run.result["receivedBytes"] / 1000, digits(0)),
        ("frames to all of them", of("receivedFrames"), thousand),
        ("CPU-milliseconds of a join", lambda run: run.cpu / 50 * 1000, digits(1))]),
    ("50 come at once, signed in before", "join 1×50 signed in", [
        ("ms until all know all", lambda run: run.result["seconds"] * 1000, digits(0)),
        ("kB to all of them", lambda run: run.result["receivedBytes"] / 1000, digits(0))]),
    ("2,000 idle in rooms of 50", "idle 40×50", [
        ("KiB resident for a socket", per_socket, digits(1)),
        ("CPU-milliseconds a second for 1,000", idle_cpu, digits(1))]),
]


def render(figures: Figures) -> str:
    systems = ["parley", *PEERS]
    present = [name for name in systems if any(key[0] == name for key in figures.runs)]
    lines = [machine(), "", "| | " + " | ".join(title(name) for name in present) + " |",
             "| --- |" + " ---: |" * len(present)]
    for heading, kind, rows in ROWS:
        lines.append(f"| **{heading}** |" + " |" * len(present))
        for label, figure, form in rows:
            values = [figures.median(name, kind, figure) for name in present]
            if label == "the same with Redis":
                values = [value if name == "parley" else None for name, value in zip(present, values)]
            lines.append(f"| {label} | " + " | ".join("" if value is None else form(value) for value in values) + " |")
    lines += ["", *redis_lines(figures), "", *lost_lines(figures)]
    return "\n".join(lines).rstrip() + "\n"


def redis_lines(figures: Figures) -> list[str]:
    lines = ["| Redis | |", "| --- | --- |"]
    for kind in ("calls of a join", "calls of a message"):
        for run in figures.runs.get(("parley", kind), []):
            main, rest = calls(run)
            lines.append(f"| {kind} | {main:.2f}" + (f" (beside: {rest})" if rest else "") + " |")
    joined = figures.median("parley", "join 20×50", lambda run: run.redis_cpu / 1000 * MEGA)
    if joined is not None:
        signaling = figures.median("parley", "join 20×50", lambda run: run.cpu) or 0
        seconds = figures.median("parley", "join 20×50", of("seconds")) or 0
        lines.append(f"| CPU-microseconds of Redis for a join (1,000 at once, {seconds:.2f} s) | {joined:.0f} |")
        lines.append(f"| CPU-microseconds of signaling for such a join | {signaling / 1000 * MEGA:.0f} |")
    for kind in ("chat 20×50", "rate 20×50"):
        spent = figures.median("parley", kind, lambda run: run.redis_cpu / max(1, run.result["sent"]) * MEGA)
        if spent is not None:
            lines.append(f"| CPU-microseconds of Redis for a message, {kind} | {spent:.0f} |")
    return lines


# What else Redis may be asked while it is counted: what a room needs once (where it is, to listen, its state) and a renewal or
# two of seats.
BESIDE = 5


def calls(run: Run) -> tuple[float, str]:
    """How often Redis was asked for each join or message, and what else it was asked meanwhile. What is more than that belongs
    to the joins or messages too."""
    count = run.result.get("sentInAll") or run.result["rooms"] * run.result["people"]
    asked = {name: number for name, number in run.commands.items() if name not in OTHER_COMMANDS}
    if not asked:
        return 0, ""
    first = max(asked, key=lambda name: asked[name])
    rest = ", ".join(f"{number} {name.split()[0]}" for name, number in sorted(asked.items()) if name != first)
    total = sum(asked.values())
    return min(total, max(count, total - BESIDE)) / count, rest


def lost_lines(figures: Figures) -> list[str]:
    return [f"Not in order: {problem}" for problem in problems(figures)]


def problems(figures: Figures) -> list[str]:
    """What is wrong whatever the figures are."""
    found = list(figures.failed)
    for (system, kind), runs in figures.runs.items():
        for run in runs:
            if kind != "probe" and (run.result.get("lost") or run.result["failures"]):
                found.append(f"{system}, {kind}: {run.result.get('lost', 0)} lost, {run.result['failures']} failures "
                             f"{run.result['samples'][:1]}")
            if kind.startswith("calls") and abs(calls(run)[0] - 1) > 0.001:
                found.append(f"{system}, {kind}: {calls(run)[0]:.2f} instead of 1")
    return found


def title(name: str) -> str:
    if name == "parley":
        return Parley.title
    system = PEERS[name]
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", system.package], capture_output=True, text=True,
                             check=False).stdout
    return f"{system.title} {version.split('-')[0]}"


def machine() -> str:
    models = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    return (f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}, "
            f"Debian's packages of the others.")


def write(document: Path, text: str) -> None:
    """Replaces the table in the document."""
    before, start, rest = document.read_text().partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise Problem(f"{document} has no place for the table.")
    document.write_text(f"{before}{START}\n\n{text.rstrip()}\n\n{END}{after}")
