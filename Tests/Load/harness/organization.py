"""An organization with thousands of people who are signed in, and some of them who change their state at a steady rate."""

from __future__ import annotations

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from stack.postgres import programs
from stack.processes import run
from stack.stack import Stack

NAME, PASSWORD = "bench", "three herons on a violet roof"
AT_ONCE = 8
# Seconds for which a token is used again: it is good for five minutes.
FRESH = 120


class Organization:
    def __init__(self, stack: Stack, watchers: int, changers: int):
        self.stack = stack
        self.watchers = watchers
        self.identity = stack.services["identity"][0]
        stack.add_organization(NAME, "Bench")
        stack.add_account(NAME, "user-0", "User", PASSWORD)
        self._copy(watchers + changers)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._sessions = list(pool.map(self._sign_in, range(watchers + changers)))
        self._tokens: list[str] = []
        self._made = 0.0

    def tokens(self) -> list[str]:
        """Of the watchers."""
        return self._all()[:self.watchers]

    def changers(self) -> list[str]:
        """Tokens of the others."""
        return self._all()[self.watchers:]

    def _all(self) -> list[str]:
        if time.monotonic() - self._made > FRESH:
            self._made = time.monotonic()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                self._tokens = list(pool.map(self._token, self._sessions))
        return self._tokens

    def _copy(self, count: int) -> None:
        """Accounts with the password of the first: adding each by its own would take longer than all that is measured."""
        columns = "organization_id, permissions, password_hash"
        run("Adding accounts", [str(programs() / "psql"), self.stack.postgres.url, "-qc", f"""
            insert into identity.account (id, user_name, user_name_key, display_name, display_name_key, {columns})
            select gen_random_uuid(), 'user-' || number, 'user-' || number, 'User', 'user', {columns}
            from identity.account, generate_series(1, {count - 1}) as number"""])

    def _sign_in(self, number: int) -> str:
        source = f"198.18.{number // 250}.{number % 250 + 1}"
        headers, _ = self._post("/api/identity/session", json.dumps({
            "userName": f"user-{number}", "password": PASSWORD, "organization": NAME, "stayLoggedIn": False}),
            {"X-Forwarded-For": source})
        return "; ".join(value.split(";")[0] for name, value in headers if name.lower() == "set-cookie")

    def _token(self, session: str) -> str:
        return json.loads(self._post("/api/identity/session/token", None, {"Cookie": session})[1])["accessToken"]

    def _post(self, path: str, body: str | None, headers: dict[str, str]) -> tuple[list, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.identity.port, timeout=60)
        try:
            connection.request("POST", path, body, {
                "Origin": self.stack.url, "Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status < 300, text
            return answer.getheaders(), text
        finally:
            connection.close()


class Changes:
    """These people set another text by turns, so that each time exactly one view is another: it says when it was asked for."""

    def __init__(self, port: int, tokens: list[str], rate: float):
        self.port, self.tokens, self.rate = port, tokens, rate
        self.failed = 0
        self._times: list[float] = []
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def made(self) -> int:
        return len(self._times)

    def times(self) -> tuple[float, float]:
        """Median and 99th percentile of the time until the answer."""
        ordered = sorted(self._times)
        return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]

    def start(self) -> "Changes":
        if self.rate > 0:
            pause = len(self.tokens) / self.rate
            self._threads = [
                threading.Thread(target=self._change, args=(token, time.monotonic() + pause * number / len(self.tokens), pause))
                for number, token in enumerate(self.tokens)]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def run(self, seconds: float) -> None:
        self.start()
        time.sleep(seconds)
        self.stop()

    def _change(self, token: str, first: float, pause: float) -> None:
        connection, due = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30), first
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while not self._end.wait(max(0.0, due - time.monotonic())):
            due += pause
            began = time.monotonic()
            try:
                connection.request("PUT", "/api/presence/own", json.dumps({"state": "busy", "text": f"at {began:.6f}"}), headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self._times.append(time.monotonic() - began)
                    continue
            except (OSError, http.client.HTTPException):
                pass
            self.failed += 1
            connection.close()
        connection.close()
