"""The processes of those who watch, for the program that measures."""

from __future__ import annotations

import multiprocessing
import time

from .watchers import watch

PROCESSES = 2
PATIENCE = 300


class Watchers:
    """The processes that watch. Each has every second token."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self.pipes = []
        for _ in range(PROCESSES):
            ours, theirs = context.Pipe()
            context.Process(target=watch, args=(theirs,), daemon=True).start()
            theirs.close()
            self.pipes.append(ours)

    def tell(self, name: str, *words) -> None:
        for pipe in self.pipes:
            pipe.send((name, *words))

    def share(self, name: str, tokens: list[str], *words) -> None:
        for number, pipe in enumerate(self.pipes):
            pipe.send((name, *words, tokens[number::PROCESSES]))

    def ask(self, name: str) -> list:
        self.tell(name)
        return [pipe.recv() for pipe in self.pipes]

    def state(self) -> dict:
        states = self.ask("state")
        total = {name: sum(state[name] for state in states) for name in states[0] if name not in ("first", "last", "problems")}
        live = [state for state in states if state["live"]]
        return total | {"problems": [problem for state in states for problem in state["problems"]],
                        "first": min((state["first"] for state in live), default=0),
                        "last": max((state["last"] for state in live), default=0)}

    def wait(self, is_reached, what: str) -> dict:
        deadline = time.monotonic() + PATIENCE
        while not is_reached(state := self.state()):
            assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}; {state}"
            time.sleep(0.1)
        return state

    def wait_for_quiet(self, count: int) -> dict:
        """Until all know the same, and nothing has changed for two seconds."""
        state = self.wait(lambda one: one["live"] == count and one["first"] == one["last"], "all know the same")
        while True:
            time.sleep(2)
            before, state = state, self.wait(
                lambda one: one["live"] == count and one["first"] == one["last"], "all know the same")
            if before["last"] == state["last"]:
                return state
