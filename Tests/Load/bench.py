#!/usr/bin/env python3
"""Measures what signaling costs, beside the servers of others on the same machine in the same run. README.md says what each
figure is. Takes about a quarter of an hour; ends by itself and leaves nothing behind.

    python3 Tests/Load/bench.py [--write]     everything, as a release build; the table goes into ops/docs/performance.md
    python3 Tests/Load/bench.py --quick       Parley alone for some seconds, as a debug build: whether all of it still works
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "ops"), str(HERE)]

from harness import table, targets  # noqa: E402
from harness.measure import Figures, Run  # noqa: E402
from harness.systems import PEERS, Parley, Store, System  # noqa: E402
from stack.problems import Problem  # noqa: E402

# What is measured, and the generator's words for it. At a rate, latencies can be compared: all of them can do that much.
SATURATED = {
    "chat 20×50": ["--rooms", "20", "--window", "4"],
    "chat 1×50": ["--rooms", "1", "--window", "16"],
}
AT_A_RATE = {
    "rate 20×50": ["--rooms", "20", "--rate", "40"],
    "rate 1×50": ["--rooms", "1", "--rate", "20"],
}
# What one person and one room may do at a Parley whose limits are in force, just below.
WITHIN_LIMITS = {"chat 20×50": ["--rooms", "20", "--rate", "1900"], "chat 1×50": ["--rooms", "1", "--rate", "95"]}


class Bench:
    def __init__(self, options: argparse.Namespace, folder: Path):
        self.options = options
        self.folder = folder
        self.binaries = options.binaries or ROOT / ".build" / ("debug" if options.quick else "release")
        self.figures = Figures(options.json)
        self.number = 0
        self.is_limited: bool | None = None
        self.store: Store | None = None

    def close(self) -> None:
        if self.store:
            self.store.stop()

    def system(self, name: str) -> System:
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir(mode=0o755)
        if name != "parley":
            return PEERS[name](folder)
        self.store = self.store or Store(self.folder / "store")
        return Parley(folder, self.binaries, self.store)

    def run(self, name: str, kind: str, scenario: str, *words: str, count: bool = False) -> Run | None:
        """One run against a system that was started for it. One that fails is told of and the others go on."""
        system = self.system(name)
        try:
            system.start()
            run = Run(self.binaries / "load", system, scenario, *words, count=count)
        except Problem as problem:
            print(f"{system.title:18} {kind:22} {problem}", flush=True)
            self.figures.failed.append(f"{name}, {kind}: {problem}")
            return None
        finally:
            system.stop()
        said = self.figures.add(name, kind, run)
        print(f"{system.title:18} {kind:22} {said}", flush=True)
        if not self.options.json:
            shutil.rmtree(system.folder, ignore_errors=True)
        return run

    # Everything

    def everything(self) -> None:
        names = ["parley", *(name for name in PEERS if name not in self.options.without)]
        time = ["--seconds", str(self.options.seconds)]
        for _ in range(self.options.rounds):
            for kind, words in SATURATED.items():
                for name in names:
                    limited = name == "parley" and self.has_limits()
                    self.run(name, kind, "chat", *(WITHIN_LIMITS[kind] if limited else words), *time)
            for kind, words in AT_A_RATE.items():
                for name in names:
                    self.run(name, kind, "chat", *words, *time)
        for _ in range(self.options.rounds * 3):
            for name in names:
                if name == "nats":
                    continue
                self.run(name, "join 1×50", "join")
                if name != "parley":
                    self.run(name, "join 1×50 signed in", "join", "--prepared")
        for _ in range(self.options.rounds):
            self.run("parley", "join 20×50", "join", "--rooms", "20")
        self.count(people=50)
        for name in names:
            self.run(name, "idle 40×50", "idle", "--rooms", "40", "--seconds", "20")

    def count(self, people: int) -> None:
        """What Redis is asked."""
        self.run("parley", "calls of a join", "join", "--people", str(people), count=True)
        self.run("parley", "calls of a message", "chat", "--people", str(people), "--rate", "20", "--seconds", "3",
                 count=True)

    def has_limits(self) -> bool:
        """Whether Parley's limits for one person and one room are in force: then it can't be saturated."""
        if self.is_limited is None:
            run = self.run("parley", "probe", "chat", "--people", "10", "--seconds", "1")
            self.is_limited = run is None or run.result["failures"] > 0
        return self.is_limited

    def quick(self) -> int:
        self.count(people=10)
        self.run("parley", "rate 2×10", "chat", "--rooms", "2", "--people", "10", "--rate", "10", "--seconds", "3")
        problems = table.problems(self.figures)
        print("\n".join(problems) or "Nothing was lost.")
        return 1 if problems else 0


def build() -> None:
    subprocess.run([ROOT / "ops/install", "bench"], check=True)
    for product in ("signaling", "load"):
        subprocess.run(["swift", "build", "-c", "release", "--product", product], cwd=ROOT, check=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures what signaling costs.")
    parser.add_argument("--quick", action="store_true", help="Parley alone, a debug build, some seconds")
    parser.add_argument("--rounds", type=int, default=2, help="how often each is measured (joins three times as often)")
    parser.add_argument("--seconds", type=int, default=8, help="how long a chat is measured")
    parser.add_argument("--without", action="append", default=[], choices=list(PEERS), help="leave out a peer")
    parser.add_argument("--skip-build", action="store_true", help="use what is in .build/release")
    parser.add_argument("--binaries", type=Path, help="use what is in this folder instead")
    parser.add_argument("--json", type=Path, help="also write each run here, a line each, and keep the servers' logs")
    parser.add_argument("--write", action="store_true", help="put the table into ops/docs/performance.md")
    return parser.parse_args()


def stop(*_) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, stop)
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    bench = Bench(options, folder)
    try:
        if (os.cpu_count() or 1) < 2 or not shutil.which("taskset"):
            raise Problem("Two cores and taskset are needed: one for the server, one for the generator.")
        if not (options.quick or options.skip_build or options.binaries):
            build()
        if options.quick:
            return bench.quick()
        bench.everything()
        text = table.render(bench.figures) + "\n" + "\n".join(targets.lines(bench.figures)) + "\n"
        print("\n" + text)
        if options.write:
            table.write(ROOT / "ops/docs/performance.md", text)
        return 1 if table.problems(bench.figures) else 0
    except (Problem, subprocess.CalledProcessError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped", file=sys.stderr)
        return 130
    finally:
        bench.close()
        if options.json:
            print(f"The logs are in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
