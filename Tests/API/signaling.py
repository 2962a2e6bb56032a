"""What signaling tells directory and presence, with a token made here from the cluster secret of the stack under test, as in
`Shared/ServiceKit/Tokens/ServiceTokens.swift`."""

from __future__ import annotations

import base64
import datetime
import hmac
import json
import secrets
import time
import uuid
from pathlib import Path

import requests


class Signaling:
    def __init__(self, listener):
        """`listener` is a service of the stack: directory or presence."""
        self.url = listener.inner_url
        self.audience = listener.kind
        secret = Path(listener.environment["PARLEY_CLUSTER_SECRET_FILE"]).read_bytes().strip()
        # HKDF-SHA256 (RFC 5869) without salt, one block.
        self._key = hmac.digest(hmac.digest(bytes(32), secret, "sha256"), b"parley service v1\x01", "sha256")

    def hold_meeting(self, room: str, name: str, began: int = 0) -> str:
        """A meeting that began so many seconds ago, in which a guest is, of which there is a list."""
        start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=began)
        meeting, now = str(uuid.uuid4()), start.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._tell(f"{self.url}/internal/rooms/{room}/attendance", {
            "meeting": meeting, "startedAt": now, "left": [], "ended": False,
            "present": [{"participant": str(uuid.uuid4()), "name": name, "joinedAt": now}]})
        return meeting

    def ban(self, room: str, source: str) -> None:
        self._tell(f"{self.url}/internal/rooms/{room}/bans", {"name": "Guest", "source": source, "by": "Moderator"})

    def meet(self, organization: str, account: str) -> None:
        """Somebody is in a meeting, for a lease."""
        self._tell(f"{self.url}/internal/meeting-leases", {"leases": [
            {"participant": str(uuid.uuid4()), "account": account, "organization": organization}]})

    def _tell(self, url: str, body: dict) -> None:
        answer = requests.post(url, json=body, timeout=15, headers={"Authorization": f"Bearer {self._token()}"})
        assert answer.status_code == 204, f"{url}: {answer.status_code} {answer.text}"

    def _token(self) -> str:
        now = int(time.time())
        head = {"alg": "HS256", "typ": "service+jwt", "kid": "service-v1"}
        payload = {"iss": "signaling", "aud": self.audience, "iat": now, "exp": now + 60, "jti": secrets.token_hex(16),
                   "claims": {}}
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in (head, payload))
        return f"{signed}.{_base64url(hmac.digest(self._key, signed.encode(), 'sha256'))}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
