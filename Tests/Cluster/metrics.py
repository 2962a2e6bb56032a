"""What a process counts of itself."""

from __future__ import annotations

import asyncio
import urllib.request


def metric(service, name: str, **labels: str) -> float:
    """The sum of this metric over all that has these labels."""
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    with urllib.request.urlopen(f"{service.inner_url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines
               if line.split("{")[0].split(" ")[0] == name and all(label in line for label in wanted))


async def sockets(nodes) -> list[float]:
    """How many each of these signaling processes has had."""
    return await asyncio.gather(*(asyncio.to_thread(metric, node, "signaling_sockets_total") for node in nodes))


async def busiest(nodes, before: list[float]):
    """The one with most new sockets since."""
    opened = [after - count for after, count in zip(await sockets(nodes), before)]
    return nodes[opened.index(max(opened))]
