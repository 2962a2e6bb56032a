"""A private Redis."""

from __future__ import annotations

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

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection((network.HOST, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while b"+PONG" not in answer:
                    more = connection.recv(100)
                    if not more or more.startswith(b"-"):
                        return False
                    answer += more
                return True
        except OSError:
            return False
