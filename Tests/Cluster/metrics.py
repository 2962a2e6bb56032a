"""What a process counts of itself."""

from __future__ import annotations

import asyncio
import urllib.request


async def metric(service, name: str, **labels: str) -> float:
    """The sum of this metric over all that has these labels."""

    def read() -> str:
        with urllib.request.urlopen(f"{service.inner_url}/metrics", timeout=5) as answer:
            return answer.read().decode()

    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    lines = [line for line in (await asyncio.to_thread(read)).splitlines()
             if line.split("{")[0].split(" ")[0] == name and all(label in line for label in wanted)]
    return sum(float(line.split()[-1]) for line in lines)
