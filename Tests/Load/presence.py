#!/usr/bin/env python3
"""Measures what presence costs when a whole organization listens: README.md says what each figure is. Some minutes; ends by
itself and leaves nothing behind.

    python3 Tests/Load/presence.py [--binaries .build/release] [--watchers 2000] [--rate 20] [--seconds 30] [--write]
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "ops"), str(HERE)]

from harness.measure import cpu_seconds, resident_bytes  # noqa: E402
from harness.organization import Changes, Organization  # noqa: E402
from harness.watching import PROCESSES, Watchers  # noqa: E402
from stack.stack import Stack  # noqa: E402

PAGE = ROOT / "ops/docs/performance-presence.md"
# People who change their state, who don't watch.
CHANGERS = 40
IDLE_SECONDS = 15


def machine() -> tuple[int, int]:
    """Ticks in which cores of this machine did nothing, and all ticks."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


class Bench:
    def __init__(self, folder: Path, options: argparse.Namespace):
        self.options = options
        self.stack = Stack(folder, options.binaries.resolve(), durable=True, scrypt_log_n=10, log_level="warning")
        self.identity, self.presence = (self.stack.services[kind][0] for kind in ("identity", "presence"))
        # A second process of presence, which nobody watches.
        self.second = self.stack.beside(self.presence, "presence-2")
        self.watchers = Watchers()
        self.rows: list[tuple[str, str]] = []
        self.notes: list[str] = []

    def start(self) -> None:
        self.stack.postgres.start()
        self.stack.redis.start()
        for service in (self.identity, self.presence):
            service.migrate()
            service.start()
        for service in (self.identity, self.presence):
            service.wait_until_ready()
        self.organization = Organization(self.stack, self.options.accounts, CHANGERS)

    def stop(self) -> None:
        for part in (self.second, self.presence, self.identity, self.stack.redis, self.stack.postgres, self.stack):
            part.stop()

    def row(self, what: str, measured: str) -> None:
        self.rows.append((what, measured))
        print(f"{what}: {measured}", flush=True)

    def tokens(self) -> list[str]:
        return list(itertools.islice(itertools.cycle(self.organization.tokens()), self.options.watchers))

    @property
    def cpu(self) -> tuple[float, float, float]:
        """Seconds of presence, Redis and the watchers so far."""
        return (cpu_seconds(self.presence.process.pid), cpu_seconds(self.stack.redis.process.pid), self.watchers.state()["cpu"])

    # What is measured

    def connect(self) -> None:
        count, before, cpu = self.options.watchers, resident_bytes(self.presence.process.pid), self.cpu
        began = time.monotonic()
        self.watchers.share("connect", self.tokens(), self.presence.port, self.stack.url)
        self.watchers.wait(lambda state: state["live"] == count, "all listen")
        took = time.monotonic() - began
        state = self.watchers.wait_for_quiet(count)
        used = self.cpu[0] - cpu[0]
        self.row(f"{count} watchers connect", f"{took:.1f} s")
        self.row("deliveries meanwhile, since each who comes is seen by those who are there", f"{state['deliveries']:,}")
        self.row("MB sent to all of them, snapshots among it", f"{state['bytes'] / 1e6:,.0f}")
        self.row("CPU of presence for it", f"{used:.1f} s")
        time.sleep(IDLE_SECONDS)
        grown = resident_bytes(self.presence.process.pid) - before
        self.row("memory of presence for one watcher", f"{grown / count / 1024:.1f} KiB ({before / 2**20:.0f} MiB before, "
                 f"{(before + grown) / 2**20:.0f} MiB with all)")

    def idle(self) -> tuple[float, float]:
        """CPU seconds of presence and Redis in a second without changes."""
        before = self.cpu
        time.sleep(IDLE_SECONDS)
        after = self.cpu
        presence, redis = ((after[place] - before[place]) / IDLE_SECONDS for place in (0, 1))
        self.row("nothing changes: CPU of presence and of Redis in a second", f"{presence * 1000:.0f} ms, {redis * 1000:.0f} ms")
        return presence, redis

    def changes(self, idle: tuple[float, float]) -> None:
        options = self.options
        quiet = self.watchers.wait_for_quiet(options.watchers)
        self.watchers.tell("count_anew")
        before, began, ticks = self.cpu, time.monotonic(), machine()
        changes = Changes(self.presence.port, self.organization.changers(), options.rate)
        changes.run(options.seconds)
        state = self.watchers.wait(
            lambda one: one["first"] >= quiet["last"] + changes.made or one["problems"], "all have heard of all changes")
        seconds, after = time.monotonic() - began, self.cpu
        idle_ticks, all_ticks = (late - early for late, early in zip(machine(), ticks))
        made, got = state["last"] - quiet["last"], state["deliveries"]
        delays = sorted(delay for some in self.watchers.ask("delays") for delay in some)
        presence, redis, watching = (late - early for late, early in zip(after, before))
        net = max(0.0, presence - idle[0] * seconds)
        self.row("changes asked for and seen", f"{changes.made}, {made}, in {seconds:.1f} s; {changes.failed} failed")
        self.row("deliveries expected and made", f"{made * options.watchers:,}, {got:,}")
        self.row("delay from asking for the change until it is read, p50, p99, largest", ", ".join(
            f"{delays[min(len(delays) - 1, int(len(delays) * share))] * 1000:.1f}" for share in (0.5, 0.99, 1)) + " ms")
        self.row("the PUT itself, p50, p99", ", ".join(f"{value * 1000:.1f}" for value in changes.times()) + " ms")
        self.row("CPU of presence for a million deliveries", f"{presence / got * 1e6:.1f} s; {net / got * 1e6:.1f} s without what "
                 "it costs to do nothing")
        self.row("CPU of presence for one change", f"{presence / made * 1000:.1f} ms; {net / made * 1000:.1f} ms")
        self.row("CPU of Redis for a million deliveries, for one change", f"{redis / got * 1e6:.2f} s, {redis / made * 1000:.2f} ms")
        self.row("share of one core: presence, each of the watching processes; of all cores: nobody",
                 f"{presence / seconds:.0%}, {watching / PROCESSES / seconds:.0%}; {idle_ticks / all_ticks:.0%}")
        self.require(made == changes.made and got == made * options.watchers, "a change or a delivery is missing")
        self.require(not state["problems"], f"{state['problems']}")

    def kill(self, what: str, rate: float) -> None:
        """-9, and started again at once. With a rate others change their state all the time, at another process."""
        count = self.options.watchers
        self.watchers.share("renew", self.tokens())
        self.watchers.wait_for_quiet(count)
        changes = Changes(self.second.port, self.organization.changers(), rate).start()
        self.watchers.tell("count_anew")
        died = time.monotonic()
        self.presence.process.kill()
        self.presence.start()
        self.presence.wait_until_ready()
        ready = time.monotonic() - died
        self.watchers.wait(lambda state: state["live"] == count and min(self.since()) > died, "all are back")
        changes.stop()
        state = self.watchers.wait_for_quiet(count)
        back = sorted(at - died for at in self.since())
        self.row(f"kill -9, {what}: ready after", f"{ready:.1f} s")
        self.row(f"kill -9, {what}: watchers back after, p50, p99, last", ", ".join(
            f"{back[min(count - 1, int(count * share))]:.1f}" for share in (0.5, 0.99, 1)) + " s")
        self.row(f"kill -9, {what}: resumed, begun anew, attempts that failed; sent to all",
                 f"{state['resumed']}, {state['anew']}, {state['failed']}; {state['bytes'] / 1e6:,.0f} MB")
        self.row(f"kill -9, {what}: CPU and memory of presence", f"{cpu_seconds(self.presence.process.pid):.1f} s, "
                 f"{resident_bytes(self.presence.process.pid) / 2**20:.0f} MiB")
        self.require(not state["problems"], f"{state['problems']}")

    def since(self) -> list[float]:
        return [at for some in self.watchers.ask("live_since") for at in some]

    def require(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.notes.append(otherwise)
            print(f"WRONG: {otherwise}", flush=True)

    def everything(self) -> None:
        self.connect()
        self.changes(self.idle())
        self.kill("nothing else happens", 0)
        self.second.start()
        self.second.wait_until_ready()
        self.kill(f"{self.options.rate:g} changes a second at another process", self.options.rate)


def page(options: argparse.Namespace, rows: list[tuple[str, str]]) -> str:
    build = "a release build" if "release" in options.binaries.parts else "a **debug** build: a release build is several times as fast"
    return "\n".join([
        "# What presence costs", "",
        f"`Tests/Load/presence.py`, {build}, {datetime.date.today().isoformat()}.",
        "Presence (one process), identity, PostgreSQL (durable), Redis and the programs that watch share one machine of "
        f"{os.cpu_count()} cores.",
        f"{options.watchers:,} watchers with {options.accounts:,} accounts listen to one organization, each with a socket of its own at the",
        f"process. {CHANGERS} others change what they set by hand {options.rate:g} times a second altogether for {options.seconds:g} s.", "",
        "| | |", "| --- | --- |", *(f"| {what} | {measured} |" for what, measured in rows), "",
        "What each figure is: [Tests/Load](../../Tests/Load/README.md#presence).", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, default=ROOT / ".build/release")
    parser.add_argument("--watchers", type=int, default=2000)
    parser.add_argument("--accounts", type=int, help="of the watchers (default: as many)")
    parser.add_argument("--rate", type=float, default=20, help="changes a second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    options.accounts = min(options.accounts or options.watchers, options.watchers)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="parley-presence-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        bench = Bench(Path(folder), options)
        try:
            bench.start()
            bench.everything()
        finally:
            bench.stop()
    text = page(options, bench.rows)
    print("\n" + text)
    if options.write:
        PAGE.write_text(text)
    return 1 if bench.notes else 0


if __name__ == "__main__":
    sys.exit(main())
