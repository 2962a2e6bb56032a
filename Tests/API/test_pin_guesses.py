"""Whoever guesses PINs, from many addresses and at several processes, gets no further than a room allows; and nothing that
restarts gives a new budget. `--full` makes 10,000 guesses, the short form 1,000."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from conftest import Identity, binaries, keep_logs, start, start_second_directory
from stack.stack import Stack

SOURCES = 50
#: What a room allows: see `PINBudget`.
AT_ONCE, PER_HOUR = 15, 100
PIN = "482915"


@dataclass
class Guesses:
    """Guesses from many sources at once, until there were enough."""

    urls: list[str]
    alias: str
    wanted: int
    answers: Counter = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _made: int = 0

    @property
    def made(self) -> int:
        return self._made

    def begin(self) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._guess, args=(number,)) for number in range(SOURCES)]
        for thread in threads:
            thread.start()
        return threads

    def _guess(self, source: int):
        session = requests.Session()
        while True:
            with self._lock:
                if self._made >= self.wanted:
                    return
                self._made += 1
                number = self._made
            url = f"{self.urls[number % len(self.urls)]}/api/directory/rooms/{self.alias}/entry"
            # None of them is the right one.
            body = {"displayName": "Guest", "pin": f"{number:07}"}
            try:
                answer = session.post(url, json=body, headers={"X-Forwarded-For": f"198.51.100.{source + 1}"}, timeout=30)
                said = answer.json()["code"] if answer.status_code >= 400 else "came in"
            except requests.RequestException:
                said = "no answer"
                time.sleep(0.05)
            with self._lock:
                self.answers[said] += 1


class Owner:
    """Comes in again and again."""

    def __init__(self, url: str, alias: str, owner):
        self.url = f"{url}/api/directory/rooms/{alias}/entry"
        self.owner = owner
        self.answers = Counter()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while not self.over.is_set():
            self.answers[self.come_in()] += 1
            time.sleep(0.02)

    def come_in(self) -> str:
        try:
            answer = requests.post(self.url, json={}, timeout=30, headers={
                **self.owner.with_token, "X-Forwarded-For": "203.0.113.9"})
            return answer.json().get("code", "came in")
        except requests.RequestException:
            return "no answer"


@pytest.fixture
def city():
    """A Parley of its own, with two directory processes: some of it is killed."""
    with tempfile.TemporaryDirectory(prefix="parley-pins-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        stack = Stack(Path(folder), binaries(), scrypt_log_n=10)
        try:
            service = start(stack)
            start_second_directory(stack)
            yield Identity(service.url, stack.url, stack.redis, stack)
        finally:
            stack.stop()
            keep_logs(stack)


@pytest.mark.timeout(1800)
def test_guesses_get_nowhere(city, is_full):
    people = city.organization("pins", ("owner", ("rooms.create",)), ("colleague", ()))
    owner, colleague = people["owner"], people["colleague"]
    first, second = city.stack.services["directory"]
    made = requests.post(f"{second.url}/api/directory/rooms", json={"name": "Guessed", "pin": PIN, "alias": "guessed"},
                         headers=owner.with_token, timeout=30)
    assert made.status_code == 201, made.text
    assert colleague.token
    guesses = Guesses([first.url, second.url], "guessed", 10_000 if is_full else 1_000)
    visits = Owner(second.url, "guessed", owner)
    visits.thread.start()
    began = time.monotonic()
    threads = guesses.begin()

    def reach(part: float):
        while guesses.made < guesses.wanted * part and any(thread.is_alive() for thread in threads):
            time.sleep(0.01)

    def kill(process, begin_again):
        """As a power failure would end it, in the middle of it all."""
        process.kill()
        begin_again()

    try:
        reach(0.25)
        kill(first.process, first.start)
        first.wait_until_ready()
        reach(0.5)
        kill(city.redis.process, city.redis.start)
        reach(0.75)
        kill(city.redis.process, lambda: (city.redis.forget(), city.redis.start()))
        for thread in threads:
            thread.join()
    finally:
        visits.over.set()
        visits.thread.join()
    print(f"guesses: {dict(guesses.answers)}; the owner: {dict(visits.answers)}")

    # Each that was told to be wrong was compared with the PIN. A single process, or a Redis, that began afresh
    # would have made it twice as many.
    allowed = AT_ONCE + PER_HOUR * (time.monotonic() - began) / 3_600 + 1
    assert 10 <= guesses.answers["pin_wrong"] <= allowed < 120
    assert set(guesses.answers) <= {"pin_wrong", "pin_locked", "too_many_requests", "unavailable", "no answer"}
    assert guesses.answers["pin_locked"] > guesses.wanted / 4
    # The owner is told nothing but that something is away while Redis is.
    assert set(visits.answers) <= {"came in", "unavailable", "no answer"}
    assert visits.answers["came in"] > 10
    for directory in (first, second):
        url = f"{directory.url}/api/directory/rooms/guessed/entry"
        # The room stays closed for strangers, also for one who has the right PIN: its answer would tell which it is.
        stranger = requests.post(url, json={"displayName": "Guest", "pin": PIN}, timeout=30,
                                 headers={"X-Forwarded-For": "192.0.2.200"})
        assert (stranger.status_code, stranger.json()["code"]) == (429, "pin_locked"), stranger.text
        assert int(stranger.headers["Retry-After"]) > 0
        # Owner and colleagues come in.
        assert requests.post(url, json={}, headers=owner.with_token, timeout=30).status_code == 200
        known = requests.post(url, json={"pin": PIN}, headers=colleague.with_token, timeout=30)
        assert known.status_code == 200, known.text
