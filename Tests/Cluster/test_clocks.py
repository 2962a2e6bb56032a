"""The clock of one machine is wrong. Needs Debian's libfaketime."""

import asyncio
import shutil
import subprocess
import time
import urllib.request
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from tickets import Room

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
DAY = 24 * 60 * 60

# Timers go by a clock that no step moves. libfaketime 0.9.10 moves those of timerfd all the same, whatever their clock.
TIMERS = """
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old_value) {
    return (int)syscall(SYS_timerfd_settime, fd, flags, new_value, old_value);
}
"""


@pytest.fixture(scope="module")
def timers(tmp_path_factory):
    """A library before libfaketime that leaves timers alone."""
    folder = tmp_path_factory.mktemp("timers")
    (folder / "timers.c").write_text(TIMERS)
    compiler = shutil.which("clang") or shutil.which("cc")
    library = folder / "timers.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / "timers.c"], check=True)
    return library


@pytest.fixture
def clock(scene, background, tmp_path, timers):
    """Sets the wall clock of the first signaling process, as a step of so many seconds, while it runs."""
    if LIBRARY is None:
        pytest.fail("libfaketime is missing: ops/install test installs it")
    node = scene.nemesis.nodes[0]
    file = tmp_path / "offset"
    file.write_text("+0")
    usual = dict(node.environment)
    node.environment |= {
        "LD_PRELOAD": f"{timers}:{LIBRARY}", "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }

    def step(seconds):
        scene.recorder.write("fault", what=f"clock {seconds:+d} s", target=node.name, data_lost=False)
        file.write_text(f"{seconds:+d}")

    try:
        background(restart(scene, node), 120)
        yield step
    finally:
        node.environment.clear()
        node.environment.update(usual)
        background(restart(scene, node), 120)


def error(node):
    """Seconds by which the clock of the process is wrong, as its answers say."""
    with urllib.request.urlopen(f"{node.inner_url}/health/ready", timeout=5) as answer:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


async def until_wrong(node, seconds):
    """Waits until the clock of the process has made the step."""
    while abs(await asyncio.to_thread(error, node) - seconds) > 5:
        await asyncio.sleep(0.5)


async def restart(scene, node):
    if node.process.is_running:
        await scene.nemesis.terminate(node)
    await scene.nemesis.start(node)


def test_clock_steps(scene, background, clock, is_full):
    async def story():
        people = await scene.fill(Room(), 30)
        # Comes back to that process after each step.
        returning = people[0]
        returning.place = scene.place(scene.stack.signaling[0])
        scene.talk(people)
        for seconds in (3600, -3600, 90 * DAY, -90 * DAY, 0):
            clock(seconds)
            await asyncio.wait_for(until_wrong(scene.nemesis.nodes[0], seconds), 30)
            await asyncio.sleep(50 if is_full else 5)
            known = len(returning.resumes)
            returning.line.cut()
            await scene.until(lambda: len(returning.resumes) > known, "the person is back")
        lost = sum(person.is_over for person in people)
        breaks = sum(len(person.breaks) for person in people if person is not returning)
        scene.row("clock of a signaling process ±1 h, ±90 d", "nobody loses a seat or a socket",
                  f"{lost} lost, {breaks} broken sockets", holds=not lost and not breaks)
        await scene.finish()

    background(story(), 330)
