"""Random operations and faults; afterwards the checker has the word. A run that fails says its seed: --seed repeats it."""

import asyncio
from collections import Counter

import pytest
from chaos import Chaos


def pytest_generate_tests(metafunc):
    if "chaos_seed" in metafunc.fixturenames:
        options = metafunc.config
        count = options.getoption("seeds") or (50 if options.getoption("full") else 1)
        first = options.getoption("seed")
        metafunc.parametrize("chaos_seed", range(first, first + count))


@pytest.fixture
def seed(chaos_seed):
    return chaos_seed


def test_chaos(scene, background, chaos_seed, is_full):
    async def story():
        chaos = Chaos(scene, 60 if is_full else 20)
        await chaos.run()
        entered = sum(1 for person in scene.people if person.seat)
        resumed = sum(len(person.resumes) for person in scene.people)
        lost = Counter(person.told for person in scene.people if person.told not in (None, "left", "vanished"))
        faults = ", ".join(f"{count} {name}" for name, count in Counter(chaos.faults).items())
        scene.row(f"chaos, seed {chaos_seed}: {faults}", "no violation", f"{entered} entered, {resumed} resumed, "
                  f"lost: {dict(lost)}")

        async def fill_again():
            """Nothing that happened has used up a seat for good."""
            tails = await asyncio.gather(*(scene.probe(room, 45) for room in chaos.rooms))
            scene.row(f"chaos, seed {chaos_seed}: afterwards 50 come in", "≤ 45 s",
                      f"after {max(tail.seconds for tail in tails):.1f} s", *tails)

        await scene.finish(fill_again)

    background(story(), 400)
