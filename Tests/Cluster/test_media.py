"""Real browsers see and hear each other while parts of Parley die."""

import time

import pytest
import people
from gaps import SCRIPT, Gaps
from history import now
from janus_client import has_room, publishers, rooms
from metrics import busiest, sockets
from parley import Api
from playwright.sync_api import expect
from table import Time, percentile
from tickets import Room

# Seconds that pictures may stand still longer than without a fault: the goal, and on a busy machine.
GAP, LOOSE_GAP = 0.2, 1.5
NAMES = ("Ada", "Bob")


@pytest.fixture
def call(scene, person):
    """Two browsers in a room who see each other, and what each sees of the other. Beside them sit plain clients who chat."""

    def begin(background, talkers=6):
        api = Api(scene.stack.url)
        account = scene.stack.organizer()
        api.sign_in(account.user_name, account.password, account.ucsid)
        room = api.create_room("Under fire")
        pages = {}
        for name in NAMES:
            page = pages[name] = person()
            page.add_init_script(SCRIPT)
            page.goto(f"{scene.stack.url}/r/{room['alias']}")
            people.enter(page, name)
        watchers = [Gaps(pages["Ada"], ["Bob"]), Gaps(pages["Bob"], ["Ada"])]
        for gaps in watchers:
            people.wait_until(gaps.page, lambda: is_moving(gaps), "the picture of the other", within=30)
        if talkers:
            same = Room(id=room["id"], name=room["name"], alias=room["alias"])
            background(start_talking(scene, same, talkers))
        pages["Ada"].wait_for_timeout(2000)
        return Call(scene, background, room, pages, watchers)

    return begin


async def start_talking(scene, room, count):
    scene.talk(await scene.fill(room, count, scene.gateway), every=0.3)


def is_moving(gaps):
    return max(gaps.still().values()) < 0.5


class Call:
    def __init__(self, scene, background, room, pages, watchers):
        self.scene = scene
        self.background = background
        self.room = room
        self.pages = pages
        self.watchers = watchers

    @property
    def page(self):
        return self.pages["Ada"]

    def wait(self, seconds):
        self.page.wait_for_timeout(seconds * 1000)

    def reset(self):
        for gaps in self.watchers:
            gaps.reset()

    def worst(self):
        return max(gaps.worst() for gaps in self.watchers)

    def concealed(self):
        return sum(gaps.concealed() for gaps in self.watchers)

    def until_moving(self, within):
        """Seconds until each picture moves again; infinite if it does not."""
        began, back = now(), {}
        while len(back) < len(self.watchers) and now() - began < within:
            for number, gaps in enumerate(self.watchers):
                if number not in back and is_moving(gaps):
                    back[number] = now() - began
            self.wait(0.1)
        return [back.get(number, float("inf")) for number in range(len(self.watchers))]

    def is_well(self):
        """Both are still shown to each other, in the meeting and not before it."""
        for (name, page), other in zip(self.pages.items(), reversed(NAMES)):
            expect(page.get_by_role("button", name="Leave")).to_be_visible()
            expect(people.tile(page, other)).to_be_visible()

    def do(self, work, within=60):
        return self.background(work, within)


def through(call, what, fault):
    """The fault must not be seen: the longest time without a new frame, against the same time without any fault."""
    call.reset()
    call.wait(4)
    usual, concealed = call.worst(), call.concealed()
    call.reset()
    fault()
    worst, concealed = call.worst(), call.concealed() - concealed
    call.is_well()
    call.scene.row(what, f"pictures stand still ≤ {GAP * 1000:.0f} ms longer than without",
                   f"{worst * 1000:.0f} ms (without fault {usual * 1000:.0f} ms), {concealed * 1000:.0f} ms of sound made up",
                   Time(worst - usual, GAP, LOOSE_GAP))


def test_signaling_is_killed(scene, background, call, is_full):
    running = call(background)

    def kill_each():
        for node in scene.nemesis.nodes * (10 if is_full else 1):
            scene.nemesis.kill(node)
            running.wait(3)
            running.do(scene.nemesis.start(node))
            running.wait(2)

    through(running, f"kill -9 of each signaling process ({30 if is_full else 3} times), in a call", kill_each)
    background(scene.finish(), 60)


def test_everything_is_replaced(scene, background, call):
    running = call(background)

    def replace_all():
        for service in scene.nemesis.services():
            running.do(scene.nemesis.terminate(service))
            running.do(scene.nemesis.start(service))
        running.wait(2)

    through(running, "SIGTERM and restart of every service, in a call", replace_all)
    background(scene.finish(), 60)


@pytest.mark.parametrize("way", ["FLUSHALL", "kill -9 of Redis, data lost"])
def test_redis_forgets(scene, background, call, way):
    """The rooms are many, so that the one with the call is not the first that is put back."""
    running = call(background)
    for _ in range(8):
        background(scene.fill(Room(), 4))

    def forget():
        if way == "FLUSHALL":
            scene.nemesis.flush_redis()
        else:
            running.do(scene.nemesis.restart_redis(keep_data=False))
        running.wait(10)

    through(running, f"{way}, in a call", forget)
    background(scene.finish(), 60)


def test_a_signaling_process_stands_still(scene, background, call):
    """Longer than a lease. When it goes on, it leaves alone what others serve since."""
    before = background(sockets(scene.nemesis.nodes))
    running = call(background, talkers=0)
    node = background(busiest(scene.nemesis.nodes, before))

    def stand_still():
        scene.nemesis.pause(node)
        running.wait(45)
        scene.nemesis.unpause(node)
        running.wait(8)

    through(running, "SIGSTOP of the call's signaling process for 45 s", stand_still)
    background(scene.finish(), 60)


def media_node(running):
    """The media node that carries the call."""
    nodes = running.scene.stack.media_nodes
    [node] = [node for node in nodes if running.background(has_room(node, running.room["id"]))]
    return node


def test_janus_is_killed(scene, background, call, is_full):
    running = call(background)
    times = []

    for _ in range(20 if is_full else 2):
        node = media_node(running)
        scene.nemesis.kill(node)
        began = now()
        # As whoever watches over processes would do within 3 s.
        running.wait(1.5)
        running.do(scene.nemesis.start(node))
        spent = now() - began
        times += [seconds + spent for seconds in running.until_moving(50)]
        running.wait(8)
    running.is_well()
    middle, late = percentile(times, 0.5), percentile(times, 0.99)
    breaks = sum(len(person.breaks) for person in scene.people)
    scene.row(f"kill -9 of Janus, {len(times) // 2} times", "pictures back p50 < 5 s, p99 < 12 s, chat uninterrupted",
              f"p50 {middle:.1f} s, p99 {late:.1f} s, {breaks} broken sockets", Time(middle, 5), Time(late, 12),
              holds=not breaks)
    background(scene.finish(), 60)


def test_janus_stands_still(scene, background, call):
    running = call(background)
    node = media_node(running)
    scene.nemesis.pause(node)
    began = now()
    running.wait(1.5)
    spent = now() - began
    times = [seconds + spent for seconds in running.until_moving(60)]
    running.is_well()
    scene.nemesis.unpause(node)
    running.wait(3)
    running.is_well()
    breaks = sum(len(person.breaks) for person in scene.people)
    scene.row("SIGSTOP of Janus", "pictures back ≤ 15 s, chat uninterrupted",
              f"pictures back after {max(times):.1f} s, {breaks} broken sockets", Time(max(times), 15),
              holds=not breaks)
    background(scene.finish(), 60)


@pytest.mark.full
def test_nothing_is_left_in_janus(scene, background, call):
    """Who publishes and is gone, together with the process that served them, is removed; and nothing stays of a meeting that is
    over."""
    nodes = scene.stack.media_nodes
    # Who was in the tests before has only closed the browser.
    assert wait_until(background, rooms, nodes, lambda count: count == 0, 90) < 90
    running = call(background, talkers=0)
    both = background(publishers(nodes))
    for node in scene.nemesis.nodes:
        scene.nemesis.kill(node)
    running.pages["Bob"].context.close()
    gone = now()
    for node in scene.nemesis.nodes:
        running.do(scene.nemesis.start(node))
    wait_until(background, publishers, nodes, lambda count: count < both, 70)
    ghost = now() - gone
    running.pages["Ada"].get_by_role("button", name="Leave").click()
    left = now()
    wait_until(background, rooms, nodes, lambda count: count == 0, 30)
    over = now() - left
    scene.row("a publisher vanishes together with all signaling processes", "removed ≤ 10 s after the seat (55 s in all), "
              "nothing left ≤ 10 s after the meeting", f"{ghost:.1f} s, {over:.1f} s", Time(ghost, 55), Time(over, 10))
    background(scene.finish(), 60)


def wait_until(background, count, nodes, is_right, within):
    """Seconds until what is counted in the media nodes is right; `within` at most."""
    began = now()
    while not is_right(background(count(nodes))) and now() - began < within:
        time.sleep(0.3)
    return min(now() - began, within)
