"""The servers under test. Each is started afresh for a run, in a folder of its own, on loopback, without TLS, on one core."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from stack import files, network, services
from stack.processes import Process, answers
from stack.redis import Redis

SERVER_CORE = 0
GENERATOR_CORE = 1
ENVIRONMENT = {
    # As many event loops as cores, which SwiftNIO does not see from the pinning.
    "NIO_SINGLETON_GROUP_LOOP_COUNT": "1",
    # What one person and one room may say, this many times over.
    "PARLEY_MESSAGE_RATE_FACTOR": "1000",
}


def pinned(core: int, command: list[str]) -> list[str]:
    return ["taskset", "--cpu-list", str(core), *command]


class System:
    """What the measuring needs to know of a server. `options` are words for the generator."""

    name = ""
    title = ""

    def __init__(self, folder: Path):
        self.folder = folder
        self.logs = folder / "logs"
        self.processes: list[Process] = []
        self.options: list[str] = []

    @property
    def pids(self) -> list[int]:
        """The processes whose CPU and memory count as the server's."""
        return [self.processes[-1].pid]

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        while self.processes:
            self.processes.pop().stop(within=10)

    def launch(self, process: Process, is_ready, within: float = 20) -> None:
        self.processes.append(process)
        process.start()
        process.wait_until(is_ready, within)

    def launch_backend(self, port: int) -> None:
        command = [sys.executable, "-m", "harness.backend", str(port)]
        self.launch(
            Process("the backend", pinned(GENERATOR_CORE, command), self.logs / "backend.log",
                    folder=Path(__file__).resolve().parents[1]),
            lambda: network.accepts_connections(port))

    def plain(self, name: str, user: str | None, command: list[str], port: int) -> None:
        words = pinned(SERVER_CORE, [*files.as_user(user), *command])
        self.launch(
            Process(name, words, self.logs / f"{self.name}.log"), lambda: network.accepts_connections(port))


class Store:
    """The Redis of all Parleys of a bench. When it is new, only people who were inside may come in for a while, so that it is
    waited for once and not before each run."""

    # Seconds, for the marks of all partitions to be made and for their windows to pass.
    FIRST_WAIT = 10

    def __init__(self, folder: Path):
        self.secrets = files.Secrets(folder / "secrets")
        [port] = network.free_ports(1)
        self.redis = Redis(folder / "redis", folder / "logs", self.secrets, port)
        self.redis.process.command = pinned(SERVER_CORE, self.redis.process.command)
        self.is_new = True
        self.redis.start()

    def stop(self) -> None:
        self.redis.stop()


class Parley(System):
    """Redis and signaling processes. There are no media, and directory and presence only say yes."""

    name = "parley"
    title = "Parley"

    def __init__(self, folder: Path, binaries: Path, store: Store, nodes: int = 1):
        super().__init__(folder)
        self.binaries = binaries
        self.store = store
        self.nodes = nodes
        self.signaling: list[services.Service] = []

    @property
    def pids(self) -> list[int]:
        return [node.process.pid for node in self.signaling]

    def start(self) -> None:
        secrets = self.store.secrets
        free = iter(network.free_ports(2 + 2 * self.nodes))
        stub, nowhere = next(free), next(free)
        self.launch_backend(stub)
        origin = "http://localhost:8080"
        ports = {kind: [(stub, stub)] for kind in ("identity", "directory", "presence")}
        ports["signaling"] = [(next(free), next(free)) for _ in range(self.nodes)]
        plan = services.plan(
            self.binaries, self.logs, secrets, ports, common={"PARLEY_PUBLIC_URL": origin},
            servers={"postgres": "postgres://nowhere", "redis": self.store.redis.url,
                     "janus": f"ws://127.0.0.1:{nowhere}", "turn": f"turn:127.0.0.1:{nowhere}"},
            scrypt_log_n=None)
        self.signaling = plan["signaling"]
        for node in self.signaling:
            node.process.command = pinned(SERVER_CORE, node.process.command)
            node.process.environment |= ENVIRONMENT
            node.start()
        for node in self.signaling:
            # Without a media node it is alive and never ready.
            node.process.wait_until(lambda: answers(f"{node.inner_url}/health/live"), within=30)
        time.sleep(Store.FIRST_WAIT if self.store.is_new else 1)
        self.store.is_new = False
        self.options = [
            *(word for node in self.signaling for word in ("--port", str(node.port))),
            "--secret-file", str(secrets.file("cluster")), "--origin", origin]

    def stop(self) -> None:
        for node in self.signaling:
            # Nobody is there to be moved: it need not drain.
            node.process.kill()
        super().stop()


class Spreed(System):
    name = "spreed"
    title = "spreed-signaling"
    package = "nextcloud-spreed-signaling"

    def start(self) -> None:
        port, backend = network.free_ports(2)
        self.launch_backend(backend)
        user = files.service_user()
        folder = files.folder_for(user, self.folder / self.name)
        files.write(folder / "server.conf", "\n".join([
            "[http]", f"listen = 127.0.0.1:{port}",
            "[app]", "debug = false",
            "[sessions]", f"hashkey = {'0f1e2d3c' * 8}", f"blockkey = {'4b5a6978' * 4}",
            "[clients]", f"internalsecret = {'8796a5b4' * 4}",
            "[backend]", "allowall = true", f"secret = {'c3d2e1f0' * 4}", "timeout = 10", "connectionsperhost = 64",
            "[nats]", "url = :loopback:",
            "[mcu]", "type =", "[turn]", "[geoip]", "[stats]", ""]))
        files.folder_for(user, folder)
        self.plain("spreed-signaling", user,
                   ["nextcloud-spreed-signaling-server", "-config", str(folder / "server.conf")], port)
        self.options = ["--port", str(port), "--backend",
                        f"http://127.0.0.1:{backend}/ocs/v2.php/apps/spreed/api/v1/signaling/backend"]


class Prosody(System):
    name = "prosody"
    title = "Prosody MUC"
    package = "prosody"

    def start(self) -> None:
        [port] = network.free_ports(1)
        user = files.service_user("prosody")
        folder = files.folder_for(user, self.folder / self.name)
        files.write(folder / "prosody.cfg.lua", "\n".join([
            'modules_enabled = { "saslauth", "disco", "ping", "websocket" }',
            # Debian's limit of 10 kB/s for each client would be measured instead of the server.
            'modules_disabled = { "limits", "s2s", "posix", "tls" }',
            f'data_path = "{folder}"', f'pidfile = "{folder}/prosody.pid"', "daemonize = false",
            'log = { warn = "*console" }', 'storage = "memory"', "archive_expires_after = 'never'",
            f"http_ports = {{ {port} }}", 'http_interfaces = { "127.0.0.1" }', "https_ports = {}", "c2s_ports = {}",
            "s2s_ports = {}", "c2s_require_encryption = false", "consider_websocket_secure = true",
            "cross_domain_websocket = true",
            'VirtualHost "localhost"', '    authentication = "anonymous"',
            'Component "conference.localhost" "muc"', "    muc_room_locking = false", "    max_history_messages = 0",
            "    muc_room_default_history_length = 0", ""]))
        files.folder_for(user, folder)
        self.plain("Prosody", user, ["prosody", "-F", "--config", str(folder / "prosody.cfg.lua")], port)
        self.options = ["--port", str(port)]


class NATS(System):
    name = "nats"
    title = "nats-server"
    package = "nats-server"

    def start(self) -> None:
        port, plain = network.free_ports(2)
        user = files.service_user()
        folder = files.folder_for(user, self.folder / self.name)
        files.write(folder / "nats.conf", "\n".join([
            'host: "127.0.0.1"', f"port: {plain}",
            f'websocket {{ host: "127.0.0.1", port: {port}, no_tls: true }}', ""]))
        files.folder_for(user, folder)
        self.plain("nats-server", user, ["nats-server", "-c", str(folder / "nats.conf")], port)
        self.options = ["--port", str(port)]


PEERS = {system.name: system for system in (Spreed, Prosody, NATS)}
