"""Ports, and the address that carries media."""

from __future__ import annotations

import errno
import random
import socket
import struct
from contextlib import ExitStack
from pathlib import Path

from .problems import Problem

HOST = "127.0.0.1"


# Below the ports that the kernel gives to outgoing connections, one of which may else take a port before its server does, and
# below those that carry media.
FREE_PORTS = range(10_000, 20_000)


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on now."""
    with ExitStack() as held:
        ports = []
        for port in random.sample(FREE_PORTS, len(FREE_PORTS)):
            if len(ports) == count:
                return ports
            probe = held.enter_context(socket.socket())
            try:
                probe.bind((HOST, port))
                ports.append(port)
            except OSError:
                continue
        raise Problem(f"There are no {count} free ports from {FREE_PORTS.start} to {FREE_PORTS.stop - 1}.")


def require_free(port: int, purpose: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Problem(f"Port {port} for {purpose} is in use by another process.") from None
            raise Problem(f"Port {port} for {purpose} can not be used: {error.strerror}.") from None


def accepts_connections(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


def media_interface() -> tuple[str, str]:
    """Name and IPv4 address of the interface of the default route. Janus never takes loopback, so media between processes
    of this machine goes over that address too; the kernel keeps it inside the machine."""
    for line in Path("/proc/net/route").read_text().splitlines()[1:]:
        name, destination, _, flags, _, _, _, mask = line.split()[:8]
        if destination == "00000000" and mask == "00000000" and int(flags, 16) & 1:
            return name, interface_address(name)
    raise Problem("There is no network interface with a default route, and Janus takes no other.")


def interface_address(name: str) -> str:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("256s", name.encode()[:15])
        try:
            answer = fcntl.ioctl(probe.fileno(), 0x8915, request)  # SIOCGIFADDR
        except OSError:
            raise Problem(f"The network interface {name} has no IPv4 address, and media needs one.") from None
    return socket.inet_ntoa(answer[20:24])
