"""The checker finds what it is there for, in histories of real clients at a server that makes mistakes, and nothing in those of
one that makes none."""

import asyncio
import random
import secrets
import tempfile
from pathlib import Path

import pytest
from checker import check
from history import Recorder, read
from life import Place
from person import Person
from pretender import Pretender, Redis
from stack import files, network
from stack.redis import Redis as RedisServer
from tickets import Room, Tickets

ROUNDS = 10


@pytest.fixture(scope="module")
def redis():
    with tempfile.TemporaryDirectory(prefix="parley-checker-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = RedisServer(folder / "redis", folder / "logs", files.Secrets(folder / "secrets"), network.free_ports(1)[0])
        server.start()
        yield server
        server.stop()


async def at(redis, mistakes, scene, recorder=None):
    """The history of the scene at a pretender with these mistakes."""
    server = await Pretender(Redis(redis.port, redis.password), mistakes).start()
    recorder = recorder or Recorder()
    place = Place(server.addresses, "http://localhost", Tickets(secrets.token_hex(32)), recorder, chance=random.Random(1))
    try:
        await scene(place)
    finally:
        await server.stop()
    return recorder.lines


async def rush(place, room=None, people=120):
    """More people than seats come at once, to all addresses."""
    room = room or Room()
    everyone = [Person(place, room, first=number) for number in range(people)]
    inside = [person for person, is_in in zip(everyone, await asyncio.gather(*(one.enter() for one in everyone))) if is_in]
    await asyncio.gather(*(person.leave() for person in inside))


async def talk(place):
    """Three people talk; one of them loses the network for a moment."""
    room = Room()
    everyone = [Person(place, room, first=number) for number in range(3)]
    for person in everyone:
        assert await person.enter()
    for number in range(10):
        await everyone[number % 2].chat()
    everyone[1].break_off()
    await asyncio.sleep(0.3)
    for number in range(10):
        await everyone[0].chat()
    await asyncio.sleep(0.7)
    for person in everyone:
        person.view.write_roster()
    await asyncio.gather(*(person.end() for person in everyone))


def rules(violations):
    return {violation.rule for violation in violations}


def test_nothing_is_found_where_nothing_is_wrong(redis, background, tmp_path):
    recorder = Recorder(tmp_path / "history.jsonl")
    lines = background(at(redis, set(), talk, recorder)) + background(at(redis, set(), rush))
    recorder.close()
    assert check(lines) == []
    assert sum(line["kind"] == "admitted" for line in lines) >= 53
    assert check(read(tmp_path / "history.jsonl")) == []


def test_admission_in_two_steps_is_caught(redis, background):
    for number in range(1, ROUNDS + 1):
        if "I1" in rules(check(background(at(redis, {"reads_then_writes"}, rush)))):
            print(f"caught in round {number}")
            return
    pytest.fail(f"not caught in {ROUNDS} rounds")


@pytest.mark.parametrize("mistake", ["drops", "repeats", "swaps"])
def test_chat_that_goes_wrong_is_caught(redis, background, mistake):
    assert "I4" in rules(check(background(at(redis, {mistake}, talk))))


def test_the_last_message_of_all_being_dropped_is_caught(redis, background):
    """No later event shows the gap."""
    lines = background(at(redis, set(), talk))
    last = max(number for number, line in enumerate(lines) if line["kind"] == "event" and line["type"] == "chat")
    text = lines[last]["body"]["text"]
    for line in lines:  # Everybody stays long enough to have heard it.
        if line["kind"] == "op" and line.get("text") == text:
            line["t_return"] -= 10
            line["t_invoke"] -= 10
        if line["kind"] == "admitted":
            line["t"] -= 20
    assert any("not delivered" in str(problem) for problem in check(lines[:last] + lines[last + 1:]))


def test_a_seat_given_away_while_its_owner_is_away_is_caught(redis, background):
    async def scene(place):
        room = Room()
        everyone = [Person(place, room, first=number) for number in range(50)]
        await asyncio.gather(*(person.enter() for person in everyone))
        everyone[0].break_off()
        await asyncio.sleep(0.02)
        late = Person(place, room)
        for _ in range(20):
            if await late.enter():
                break
        await asyncio.sleep(0.5)
        await asyncio.gather(*(person.end() for person in [*everyone, late]))

    assert "I1" in rules(check(background(at(redis, {"forgets"}, scene))))


def test_coming_back_as_somebody_else_is_caught(redis, background):
    assert "I5" in rules(check(background(at(redis, {"renames"}, talk))))


def test_two_seats_for_one_hello_are_caught(redis, background):
    async def scene(place):
        room = Room()
        person = Person(place, room)
        await person.enter(key="the-key")
        first = person.client
        await person.end()
        person.is_over = False
        await person.enter(key="the-key")
        assert person.client == first
        await person.end()

    assert any("several results" in str(problem) for problem in check(background(at(redis, {"two_seats"}, scene))))
    assert check(background(at(redis, set(), scene))) == []


def line(kind, t, seat, **fields):
    return {"kind": kind, "t": t, "client": seat, "room": "r", "seat": seat, "epoch": "e", "seq": 1, **fields}


def test_the_fifty_first_is_caught():
    lines = [line("admitted", 1 + number / 100, f"s{number}") for number in range(50)]
    assert check(lines) == []
    assert rules(check([*lines, line("admitted", 5, "one more")])) == {"I1"}


@pytest.mark.parametrize("after, is_violation", [(20, True), (26, False)])
def test_a_seat_is_kept_for_who_is_away(after, is_violation):
    lines = [line("admitted", 1, f"s{number}") for number in range(50)]
    lines += [line("away", 10, "s0", last_heard=10), line("admitted", 10 + after, "one more")]
    assert bool(check(lines)) == is_violation


def fault(t, what, target, **fields):
    return {"kind": "fault", "t": t, "what": what, "target": target, "data_lost": False, **fields}


FORGETS = fault(12, "FLUSHALL", "Redis", data_lost=True)


@pytest.mark.parametrize("faults, is_violation", [
    ([FORGETS], True),  # The process that serves the seat puts it back.
    ([FORGETS, fault(12.5, "kill", "signaling-1")], False),
    ([FORGETS, fault(12.5, "kill", "signaling-2")], True),
    ([fault(11, "unreachable", "Redis for signaling-1"), FORGETS, fault(13, "reachable", "Redis")], False),
    ([fault(11, "unreachable", "Redis for signaling-2"), FORGETS, fault(13, "reachable", "Redis")], True),
    ([fault(11, "pause", "janus-1"), FORGETS, fault(13, "unpause", "janus-1")], True),
    ([fault(12, "restart without data", "Redis", data_lost=True), fault(13, "start", "Redis")], True),
])
def test_a_seat_may_be_lost_when_its_process_is_hurt_while_redis_forgets(faults, is_violation):
    lines = [line("admitted", 1, f"s{number}", node="signaling-1") for number in range(50)]
    lines += [line("away", 10, "s0", last_heard=10), *faults, line("admitted", 30, "one more")]
    assert bool(check(lines)) == is_violation


@pytest.mark.parametrize("left_at, shown_at, is_violation", [(5, 12, True), (5, 9, False), (None, 12, False)])
def test_somebody_who_has_left_and_is_shown_is_caught(left_at, shown_at, is_violation):
    lines = [line("admitted", 1, "s0"), line("admitted", 1, "s1")]
    if left_at:
        lines += [line("over", left_at, "s0", why="left"),
                  line("op", left_at, "s0", op="leave", result="ok", t_invoke=left_at, t_return=left_at)]
    lines += [line("snapshot", shown_at, "s1", people=["s0", "s1"], chat=[], seq=2)]
    assert any("had left" in str(problem) for problem in check(lines)) == is_violation


@pytest.mark.parametrize("died_at, node, is_violation", [
    (9, "signaling-1", True),  # Before they came: it was another life of the process.
    (13, "signaling-1", False), (13, "signaling-2", True), (19, "signaling-1", False),
])
def test_the_seat_of_who_is_away_may_go_with_redis_once_the_process_that_knew_of_it_has_ended(died_at, node, is_violation):
    lines = [line("admitted", 10, "s0", node="signaling-1"), line("admitted", 10, "s1", node="signaling-3"),
             fault(died_at, "terminate", node), line("over", 14, "s0", why="vanished", last_heard=14),
             fault(18, "FLUSHALL", "Redis", data_lost=True), line("snapshot", 32, "s1", people=["s1"], chat=[], seq=2)]
    lines.sort(key=lambda one: one["t"])
    assert any("was not shown s0" in str(problem) for problem in check(lines)) == is_violation


@pytest.mark.parametrize("how, at", [("kill", 8), ("terminate", 4)])
@pytest.mark.parametrize("shown_at, is_violation", [(9, False), (30, False), (80, True)])
def test_a_goodbye_may_die_with_a_process_that_could_not_reach_redis(shown_at, is_violation, how, at):
    lines = [line("admitted", 1, "s0"), line("admitted", 1, "s1"),
             fault(4, "unreachable", "Redis for signaling-1"), line("over", 5, "s0", why="left"),
             line("op", 5, "s0", op="leave", result="ok", t_invoke=5, t_return=5), fault(at, how, "signaling-1"),
             fault(8.5, "reachable", "Redis"),
             line("snapshot", shown_at, "s1", people=["s0", "s1"], chat=[], seq=2)]
    lines.sort(key=lambda one: one["t"])
    assert any("had left" in str(problem) for problem in check(lines)) == is_violation


@pytest.mark.parametrize("hurt, is_violation", [(None, True), ("signaling-1", False), ("signaling-2", True)])
def test_somebody_who_is_in_and_not_shown_is_caught(hurt, is_violation):
    """Some time after Redis forgot while a process could not reach it: what that one serves may still be missing."""
    faults = [] if hurt is None else [fault(3, "unreachable", f"Redis for {hurt}"), fault(4, "FLUSHALL", "Redis", data_lost=True)]
    lines = [line("admitted", 1, "s0", node="signaling-1"), line("admitted", 1, "s1", node="signaling-3"), *faults,
             line("snapshot", 25, "s1", people=["s1"], chat=[], seq=2)]
    assert any("was not shown s0" in str(problem) for problem in check(lines)) == is_violation


@pytest.mark.parametrize("came_at, is_violation", [(1, True), (3, False)])
def test_a_snapshot_may_be_as_old_as_the_wish_for_it(came_at, is_violation):
    lines = [line("admitted", came_at, "s0"), line("admitted", 5, "s1"),
             line("snapshot", 5, "s1", people=["s1"], chat=[], seq=2),
             line("op", 5.1, "s1", op="enter", result="ok", key="k", t_invoke=2, t_return=5.1)]
    assert any("was not shown s0" in str(problem) for problem in check(lines)) == is_violation


@pytest.mark.parametrize("other, is_violation", [(["s0", "s1"], False), (["s1"], True)])
def test_different_rooms_in_the_end_are_caught(other, is_violation):
    lines = [line("roster", 5, "s0", people=["s0", "s1"]), line("roster", 5, "s1", people=other)]
    assert any("not all see the same" in str(problem) for problem in check(lines)) == is_violation


def test_who_finds_no_way_back_is_caught():
    lines = [line("admitted", 1, "s0"), line("away", 2, "s0", last_heard=2), line("over", 95, "s0", why="gone", code="gave_up")]
    assert rules(check(lines)) == {"I5"}


@pytest.mark.parametrize("is_away, forgets_from, is_violation", [(True, 11, False), (True, 10.05, False), (False, 11, True)])
def test_only_who_is_away_while_redis_forgets_may_miss_what_was_said_before(is_away, forgets_from, is_violation):
    said = {"kind": "op", "op": "chat", "client": "s0", "room": "r", "seat": "s0", "key": "k", "result": "ok", "text": "hello",
            "seq": 2, "epoch": "e", "epochs": ["e"], "t_invoke": 10, "t_return": 10.1, "t": 10.1}
    lines = [line("admitted", 1, "s0"), line("admitted", 1, "s1"),
             line("snapshot", 1, "s0", people=["s0", "s1"], chat=[]), line("snapshot", 1, "s1", people=["s0", "s1"], chat=[])]
    if is_away:
        lines += [line("away", 9, "s1", last_heard=9)]
    lines += [line("event", 10.05, "s0", seq=2, type="chat", body={"from": "s0", "text": "hello"}), said,
              {"kind": "fault", "what": "flush", "t": forgets_from, "t_end": 11.1, "data_lost": True}]
    if not is_away:
        lines += [line("away", 11.2, "s1", last_heard=11.2)]
    lines += [line("snapshot", 14, "s1", people=["s0", "s1"], chat=[], epoch="f"), line("admitted", 14, "s1", epoch="f"),
              line("snapshot", 14, "s0", people=["s0", "s1"], chat=[], epoch="f"),
              line("over", 40, "s0", why="left"), line("over", 40, "s1", why="left")]
    assert any("not delivered" in str(problem) for problem in check(lines)) == is_violation


def test_seats_that_do_not_come_back_are_caught():
    probe = {"kind": "probe", "room": "r", "t": 1, "wanted": 50, "got": 49, "took": 1.0, "within": 1.0}
    assert rules(check([probe])) == {"I5"}
    assert rules(check([{**probe, "got": 50, "took": 1.2}])) == {"I5"}
    assert check([{**probe, "got": 50, "took": 0.8}]) == []


def test_somebody_shown_as_left_is_caught():
    lines = [line("admitted", 1, "s0"), line("admitted", 1, "s1"),
             line("snapshot", 1, "s1", people=["s0", "s1"], chat=[], seq=2),
             line("event", 5, "s1", seq=3, type="left", body={"id": "s0", "reason": "gone"}),
             line("over", 9, "s0", why="left"), line("over", 9, "s1", why="left")]
    assert any("shown as left" in str(problem) for problem in check(lines))


@pytest.mark.parametrize("others, is_violation", [([], True), (["c2"], False)])
def test_a_seat_lost_to_nobody_is_caught(others, is_violation):
    lines = [line("admitted", 1, "s0", client=client) for client in ["c1", *others]]
    lines += [line("over", 2, "s0", client="c1", why="told", code=4509)]
    assert rules(check(lines)) == ({"I5"} if is_violation else set())


@pytest.mark.parametrize("after, forgets_at, is_killed, is_violation", [
    (20, None, False, True), (26, None, False, False),
    (20, 12, False, True),  # Its process knows of it, though the owner is away while Redis forgets.
    (20, 9, False, True), (20, 9, True, False),  # The process has not told Redis of the seat again before it dies.
    (20, 3, True, True),
])
def test_a_seat_that_is_gone_too_early_is_caught(after, forgets_at, is_killed, is_violation):
    lines = [line("admitted", 1, "s0")]
    if forgets_at:
        lines += [{"kind": "fault", "what": "FLUSHALL", "target": "Redis", "t": forgets_at, "data_lost": True}]
    if is_killed:
        lines += [{"kind": "fault", "what": "kill", "target": "signaling-1", "t": 10, "data_lost": False}]
    lines += [line("away", 10, "s0", last_heard=10), line("over", 10 + after, "s0", why="gone", code="gone")]
    lines.sort(key=lambda one: one["t"])
    assert rules(check(lines)) == ({"I5"} if is_violation else set())


def test_a_seat_that_ends_without_a_reason_is_caught():
    assert rules(check([line("admitted", 1, "s0"), line("over", 2, "s0", why="told", code=4511)])) == {"I5"}


@pytest.mark.parametrize("ways, is_violation", [
    (["ac", "abc", "bc"], False),  # The first was away during b.
    (["ab", "ba"], True),
    (["ab", "bc", "ca"], True),  # No two contradict each other, but all together.
    (["aba"], True),
])
def test_all_go_through_the_epochs_in_one_order(ways, is_violation):
    lines = [line("snapshot", 1, f"s{number}", people=[f"s{number}"], chat=[], epoch=epoch)
             for number, way in enumerate(ways) for epoch in way]
    assert bool(check(lines)) == is_violation


@pytest.mark.parametrize("lost_at, is_violation", [(None, True), (13, False), (17, True)])
def test_what_is_said_while_processes_come_back_to_redis_goes_with_its_memory_only_if_that_is_lost_then(lost_at, is_violation):
    """Redis is restarted from 10 to 11; A says something at 12, which B, at another process, never hears."""
    lines = [line for line in chat_behind_a_pause(40) if line["kind"] != "fault"]
    for moved in lines:
        for field in ("t", "t_invoke", "t_return"):
            if moved.get(field) == 11:
                moved[field] = 12
    lines += [{"kind": "fault", "t": 10, "what": "restart", "target": "Redis", "data_lost": False},
              {"kind": "fault", "t": 11, "what": "start", "target": "Redis", "data_lost": False}]
    if lost_at:
        lines += [{"kind": "fault", "t": lost_at, "what": "FLUSHALL", "target": "Redis", "data_lost": True}]
    lines.sort(key=lambda line: line.get("t", 12))
    assert bool(check(lines)) == is_violation


def chat_behind_a_pause(stays_until):
    """A says something while the process of B stands still, from 10 to 20. B has not heard it when the socket ends."""
    lines = [{"kind": "admitted", "t": 1, "client": client, "room": "r", "seat": client, "epoch": "e", "seq": 0} for client in "ab"]
    lines += [{"kind": "snapshot", "t": 1, "client": client, "room": "r", "epoch": "e", "seq": 0, "people": ["a", "b"], "chat": []}
              for client in "ab"]
    lines += [{"kind": "fault", "t": 10, "what": "pause", "target": "signaling-1", "data_lost": False},
              {"kind": "event", "t": 11, "client": "a", "room": "r", "epoch": "e", "seq": 1, "type": "chat",
               "body": {"from": "a", "text": "hello"}},
              {"kind": "op", "op": "chat", "client": "a", "room": "r", "seat": "a", "text": "hello", "key": "k", "t_invoke": 11,
               "t_return": 11, "result": "ok", "seq": 1, "epoch": "e", "epochs": ["e"]},
              {"kind": "fault", "t": 20, "what": "unpause", "target": "signaling-1", "data_lost": False},
              {"kind": "over", "t": stays_until, "client": "b", "room": "r", "seat": "b", "why": "left"}]
    return sorted(lines, key=lambda line: line.get("t", 11))


def test_who_leaves_a_process_that_stands_still_need_not_have_heard_what_others_said():
    assert check(chat_behind_a_pause(19)) == []


def test_who_stays_beyond_the_end_of_a_pause_has_heard_what_others_said():
    assert [violation.rule for violation in check(chat_behind_a_pause(26))] == ["I4"]
