"""The whole, started and stopped in order."""

from __future__ import annotations

import fcntl
import secrets as random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import files, network, services
from .gateway import Gateway
from .janus import Janus
from .postgres import Postgres
from .problems import Problem
from .redis import Redis
from .turn import Turn

KINDS = ("identity", "directory", "signaling", "presence")


@dataclass(frozen=True)
class Account:
    ucsid: str
    alias: str
    user_name: str
    display_name: str
    password: str


class Stack:
    """A Parley of its own in `folder`, at http://localhost:`port`."""

    def __init__(self, folder: Path, binaries: Path, port: int | None = None, signaling: int = 1, presence: int = 1, janus: int = 1,
                 durable: bool = True, scrypt_log_n: int | None = None, log_level: str = "info",
                 mail: dict[str, str] | None = None,
                 say: Callable[[str], None] = lambda _: None):
        self.folder = folder.resolve()
        self.binaries = binaries.resolve()
        self.logs = self.folder / "logs"
        self.say = say
        self._lock = None
        self._started: list = []
        # Media nodes that had to be started again, with how they ended.
        self.restarts: list[str] = []
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take_folder()
        self.secrets = files.Secrets(self.folder / "secrets")

        inner_count = 3 + janus + 2 * (2 + signaling + presence)
        free = iter(network.free_ports(inner_count + 1))
        self.port = port or next(free)
        self.url = f"http://localhost:{self.port}"
        self.postgres = Postgres(self.folder / "postgres", self.logs, self.secrets, next(free), durable)
        self.redis = Redis(self.folder / "redis", self.logs, self.secrets, next(free))
        self.media_nodes = self._plan_media_nodes([next(free) for _ in range(janus)])
        self.turn = Turn(self.folder / "turn", self.logs, self.secrets, next(free))
        counts = {"signaling": signaling, "presence": presence}
        ports = {kind: [(next(free), next(free)) for _ in range(counts.get(kind, 1))] for kind in KINDS}
        self.services = services.plan(
            self.binaries, self.logs, self.secrets, ports,
            common={"PARLEY_PUBLIC_URL": self.url, "PARLEY_LOG_LEVEL": log_level},
            servers={"postgres": self.postgres.url, "redis": self.redis.url,
                     "janus": ",".join(node.url for node in self.media_nodes), "turn": ",".join(self.turn.urls)},
            scrypt_log_n=scrypt_log_n, mail=mail)
        self.gateway = Gateway(self.folder / "gateway", self.logs, self.port, self.url, {
            kind: [pair[0] for pair in pairs] if kind in counts else pairs[0][0] for kind, pairs in ports.items()})

    # Addresses, for tests

    @property
    def ws(self) -> str:
        return self.url.replace("http", "ws", 1)

    @property
    def janus(self) -> Janus:
        return self.media_nodes[0]

    @property
    def signaling(self) -> list[str]:
        """ws:// of each signaling process, without the gateway."""
        return [node.socket_url for node in self.services["signaling"]]

    def beside(self, service: services.Service, name: str) -> services.Service:
        """Another process of a service, which the gateway does not know. Whoever starts it stops it."""
        port, inner = network.free_ports(2)
        environment = service.environment | {"PARLEY_PORT": str(port), "PARLEY_INNER_PORT": str(inner)}
        return services.Service(service.kind, self.binaries, self.logs, (port, inner), environment, name)

    # Life

    def start(self) -> None:
        self._require_binaries()
        network.require_free(self.port, "the gateway")
        try:
            self.start_servers()
            self._start_services()
            self._start("the gateway", self.gateway)
        except BaseException:
            self.stop()
            raise

    def start_servers(self) -> None:
        """PostgreSQL, Redis, Janus and coturn, without Parley's own processes."""
        for part in (self.postgres, self.redis, *self.media_nodes, self.turn):
            if not part.folder.is_relative_to(self.folder):
                self.say(f"{self.folder} is closed to the user {part.user}: using {part.folder}")
        self._start("PostgreSQL", self.postgres)
        self._start("Redis", self.redis)
        for node in self.media_nodes:
            self._start(node.process.name, node)
        self._start("coturn", self.turn)

    def stop(self) -> None:
        """Everything, the last started first."""
        while self._started:
            try:
                self._started.pop().stop()
            except OSError as error:
                self.say(f"While stopping: {error}")
        if self._lock:
            self._lock.close()
            self._lock = None

    def processes(self) -> list:
        return [part.process for part in self._started]

    def keep_media_nodes(self) -> None:
        """Starts media nodes again that ended by themselves, as a deployment's restart policy does: Janus 1.1.2 is known to
        crash in races of its own, and signaling moves the meetings on by itself. To be called every second or so."""
        for node in self.media_nodes:
            if node.process.ended_by_itself:
                how = node.process.end()
                self.say(f"{node.process.name} ended by itself ({how}) and is started again. {node.process.last_words()}")
                self.restarts.append(f"{node.process.name} ({how})")
                node.start()

    def _plan_media_nodes(self, ports: list[int]) -> list[Janus]:
        """Several share the ports for media evenly."""
        first, count = 20000, 10000 // len(ports)
        nodes = []
        for number, port in enumerate(ports, start=1):
            name = f"janus-{number}" if len(ports) > 1 else "janus"
            start = first + (number - 1) * count
            nodes.append(Janus(self.folder / name, self.logs, self.secrets, port, name,
                               rtp_ports=f"{start}-{start + count - 1}"))
        return nodes

    def _start(self, what: str, part) -> None:
        self.say(f"Starting {what}")
        self._started.append(part)
        part.start()

    def _start_services(self) -> None:
        self.say("Migrating the database")
        for kind in ("identity", "directory", "presence"):
            self.services[kind][0].migrate()
        everyone = [node for kind in KINDS for node in self.services[kind]]
        for node in everyone:
            self._start(node.name, node)
        for node in everyone:
            node.wait_until_ready()

    def _require_binaries(self) -> None:
        missing = [kind for kind in KINDS if not (self.binaries / kind).is_file()]
        if missing:
            raise Problem(f"Not built yet: {', '.join(missing)} in {self.binaries}.")

    def _take_folder(self) -> None:
        """One stack for each folder: two would share a database."""
        lock = open(self.folder / "lock", "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise Problem(f"Another Parley is running in {self.folder}.") from None
        self._lock = lock

    # People

    def add_organization(self, ucsid: str, name: str, alias: str | None = None) -> None:
        self.services["identity"][0].command(
            "organization", "add", "--ucsid", ucsid, "--name", name, *(["--alias", alias] if alias else []),
            what=f"Adding the organization {ucsid}")

    def add_account(self, organization: str, user_name: str, display_name: str, password: str,
                    permissions: tuple[str, ...] = ("rooms.create",)) -> None:
        granted = [word for permission in permissions for word in ("--permission", permission)]
        self.services["identity"][0].command(
            "account", "add", "--organization", organization, "--user-name", user_name, "--display-name", display_name,
            *granted, "--password-stdin", what=f"Adding the account {user_name}", text=password)

    def organizer(self, user_name: str | None = None, display_name: str = "Ada Lovelace", organization: Account | None = None,
                  permissions: tuple[str, ...] = ("rooms.create",)) -> Account:
        """A new account, in a new organization unless one is given, with names that nobody else has."""
        mark = random.token_hex(4)
        user_name = user_name or f"ada-{mark}"
        ucsid = organization.ucsid if organization else f"test-{mark}"
        alias = organization.alias if organization else f"alias-{mark}"
        if not organization:
            self.add_organization(ucsid, f"Organization {mark}", alias)
        account = Account(ucsid, alias, user_name, display_name, random.token_urlsafe(12))
        self.add_account(ucsid, user_name, display_name, account.password, permissions)
        return account
