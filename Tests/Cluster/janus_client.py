"""A look into a media node, past everything of Parley."""

from __future__ import annotations

import itertools
import json
import secrets

import websockets
from stack.janus import Janus


class JanusClient:
    def __init__(self, node: Janus):
        self.url = node.url
        self.secret = node.secrets.value("janus-api")
        self.admin_key = node.secrets.value("janus-admin-key")
        self._ids = itertools.count(1)

    async def __aenter__(self) -> "JanusClient":
        self.socket = await websockets.connect(
            self.url, subprotocols=["janus-protocol"], compression=None, proxy=None, open_timeout=5)
        self.session = (await self._ask(janus="create"))["data"]["id"]
        self.handle = (await self._ask(janus="attach", session_id=self.session, plugin="janus.plugin.videoroom"))["data"]["id"]
        return self

    async def __aexit__(self, *_) -> None:
        await self._ask(janus="destroy", session_id=self.session)
        await self.socket.close()

    async def _ask(self, **fields) -> dict:
        mark = f"{next(self._ids)}-{secrets.token_hex(4)}"
        await self.socket.send(json.dumps({"transaction": mark, "apisecret": self.secret, **fields}))
        while True:
            answer = json.loads(await self.socket.recv())
            if answer.get("transaction") == mark and answer["janus"] != "ack":
                return answer

    async def rooms(self) -> dict[str, int]:
        """People in each room, by its name."""
        answer = await self._ask(janus="message", session_id=self.session, handle_id=self.handle,
                                 body={"request": "list", "admin_key": self.admin_key})
        return {str(room["room"]): room["num_participants"] for room in answer["plugindata"]["data"]["list"]}


async def publishers(nodes: list[Janus]) -> int:
    """People who publish anything, in all rooms of all media nodes."""
    return sum(sum(found.values()) for found in await _all_rooms(nodes))


async def rooms(nodes: list[Janus]) -> int:
    """Rooms in all media nodes, with people or without."""
    return sum(len(found) for found in await _all_rooms(nodes))


async def has_room(node: Janus, room: str) -> bool:
    """Whether a meeting of this room is at this media node."""
    if not node.process.is_running:
        return False
    async with JanusClient(node) as client:
        return any(name.startswith(room) and people for name, people in (await client.rooms()).items())


async def _all_rooms(nodes: list[Janus]) -> list[dict[str, int]]:
    found = []
    for node in nodes:
        if node.process.is_running:
            async with JanusClient(node) as client:
                found.append(await client.rooms())
    return found
