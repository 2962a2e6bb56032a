"""Names, descriptions and messages that are markup, or that break what is careless: they are text, nothing in them runs, and no
page becomes wider than its window."""

import re
from datetime import datetime, timedelta

import people
import pytest
from parley import ApiError
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}
NAMES = {
    "image": "<img src=x onerror=\"window.harm=1\">",
    "script": "\"><script>window.harm=1</script>",
    "svg": "</title></textarea><svg onload='window.harm=1'>",
    "attribute": "\" autofocus onfocus=\"window.harm=1\" x=\"",
    "link": "javascript:window.harm=1",
    "marks": "Z" + "\u0335" * 80 + "algo",
    "one word": "W" * 80,
}
#: Refused, because with it one name looks like another.
OVERRIDE = "\u202egnp.exe"
#: What the field for the name takes.
LONGEST = 60
#: Keeps what is said in passing, however soon it is gone.
KEEP_SAID = """window.said = [];
new MutationObserver((changes) => changes.flatMap(({ addedNodes }) => [...addedNodes]).forEach((node) => {
    if (node instanceof Element && node.matches(".toast")) window.said.push(node.textContent);
})).observe(document, { childList: true, subtree: true });"""


def watch(page):
    """What the page says against its policy, or when it fails."""
    said = []
    page.on("console", lambda message: said.append(message.text)
            if message.type == "error" and re.search("polic|trusted|refused|violat", message.text, re.I) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def check(page, said, what: str) -> None:
    assert page.evaluate("window.harm") is None, what
    assert said == [], what
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{what} is {wider} px wider than its window"


def make_room(api, name):
    room = api.create_room(name, description=f"{name}\n{name}")
    start = datetime.now() + timedelta(days=2)
    api.call("POST", f"/api/directory/rooms/{room['id']}/appointments", {
        "title": name, "start": start.strftime("%Y-%m-%dT10:00"), "end": start.strftime("%Y-%m-%dT11:00"), "timeZone": "Europe/Berlin"})
    return room


def test_a_name_that_turns_the_direction_is_refused_in_words(stack, person, organizer, api):
    with pytest.raises(ApiError) as error:
        api.create_room(OVERRIDE)
    assert error.value.code == "validation_failed"
    guest = person()
    guest.goto(f"{stack.url}/r/{api.create_room('Plain')['alias']}")
    field = guest.get_by_label("Your name")
    field.fill(OVERRIDE)
    guest.get_by_role("button", name="Enter meeting").click()
    expect(field).to_have_attribute("aria-invalid", "true", timeout=people.PATIENCE)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_what_organizers_write_is_text_in_every_dialogue(stack, person, organizer, api, name):
    make_room(api, name)
    page = person(viewport=PHONE)
    said = watch(page)
    people.sign_in(page, stack.url, organizer)
    card = page.get_by_role("article").filter(has=page.locator("h2", has_text=name))
    expect(card.locator("h2")).to_have_text(name)
    expect(card.locator(".room-description")).to_contain_text(name)
    check(page, said, "the dashboard")
    for action, shown in [("Invite", "textarea"), ("Appointments", ".appointment"), ("Past meetings", "dialog p"),
                          ("Removed people", "dialog p"), ("Edit", "dialog form"), ("Delete", "dialog p")]:
        card.get_by_role("button", name="More actions").click()
        card.get_by_role("menuitem", name=action).click()
        expect(page.locator(shown).first).to_be_visible()
        if action != "Edit":
            expect(page.locator("dialog")).to_contain_text(name)
        check(page, said, action)
        inside = page.locator("dialog").evaluate("dialog => dialog.scrollWidth - dialog.clientWidth")
        assert inside <= 0, f"{action} is {inside} px wider than its dialogue"
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_what_guests_write_is_text_at_the_entrance_and_in_the_meeting(stack, person, organizer, api, name):
    room = make_room(api, name)
    host, guest = person(), person(viewport=PHONE)
    host.add_init_script(KEEP_SAID)
    reports = {page: watch(page) for page in (host, guest)}
    link = f"{stack.url}/r/{room['alias']}"
    people.sign_in(host, stack.url, organizer)
    host.goto(link)
    people.enter(host)
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_have_text(name, timeout=people.PATIENCE)
    check(guest, reports[guest], "the entrance")
    guest_name = name[:LONGEST]
    people.enter(guest, guest_name)
    # On the tile, in passing, in the list, in the chat.
    expect(host.locator("[data-participant]", has_text=guest_name).first).to_be_visible(timeout=people.PATIENCE)
    said = host.evaluate("window.said.join()")
    assert guest_name in said, said
    guest.get_by_role("button", name="Chat", exact=True).click()
    guest.get_by_role("textbox", name="Message").fill(name)
    guest.keyboard.press("Enter")
    host.get_by_role("button", name="Participants").click()
    expect(host.locator(".people-list .person-name", has_text=guest_name)).to_be_visible()
    check(host, reports[host], "the list of people")
    host.get_by_role("button", name=re.compile("^Chat")).click()
    for page in (host, guest):
        expect(page.get_by_role("log")).to_contain_text(name)
        check(page, reports[page], "the chat")
    expect(host).to_have_title(re.compile(re.escape(name)))
