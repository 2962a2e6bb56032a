"""Parley's own processes."""

from __future__ import annotations

from pathlib import Path

from . import files, network
from .processes import Process, answers, run


class Service:
    """One process of identity, directory, signaling or presence."""

    def __init__(self, kind: str, binaries: Path, logs: Path, ports: tuple[int, int], environment: dict[str, str],
                 name: str | None = None):
        self.kind = kind
        self.name = name or kind
        self.binary = binaries / kind
        self.port, self.inner_port = ports
        self.environment = {
            "PARLEY_HOST": network.HOST, "PARLEY_PORT": str(self.port), "PARLEY_INNER_PORT": str(self.inner_port),
            **environment,
        }
        self.process = Process(
            self.name, [str(self.binary), "serve"], logs / f"{self.name}.log", environment=self.environment)

    @property
    def url(self) -> str:
        return f"http://{network.HOST}:{self.port}"

    @property
    def inner_url(self) -> str:
        return f"http://{network.HOST}:{self.inner_port}"

    @property
    def socket_url(self) -> str:
        return f"ws://{network.HOST}:{self.port}"

    def migrate(self) -> None:
        self.command("migrate", what=f"Migrating the database of {self.kind}")

    def command(self, *words: str, what: str, text: str | None = None) -> str:
        """Runs a subcommand of the executable with the service's own settings."""
        return run(what, [str(self.binary), *words], environment=self.environment, text=text)

    def start(self) -> None:
        self.process.start()

    def wait_until_ready(self) -> None:
        self.process.wait_until(lambda: answers(f"{self.inner_url}/health/ready"), within=30)

    def stop(self) -> None:
        self.process.stop(within=25)


def plan(binaries: Path, logs: Path, secrets: files.Secrets, ports: dict[str, list[tuple[int, int]]],
         common: dict[str, str], servers: dict[str, str], scrypt_log_n: int | None,
         mail: dict[str, str] | None = None) -> dict[str, list[Service]]:
    """The services with their settings. `ports` has a pair (public, inner) for each process, `servers` the addresses of
    PostgreSQL, Redis, Janus and coturn, `mail` the settings of a mail server; there is none by default."""

    def inner(kind: str) -> str:
        return f"http://{network.HOST}:{ports[kind][0][1]}"

    database = {"PARLEY_DATABASE_URL_FILE": str(secrets.file("database-url", servers["postgres"]))}
    store = {"PARLEY_REDIS_URL_FILE": str(secrets.file("redis-url", servers["redis"]))}
    settings: dict[str, dict[str, str]] = {
        "identity": database | store | {"PARLEY_DIRECTORY_URL": inner("directory")} | ({"PARLEY_SCRYPT_LOG_N": str(scrypt_log_n)} if scrypt_log_n else {}),
        "directory": database | store | {
            "PARLEY_IDENTITY_URL": inner("identity"), "PARLEY_SIGNALING_URL": inner("signaling"),
            "PARLEY_PIN_KEY_FILE": str(secrets.file("pin-key")),
        } | (mail or {}),
        "signaling": store | {
            "PARLEY_IDENTITY_URL": inner("identity"), "PARLEY_DIRECTORY_URL": inner("directory"),
            "PARLEY_PRESENCE_URL": ",".join(f"http://{network.HOST}:{pair[1]}" for pair in ports["presence"]),
            "PARLEY_JANUS_URLS": servers["janus"], "PARLEY_JANUS_API_SECRET_FILE": str(secrets.file("janus-api")),
            "PARLEY_JANUS_ADMIN_KEY_FILE": str(secrets.file("janus-admin-key")),
            "PARLEY_TURN_URLS": servers["turn"], "PARLEY_TURN_SECRET_FILE": str(secrets.file("turn")),
        },
        "presence": database | store | {"PARLEY_IDENTITY_URL": inner("identity")},
    }
    common = common | {"PARLEY_CLUSTER_SECRET_FILE": str(secrets.file("cluster"))}
    services: dict[str, list[Service]] = {}
    for kind, pairs in ports.items():
        several = len(pairs) > 1
        services[kind] = []
        for number, pair in enumerate(pairs, start=1):
            name = f"{kind}-{number}" if several else kind
            own = {"PARLEY_NODE": name} if kind == "signaling" else {}
            services[kind].append(Service(kind, binaries, logs, pair, common | settings[kind] | own, name))
    return services
