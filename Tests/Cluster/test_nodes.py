"""Signaling processes that die, stand still, or are replaced."""

import asyncio
import contextlib

import pytest
from history import now
from line import Broken, Line
from metrics import busiest, sockets
from table import Time
from tickets import Room


def test_one_of_three_is_killed(scene, background):
    async def story():
        room = Room()
        people = await scene.fill(room)
        scene.talk(people)
        await asyncio.sleep(1)
        for node in scene.nemesis.nodes:
            scene.nemesis.kill(node)
            await asyncio.sleep(1)
            await scene.resumed(people)
            await scene.nemesis.start(node)
        scene.resume_row("kill -9 of each signaling process in turn", people)
        await scene.finish()

    background(story(), 120)


def test_all_are_killed_and_one_comes_back_after_10_s(scene, background):
    async def story():
        people = await scene.fill(Room(), place=scene.gateway)
        scene.talk(people)
        await asyncio.sleep(1)
        for node in scene.nemesis.nodes:
            scene.nemesis.kill(node)
        await asyncio.sleep(10)
        await scene.nemesis.start(scene.nemesis.nodes[0])
        listens = now()
        await scene.resumed(people)
        took = max(one.breaks[-1] + one.resumes[-1] for one in people if one.resumes) - listens
        lost = sum(person.is_over for person in people)
        scene.row("kill -9 of the only signaling process, back after 10 s", "all resumed < 3 s after it listens, none lost",
                  f"{took:.2f} s, {lost} lost", Time(took, 3), holds=not lost)
        await scene.finish()

    background(story(), 120)


async def somebody_who_stays(scene, room, node):
    """Has a seat at this process and does not leave it, however long it says nothing."""
    base = scene.stack.signaling[scene.nemesis.nodes.index(node)]
    line = await Line.open(base, room.id, scene.stack.url, "127.9.9.9")
    line.stop_pinging()
    await line.send({"type": "hello", "ticket": scene.nodes.tickets.make(room, "Stays"), "key": "stays"})
    assert (await line.receive(10))["type"] == "welcome"
    return line


async def said_before_the_end(line):
    """Events and answers, until the socket is closed: to somebody whose seat others may have."""
    said = []
    with contextlib.suppress(Broken):
        while True:
            message = await line.receive(30)
            if "seq" in message or "ok" in message:
                said.append(message)
    return said


@pytest.mark.full
@pytest.mark.parametrize("way", ["nodes", "gateway"])
def test_one_stands_still_for_45_s(scene, background, way):
    """When it wakes up it must not act for seats that were taken over meanwhile. The gateway does not know that it stands."""

    async def story():
        room = Room()
        before = await sockets(scene.nemesis.nodes)
        people = await scene.fill(room, 49, getattr(scene, way))
        scene.talk(people)
        await asyncio.sleep(1)
        node = await busiest(scene.nemesis.nodes, before)
        stays = await somebody_who_stays(scene, room, node)
        scene.nemesis.pause(node)
        paused = now()
        await stays.send({"type": "chat.send", "id": 1, "text": "Said to nobody"})
        await asyncio.sleep(45)
        scene.nemesis.unpause(node)
        said = await said_before_the_end(stays)
        await asyncio.sleep(5)
        await scene.resumed(people)
        lost = sum(person.is_over for person in people)
        found = max(one.breaks[-1] - paused for one in people if one.breaks)
        scene.row(f"SIGSTOP of a signaling process for 45 s, people at the {way}", "nobody lost, nothing done for seats of others",
                  f"{lost} lost; clients left it within {found:.1f} s; it said {said or 'nothing'} to one who stayed",
                  holds=not lost and not said)
        await scene.finish()

    background(story(), 150)


def test_rolling_restart_of_everything(scene, background):
    """One process after the other gets SIGTERM and is replaced, under a running meeting."""

    async def story():
        people = await scene.fill(Room(), place=scene.gateway)
        scene.talk(people)
        await asyncio.sleep(1)
        slowest = 0.0
        for service in scene.nemesis.services():
            slowest = max(slowest, await scene.nemesis.terminate(service))
            await scene.nemesis.start(service)
        await scene.resumed(people)
        breaks = sum(len(person.breaks) for person in people)
        lost = sum(person.is_over for person in people)
        moved = sum(person.moves for person in people)
        scene.row("SIGTERM and restart of every service", "0 seats lost, nobody without a socket",
                  f"{lost} lost, {moved} moved before the end, {breaks} breaks; longest end {slowest:.1f} s",
                  holds=not lost and not breaks)
        await scene.finish()

    background(story(), 240)


def test_other_services_are_killed(scene, background):
    async def story():
        people = await scene.fill(Room(), 20)
        scene.talk(people)
        for kind in ("identity", "directory", "presence"):
            scene.nemesis.kill(scene.stack.services[kind][0])
        await asyncio.sleep(3)
        more = await scene.fill(people[0].room, 5)
        for kind in ("identity", "directory", "presence"):
            await scene.nemesis.start(scene.stack.services[kind][0])
        breaks = sum(len(person.breaks) for person in people + more)
        scene.row("kill -9 of identity, directory and presence", "meetings unaffected, tickets still good",
                  f"{breaks} breaks, {len(more)} entered meanwhile", holds=not breaks)
        await scene.finish()

    background(story(), 90)
