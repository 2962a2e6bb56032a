"""A telephone system: it is told by webhooks, takes its time, and knows what it was told as the documentation says."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Message:
    id: str
    body: dict


class Receiver:
    def __init__(self):
        # Of which an answer was ready, in their order.
        self.messages: list[Message] = []
        # Ids of all calls that have begun, in their order.
        self.begun: list[str] = []
        # Set while calls are answered at once.
        self.answers = threading.Event()
        self.answers.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.begun.append(self.headers["webhook-id"])
                if not receiver.answers.wait(9):
                    # As if it had never come: who called may not be there any more.
                    self.close_connection = True
                    return
                receiver.messages.append(Message(self.headers["webhook-id"], body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *words):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/presence"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        self.answers.set()
        await asyncio.to_thread(self._server.shutdown)
        self._server.server_close()

    def states(self) -> dict[str, str]:
        """Who is more than offline."""
        states, parts, last = {}, {}, ""
        for body in (message.body for message in list(self.messages)):
            if body["timestamp"] <= last:
                continue
            last = body["timestamp"]
            if body["type"] == "presence.changed":
                states.update((event["account"], event["state"]) for event in body["events"])
                continue
            if body.get("part", 1) == 1:
                parts = {}
            parts.update((item["account"], item["state"]) for item in body["items"])
            if body.get("part") == body.get("parts"):
                states = dict(parts)
        return {account: state for account, state in states.items() if state != "offline"}
