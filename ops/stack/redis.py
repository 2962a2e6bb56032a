"""A private Redis."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

from . import files, network
from .processes import Process


class Redis:
    def __init__(self, folder: Path, logs: Path, secrets: files.Secrets, port: int):
        self.user = files.service_user("redis")
        self.folder = files.folder_for(self.user, folder)
        self.port = port
        self.password = secrets.value("redis")
        self.process = Process(
            "Redis", [*files.as_user(self.user), "redis-server", str(self.folder / "redis.conf")], logs / "redis.log")

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{network.HOST}:{self.port}/0"

    def start(self) -> None:
        files.write(self.folder / "redis.conf", "\n".join([
            f"bind {network.HOST}", f"port {self.port}", f"dir {self.folder}", f"requirepass {self.password}",
            "protected-mode yes", 'save ""', "appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction",
            "loglevel warning", 'logfile ""', "tcp-backlog 511", "",
        ]))
        files.folder_for(self.user, self.folder)
        self.process.start()
        self.process.wait_until(self._is_ready, within=20)

    def stop(self) -> None:
        self.process.stop()

    def forget(self) -> None:
        """Throws all data away, as long as it is stopped."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "redis.conf":
                path.unlink()

    def ask(self, command: str, within: float = 5) -> str:
        """The first line of the answer to a command without spaces in its words. An error raises `OSError`."""
        with socket.create_connection((network.HOST, self.port), timeout=within) as connection:
            connection.sendall(f"AUTH {self.password}\r\n{command}\r\n".encode())
            with connection.makefile("r", newline="\r\n") as answers:
                lines = [answers.readline().strip() for _ in range(2)]
        for line in lines:
            if not line or line.startswith("-"):
                raise OSError(f"Redis answered '{line}'")
        return lines[-1][1:]

    def _is_ready(self) -> bool:
        try:
            return self.ask("PING", within=1) == "PONG"
        except OSError:
            return False
