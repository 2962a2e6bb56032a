#!/usr/bin/env python3
"""Measures what signing in costs and tells: README.md says what each figure is. Some minutes; ends by itself and leaves
nothing behind.

    python3 Tests/Load/sign_in.py [--binaries .build/release]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ops"))

from stack.stack import Stack  # noqa: E402

SAMPLES = 300
AT_ONCE = 200
PASSWORD = "three herons on a violet roof"


class Identity:
    """The service with its stores, and nothing else."""

    def __init__(self, folder: Path, binaries: Path):
        self.stack = Stack(folder, binaries, durable=False)
        self.service = self.stack.services["identity"][0]
        self.stack.postgres.start()
        self.stack.redis.start()
        self.service.migrate()
        self.service.start()
        self.service.wait_until_ready()
        self.stack.add_organization("bench", "Bench")
        self.stack.add_account("bench", "known", "Known", PASSWORD)

    def ask(self, path: str, body: dict | None = None, source: str = "203.0.113.1") -> int:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.service.url}{path}", data=data, headers={
            "Origin": self.stack.url, "Content-Type": "application/json", "X-Forwarded-For": source})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def sign_in(self, user: str, source: str) -> int:
        return self.ask("/api/identity/session", {
            "userName": user, "password": "not the password", "organization": "bench", "stayLoggedIn": False}, source)

    @property
    def resident(self) -> float:
        """MiB."""
        status = Path(f"/proc/{self.service.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def address() -> str:
    return f"198.{random.randint(18, 19)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def known_against_unknown(identity: Identity) -> list[str]:
    """By turns, so that whatever else the machine does meets both."""
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(SAMPLES):
        for kind in random.sample(list(times), 2):
            identity.stack.redis.ask("FLUSHALL")
            began = time.perf_counter()
            status = identity.sign_in("known" if kind == "known" else f"nobody{number}", address())
            times[kind].append(time.perf_counter() - began)
            assert status == 401, status
    known, unknown = times["known"], times["unknown"]
    difference = statistics.median(unknown) / statistics.median(known) - 1
    return [f"| wrong password of a known account, median of {SAMPLES} | {statistics.median(known) * 1000:.1f} ms |",
            f"| unknown account, median of {SAMPLES} | {statistics.median(unknown) * 1000:.1f} ms |",
            f"| difference of the medians; aim: below 3 % | {difference:+.2%} |",
            f"| Mann-Whitney p; aim: above 0.01 | {mann_whitney(known, unknown):.3f} |"]


def mann_whitney(one: list[float], other: list[float]) -> float:
    """The two-sided p of the U test, by its normal approximation, which is good for more than 20 samples of each."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    u = ranks - len(one) * (len(one) + 1) / 2
    mean = len(one) * len(other) / 2
    deviation = math.sqrt(len(one) * len(other) * (len(one) + len(other) + 1) / 12)
    return math.erfc(abs(u - mean) / deviation / math.sqrt(2))


def many_at_once(identity: Identity) -> list[str]:
    """Wrong passwords, each from another address, while the keys are asked for as other services do."""
    done, largest, others = threading.Event(), [identity.resident], []

    def watch() -> None:
        while not done.is_set():
            largest.append(identity.resident)
            time.sleep(0.02)

    def ask_for_keys() -> None:
        while not done.is_set():
            began = time.perf_counter()
            assert identity.ask("/api/identity/jwks.json") == 200
            others.append(time.perf_counter() - began)
            time.sleep(0.02)

    watchers = [threading.Thread(target=watch), threading.Thread(target=ask_for_keys)]
    for watcher in watchers:
        watcher.start()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(lambda number: identity.sign_in(f"nobody{number}", address()), range(AT_ONCE)))
    done.set()
    for watcher in watchers:
        watcher.join()
    others.sort()
    answers = ", ".join(f"{statuses.count(status)} × {status}" for status in sorted(set(statuses)))
    return [f"| {AT_ONCE} wrong passwords at once | {answers} |",
            f"| resident memory of identity, before and at most; aim: below 300 MiB | {largest[0]:.0f}, {max(largest):.0f} MiB |",
            f"| another request meanwhile, p50 and p99 of {len(others)} | {others[len(others) // 2] * 1000:.1f}, "
            f"{others[int(len(others) * 0.99)] * 1000:.1f} ms |"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, default=ROOT / ".build/release")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-sign-in-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        identity = Identity(Path(folder), options.binaries.resolve())
        try:
            print("| | |\n| --- | --- |", *known_against_unknown(identity), *many_at_once(identity), sep="\n")
        finally:
            identity.stack.stop()


if __name__ == "__main__":
    main()
