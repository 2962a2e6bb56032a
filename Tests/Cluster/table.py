"""The figures that were measured, against those that are wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Time:
    """Seconds that were measured and those that are wanted. A busy machine misses them without any mistake of Parley, so only a
    strict run insists on the goal; any other fails when the time is beyond `loose`, usually four times the goal."""

    seconds: float
    goal: float
    loose: float | None = None

    def bound(self, is_strict: bool) -> float:
        return self.goal if is_strict else self.loose or 4 * self.goal

    def is_within(self, is_strict: bool) -> bool:
        return self.seconds <= self.bound(is_strict)


@dataclass(frozen=True)
class Row:
    """`holds` is what no machine is too slow for."""

    fault: str
    goal: str
    measured: str
    holds: bool
    times: tuple[Time, ...] = ()

    def is_met(self, is_strict: bool = True) -> bool:
        return self.holds and all(time.is_within(is_strict) for time in self.times)


class Table:
    """Each test adds its rows; all are printed at the end of the run."""

    def __init__(self):
        self.rows: list[Row] = []

    def failed(self, since: int, is_strict: bool) -> list[Row]:
        return [row for row in self.rows[since:] if not row.is_met(is_strict)]

    def lines(self) -> list[str]:
        head = ("fault", "goal", "measured", "")
        cells = [head, *((row.fault, row.goal, row.measured, "ok" if row.is_met() else "MISSED") for row in self.rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(4)]
        lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in cells]
        return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def percentile(values: list[float], share: float) -> float:
    """The value below or at which `share` (0 to 1) of all are; infinite when there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")
