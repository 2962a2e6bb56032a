"""A private PostgreSQL."""

from __future__ import annotations

import shutil
import signal
import tempfile
from pathlib import Path
from urllib.parse import quote

from . import files, network
from .problems import Problem
from .processes import Process, run


def programs() -> Path:
    """The folder with initdb and postgres: Debian keeps each version in its own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4].split(".")[0]))
    if found:
        return found[-1].parent
    postgres = shutil.which("postgres")
    if postgres:
        return Path(postgres).parent
    raise Problem("PostgreSQL is missing: ops/install installs it.")


class Postgres:
    """One server with the role and the database `parley`."""

    def __init__(self, folder: Path, logs: Path, secrets: files.Secrets, port: int, durable: bool = True):
        self.user = files.service_user("postgres")
        self.folder = files.folder_for(self.user, folder)
        self.port = port
        self.durable = durable
        self.password = secrets.value("postgres")
        self.process = Process("PostgreSQL", self._command(), logs / "postgres.log")

    @property
    def url(self) -> str:
        return f"postgresql://parley:{quote(self.password)}@{network.HOST}:{self.port}/parley"

    def start(self) -> None:
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        self.process.start()
        self.process.wait_until(self._is_ready, within=30)
        # A second start finds the database; so does one after a first start that was cut off.
        if "1" not in self._ask("select count(*) from pg_database where datname = 'parley'"):
            self._ask("create database parley")

    def stop(self) -> None:
        # SIGINT: roll back and end, without waiting for clients.
        self.process.stop(signal.SIGINT, within=20)

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": network.HOST, "port": self.port, "unix_socket_directories": "", "max_connections": 200,
            "shared_buffers": "64MB", "log_min_messages": "warning", "log_timezone": "UTC", "timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [*files.as_user(self.user), str(programs() / "postgres"), "-D", str(self.folder), *options]

    def _create(self) -> None:
        # The password is a file of the server's own user, for a moment: an argument could be read by everybody. The cluster
        # is moved to its place when it is complete, so that one that was cut off is never taken for it.
        with tempfile.TemporaryDirectory(
                prefix="parley-", dir=self.folder.parent, ignore_cleanup_errors=True) as name:
            password, data = Path(name) / "password", Path(name) / "data"
            files.write(password, self.password)
            files.folder_for(self.user, Path(name))
            run("Creating the database cluster", [
                *files.as_user(self.user), str(programs() / "initdb"), "-D", str(data), "-U", "parley",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", f"--pwfile={password}",
                *([] if self.durable else ["--no-sync"]),
            ])
            try:
                data.rename(self.folder)
            except OSError as error:
                raise Problem(f"{self.folder} can not be used for PostgreSQL: {error.strerror}.") from None

    def _is_ready(self) -> bool:
        try:
            return "1" in self._ask("select 1")
        except Problem:
            return False

    def _ask(self, sql: str) -> str:
        return run("Asking PostgreSQL", [
            str(programs() / "psql"), "-h", network.HOST, "-p", str(self.port), "-U", "parley", "-d", "postgres", "-w",
            "-tAqc", sql], environment={"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "3"}, within=15)
