"""One test: a room or several, people in them, faults, and at the end the checker over all that was seen."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

from checker import SEATS, Checker
from history import Recorder, now
from life import Place
from nemesis import Nemesis
from person import Person
from proxy import Proxy
from stack.stack import Stack
from table import Row, Table, Time, percentile
from tickets import Room, Tickets


class Scene:
    def __init__(self, stack: Stack, recorder: Recorder, nemesis: Nemesis, table: Table, seed: int,
                 is_strict: bool = False):
        self.stack = stack
        self.recorder = recorder
        self.nemesis = nemesis
        self.table = table
        self.seed = seed
        self.is_strict = is_strict
        self.chance = self.chance_of("scene")
        self.people: list[Person] = []
        self._talks: list[asyncio.Task] = []
        self._proxies: list[Proxy] = []
        self._rows_before = len(table.rows)
        tickets = Tickets(stack.secrets.value("cluster"))
        names = dict(zip(stack.signaling, (node.name for node in stack.services["signaling"])))
        self.nodes = Place(stack.signaling, stack.url, tickets, recorder, names, self.chance_of("clients"))
        self.gateway = self.place(f"ws://127.0.0.1:{stack.port}")

    def chance_of(self, purpose: str) -> random.Random:
        """Each purpose has its own, so that the timing of one does not decide what another gets."""
        return random.Random(f"{self.seed} {purpose}")

    def place(self, *addresses: str) -> Place:
        """Other addresses, such as those of proxies."""
        return replace(self.nodes, addresses=list(addresses))

    async def proxy(self, port: int) -> Proxy:
        """One before this port, until the scene ends."""
        self._proxies.append(await Proxy(port).start())
        return self._proxies[-1]

    async def open(self) -> None:
        """Waits until seats are given: for some seconds after a start, and after Redis lost its data, there are none."""
        person = Person(replace(self.nodes, recorder=Recorder()), Room())
        assert await person.enter(patience=40), f"nobody gets in: {person.refusal}"
        await person.leave()

    # People

    def newcomers(self, room: Room, count: int, place: Place | None = None) -> list[Person]:
        """Spread over all nodes, or behind the gateway."""
        people = [Person(place or self.nodes, room, first=number) for number in range(count)]
        self.people += people
        return people

    async def fill(self, room: Room, count: int = SEATS, place: Place | None = None) -> list[Person]:
        """People who are all in."""
        people = self.newcomers(room, count, place)
        results = await asyncio.gather(*(person.enter(patience=20) for person in people))
        refusals = [person.refusal for person in people if person.refusal]
        assert all(results), f"{results.count(False)} of {count} did not get in: {refusals[:3]}"
        return people

    def talk(self, people: list[Person], every: float = 0.2) -> None:
        """Somebody of these says something every so many seconds, until the scene ends."""

        async def chatter():
            said = set()
            while True:
                await asyncio.sleep(every * self.chance.uniform(0.5, 1.5))
                inside = [person for person in people if not person.is_over and person.line]
                if inside and len(said) < 100:
                    task = asyncio.create_task(self.chance.choice(inside).chat())
                    said.add(task)
                    task.add_done_callback(said.discard)

        self._talks.append(asyncio.create_task(chatter()))

    async def stop_talking(self) -> None:
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        self._talks.clear()

    async def until(self, condition, what: str, within: float = 15) -> float:
        """Waits for the condition; returns how long it took."""
        began = now()
        while not condition():
            assert now() - began < within, f"seed {self.seed}: not within {within} s: {what}"
            await asyncio.sleep(0.02)
        return now() - began

    def inside(self) -> list[Person]:
        return [person for person in self.people if person.seat and not person.is_over]

    async def resumed(self, people: list[Person], within: float = 30) -> None:
        """Waits until everybody who lost the socket since is back."""
        await self.until(lambda: all(one.is_over or len(one.resumes) == len(one.breaks) for one in people),
                         "everybody is back", within)

    # The end

    async def probe(self, room: Room, goal: float, wanted: int = SEATS, since: float | None = None,
                    loose: float | None = None) -> Time:
        """Whether a room that was left admits as many as ever within the time. Returns how long it took."""
        began = now() if since is None else since
        within = Time(0, goal, loose).bound(self.is_strict)
        waiting, inside = self.newcomers(room, wanted), []
        while waiting and now() - began < within + 5:
            results = await asyncio.gather(*(person.enter() for person in waiting))
            inside += [person for person, is_in in zip(waiting, results) if is_in]
            waiting = [Person(self.nodes, room, first=number) for number, is_in in enumerate(results) if not is_in]
            self.people += waiting
        took = now() - began
        self.recorder.write("probe", room=room.id, t=began, wanted=wanted, got=len(inside), took=took, within=within)
        return Time(took, goal, loose)

    async def settle(self, within: float = 20) -> None:
        """Nothing more is said; waits until everybody in a room has heard the same."""
        await self.stop_talking()
        quiet = {}
        deadline = now() + within
        while now() < deadline:
            await asyncio.sleep(0.5)
            before, quiet = quiet, {one.client: (one.view.epoch, one.view.seq) for one in self.inside()}
            rooms = {(one.room.id, one.view.epoch, one.view.seq) for one in self.inside()}
            busy = any(len(one.resumes) < len(one.breaks) or one._pending for one in self.inside())
            if before == quiet and not busy and len(rooms) == len({room for room, _, _ in rooms}):
                break
        for person in self.inside():
            person.view.write_roster()

    def check_and_forget(self) -> None:
        """For rooms that are over. A history of millions of lines keeps Python busy for seconds, and all proxies with it."""
        violations = Checker(self.recorder.lines).check()
        assert not violations, self._told(violations)
        self.recorder.lines.clear()

    async def finish(self, afterwards=None) -> None:
        """Lets everybody go, does what is to be done `afterwards`, and checks everything that was seen."""
        await self.settle()
        await asyncio.gather(*(person.leave() for person in self.inside()))
        if afterwards:
            await afterwards()
        violations = Checker(self.recorder.lines).check()
        assert not violations, self._told(violations)
        failed = self.table.failed(self._rows_before, self.is_strict)
        assert not failed, f"missed, with seed {self.seed}: {failed}"

    async def close(self) -> None:
        """Whatever has happened, the next one finds all well and nobody here."""
        await self.stop_talking()
        await asyncio.gather(*(person.end() for person in self.people))
        await asyncio.gather(*(proxy.stop() for proxy in self._proxies))
        await self.nemesis.heal()

    def _told(self, violations: list) -> str:
        some = "\n  ".join(map(str, violations[:12]))
        return f"{len(violations)} violations with seed {self.seed}, history {self.recorder.path}:\n  {some}"

    def row(self, fault: str, goal: str, measured: str, *times: Time, holds: bool = True) -> None:
        """For the table. `finish` fails if something else than a time is wrong (`holds`), or a time beyond what is allowed."""
        self.table.rows.append(Row(fault, goal, measured, holds, times))

    def resume_row(self, fault: str, people: list[Person], p50: float = 2, p99: float = 5) -> None:
        times = [seconds for person in people for seconds in person.resumes]
        middle, late = percentile(times, 0.5), percentile(times, 0.99)
        lost = sum(1 for person in people if person.told not in (None, "left"))
        self.row(f"{fault}: {len(times)} sockets resumed", f"p50 < {p50} s, p99 < {p99} s, none lost",
                 f"p50 {middle:.2f} s, p99 {late:.2f} s, {lost} lost", Time(middle, p50), Time(late, p99), holds=not lost)
