"""Sign-in, the dashboard, and the pages that say why somebody can't enter."""

import re

import people
from playwright.sync_api import expect


def test_wrong_credentials_are_said_in_words_and_right_ones_lead_to_the_dashboard(stack, person, organizer):
    page = person()
    page.goto(stack.url)
    page.get_by_label("User name").fill(organizer.user_name)
    page.get_by_label("Password", exact=True).fill("certainly not this one")
    page.get_by_label("Organization").fill(organizer.ucsid)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text=re.compile("password", re.I)).first).to_be_visible()
    page.get_by_label("Password", exact=True).fill(organizer.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="New meeting room").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="New meeting room").first).to_be_visible()
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_label("User name")).to_be_visible()
    expect(page.get_by_label("Organization")).to_have_value(organizer.ucsid)


def test_the_session_cookie_lasts_a_day_only_when_asked_for(stack, person, organizer):
    for stay in [False, True]:
        page = person()
        page.goto(stack.url)
        page.get_by_label("User name").fill(organizer.user_name.upper())
        page.get_by_label("Password", exact=True).fill(organizer.password)
        page.get_by_label("Organization").fill(organizer.alias.upper())
        if stay:
            page.get_by_label("Stay logged in").check()
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("button", name="New meeting room").first).to_be_visible()
        cookie = next(entry for entry in page.context.cookies() if entry["name"] == "__Host-parley-session")
        assert cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Lax"
        assert (cookie["expires"] > 0) == stay
        if stay:
            left = cookie["expires"] - page.evaluate("Date.now() / 1000")
            assert abs(left - 24 * 3600) < 60


def test_a_room_is_created_edited_copied_and_deleted(stack, person, organizer):
    page = person()
    people.sign_in(page, stack.url, organizer)
    link = people.create_room(page, "Planning", alias="planning-" + organizer.user_name)
    assert link.endswith("/r/planning-" + organizer.user_name)

    # The alias is taken now, and the dialogue says so next to the field.
    page.get_by_role("button", name="New meeting room").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Room name").fill("Second")
    dialog.get_by_label("Alias").fill("planning-" + organizer.user_name)
    expect(dialog.get_by_text("taken", exact=False).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    card = people.room_card(page, "Planning")
    card.get_by_role("button", name=re.compile("Copy link")).click()
    # A page may write to the clipboard but not read it, so a person pastes.
    page.get_by_role("button", name="New meeting room").first.click()
    dialog.get_by_label("Room name").focus()
    page.keyboard.press("Control+V")
    expect(dialog.get_by_label("Room name")).to_have_value(re.compile(f"/r/planning-{organizer.user_name}$"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    card.get_by_role("button", name=re.compile("Edit")).click()
    dialog.get_by_label("Room name").fill("Planning of the year")
    dialog.get_by_label("PIN", exact=True).fill("123456")
    dialog.get_by_role("button", name="Save").click()
    card = people.room_card(page, "Planning of the year")
    expect(card.get_by_text("PIN", exact=False).first).to_be_visible()

    people.choose(card, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(card).to_be_hidden()
    page.goto(f"{stack.url}/r/planning-{organizer.user_name}")
    expect(page.get_by_role("heading").filter(has_text=re.compile("not|no ", re.I)).first).to_be_visible()


def test_a_guest_is_asked_for_a_pin_where_there_is_no_room_and_told_that_the_link_may_lead_nowhere(stack, person):
    for locale, words in [("en-US", "leads nowhere any more"), ("de-DE", "gilt nicht mehr")]:
        page = person(locale=locale)
        page.goto(f"{stack.url}/r/there-is-no-such-room")
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_label("PIN")).to_be_visible()
        expect(page.get_by_role("button", name="Enter meeting")).to_be_hidden()


def test_who_has_signed_in_is_told_that_there_is_no_such_room(stack, person, organizer):
    page = person()
    people.sign_in(page, stack.url, organizer)
    page.goto(f"{stack.url}/r/there-is-no-such-room")
    expect(page.get_by_role("heading", name="No such meeting room")).to_be_visible()


def test_deleting_a_room_ends_its_meeting_with_a_message(stack, person, api):
    room = api.create_room("Short lived")
    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(guest, "Gus")
    api.call("DELETE", f"/api/directory/rooms/{room['id']}", headers={"If-Match": f'"{room["version"]}"'})
    expect(guest.get_by_text(re.compile("deleted|ended", re.I)).first).to_be_visible(timeout=people.PATIENCE)
    expect(guest.get_by_role("button", name="Leave")).to_be_hidden()


def test_colleagues_see_who_is_in_a_meeting(stack, person, organizer, colleague, api):
    room = api.create_room("Busy")
    watcher = person()
    people.sign_in(watcher, stack.url, colleague)
    row = watcher.get_by_role("region", name="Colleagues").get_by_role("listitem").filter(has_text=organizer.display_name)
    expect(row.get_by_text("Offline")).to_be_visible(timeout=people.PATIENCE)

    page = person()
    people.sign_in(page, stack.url, organizer)
    expect(row.get_by_text("Available")).to_be_visible(timeout=people.PATIENCE)
    page.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(page)
    expect(row.get_by_text("Busy · In meeting")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Leave").click()
    expect(row.get_by_text("In meeting")).to_have_count(0, timeout=30_000)
    page.goto(stack.url)
    expect(row.get_by_text("Available")).to_be_visible(timeout=30_000)


def test_every_page_keeps_to_its_security_headers(stack, person, organizer, api):
    page = person()
    problems, foreign = [], []
    page.on("console", lambda message: problems.append(message.text)
            if "Content Security Policy" in message.text or "Trusted" in message.text else None)
    page.on("request", lambda request: foreign.append(request.url)
            if not request.url.startswith((stack.url, stack.ws, "blob:", "data:")) else None)
    people.sign_in(page, stack.url, organizer)
    room = api.create_room("Headers")
    answer = page.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(page)
    page.get_by_role("button", name="Leave").click()
    assert problems == [] and foreign == []
    headers = answer.all_headers()
    assert "require-trusted-types-for 'script'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
