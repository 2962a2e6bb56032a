"""What colleagues see of each other: set by hand, by their devices, by meetings; live, and right again after every fault."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time

import accounts
import database
import people
import pytest
from accounts import LOOKS, PATIENCE, check_look, looking, wear
from fixtures import CHROMIUM, FLAGS
from playwright.sync_api import Page, WebSocketRoute, expect

#: A page that was closed is a device for 10 s more; as much again for a slow machine.
DEVICE_GOES = 20_000
#: A seat is kept for 30 s for whoever vanished, leases end after 45 s, and the device after that.
VANISHES = 75_000
#: Whose session has ended: 5 s, and some for a slow machine.
SIGNED_OUT = 8_000


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


class Cable:
    """What the stream of a page goes through: cut, nothing of it arrives in either direction, and nobody is told."""

    def __init__(self, page: Page):
        self.is_cut = False
        page.route_web_socket(re.compile("/api/presence/stream"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            return socket.close(code=4490)
        server = socket.connect_to_server()
        socket.on_message(lambda message: None if self.is_cut else server.send(message))
        server.on_message(lambda message: None if self.is_cut else socket.send(message))


def expect_nothing_known(page: Page, within: int) -> None:
    """Signed out: nothing of anybody's presence is shown any more."""
    expect(page.locator(".presence-mark:not([data-state=unknown])")).to_have_count(0, timeout=within)


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


def test_what_somebody_sets_is_seen_with_its_words_and_its_end_and_goes_again(stack, ada, grace):
    expect_seen(ada, "Grace Hopper", "Available")
    tab = other_tab(grace, f"{stack.url}/profile")
    expect_own(tab, "Available")
    set_presence(grace, "Do not disturb", "Writing the report", "1 hour")
    expect_seen(ada, "Grace Hopper", re.compile(r"^Do not disturb · until (tomorrow, )?\d{1,2}:\d{2}\s[AP]M$"))
    expect(row(ada, "Grace Hopper").get_by_text("Writing the report")).to_be_visible()
    expect(row(ada, "Grace Hopper").locator(".presence-mark")).to_have_attribute("data-state", "do_not_disturb")
    expect(own(grace)).to_have_accessible_name(re.compile("Do not disturb · until"))
    # The other tab follows.
    expect(own(tab)).to_have_accessible_name(re.compile("Do not disturb · until"))
    own(tab).click()
    dialog = tab.get_by_role("dialog", name="My presence")
    expect(dialog.get_by_label("Do not disturb", exact=True)).to_be_checked()
    expect(dialog.get_by_label("Text for colleagues")).to_have_value("Writing the report")
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


def test_what_is_set_is_not_overwritten_by_who_does_not_know_it_yet(stack, person, colleague, ada, grace):
    set_presence(grace, "Absent", "At lunch")
    page = person()

    def refuse(socket: WebSocketRoute) -> None:
        def answer(_):
            socket.send(json.dumps({"type": "refused", "code": "too_many_requests", "message": "", "retryAfter": 60}))
            socket.close(code=4429)
        socket.on_message(answer)

    page.route_web_socket(re.compile("/api/presence/stream"), refuse)
    page.route("**/api/presence/own", lambda route: route.abort())
    people.sign_in(page, stack.url, colleague)
    expect(page.get_by_text(re.compile(r"Presence was asked for too often\. It is tried again at \d"))).to_be_visible()
    own(page).click()
    dialog = page.get_by_role("dialog", name="My presence")
    expect(dialog.get_by_text("can't be reached")).to_be_visible(timeout=PATIENCE)
    expect(dialog.get_by_text("Presence was asked for too often.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    expect(dialog.get_by_role("radio")).to_have_count(0)
    page.unroute("**/api/presence/own")
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_label("Absent", exact=True)).to_be_checked(timeout=PATIENCE)
    expect(dialog.get_by_label("Text for colleagues")).to_have_value("At lunch")
    dialog.get_by_label("Busy", exact=True).check()
    dialog.get_by_role("button", name="Save").click()
    expect_seen(ada, "Grace Hopper", "Busy")
    expect(row(ada, "Grace Hopper").get_by_text("At lunch")).to_be_visible()


def test_what_is_written_follows_the_clock(stack, person, colleague):
    page = person()
    page.clock.install(time=time.mktime(time.localtime()[:3] + (22, 30, 0, 0, 0, -1)))
    people.sign_in(page, stack.url, colleague)
    set_presence(page, "Busy", until="4 hours")
    expect(own(page)).to_have_accessible_name(re.compile(r"^My presence: Busy · until tomorrow, 2:30\sAM$"), timeout=PATIENCE)
    page.clock.fast_forward("01:31:00")
    expect(own(page)).to_have_accessible_name(re.compile(r"^My presence: Busy · until 2:30\sAM$"), timeout=PATIENCE)


def test_a_meeting_is_seen_as_the_person_wants_and_what_was_before_comes_back(stack, ada, grace, room):
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
    # Do Not Disturb stays in a meeting, and comes with it for who wants that.
    set_presence(grace, "Do not disturb")
    expect_seen(ada, "Grace Hopper", "Do not disturb · In meeting")
    set_presence(grace, "Absent", "Working elsewhere")
    expect_seen(ada, "Grace Hopper", "Busy · In meeting")
    profile = other_tab(grace, f"{stack.url}/profile")
    with profile.expect_response(lambda answer: answer.request.method == "PUT"):
        accounts.section(profile, "Presence and notifications").get_by_label("Do not disturb").check()
    expect_seen(ada, "Grace Hopper", "Do not disturb · In meeting")
    meeting.get_by_role("button", name="Leave").click()
    expect_seen(ada, "Grace Hopper", "Absent")
    expect(row(ada, "Grace Hopper").get_by_text("Working elsewhere")).to_be_visible()


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


def test_a_guest_changes_nobodys_presence_not_even_with_a_colleagues_name(stack, ada, grace, person, room):
    expect_seen(ada, "Grace Hopper", "Available")
    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(guest, "Grace Hopper")
    # Who comes after the guest is seen in the meeting: so the guest would be, too.
    people.enter(other_tab(ada, f"{stack.url}/r/{room['alias']}"))
    expect_seen(grace, "Ada Lovelace", "Busy · In meeting")
    expect_seen(ada, "Grace Hopper", "Available")
    expect_own(grace, "Available")


def test_the_invisible_are_offline_for_others_in_meetings_too(stack, ada, grace, room):
    set_presence(grace, "Invisible", "Nobody reads this")
    expect_seen(ada, "Grace Hopper", "Offline")
    expect_own(grace, "Invisible")
    meeting = other_tab(grace, f"{stack.url}/r/{room['alias']}")
    people.enter(meeting)
    # Who comes after them is seen in the meeting.
    people.enter(other_tab(ada, f"{stack.url}/r/{room['alias']}"))
    expect_seen(grace, "Ada Lovelace", "Busy · In meeting")
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
    # Nobody copies the invitation to a room that is not chosen any more.
    ada.route(re.compile("/invitation\\?"), lambda route: route.abort())
    choice.select_option(label="Cellar")
    expect(dialog.get_by_text("can't be reached")).to_be_visible()
    expect(text).to_have_value("")
    ada.unroute(re.compile("/invitation\\?"))
    dialog.get_by_role("button", name="Try again").click()
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
