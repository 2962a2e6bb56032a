"""Who has to be admitted waits, moderators see who knocks, and both may reload."""

import re

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
    expect(host.get_by_text(re.compile("wants? to come in")).first).to_be_visible()

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


def overlap(page, one, other) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    return (a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"]
            and a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"])


def test_who_admits_all_by_keyboard_goes_on_at_the_lock_and_is_told_no_longer(stack, person, api, organizer):
    link = link_to(stack, api, "Keys", lobby="guests")
    host = moderator(stack, person, organizer, link)
    guests = [knock(person, link, name) for name in ("Gina", "Hugo")]
    expect(waiting(host)).to_have_count(2, timeout=people.PATIENCE)
    told = host.locator(".toast", has_text="to come in")
    expect(told).to_be_visible(timeout=people.PATIENCE)
    # With the pointer on it, it does not go by itself.
    told.hover()
    everybody = host.get_by_role("button", name="Admit all")
    everybody.focus()
    host.keyboard.press("Enter")
    expect(waiting(host)).to_have_count(0, timeout=people.PATIENCE)
    expect(told).to_have_count(0)
    expect(host.get_by_role("button", name="Lock room")).to_be_focused()
    for guest in guests:
        is_inside(guest)


def test_on_a_phone_nothing_that_is_said_covers_the_lock_and_open_looks_open(stack, person, api, organizer):
    link = link_to(stack, api, "Small", lobby="guests")
    host = person(viewport={"width": 390, "height": 844})
    people.sign_in(host, stack.url, organizer)
    host.goto(link)
    people.enter(host)
    host.get_by_role("button", name="Participants").click()
    name = "Gina" + "w" * 56
    knock(person, link, name)
    told = host.locator(".toast", has_text=f"{name} wants to come in")
    expect(told).to_be_visible(timeout=people.PATIENCE)
    told.hover()
    for button in ("Lock room", f"Admit {name}", "Close"):
        assert not overlap(host, told, host.get_by_role("button", name=button).first), button
    box = told.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    # Whom one admits is read whole.
    assert host.locator(".door .person-name").evaluate("name => name.scrollWidth - name.clientWidth") <= 0
    state = host.locator(".door-state")
    expect(state).to_have_text("Room is open")
    padlock = "svg => [...svg.querySelectorAll('path')].map((path) => path.getAttribute('d')).join()"
    open_lock = state.locator("svg").evaluate(padlock)
    host.get_by_role("button", name="Lock room").click()
    expect(state).to_have_text("Room is locked", timeout=people.PATIENCE)
    assert state.locator("svg").evaluate(padlock) != open_lock


def test_what_awaits_one_is_told_anew_while_one_stands_at_the_entrance(stack, person, api, organizer):
    room = api.create_room("Changing")
    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    expect(guest.get_by_role("button", name="Enter meeting")).to_be_visible(timeout=people.PATIENCE)
    said = guest.get_by_text("The room is locked. You wait until somebody lets you in.")
    expect(said).to_have_count(0)
    for locked in (True, False):
        api.call("PUT", f"/api/directory/rooms/{room['id']}/lock", {"locked": locked})

        def is_told():
            # As when one comes back to the tab: sooner than the next look. While a look is under way it does nothing.
            guest.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            return said.count() == (1 if locked else 0)

        people.wait_until(guest, is_told, f"locked: {locked}", within=10)
