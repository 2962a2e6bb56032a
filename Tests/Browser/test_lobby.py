"""Who has to be admitted waits, moderators see who knocks, and both may reload."""

import people
from playwright.sync_api import expect

OPTIONS = {"everyoneModerates": False, "muteOnJoining": False, "lobby": "nobody", "waitForModerator": False,
           "screenSharing": "everyone", "chat": "everyone", "keepChat": True}


def link_to(stack, api, name, **options):
    room = api.create_room(name, options={**OPTIONS, **options})
    return f"{stack.url}/r/{room['alias']}"


def moderator(stack, person, organizer, link):
    page = person()
    people.sign_in(page, stack.url, organizer)
    page.goto(link)
    people.enter(page)
    page.get_by_role("button", name="Participants").click()
    return page


def knock(person, link, name):
    page = person()
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Enter meeting").click()
    return page


def is_inside(page):
    expect(page.get_by_role("button", name="Leave")).to_be_visible(timeout=people.PATIENCE)


def waiting(page):
    return page.get_by_role("list", name="Waiting").get_by_role("listitem")


def test_a_moderator_admits_one_guest_and_denies_another_across_reloads(stack, person, api, organizer):
    link = link_to(stack, api, "Lobby", lobby="guests")
    host = moderator(stack, person, organizer, link)
    gina, hugo = knock(person, link, "Gina"), knock(person, link, "Hugo")
    for guest in (gina, hugo):
        expect(guest.get_by_role("heading", name="You will be let in soon")).to_be_visible(timeout=people.PATIENCE)
        expect(guest.get_by_role("button", name="Leave")).to_be_hidden()
    expect(waiting(host)).to_have_count(2, timeout=people.PATIENCE)
    expect(host.get_by_text("wants to come in").first).to_be_visible()

    # Neither the guest's reload nor the moderator's loses the place.
    gina.reload()
    expect(gina.get_by_role("heading", name="You will be let in soon")).to_be_visible(timeout=people.PATIENCE)
    host.reload()
    is_inside(host)
    host.get_by_role("button", name="Participants").click()
    expect(waiting(host)).to_have_count(2, timeout=people.PATIENCE)

    host.get_by_role("button", name="Admit Gina").click()
    is_inside(gina)
    expect(waiting(host)).to_have_count(1)
    # Who answered one by the keyboard goes on with the next.
    expect(host.get_by_role("button", name="Admit Hugo")).to_be_focused()
    host.get_by_role("button", name="Deny Hugo").click()
    expect(hugo.get_by_role("heading", name="You were not let in")).to_be_visible(timeout=people.PATIENCE)
    expect(waiting(host)).to_have_count(0)
    expect(gina.get_by_role("list", name="Waiting")).to_have_count(0)


def test_a_locked_room_is_knocked_at_and_unlocking_lets_all_in(stack, person, api, organizer):
    link = link_to(stack, api, "Locked")
    host = moderator(stack, person, organizer, link)
    inside = knock(person, link, "Ida")
    is_inside(inside)
    host.get_by_role("button", name="Lock room").click()
    for page in (host, inside):
        expect(page.locator(".meeting-locked")).to_be_visible(timeout=people.PATIENCE)
    late = [knock(person, link, name) for name in ("Lara", "Luis")]
    for guest in late:
        expect(guest.get_by_role("heading", name="The room is locked")).to_be_visible(timeout=people.PATIENCE)
    # A seat is kept across the lock.
    inside.reload()
    is_inside(inside)
    expect(waiting(host)).to_have_count(2, timeout=people.PATIENCE)
    host.get_by_role("button", name="Unlock room").click()
    for guest in late:
        is_inside(guest)
    expect(host.locator(".meeting-locked")).to_be_hidden()


def test_the_meeting_begins_with_the_moderator_and_keeps_to_the_rooms_options(stack, person, api, organizer):
    link = link_to(stack, api, "Strict", waitForModerator=True, muteOnJoining=True, chat="moderators",
                   screenSharing="moderators")
    early = knock(person, link, "Eve")
    expect(early.get_by_role("heading", name="The meeting has not begun")).to_be_visible(timeout=people.PATIENCE)
    host = moderator(stack, person, organizer, link)
    is_inside(early)
    expect(early.get_by_role("button", name="Turn on microphone")).to_be_visible()
    expect(early.get_by_role("button", name="Only moderators share the screen here")).to_have_attribute(
        "aria-disabled", "true")
    early.get_by_role("button", name="Chat", exact=True).click()
    expect(early.get_by_role("textbox", name="Message")).to_be_disabled()
    expect(early.get_by_text("Only moderators write here.")).to_be_visible()
    expect(host.get_by_role("button", name="Share screen")).to_have_attribute("aria-disabled", "false")
