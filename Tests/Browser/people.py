"""What people do in the browser, in their own words."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

PATIENCE = 20_000


def sign_in(page: Page, url: str, organizer) -> None:
    page.goto(f"{url}/")
    page.get_by_label("User name").fill(organizer.user_name)
    page.get_by_label("Password", exact=True).fill(organizer.password)
    page.get_by_label("Organization").fill(organizer.ucsid)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="New meeting room").first).to_be_visible(timeout=PATIENCE)


def create_room(page: Page, name: str, pin: str | None = None, alias: str | None = None) -> str:
    """Returns the link."""
    page.get_by_role("button", name="New meeting room").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Room name").fill(name)
    if alias:
        dialog.get_by_label("Alias").fill(alias)
    if pin:
        dialog.get_by_label("PIN", exact=True).fill(pin)
    dialog.get_by_role("button", name="Create room").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE)
    card = room_card(page, name)
    link = card.get_by_role("link", name=re.compile("Start")).get_attribute("href")
    assert link
    return link


def room_card(page: Page, name: str):
    card = page.get_by_role("article").filter(has=page.get_by_role("heading", name=name))
    expect(card).to_be_visible(timeout=PATIENCE)
    return card


def choose(card, action: str) -> None:
    """An action of a room's menu."""
    card.get_by_role("button", name="More actions").click()
    card.get_by_role("menuitem", name=action, exact=True).click()


def give_pin(page: Page, pin: str) -> None:
    page.get_by_label("PIN").fill(pin)
    page.get_by_role("button", name="Continue").click()


def enter(page: Page, name: str | None = None) -> None:
    """From the pre-join page into the meeting."""
    button = page.get_by_role("button", name="Enter meeting")
    expect(button).to_be_visible(timeout=PATIENCE)
    if name is not None:
        page.get_by_label("Your name").fill(name)
    button.click()
    expect(page.get_by_role("button", name="Leave")).to_be_visible(timeout=PATIENCE)


def tile(page: Page, name: str):
    return page.locator(f"[data-participant][data-name='{name}']").first


def stats(page: Page) -> dict:
    return page.evaluate("() => window.parley.stats()")


KINDS = {"microphone": "audio", "camera": "video", "screen": "screen"}


def received(page: Page) -> dict[tuple[str, str], dict]:
    """(participant id, audio|video|screen) → the statistics of what arrives."""
    return {(entry["participant"], KINDS[entry["source"]]): entry
            for entry in stats(page)["subscriber"] if entry.get("participant")}


def wait_until(page: Page, condition, what: str, within: float = 20) -> None:
    for _ in range(int(within * 5)):
        if condition():
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"not within {within} s: {what}")
