"""What is left of a meeting: that it was, and who may not come back."""

import people
import pytest
from accounts import check_look
from parley import Api, Participant
from playwright.sync_api import expect


@pytest.fixture
def page(stack, person, organizer, api, background):
    """The organizer's page, after a meeting of two guests."""
    room = api.create_room("Retrospective")

    def enter(name):
        return background(Participant.enter(stack.ws, Api(stack.url).entry(room["alias"], name), stack.url))

    guests = [enter("Gus"), enter("Mia")]
    for guest in guests:
        background(guest.leave())
    page = person()
    people.sign_in(page, stack.url, organizer)
    path = f"/api/directory/rooms/{room['id']}/meetings"
    people.wait_until(page, lambda: any("endedAt" in meeting for meeting in api.call("GET", path)["items"]), "the meeting is over")
    return page


def test_past_meetings_are_listed_without_names_where_the_organization_keeps_none(page):
    people.choose(people.room_card(page, "Retrospective"), "Past meetings")
    dialog = page.get_by_role("dialog", name="Past meetings in “Retrospective”")
    expect(dialog.get_by_text("2 people")).to_be_visible()
    expect(dialog.get_by_text("1 min")).to_be_visible()
    expect(dialog.get_by_text("Who was there")).to_have_count(0)
    check_look(page, "history")


def test_nobody_is_kept_out_of_a_quiet_room(page):
    people.choose(people.room_card(page, "Retrospective"), "Removed people")
    dialog = page.get_by_role("dialog", name="Removed from “Retrospective”")
    expect(dialog.get_by_text("Nobody is kept out.")).to_be_visible()
    check_look(page, "bans")
