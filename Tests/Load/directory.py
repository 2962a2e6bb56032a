#!/usr/bin/env python3
"""Measures what reading one's rooms and coming in cost, and whether closed doors take the same time: README.md says what each
figure is. Some minutes; ends by itself and leaves nothing behind.

    python3 Tests/Load/directory.py [--binaries .build/release] [--seconds 5] [--write]
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ops"))

from stack.postgres import programs  # noqa: E402
from stack.processes import run  # noqa: E402
from stack.stack import Stack  # noqa: E402

PAGE = ROOT / "ops/docs/performance-directory.md"
ROOMS = 50
AT_ONCE = (1, 16, 64)
SAMPLES = 500
PASSWORD = "three herons on a violet roof"
PIN = "482915"


@dataclass
class Question:
    """What is asked of directory again and again."""

    method: str
    path: str
    body: bytes | None = None
    token: str | None = None

    def headers(self, source: str) -> dict[str, str]:
        return {"Content-Type": "application/json", "X-Forwarded-For": source,
                **({"Authorization": f"Bearer {self.token}"} if self.token else {})}


class Directory:
    """The service with identity and their stores, and nothing else."""

    def __init__(self, folder: Path, binaries: Path):
        self.stack = Stack(folder, binaries, durable=True, scrypt_log_n=10, log_level="warning")
        self.stack.postgres.start()
        self.stack.redis.start()
        self.identity, self.service = (self.stack.services[kind][0] for kind in ("identity", "directory"))
        for service in (self.identity, self.service):
            service.migrate()
            service.start()
        for service in (self.identity, self.service):
            service.wait_until_ready()

    def sign_in(self, organization: str) -> str:
        """The access token of somebody new."""
        self.stack.add_organization(organization, organization)
        self.stack.add_account(organization, "ada", "Ada", PASSWORD)
        connection = http.client.HTTPConnection("127.0.0.1", self.identity.port, timeout=60)
        headers = {"Origin": self.stack.url, "Content-Type": "application/json"}
        connection.request("POST", "/api/identity/session", json.dumps({
            "userName": "ada", "password": PASSWORD, "organization": organization, "stayLoggedIn": False}), headers)
        answer = connection.getresponse()
        cookies = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        answer.read()
        connection.request("POST", "/api/identity/session/token", headers={
            "Origin": self.stack.url, "Cookie": "; ".join(cookies)})
        return json.loads(connection.getresponse().read())["accessToken"]

    def ask(self, question: Question, connection: http.client.HTTPConnection, source: str = "203.0.113.1") -> tuple[int, bytes]:
        connection.request(question.method, question.path, question.body, question.headers(source))
        answer = connection.getresponse()
        return answer.status, answer.read()

    def make_room(self, token: str, **draft) -> dict:
        question = Question("POST", "/api/directory/rooms", json.dumps({"name": "Room", **draft}).encode(), token)
        status, body = self.ask(question, self.connection())
        assert status == 201, body
        return json.loads(body)

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)

    def sql(self, statement: str) -> None:
        run("SQL", [str(programs() / "psql"), self.stack.postgres.url, "-qc", statement])

    @property
    def resident(self) -> float:
        """MiB."""
        status = Path(f"/proc/{self.service.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def entry(alias: str, **body) -> Question:
    return Question("POST", f"/api/directory/rooms/{alias}/entry", json.dumps({"displayName": "Guest", **body}).encode())


def address() -> str:
    return f"198.{random.randint(18, 19)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def at_once(directory: Directory, question: Question, people: int, seconds: float) -> tuple[float, float, float]:
    """So many people, each with a connection, who ask again as soon as they are answered.

    - Returns: answers a second, and the median and the 99th percentile in ms."""
    begin, times, wrong = threading.Barrier(people + 1), [], []

    def ask() -> None:
        connection, own, source = directory.connection(), [], address()
        directory.ask(question, connection, source)
        begin.wait()
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            status, body = directory.ask(question, connection, source)
            own.append(time.perf_counter() - began)
            if status != 200:
                wrong.append(body)
        times.extend(own)

    threads = [threading.Thread(target=ask) for _ in range(people)]
    for thread in threads:
        thread.start()
    begin.wait()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]
    times.sort()
    return len(times) / seconds, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000


def throughput(directory: Directory, seconds: float) -> list[str]:
    token = directory.sign_in("bench")
    for number in range(ROOMS - 1):
        directory.make_room(token, name=f"Room {number}", description="What it is for. " * 6)
    open_room, closed = directory.make_room(token), directory.make_room(token, pin=PIN)
    questions = {
        f"one's {ROOMS} rooms": Question("GET", f"/api/directory/rooms?limit={ROOMS}", token=token),
        "entry without PIN": entry(open_room["alias"]),
        "entry with PIN": entry(closed["alias"], pin=PIN),
    }
    rows, before = [], directory.resident
    for name, question in questions.items():
        for people in AT_ONCE:
            rate, median, tail = at_once(directory, question, people, seconds)
            rows.append(f"| {name} | {people} | {rate:,.0f} | {median:.1f} ms | {tail:.1f} ms |")
    return ["| | at once | answers a second | p50 | p99 |", "| --- | --- | --- | --- | --- |", *rows, "",
            f"Resident memory of directory: {before:.0f} MiB before, {directory.resident:.0f} MiB after."]


def closed_doors(directory: Directory) -> list[str]:
    """What guests are told who have no PIN, by turns, so that whatever else the machine does meets all."""
    token, foreign = directory.sign_in("doors"), directory.sign_in("closed")
    directory.make_room(token, alias="door-pin", pin=PIN)
    expired = directory.make_room(token, alias="door-expired")
    directory.make_room(foreign, alias="door-foreign")
    directory.sql(f"update directory.room set last_used_at = now() - interval '91 days' where id = '{expired['id']}'")
    directory.identity.command("organization", "disable", "closed", what="Disabling an organization")
    doors = {"no such room": "door-unknown", "with a PIN": "door-pin", "expired": "door-expired",
             "of a disabled organization": "door-foreign"}
    connection = directory.connection()
    wait_until_closed(directory, connection)
    times: dict[str, list[float]] = {name: [] for name in doors}
    answers = set()
    for _ in range(SAMPLES):
        for name in random.sample(list(doors), len(doors)):
            began = time.perf_counter()
            answers.add(directory.ask(entry(doors[name]), connection, address()))
            times[name].append(time.perf_counter() - began)
    assert len(answers) == 1, answers
    medians = {name: statistics.median(values) * 1000 for name, values in times.items()}
    return ["| room | median |", "| --- | --- |", *(f"| {name} | {median:.2f} ms |" for name, median in medians.items()),
            f"| largest difference; aim: below 5 ms | {max(medians.values()) - min(medians.values()):.2f} ms |"]


def wait_until_closed(directory: Directory, connection: http.client.HTTPConnection) -> None:
    """Directory asks every few seconds which organizations are disabled."""
    deadline = time.monotonic() + 60
    while directory.ask(entry("door-foreign", check=True), connection, address())[0] == 200:
        assert time.monotonic() < deadline, "directory was not told"
        time.sleep(0.5)


def page(binaries: Path, seconds: float, rooms: list[str], doors: list[str]) -> str:
    build = "a release build" if "release" in binaries.parts else "a **debug** build: a release build is several times as fast"
    today = datetime.date.today().isoformat()
    return "\n".join([
        "# What directory costs, and what its doors tell", "",
        f"`Tests/Load/directory.py`, {build}, {today}.",
        f"Directory, identity, PostgreSQL (durable), Redis and the program that asks share one machine of {os.cpu_count()} cores. There is no signaling,",
        "so that nobody is counted in rooms.", "",
        "## Reading and coming in", "",
        f"People with a connection each, who ask again as soon as they are answered, for {seconds:g} s. Entry gives a ticket.", "",
        *rooms, "",
        "The program that asks is Python: with 64 at once it takes as much of the machine as what it asks.", "",
        "## Closed doors", "",
        f"A guest without a PIN asks {SAMPLES} times for each of these rooms, by turns. Status and body are the same.", "",
        *doors, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, default=ROOT / ".build/release")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-directory-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        directory = Directory(Path(folder), options.binaries.resolve())
        try:
            doors = closed_doors(directory)
            rooms = throughput(directory, options.seconds)
        finally:
            for service in (directory.service, directory.identity, directory.stack.redis, directory.stack.postgres):
                service.stop()
            directory.stack.stop()
    text = page(options.binaries, options.seconds, rooms, doors)
    print(text)
    if options.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
