"""Everything by chance: people come, go, talk, lose their network and vanish, while processes die, stand still and are cut off
from Redis, sometimes two at once. The same seed chooses the same things to do; what they meet is up to the machine."""

from __future__ import annotations

import asyncio

from history import now
from nemesis import Nemesis
from scene import Scene
from tickets import Room

ROOMS = 3
CROWD = 70


class Chaos:
    def __init__(self, scene: Scene, seconds: float):
        self.scene = scene
        self.nemesis: Nemesis = scene.nemesis
        self.seconds = seconds
        self.chance = scene.chance_of("people")
        self.fault_chance = scene.chance_of("faults")
        self.rooms = [Room() for _ in range(ROOMS)]
        self.faults: list[str] = []
        self._entering: set[asyncio.Task] = set()

    async def run(self) -> None:
        deadline = now() + self.seconds
        for room in self.rooms:
            for person in self.scene.newcomers(room, 40):
                self._enter(person)
        await asyncio.sleep(1)
        people = asyncio.create_task(self._people(deadline))
        await self._faults(deadline)
        await people
        await self.nemesis.heal()
        await asyncio.wait(self._entering | {asyncio.create_task(asyncio.sleep(0))}, timeout=40)
        await self.scene.resumed(self.scene.people, 45)

    # People

    def _enter(self, person) -> None:
        task = asyncio.create_task(person.enter(patience=self.chance.choice([0, 20])))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def _people(self, deadline: float) -> None:
        doings = [(self._talk, 60), (self._come, 20), (self._go, 8), (self._stumble, 8), (self._vanish, 1)]
        choices, weights = zip(*doings)
        while now() < deadline:
            await asyncio.sleep(self.chance.uniform(0, 0.06))
            await self.chance.choices(choices, weights)[0]()

    def _somebody(self):
        inside = [person for person in self.scene.inside() if person.line]
        return self.chance.choice(inside) if inside else None

    async def _talk(self) -> None:
        if person := self._somebody():
            self._aside(person.chat())

    async def _come(self) -> None:
        room = self.chance.choice(self.rooms)
        if sum(one.room is room for one in self.scene.inside()) + len(self._entering) < CROWD:
            self._enter(self.scene.newcomers(room, 1, self.chance.choice([self.scene.nodes, self.scene.gateway]))[0])

    async def _go(self) -> None:
        if person := self._somebody():
            self._aside(person.leave())

    async def _stumble(self) -> None:
        if person := self._somebody():
            person.break_off()

    async def _vanish(self) -> None:
        if person := self._somebody():
            self._aside(person.vanish())

    def _aside(self, work) -> None:
        task = asyncio.create_task(work)
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    # Faults

    async def _faults(self, deadline: float) -> None:
        doings = [Chaos._kill, Chaos._kill, Chaos._restart, Chaos._pause, Chaos._unreachable, Chaos._flush, Chaos._lose]
        while now() < deadline:
            await asyncio.sleep(self.fault_chance.uniform(0.5, 3))
            count = 2 if self.fault_chance.random() < 0.25 else 1
            nodes = self.fault_chance.sample(self.nemesis.nodes, count)
            chosen = [self.fault_chance.choice(doings) for _ in nodes]
            # Redis and the ways to it are there once.
            if len({doing for doing in chosen if doing not in ON_A_NODE}) < sum(doing not in ON_A_NODE for doing in chosen):
                chosen.pop()
            self.faults.append(" + ".join(doing.__name__.strip("_") for doing in chosen))
            await asyncio.gather(*(doing(self, node) for doing, node in zip(chosen, nodes)))

    async def _kill(self, node) -> None:
        self.nemesis.kill(node)
        await asyncio.sleep(self.fault_chance.uniform(0, 3))
        await self.nemesis.start(node)

    async def _restart(self, node) -> None:
        await self.nemesis.terminate(node)
        await self.nemesis.start(node)

    async def _pause(self, node) -> None:
        self.nemesis.pause(node)
        await asyncio.sleep(self.fault_chance.uniform(1, 15))
        self.nemesis.unpause(node)

    async def _unreachable(self, _) -> None:
        names = self.fault_chance.sample(list(self.nemesis.proxies), self.fault_chance.randint(1, 3))
        self.nemesis.stall_redis(*names)
        await asyncio.sleep(self.fault_chance.uniform(1, 10))
        await self.nemesis.reach_redis()

    async def _flush(self, _) -> None:
        if self.fault_chance.random() < 0.5:
            self.nemesis.flush_redis()
        else:
            await self.nemesis.restart_redis(keep_data=self.fault_chance.random() < 0.5, pause=self.fault_chance.uniform(0, 2))

    async def _lose(self, _) -> None:
        for proxy in self.nemesis.proxies.values():
            proxy.lose(b"Person")
        await asyncio.sleep(2)
        for proxy in self.nemesis.proxies.values():
            await proxy.heal()


# These hurt one process; of the others there can be one at a time.
ON_A_NODE = (Chaos._kill, Chaos._restart, Chaos._pause)
