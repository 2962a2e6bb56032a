"""The figures that were measured, against those that are wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    fault: str
    goal: str
    measured: str
    is_met: bool


class Table:
    """Each test adds its rows; all are printed at the end of the run."""

    def __init__(self):
        self.rows: list[Row] = []

    def add(self, fault: str, goal: str, measured: str, is_met: bool) -> None:
        self.rows.append(Row(fault, goal, measured, is_met))

    def missed(self, since: int) -> list[Row]:
        return [row for row in self.rows[since:] if not row.is_met]

    def lines(self) -> list[str]:
        head = ("fault", "goal", "measured", "")
        cells = [head, *((row.fault, row.goal, row.measured, "ok" if row.is_met else "MISSED") for row in self.rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(4)]
        lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in cells]
        return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def percentile(values: list[float], share: float) -> float:
    """The value below or at which `share` (0 to 1) of all are; infinite when there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")
