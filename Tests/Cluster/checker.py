"""Finds in a history what must never be there. `python checker.py history.jsonl` prints it.

I1: never more seats than there are. I4: one order of events in a room, for all, without gaps and duplicates; chat that was
acknowledged reaches everybody who was in, once. I5: seats come back, and nobody needs two.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import history
from intervals import GRACE, Loss, Stays, outages
from streams import Streams

SEATS = 50


@dataclass(frozen=True)
class Violation:
    rule: str
    room: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule} in {self.room}: {self.text}"


class Checker:
    # After an acknowledged message, and after a break is mended, somebody who stays in has heard it within this time.
    SETTLED = 5.0
    # How far two clients' views of one moment may lie apart.
    SLACK = 1.0
    # After Redis lost its data, nodes tell it who is in one after another: within a beat and the window of 6 s.
    REBUILDING = 10.0
    # The seat of somebody who is away is free by then: the process is found dead, the grace passes, and somebody looks.
    FORGOTTEN = 60.0

    def __init__(self, lines: list[dict], seats: int = SEATS, grace: float = GRACE):
        self.lines = lines
        self.seats = seats
        self.stays = Stays(lines, grace)
        self.streams = Streams(lines)
        self.outages = outages(lines)
        self.askings: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for line in lines:
            if line["kind"] == "op" and line["op"] in ("enter", "resume"):
                self.askings[line["client"]].append((line["t_invoke"], line["t_return"]))
        self.found: list[Violation] = []

    def check(self) -> list[Violation]:
        self._seats()
        self.found += [Violation("I4", room, text) for room, text in self.streams.problems]
        self._rosters()
        self._shown_as_left()
        self._ghosts()
        self._acknowledged_chat()
        self._same_for_same_key()
        self._resumed_as_themselves()
        self._superseded_by_somebody()
        self._kept_for_who_is_away()
        self._told_only_what_happened()
        self._probes()
        self._final_rosters()
        return self.found

    def _report(self, rule: str, room: str, text: str) -> None:
        self.found.append(Violation(rule, room, text))

    # I1

    def _seats(self) -> None:
        """Sweeps over the beginnings and ends of all stays in a room."""
        for room, intervals in self.stays.by_room.items():
            steps = sorted([(one.begin, 1) for one in intervals] + [(one.end, -1) for one in intervals])
            taken = worst = 0
            when = 0.0
            for moment, step in steps:
                taken += step
                if taken > worst:
                    worst, when = taken, moment
            if worst > self.seats:
                self._report("I1", room, f"{worst} admitted at once, at {when:.3f}, for {self.seats} seats")
        for client, room, count in self.streams.largest_rosters(self.seats):
            self._report("I1", room, f"{client} was shown {count} people for {self.seats} seats")

    # I4

    def _rosters(self) -> None:
        """Who is certainly in is in every snapshot."""
        for line in self.lines:
            if line["kind"] != "snapshot" or self._is_rebuilding(line["t"]):
                continue
            shown = set(line["people"])
            since = min(line["t"] - self.SLACK, self._asked_at(line))
            for stay in self.stays.by_room[line["room"]]:
                is_in = stay.begin < since and stay.end > line["t"] + self.SLACK
                # A process that can't put its seats back in time does so when it can.
                if is_in and stay.seat not in shown and not self._is_doubly_hit(line["t"], line["t"], stay.node_at(line["t"])):
                    self._report("I4", line["room"], f"{line['client']} was not shown {stay.seat}, who was in")

    def _asked_at(self, snapshot: dict) -> float:
        """A busy client reads a snapshot long after it was made, but none was made before the client asked for it."""
        return max((begin for begin, end in self.askings[snapshot["client"]] if begin <= snapshot["t"] <= end), default=snapshot["t"])

    def _is_rebuilding(self, moment: float) -> bool:
        return any(loss.begin <= moment < loss.end + self.REBUILDING for loss in self.stays.losses)

    def _shown_as_left(self) -> None:
        """Nobody who is in, or will come back in time, is shown as left."""
        for (room, seat), moment in self.streams.first_left.items():
            for stay in self.stays.by_room[room]:
                if stay.seat == seat and stay.begin < moment and stay.end > moment + self.SLACK:
                    self._report("I4", room, f"{seat} was shown as left at {moment:.3f} and was in")

    def _ghosts(self) -> None:
        """Who has said goodbye, and was answered, is not shown any more."""
        gone = {(line["room"], line["seat"]): line["t_return"] for line in self.lines
                if line["kind"] == "op" and line["op"] == "leave" and line["result"] == "ok"}
        for line in self.lines:
            if line["kind"] not in ("snapshot", "roster"):
                continue
            for seat in line["people"]:
                left = gone.get((line["room"], seat))
                if left is not None and line["t"] > self._said_by(left) and not self._is_doubly_hit(left, line["t"]):
                    self._report("I4", line["room"], f"{line['client']} was shown {seat}, who had left {line['t'] - left:.1f} s before")

    def _said_by(self, goodbye: float) -> float:
        """A process that dies before Redis could hear of it takes a goodbye with it: then the seat ends as of somebody away."""
        died = any(outage.is_deadly and outage.begin < goodbye + self.SETTLED and outage.end > goodbye for outage in self.outages)
        return self._mended(goodbye) + (self.FORGOTTEN if died else self.SETTLED)

    def _is_doubly_hit(self, begin: float, end: float, node: str | None = None) -> bool:
        """Whether two faults at once have hit the process `node` meanwhile; any, where it is not known."""
        return any(fault.concerns(node) and fault.begin <= end and begin < fault.end for fault in self.stays.double_faults)

    @staticmethod
    def _was_away(one, connections, loss: Loss) -> bool:
        """Chat goes with Redis' memory: who had no socket just then can't hear any more what was said before."""
        return not any(other.client == one.client and other.begin <= loss.begin and loss.end <= other.end for other in connections)

    def _mended(self, moment: float) -> float:
        """From when on all processes could say what they have to: a node that stands still, or has no Redis, says it afterwards."""
        for outage in self.outages:
            if outage.begin < moment + self.SETTLED and outage.end > moment:
                moment = outage.end
        return moment

    def _is_forgotten(self, said: dict) -> bool:
        """Whether Redis lost its data before a process that came back from an outage could read what was said meanwhile."""
        return any(outage.begin < said["t_return"] and said["t_invoke"] < outage.end + self.SETTLED
                   and any(said["t_invoke"] <= loss.end and loss.begin < outage.end + self.SETTLED for loss in self.stays.losses)
                   for outage in self.outages)

    def _acknowledged_chat(self) -> None:
        connections = defaultdict(list)
        for connection in self.stays.connections:
            connections[connection.room].append(connection)
        begins = {(stay.room, stay.seat): stay.begin for stay in self.stays.intervals}
        for line in self.lines:
            if line["kind"] != "op" or line["op"] != "chat" or line["result"] != "ok":
                continue
            room, text = line["room"], line["text"]
            for problem in self.streams.misplaced(line):
                self._report("I4", room, problem)
            if self._is_forgotten(line):
                continue
            missing = set()
            for one in connections[room]:
                # When it was said between the two times, nobody knows.
                if any(line["t_invoke"] <= loss.end and loss.begin < one.begin and self._was_away(one, connections[room], loss)
                       for loss in self.stays.losses):
                    continue
                since = self._mended(max(one.begin, line["t_return"]))
                was_in = begins.get((room, one.seat), one.begin) < line["t_invoke"]
                if was_in and one.end - since >= self.SETTLED and not self.streams.has_heard(one.client, room, text):
                    missing.add(one.client)
            if missing:
                who = ", ".join(sorted(missing)[:5])
                self._report("I4", room, f"'{text}' was acknowledged and not delivered to {len(missing)}: {who}")

    def _same_for_same_key(self) -> None:
        """The same operation with the same key again has the same result: one seat, one message."""
        results: dict[tuple, set] = defaultdict(set)
        for line in self.lines:
            if line["kind"] == "op" and line["result"] == "ok" and line.get("key"):
                what = line["seat"] if line["op"] == "enter" else line.get("seq")
                owner = line["client"] if line["op"] == "enter" else line["seat"]
                results[line["op"], line["room"], owner, line["key"], line.get("epoch")].add(what)
        for (op, room, owner, key, _), found in results.items():
            if len(found) > 1:
                self._report("I4", room, f"{op} of {owner} with the key {key} had several results: {sorted(found)}")

    # I5

    def _resumed_as_themselves(self) -> None:
        for line in self.lines:
            if line["kind"] == "op" and line["op"] == "resume" and line["result"] == "ok":
                if line["seat"] != line["seat_before"]:
                    self._report("I5", line["room"], f"{line['client']} resumed {line['seat_before']} as {line['seat']}")

    def _kept_for_who_is_away(self) -> None:
        for stay, away in self.stays.lost_early:
            self._report("I5", stay.room, f"{stay.seat} was gone when its owner came back after {away:.1f} s")

    def _told_only_what_happened(self) -> None:
        """Nobody is removed, refused or sent away in these stories, and nobody finds no way back for ever."""
        for line in self.lines:
            if line["kind"] == "over" and line["why"] == "told" and line.get("code") != history.SUPERSEDED:
                self._report("I5", line["room"], f"{line['client']} lost {line['seat']} by close code {line.get('code')}")
            if line["kind"] == "over" and line.get("code") == "gave_up":
                self._report("I5", line["room"], f"{line['client']} found no way back to {line['seat']}")

    def _superseded_by_somebody(self) -> None:
        """A client that is told that another socket has its seat, though no other client ever had it, has lost it to a ghost."""
        owners = defaultdict(set)
        for line in self.lines:
            if line["kind"] == "admitted":
                owners[line["room"], line["seat"]].add(line["client"])
        for line in self.lines:
            if line["kind"] == "over" and line.get("code") == history.SUPERSEDED and owners[line["room"], line["seat"]] <= {line["client"]}:
                self._report("I5", line["room"], f"{line['client']} was told that another has {line['seat']}, and nobody has")

    def _probes(self) -> None:
        for line in self.lines:
            if line["kind"] == "probe" and (line["got"] != line["wanted"] or line["took"] > line["within"]):
                self._report("I5", line["room"], f"{line['got']} of {line['wanted']} seats were back after "
                             f"{line['took']:.1f} s, allowed are {line['within']} s")

    def _final_rosters(self) -> None:
        """When all is quiet everybody sees the same."""
        views = defaultdict(lambda: defaultdict(list))
        for line in self.lines:
            if line["kind"] == "roster":
                views[line["room"]][line["epoch"], line["seq"], tuple(line["people"])].append(line["client"])
        for room, different in views.items():
            if len(different) > 1:
                told = "; ".join(f"{len(clients)} at {epoch[:6]}/{seq} see {len(people)} people"
                                 for (epoch, seq, people), clients in different.items())
                self._report("I4", room, f"in the end not all see the same: {told}")


def check(lines: list[dict], **options) -> list[Violation]:
    return Checker(lines, **options).check()


if __name__ == "__main__":
    problems = [problem for path in sys.argv[1:] for problem in check(history.read(Path(path)))]
    print("\n".join(map(str, problems)) or "nothing found")
    sys.exit(1 if problems else 0)
