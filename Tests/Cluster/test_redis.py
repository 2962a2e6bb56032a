"""Redis goes away, comes back, and forgets."""

import asyncio

import pytest
from history import now
from metrics import busiest, sockets
from person import Person
from table import Time
from tickets import Room


async def first_join(scene, room):
    """Seconds until somebody new is let in again, trying all the time; at most 60."""
    began = now()
    while now() - began < 60:
        [person] = scene.newcomers(room, 1)
        if await person.enter():
            return now() - began
        await asyncio.sleep(0.1)
    return float("inf")


async def through(scene, what, fault, within):
    """A full and a half full room go through the fault. Joins pause no longer than `within` seconds; nobody is lost."""
    full, half = Room(), Room()
    people = await scene.fill(full) + await scene.fill(half, 25)
    scene.talk(people[:50])
    scene.talk(people[50:], 0.5)
    await asyncio.sleep(1)
    await fault()
    crowd = scene.newcomers(full, 20)
    pause, *results = await asyncio.gather(first_join(scene, half), *(one.enter(patience=20) for one in crowd))
    await scene.resumed(people)
    lost = sum(person.is_over for person in people)
    breaks = sum(len(person.breaks) for person in people)
    scene.row(what, f"meetings go on, joins pause ≤ {within} s, never 51",
              f"{lost} lost, {breaks} broken sockets, joins after {pause:.1f} s, {sum(results)} of 20 too many got in",
              Time(pause, within), holds=not lost and not breaks and not any(results))
    await scene.finish()


def test_restart_with_data(scene, background):
    background(through(scene, "Redis restart, data kept", lambda: scene.nemesis.restart_redis(keep_data=True), 3), 160)


def test_kill_with_data(scene, background):
    """What Redis had not written to its file yet is missing: the last second at most."""
    background(through(scene, "Redis kill -9, data kept", lambda: scene.nemesis.restart_redis(keep_data=True, kill=True), 3), 160)


def test_restart_without_data(scene, background):
    background(through(scene, "Redis kill -9, data lost", lambda: scene.nemesis.restart_redis(keep_data=False), 15), 160)


def test_flushall(scene, background):
    async def flush():
        scene.nemesis.flush_redis()

    background(through(scene, "FLUSHALL", flush, 15), 160)


@pytest.mark.full
def test_flushall_again_and_again(scene, background):
    async def story():
        room = Room()
        people = await scene.fill(room)
        scene.talk(people)
        pauses = []
        for _ in range(10):
            scene.nemesis.flush_redis()
            leaver = scene.chance.choice([one for one in people if not one.is_over])
            await leaver.leave()
            people.append(newcomer := scene.newcomers(room, 1)[0])
            began = now()
            assert await newcomer.enter(patience=30)
            pauses.append(now() - began)
        lost = sum(1 for one in people if one.told not in (None, "left"))
        scene.row(f"FLUSHALL, {len(pauses)} times", "nobody lost, joins pause ≤ 15 s", f"{lost} lost, joins after at most "
                  f"{max(pauses):.1f} s", Time(max(pauses), 15), holds=not lost)
        await scene.finish()

    background(story(), 400)


def test_redis_is_unreachable_for_a_while(scene, background, is_full):
    seconds = 60 if is_full else 12

    async def story():
        people = await scene.fill(Room(), 30)
        scene.talk(people)
        await asyncio.sleep(1)
        scene.nemesis.stall_redis()
        began = now()
        refusals, slowest = [], 0.0
        while now() - began < seconds:
            [person] = scene.newcomers(people[0].room, 1)
            asked = now()
            assert not await person.enter(again=0)
            slowest = max(slowest, now() - asked)
            refusals.append((person.refusal or {}).get("retryAfter"))
            await asyncio.sleep(0.5)
        await scene.nemesis.reach_redis()
        pause = await first_join(scene, people[0].room)
        await scene.resumed(people, 40)
        lost = sum(person.is_over for person in people)
        breaks = sum(len(person.breaks) for person in people)
        told = sum(1 for seconds in refusals if seconds)
        scene.row(f"Redis unreachable for {seconds} s", "nobody lost, joins refused with retryAfter within 10 s",
                  f"{lost} lost, {breaks} broken sockets, {told} of {len(refusals)} told when, slowest {slowest:.1f} s, "
                  f"joins again after {pause:.1f} s", Time(slowest, 10), Time(pause, 20),
                  # After 31 s without Redis a process can't know any more whether the seats are its own.
                  holds=not lost and told == len(refusals) and (breaks == 0 or seconds > 30))
        await scene.finish()

    background(story(), 240)


def test_one_process_can_not_reach_redis(scene, background):
    """All of the room sit there, behind the gateway, which knows nothing of it. Others serve them."""

    async def story():
        room = Room()
        before = await sockets(scene.nemesis.nodes)
        people = await scene.fill(room, 20, scene.gateway)
        node = await busiest(scene.nemesis.nodes, before)
        scene.talk(people)
        await asyncio.sleep(1)
        scene.nemesis.stall_redis(node.name)
        began = now()
        [newcomer] = scene.newcomers(room, 1, scene.gateway)
        assert await newcomer.enter(patience=30), newcomer.refusal
        came_in = now() - began
        await asyncio.sleep(began + 45 - now())
        await scene.resumed(people, 10)
        await scene.nemesis.reach_redis()
        lost = sum(person.is_over for person in people)
        slowest = max((seconds for person in people for seconds in person.resumes), default=0)
        scene.row("one signaling process can't reach Redis for 45 s, all of a room sit there", "nobody lost, others let in ≤ 15 s",
                  f"{lost} lost, back after {slowest:.1f} s, let in after {came_in:.1f} s", Time(came_in, 15), holds=not lost)
        await scene.finish()

    background(story(), 160)


def test_a_join_is_held_back_on_the_way_to_redis(scene, background):
    """A process that can't reach Redis gives a join up, and so does the person, who comes in at another. Then the join arrives."""

    async def story():
        room = Room()
        people = await scene.fill(room, 10)
        for number, node in enumerate(scene.nemesis.nodes):
            scene.nemesis.stall_redis(node.name)
            person = Person(scene.nodes, room, first=number)
            scene.people.append(person)
            assert await person.enter(patience=10)
            assert person.turn > number + 1, "the process that was cut off gave a seat"
            await scene.nemesis.reach_redis()
            await asyncio.sleep(0.5)
        await scene.resumed(scene.people, 20)
        lost = sum(person.is_over for person in scene.people)
        counts = {len(person.view.people) for person in scene.inside()}
        scene.row("a join is held back on its way to Redis", "takes the seat from nobody", f"{lost} lost, rosters of {sorted(counts)}",
                  holds=not lost and counts == {len(people) + len(scene.nemesis.nodes)})
        await scene.finish()

    background(story(), 90)


def test_an_answer_is_lost_on_the_way_from_redis(scene, background):
    """One process asks Redis for a seat, the answer never comes; the person asks again and has one seat, not two."""

    async def story():
        room = Room()
        people = await scene.fill(room, 10)
        for number, node in enumerate(scene.nemesis.nodes):
            proxy = scene.nemesis.proxies[node.name]
            # Who was there before is only named in what is answered to somebody who joins.
            proxy.lose(people[0].name.encode())
            person = Person(scene.nodes, room, first=number)
            scene.people.append(person)
            assert await person.enter(patience=10)
            assert proxy.lost.is_set()
        seats = {person.seat for person in scene.people}
        await asyncio.sleep(1)
        counts = {len(person.view.people) for person in scene.inside()}
        scene.row("an answer of Redis is lost while joining", "one seat for one person", f"{len(seats)} people, rosters of "
                  f"{sorted(counts)}", holds=counts == {len(seats)})
        await scene.finish()

    background(story(), 60)
