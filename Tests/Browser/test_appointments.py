"""Invitations and appointments, as organizers make them and as guests see them."""

import re
from datetime import datetime, timedelta

import people
import pytest
from accounts import LOOKS, check_look, looking
from playwright.sync_api import expect

ZONE = "Europe/Berlin"


@pytest.fixture
def page(stack, person, organizer, api):
    """The organizer's page, in Berlin, with a room that has a PIN."""
    api.create_room("Planning", description="Two lines\nof text", pin="004711", alias=f"planning-{organizer.user_name}")
    page = person(timezone_id=ZONE)
    people.sign_in(page, stack.url, organizer)
    return page


def room_of(api) -> dict:
    return next(room for room in api.call("GET", "/api/directory/rooms")["items"] if room["name"] == "Planning")


def appointments(api) -> list[dict]:
    return api.call("GET", f"/api/directory/rooms/{room_of(api)['id']}/appointments")["items"]


def make(api, **draft) -> dict:
    day = (datetime.now() + timedelta(days=3)).strftime("%Y-%m-%d")
    usual = {"title": "Weekly", "start": f"{day}T10:00", "end": f"{day}T11:00", "timeZone": ZONE}
    return api.call("POST", f"/api/directory/rooms/{room_of(api)['id']}/appointments", usual | draft)


def open_appointments(page):
    people.room_card(page, "Planning").get_by_role("button", name="Appointments").click()
    return page.get_by_role("dialog", name=re.compile("Appointments in"))


def test_an_invitation_is_previewed_in_both_languages_with_and_without_pin_and_copied(page, stack, organizer):
    people.room_card(page, "Planning").get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog", name="Invitation to “Planning”")
    text = dialog.get_by_label("Text")
    expect(text).to_have_value(re.compile(f"Planning.*Two lines\nof text.*{stack.url}/r/planning-{organizer.user_name}.*004711", re.S))
    english = text.input_value()
    dialog.get_by_label("With PIN").uncheck()
    expect(text).not_to_have_value(re.compile("004711"))
    dialog.get_by_label("Language of the invitation").select_option("de")
    expect(text).to_have_value(re.compile("Sie sind|eingeladen"))
    assert text.input_value() != english
    dialog.get_by_role("button", name="Copy invitation").click()
    expect(page.get_by_text("Invitation copied")).to_be_visible()
    # A page may write to the clipboard but not read it, so a person pastes.
    page.get_by_role("button", name="New meeting room").click()
    field = page.get_by_role("dialog").get_by_label("Description")
    field.focus()
    page.keyboard.press("Control+V")
    expect(field).to_have_value(re.compile("eingeladen.*Two lines", re.S))


def test_an_appointment_is_made_changed_downloaded_and_cancelled(page, api):
    dialog = open_appointments(page)
    expect(dialog.get_by_text("No appointment yet")).to_be_visible()
    dialog.get_by_role("button", name="New appointment").click()
    form = page.get_by_role("dialog", name="New appointment")
    day = datetime.now() + timedelta(days=3)
    form.get_by_label("Title").fill("Figures, plans")
    form.get_by_label("Date", exact=True).fill(day.strftime("%Y-%m-%d"))
    form.get_by_label("From").fill("10:00")
    form.get_by_label("To", exact=True).fill("11:30")
    expect(form.get_by_label("Time zone")).to_have_value(ZONE)
    form.get_by_label("Repeat").select_option("biweekly")
    form.get_by_label("After a number of times").check()
    form.get_by_label("How often").fill("6")
    form.get_by_role("button", name="Save appointment").click()
    expect(form).to_be_hidden()

    row = dialog.get_by_role("listitem").filter(has_text="Figures, plans")
    expect(row.get_by_text(f"{day.strftime('%A')} 10:00")).to_be_visible()
    expect(row.get_by_text("Every two weeks, 6 times")).to_be_visible()
    [made] = appointments(api)
    assert (made["start"], made["end"], made["timeZone"]) == (day.strftime("%Y-%m-%dT10:00"), day.strftime("%Y-%m-%dT11:30"), ZONE)
    assert made["recurrence"] == {"frequency": "biweekly", "count": 6} and made["includesPIN"] is True

    with page.expect_download() as download:
        row.get_by_role("button", name="Calendar file").click()
    assert download.value.suggested_filename == "Figures-plans.ics"
    calendar = download.value.path().read_text()
    assert calendar.startswith("BEGIN:VCALENDAR") and f"DTSTART;TZID={ZONE}" in calendar and "004711" in calendar

    row.get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit appointment")
    form.get_by_label("To", exact=True).fill("09:00")
    expect(form.get_by_text("It ends on the next day.")).to_be_visible()
    form.get_by_label("To", exact=True).fill("12:00")
    form.get_by_label("Repeat").select_option("none")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    expect(row.get_by_text("Every two weeks")).to_be_hidden()
    expect(row.get_by_role("button").first).to_be_visible()
    assert appointments(api)[0]["end"].endswith("T12:00") and "recurrence" not in appointments(api)[0]

    row.get_by_role("button", name="Cancel appointment").click()
    question = page.get_by_role("dialog", name="Cancel “Figures, plans”?")
    expect(question.get_by_text("Nobody gets mail about it.")).to_be_visible()
    question.get_by_role("button", name="Cancel appointment").click()
    expect(dialog.get_by_text("No appointment yet")).to_be_visible()
    assert appointments(api) == []


def test_what_can_not_be_is_said_beside_its_field(page):
    open_appointments(page).get_by_role("button", name="New appointment").click()
    form = page.get_by_role("dialog", name="New appointment")
    form.get_by_label("Date", exact=True).fill("2020-01-01")
    form.get_by_label("Time zone").fill("Mars")
    form.get_by_role("button", name="Save appointment").click()
    expect(form.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Time zone")).to_be_focused()
    form.get_by_label("Time zone").fill("london")
    form.get_by_label("Time zone").press("Tab")
    expect(form.get_by_label("Time zone")).to_have_value("Europe/London")
    form.get_by_role("button", name="Save appointment").click()
    expect(form.get_by_text("This time is already over.")).to_be_visible()
    expect(form.get_by_label("Date", exact=True)).to_be_focused()


def test_of_two_changes_of_an_appointment_nothing_is_lost(page, api):
    made = make(api)
    dialog = open_appointments(page)
    dialog.get_by_role("listitem").filter(has_text="Weekly").get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit appointment")
    form.get_by_label("Title").fill("Mine")
    draft = {key: made[key] for key in ("start", "end", "timeZone", "language")}
    api.call("PUT", f"/api/directory/rooms/{made['room']}/appointments/{made['id']}",
             draft | {"title": "Theirs", "recurrence": {"frequency": "daily"}}, headers={"If-Match": f'"{made["version"]}"'})
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Somebody else changed this appointment")).to_be_visible()
    expect(form.get_by_label("Title")).to_have_value("Mine")
    expect(form.get_by_label("Repeat")).to_have_value("daily")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    [stored] = appointments(api)
    assert (stored["title"], stored["recurrence"]) == ("Mine", {"frequency": "daily"})


def test_the_next_appointment_is_told_on_the_card_and_at_the_entrance_in_the_readers_own_clocks(page, person, stack, api):
    make(api)
    day = (datetime.now() + timedelta(days=3)).strftime("%A")
    page.reload()
    expect(people.room_card(page, "Planning").get_by_text(f"Next: {day} 10:00")).to_be_visible()
    guest = person(timezone_id="Europe/London")
    guest.goto(f"{stack.url}/r/{room_of(api)['alias']}")
    people.give_pin(guest, "004711")
    expect(guest.get_by_text(re.compile(rf"Starts {day} 9:00.AM \(10:00.AM in Berlin\)"))).to_be_visible(timeout=people.PATIENCE)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(look))
def test_appointments_and_invitations_are_accessible_in_every_look(stack, person, organizer, api, look):
    api.create_room("Planning", pin="004711")
    make(api, recurrence={"frequency": "weekly"})
    page = looking(person, look)
    page.request.post(f"{stack.url}/api/identity/session", headers={"Origin": stack.url}, data={
        "userName": organizer.user_name, "password": organizer.password, "organization": organizer.ucsid, "stayLoggedIn": False})
    page.goto(stack.url)
    card = people.room_card(page, "Planning")
    card.locator(".room-invite").first.click()
    page.get_by_role("dialog").locator("textarea").wait_for()
    check_look(page, "invitation")
    page.keyboard.press("Escape")
    card.locator(".room-invite").nth(1).click()
    page.locator(".appointment").wait_for()
    check_look(page, "appointments")
    page.locator("dialog[open] .button-primary").click()
    form = page.locator("dialog[open]").nth(1)
    form.locator("select[name=repeats]").select_option("monthly")
    check_look(page, "appointment")


def test_an_appointment_of_a_whole_day_is_edited_and_a_longer_one_is_refused_beside_its_field(page, api):
    day = datetime.now() + timedelta(days=3)
    made = make(api, title="Watch", end=f"{day + timedelta(days=1):%Y-%m-%d}T10:00", timeZone="UTC")
    dialog = open_appointments(page)
    dialog.get_by_role("listitem").filter(has_text="Watch").get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit appointment")
    next_day, to = form.get_by_label("Ends on the next day"), form.get_by_label("To", exact=True)
    expect(next_day).to_be_checked()
    form.get_by_label("Title").fill("Long watch")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    [stored] = appointments(api)
    assert (stored["title"], stored["start"], stored["end"]) == ("Long watch", made["start"], made["end"])

    dialog.get_by_role("listitem").filter(has_text="Long watch").get_by_role("button", name="Edit").click()
    to.fill("10:01")
    # Later on the same day is what it usually means.
    expect(next_day).not_to_be_checked()
    said = form.get_by_role("status").filter(has_text="It ends on the same day.")
    expect(said).to_have_count(1)
    next_day.check()
    expect(said).to_have_count(0)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("An appointment takes at most 24 hours.")).to_be_visible()
    expect(to).to_be_focused()
    to.fill("09:00")
    expect(next_day).to_be_checked()
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    assert appointments(api)[0]["end"] == made["end"].replace("T10:00", "T09:00")


def test_where_the_browser_does_not_copy_the_text_is_shown_with_its_name(page, api):
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')); }")
    card = people.room_card(page, "Planning")
    card.get_by_role("button", name="Copy link").click()
    dialog = page.get_by_role("dialog", name="Copy link")
    expect(dialog.get_by_label("Link")).to_be_focused()
    expect(dialog.get_by_label("Link")).to_have_value(re.compile("/r/planning-"))
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Invite").click()
    page.get_by_role("dialog").get_by_role("button", name="Copy invitation").click()
    expect(page.get_by_role("dialog", name="Copy invitation").get_by_label("Text")).to_have_value(re.compile("004711"))


def test_an_older_answer_does_not_overwrite_a_newer_one(page, api):
    card = people.room_card(page, "Planning")
    held = []

    def hold(route):
        if held:
            return route.continue_()
        held.append(route)
        held.append(route.fetch())

    page.route("**/api/directory/rooms?*", hold)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    people.wait_until(page, lambda: len(held) == 2, "the list is being read")
    dialog = open_appointments(page)
    dialog.get_by_role("button", name="New appointment").click()
    page.get_by_role("dialog", name="New appointment").get_by_role("button", name="Save appointment").click()
    following = card.get_by_text("Next: ")
    expect(following).to_be_visible()
    with page.expect_response(lambda answer: "/api/directory/rooms?" in answer.url):
        held[0].fulfill(response=held[1])
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(following).to_be_visible()
