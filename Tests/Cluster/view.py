"""A room as one client sees it, from what it hears; each piece goes into the history."""

from __future__ import annotations

from history import Recorder

# Room events have a seq; so have these, which are not events.
NO_EVENTS = {"welcome", "resumed"}


class View:
    def __init__(self, recorder: Recorder, client: str, room: str):
        self.recorder = recorder
        self.client = client
        self.room = room
        self.seat: str | None = None
        self.epoch = ""
        self.seq = 0
        self.people: dict[str, dict] = {}

    def show(self, welcome: dict) -> None:
        """A snapshot."""
        self.epoch, self.seq = welcome["epoch"], welcome["seq"]
        self.people = {person["id"]: person for person in welcome["participants"]}
        chat = [[message["seq"], message["from"], message["text"]] for message in welcome.get("chat", [])]
        self._write("snapshot", people=[person["id"] for person in welcome["participants"]], chat=chat)

    def hear(self, message: dict) -> None:
        if message.get("type") == "welcome":
            self.show(message)
        elif "seq" in message and message["type"] not in NO_EVENTS:
            self._event(message)

    def _event(self, message: dict) -> None:
        self.seq = message["seq"]
        body = {name: value for name, value in message.items() if name not in ("seq", "type")}
        match message["type"]:
            case "joined":
                self.people |= {person["id"]: person for person in body["participants"]}
            case "updated":
                self.people[body["participant"]["id"]] = body["participant"]
            case "left":
                self.people.pop(body["id"], None)
        self._write("event", type=message["type"], body=body)

    def write_roster(self) -> None:
        """For the end, when all is quiet."""
        self._write("roster", people=sorted(self.people))

    def _write(self, kind: str, **fields) -> None:
        self.recorder.write(kind, client=self.client, room=self.room, seat=self.seat, epoch=self.epoch, seq=self.seq,
                            **fields)
