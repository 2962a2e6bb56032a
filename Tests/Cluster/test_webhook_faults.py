"""Webhooks while a process of presence dies that is just delivering."""

import asyncio
import contextlib
import re

import pytest
from history import now
from office import Office
from receiver import Receiver
from stack.problems import Problem
from table import Time

# Seconds until another process may take a webhook over, and a little for doing it.
TAKEN_OVER = 60


@pytest.fixture
def office(scene):
    return Office.open(scene, 3)


@pytest.fixture
def receiver(background):
    running = Receiver()
    yield running
    background(running.stop())


@pytest.fixture
def webhook(cluster, office, receiver):
    presence = cluster.stack.services["presence"][0]
    said = presence.command("webhook", "add", "--organization", office.people[0].organization, "--url", receiver.url, "--plain",
                            what="Adding a webhook")
    id = re.search(r"id: (\S+)", said).group(1)
    yield id
    with contextlib.suppress(Problem):
        presence.command("webhook", "remove", "--id", id, what="Removing the webhook")


@pytest.fixture
def processes(cluster, scene, background):
    """Two processes of presence; the gateway knows the first one only."""
    stack = cluster.stack
    first = stack.services["presence"][0]
    second = stack.beside(first, "presence-webhooks")
    background(scene.nemesis.start(second))
    yield [first, second]
    second.stop()


@pytest.mark.full
def test_the_process_that_delivers_is_killed(scene, background, office, receiver, webhook, processes):
    """What it had not been answered comes again from the other one, and everything after it."""
    changes, first, second = office.people
    expected = {changes.id: "absent", first.id: "busy", second.id: "do_not_disturb"}

    async def holder():
        """The process that has the open call: the one whose socket leads to the receiver."""
        port = receiver.url.split(":")[2].split("/")[0]
        for service in processes:
            reader = await asyncio.create_subprocess_exec(
                "ss", "-Htnp", "state", "established", f"( dport = :{port} )", stdout=asyncio.subprocess.PIPE)
            said, _ = await asyncio.wait_for(reader.communicate(), 10)
            if f"pid={service.process.pid}," in said.decode():
                return service
        raise AssertionError("nobody calls the receiver")

    async def story():
        await scene.until(lambda: receiver.messages, "a snapshot", 30)
        receiver.answers.clear()
        begun = len(receiver.begun)
        await changes.set("busy")
        await scene.until(lambda: len(receiver.begun) > begun, "a call", 30)
        interrupted = receiver.begun[begun]
        killed = await holder()
        scene.nemesis.kill(killed)
        died = now()
        # The call that nobody waits for any more comes to nothing.
        await asyncio.sleep(10)
        receiver.answers.set()
        url = next(service.url for service in processes if service is not killed)
        await first.set("busy", url=url)
        await second.set("do_not_disturb", url=url)
        await changes.set("absent", url=url)
        await scene.until(lambda: any(one.id == interrupted for one in receiver.messages), "the message again", TAKEN_OVER)
        again = now() - died
        await scene.until(lambda: receiver.states() == expected, "all that has changed", 30)
        await scene.nemesis.start(killed)
        seqs = [event["seq"] for one in receiver.messages for event in one.body.get("events", [])]
        start = receiver.messages[0].body["seq"] + 1
        is_whole = seqs == list(range(start, start + len(seqs)))
        scene.row("kill -9 of the presence process that delivers to a webhook", f"the message again ≤ {TAKEN_OVER} s, nothing missing",
                  f"{again:.1f} s; changes {seqs}", Time(again, TAKEN_OVER), holds=is_whole)
        await scene.finish()

    background(story(), 180)
