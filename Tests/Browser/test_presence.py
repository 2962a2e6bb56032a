"""What colleagues see of each other: set by hand, by meetings, by their choice; live."""

from __future__ import annotations

import json
import re
import time

import accounts
import people
import pytest
from accounts import LOOKS, PATIENCE, check_look, looking, wear
from playwright.sync_api import WebSocketRoute, expect
from presence import (  # noqa: F401
    ada, expect_own, expect_seen, grace, other_tab, own, room, row, set_presence,
)


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
