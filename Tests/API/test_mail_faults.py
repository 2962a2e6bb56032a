"""Processes that send mail are killed in the middle of it: nobody's mail is lost, and at most those come twice that were just
under way."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
import requests
from conftest import ROOT, Identity, binaries, keep_logs, start, start_second_directory
from stack.stack import Stack

#: Mails that a process has under way at once: see `SMTPLimits`.
PARALLEL = 4
INVITED = 60
WAITING = "select count(*) from directory.mail where state = 'waiting'"


class MailServer:
    """`Tests/Fixtures/smtp_server.py`, which says of each mail only half a second later that it has taken it."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        (folder / "answer").write_text("late")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "Tests/Fixtures/smtp_server.py"), "--folder", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"smtp://127.0.0.1:{int(self.process.stdout.readline())}"

    def taken(self) -> Counter:
        """How often each recipient has got a mail."""
        return Counter(file.name.split("-", 1)[1] for file in (self.folder / "taken").glob("[0-9]*"))

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


@pytest.fixture
def city():
    """A Parley of its own, with two directory processes and a mail server."""
    with tempfile.TemporaryDirectory(prefix="parley-mail-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        stack = Stack(Path(folder) / "stack", binaries(), durable=False, scrypt_log_n=10)
        server = MailServer(Path(folder) / "mail")
        try:
            service = start(stack, server.url)
            start_second_directory(stack)
            yield Identity(service.url, stack.url, stack.redis, stack), server
        finally:
            stack.stop()
            server.stop()
            keep_logs(stack)


def wait(what: str, condition, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.mark.timeout(180)
def test_nobody_is_forgotten(city):
    city, server = city
    owner = city.organization("mail", ("owner", ("rooms.create",)))["owner"]
    first, second = city.stack.services["directory"]
    rooms = f"{second.url}/api/directory/rooms"
    room = requests.post(rooms, json={"name": "Room"}, headers=owner.with_token, timeout=30).json()
    invited = [f"person{number:02}@example.org" for number in range(INVITED)]
    answer = requests.post(f"{rooms}/{room['id']}/appointments", headers=owner.with_token, timeout=30, json={
        "start": "2040-12-04T10:00", "end": "2040-12-04T11:00", "timeZone": "UTC", "invitees": invited})
    assert answer.status_code == 201, answer.text

    # One is killed while both send: the other goes on.
    wait("no mail goes out", lambda: len(server.taken()) >= 12)
    first.process.kill()
    before = server.taken().total()
    wait("the other process does not go on", lambda: server.taken().total() > before + PARALLEL)
    # Nobody sends any more, and some still wait.
    second.process.kill()
    wait("the processes do not end", lambda: not first.process.is_running and not second.process.is_running)
    left = int(city.sql(WAITING))
    assert left > 2 * PARALLEL, "all were sent before anything was killed"
    assert int(city.sql(f"{WAITING} and attempts > 0")) <= 2 * PARALLEL

    # What was under way is free again after the lease, of which nobody waits for the end here.
    city.sql("update directory.mail set due_at = now() where state = 'waiting'")
    first.start()
    first.wait_until_ready()
    wait(f"mails still wait: {left} before", lambda: int(city.sql(WAITING)) == 0, 60)
    taken = server.taken()
    assert set(taken) == set(invited)
    assert taken.total() - INVITED <= 2 * PARALLEL, taken
    assert max(taken.values()) <= 2
    assert int(city.sql("select count(*) from directory.mail where state = 'sent' and attempts <= 2")) == INVITED
