"""A person with a program: signs in at identity and keeps cookie and token."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import requests

COOKIE = "__Host-parley-session"


@dataclass
class Person:
    url: str
    #: Parley's own page, as browsers say it.
    origin: str
    organization: str
    user_name: str
    password: str
    session: str | None = None
    account: str | None = None
    _token: str | None = field(default=None, repr=False)
    _renew_at: float = 0

    def credentials(self, **more) -> dict:
        return {"userName": self.user_name, "password": self.password, "organization": self.organization,
                "stayLoggedIn": False, **more}

    def sign_in(self, **more) -> requests.Response:
        answer = requests.post(f"{self.url}/api/identity/session", json=self.credentials(**more),
                               headers={"Origin": self.origin}, timeout=15)
        assert answer.status_code == 201, f"{self.user_name} can't sign in: {answer.status_code} {answer.text}"
        self.session = answer.cookies[COOKIE]
        self.account = answer.json()["account"]
        self._token = None
        return answer

    @property
    def cookie(self) -> str:
        if not self.session:
            self.sign_in()
        return self.session

    @property
    def with_cookie(self) -> dict:
        return {"Origin": self.origin, "Cookie": f"{COOKIE}={self.cookie}"}

    @property
    def token(self) -> str:
        """A fresh one when the last would end soon: they last five minutes."""
        if not self._token or time.monotonic() > self._renew_at:
            answer = self._issue()
            if answer.status_code == 401:
                self.sign_in()
                answer = self._issue()
            assert answer.status_code == 201, f"no token for {self.user_name}: {answer.status_code} {answer.text}"
            self._token = answer.json()["accessToken"]
            self._renew_at = time.monotonic() + 200
        return self._token

    @property
    def with_token(self) -> dict:
        return {"Authorization": f"Bearer {self.token}"}

    def forget(self, session: bool = True) -> None:
        """The token is worth nothing, and perhaps the session."""
        self._token = None
        if session:
            self.session = None

    def _issue(self) -> requests.Response:
        return requests.post(f"{self.url}/api/identity/session/token", headers=self.with_cookie, timeout=15)
