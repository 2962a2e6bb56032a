"""How presence ends and comes back: devices, browsers, sessions, processes and networks that go."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time

import accounts
import database
import people
import pytest
from accounts import PATIENCE
from fixtures import CHROMIUM, FLAGS
from playwright.sync_api import Page, expect
from presence import (  # noqa: F401
    DEVICE_GOES, SIGNED_OUT, VANISHES, ada, Cable, expect_nothing_known, expect_own, expect_seen, grace,
    other_tab, room, row, set_presence,
)


@pytest.fixture
def own_browser(playwright, tmp_path):
    """A browser whose processes are ours to end; its first page, and what ends it as a power failure would."""
    flags = [flag for flag in FLAGS] + ["--use-fake-device-for-media-stream"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    said = open(tmp_path / "browser.log", "wb")
    process = subprocess.Popen(
        [CHROMIUM, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={tmp_path / 'profile'}", "--lang=en-US",
         "--no-first-run", *flags, "about:blank"], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)
    said.close()

    def kill() -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    try:
        deadline = time.monotonic() + 20
        while not (found := re.search(rb"DevTools listening on (ws://\S+)", (tmp_path / "browser.log").read_bytes())):
            assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "browser.log").read_text()
            time.sleep(0.1)
        browser = playwright.chromium.connect_over_cdp(found.group(1).decode())
        context = browser.contexts[0]
        yield context.pages[0] if context.pages else context.new_page(), kill
    finally:
        kill()


def watch(page: Page, name: str):
    """Returns what tells which states of somebody were shown since."""
    page.evaluate("""(name) => {
        const state = [...document.querySelectorAll('.colleague')].find((row) => row.textContent.includes(name)).querySelector('.colleague-state');
        window.seen = [];
        new MutationObserver(() => window.seen.push(state.textContent)).observe(state, { childList: true, characterData: true, subtree: true });
    }""", name)
    return lambda: page.evaluate("() => window.seen")


def test_who_goes_is_seen_gone_however_they_go_and_nobody_else_is(stack, organizer, ada, person, room, own_browser):
    """Each of these ways takes its time until it is noticed: all of them go at once."""
    dying, kill = own_browser
    joan, eve, bob, kay = person(), person(), person(), person()
    for page, name in [(dying, "Alan Turing"), (joan, "Joan Clarke"), (eve, "Eve Stone"), (bob, "Bob Kahn"), (kay, "Kay Antonelli")]:
        people.sign_in(page, stack.url, stack.organizer(display_name=name, organization=organizer))
    meetings = [other_tab(page, f"{stack.url}/r/{room['alias']}") for page in (dying, joan)]
    for meeting in meetings:
        people.enter(meeting)
    tab = other_tab(kay, stack.url)
    expect_own(tab, "Available")
    ada.reload()
    for name in ["Alan Turing", "Joan Clarke"]:
        expect_seen(ada, name, "Busy · In meeting")
    for name in ["Eve Stone", "Bob Kahn", "Kay Antonelli"]:
        expect_seen(ada, name, "Available")
    kay_was = watch(ada, "Kay Antonelli")
    # A browser dies in a meeting; its tab is closed; the only page is closed; somebody signs out.
    kill()
    meetings[1].close()
    eve.close()
    bob.get_by_role("button", name="Sign out").click()
    expect(bob.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    # One page of two is closed, and the other one loaded anew.
    kay.close()
    for _ in range(3):
        tab.reload()
        expect_own(tab, "Available")
    for name in ["Eve Stone", "Bob Kahn"]:
        expect_seen(ada, name, "Offline", within=DEVICE_GOES)
    expect_seen(ada, "Joan Clarke", "Available", within=VANISHES)
    expect_seen(ada, "Alan Turing", "Offline", within=VANISHES)
    # By now all devices that went away are gone.
    assert [state for state in kay_was() if state != "Available"] == []
    expect_seen(ada, "Kay Antonelli", "Available")
    expect_own(tab, "Available")


def test_an_end_of_the_session_anywhere_ends_the_stream(stack, person, colleague, grace):
    tab = other_tab(grace, stack.url)
    device = person()
    accounts.arrive(device, stack.url, colleague, "/profile")
    for page in (tab, device):
        expect_own(page, "Available")
    # At another device, through the list of sessions: both tabs of this one.
    sessions = accounts.section(device, "Where you are signed in")
    sessions.get_by_role("button", name=re.compile("^Sign out –")).click()
    for page in (grace, tab):
        expect_nothing_known(page, within=SIGNED_OUT)
    expect_own(device, "Available")
    # By another password.
    grace.context.clear_cookies()
    people.sign_in(grace, stack.url, colleague)
    expect_own(grace, "Available")
    password = accounts.section(device, "Password")
    password.get_by_label("Current password").fill(colleague.password)
    for label in ["New password", "New password again"]:
        password.get_by_label(label, exact=True).fill("a password that is long enough")
    password.get_by_role("button", name="Change password").click()
    expect(device.get_by_text("Your password is changed")).to_be_visible(timeout=PATIENCE)
    expect_nothing_known(grace, within=SIGNED_OUT)
    expect_own(device, "Available")
    # Signed out in one tab.
    other = other_tab(device, stack.url)
    expect_own(other, "Available")
    other.get_by_role("button", name="Sign out").click()
    expect_nothing_known(device, within=SIGNED_OUT)


def test_an_account_that_is_disabled_sees_and_is_nobody_any_more(stack, colleague, ada, grace):
    expect_own(grace, "Available")
    stack.services["identity"][0].command(
        "account", "disable", "--organization", colleague.ucsid, "--user-name", colleague.user_name, what="Disabling")
    expect_nothing_known(grace, within=SIGNED_OUT)
    expect_seen(ada, "Grace Hopper", "Offline", within=DEVICE_GOES)


def test_who_does_not_touch_the_device_is_inactive_and_back_with_the_first_touch(stack, ada, person, colleague):
    page = person()
    page.clock.install()
    people.sign_in(page, stack.url, colleague)
    expect_seen(ada, "Grace Hopper", "Available")
    page.clock.fast_forward("05:01")
    # The page, asleep for so long, takes another connection; the device of the one before counts a while.
    expect_seen(ada, "Grace Hopper", "Inactive", within=2 * DEVICE_GOES)
    page.mouse.move(200, 200)
    page.mouse.move(220, 220)
    expect_seen(ada, "Grace Hopper", "Available")


def test_after_the_death_of_presence_all_is_right_within_ten_seconds(stack, ada, grace, room):
    meeting = other_tab(ada, f"{stack.url}/r/{room['alias']}")
    people.enter(meeting)
    set_presence(grace, "Absent", "At the doctor's", "4 hours")
    expect_seen(ada, "Grace Hopper", re.compile("^Absent · until"))
    expect_seen(grace, "Ada Lovelace", "Busy · In meeting")
    node = stack.services["presence"][0]
    node.process.kill()
    for page, name in [(ada, "Grace Hopper"), (grace, "Ada Lovelace")]:
        expect_seen(page, name, "Unknown")
        expect(page.get_by_text("Presence can't be read right now.")).to_be_visible()
    start = time.monotonic()
    node.start()
    expect_seen(ada, "Grace Hopper", re.compile("^Absent · until"), within=10_000)
    expect_seen(grace, "Ada Lovelace", "Busy · In meeting", within=max(1, int(10_000 - 1000 * (time.monotonic() - start))))
    expect(row(ada, "Grace Hopper").get_by_text("At the doctor's")).to_be_visible()
    set_presence(grace, "Available")
    expect_seen(ada, "Grace Hopper", "Available")
    expect(ada.get_by_text("Presence can't be read right now.")).to_have_count(0)


def test_a_network_that_was_away_is_noticed_and_comes_back(stack, person, organizer, grace):
    ada = person()
    cable = Cable(ada)
    people.sign_in(ada, stack.url, organizer)
    expect_seen(ada, "Grace Hopper", "Available")
    cable.is_cut = True
    # A browser says this after a sleep; else the silence itself is asked after half a minute.
    ada.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect_seen(ada, "Grace Hopper", "Unknown")
    expect(ada.get_by_text("Presence can't be read right now.")).to_be_visible()
    expect_own(ada, "Unknown")
    set_presence(grace, "Busy")
    cable.is_cut = False
    ada.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect_seen(ada, "Grace Hopper", "Busy", within=PATIENCE)
    expect(ada.get_by_text("Presence can't be read right now.")).to_have_count(0)


def test_in_a_large_organization_people_are_found_and_the_list_stands_still(stack, person, organizer, grace):
    database.sql(stack, f"""insert into identity.account
        (id, organization_id, user_name, user_name_key, display_name, display_name_key, password_hash)
        select gen_random_uuid(), organization.id, 'many' || n, 'many' || n, 'Person ' || n, 'person ' || n, ''
        from identity.organization, generate_series(1000, 2199) as n where ucsid = '{organizer.ucsid}'""")
    page = person()
    people.sign_in(page, stack.url, organizer)
    expect_seen(page, "Grace Hopper", "Available")
    said = page.get_by_role("status").filter(has_text=re.compile("."))
    expect(said.filter(has_text="More than 1,000 people")).to_be_visible(timeout=PATIENCE)
    search = page.get_by_role("searchbox", name="Search colleagues")
    search.fill("PERSON 1")
    expect(said.filter(has_text="More than 100: type more.")).to_be_visible(timeout=PATIENCE)
    search.fill("person 219")
    expect(said.filter(has_text="10 people found.")).to_be_visible(timeout=PATIENCE)
    search.fill("")
    page.get_by_label("Hide who is offline").check()
    listed = page.get_by_role("list", name="Colleagues").get_by_role("listitem")
    expect(listed).to_have_count(1, timeout=PATIENCE)
    page.evaluate("""() => {
        const ask = window.requestAnimationFrame.bind(window);
        window.frames_ = 0;
        window.requestAnimationFrame = (work) => { window.frames_ += 1; return ask(work); };
    }""")
    set_presence(grace, "Busy")
    expect_seen(page, "Grace Hopper", "Busy")
    assert page.evaluate("() => window.frames_") == 0
    set_presence(grace, "Invisible")
    expect(listed).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_text("Everybody is offline.")).to_be_visible()
    assert page.evaluate("() => window.frames_") == 1
    set_presence(grace, "Available")
    expect_seen(page, "Grace Hopper", "Available")
