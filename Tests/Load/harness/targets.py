"""What was set as the aim, beside what was measured."""

from __future__ import annotations

from .measure import Figures
from .table import calls, cpu, cpu_with_redis, of, per_socket


def lines(figures: Figures) -> list[str]:
    """A table of those that the run can tell about."""
    rows = [*_costs(figures), *_sizes(figures), *_joins(figures), *_calls(figures)]
    if not rows:
        return []
    return ["| aim | measured | |", "| --- | ---: | --- |",
            *(f"| {aim} | {measured} | {'held' if is_held else 'missed'} |" for aim, measured, is_held in rows)]


def _costs(figures: Figures):
    """CPU of a delivery at 20×50, as much as it can, against the others."""
    mine = figures.median("parley", "chat 20×50", cpu)
    whole = figures.median("parley", "chat 20×50", cpu_with_redis)
    for name, title, part in (("spreed", "a quarter of spreed-signaling's", 0.25), ("prosody", "an eighth of Prosody's", 0.125),
                              ("nats", "less than nats-server's", 1.0)):
        theirs = figures.median(name, "chat 20×50", cpu)
        if mine is not None and theirs:
            yield f"CPU of a delivery, 20×50: {title}", f"{mine:.1f} : {theirs:.1f}", mine <= theirs * part
            if whole is not None:
                yield "… with Parley's Redis", f"{whole:.1f} : {theirs:.1f}", whole <= theirs * part


def _sizes(figures: Figures):
    socket = figures.median("parley", "idle 40×50", per_socket)
    if socket is not None:
        yield "at most 16 KiB for an idle socket", f"{socket:.1f} KiB", socket <= 16
    message = figures.median("parley", "rate 1×50", of("bytesPerDelivery"))
    if message is not None:
        yield "at most 165 bytes for a message of 100", f"{message:.0f}", message <= 165


def _joins(figures: Figures):
    mine = figures.median("parley", "join 1×50", of("seconds"))
    theirs = figures.median("spreed", "join 1×50", of("seconds"))
    if mine is not None and theirs is not None:
        measured = f"{mine * 1000:.0f} : {theirs * 1000:.0f} ms"
        yield "50 come at once no slower than with spreed-signaling", measured, mine <= theirs
    size = figures.median("parley", "join 1×50", of("receivedBytes"))
    if size is not None:
        yield "… with at most 120 kB to all", f"{size / 1000:.0f} kB", size <= 120_000


def _calls(figures: Figures):
    for kind, what in (("calls of a join", "join"), ("calls of a message", "chat message")):
        for run in figures.runs.get(("parley", kind), []):
            yield f"one call of Redis for a {what}", f"{calls(run)[0]:.2f}", abs(calls(run)[0] - 1) < 0.001
