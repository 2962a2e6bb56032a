"""When each seat was certainly held, as its owner saw it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

# A seat is kept 30 s for somebody whose socket broke. What the owner last heard may be some seconds older than the break,
# and a lease is renewed only so often: for so long after it the seat is certainly still kept.
GRACE = 25.0
FOREVER = float("inf")
# After Redis lost its data all processes have told it of their seats by then.
PUT_BACK = 6.0
# How long a process may take to end.
DYING = 30.0


@dataclass
class Interval:
    """One stay of one seat: from the welcome to the leaving, through every break that was mended."""

    room: str
    seat: str
    begin: float
    end: float
    # The process that served the seat from each moment on, where it is known.
    nodes: list[tuple[float, str | None]] = field(default_factory=list)

    def node_at(self, moment: float) -> str | None:
        return next((node for since, node in reversed(self.nodes) if since <= moment), None)


@dataclass
class Connection:
    """A time in which one client had a working socket."""

    client: str
    room: str
    seat: str
    begin: float
    end: float


@dataclass(frozen=True)
class Loss:
    """Redis lost its data at some moment between these two."""

    begin: float
    end: float


def losses(lines: list[dict]) -> list[Loss]:
    return [Loss(line["t"], line.get("t_end", line["t"])) for line in lines if line["kind"] == "fault" and line.get("data_lost")]


# What ends an outage, by what begins it.
MENDED_BY = {"pause": ("unpause", "kill"), "unreachable": ("reachable", "kill"), "restart": ("start",),
             "restart without data": ("start",)}


@dataclass(frozen=True)
class Outage:
    """From when until when a signaling process stood still or could not reach Redis; all of them when `node` is none."""

    begin: float
    end: float
    node: str | None
    # Whether the process died of it, with all that it still had to say.
    is_deadly: bool = False

    def concerns(self, node: str | None) -> bool:
        """`node` is none when it is not known."""
        return node is None or self.node in (None, node)

    def kills(self, death: "Outage") -> bool:
        """Whether that process died in it, or was told to just before: it ends its work by then, but can't tell anybody."""
        return self.node == death.node and self.begin - DYING <= death.begin <= self.end


def _faults(lines: list[dict]) -> list[dict]:
    return [line for line in lines if line["kind"] == "fault"]


def _node(fault: dict) -> str | None:
    name = fault["target"].removeprefix("Redis for ")
    return name if name.startswith("signaling") else None


def outages(lines: list[dict]) -> list[Outage]:
    """In the order of their beginnings. Whoever has a socket there hears nothing meanwhile, however well the socket is."""
    faults = _faults(lines)
    found = []
    for number, fault in enumerate(faults):
        mended_by = MENDED_BY.get(fault["what"])
        if mended_by and (_node(fault) or fault["target"] == "Redis"):
            ends = (later for later in faults[number:]
                    if later["what"] in mended_by and later["target"] in (fault["target"].removeprefix("Redis for "), "Redis"))
            last = next(ends, {"t": FOREVER, "what": None})
            outage = Outage(fault["t"], last["t"], _node(fault))
            found.append(replace(outage, is_deadly=any(outage.kills(death) for death in deaths(lines))))
    return found


def deaths(lines: list[dict]) -> list[Outage]:
    return [Outage(line["t"], line["t"], _node(line)) for line in _faults(lines)
            if line["what"] in ("kill", "terminate") and _node(line)]


def double_faults(lines: list[dict]) -> list[Outage]:
    """From when until when a seat may be lost because Redis lost its data and the process that would put it back died, stood
    still or could not reach Redis then."""
    # That Redis is away when it loses its data is not another fault.
    away = outages([line for line in lines if not line.get("data_lost")])
    return [Outage(loss.begin, max(loss.end, other.end) + PUT_BACK, other.node) for loss in losses(lines) for other in away + deaths(lines)
            if other.begin <= loss.end + PUT_BACK and other.end >= loss.begin]


class Stays:
    """Intervals and connections of a history."""

    def __init__(self, lines: list[dict], grace: float = GRACE):
        self.grace = grace
        self.losses = losses(lines)
        self.double_faults = double_faults(lines)
        self.deaths = deaths(lines)
        self.intervals: list[Interval] = []
        self.connections: list[Connection] = []
        # Seats whose owners were refused though they came back in time, and after how many seconds.
        self.lost_early: list[tuple[Interval, float]] = []
        self._open: dict[tuple[str, str], Interval] = {}
        self._away: dict[tuple[str, str], float] = {}
        self._connected: dict[tuple[str, str], Connection] = {}
        for line in lines:
            if line["kind"] in ("admitted", "away", "over"):
                handle = {"admitted": self._admitted, "away": self._leave_socket, "over": self._over}[line["kind"]]
                handle(line, (line["room"], line["seat"]))
        self._finish()
        self.by_room: dict[str, list[Interval]] = defaultdict(list)
        for interval in self.intervals:
            self.by_room[interval.room].append(interval)

    def _admitted(self, line: dict, key: tuple[str, str]) -> None:
        if key not in self._open:
            self._open[key] = Interval(*key, line["t"], FOREVER)
        self._away.pop(key, None)
        self._open[key].nodes.append((line["t"], line.get("node")))
        self._disconnect(key, line["t"])
        self._connected[key] = Connection(line["client"], *key, line["t"], FOREVER)

    def _disconnect(self, key: tuple[str, str], at: float) -> None:
        if connection := self._connected.pop(key, None):
            connection.end = max(connection.begin, at)
            self.connections.append(connection)

    @staticmethod
    def _away_since(line: dict) -> float:
        return line.get("last_heard", line["t"])

    def _leave_socket(self, line: dict, key: tuple[str, str]) -> None:
        if key in self._open:
            self._away[key] = self._away_since(line)
        self._disconnect(key, self._away_since(line))

    def _over(self, line: dict, key: tuple[str, str]) -> None:
        interval = self._open.pop(key, None)
        away = self._away.pop(key, None)
        self._disconnect(key, line["t"])
        if not interval:
            return
        if line["why"] == "vanished":
            interval.end = self._kept_until(self._away_since(line) if away is None else away, interval)
        elif away is None:
            interval.end = line["t"]
        else:
            kept_until = self._kept_until(away, interval)
            if line["why"] == "gone" and line["t"] < kept_until:
                self.lost_early.append((interval, line["t"] - away))
            interval.end = min(line["t"], kept_until)
        self._keep(interval)

    def _kept_until(self, away: float, interval: Interval) -> float:
        """By two faults the seat of somebody who is away, or whom a fault sends away, may be lost: both at once, or Redis forgets
        it when the process that knew of it has ended before."""
        end = away + self.grace
        node, since = interval.nodes[-1][::-1]
        orphaned = [max(away, loss.begin) for loss in self.losses for death in self.deaths
                    if death.concerns(node) and since <= death.begin <= loss.end + PUT_BACK and away < loss.end and loss.begin < end]
        hits = [max(away, fault.begin) for fault in self.double_faults
                if fault.concerns(node) and fault.begin < end and away < fault.end]
        return min([end, *hits, *orphaned])

    def _finish(self) -> None:
        for key, interval in self._open.items():
            if key in self._away:
                interval.end = self._kept_until(self._away[key], interval)
            self._keep(interval)
        for key in list(self._connected):
            self._disconnect(key, FOREVER)

    def _keep(self, interval: Interval) -> None:
        interval.end = max(interval.begin, interval.end)
        self.intervals.append(interval)
