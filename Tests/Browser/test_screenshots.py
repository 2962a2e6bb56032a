"""Pictures of every page, at desktop and phone size, bright and dark, German and English, for people to look at.

They are written to the folder PARLEY_SCREENSHOTS (when it is set); the test itself holds what a look would notice first:
nothing is wider than its window."""

import os
from pathlib import Path

import people
import pytest

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language, appearance", [("en", "bright"), ("de", "dark")])
def test_pages(stack, person, organizer, api, size, language, appearance):
    width, height = SIZES[size]
    folder = os.environ.get("PARLEY_SCREENSHOTS")
    page = person(locale={"en": "en-US", "de": "de-DE"}[language], viewport={"width": width, "height": height},
                  color_scheme={"bright": "light", "dark": "dark"}[appearance])
    page.add_init_script(f"""
        localStorage.setItem('parley.appearance', JSON.stringify('{appearance}'));
        localStorage.setItem('parley.language', JSON.stringify('{language}'));""")

    def look(name):
        page.wait_for_timeout(700)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}-{size}-{language}-{appearance}.png")
        assert overflow <= 0, f"{name} is {overflow} px wider than its window"

    page.goto(stack.url)
    page.get_by_label("User name" if language == "en" else "Benutzername").wait_for()
    look("sign-in")

    room = api.create_room("Quarterly review", description="Figures, plans and questions.", color="teal", pin="471100")
    api.create_room("Team breakfast", color="orange")
    sessions = page.request.post(f"{stack.url}/api/identity/session", headers={"Origin": stack.url}, data={
        "userName": organizer.user_name, "password": organizer.password, "organization": organizer.ucsid,
        "stayLoggedIn": False})
    assert sessions.ok
    page.goto(stack.url)
    page.get_by_text("Quarterly review").first.wait_for()
    look("dashboard")
    page.get_by_role("button", name={"en": "New meeting room", "de": "Neuer Besprechungsraum"}[language]).first.click()
    look("new-room")
    page.keyboard.press("Escape")

    others = [person(fps=8) for _ in range(2)]
    for other, name in zip(others, ["Bob Berger", "Cleo Kaya"]):
        other.goto(f"{stack.url}/r/{room['alias']}")
        if name == "Bob Berger":
            people.give_pin(other, "1")
        people.give_pin(other, "471100")
        people.enter(other, name)

    page.goto(f"{stack.url}/r/{room['alias']}")
    button = page.get_by_role("button", name={"en": "Enter meeting", "de": "Eintreten"}[language])
    button.wait_for()
    look("pre-join")
    button.click()
    people.wait_until(page, lambda: len([key for key in people.received(page) if key[1] == "video"]) == 2, "pictures")
    look("meeting")
    page.get_by_role("button", name="Chat").click()
    look("chat")
    page.keyboard.press("Escape")
    page.get_by_role("button", name={"en": "Leave", "de": "Verlassen"}[language], exact=True).click()
    look("left")

    page.goto(f"{stack.url}/r/no-such-room-here")
    page.wait_for_timeout(500)
    look("unknown-room")
    stranger = person(viewport={"width": width, "height": height})
    stranger.goto(f"{stack.url}/r/{room['alias']}")
    stranger.get_by_label("PIN").wait_for()
    if folder:
        stranger.screenshot(path=f"{folder}/pin-{size}.png")
