"""What the browser tests are given: one running Parley for all of them, people with browsers, and accounts."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ops"))
sys.path.insert(0, str(Path(__file__).parent))

from fixtures import *  # noqa: E402, F403
from parley import Api  # noqa: E402
from stack.problems import Problem  # noqa: E402
from stack.stack import Stack  # noqa: E402


class MediaKeeper:
    """Does what the restart policy of a deployment does. A crash of Janus then costs the meetings of one test some seconds,
    which they must survive, and not all tests that follow."""

    # In a run: Janus 1.1.2 has races of its own, which should be rare.
    MOST_RESTARTS = 1

    def __init__(self, running: Stack):
        self._running = running
        self._over = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        try:
            while not self._over.wait(0.5):
                self._running.keep_media_nodes()
        except Exception as failure:
            self._failure = failure

    def stop(self) -> None:
        self._over.set()
        self._thread.join(30)

    def check(self) -> None:
        """Fails when a media node could not be started again, or had to be too often."""
        self.stop()
        if self._failure:
            raise self._failure
        restarts = self._running.restarts
        assert len(restarts) <= self.MOST_RESTARTS, f"started again: {restarts}"
        if restarts:
            warnings.warn(f"started again: {restarts}", stacklevel=1)


@pytest.fixture(scope="session")
def stack():
    """Parley with two signaling processes, built for debugging, with cheap password hashes and its data thrown away.

    PARLEY_BINARIES names another folder with executables; PARLEY_LOGS keeps the logs there."""
    with tempfile.TemporaryDirectory(prefix="parley-browser-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        binaries = Path(os.environ.get("PARLEY_BINARIES", ROOT / ".build/debug"))
        running = Stack(Path(folder), binaries, signaling=2, durable=False, scrypt_log_n=10, log_level="debug", say=print)
        try:
            running.start()
        except Problem as problem:
            pytest.exit(str(problem), returncode=1)
        keeper = MediaKeeper(running)
        try:
            yield running
            keeper.check()
            ended = [process.name for process in running.processes() if not process.is_running]
            assert not ended, f"ended by themselves: {ended}"
        finally:
            keeper.stop()
            running.stop()
            if logs := os.environ.get("PARLEY_LOGS"):
                Path(logs).mkdir(parents=True, exist_ok=True)
                for log in running.logs.glob("*.log"):
                    (Path(logs) / log.name).write_bytes(log.read_bytes())


@pytest.fixture
def organizer(stack):
    """An account that may create rooms, in an organization of its own."""
    return stack.organizer()


@pytest.fixture
def colleague(stack, organizer):
    """Somebody else of the organizer's organization."""
    return stack.organizer(display_name="Grace Hopper", organization=organizer)


@pytest.fixture
def api(stack, organizer):
    """The organizer's HTTP client, signed in."""
    client = Api(stack.url)
    client.sign_in(organizer.user_name, organizer.password, organizer.ucsid)
    return client
