"""A private nginx in front of everything."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from . import files, network
from .processes import Process, run

TEMPLATES = files.ROOT / "ops/gateway"


class Gateway:
    """`upstreams` maps identity and directory to a port, presence and signaling to a list of ports."""

    def __init__(self, folder: Path, logs: Path, port: int, public_url: str, upstreams: dict):
        self.web_root = files.ROOT / "Services/Web/public"
        self.folder = folder
        self.port = port
        self.public_url = public_url
        self.upstreams = upstreams
        self.command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
        self.process = Process("nginx", self.command, logs / "gateway.log")

    def start(self) -> None:
        (self.folder / "temp").mkdir(parents=True, exist_ok=True)
        for template in TEMPLATES.glob("*.template"):
            files.render(template, self.folder / template.stem, self._values(), mode=0o644)
        files.write(self.folder / "mime.types", (TEMPLATES / "mime.types").read_text(), mode=0o644)
        run("The gateway's configuration", [*self.command, "-t", "-q"])
        self.process.start()
        self.process.wait_until(lambda: network.accepts_connections(self.port), within=15)

    def stop(self) -> None:
        # SIGTERM: a graceful end would wait for open sockets.
        self.process.stop()

    def _values(self) -> dict[str, str]:
        public = urlsplit(self.public_url)
        listeners = [f"        listen {network.HOST}:{self.port} backlog=1024;"]
        if network.has_ipv6_loopback():
            listeners.append(f"        listen [::1]:{self.port} backlog=1024;")
        nodes = [f"{network.HOST}:{port}" for port in self.upstreams["signaling"]]
        return {
            "USER": self._user(), "ACCESS_LOG": "access.log", "WEB_ROOT": str(self.web_root), "LISTEN": "\n".join(listeners),
            "PRESENCE": "\n".join(
                f"        server {network.HOST}:{port} max_fails=0;" for port in self.upstreams["presence"]),
            "SIGNALING": "\n".join(f"        server {node} max_fails=0;" for node in nodes),
            "SIGNALING_BY_NUMBER": "\n".join(f"        {number} {nodes[(number - 1) % len(nodes)]};" for number in range(1, 10)),
            "SOCKET_ORIGIN": ("wss" if public.scheme == "https" else "ws") + f"://{public.netloc}",
            **{name.upper(): f"{network.HOST}:{self.upstreams[name]}" for name in ("identity", "directory")},
        }

    def _user(self) -> str:
        """Workers of a root nginx give up their rights, unless the pages are in a folder that only root can read."""
        if os.geteuid() != 0:
            return ""
        user = files.service_user("www-data")
        pages = next(iter(self.web_root.glob("*.html")), self.web_root)
        return f"user {user};" if files.can_read(user, pages) else "user root;"
