"""What colleagues see of each other: set by hand, by their devices, by meetings; live, and right again after every fault."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time

import accounts
import people
import pytest
from accounts import LOOKS, PATIENCE, check_look, looking, wear
from fixtures import CHROMIUM, FLAGS
from playwright.sync_api import Page, expect

#: A page that was closed is a device for 10 s more; as much again for a slow machine.
DEVICE_GOES = 20_000
#: A seat is kept for 30 s for whoever vanished, leases end after 45 s, and the device after that.
VANISHES = 75_000


def row(page: Page, name: str):
    """Somebody in the list of colleagues."""
    return page.get_by_role("list", name="Colleagues").get_by_role("listitem").filter(has_text=name)


def expect_seen(page: Page, name: str, state: str | re.Pattern, within: int = PATIENCE) -> None:
    expect(row(page, name).locator(".colleague-state")).to_have_text(state, timeout=within)


def own(page: Page):
    """The button in the header."""
    return page.get_by_role("banner").get_by_role("button", name="My presence")


def expect_own(page: Page, state: str, within: int = PATIENCE) -> None:
    expect(own(page)).to_have_accessible_name(f"My presence: {state}", timeout=within)


def set_presence(page: Page, state: str, text: str = "", until: str | None = None) -> None:
    own(page).click()
    dialog = page.get_by_role("dialog", name="My presence")
    dialog.get_by_label(state, exact=True).check()
    dialog.get_by_label("Text for colleagues").fill(text)
    if until:
        dialog.get_by_label("How long").select_option(label=until)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE)


def other_tab(page: Page, url: str) -> Page:
    """Of the same browser, signed in as the same person."""
    tab = page.context.new_page()
    tab.goto(url)
    return tab


@pytest.fixture
def ada(stack, person, organizer, colleague):
    """The organizer at the dashboard, with one colleague: Grace Hopper."""
    page = person()
    people.sign_in(page, stack.url, organizer)
    return page


@pytest.fixture
def grace(stack, person, colleague):
    page = person()
    people.sign_in(page, stack.url, colleague)
    return page


@pytest.fixture
def room(api):
    return api.create_room("Round table")


def test_what_somebody_sets_is_seen_with_its_words_and_its_end_and_goes_again(ada, grace):
    expect_seen(ada, "Grace Hopper", "Available")
    set_presence(grace, "Do not disturb", "Writing the report", "1 hour")
    expect_seen(ada, "Grace Hopper", re.compile(r"^Do not disturb · until (tomorrow, )?\d{1,2}:\d{2}\s[AP]M$"))
    expect(row(ada, "Grace Hopper").get_by_text("Writing the report")).to_be_visible()
    expect(row(ada, "Grace Hopper").locator(".presence-mark")).to_have_attribute("data-state", "do_not_disturb")
    expect(own(grace)).to_have_accessible_name(re.compile("Do not disturb · until"))
    own(grace).click()
    grace.get_by_role("dialog").get_by_role("button", name="Reset").click()
    expect_seen(ada, "Grace Hopper", "Available")
    expect(row(ada, "Grace Hopper").get_by_text("Writing the report")).to_have_count(0)
    # The other one changes, too, and each sees it.
    set_presence(ada, "Absent", "At lunch")
    expect_seen(grace, "Ada Lovelace", "Absent")
    expect(row(grace, "Ada Lovelace").get_by_text("At lunch")).to_be_visible()


def test_what_can_not_be_is_said_before_it_is_sent(grace):
    own(grace).click()
    dialog = grace.get_by_role("dialog", name="My presence")
    dialog.get_by_label("Busy", exact=True).check()
    dialog.get_by_label("Text for colleagues").fill("x" * 101)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("At most 100 characters, please.")).to_be_visible()
    dialog.get_by_label("Text for colleagues").fill("Dentist")
    dialog.get_by_label("How long").select_option(label="Until a date and time …")
    dialog.get_by_label("Date", exact=True).fill("2020-01-01")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("This is over already.")).to_be_visible()
    dialog.get_by_label("How long").select_option(label="4 hours")
    # What can't be kept is not shown as if it were.
    grace.route("**/api/presence/own", lambda route: route.abort())
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("can't be reached")).to_be_visible()
    grace.unroute("**/api/presence/own")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE)
    expect(own(grace)).to_have_accessible_name(re.compile("Busy · until"))


def test_a_meeting_is_seen_and_what_was_before_comes_back(stack, ada, grace, room):
    set_presence(grace, "Absent", "Working elsewhere")
    expect_seen(ada, "Grace Hopper", "Absent")
    meeting = other_tab(grace, f"{stack.url}/r/{room['alias']}")
    people.enter(meeting)
    expect_seen(ada, "Grace Hopper", "Busy · In meeting")
    # What is set by hand and what colleagues see are two things; both are shown.
    expect_own(grace, "Busy · In meeting")
    own(grace).click()
    dialog = grace.get_by_role("dialog", name="My presence")
    expect(dialog.get_by_text("Busy · In meeting")).to_be_visible()
    expect(dialog.get_by_label("Absent", exact=True)).to_be_checked()
    grace.keyboard.press("Escape")
    meeting.get_by_role("button", name="Leave").click()
    expect_seen(ada, "Grace Hopper", "Absent")
    expect(row(ada, "Grace Hopper").get_by_text("Working elsewhere")).to_be_visible()


def test_do_not_disturb_stays_in_a_meeting_and_comes_with_it_for_who_wants_that(stack, ada, grace, room):
    set_presence(grace, "Do not disturb")
    meeting = other_tab(grace, f"{stack.url}/r/{room['alias']}")
    people.enter(meeting)
    expect_seen(ada, "Grace Hopper", "Do not disturb · In meeting")
    set_presence(grace, "Available")
    expect_seen(ada, "Grace Hopper", "Busy · In meeting")
    profile = other_tab(grace, f"{stack.url}/profile")
    with profile.expect_response(lambda answer: answer.request.method == "PUT"):
        accounts.section(profile, "Presence and notifications").get_by_label("Do not disturb").check()
    expect_seen(ada, "Grace Hopper", "Do not disturb · In meeting")


def test_who_closes_the_tab_in_a_meeting_is_seen_in_it_no_more(stack, ada, grace, room):
    meeting = other_tab(grace, f"{stack.url}/r/{room['alias']}")
    people.enter(meeting)
    expect_seen(ada, "Grace Hopper", "Busy · In meeting")
    meeting.close()
    expect_seen(ada, "Grace Hopper", "Available", within=VANISHES)


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


def test_whose_browser_dies_in_a_meeting_is_offline_soon(stack, ada, colleague, room, own_browser):
    page, kill = own_browser
    people.sign_in(page, stack.url, colleague)
    expect_seen(ada, "Grace Hopper", "Available")
    meeting = other_tab(page, f"{stack.url}/r/{room['alias']}")
    people.enter(meeting)
    expect_seen(ada, "Grace Hopper", "Busy · In meeting")
    kill()
    expect_seen(ada, "Grace Hopper", "Offline", within=VANISHES)


def test_who_signs_out_or_closes_the_page_is_offline(stack, ada, grace):
    tab = other_tab(grace, stack.url)
    expect_seen(ada, "Grace Hopper", "Available")
    grace.close()
    # One of two is still there.
    expect_own(tab, "Available")
    ada.wait_for_timeout(12_000)
    expect_seen(ada, "Grace Hopper", "Available")
    tab.get_by_role("button", name="Sign out").click()
    expect_seen(ada, "Grace Hopper", "Offline", within=DEVICE_GOES)
    expect(tab.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_a_guest_changes_nobodys_presence_not_even_with_a_colleagues_name(stack, ada, grace, person, room):
    expect_seen(ada, "Grace Hopper", "Available")
    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(guest, "Grace Hopper")
    # Longer than it takes for a meeting to be seen.
    people_in = people.room_card(ada, "Round table")
    expect(people_in.get_by_text("1 person inside")).to_be_visible(timeout=PATIENCE)
    ada.wait_for_timeout(5000)
    expect_seen(ada, "Grace Hopper", "Available")
    expect_seen(grace, "Ada Lovelace", "Available")


def test_the_invisible_are_offline_for_others_in_meetings_too(stack, ada, grace, room):
    set_presence(grace, "Invisible", "Nobody reads this")
    expect_seen(ada, "Grace Hopper", "Offline")
    expect_own(grace, "Invisible")
    meeting = other_tab(grace, f"{stack.url}/r/{room['alias']}")
    people.enter(meeting)
    people.wait_until(ada, lambda: ada.get_by_text("1 person inside").count() > 0, "somebody is inside")
    ada.wait_for_timeout(3000)
    expect_seen(ada, "Grace Hopper", "Offline")
    expect(ada.get_by_text("Nobody reads this")).to_have_count(0)
    set_presence(grace, "Available")
    expect_seen(ada, "Grace Hopper", "Busy · In meeting")


def test_who_shows_presence_to_nobody_is_offline_for_others_and_is_told_so(stack, ada, grace):
    expect_seen(ada, "Grace Hopper", "Available")
    profile = other_tab(grace, f"{stack.url}/profile")
    with profile.expect_response(lambda answer: answer.request.method == "PUT"):
        accounts.section(profile, "Presence and notifications").get_by_label("Show my presence").uncheck()
    expect_seen(ada, "Grace Hopper", "Offline")
    own(profile).click()
    dialog = profile.get_by_role("dialog", name="My presence")
    expect(dialog.get_by_text("Your profile shows your presence to nobody.")).to_be_visible()
    dialog.get_by_role("link", name="Change this in the profile").click()
    expect(dialog).to_be_hidden()
    with profile.expect_response(lambda answer: answer.request.method == "PUT"):
        accounts.section(profile, "Presence and notifications").get_by_label("Show my presence").check()
    expect_seen(ada, "Grace Hopper", "Available")


def test_the_other_tab_follows(stack, grace):
    tab = other_tab(grace, f"{stack.url}/profile")
    expect_own(tab, "Available")
    set_presence(grace, "Busy", "On the telephone")
    expect_own(tab, "Busy")
    own(tab).click()
    dialog = tab.get_by_role("dialog", name="My presence")
    expect(dialog.get_by_label("Busy", exact=True)).to_be_checked()
    expect(dialog.get_by_label("Text for colleagues")).to_have_value("On the telephone")


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


def test_a_page_that_is_loaded_anew_is_not_seen_as_gone(ada, grace):
    expect_seen(ada, "Grace Hopper", "Available")
    ada.evaluate("""() => {
        const state = [...document.querySelectorAll('.colleague')].find((row) => row.textContent.includes('Grace Hopper')).querySelector('.colleague-state');
        window.seen = [];
        new MutationObserver(() => window.seen.push(state.textContent)).observe(state, { childList: true, characterData: true, subtree: true });
    }""")
    for _ in range(3):
        grace.reload()
        expect_own(grace, "Available")
    # Longer than a device that went away counts.
    ada.wait_for_timeout(12_000)
    assert [state for state in ada.evaluate("() => window.seen") if state != "Available"] == []
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
    node.start()
    node.wait_until_ready()
    expect_seen(ada, "Grace Hopper", re.compile("^Absent · until"), within=10_000)
    expect(row(ada, "Grace Hopper").get_by_text("At the doctor's")).to_be_visible()
    expect_seen(grace, "Ada Lovelace", "Busy · In meeting", within=10_000)
    set_presence(grace, "Available")
    expect_seen(ada, "Grace Hopper", "Available")
    expect(ada.get_by_text("Presence can't be read right now.")).to_have_count(0)


def test_a_network_that_was_away_is_noticed_and_comes_back(ada, grace):
    expect_seen(ada, "Grace Hopper", "Available")
    ada.context.set_offline(True)
    ada.evaluate("() => window.dispatchEvent(new Event('offline'))")
    set_presence(grace, "Busy")
    ada.context.set_offline(False)
    expect_seen(ada, "Grace Hopper", "Busy", within=60_000)


def test_nobody_sees_people_of_another_organization(stack, ada, person):
    stranger = stack.organizer(display_name="Somebody Else")
    page = person()
    people.sign_in(page, stack.url, stranger)
    expect(page.get_by_text("You are the first of your organization here.")).to_be_visible(timeout=PATIENCE)
    set_presence(page, "Busy")
    expect_seen(ada, "Grace Hopper", "Offline")
    expect(row(ada, "Somebody Else")).to_have_count(0)


def test_a_colleague_is_invited_from_the_dashboard(ada, room, api):
    api.create_room("Cellar", pin="482913")
    row(ada, "Grace Hopper").get_by_role("button", name="Invite Grace Hopper to a room").click()
    dialog = ada.get_by_role("dialog", name="Invite Grace Hopper")
    choice = dialog.get_by_label("Room", exact=True)
    choice.select_option(label="Round table")
    text = dialog.get_by_label("Text", exact=True)
    expect(text).to_have_value(re.compile(f"/r/{room['alias']}"), timeout=PATIENCE)
    expect(dialog.get_by_label("With PIN")).to_be_hidden()
    choice.select_option(label="Cellar")
    expect(text).to_have_value(re.compile("482913"), timeout=PATIENCE)
    dialog.get_by_label("With PIN").uncheck()
    expect(text).not_to_have_value(re.compile("482913"), timeout=PATIENCE)
    # Nothing is said of mail where no mail server is set up.
    expect(dialog.get_by_role("button", name="Send by mail")).to_have_count(0)
    dialog.get_by_role("button", name="Copy link").click()
    expect(ada.get_by_text("Link copied")).to_be_visible()
    expect(dialog).to_be_hidden()
    expect(row(ada, "Grace Hopper").get_by_role("button")).to_be_focused()


def test_who_may_not_have_rooms_is_not_asked_to_invite(stack, person, organizer, colleague):
    nina = stack.organizer(display_name="Nina Neu", organization=organizer, permissions=())
    page = person()
    accounts.start_sign_in(page, stack.url, nina.user_name, nina.password, nina.ucsid)
    expect(row(page, "Grace Hopper")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Invite Grace Hopper")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(look))
def test_presence_can_be_read_and_used_by_all(stack, person, organizer, colleague, grace, look):
    set_presence(grace, "Do not disturb", "A long text that does not fit into one line of the list of colleagues", "4 hours")
    page = looking(person, look)
    accounts.arrive(page, stack.url, organizer, "/", look[2])
    wear(page, look)
    expect(page.locator(".colleague[data-state=do_not_disturb]")).to_be_visible(timeout=PATIENCE)
    check_look(page, "the dashboard")
    page.locator("parley-own-presence button").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.locator("select[name=until]").select_option("own")
    check_look(page, "the own presence")
    page.keyboard.press("Escape")
    expect(page.locator("parley-own-presence button")).to_be_focused()
    page.locator(".colleague-invite").first.press("Enter")
    expect(dialog.locator("textarea")).not_to_have_value("", timeout=PATIENCE)
    check_look(page, "the invitation")
