"""Clients that stop reading, or are there no more without having said so."""

import asyncio
import contextlib
import itertools

import pytest
from history import now
from line import Broken, Line
from metrics import metric
from table import Time, percentile
from tickets import Room

PEOPLE = 12
# 7.6 KB.
LONG = "\U0001f600" * 1900


@pytest.mark.full
def test_half_open_sockets(scene, background):
    """Fifty clients are cut off and nobody is told: neither FIN nor RST. Their seats come back all the same."""

    async def story():
        room = Room()
        proxies = [await scene.proxy(node.port) for node in scene.nemesis.nodes]
        lost = await scene.fill(room, 50, scene.place(*(f"ws://127.0.0.1:{proxy.port}" for proxy in proxies)))
        await asyncio.sleep(1)
        began = now()
        for proxy in proxies:
            proxy.stall()
        # The people do not come back; to the server they look as if they were there.
        await asyncio.gather(*(person.vanish() for person in lost))
        took = await scene.probe(room, 45, since=began)
        scene.row("50 sockets become half-open", "seats free in ≤ 45 s", f"{took.seconds:.1f} s", took)
        await scene.finish()

    background(story(), 120)


def test_somebody_half_open_comes_back(scene, background):
    """The old socket looks alive to the server, and the room is full: the person gets the same seat, not a 51st."""

    async def story():
        room = Room()
        await scene.fill(room, 49)
        proxy = await scene.proxy(scene.nemesis.nodes[0].port)
        [person] = await scene.fill(room, 1, scene.place(f"ws://127.0.0.1:{proxy.port}"))
        scene.talk(scene.people)
        await asyncio.sleep(1)
        proxy.stall()
        person.place = scene.nodes
        began = now()
        await scene.until(lambda: person.resumes, "the person is back", 30)
        took = now() - began
        assert not person.is_over
        scene.row("one of 50 becomes half-open and comes back", "same seat, never 51", f"same seat after {took:.1f} s, of "
                  f"which {person.resumes[0]:.2f} s after the client noticed")
        await scene.finish()

    background(story(), 60)


async def read_nothing(scene, room, base):
    """Enters, and reads no byte after the welcome. Returns the line."""
    line = await Line.open(base, room.id, scene.stack.url, "127.9.9.9", max_queue=1)
    await line.send({"type": "hello", "ticket": scene.nodes.tickets.make(room, "Slow"), "key": "slow"})
    assert (await line.receive(10))["type"] == "welcome"
    line.stop_pinging()
    line.socket.transport.pause_reading()
    return line


async def show_life(line):
    """Who does not read answers no pings either; this one goes on asking, so that it is not taken for dead."""
    with contextlib.suppress(Broken):
        for number in itertools.count(1):
            await line.send({"type": "media.view", "id": number, "slots": []})
            await asyncio.sleep(4)


def test_slow_reader(scene, background):
    """It is closed, and costs nobody anything: neither time, nor the process memory."""

    async def story():
        room = Room()
        people = await scene.fill(room, PEOPLE)
        node = scene.nemesis.nodes[0]
        before = await delays(people, 40, LONG)
        known, held = await closed_as_slow(node), memory(node)
        slow = await read_nothing(scene, room, scene.stack.signaling[0])
        life = asyncio.create_task(show_life(slow))
        began, during, most = now(), [], 0.0
        while await closed_as_slow(node) == known and now() - began < 60:
            during += await delays(people, 10, LONG)
            most = max(most, memory(node) - held)
        took, closed = now() - began, await closed_as_slow(node) > known
        life.cancel()
        slow.cut()
        late, usual = percentile(during, 0.99), percentile(before, 0.99)
        scene.row(f"one of {PEOPLE + 1} reads nothing", "closed as slow, ≤ 2 MiB held; p99 of the others' chat < 250 ms",
                  f"{'closed' if closed else 'still there'} after {took:.1f} s, {most:.1f} MiB; p99 {late * 1000:.0f} ms "
                  f"(before {usual * 1000:.0f} ms)", Time(late, 0.25), holds=closed and most <= 2)
        await scene.finish()

    background(story(), 110)


async def closed_as_slow(node):
    return await asyncio.to_thread(metric, node, "signaling_sockets_ended_total", code="4408")


def memory(node):
    """MiB that are resident for this process."""
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


async def delays(people, count, padding=""):
    """Seconds from saying something to its being acknowledged, each by another of the people. Nobody says more than is allowed
    to one: 2 in a second."""
    result = []
    for number in range(count):
        began = now()
        assert await people[number % len(people)].chat(f"{number} {now()} {padding}".strip())
        result.append(now() - began)
        await asyncio.sleep(max(0, began + 0.55 / len(people) - now()))
    return result
