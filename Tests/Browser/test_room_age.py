"""Rooms that nobody uses: the warning, the end, what the link says then, and the renewal."""

from datetime import datetime

import people
from database import unused_for
from playwright.sync_api import expect


def date_of(api, room) -> str:
    """Until when the room is there, as an American reads it in London's winter."""
    date = datetime.fromisoformat(api.call("GET", f"/api/directory/rooms/{room['id']}")["expiresAt"])
    return f"{date:%b} {date.day}, {date.year}"


def dashboard(stack, person, organizer):
    page = person(timezone_id="UTC")
    people.sign_in(page, stack.url, organizer)
    return page


def test_a_room_that_is_about_to_end_says_so_and_using_it_is_enough(stack, person, organizer, api):
    room = api.create_room("Rarely used")
    unused_for(stack, room, 80)
    card = people.room_card(dashboard(stack, person, organizer), "Rarely used")
    expect(card.get_by_text(f"Ends on {date_of(api, room)}, in 10 days, if nobody uses it")).to_be_visible()
    expect(card.get_by_role("link", name="Start")).to_be_visible()
    # Its link works as ever, and whoever enters makes it young again.
    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(guest, "Gus")
    expect(card.get_by_text("Ends on")).to_have_count(0, timeout=people.PATIENCE)
    expect(card.get_by_text(f"Available until {date_of(api, room)}")).to_be_visible()


def test_a_room_that_has_ended_tells_its_guests_is_renewed_and_has_the_same_link(stack, person, organizer, api):
    room = api.create_room("Old")
    unused_for(stack, room, 91)
    page = dashboard(stack, person, organizer)
    card = people.room_card(page, "Old")
    expect(card.get_by_text(f"No longer available since {date_of(api, room)}")).to_be_visible()
    for name in ("Start", "Copy link", "Invite"):
        expect(card.get_by_role("link", name=name).or_(card.get_by_role("button", name=name))).to_have_count(0)

    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    expect(guest.get_by_role("heading", name="This meeting room is no longer available")).to_be_visible(timeout=people.PATIENCE)
    expect(guest.get_by_text("nobody used it for 90 days")).to_be_visible()
    expect(guest.get_by_text("The person who invited you can renew it or send a new link.")).to_be_visible()

    card.get_by_role("button", name="Renew", exact=True).click()
    expect(page.get_by_text("“Old” is available again until")).to_be_visible()
    expect(card.get_by_text(f"Available until {date_of(api, room)}")).to_be_visible()
    assert card.get_by_role("link", name="Start").get_attribute("href") == f"/r/{room['alias']}"
    guest.reload()
    people.enter(guest, "Gus")


def test_of_a_chosen_alias_a_guest_learns_only_what_it_may_be_and_the_owner_all(stack, person, organizer, api):
    """An alias that people choose can be guessed, so its end is not told to everybody (decision 6)."""
    room = api.create_room("Chosen", alias=f"old-{organizer.user_name}")
    unused_for(stack, room, 91)
    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    expect(guest.get_by_role("heading", name="Please enter the PIN")).to_be_visible(timeout=people.PATIENCE)
    expect(guest.get_by_text("this link was mistyped or leads nowhere any more")).to_be_visible()

    page = dashboard(stack, person, organizer)
    page.goto(f"{stack.url}/r/{room['alias']}")
    expect(page.get_by_role("heading", name="This meeting room is no longer available")).to_be_visible(timeout=people.PATIENCE)
    page.goto(stack.url)
    people.choose(people.room_card(page, "Chosen"), "Renew")
    expect(page.get_by_text("“Chosen” is available again until")).to_be_visible()
    guest.reload()
    people.enter(guest, "Gus")
