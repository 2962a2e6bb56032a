"""python3 -m stack run | check | servers"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from . import demo, files, network
from .postgres import Postgres
from .problems import Problem
from .redis import Redis
from .stack import Stack


PURPOSE = "the gateway (--port chooses another)"


def say(text: str) -> None:
    print(text, flush=True)


def on_signals(handler) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def check(options: argparse.Namespace) -> int:
    """Whether there is a port to run at, before anything is built."""
    network.require_free(options.port, PURPOSE)
    return 0


def run(options: argparse.Namespace) -> int:
    """Runs Parley until Ctrl-C or SIGTERM."""
    stopping = threading.Event()
    is_started = False

    def stop(*_) -> None:
        # Once is enough: another Ctrl-C does not disturb the stopping. Whatever a start waits for is left at once.
        on_signals(signal.SIG_IGN)
        if not is_started:
            raise KeyboardInterrupt
        stopping.set()

    on_signals(stop)
    network.require_free(options.port, PURPOSE)
    stack = Stack(options.folder, options.binaries, port=options.port, signaling=options.signaling,
                  presence=options.presence, say=say)
    try:
        stack.start()
        account, is_new = demo.ensure(stack)
        is_started = True
        say("")
        say(f"  Parley is at   {stack.url}")
        say(f"  Organization   {account.ucsid}")
        say(f"  User name      {account.user_name}")
        say(f"  Password       {account.password}" + ("" if is_new else "   (as before)"))
        say("")
        say(f"  Logs are in {stack.logs}. Ctrl-C stops everything; the data stays.")
        while not stopping.wait(1):
            stack.keep_media_nodes()
            for process in stack.processes():
                if not process.is_running:
                    raise Problem(f"{process.name} ended by itself. {process.last_words()}")
        say("\nStopping")
    finally:
        on_signals(signal.SIG_IGN)
        stack.stop()
    return 0


def servers(options: argparse.Namespace) -> int:
    """Runs a command beside a private PostgreSQL and Redis, whose addresses are in its environment."""
    with tempfile.TemporaryDirectory(prefix="parley-test-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        secrets = files.Secrets(folder / "secrets")
        ports = network.free_ports(2)
        postgres = Postgres(folder / "postgres", folder / "logs", secrets, ports[0], durable=False)
        redis = Redis(folder / "redis", folder / "logs", secrets, ports[1])
        try:
            postgres.start()
            redis.start()
            environment = {**os.environ, "PARLEY_TEST_POSTGRES": postgres.url, "PARLEY_TEST_REDIS": redis.url}
            return subprocess.run(options.command, env=environment, check=False).returncode
        finally:
            redis.stop()
            postgres.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="stack")
    actions = parser.add_subparsers(required=True)
    runner = actions.add_parser("run")
    runner.add_argument("--folder", type=Path, default=files.ROOT / ".run")
    runner.add_argument("--binaries", type=Path, default=files.ROOT / ".build/release")
    runner.add_argument("--port", type=int, default=8080)
    runner.add_argument("--signaling", type=int, default=1)
    runner.add_argument("--presence", type=int, default=1)
    runner.set_defaults(action=run)
    checker = actions.add_parser("check")
    checker.add_argument("--port", type=int, default=8080)
    checker.set_defaults(action=check)
    beside = actions.add_parser("servers")
    beside.add_argument("command", nargs="+")
    beside.set_defaults(action=servers)
    options = parser.parse_args()
    try:
        return options.action(options)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
