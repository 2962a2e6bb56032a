"""A private media node."""

from __future__ import annotations

from pathlib import Path

from . import files, network
from .processes import Process

TEMPLATES = files.ROOT / "ops/janus"


class Janus:
    def __init__(self, folder: Path, logs: Path, secrets: files.Secrets, port: int, name: str = "janus",
                 ice_lite: bool = True, rtp_ports: str = "20000-29999"):
        self.user = files.service_user()
        self.folder = files.folder_for(self.user, folder)
        self.secrets = secrets
        self.port = port
        self.name = name
        self.ice_lite = ice_lite
        self.rtp_ports = rtp_ports
        self.process = Process(
            name.capitalize(), [*files.as_user(self.user), "janus", "-F", str(self.folder)], logs / f"{name}.log")

    @property
    def url(self) -> str:
        return f"ws://{network.HOST}:{self.port}"

    def start(self) -> None:
        interface, _ = network.media_interface()
        values = {
            "FOLDER": self.folder, "NAME": self.name, "ADDRESS": network.HOST, "PORT": self.port,
            "API_SECRET": self.secrets.value("janus-api"), "ADMIN_SECRET": self.secrets.value("janus-admin-api"),
            "ADMIN_KEY": self.secrets.value("janus-admin-key"), "RTP_PORTS": self.rtp_ports, "INTERFACE": interface,
            "ICE_LITE": "true" if self.ice_lite else "false", "PUBLIC_ADDRESS": "",
        }
        for name in ("janus.jcfg", "janus.plugin.videoroom.jcfg", "janus.transport.websockets.jcfg"):
            files.render(TEMPLATES / f"{name}.template", self.folder / name, values)
        files.folder_for(self.user, self.folder)
        self.process.start()
        self.process.wait_until(lambda: network.accepts_connections(self.port), within=20)

    def stop(self) -> None:
        self.process.stop()
