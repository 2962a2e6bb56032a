"""Answers whatever the measured servers ask of services that are not measured: the backend of spreed-signaling (who is this,
may they enter), and directory and presence of Parley. As fast as one Python process can.

    python3 -m harness.backend PORT
"""

from __future__ import annotations

import asyncio
import json
import sys

FEATURES = {"capabilities": {"spreed": {"features": [], "config": {}}}}


def answer(path: str, body: bytes) -> bytes:
    """The JSON of an OCS answer; for Parley's own calls nothing is read of it."""
    asked = json.loads(body) if body.startswith(b"{") else {}
    kind = asked.get("type")
    if kind == "auth":
        user = asked["auth"]["params"]["userid"]
        data = {"type": "auth", "auth": {"version": "1.0", "userid": user, "user": {"displayname": user}}}
    elif kind == "room":
        data = {"type": "room", "room": {"version": "1.0", "roomid": asked["room"]["roomid"], "properties": {}}}
    elif kind in ("ping", "session"):
        data = {"type": kind, kind: {"version": "1.0", "roomid": asked.get(kind, {}).get("roomid", "")}}
    else:
        data = FEATURES if "capabilities" in path else {}
    meta = {"status": "ok", "statuscode": 200, "message": "OK"}
    return json.dumps({"ocs": {"meta": meta, "data": data}}).encode()


class Connection(asyncio.Protocol):
    """HTTP/1.1 with requests one after the other, with `Content-Length`, as the measured servers send them."""

    def connection_made(self, transport):
        self.transport = transport
        self.received = b""

    def data_received(self, data):
        self.received += data
        while True:
            head, found, rest = self.received.partition(b"\r\n\r\n")
            if not found:
                return
            length = 0
            for line in head.split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if len(rest) < length:
                return
            self.received = rest[length:]
            body = answer(head.split(b" ", 2)[1].decode(), rest[:length])
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
