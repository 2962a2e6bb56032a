"""Child processes: started with a log of their own, waited for, stopped by pid."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from .problems import Problem

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def basics() -> dict[str, str]:
    """What a child gets of our environment: nothing but the places of programs. Debian keeps servers in sbin, which only
    root has in its PATH."""
    return {"PATH": os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One child. It has its own session, so that Ctrl-C reaches only us and we stop all in order."""

    def __init__(self, name: str, command: list[str], log: Path, environment: dict[str, str] | None = None,
                 folder: Path | None = None):
        self.name = name
        self.log = log
        self.command = command
        self.environment = environment
        self.folder = folder
        self.child: subprocess.Popen | None = None
        self._is_meant_to_run = False

    def start(self) -> "Process":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        environment = {**basics(), **(self.environment or {})}
        with open(self.log, "ab") as log:
            try:
                self.child = subprocess.Popen(
                    self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
                    env=environment, start_new_session=True, preexec_fn=_die_with_parent)
            except FileNotFoundError:
                raise Problem(f"{self.name}: the program {self.command[0]} is missing.") from None
        self._is_meant_to_run = True
        return self

    @property
    def pid(self) -> int:
        assert self.child
        return self.child.pid

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    @property
    def ended_by_itself(self) -> bool:
        """Whether it is gone although nobody here stopped or killed it."""
        return self._is_meant_to_run and not self.is_running

    def end(self) -> str:
        """How it ended: a status or a signal."""
        code = self.child.returncode if self.child else None
        if code is None or code >= 0:
            return f"status {code}"
        return f"signal {signal.Signals(-code).name}"

    def wait_until(self, is_ready: Callable[[], bool], within: float) -> None:
        """Waits for the condition; says what the process last said if it ends or takes too long."""
        deadline = time.monotonic() + within
        while not is_ready():
            if not self.is_running:
                code = self.child.returncode if self.child else "?"
                raise Problem(f"{self.name} ended while starting (status {code}). {self.last_words()}")
            if time.monotonic() > deadline:
                raise Problem(f"{self.name} was not ready within {within:.0f} s. {self.last_words()}")
            time.sleep(0.05)

    def last_words(self, count: int = 8) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-count:]
        except OSError:
            lines = []
        return f"Its log is {self.log}" + ("; its end:\n  " + "\n  ".join(lines) if lines else ".")

    def stop(self, signal_number: int = signal.SIGTERM, within: float = 10) -> None:
        """Asks the process to end, and ends it."""
        self._is_meant_to_run = False
        if not self.child:
            return
        if self.child.poll() is None:
            self.child.send_signal(signal_number)
            try:
                self.child.wait(within)
            except subprocess.TimeoutExpired:
                self.kill()
        self.child.wait()

    def kill(self) -> None:
        """As a power failure would end it."""
        self._is_meant_to_run = False
        if self.child and self.child.poll() is None:
            self.child.kill()
            self.child.wait()


def run(what: str, command: list[str], environment: dict[str, str] | None = None, text: str | None = None,
        within: float = 120) -> str:
    """Runs a command to its end and returns what it printed. As with a `Process`, Ctrl-C reaches only us."""
    full = {**basics(), **(environment or {})}
    try:
        done = subprocess.run(command, env=full, input=text, capture_output=True, text=True, timeout=within, check=False,
                              start_new_session=True)
    except FileNotFoundError:
        raise Problem(f"{what}: the program {command[0]} is missing.") from None
    except subprocess.TimeoutExpired:
        raise Problem(f"{what}: not done within {within:.0f} s.") from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-8:]
        raise Problem(f"{what} failed (status {done.returncode}):\n  " + "\n  ".join(said), done.returncode)
    return done.stdout


def answers(url: str) -> bool:
    """Whether a GET is answered with 2xx."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return 200 <= answer.status < 300
    except (OSError, urllib.error.URLError):
        return False
