"""What people notice of a signaling process that dies or is stopped in order: next to nothing."""

import os
import signal
import time

import people
import pytest
from playwright.sync_api import expect

# Looks each 50 ms: which pages and banners there were, and the longest time without a new picture of each of the others.
WATCH = """() => {
    const watch = window.watch = { shown: new Set(), gaps: {}, last: {}, done: false };
    const look = async () => {
        if (watch.done) return;
        if (document.querySelector(".banner-warning")) watch.shown.add("reconnecting");
        if (!document.querySelector(".meeting")) watch.shown.add("another page");
        const now = performance.now();
        for (const { participant, source, framesDecoded } of (await window.parley.stats()).subscriber) {
            if (source !== "camera") continue;
            const known = watch.last[participant];
            if (known && known.frames === framesDecoded) watch.gaps[participant] = Math.max(watch.gaps[participant] ?? 0, now - known.at);
            else watch.last[participant] = { frames: framesDecoded, at: now };
        }
        setTimeout(look, 50);
    };
    look();
}"""
# Milliseconds: connections that are built anew take longer than this, also on a busy machine nothing else does.
STILL = 1000
SEEN = "() => ({ shown: [...window.watch.shown], gaps: window.watch.gaps, streams: Object.keys(window.watch.last) })"


@pytest.fixture
def meeting(stack, person, api):
    """Two people who see each other, with a text on its way into the chat of the first."""
    room = api.create_room("Unbroken")
    pages = ada, bob = person(), person()
    for page, name in [(ada, "Ada"), (bob, "Bob")]:
        page.goto(f"{stack.url}/r/{room['alias']}")
        people.enter(page, name)
    for page in pages:
        people.wait_until(page, lambda: [key for key in people.received(page) if key[1] == "video"], "the other's picture")
        page.get_by_role("button", name="Chat").click()
    ada.get_by_label("Message").fill("Half a sentence")
    ada.wait_for_timeout(1000)
    for page in pages:
        page.evaluate(WATCH)
    return pages


def say(page, text):
    page.get_by_label("Message").fill(text)
    page.get_by_label("Message").press("Enter")


def seen(page):
    found = page.evaluate(SEEN)
    assert found["streams"], "no picture was watched"
    print("longest time without a new picture, in milliseconds:", [round(gap) for gap in found["gaps"].values()], found["shown"])
    return found


def assert_chat(pages, texts):
    for page in pages:
        for text in texts:
            expect(page.locator(".chat-message .chat-text", has_text=text)).to_have_count(1, timeout=people.PATIENCE)
        expect(page.locator(".chat-outgoing")).to_have_count(0, timeout=people.PATIENCE)


@pytest.mark.parametrize("number", [0, 1])
def test_what_is_said_to_a_signaling_process_that_stands_still_arrives_by_another(stack, meeting, number):
    node = stack.services["signaling"][number]
    os.kill(node.process.pid, signal.SIGSTOP)
    try:
        say(meeting[1], "Said meanwhile")
        # 12 s of silence, 4 s for an answer, and as much again when the next process asked is the same one.
        for page in meeting:
            expect(page.locator(".chat-message .chat-text", has_text="Said meanwhile")).to_have_count(1, timeout=30_000)
            expect(page.locator(".banner-warning")).to_have_count(0, timeout=10_000)
    finally:
        os.kill(node.process.pid, signal.SIGCONT)
    say(meeting[0], "Said afterwards")
    assert_chat(meeting, ["Said meanwhile", "Said afterwards"])
    for page in meeting:
        found = seen(page)
        assert "another page" not in found["shown"]
        assert max(found["gaps"].values(), default=0) < STILL, found


@pytest.mark.parametrize("number", [0, 1])
def test_the_death_of_a_signaling_process_stops_no_media(stack, meeting, number):
    ada, bob = meeting
    node = stack.services["signaling"][number]
    node.process.kill()
    say(bob, "Said meanwhile")
    ada.wait_for_timeout(6000)
    node.start()
    node.wait_until_ready()
    say(bob, "Said afterwards")
    assert_chat(meeting, ["Said meanwhile", "Said afterwards"])
    for page in meeting:
        found = seen(page)
        assert "another page" not in found["shown"]
        assert max(found["gaps"].values(), default=0) < STILL, found
    assert ada.get_by_label("Message").input_value() == "Half a sentence"


@pytest.mark.parametrize("number", [0, 1])
def test_nobody_notices_that_a_signaling_process_is_stopped(stack, meeting, number):
    ada, bob = meeting
    node = stack.services["signaling"][number]
    node.process.child.send_signal(signal.SIGTERM)
    said = []
    deadline = time.monotonic() + 30
    while node.process.is_running and time.monotonic() < deadline:
        said.append(f"Message {len(said) + 1}.")
        say(bob, said[-1])
        bob.wait_for_timeout(700)
    assert not node.process.is_running
    node.start()
    node.wait_until_ready()
    assert_chat(meeting, said)
    for page in meeting:
        found = seen(page)
        assert not found["shown"]
        assert max(found["gaps"].values(), default=0) < STILL, found
    assert ada.get_by_label("Message").input_value() == "Half a sentence"


def test_a_hand_and_a_microphone_that_change_while_everything_is_away_are_told_afterwards(stack, meeting):
    ada, bob = meeting
    nodes = stack.services["signaling"]
    for node in nodes:
        node.process.kill()
    expect(ada.get_by_text("Reconnecting")).to_be_visible(timeout=people.PATIENCE)
    ada.get_by_role("button", name="Raise hand").click()
    ada.get_by_role("button", name="Turn off microphone").click()
    expect(ada.get_by_role("button", name="Lower hand")).to_be_visible()
    say(bob, "Is anybody there?")
    ada.wait_for_timeout(8000)
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait_until_ready()
    expect(ada.get_by_text("Reconnecting")).to_be_hidden(timeout=people.PATIENCE)
    expect(people.tile(bob, "Ada").get_by_text("Hand raised").first).to_be_attached(timeout=people.PATIENCE)
    expect(people.tile(bob, "Ada").get_by_text("Microphone off").first).to_be_attached()
    assert_chat(meeting, ["Is anybody there?"])
    for page in meeting:
        found = seen(page)
        assert found["shown"] == ["reconnecting"]
        assert max(found["gaps"].values(), default=0) < STILL, found
    assert ada.get_by_label("Message").input_value() == "Half a sentence"
