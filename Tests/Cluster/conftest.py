"""What the cluster tests are given: a running Parley with three signaling processes, a nemesis, and people to suffer."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in ("ops", "Tests/Browser", "Tests/Cluster"):
    sys.path.insert(0, str(ROOT / folder))

from fixtures import *  # noqa: E402, F403
from history import Recorder  # noqa: E402
from nemesis import Nemesis  # noqa: E402
from proxy import Proxy  # noqa: E402
from scene import Scene  # noqa: E402
from stack.problems import Problem  # noqa: E402
from stack.stack import Stack  # noqa: E402
from table import Table  # noqa: E402

TABLE = Table()
# Seconds for the race for seats in the short form.
RACE_BUDGET = 180


@dataclass(frozen=True)
class Cluster:
    stack: Stack
    # Between each signaling process and Redis, by the name of the process.
    proxies: dict
    starter: ThreadPoolExecutor


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="also what takes long, and more rounds of the rest")
    parser.addoption("--rounds", type=int, help="rounds of the race for seats (default 1000 with --full, "
                     f"otherwise 100, which must begin within {RACE_BUDGET} s)")
    parser.addoption("--seeds", type=int, help="random runs (default 50 with --full, otherwise 1)")
    parser.addoption("--seed", type=int, default=1, help="the first seed; failing tests print theirs")


def rounds_of(config):
    return config.getoption("rounds") or (1000 if config.getoption("full") else 100)


def pytest_collection_modifyitems(config, items):
    """The time that pytest.ini allows is for the short form."""
    is_full = config.getoption("full")
    for item in items:
        if "rounds" in item.fixturenames:
            item.add_marker(pytest.mark.timeout(120 + item.module.race_within(rounds_of(config))))
        elif is_full:
            item.add_marker(pytest.mark.timeout(1800))
        if item.get_closest_marker("full") and not is_full:
            item.add_marker(pytest.mark.skip(reason="takes long: only with --full"))


def pytest_terminal_summary(terminalreporter):
    if TABLE.rows:
        terminalreporter.section("figures")
        for line in TABLE.lines():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def cluster(background_loop):
    """Parley with three signaling processes and two media nodes, and a proxy between each signaling process and Redis.

    PARLEY_BINARIES names another folder with executables; PARLEY_LOGS keeps logs and histories there."""
    with tempfile.TemporaryDirectory(prefix="parley-cluster-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        binaries = Path(os.environ.get("PARLEY_BINARIES", ROOT / ".build/debug"))
        stack = Stack(Path(folder), binaries, signaling=3, janus=2, durable=False, scrypt_log_n=10)
        proxies = {node.name: Proxy(stack.redis.port) for node in stack.services["signaling"]}
        for node in stack.services["signaling"]:
            proxy = asyncio.run_coroutine_threadsafe(proxies[node.name].start(), background_loop).result(10)
            url = stack.redis.url.replace(f":{stack.redis.port}/", f":{proxy.port}/")
            node.environment["PARLEY_REDIS_URL_FILE"] = str(stack.secrets.file(f"redis-url-{node.name}", url))
        try:
            stack.start()
        except Problem as problem:
            pytest.exit(str(problem), returncode=1)
        # Children end with the thread that started them, so one thread starts all, as long as the tests run.
        with ThreadPoolExecutor(1) as starter:
            yield Cluster(stack, proxies, starter)
            stack.stop()
        if logs := os.environ.get("PARLEY_LOGS"):
            Path(logs).mkdir(parents=True, exist_ok=True)
            for log in [*stack.logs.glob("*.log"), stack.gateway.folder / "access.log"]:
                (Path(logs) / log.name).write_bytes(log.read_bytes())


@pytest.fixture
def seed(request):
    return request.config.getoption("seed")


@pytest.fixture
def scene(cluster, background, request, tmp_path, seed):
    """What one test happens in. Afterwards everything is as it was, and everybody is gone."""
    folder = Path(os.environ.get("PARLEY_LOGS", tmp_path))
    recorder = Recorder(folder / f"{request.node.name}.jsonl")
    nemesis = Nemesis(cluster.stack, cluster.proxies, cluster.starter, recorder)
    scene = Scene(cluster.stack, recorder, nemesis, TABLE, seed, is_strict=request.config.getoption("full"))
    background(scene.open())
    yield scene
    background(scene.close(), within=120)
    recorder.close()


@pytest.fixture
def is_full(request):
    return request.config.getoption("full")


@pytest.fixture
def rounds(request):
    return rounds_of(request.config)


@pytest.fixture
def race_budget(request, is_full):
    return float("inf") if is_full or request.config.getoption("rounds") else RACE_BUDGET
