"""How the gateway spreads sockets over signaling nodes, with plain echo servers in their place: a room keeps its node, and
a node that drains or dies loses nobody."""

import asyncio
import http
import os
import signal
import tempfile
from collections import Counter
from pathlib import Path

import pytest
import websockets
from stack import network
from stack.gateway import Gateway

ROOMS = [f"room-{number}" for number in range(60)]


class Nodes:
    """Three echo servers behind a gateway of their own. Each says its number first."""

    def __init__(self, gateway, ports):
        self.gateway = gateway
        self.ports = ports
        self.draining = set()
        self.heads = []
        self.servers = []

    async def __aenter__(self):
        for number, port in enumerate(self.ports):
            self.servers.append(await self._serve(number, port))
        return self

    async def __aexit__(self, *_):
        for server in self.servers:
            server.close()
            await server.wait_closed()

    async def _serve(self, number, port):
        async def echo(socket):
            self.heads.append(socket.request.headers)
            await socket.send(str(number))
            async for message in socket:
                await socket.send(message)

        def admit(socket, _):
            return socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "") if number in self.draining else None

        return await websockets.serve(echo, network.HOST, port, process_request=admit)

    def connect(self, room, headers=None, query=""):
        return websockets.connect(
            f"ws://localhost:{self.gateway.port}/api/signaling/rooms/{room}/socket{query}", additional_headers=headers or {})

    async def placed(self):
        """Room → number of the node that took it."""
        result = {}
        for room in ROOMS:
            async with self.connect(room) as socket:
                result[room] = await socket.recv()
        return result


@pytest.fixture
def gateway():
    with tempfile.TemporaryDirectory(prefix="parley-gateway-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        ports = network.free_ports(7)
        upstreams = {"identity": ports[0], "directory": ports[1], "presence": [ports[2]], "signaling": ports[3:6]}
        instance = Gateway(folder / "gateway", folder / "logs", ports[6], f"http://localhost:{ports[6]}", upstreams)
        instance.start()
        yield instance
        instance.stop()


@pytest.fixture
def nodes(gateway):
    return Nodes(gateway, gateway.upstreams["signaling"])


def test_a_room_keeps_its_node_and_faults_move_only_those_who_must(nodes, background):
    async def scene():
        async with nodes:
            first = await nodes.placed()
            again = await nodes.placed()
            nodes.draining.add(0)
            drained = await nodes.placed()
            nodes.servers[1].close()
            await nodes.servers[1].wait_closed()
            return first, again, drained, await nodes.placed()

    first, again, drained, dead = background(scene())
    assert len(Counter(first.values())) == 3
    assert again == first
    assert all(drained[room] == first[room] for room in ROOMS if first[room] != "0")
    assert set(drained.values()) == {"1", "2"}
    assert set(dead.values()) == {"2"}


def test_a_number_leads_to_one_node_after_the_other(nodes, background):
    async def scene():
        async def taken(query):
            async with nodes.connect("room", query=query) as socket:
                return await socket.recv()

        async with nodes:
            home = await taken("")
            assert [await taken(query) for query in ("?n=0", "?n=10", "?n=x", "?n=")] == [home] * 4
            return [await taken(f"?n={number}") for number in range(1, 10)]

    assert background(scene()) == ["0", "1", "2"] * 3


def test_what_a_client_says_about_its_way_is_overwritten(nodes, background):
    async def scene():
        async with nodes:
            claims = {"X-Forwarded-For": "6.6.6.6", "X-Request-ID": "chosen-0000", "Forwarded": "for=6.6.6.6",
                      "X-Real-IP": "6.6.6.6"}
            async with nodes.connect("a", claims) as socket:
                await socket.recv()
            return nodes.heads[-1]

    head = background(scene())
    assert head["X-Forwarded-For"] in ("127.0.0.1", "::1")
    assert head["X-Request-ID"] != "chosen-0000"
    assert "Forwarded" not in head and "X-Real-IP" not in head
    assert "Sec-WebSocket-Extensions" not in head


def test_a_reload_of_the_gateway_cuts_no_socket(nodes, background):
    async def scene():
        async with nodes:
            async with nodes.connect("a") as socket:
                await socket.recv()
                os.kill(nodes.gateway.process.pid, signal.SIGHUP)
                await asyncio.sleep(1.5)
                await socket.send("still here")
                return await socket.recv()

    assert background(scene()) == "still here"
