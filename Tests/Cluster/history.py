"""What was done and heard, written down as it happens: one JSON object a line, in the order of the things themselves.

Times are seconds of the monotonic clock, which all processes of one machine share. `kind` says what a line is:

- `op`: something that a client asked for: `op`, `t_invoke`, `t_return`, `client`, `room`, `seat`, `result` (`ok`, `refused`
  with `code`, or `unknown` when no answer came), and what belongs to the operation (`key`, `text`, `seq`, `epoch`, …).
- `admitted`: from `t` on the client holds `seat`: it has heard `welcome` or `resumed`, from `node` where that is known.
- `away`: its socket broke at `t`; at `last_heard` it got the last sign of life. The seat is its own through the grace.
- `over`: it holds the seat no more. `why`: `left`, `told` (by a close code), `gone` (it could not resume), `vanished` (the
  person does not come back; the seat is theirs until the grace ends).
- `event`: heard: `epoch`, `seq`, `type`, `body`.
- `snapshot`: the room as `welcome` showed it: `epoch`, `seq`, `people` (ids in order), `chat` ([seq, from, text]).
- `roster`: how the client sees the room at the end: `epoch`, `seq`, `people`.
- `fault`: what the nemesis did: `what`, `target`, `t`, `t_end`, `data_lost`.
- `probe`: `wanted` people came to get in from `t` on; `got` of them were in after `took` seconds, allowed were `within`.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import IO

now = time.monotonic

# The close code, in `code` of `over`, of a socket whose seat another socket has.
SUPERSEDED = 4509


class Recorder:
    """Writes the history of one run, and keeps it for the checker. Without a path it is only kept."""

    def __init__(self, path: Path | None = None):
        self.path = path
        self.lines: list[dict] = []
        self._file: IO | None = None
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(path, "w")

    def write(self, kind: str, **fields) -> dict:
        line = {"kind": kind, **fields}
        line.setdefault("t", now())
        self.lines.append(line)
        if self._file:
            self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        return line

    def operation(self, op: str, client: str, room: str, seat: str | None, **fields) -> "Operation":
        return Operation(self, {"op": op, "client": client, "room": room, "seat": seat, **fields})

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


class Operation:
    """One operation from its invocation to its return. It is written when it returns; `unknown` unless told otherwise."""

    def __init__(self, recorder: Recorder, fields: dict):
        self._recorder = recorder
        self.fields = {**fields, "result": "unknown"}

    def __enter__(self) -> "Operation":
        self.fields["t_invoke"] = now()
        return self

    def returns(self, result: str, **fields) -> None:
        self.fields |= {"result": result, **fields}

    def __exit__(self, *_) -> None:
        self.fields["t_return"] = now()
        self._recorder.write("op", **self.fields)


def read(path: Path) -> list[dict]:
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]
