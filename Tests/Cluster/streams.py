"""The room's events as each client heard them, against the one order that they must have."""

from __future__ import annotations

import json
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise


def canonical(body) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


class Stream:
    """One client's way through the events of its room."""

    def __init__(self, client: str, room: str):
        self.client = client
        self.room = room
        self.epoch: str | None = None
        self.seq = 0
        self.epochs: list[str] = []
        self.people: set[str] = set()
        self.largest = 0
        # How often each text was heard as an event, and which were shown in snapshots.
        self.heard: dict[str, int] = defaultdict(int)
        self.shown: set[str] = set()

    def move(self, epoch: str, seq: int) -> None:
        if epoch != self.epoch:
            self.epochs.append(epoch)
        self.epoch, self.seq = epoch, seq

    def count(self) -> None:
        self.largest = max(self.largest, len(self.people))


class Streams:
    def __init__(self, lines: list[dict]):
        self.problems: list[tuple[str, str]] = []
        self.first_left: dict[tuple[str, str], float] = {}
        self._streams: dict[tuple[str, str], Stream] = {}
        # (room, epoch, seq) → (what, who heard it first).
        self._log: dict[tuple[str, str, int], tuple[str, str]] = {}
        self._snapshots: list[dict] = []
        self._room_of_text: dict[str, str] = {}
        for line in lines:
            if line["kind"] == "op" and line["op"] == "chat":
                self._room_of_text[line["text"]] = line["room"]
            elif line["kind"] == "event":
                self._event(self._stream(line), line)
            elif line["kind"] == "snapshot":
                self._snapshot(self._stream(line), line)
        self._epochs()

    def _stream(self, line: dict) -> Stream:
        return self._streams.setdefault((line["client"], line["room"]), Stream(line["client"], line["room"]))

    def _problem(self, room: str, text: str) -> None:
        self.problems.append((room, text))

    # What is heard

    def _event(self, stream: Stream, line: dict) -> None:
        """A `joined` of n people is n events, and may be merged differently for others."""
        people = line["body"].get("participants") if line["type"] == "joined" else None
        parts = [{"id": person["id"]} for person in people] if people else [line["body"]]
        first = line["seq"] - len(parts) + 1
        self._place(stream, line, first)
        for number, part in enumerate(parts, first):
            self._compare(stream, line, number, part)
        self._take(stream, line, people)

    def _place(self, stream: Stream, line: dict, first: int) -> None:
        what = f"{stream.client} heard {line['type']} {line['seq']}"
        if stream.epoch is None or line["epoch"] != stream.epoch:
            self._problem(stream.room, f"{what} of an epoch that it does not know")
        elif first <= stream.seq:
            self._problem(stream.room, f"{what} after {stream.seq}: a duplicate, or out of order")
        elif first > stream.seq + 1:
            self._problem(stream.room, f"{what} after {stream.seq}: a gap")
        stream.move(line["epoch"], line["seq"])

    def _compare(self, stream: Stream, line: dict, seq: int, part) -> None:
        what = f"{line['type']} {canonical(part)}"
        known = self._log.setdefault((stream.room, line["epoch"], seq), (what, stream.client))
        if known[0] != what:
            self._problem(stream.room, f"{seq} is '{what[:80]}' for {stream.client} and '{known[0][:80]}' for {known[1]}")

    def _take(self, stream: Stream, line: dict, people: list | None) -> None:
        body = line["body"]
        if people:
            stream.people |= {person["id"] for person in people}
        elif line["type"] == "left":
            stream.people.discard(body["id"])
            moment = self.first_left.get((stream.room, body["id"]), line["t"])
            self.first_left[stream.room, body["id"]] = min(moment, line["t"])
        elif line["type"] == "chat":
            self._hear(stream, body["text"])
        stream.count()

    def _hear(self, stream: Stream, text: str) -> None:
        stream.heard[text] += 1
        if stream.heard[text] > 1 or text in stream.shown:
            self._problem(stream.room, f"{stream.client} heard '{text}' more than once")
        if self._room_of_text.get(text, stream.room) != stream.room:
            self._problem(stream.room, f"{stream.client} heard '{text}', which belongs to another room")

    def _snapshot(self, stream: Stream, line: dict) -> None:
        if line["epoch"] == stream.epoch and line["seq"] < stream.seq:
            self._problem(stream.room, f"{stream.client} was moved back from {stream.seq} to {line['seq']}")
        stream.move(line["epoch"], line["seq"])
        stream.people = set(line["people"])
        if len(stream.people) != len(line["people"]):
            self._problem(stream.room, f"{stream.client} was shown somebody twice")
        stream.shown |= {text for _, _, text in line["chat"]}
        stream.count()
        self._snapshots.append(line)

    def _epochs(self) -> None:
        """There is one order in which all go through the epochs, though one who is away may miss some; none comes back."""
        before: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for stream in self._streams.values():
            for earlier, later in pairwise(stream.epochs):
                before[stream.room][later].add(earlier)
        for room, graph in before.items():
            try:
                TopologicalSorter(graph).prepare()
            except CycleError as error:
                _, circle = error.args
                self._problem(room, f"not all went through the epochs in one order: {' → '.join(epoch[:6] for epoch in circle)}")

    # What others ask

    def largest_rosters(self, seats: int) -> list[tuple[str, str, int]]:
        return [(one.client, one.room, one.largest) for one in self._streams.values() if one.largest > seats]

    def has_heard(self, client: str, room: str, text: str) -> bool:
        stream = self._streams.get((client, room))
        return stream is not None and (text in stream.heard or text in stream.shown)

    def misplaced(self, line: dict) -> list[str]:
        """What is wrong with the place that an acknowledged message was given. `epochs` are those that the sender knew
        between asking and the answer."""
        text, seq, room = line["text"], line["seq"], line["room"]
        places = [self._log[room, epoch, seq] for epoch in line["epochs"] if (room, epoch, seq) in self._log]
        wanted = canonical(text)
        if places and not any(place.startswith("chat ") and wanted in place for place, _ in places):
            return [f"'{text}' was acknowledged as {seq}, which is '{places[0][0][:80]}'"]
        missing = [one["client"] for one in self._snapshots
                   if one["room"] == room and [one["epoch"]] == line["epochs"] and one["seq"] >= seq
                   and one["chat"] and one["chat"][0][0] <= seq and not any(other == text for _, _, other in one["chat"])]
        return [f"'{text}' ({seq}) is not in the chat that {name} was shown" for name in missing]
