"""Tickets made here, with the cluster secret of the stack under test: a thousand of them cost nothing, and no limit of the
entry API is measured where seats are.

A ticket is a JWT (HS256) as in `Shared/ServiceKit/Tokens/TicketTokens.swift`; its key is HKDF-SHA256 of the cluster secret for
the purpose `parley ticket v1`. Rooms need not exist in directory: signaling believes the ticket."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from dataclasses import dataclass, field

LIFETIME = 60
PURPOSE = b"parley ticket v1"


@dataclass(frozen=True)
class Room:
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    organization: str = field(default_factory=lambda: str(uuid.uuid4()))
    name: str = "Test"
    alias: str = field(default_factory=lambda: f"test-{secrets.token_hex(8)}")


def hkdf(secret: bytes, purpose: bytes) -> bytes:
    """RFC 5869 without salt, one block."""
    key = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(key, purpose + b"\x01", "sha256")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Tickets:
    def __init__(self, cluster_secret: str):
        self._key = hkdf(cluster_secret.encode(), PURPOSE)

    def make(self, room: Room, name: str, role: str = "participant", at: float | None = None,
             account: str | None = None) -> str:
        """For a guest, or for somebody with this account in the room's organization."""
        now = int(time.time() if at is None else at)
        claims = {
            "id": base64url(secrets.token_bytes(16)), "room": room.id, "organization": room.organization,
            "roomName": room.name, "roomAlias": room.alias, "role": role, "displayName": name,
            **({"account": account, "accountOrganization": room.organization} if account else {}),
        }
        payload = {"iss": "directory", "aud": "signaling", "iat": now, "exp": now + LIFETIME,
                   "jti": secrets.token_hex(16), "claims": claims}
        head = {"alg": "HS256", "typ": "ticket+jwt", "kid": "ticket-v1"}
        parts = [base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, payload)]
        signed = ".".join(parts)
        return f"{signed}.{base64url(hmac.new(self._key, signed.encode(), hashlib.sha256).digest())}"
