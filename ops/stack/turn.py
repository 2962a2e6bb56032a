"""A private TURN server, which relays to the media node's address only."""

from __future__ import annotations

from pathlib import Path

from . import files, network
from .processes import Process

TEMPLATE = files.ROOT / "ops/turn/turnserver.conf.template"


class Turn:
    def __init__(self, folder: Path, logs: Path, secrets: files.Secrets, port: int):
        self.user = files.service_user("turnserver")
        self.folder = files.folder_for(self.user, folder)
        self.secrets = secrets
        self.port = port
        self.process = Process(
            "coturn", [*files.as_user(self.user), "turnserver", "-c", str(self.folder / "turnserver.conf")],
            logs / "turn.log", folder=self.folder)

    @property
    def urls(self) -> list[str]:
        return [f"turn:{network.HOST}:{self.port}?transport={transport}" for transport in ("udp", "tcp")]

    def start(self) -> None:
        _, address = network.media_interface()
        files.render(TEMPLATE, self.folder / "turnserver.conf", {
            "FOLDER": self.folder, "LISTEN_ADDRESS": network.HOST, "PORT": self.port, "RELAY_ADDRESS": address,
            "MEDIA_ADDRESS": address, "FIRST_RELAY_PORT": 30000, "LAST_RELAY_PORT": 31999,
            "SECRET": self.secrets.value("turn"),
        })
        files.folder_for(self.user, self.folder)
        self.process.start()
        self.process.wait_until(lambda: network.accepts_connections(self.port), within=20)

    def stop(self) -> None:
        self.process.stop()
